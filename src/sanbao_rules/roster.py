"""A duty roster over the work calendar: an outlet's own hours, days on duty and days closed (RG-1, EN-5).

The rule gives weekends and holidays to the company's arrangement. What a roster doesn't say is as in the calendar.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sanbao_rules.worktime import WEEKDAYS, Calendar

Hours = tuple[time, time]


class FaultyRoster(ValueError):
    """A roster that can't be worked by. The message says which day and why."""


@dataclass(frozen=True, slots=True)
class Roster:
    """`weekly` are the hours of whole weekdays, `open` of single days, `closed` days on which nobody is there.

    A single day wins over its weekday. On public holidays the weekly hours count only with `on_holidays`; on a make-up
    workday the calendar's hours and the weekly ones count together. Hours do not pass midnight.
    """

    weekly: tuple[tuple[str, time, time], ...] = ()
    open: tuple[tuple[date, time, time], ...] = ()
    closed: tuple[date, ...] = ()
    on_holidays: bool = False

    def __post_init__(self) -> None:
        for day, opening, closing in (*self.weekly, *self.open):
            if opening >= closing:
                raise FaultyRoster(f"{day}: opens at {opening:%H:%M} and closes at {closing:%H:%M}")
        for name, *_ in self.weekly:
            if name not in WEEKDAYS:
                raise FaultyRoster(f"{name!r} is no weekday; known are {', '.join(WEEKDAYS)}")
        for day in {day for day, *_ in self.open}.intersection(self.closed):
            raise FaultyRoster(f"{day} is both open and closed")

    def __bool__(self) -> bool:
        return bool(self.weekly or self.open or self.closed)

    def as_facts(self) -> dict[str, Any]:
        """As a decision's facts keep it and `from_facts` takes it back."""
        return {
            "weekly": self.weekly,
            "open": self.open,
            "closed": self.closed,
            "on_holidays": self.on_holidays,
        }

    @classmethod
    def from_facts(cls, stored: Mapping[str, Any]) -> "Roster":
        return cls(
            tuple((name, opening, closing) for name, opening, closing in stored.get("weekly", ())),
            tuple((day, opening, closing) for day, opening, closing in stored.get("open", ())),
            tuple(stored.get("closed", ())),
            bool(stored.get("on_holidays", False)),
        )


_REMEMBERED = 500
_duties: dict[tuple[str, bool, Roster], Calendar] = {}


def on_duty(calendar: Calendar, roster: Roster | None) -> Calendar:
    """The calendar with the roster's hours, as fast to count by as the calendar itself. Built once a roster."""
    if not roster:
        return calendar
    key = (calendar.book.digest, calendar.provisional_from is not None, roster)
    if key not in _duties:
        if len(_duties) >= _REMEMBERED:
            _duties.clear()
        _duties[key] = _arranged(calendar, roster)
    return _duties[key]


def _arranged(calendar: Calendar, roster: Roster) -> Calendar:
    duty = copy(calendar)
    duty._opens, duty._spans = list(calendar._opens), list(calendar._spans)
    for name, opening, closing in roster.weekly:
        first = date(calendar.first_year, 1, 1)
        first += timedelta((WEEKDAYS.index(name) - first.weekday()) % 7)
        for ordinal in range(first.toordinal(), calendar._end + 1, 7):
            _weekly(duty, ordinal, (opening, closing), roster.on_holidays)
    for day, opening, closing in roster.open:
        _set(duty, day.toordinal(), (opening, closing))
    for day in roster.closed:
        _set(duty, day.toordinal(), None)
    duty._sum_up()
    return duty


def _weekly(duty: Calendar, ordinal: int, hours: Hours, on_holidays: bool) -> None:
    """A weekday's hours on one of its days."""
    day = date.fromordinal(ordinal)
    kind = duty.kind(day)
    if kind == "holiday" and not on_holidays:
        return
    if kind == "make_up_workday" and (own := duty.hours_of(day)):
        hours = (min(hours[0], own[0]), max(hours[1], own[1]))
    _set(duty, ordinal, hours)


def _set(duty: Calendar, ordinal: int, hours: Hours | None) -> None:
    """Days outside the calendar's years are left alone: nothing can be counted there anyway."""
    if not duty._base <= ordinal <= duty._end:
        return
    place = ordinal - duty._base
    opens, closes = ((h.hour * 60 + h.minute) * 60 + h.second for h in hours) if hours else (0, 0)
    duty._opens[place], duty._spans[place] = opens, closes - opens
