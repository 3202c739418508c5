"""Rows in a stream, and in a stream beside the work: what is asked meanwhile sees them, and what the database refuses is raised."""

import gc
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from sanbao.accounts import scope
from sanbao.audit.models import Event
from sanbao.edge.copying import Json, copy_in, copying_beside
from sanbao.edge.garbage import uncollected
from sanbao.edge.storing import fresh
from sanbao.intake.models import Entry
from tests.cast import NOW, Cast


def _events(cast: Cast, *names: str, **more) -> list[Event]:
    told = {"at": NOW, "action": "a:b:c", "thing": "a.b", "thing_id": 1, "details": {"k": ["三"]}}
    return [fresh(Event, company_id=cast.company.pk, label=name, **{**told, **more}) for name in names]


def _labels() -> list[str]:
    return list(Event.objects.filter(action="a:b:c").order_by("id").values_list("label", flat=True))


def test_rows_come_in_order_and_the_database_fills_in_what_is_its_own(cast: Cast) -> None:
    with scope.everything("a test"):
        copy_in(_events(cast, "one\t\\N", "two"))
        copy_in(_events(cast, "three", details=Json('{"k": ["“四”\\n"]}')), numbers=False)
        assert _labels() == ["one\t\\N", "two", "three"]
        last = Event.objects.get(label="three")
    assert last.details == {"k": ["“四”\n"]}
    assert last.tx and last.mark and last.kept_at


def test_who_asks_while_rows_are_copied_beside_sees_those_that_were_given(cast: Cast) -> None:
    with scope.everything("a test"), copying_beside() as copy:
        copy(_events(cast, *map(str, range(500))))
        copy(_events(cast, "last"))
        copy([])
        assert _labels()[-2:] == ["499", "last"]
        copy(_events(cast, "behind"))
    assert _labels()[-1] == "behind"
    assert not [one for one in threading.enumerate() if one.name.startswith("copying")]


def test_what_the_database_refuses_is_raised_and_nothing_after_it_is_written(cast: Cast) -> None:
    wrong = fresh(Entry, request_id=None, at=NOW, kind=Entry.Kind.NOTE)
    with (
        scope.everything("a test"),
        pytest.raises(IntegrityError),
        transaction.atomic(),
        copying_beside() as copy,
    ):
        copy(_events(cast, "before"))
        copy([wrong])
        copy(_events(cast, "after"))
    assert _labels() == []
    assert connection.is_usable()


def test_an_exception_of_the_caller_ends_it_and_the_connection_serves_on(cast: Cast) -> None:
    with (
        scope.everything("a test"),
        pytest.raises(KeyboardInterrupt),
        transaction.atomic(),
        copying_beside() as copy,
    ):
        copy(_events(cast, *map(str, range(500))))
        raise KeyboardInterrupt
    assert _labels() == []


def test_the_collector_rests_until_the_last_has_done() -> None:
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), uncollected():
        raise ValueError("x")
    assert gc.isenabled()
