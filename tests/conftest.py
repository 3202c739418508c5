"""Fixtures for every test that needs the database."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404

from sanbao.accounts import scope
from sanbao.audit.management.commands import migrate
from sanbao.edge.kept import knowing_nothing
from sanbao.ui import pages
from tests import emptying
from tests.cast import Cast
from tests.standing import standing

migrate.AFTER.clear()  # tests pin the rulebooks they need, at a time of their own
emptying.install()

if _only := os.environ.get("SANBAO_ONLY"):
    # While one module is being written: what asks every page of the product asks only those whose URL name begins so
    # (SANBAO_ONLY=complaints ./dev test tests/access). What compares with lists of all pages fails then, and says so.
    _walk = pages.walk
    pages.walk = lambda *args, **more: (found for found in _walk(*args, **more) if found[1].startswith(_only))  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    """Tests look at all companies; a view they ask opens its own reader's scope. Nothing is kept from the test before."""
    with scope.everything("tests"), knowing_nothing():
        yield


@pytest.fixture(autouse=True)
def _second_factor_may_wait(settings) -> None:
    """People of the cast have no second factor; tests/modules/accounts/test_factors.py asks for it."""
    settings.SECOND_FACTOR = "postponed"
    settings.REFUSED_AFTER = 0


@pytest.fixture
def cast(db: None) -> Cast:
    """A maker with its people and outlets."""
    return standing()


@pytest.fixture
def sign_in(cast: Cast):
    """`sign_in("clerk")`: a browser in which that person has signed in."""

    def sign(name: str) -> Client:
        client = Client()
        client.force_login(cast.people[name])
        return client

    return sign


_answered: set[str] = set()


@pytest.fixture(scope="session", autouse=True)
def _note_what_answers() -> Iterator[None]:
    """For `./dev faults`: which URLs answered with success in this run."""
    if os.environ.get("SANBAO_FAULTS") != "1":
        yield
        return
    plain = Client.request

    def request(self: Client, **environ: Any) -> Any:
        response = plain(self, **environ)
        if response.status_code < 400:
            with suppress(Resolver404):  # an address that only leads to another one
                _answered.add(f"/{response.resolver_match.route}")
        return response

    Client.request = request  # type: ignore[method-assign]
    yield
    Client.request = plain  # type: ignore[method-assign]
    from django.urls import get_resolver

    from sanbao.ui.pages import walk

    out = Path(__file__).parents[1] / "var" / "faults"
    out.mkdir(parents=True, exist_ok=True)
    known = sorted(
        f"/{path}" for path, name, _view in walk(get_resolver().url_patterns) if name != "api:api-root"
    )
    told = json.dumps({"answered": sorted(_answered), "known": known})
    who = f"{os.environ.get('SANBAO_RUN', 'tests')}-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    (out / f"answered-{who}.json").write_text(told, encoding="utf-8")
