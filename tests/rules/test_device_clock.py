"""A phone's clock: what it recorded without signal is put right, and what can't be is refused."""

from datetime import datetime, timedelta

import pytest

from sanbao_rules.device_clock import plausible
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS

BOOK = BOOKS["workorder"]
NINE = datetime(2026, 11, 2, 9, 0)


def at(hours, minutes=0):
    return NINE + timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize("seconds", [-120, 0, 45, 120])
def test_a_clock_within_the_tolerance_is_taken_as_it_is(seconds):
    made = plausible(at(1), at(2), at(2) + timedelta(seconds=seconds), BOOK)
    assert (made.answer["state"], made.answer["at"]) == ("accepted", at(1))


@pytest.mark.parametrize(
    ("error", "minutes"),
    [(timedelta(seconds=121), 2), (timedelta(days=1), 1440), (timedelta(hours=-3), -180)],
)
def test_a_clock_that_is_wrong_is_corrected_by_its_error(error, minutes):
    """A phone a day off still gives the moment that counts for the deadlines."""
    made = plausible(at(1), at(2), at(2) + error, BOOK)
    assert made.answer == {"state": "corrected", "at": at(1) + error, "offset_minutes": minutes}


def test_the_correction_is_told():
    assert explain(plausible(at(1), at(2), at(2, 30), BOOK), BOOK)[0].text == (
        "手机慢30分钟，2026年11月2日 10:00校正为2026年11月2日 10:30"
    )
    assert "快30分钟" in explain(plausible(at(1), at(2, 30), at(2), BOOK), BOOK)[0].text


@pytest.mark.parametrize(
    ("device", "more", "code"),
    [
        (at(2, 3), {}, "clock_future"),
        (at(0), {"dispatched_at": at(1)}, "clock_before_dispatch"),
        (at(1), {"earlier": [at(0), at(1, 1)]}, "clock_out_of_order"),
    ],
)
def test_what_cannot_be_is_refused_and_has_no_moment(device, more, code):
    made = plausible(device, at(2), at(2), BOOK, **more)
    assert (made.answer["state"], made.answer["at"]) == ("refused", None)
    assert made.reasons[-1].code == code


def test_just_within_is_not_refused():
    assert plausible(at(2, 2), at(2), at(2), BOOK).answer["state"] == "accepted"
    assert plausible(at(0, 58), at(2), at(2), BOOK, dispatched_at=at(1)).answer["state"] == "accepted"
    assert plausible(at(1), at(2), at(2), BOOK, earlier=[at(1)]).answer["state"] == "accepted"


def test_the_dispatch_is_compared_with_the_moment_put_right():
    assert plausible(at(-3), at(0), at(4), BOOK, dispatched_at=at(1)).answer["state"] == "corrected"
    assert plausible(at(2), at(4), at(0), BOOK, dispatched_at=at(1)).answer["state"] == "refused"


def test_the_same_outbox_sent_again_later_gives_the_same_moment():
    first = plausible(at(1), at(2), at(2, 30), BOOK).answer
    again = plausible(at(1), at(5), at(5, 30), BOOK).answer
    assert first == again
