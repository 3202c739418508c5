"""Counting days, months and years as the Civil Code does (articles 201 to 203).

The day something starts on is not counted; a period of months or years ends on the corresponding day, or on the last
day of a month that has none; a period that would end on a rest day ends on the next working day.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple, Protocol


class Workdays(Protocol):
    """What the counting of working days asks of a calendar; `worktime.Calendar` is one."""

    def is_workday(self, day: date) -> bool: ...

    def workday_after(self, day: date, count: int) -> date: ...


class Period(NamedTuple):
    """`unit` is days, workdays, months or years."""

    length: int
    unit: str


def add_months(day: date, months: int) -> date:
    """The corresponding day, or the end of the month that has none (article 202)."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The corresponding day; 29 February becomes the 28th in a common year (article 202)."""
    if day.month == 2 and day.day == 29:
        return add_months(day, 12 * years)
    return day.replace(year=day.year + years)


def last_day_of(
    period: Period, start: date, calendar: Workdays | None = None, *, roll: str = "next_working_day"
) -> date:
    """The last day of a period that starts with something happening on `start`.

    Without a calendar, or with roll="none", the day stays where it falls. Working days need a calendar and end on one.
    """
    length, unit = period
    if length < 0:
        raise ValueError(f"a period of {length} {unit} has no last day")
    match unit:
        case "days":
            last = start + timedelta(days=length)
        case "months":
            last = add_months(start, length)
        case "years":
            last = add_years(start, length)
        case "workdays":
            if calendar is None:
                raise ValueError("working days can't be counted without a calendar")
            return add_working_days(start, length, calendar)
        case _:
            raise ValueError(f"unknown unit of a period: {unit!r}; known are days, workdays, months, years")
    match roll:
        case "none":
            return last
        case "next_working_day":
            return last if calendar is None else next_working_day(last, calendar)
    raise ValueError(f"unknown way to treat a rest day: {roll!r}; known are next_working_day, none")


def next_working_day(day: date, calendar: Workdays) -> date:
    """The day itself if it is worked, else the first working day after it (article 203)."""
    return day if calendar.is_workday(day) else calendar.workday_after(day, 1)


def add_working_days(day: date, count: int, calendar: Workdays) -> date:
    """The working day `count` working days after `day`; the day itself is not counted (article 201).

    No working days after a rest day is the next working day.
    """
    return calendar.workday_after(day, count) if count else next_working_day(day, calendar)


def month_end(month: date) -> date:
    """The last day of the month a day lies in."""
    return add_months(month.replace(day=1), 1) - timedelta(days=1)
