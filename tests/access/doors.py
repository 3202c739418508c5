"""The matrix's objects for other generated tests: headers, hostile addresses, fuzzing. They ask for `things` by its name."""

from typing import Any

import pytest
from django.urls import get_resolver

from sanbao.accounts.access import Access
from sanbao.ui.pages import Mark, marks, walk
from tests.access.things import CLERK, Thing, make_things
from tests.access.world import COMPANY, EVERYBODY, WHOLE_COMPANY, Actor, World
from tests.cast import Cast


@pytest.fixture
def things(cast: Cast) -> dict[str, Thing]:
    """An object of GZ001 (or of the company) for every URL that takes arguments."""
    return make_things(World(cast, cast, {str(CLERK): cast.people["clerk"]}))


def pages() -> list[tuple[str, str, Mark]]:
    """Every page that is not open to everyone: (path, name, mark), without the API."""
    return [
        (path, name, mark)
        for path, name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
        if mark.audience not in ("anyone", "api")
    ]


def reaches(access: Access, permission: str, place: Any, cast: Cast) -> bool:
    """Whether the person's permission reaches the place, worked out from the posts and not from the queries."""
    reach = access.reach(permission)
    if place == EVERYBODY or isinstance(place, Actor):
        return bool(reach)
    if not reach or reach.company_id != cast.company.pk:
        return False
    if place == COMPANY or reach.whole:
        return True
    if place == WHOLE_COMPANY:
        return False
    outlet = cast.outlets[place]
    return outlet.pk in reach.outlets or outlet.region_id in reach.regions
