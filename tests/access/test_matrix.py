"""Who may do what: every URL × every post in every place × own, child, sibling, foreign, gone × GET, fragment, write (CO-1).

Generated from the marks of the URLs and the table of posts; nothing is asked of the queries under test. Out of role is 403, out of
scope 404 (or the form's own refusal, as for something that does not exist), gone 404, not signed in the sign-in page, or 401 for
programs and fragments. Whoever may, gets in. A refused write leaves every business table as it was, row by row.

ASVS 8.2.1 (function-level access), 8.2.2 (data-specific access), 8.3.1 (enforced at the server), 8.4.1 (tenants kept apart).
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.accounts.roles import ROLES
from sanbao.accounts.scoped import Scoped
from sanbao.outlets.models import Region
from sanbao.outlets.queries import access_of
from sanbao.ui.pages import Mark, marks, walk
from tests.access.conftest import Stage
from tests.access.doors import pages, reaches, things  # noqa: F401 (other generated tests find them here)
from tests.access.things import Thing
from tests.access.world import ACTORS, EVERYBODY, ON_POSTS, VISITOR, Actor, digests, undone
from tests.cast import NOW

FULL = os.environ.get("SANBAO_FAULTS") == "1"
HTMX = {"HX-Request": "true", "HX-Target": "list"}
IN = (200,)
FOR_A_COMPANY = {  # keys and what one is told belong to a company: nothing for whoever works in none
    "accounts:tokens",
    "notices:preferences",
    "notices:address",
    "views:save",
    "views:columns",
    "views:default",
    "views:default-end",
}
NOBODYS = Thing()


@dataclass(frozen=True)
class Address:
    """One URL with one mark, and the object it is asked about."""

    path: str
    name: str
    mark: Mark
    thing: Thing

    @property
    def is_api(self) -> bool:
        return self.mark.audience == "api"


def addresses(known: dict[str, Thing]) -> Iterator[Address]:
    """Every page, fragment, file and endpoint that is not open to everyone."""
    for path, name, view in walk(get_resolver().url_patterns):
        for mark in marks(view):
            if mark.audience != "anyone":
                yield Address(path, name, mark, known.get(name, NOBODYS))


def expected(actor: Actor, address: Address, method: str) -> tuple[bool, tuple[int, ...]]:
    """Whether the actor may, and what the answer must be; from the mark and the post alone."""
    mark, thing, reads = address.mark, address.thing, method in ("GET", "HTMX")
    if actor.place == VISITOR:
        return False, (401,) if address.is_api or method == "HTMX" else (302,)
    if address.is_api and not actor.role:
        return False, (401,)  # a person without a post is nobody to the API
    if address.name in FOR_A_COMPANY and not actor.role:
        return False, (403,)
    if mark.permission and not (actor.holds(mark.permission) and (not thing.also or actor.holds(thing.also))):
        return False, (403,)
    if isinstance(thing.place, Actor):
        reached = thing.place == actor
    else:
        reached = thing.place == EVERYBODY or (bool(actor.role) and actor.reaches(thing.place))
    if reads:
        return (True, thing.read or IN) if reached or not thing.arguments else (False, (404,))
    return (True, thing.done) if reached else (False, (thing.missing,))


def ask(
    client: Client, address: Address, method: str, arguments: tuple[Any, ...], *, refused: bool = False
) -> HttpResponse:
    """One request; a write carries a body that would be good. Refusals are asked for in JSON: that is quicker."""
    url = reverse(address.name, args=arguments)
    headers = {"Accept": "application/json"} if refused else {}
    if method in ("GET", "HTMX"):
        return client.get(url, headers=HTMX | headers if method == "HTMX" else headers)
    body = address.thing.body()
    if address.thing.json:
        return client.generic(method, url, json.dumps(body), content_type="application/json", headers=headers)
    return client.post(url, body, headers=headers)


def methods(mark: Mark) -> list[str]:
    """The mark's methods, and fragments of what can be read."""
    found = list(mark.methods)
    return [*found, "HTMX"] if "GET" in found and mark.audience != "api" else found


# Who asks for fragments too, which go through the same door as their page.
FRAGMENTS = ("region-manager @ own region", "outlet-owner @ own outlet")
# The same post in another place than its first.
AGAIN = {
    actor for actor in ON_POSTS if actor != next(first for first in ON_POSTS if first.role == actor.role)
}


@pytest.mark.parametrize("actor", ACTORS, ids=str)
def test_everybody_gets_in_where_the_table_of_posts_says_so_and_nowhere_else(
    stage: Stage, actor: Actor, record_property: Any
) -> None:
    """Every URL, every method. ASVS 8.2.1, ASVS 8.2.2, ASVS 8.3.1, ASVS 8.4.1.

    What a post does not carry at all is refused before any place is looked at: that is asked where the post is first held. So are
    pages that are about no one thing; fragments are asked for by two posts and those without any. Both by everybody with SANBAO_FAULTS=1.
    """
    client = stage.world.client(actor)
    leaks, denials, count = [], [], Counter[str]()
    before = digests()
    refused_writes = 0
    for address in addresses(stage.things):
        for method in methods(address.mark):
            may, want = expected(actor, address, method)
            of_no_place = method == "GET" and not address.thing.arguments and not FULL
            if actor in AGAIN and (method == "HTMX" or want == (403,) or of_no_place):
                continue
            if method == "HTMX" and actor.role and str(actor) not in FRAGMENTS and not FULL:
                continue
            count[method] += 1
            if may:
                cookies = client.cookies.copy()
                with undone():
                    got = ask(client, address, method, address.thing.arguments).status_code
                client.cookies = cookies
            else:
                got = ask(client, address, method, address.thing.arguments, refused=True).status_code
                refused_writes += method not in ("GET", "HTMX")
            if got not in want:
                (leaks if got < 400 else denials).append((address.name, method, f"{got}, not {want}"))
    record_property("urls", len({address.path for address in addresses(stage.things)}))
    record_property("requests", sum(count.values()))
    record_property("refused writes", refused_writes)
    record_property("leaks", len(leaks))
    record_property("wrong denials", len(denials))
    assert leaks == [], "\n".join(map(str, leaks))
    assert denials == [], "\n".join(map(str, denials))
    changed = [table for table, digest in digests().items() if digest != before[table]]
    assert changed == [], "refused writes have changed these tables"


@pytest.mark.parametrize("role", ROLES)
def test_what_is_gone_is_404_for_those_who_might_have_seen_it(stage: Stage, role: str) -> None:
    """Gone and out of scope can't be told apart. ASVS 8.2.2."""
    actor = next(actor for actor in ON_POSTS if actor.role == role)
    client = stage.world.client(actor)
    wrong = []
    for address in addresses(stage.things):
        gone = address.thing.gone()
        may = actor.holds(address.mark.permission) or not address.mark.permission
        if gone == address.thing.arguments or not may:
            continue
        if address.thing.also and not actor.holds(address.thing.also):
            continue
        for method in methods(address.mark):
            got = ask(client, address, method, gone, refused=True).status_code
            if got != 404:
                wrong.append((address.name, method, got))
    assert wrong == [], "\n".join(map(str, wrong))


def test_every_url_with_arguments_or_a_write_has_an_object_in_the_matrix(stage: Stage) -> None:
    """A new page can't stay outside the matrix: give it an object in things.py."""
    bodiless = {"accounts:sign-out", "accounts:end-other-sessions", "accounts:recovery-codes"}
    needed = {
        address.name
        for address in addresses(stage.things)
        if "<" in address.path or set(address.mark.methods) - {"GET"}
    }
    assert needed - bodiless <= set(stage.things)


def test_the_actors_are_every_post_in_every_place(stage: Stage) -> None:
    """The matrix asks as everybody: a post added to the table is in it by itself."""
    assert {actor.role for actor in ON_POSTS} == set(ROLES)
    for actor in ON_POSTS:
        access = access_of(stage.world.people[str(actor)], NOW.date())
        assert {grant.role for grant in access.grants} == {actor.role}, actor


# The same table below the views: every post in every place, also where no post of that kind is held today.

SPOTS = ("company", "region", "other region", "outlet", "sibling outlet", "elsewhere")


def _granted(stage: Stage, role: str, spot: str) -> Access:
    """The access of somebody who holds the post in that spot, whatever the post's usual level."""
    cast = stage.world.other if spot == "elsewhere" else stage.world.mine
    region = {"region": "华东", "other region": "华南"}.get(spot)
    outlet = {"outlet": "GZ001", "sibling outlet": "NB011"}.get(spot)
    grant = Grant(
        role, cast.regions[region].pk if region else None, cast.outlets[outlet].pk if outlet else None
    )
    inside = frozenset(o.pk for o in cast.outlets.values() if grant.region_id == o.region_id)
    return Access(1, cast.company.pk, (grant,), in_regions=inside)


def _of_gz001(stage: Stage) -> list[Any]:
    """One row of outlet GZ001 of every model that has a place."""
    outlet = stage.world.mine.outlets["GZ001"]
    found = []
    for model in apps.get_models():
        rows = model._default_manager.all()
        if not isinstance(rows, Scoped) or not rows.company_path:
            continue
        with suppress(FieldError):  # rows without a place: the company's for everybody, or headquarters'
            found.append(rows.filter(**{rows.outlet_path: outlet.pk}).first())
    return [row for row in found if row is not None]


def _reaching(row: Any) -> set[str]:
    """The spots from which a row of GZ001 is reached."""
    spots = {"company", "region", "outlet"}
    if isinstance(row, Region):
        spots.add("sibling outlet")  # it lies in the same region
    if getattr(row, "region_id", ...) is None:
        spots.remove(
            "region"
        )  # the row does not say its region: no post in a region carries a permission for it
    return spots


@pytest.mark.parametrize("spot", SPOTS)
def test_rows_are_seen_from_where_the_post_is_held_and_from_nowhere_else(stage: Stage, spot: str) -> None:
    """Every model with a place × every permission × every post, held anywhere: through `visible_to` and through the database's own
    policies. ASVS 8.2.2, ASVS 8.4.1."""
    rows = _of_gz001(stage)
    assert {type(row).__name__ for row in rows} >= {
        "Sheet",
        "Statement",
        "Finding",
        "HandIn",
        "Outlet",
        "Account",
    }
    wrong = []
    for code, role in ROLES.items():
        access = _granted(stage, code, spot)
        with scope.opened(access):
            for row in rows:
                reached = spot in _reaching(row)
                for permission in (*sorted(role.permissions)[:1], "no:such:permission"):
                    seen = type(row).objects.visible_to(access, permission).filter(pk=row.pk).exists()
                    if seen != (reached and permission in role.permissions):
                        wrong.append((code, type(row).__name__, permission, seen))
    assert wrong == []
