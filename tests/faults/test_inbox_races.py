"""The same incoming message many times at once: one row, one handling. Each race has a control whose guard is off and which fails."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from sanbao.notices import inbox, signing
from sanbao.notices.doors import Came
from sanbao.notices.models import Incoming
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once

TIMES, SECRET = 16, "a-secret-of-the-gateway-for-tests-only"
_ONCE = "ALTER TABLE notices_incoming {} CONSTRAINT incoming_once"


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    settings.HOOK_SECRET = SECRET
    return assemble()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the listener of "email" heard; it takes a little while, as work does."""
    found: list[str] = []
    lock = threading.Lock()

    def listen(row: Incoming, at: object) -> None:
        time.sleep(0.02)
        with lock:
            found.append(row.external_id)

    monkeypatch.setitem(inbox.LISTENERS, "email", listen)
    return found


def posted(_number: int) -> int:
    """One call of the gateway, signed."""
    body, stamp = json.dumps({"id": "same", "text": "x"}).encode(), str(int(timezone.now().timestamp()))
    headers = {"X-Timestamp": stamp, "X-Signature": signing.signed(SECRET, stamp, body)}
    url = "/hooks/maker/email/"
    status = Client().post(url, body, content_type="application/json", headers=headers).status_code
    assert status == 200
    return status


def raced() -> int:
    """How many rows sixteen calls at once have left."""
    done, refused = at_once(posted, TIMES)
    assert (done, refused) == (TIMES, [])
    return Incoming.objects.count()


def handled() -> None:
    done, refused = at_once(lambda _number: inbox.drain(), 8)
    assert (done, refused) == (8, [])


def test_the_same_incoming_message_sixteen_times_at_once_is_one_row_and_one_handling(
    cast: Cast, heard: list[str], record_property: Any
) -> None:
    rows = raced()
    handled()
    record_property("rows of one message sent 16 times", rows)
    record_property("handlings", len(heard))
    assert (rows, heard) == (1, ["same"])


@pytest.fixture
def unguarded(transactional_db: None) -> Iterator[None]:
    """A table without its constraint."""
    with connection.cursor() as cursor:
        cursor.execute(_ONCE.format("DROP"))
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notices_incoming")
        cursor.execute(_ONCE.format("ADD") + " UNIQUE (company_id, channel, external_id)")


def test_the_control_without_the_constraint_there_are_several(
    cast: Cast, unguarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = QuerySet.get

    def slowly(rows: QuerySet, *args: Any, **fields: Any) -> Any:
        """Everybody looks before anybody has written."""
        try:
            return there(rows, *args, **fields)
        except Incoming.DoesNotExist:
            time.sleep(0.3)
            raise

    monkeypatch.setattr(QuerySet, "get", slowly)
    assert raced() > 1


def test_the_control_without_the_row_lock_it_is_handled_more_than_once(
    cast: Cast, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(inbox, "_handle", lambda row, at: inbox.LISTENERS[row.channel](row, at))
    things = [Came(str(number), "", "", {}) for number in range(20)]
    inbox.receive(cast.company, "email", things, at=NOW)
    handled()
    assert len(heard) > len(set(heard))
