"""The lines of defence, taken out one by one: for tests that show that a check turns red when its filter is gone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models import Manager

from sanbao.accounts import scope
from sanbao.accounts.scoped import Guarded, Scoped

EVERY_FILTER = ("visible_to", "manager", "policies")


@contextmanager
def without(*guards: str) -> Iterator[None]:
    """Take lines of defence out: `visible_to` (the person's places), `manager` (the company), `policies` (the database's own); or
    any function by its path, which then says yes ("sanbao.accounts.views.url_has_allowed_host_and_scheme")."""
    with ExitStack() as stack:
        for guard in guards:
            for patched in _patches(guard):
                stack.enter_context(patched)
        yield


def _patches(guard: str) -> list[Any]:
    if guard == "visible_to":
        classes = [each for each in _below(Scoped) if "visible_to" in vars(each)]
        return [
            patch.object(each, "visible_to", lambda rows, _access, _permission="": rows) for each in classes
        ]
    if guard == "manager":
        return [patch.object(Guarded, "get_queryset", lambda manager: Manager.get_queryset(manager))]
    if guard == "policies":
        return [patch.object(scope, "row_security", lambda: False)]
    return [patch(guard, lambda *_arguments, **_options: "yes")]


def _below(cls: type) -> list[type]:
    return [cls, *(each for child in cls.__subclasses__() for each in _below(child))]
