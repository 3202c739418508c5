"""Fixtures for every test that needs the database."""

from collections.abc import Iterator

import pytest
from django.test import Client

from sanbao.accounts import scope
from tests.cast import Cast, assemble


@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    """Tests look at all companies; a view they ask opens its own reader's scope."""
    with scope.everything("tests"):
        yield


@pytest.fixture(autouse=True)
def _second_factor_may_wait(settings) -> None:
    """People of the cast have no second factor; tests/modules/accounts/test_factors.py asks for it."""
    settings.SECOND_FACTOR = "postponed"
    settings.REFUSED_AFTER = 0


@pytest.fixture
def cast(db: None) -> Cast:
    """A maker with its people and outlets."""
    return assemble()


@pytest.fixture
def sign_in(cast: Cast):
    """`sign_in("clerk")`: a browser in which that person has signed in."""

    def sign(name: str) -> Client:
        client = Client()
        client.force_login(cast.people[name])
        return client

    return sign
