"""KA-1.1, KA-1.2, KA-2.1, KA-2.2, KA-12.1: an outlet's orders of parts."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanbao_rules import parts_orders
from sanbao_rules.worktime import Calendar
from tests.rules.make import BOOKS, read

BOOK, CALENDAR = BOOKS["parts_orders"], Calendar(BOOKS["calendar"], provisional=True)


def asked(on, book=BOOK, **facts):
    return parts_orders.order(on, book=book, calendar=CALENDAR, **facts).answer


def test_the_order_days_of_2026_that_are_rest_days_are_taken_on_the_next_working_day_too():
    """KA-2.1, A-46: the 5th of five months and the 20th of three are rest days."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    taken = [day for day in days if asked(day)["verdict"] == "accepted"]
    resting = [day for day in days if day.day in (5, 20) and not CALENDAR.is_workday(day)]
    assert len(resting) == 9
    assert len(taken) == 24 + len(resting)
    assert date(2026, 2, 24) in taken  # the 20th of February falls into the Spring Festival


@given(
    st.dates(date(2025, 1, 1), date(2026, 10, 31)), st.sampled_from(["also_next_workday", "strict", "moves"])
)
@settings(max_examples=60)
def test_the_next_day_that_is_named_is_an_order_day(on, reading):
    """KA-2.1."""
    book = read("parts_orders", order_day_rest=reading)["parts_orders"]
    made = asked(on, book)
    if made["verdict"] == "refused":
        assert asked(made["next_day"], book)["verdict"] == "accepted"


def test_an_urgent_order_needs_a_reason_an_approval_and_a_place_in_the_month():
    """KA-2.1, A-47."""
    on = date(2026, 3, 11)
    assert asked(on, kind="urgent", reason=" ")["verdict"] == "refused"
    assert asked(on, kind="urgent", reason="用户无热水")["verdict"] == "waiting"
    assert asked(on, kind="urgent", reason="用户无热水", approved=True)["verdict"] == "accepted"
    assert asked(on, kind="urgent", reason="用户无热水", urgent=2)["next_day"] == date(2026, 4, 1)


def test_the_prepaid_account_never_goes_below_nothing():
    """KA-1.1, A-72."""
    exact = parts_orders.prepaid("100.00", "100.00", date(2026, 3, 5), book=BOOK).answer
    assert exact == {"accepted": True, "available": 10000, "left": 0, "short": 0}
    over = parts_orders.prepaid("100.00", "100.01", date(2026, 3, 5), book=BOOK).answer
    assert (over["accepted"], over["short"]) == (False, 1)


def test_a_statement_whose_counts_agree_says_so():
    """KA-1.2."""
    made = parts_orders.statement(
        date(2026, 4, 3), date(2026, 4, 8), book=BOOK, calendar=CALENDAR, shipped=3, received=3
    )
    assert made.answer["difference"] == 0 and made.reasons[0].code == "counts_agree"


def test_unknown_kinds_and_steps_are_refused():
    with pytest.raises(parts_orders.UnknownOrder, match="known are regular, urgent"):
        asked(date(2026, 3, 5), kind="express")
    with pytest.raises(parts_orders.UnknownOrder, match="known are review, ship"):
        parts_orders.due("pack", date(2026, 3, 5), date(2026, 3, 5), book=BOOK, calendar=CALENDAR)
