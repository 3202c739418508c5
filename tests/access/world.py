"""Two companies with somebody on every post, and who may do what: worked out from the table of posts, never from a query.

The world is built once for a module (in a transaction that is rolled back); every request that may change something is made in a
savepoint of its own, `undone()`. What is expected of a request follows from two tables only: the URL's mark and accounts/roles.py.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test import Client

from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Outlet, Posting, Region
from tests.cast import Cast, assemble, moment

HEADQUARTERS, OWN_REGION, OTHER_REGION = "headquarters", "own region", "other region"
OWN_OUTLET, SIBLING_OUTLET, FAR_OUTLET = "own outlet", "sibling outlet", "outlet of the other region"
OTHER_COMPANY = "other company"
PLACES = {
    "company": (HEADQUARTERS, OTHER_COMPANY),
    "region": (OWN_REGION, OTHER_REGION, OTHER_COMPANY),
    "outlet": (OWN_OUTLET, SIBLING_OUTLET, FAR_OUTLET, OTHER_COMPANY),
}
WHERE = {OWN_OUTLET: "GZ001", SIBLING_OUTLET: "NB011", FAR_OUTLET: "SZ021"}
REGIONS = {OWN_REGION: "华东", OTHER_REGION: "华南"}

NO_POST, FORMER, VISITOR = "somebody without any post", "somebody whose post has ended", "not signed in"


@dataclass(frozen=True)
class Actor:
    """Somebody on a post in a place; `role` is empty for those who hold none."""

    role: str
    place: str

    def __str__(self) -> str:
        return f"{self.role} @ {self.place}" if self.role else self.place

    @property
    def level(self) -> str:
        return ROLES[self.role].level

    def holds(self, permission: str) -> bool:
        """Whether the post carries the permission, anywhere."""
        return bool(self.role) and permission in ROLES[self.role].permissions

    def reaches(self, place: str) -> bool:
        """Whether the post is held where things of `place` lie."""
        if place == EVERYBODY:
            return True
        if place == EACH_HEADQUARTERS:
            return self.level == "company"
        if self.place == OTHER_COMPANY:
            return False
        if place == COMPANY:
            return True
        if place == WHOLE_COMPANY or self.place == HEADQUARTERS:
            return self.place == HEADQUARTERS
        outlet = place
        if self.place in WHERE:
            return WHERE[self.place] == outlet
        return REGIONS[self.place] == ("华南" if outlet == "SZ021" else "华东")


# Where a thing lies: everybody's (also other companies'), the company's for each of its people, or only for headquarters; else an outlet.
EVERYBODY, COMPANY, WHOLE_COMPANY = "everybody", "in the company", "headquarters only"
# What each company's headquarters makes for its own company.
EACH_HEADQUARTERS = "the headquarters of any company"

ON_POSTS = [Actor(role.code, place) for role in ROLES.values() for place in PLACES[role.level]]
WITHOUT = [Actor("", NO_POST), Actor("", FORMER), Actor("", VISITOR)]
ACTORS = [*ON_POSTS, *WITHOUT]


@dataclass
class World:
    """The two companies, and a signed-in browser for each actor."""

    mine: Cast
    other: Cast
    people: dict[str, Person] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    handler: Any = field(default_factory=lambda: Client().handler)

    def client(self, actor: Actor) -> Client:
        """The actor's browser, signed in for the whole module."""
        return self.clients[str(actor)]

    def fresh_client(self, actor: Actor) -> Client:
        """A browser in which the actor has just signed in."""
        client = Client(raise_request_exception=False)
        client.handler = self.handler  # its middleware is loaded once
        if actor.place != VISITOR:
            client.force_login(self.people[str(actor)])
        return client


def build() -> World:
    """Both companies with somebody on every post of the table, in every place it can be held in."""
    world = World(assemble(), assemble("other", "other-", "另一家"))
    for outlet in world.other.outlets.values():  # so that a code names one company's outlet only
        outlet.code = f"X{outlet.code}"
        outlet.save()
    for actor in ON_POSTS:
        cast = world.other if actor.place == OTHER_COMPANY else world.mine
        world.people[str(actor)] = _holder(cast, actor)
    for actor in WITHOUT[:2]:
        world.people[str(actor)] = Person.objects.create_person(f"nobody-{actor.place[-5:]}", "无岗")
    former = outlets.appoint(
        world.people[FORMER], "settlement-clerk", by=world.mine.access("admin"), at=moment(2026, 1, 4)
    )
    ended = moment(2026, 2, 1)
    outlets.dismiss(former, on=ended.date(), by=world.mine.access("admin"), at=ended)
    world.clients = {str(actor): world.fresh_client(actor) for actor in ACTORS}
    return world


def _holder(cast: Cast, actor: Actor) -> Person:
    """Who holds the post there; somebody new is appointed where the cast has nobody."""
    region: Region | None = None
    outlet: Outlet | None = None
    if actor.level == "region":
        region = cast.regions[REGIONS.get(actor.place, "华东")]
    if actor.level == "outlet":
        outlet = cast.outlets[WHERE.get(actor.place, "GZ001")]
    held = Posting.objects.filter(company=cast.company, role=actor.role, region=region, outlet=outlet).first()
    if held:
        return held.person
    number = Person.objects.count()
    person = Person.objects.create_person(f"more-{number}", f"{actor.role}{number}")
    outlets.appoint(
        person, actor.role, region=region, outlet=outlet, by=cast.access("admin"), at=moment(2026, 1, 4)
    )
    return person


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What a request leaves behind although it was refused, and nobody minds: the session's last use, keys of requests, the brake's counts.
_NO_BUSINESS = ("accounts_session", "django_session", "edge_", "django_migrations", "procrastinate_")
_QUIET_COLUMNS = "- 'last_used_at' - 'last_login' - 'seen_at'"


def business_tables() -> list[str]:
    """Every table whose rows somebody would miss; new ones are in it by themselves."""
    return [
        name for name in sorted(connection.introspection.table_names()) if not name.startswith(_NO_BUSINESS)
    ]


def _settle() -> None:
    """What waits for the end of the transaction (tallies) is done now, so that it is not taken for the doing of what comes next."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def digests() -> dict[str, str]:
    """A digest of the contents of every business table, in one statement."""
    pieces = [
        f"SELECT '{table}', md5(coalesce(string_agg((to_jsonb(t) {_QUIET_COLUMNS})::text, '|' "
        f"ORDER BY (to_jsonb(t))::text), '')) FROM {table} t"
        for table in business_tables()
    ]
    _settle()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(pieces))
        return dict(cursor.fetchall())


def fingerprint(data: bytes) -> str:
    """A short name of some bytes, for figures."""
    return hashlib.sha256(data).hexdigest()[:12]


Body = Callable[[], dict[str, Any]]
