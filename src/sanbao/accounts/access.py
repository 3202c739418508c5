"""What the person at work may do, and how far: the value every view, operation and query is handed.

A grant is one post held in one place. A permission reaches as far as the posts that carry it: the whole company, some
regions, some outlets. `visible_to` turns that reach into a filter; with no reach it is the empty set, never everything.
"""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied

from sanbao.accounts.roles import ROLES


@dataclass(frozen=True, slots=True)
class Grant:
    """One post held in a place. Both `region_id` and `outlet_id` are None at headquarters."""

    role: str
    region_id: int | None = None
    outlet_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission goes for one person: `whole` company, or these regions and outlets."""

    company_id: int | None
    whole: bool = False
    regions: frozenset[int] = frozenset()
    outlets: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.company_id is not None and (self.whole or bool(self.regions) or bool(self.outlets))


@dataclass(frozen=True, slots=True)
class Access:
    """A person at work in one company, with the posts held there. Operations take it as `by`."""

    person_id: int | None
    company_id: int | None
    grants: tuple[Grant, ...] = ()
    name: str = ""
    request: str = ""
    address: str = ""
    in_regions: frozenset[int] = frozenset()  # the outlets of the regions in `grants`
    _reaches: dict[str, Reach] = field(default_factory=dict, compare=False, repr=False)

    def may(self, permission: str) -> bool:
        """Whether any post held here carries the permission, however far it reaches."""
        return bool(self.reach(permission))

    @property
    def permissions(self) -> frozenset[str]:
        """All that `may` says yes to: what a thing made for this person and kept must be kept by."""
        if self.person_id is None or self.company_id is None:
            return frozenset()
        return frozenset().union(*(ROLES[grant.role].permissions for grant in self.grants))

    def reach(self, permission: str) -> Reach:
        """How far the permission goes for this person."""
        permission = str(permission)
        if permission not in self._reaches:
            self._reaches[permission] = self._reach(permission)
        return self._reaches[permission]

    def _reach(self, permission: str) -> Reach:
        if self.person_id is None or self.company_id is None:
            return Reach(None)
        carrying = [grant for grant in self.grants if permission in ROLES[grant.role].permissions]
        return Reach(
            self.company_id,
            whole=any(grant.region_id is None and grant.outlet_id is None for grant in carrying),
            regions=frozenset(grant.region_id for grant in carrying if grant.region_id is not None),
            outlets=frozenset(grant.outlet_id for grant in carrying if grant.outlet_id is not None),
        )

    @property
    def outlets(self) -> frozenset[int] | None:
        """Every outlet some post here reaches; None at headquarters. The database holds the person to it (scope.py)."""
        if any(grant.region_id is None and grant.outlet_id is None for grant in self.grants):
            return None
        own = frozenset(grant.outlet_id for grant in self.grants if grant.outlet_id is not None)
        return own | self.in_regions

    def require(self, permission: str) -> None:
        """Raise PermissionDenied without the permission: operations ask again, whatever door the caller came by."""
        if not self.may(permission):
            raise PermissionDenied(str(permission))


NOBODY = Access(None, None)
