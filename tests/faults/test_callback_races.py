"""Two callers press "next call" at once: each gets another customer; an outcome written twice counts once. The controls have no lock and fail."""

import threading

import pytest
from django.db.models import QuerySet

from sanbao.audit.models import Event
from sanbao.callbacks import operations
from sanbao.callbacks.models import Callback, Try
from sanbao.callbacks.operations import calling
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import PEOPLE, at_once

WHO = ("callbacks", "agent", "supervisor", "head")


@pytest.fixture
def callback(transactional_db: None) -> tuple[Cast, Callback]:
    cast = assemble()
    sheet = cast.sheet()
    return cast, Callback.objects.get(plan__sheet=sheet.pk)


def test_of_many_callers_at_once_one_takes_the_callback(callback: tuple[Cast, Callback]) -> None:
    """KA-9.1."""
    cast, row = callback
    done, refused = at_once(lambda number: operations.take(row, by=cast.access(WHO[number % 4]), at=NOW), 4)
    assert (done, len(refused)) == (1, 3)
    assert Event.objects.filter(action="callbacks:callback:taken").count() == 1


def test_of_one_outcome_sent_many_times_one_counts(callback: tuple[Cast, Callback]) -> None:
    cast, row = callback
    by, seen = cast.access("callbacks"), row.version
    done, refused = at_once(lambda _number: operations.try_(row, "no_answer", version=seen, by=by, at=NOW))
    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert Try.objects.count() == 1


def test_the_control_without_the_lock_two_callers_call_one_customer(
    callback: tuple[Cast, Callback], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, row = callback
    both, looked = threading.Barrier(2), calling._refuse_anothers

    def wait(*args: object) -> None:
        looked(*args)
        both.wait(10)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(calling, "_refuse_anothers", wait)
    done, _refused = at_once(lambda number: operations.take(row, by=cast.access(WHO[number]), at=NOW), 2)
    assert done == 2
    assert Event.objects.filter(action="callbacks:callback:taken").count() == 2
