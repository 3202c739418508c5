"""KA-9.1 to KA-9.4: what the rules of callbacks answer at the edges, and what they refuse. What they do day by day: tests/modules/callbacks."""

from datetime import date, datetime

import pytest

from sanbao_rules import callbacks
from sanbao_rules.examples import with_readings
from sanbao_rules.rulebook import shipped
from sanbao_rules.worktime import CHINA, calendar_of

BOOK, CALENDAR = shipped("callbacks"), calendar_of(shipped("calendar"), provisional=True)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=CHINA)  # Monday is the 1st


def test_before_the_hours_of_calling_it_is_their_beginning() -> None:
    assert callbacks.next_window(at(2, 7, 30), BOOK, CALENDAR) == at(2, 9)
    assert callbacks.next_window(at(2, 10), BOOK, CALENDAR) == at(2, 10)


def test_a_wait_in_working_hours_goes_over_the_night() -> None:
    wait = {"first": {"length": 2, "unit": "working_hours"}, "later": {"length": 1, "unit": "workdays"}}
    book = with_readings(BOOK, {"waits": {"no_answer": wait, "call_later": wait}})
    made = callbacks.after("no_answer", 1, at(2, 16, 30), book, CALENDAR)
    assert made.answer["next_at"] == at(
        3, 9, 30
    )  # an hour until half past five, and one from half past eight


def test_what_is_no_kind_and_no_outcome_is_refused_with_those_there_are() -> None:
    job = callbacks.Job("repaired", "S1", date(2026, 6, 1), date(2026, 6, 2))
    with pytest.raises(ValueError, match="repaired.*repair"):
        callbacks.plan(job, BOOK, CALENDAR, date(2026, 6, 2))
    with pytest.raises(ValueError, match="busy.*no_answer"):
        callbacks.after("busy", 1, at(2, 10), BOOK, CALENDAR)
