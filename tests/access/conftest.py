"""The world of two companies, built once for a module in a transaction that is rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from sanbao.accounts import scope
from sanbao.regulations import operations as regulations
from tests.access.canaries import AT, MARKS, Birds, Marked, canaries, found
from tests.access.things import Thing, make_things
from tests.access.world import World, build


@dataclass
class Stage:
    """The world with its objects."""

    world: World
    things: dict[str, Thing]


@pytest.fixture(scope="module")
def module_stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """Two companies with everybody on their posts, and an object for every URL that needs one."""
    with django_db_blocker.unblock(), scope.everything("tests"), transaction.atomic():
        world = build()
        yield Stage(world, make_things(world))
        transaction.set_rollback(True)


@pytest.fixture
def stage(module_stage: Stage, db: None) -> Stage:
    """The module's world; what one test does to it is taken back after the test."""
    return module_stage


@pytest.fixture(scope="module")
def _companies(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, Marked], Birds]]:
    with django_db_blocker.unblock(), scope.everything("tests"), transaction.atomic():
        regulations.load_shipped(at=AT)
        companies = {name: found(name) for name in MARKS}
        yield companies, canaries(companies)
        transaction.set_rollback(True)


@pytest.fixture
def companies(_companies: tuple[dict[str, Marked], Birds], db: None) -> dict[str, Marked]:
    """The two marked companies."""
    return _companies[0]


@pytest.fixture
def birds(_companies: tuple[dict[str, Marked], Birds]) -> Birds:
    """Their canaries."""
    return _companies[1]
