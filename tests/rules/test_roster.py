"""RG-1, EN-5: an outlet's duty roster over the work calendar."""

from datetime import date, datetime, time

import pytest

from sanbao_rules import roster as rosters
from sanbao_rules.roster import FaultyRoster, Roster, on_duty
from sanbao_rules.worktime import YearNotPublished, calendar_of, moment_of, second_of
from tests.rules.make import BOOKS

CALENDAR = calendar_of(BOOKS["calendar"], provisional=True)
SATURDAYS = Roster(weekly=(("saturday", time(9), time(15)),))


def hours(roster: Roster | None, day: date):
    return on_duty(CALENDAR, roster).hours_of(day)


def test_what_a_roster_does_not_say_is_as_in_the_calendar():
    assert hours(None, date(2026, 3, 4)) == (time(8, 30), time(17, 30))
    assert hours(SATURDAYS, date(2026, 3, 4)) == (time(8, 30), time(17, 30))
    assert hours(SATURDAYS, date(2026, 3, 8)) is None
    assert on_duty(CALENDAR, Roster()) is CALENDAR


def test_rg_1_a_weekday_on_duty_is_worked_but_not_on_a_public_holiday():
    assert hours(SATURDAYS, date(2026, 3, 7)) == (time(9), time(15))
    assert hours(SATURDAYS, date(2026, 2, 21)) is None
    always = Roster(weekly=SATURDAYS.weekly, on_holidays=True)
    assert hours(always, date(2026, 2, 21)) == (time(9), time(15))


def test_a_make_up_workday_keeps_the_calendar_s_hours():
    assert hours(SATURDAYS, date(2026, 2, 14)) == (time(8, 30), time(17, 30))
    longer = Roster(weekly=(("saturday", time(8), time(20)),))
    assert hours(longer, date(2026, 2, 14)) == (time(8), time(20))


def test_a_single_day_wins_over_its_weekday():
    roster = Roster(SATURDAYS.weekly, ((date(2026, 3, 7), time(10), time(11)),), (date(2026, 3, 14),))
    assert hours(roster, date(2026, 3, 7)) == (time(10), time(11))
    assert hours(roster, date(2026, 3, 14)) is None


def test_days_outside_the_calendar_are_left_alone():
    roster = Roster(open=((date(2040, 1, 1), time(9), time(10)),), closed=(date(1999, 1, 1),))
    assert on_duty(CALENDAR, roster).workdays_between(date(2026, 1, 1), date(2026, 12, 31)) == (
        CALENDAR.workdays_between(date(2026, 1, 1), date(2026, 12, 31))
    )


def test_working_time_is_counted_by_the_roster():
    duty = on_duty(CALENDAR, SATURDAYS)
    assert duty.deadline(datetime(2026, 3, 6, 17, 0), 3600) == datetime(2026, 3, 7, 9, 30)
    assert duty.worked(datetime(2026, 3, 7, 0, 0), datetime(2026, 3, 8, 0, 0)) == 6 * 3600
    assert not CALENDAR.is_workday(date(2026, 3, 7)), "the calendar itself stays as it was"


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        ({"weekly": (("saturday", time(15), time(9)),)}, "opens at 15:00 and closes at 09:00"),
        ({"weekly": (("caturday", time(9), time(15)),)}, "no weekday"),
        ({"open": ((date(2026, 3, 7), time(9), time(9)),)}, "2026-03-07"),
        (
            {"open": ((date(2026, 3, 7), time(9), time(10)),), "closed": (date(2026, 3, 7),)},
            "both open and closed",
        ),
    ],
)
def test_a_faulty_roster_is_refused(faulty, words):
    with pytest.raises(FaultyRoster, match=words):
        Roster(**faulty)


def test_a_roster_is_arranged_once_and_the_store_stays_small(monkeypatch):
    monkeypatch.setattr(rosters, "_REMEMBERED", 2)
    monkeypatch.setattr(rosters, "_duties", {})
    first = on_duty(CALENDAR, SATURDAYS)
    assert on_duty(CALENDAR, SATURDAYS) is first
    for day in (1, 2, 3):
        on_duty(CALENDAR, Roster(closed=(date(2026, 3, day),)))
    assert len(rosters._duties) <= 2


def test_seconds_and_moments_are_the_same():
    for moment in (datetime(2026, 3, 4, 9, 30, 15), datetime(2023, 1, 1), datetime(2026, 12, 31, 23, 59, 59)):
        assert moment_of(second_of(moment)) == moment
    calendar = on_duty(CALENDAR, SATURDAYS)
    for moment in (datetime(2026, 3, 7, 10), datetime(2026, 3, 9, 8, 31)):
        assert moment_of(calendar.second_when(calendar.worked_by(second_of(moment)))) == moment
    with pytest.raises(YearNotPublished):
        calendar.second_when(10**12)
    assert calendar.second_when(0) <= second_of(datetime(2023, 1, 1))
