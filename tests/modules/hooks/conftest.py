"""Another system, and a subscription to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from sanbao.hooks import operations
from sanbao.hooks.models import Subscription
from sanbao.notices.providers import http
from tests.cast import NOW, Cast
from tests.modules.hooks import stub

ALL = (
    "request.registered",
    "request.assigned",
    "request.moved",
    "promise.missed",
    "message.in",
    "message.out",
)


@pytest.fixture
def other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[stub.Other]:
    """Another system, which may be called by name of the setting."""
    monkeypatch.setattr(http, "SECONDS", stub.PATIENCE)
    with stub.serving() as server:
        settings.FETCH_ALLOWED = [server.host]
        yield server


@pytest.fixture
def subscribed(cast: Cast, other: stub.Other) -> tuple[Subscription, str]:
    """A subscription to everything of requests, and its secret."""
    return operations.subscribe("ERP", other.url, ALL, by=cast.access("admin"), at=NOW)
