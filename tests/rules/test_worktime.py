"""RG-1: working-time promises over the calendar book, right to the minute around every holiday."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.explain import explain
from sanbao_rules.worktime import CHINA, Calendar, YearNotPublished, calendar_of, deadline_decision
from tests.rules.make import BOOKS

CALENDAR = calendar_of(BOOKS["calendar"])
PROVISIONAL = calendar_of(BOOKS["calendar"], provisional=True)
HOUR = 3600

# What the notice of each year says, written out once more by hand: (off, worked weekends).
NOTICES = {
    2023: (
        "01-01 01-02 01-21 01-22 01-23 01-24 01-25 01-26 01-27 04-05 04-29 04-30 05-01 05-02 05-03 06-22 06-23 06-24 "
        "09-29 09-30 10-01 10-02 10-03 10-04 10-05 10-06 12-30 12-31",
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: (
        "01-01 02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 "
        "06-08 06-09 06-10 09-15 09-16 09-17 10-01 10-02 10-03 10-04 10-05 10-06 10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 "
        "05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01 05-02 05-03 "
        "05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def is_worked(day: date) -> bool:
    """The plain way, day by day."""
    off, on = (words.split() for words in NOTICES[day.year])
    return f"{day:%m-%d}" in on or (f"{day:%m-%d}" not in off and day.weekday() < 5)


def plain_deadline(start: datetime, minutes: int) -> datetime:
    """The plain way, day after day."""
    day = start.date()
    while True:
        opening, closing = datetime.combine(day, time(8, 30)), datetime.combine(day, time(17, 30))
        begin = max(start, opening)
        if is_worked(day) and begin < closing:
            left = int((closing - begin).total_seconds()) // 60
            if minutes <= left:
                return begin + timedelta(minutes=minutes)
            minutes -= left
        day += timedelta(days=1)


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_is_worked_as_its_years_notice_says(year):
    day = date(year, 1, 1)
    while day.year == year:
        assert CALENDAR.is_workday(day) == is_worked(day), day
        day += timedelta(days=1)


def test_days_know_their_kind_and_their_holiday():
    assert CALENDAR.kind(date(2026, 3, 4)) == "workday"
    assert CALENDAR.kind(date(2026, 3, 7)) == "rest_day"
    assert CALENDAR.kind(date(2026, 2, 17)) == "holiday"
    assert CALENDAR.kind(date(2026, 2, 14)) == "make_up_workday"
    assert CALENDAR.holiday(date(2026, 2, 17)) == "春节"
    assert CALENDAR.holiday(date(2026, 2, 14)) == ""
    assert CALENDAR.holiday(date(2026, 3, 7)) == ""


HOLIDAY_EDGES = [date(2026, 1, 1), date(2026, 2, 15), date(2026, 4, 4), date(2026, 5, 1), date(2026, 6, 19), date(2026, 9, 25), date(2026, 10, 1)]  # fmt: skip


@pytest.mark.parametrize("holiday", HOLIDAY_EDGES, ids=str)
def test_rg_1_a_deadline_is_right_to_the_minute_around_every_holiday_of_2026(holiday):
    for days in range(-3, 12):
        for clock in (
            time(0, 0),
            time(8, 29),
            time(8, 30),
            time(8, 31),
            time(12, 0),
            time(17, 29),
            time(17, 30),
            time(23, 59),
        ):
            start = datetime.combine(holiday + timedelta(days=days), clock)
            for minutes in (1, 60, 540, 541, 1000):
                assert CALENDAR.deadline(start, minutes * 60) == plain_deadline(start, minutes), (
                    start,
                    minutes,
                )


def test_no_time_at_all_is_now_or_the_next_opening():
    assert CALENDAR.deadline(datetime(2026, 3, 4, 9, 0), 0) == datetime(2026, 3, 4, 9, 0)
    assert CALENDAR.deadline(datetime(2026, 3, 4, 18, 0), 0) == datetime(2026, 3, 5, 8, 30)
    assert CALENDAR.deadline(datetime(2026, 3, 4, 17, 30), 0) == datetime(2026, 3, 5, 8, 30)


def test_a_moment_with_a_zone_is_answered_in_chinas():
    start = datetime(2026, 4, 30, 9, 0, tzinfo=UTC)  # 17:00 in China
    assert CALENDAR.deadline(start, HOUR) == datetime(2026, 5, 6, 9, 0, tzinfo=CHINA)
    assert CALENDAR.deadlines([start, start], HOUR) == [datetime(2026, 5, 6, 9, 0, tzinfo=CHINA)] * 2
    assert CALENDAR.worked(start, datetime(2026, 5, 6, 1, 0, tzinfo=UTC)) == HOUR
    assert CALENDAR.is_open(start)
    assert not CALENDAR.is_open(datetime(2026, 5, 1, 9, 0))
    assert not CALENDAR.is_open(datetime(2026, 4, 30, 17, 30))


def test_a_year_not_published_is_said_never_guessed():
    for ask in (
        lambda: CALENDAR.is_workday(date(2027, 1, 4)),
        lambda: CALENDAR.deadline(datetime(2026, 12, 31, 17, 0), HOUR),
        lambda: CALENDAR.deadline(datetime(2027, 1, 4, 9, 0), HOUR),
        lambda: CALENDAR.workday_after(date(2026, 12, 31), 1),
        lambda: CALENDAR.kind(date(2027, 1, 4)),
    ):
        with pytest.raises(YearNotPublished) as refused:
            ask()
        assert refused.value.year == 2027
        assert "2027" in str(refused.value)
    with pytest.raises(YearNotPublished) as refused:
        CALENDAR.workday_after(date(2023, 1, 1), -1)
    assert refused.value.year == 2022


def test_a_provisional_year_is_counted_when_asked_for_and_says_so():
    assert not PROVISIONAL.is_workday(date(2027, 1, 1))
    assert PROVISIONAL.is_workday(date(2027, 1, 4))
    assert PROVISIONAL.is_provisional(date(2027, 1, 4))
    assert not PROVISIONAL.is_published(date(2027, 1, 4))
    assert PROVISIONAL.is_published(date(2026, 1, 5))
    assert not CALENDAR.is_published(date(2027, 1, 4))
    assert not CALENDAR.is_provisional(date(2027, 1, 4))
    with pytest.raises(YearNotPublished):
        PROVISIONAL.is_workday(date(2028, 1, 4))
    told = explain(
        deadline_decision(datetime(2026, 12, 31, 17, 0), HOUR, BOOKS["calendar"]), BOOKS["calendar"]
    )
    assert any("2027年的放假安排尚未公布" in sentence.text for sentence in told)


def test_a_gap_between_published_years_is_not_counted_across():
    book = BOOKS["calendar"].with_values("gap", {"holidays": [(date(2029, 1, 1), [], "notice 2026")]})
    assert Calendar(book).last_year == 2026


def test_working_days_are_counted_both_ends():
    assert CALENDAR.workdays_between(date(2026, 4, 30), date(2026, 5, 6)) == 2
    assert CALENDAR.workdays_between(date(2026, 5, 1), date(2026, 5, 5)) == 0
    assert CALENDAR.workday_after(date(2026, 5, 6), -1) == date(2026, 4, 30)


def test_rg_1_a_deadline_explains_itself():
    made = deadline_decision(datetime(2026, 2, 13, 9, 0, tzinfo=UTC), 2 * 9 * HOUR, BOOKS["calendar"])
    assert made.answer == datetime(2026, 2, 24, 17, 0, tzinfo=CHINA)
    zh = [sentence.text for sentence in explain(made, BOOKS["calendar"], "zh")]
    assert zh == [
        "2026年2月13日 17:00起算18个工作小时（每个工作日08:30至17:30），到2026年2月24日 17:00",
        "其间春节2026年2月15日至2026年2月23日放假，不计",
        "调休上班日计入：2026年2月14日",
    ]


moments = st.datetimes(datetime(2023, 1, 1), datetime(2026, 9, 30)).map(
    lambda m: m.replace(second=0, microsecond=0)
)


@given(moments, st.integers(0, 200 * HOUR), st.integers(0, 100 * HOUR))
def test_more_time_never_ends_earlier(start, seconds, more):
    assert CALENDAR.deadline(start, seconds) <= CALENDAR.deadline(start, seconds + more)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=30)), st.integers(0, 100 * HOUR))
def test_a_later_start_never_ends_earlier(start, later, seconds):
    assert CALENDAR.deadline(start, seconds) <= CALENDAR.deadline(start + later, seconds)


@given(moments, st.integers(1, 200 * HOUR))
def test_the_time_worked_to_a_deadline_is_the_time_given(start, seconds):
    assert CALENDAR.worked(start, CALENDAR.deadline(start, seconds)) == seconds
