"""Keys for the API: what one may do is its owner's permissions of today, cut down to the key's scopes (ASVS 8.3.3, 10.2.1).

A scope is a kind of permission, so that a new permission falls into one without a list being kept: what only looks is read, what shows
people's data in clear is personal, what moves money is money, and everything else is write.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts import events
from sanbao.accounts.access import Access, Reach
from sanbao.accounts.models import Company, Person, Token
from sanbao.ui.refusal import Refusal

LONGEST = timedelta(days=366)
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is kept

MONEY = frozenset(
    ("settlements:statement:approve", "settlements:statement:pay", "settlements:statement:reverse")
)


class Scope(StrEnum):
    READ = "read"
    PERSONAL = "personal"
    WRITE = "write"
    MONEY = "money"


WORDS = {
    Scope.READ: gettext_lazy("look things up"),
    Scope.WRITE: gettext_lazy("hand in, register, make and check"),
    Scope.PERSONAL: gettext_lazy("see customers' names and telephones in clear"),
    Scope.MONEY: gettext_lazy("move money: approve, pay, reverse"),
}


def scope_of(permission: str) -> Scope:
    """The scope a permission falls into."""
    verb = permission.rpartition(":")[2]
    if permission in MONEY:
        return Scope.MONEY
    if verb in ("view", "replay"):
        return Scope.READ
    return Scope.PERSONAL if verb == "unmask" else Scope.WRITE


@dataclass(frozen=True, slots=True)
class Narrowed(Access):
    """A person's access through a key: nothing outside the key's scopes, whatever the posts permit."""

    scopes: frozenset[str] = field(default=frozenset())

    def _reach(self, permission: str) -> Reach:
        if scope_of(permission) not in self.scopes:
            return Reach(None)
        return Access._reach(self, permission)


def narrow(access: Access, token: Token) -> Narrowed:
    """The access of a key's owner, cut down to the key's scopes."""
    values = {each.name: getattr(access, each.name) for each in fields(Access) if each.name != "_reaches"}
    return Narrowed(**values, scopes=frozenset(token.scopes))


def make(
    person: Person, name: str, *, scopes: Iterable[str], days: int, by: Access, at: datetime
) -> tuple[Token, str]:
    """Make a key of one's own for the company one works in; its secret is returned once."""
    wanted = sorted({Scope(scope) for scope in scopes}, key=list(Scope).index)
    if not wanted:
        raise Refusal(_("Choose what the key may do."), field="scopes")
    if not timedelta(days=1) <= timedelta(days=days) <= LONGEST:
        raise Refusal(_("A key is valid for a year at most."), field="days")
    token, secret = Token.make(
        person,
        Company.objects.get(pk=by.company_id),
        name,
        at=at,
        expires_at=at + timedelta(days=days),
        scopes=wanted,
    )
    events.tell("accounts:token:made", person, at=at, by=by, name=name, scopes=token.scopes)
    return token, secret


def revoke(token: Token, *, by: Access, at: datetime) -> None:
    """End a key at once."""
    events.tell("accounts:token:revoked", token.person, at=at, by=by, name=token.name)
    token.delete()


def use(secret: str, *, address: str, at: datetime) -> Token | None:
    """The key with this secret, if it is valid and its owner active; its last use is written down."""
    token = (
        Token.objects.select_related("person")
        .filter(digest=Token.fingerprint(secret), expires_at__gt=at, person__is_active=True)
        .first()
    )
    if token and (
        token.last_used_at is None or token.last_used_at < at - SEEN_EVERY or token.last_used_from != address
    ):
        Token.objects.filter(pk=token.pk).update(last_used_at=at, last_used_from=address)
    return token
