"""Civil Code 201 to 203: the start day is not counted, months end on the corresponding day, rest days move on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.periods import (
    Period,
    add_months,
    add_working_days,
    add_years,
    last_day_of,
    next_working_day,
)
from sanbao_rules.worktime import calendar_of
from tests.rules.make import BOOKS

CALENDAR = calendar_of(BOOKS["calendar"])


def test_civil_code_201_the_start_day_is_not_counted():
    assert last_day_of(Period(15, "days"), date(2026, 3, 2)) == date(2026, 3, 17)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 1, 10), 3, date(2026, 4, 10)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_civil_code_202_months_end_on_the_corresponding_day_or_the_months_end(start, months, last):
    assert add_months(start, months) == last
    assert last_day_of(Period(months, "months"), start) == last


def test_civil_code_202_years_end_on_the_corresponding_day():
    assert add_years(date(2025, 6, 23), 1) == date(2026, 6, 23)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert last_day_of(Period(3, "years"), date(2023, 5, 25)) == date(2026, 5, 25)


def test_civil_code_203_a_rest_day_moves_to_the_next_working_day():
    # 10 May 2026 is a Sunday; 9 May, a Saturday, is worked.
    assert last_day_of(Period(10, "days"), date(2026, 4, 30), CALENDAR) == date(2026, 5, 11)
    assert last_day_of(Period(9, "days"), date(2026, 4, 30), CALENDAR) == date(2026, 5, 9)


def test_a_rest_day_stays_when_the_text_says_so():
    assert last_day_of(Period(10, "days"), date(2026, 4, 30), CALENDAR, roll="none") == date(2026, 5, 10)


def test_working_days_around_labour_day_and_spring_festival_2026():
    assert last_day_of(Period(3, "workdays"), date(2026, 4, 30), CALENDAR) == date(2026, 5, 8)
    assert last_day_of(Period(3, "workdays"), date(2026, 2, 13), CALENDAR) == date(2026, 2, 25)


def test_no_working_days_after_a_rest_day_is_the_next_working_day():
    assert add_working_days(date(2026, 5, 3), 0, CALENDAR) == date(2026, 5, 6)
    assert add_working_days(date(2026, 5, 6), 0, CALENDAR) == date(2026, 5, 6)
    assert next_working_day(date(2026, 2, 15), CALENDAR) == date(2026, 2, 24)


@pytest.mark.parametrize(
    ("period", "roll", "words"),
    [
        (Period(-1, "days"), "none", "no last day"),
        (Period(1, "weeks"), "none", "unknown unit"),
        (Period(1, "workdays"), "none", "without a calendar"),
        (Period(1, "days"), "back", "unknown way"),
    ],
)
def test_a_period_that_can_not_be_counted_is_refused(period, roll, words):
    with pytest.raises(ValueError, match=words):
        last_day_of(period, date(2026, 3, 2), roll=roll)


days = st.dates(date(2023, 1, 1), date(2026, 6, 30))


@given(days, st.integers(0, 100))
def test_working_days_are_counted_one_by_one(start, count):
    day, left = start, count
    while left or not CALENDAR.is_workday(day):
        day += timedelta(days=1)
        left -= bool(left) and CALENDAR.is_workday(day)
    assert add_working_days(start, count, CALENDAR) == day


@given(days, st.integers(0, 60))
def test_more_months_never_end_earlier(start, months):
    assert add_months(start, months) < add_months(start, months + 1)


@given(st.dates(date(1970, 1, 1), date(2090, 1, 1)), st.integers(0, 9))
def test_years_are_twelve_months(start, years):
    assert add_years(start, years) == add_months(start, 12 * years)
