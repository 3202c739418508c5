"""Reading outlets and postings."""

from datetime import date
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import JSONField, Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from sanbao.accounts.access import NOBODY, Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.accounts.roles import ROLES
from sanbao.accounts.scope import everything
from sanbao.accounts.written import written
from sanbao.edge import kept
from sanbao.outlets.models import Certificate, Outlet, Posting, Region

M = TypeVar("M", bound=Model)


def postings_of(person: Person, on: date) -> list[Posting]:
    """The posts a person holds on a day, headquarters first."""
    with everything("somebody's posts, in all companies, say what they may do"):
        return written("postings", _held, person=person.pk, on=on)


# The same, read with the session: posts with their places, and the tokens of what is kept. Models are made of them by `posts_told`.
_TOLD = """
(SELECT jsonb_build_object(
    'tokens', (SELECT jsonb_object_agg(name, token) FROM edge_stamp),
    'held', jsonb_agg(jsonb_build_array(to_jsonb(held), to_jsonb(company), to_jsonb(region), to_jsonb(outlet))
        ORDER BY held.company_id, held.outlet_id, held.region_id, held.id)
) FROM outlets_posting held
JOIN accounts_company company ON company.id = held.company_id
LEFT JOIN outlets_region region ON region.id = held.region_id
LEFT JOIN outlets_outlet outlet ON outlet.id = held.outlet_id
WHERE held.person_id = accounts_session.person_id AND (held.ended_on IS NULL OR held.ended_on > %s)
HAVING count(*) > 0)
"""


def told_with_session(today: date) -> RawSQL:
    """The posts of a session's person, in the session's own statement (accounts.sessions.ALONG)."""
    return RawSQL(_TOLD, [today], output_field=JSONField())  # noqa: S611 — the day is a value, the rest is ours


def hear_tokens(told: dict[str, Any] | None) -> None:
    """What is kept in the process may be used from now on, as it was at the statement that told of it."""
    kept.know(told["tokens"] if told else None)


def posts_told(told: dict[str, Any] | None) -> list[Posting]:
    """The posts that were read with the session; none where the person holds none."""
    posts = []
    for post, company, region, outlet in told["held"] if told else ():
        posting = _row(Posting, post)
        posting.company = _row(Company, company)
        posting.region = _row(Region, region) if region else None
        posting.outlet = _row(Outlet, outlet) if outlet else None
        posts.append(posting)
    return posts


def _row(model: type[M], told: dict[str, Any]) -> M:
    """A stored row, made of its columns in JSON."""
    fields = model._meta.concrete_fields
    return model.from_db(
        DEFAULT_DB_ALIAS, [each.attname for each in fields], [each.to_python(told[str(each.column)]) for each in fields]
    )  # fmt: skip


def _held(person: int, on: date) -> QuerySet[Posting]:
    return (
        Posting.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), person_id=person)
        .select_related("company", "region", "outlet")
        .annotate(tokens=kept.tokens())
        .order_by("company_id", "outlet_id", "region_id", "id")
    )


def access_of(person: Person, on: date, *, company_id: int | None = None, request: str = "") -> Access:
    """What the person may do on a day in one company: the given one where they hold a post, else their first."""
    if not person.is_active:
        return NOBODY
    return access_from(person, postings_of(person, on), company_id=company_id, request=request)


def access_from(
    person: Person, postings: list[Posting], *, company_id: int | None, request: str = "", address: str = ""
) -> Access:
    """The access that a person's postings give in one company."""
    companies = [posting.company_id for posting in postings]
    if not companies:
        return Access(person.pk, None, name=person.name, request=request, address=address)
    chosen = company_id if company_id in companies else companies[0]
    grants = tuple(
        Grant(posting.role, posting.region_id, posting.outlet_id)
        for posting in postings
        if posting.company_id == chosen
    )
    regions = [grant.region_id for grant in grants if grant.region_id is not None]
    return Access(person.pk, chosen, grants, person.name, request, address, _outlets_in(regions))


def _outlets_in(regions: list[int]) -> frozenset[int]:
    if not regions:
        return frozenset()
    with everything("what a post reaches is asked before its scope can be opened"):
        return frozenset(Outlet.objects.filter(region_id__in=regions).values_list("pk", flat=True))


def region_of(outlet_id: int) -> int | None:
    """The region an outlet lies in."""
    return kept.kept(("region", outlet_id), ("outlets_outlet",), lambda: _region_of(outlet_id))


def _region_of(outlet_id: int) -> int | None:
    with everything("where an outlet lies is no secret"):
        return Outlet.objects.filter(pk=outlet_id).values_list("region_id", flat=True).first()


def outlet_choices(access: Access, permission: str) -> list[tuple[int, str]]:
    """(id, code) of the outlets within reach of a permission, for menus; the first three hundred."""
    return kept.kept(
        ("outlet choices", access.company_id, access.reach(permission)),
        ("outlets_outlet", "outlets_region"),
        lambda: list(
            Outlet.objects.visible_to(access, permission).order_by("code").values_list("pk", "code")[:300]
        ),
    )


def outlets(access: Access) -> QuerySet[Outlet]:
    """The outlets a person may look up."""
    return Outlet.objects.visible_to(access, "outlets:outlet:view")


def people(access: Access) -> QuerySet[Person]:
    """Everybody who holds or held a post in the company, for those who may see people."""
    if not access.may("accounts:person:view"):
        return Person.objects.none()
    return Person.objects.filter(
        pk__in=Posting._base_manager.filter(company_id=access.company_id).values("person_id")
    )


def holders(
    company_id: int | None,
    permission: str,
    *,
    on: date,
    outlet_id: int | None = None,
    only_there: bool = False,
    anywhere: bool = False,
    but: int | None = None,
) -> list[Person]:
    """The active people who hold a post with the permission: at headquarters, and at the outlet and in its region.

    `only_there`: those of the outlet itself. `anywhere`: in all places. `but`: not this person, who has just done it. For telling them, not for asking their rights.
    """
    carrying = [role.code for role in ROLES.values() if permission in role.permissions]
    place = Q(outlet_id=outlet_id) if only_there else Q(region=None, outlet=None)
    if outlet_id is not None and not only_there:
        place |= Q(outlet_id=outlet_id) | Q(region__outlets=outlet_id)
    if anywhere:
        place = Q()
    with everything("who is concerned is asked whatever the asker may see"):
        held = Posting.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on), place, company_id=company_id, role__in=carrying
        )
        people = Person.objects.filter(is_active=True, pk__in=held.values("person_id"))
        return list(people.exclude(pk=but).order_by("pk"))


def certificates(access: Access) -> QuerySet[Certificate]:
    """The certificates a person may see, with whose they are."""
    return Certificate.objects.visible_to(access, "outlets:certificate:view").select_related("person")


def valid_certificates(company_id: int | None, on: date) -> dict[int, frozenset[str]]:
    """Whoever has certificates that count on a day: person → the kinds. For assignment by certificate (EN-1, RP-6)."""
    return kept.kept(
        ("certificates", company_id, on), ("outlets_certificate",), lambda: _valid(company_id, on)
    )


def _valid(company_id: int | None, on: date) -> dict[int, frozenset[str]]:
    held: dict[int, set[str]] = {}
    rows = Certificate.objects.filter(counts_on(on), company_id=company_id)
    for person, kind in rows.values_list("person_id", "kind"):
        held.setdefault(person, set()).add(kind)
    return {person: frozenset(kinds) for person, kinds in held.items()}


def counts_on(on: date) -> Q:
    """Certificates that count on a day."""
    return (
        Q(issued_on__lte=on)
        & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))
        & (Q(ended_on__isnull=True) | Q(ended_on__gt=on))
    )
