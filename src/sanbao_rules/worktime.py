"""Working time over the calendar rulebook: which days are worked, and when working hours are used up.

All moments are China Standard Time, which has had no summer time since 1991. A moment with a time zone is read in it
and answered in China's; a moment without one is taken as China's. Seconds are whole: fractions are dropped from the start.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_working_days
from sanbao_rules.rulebook import Dated, Rulebook

CHINA = timezone(timedelta(hours=8), "CST")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_HOUR = 3600
_SECONDS_A_DAY = 86_400
_DAY = timedelta(days=1)


class YearNotPublished(LookupError):
    """The holidays of a year are not published yet, so its working days can't be told."""

    def __init__(self, year: int, first: int, last: int) -> None:
        super().__init__(f"the holidays of {year} are not published; the calendar knows {first} to {last}")
        self.year = year


class Calendar:
    """The days from the first published year to the last, as running totals of days worked and seconds worked.

    With `provisional=True` the years after the last published one for which the book lists statutory days are counted by
    these and the weekly rest days; `is_provisional` says so of a day, and pages must say it to people.
    """

    def __init__(self, book: Rulebook, *, provisional: bool = False) -> None:
        self.book = book
        published = {value.since.year for value in book.history("holidays")}
        guessed = (
            {value.since.year for value in book.history("statutory_days")} - published
            if provisional
            else set()
        )
        self.first_year = min(published)
        self.last_year = self._unbroken(published | guessed)
        self.provisional_from = min((year for year in guessed if year <= self.last_year), default=None)
        self._base = date(self.first_year, 1, 1).toordinal()
        self._end = date(self.last_year, 12, 31).toordinal()
        self._origin = (self._base - 1) * _SECONDS_A_DAY
        self._off: dict[int, str] = {}
        self._on: set[int] = set()
        self._read_holidays()
        self._count_days()

    def _unbroken(self, years: set[int]) -> int:
        """The last year before a gap: days behind an unknown year can't be counted to."""
        year = self.first_year
        while year + 1 in years:
            year += 1
        return year

    def _read_holidays(self) -> None:
        for value in self.book.history("holidays"):
            for span in value.value:
                for ordinal in range(span["first"].toordinal(), span["last"].toordinal() + 1):
                    self._off[ordinal] = span["name"]
        for value in self.book.history("make_up_workdays"):
            self._on.update(day.toordinal() for day in value.value)
        if self.provisional_from:
            for value in self.book.history("statutory_days"):
                self._off.update(
                    (day.toordinal(), "") for day in value.value if day.year >= self.provisional_from
                )

    def _count_days(self) -> None:
        """`_before[i]`: seconds worked before day i; `_opens`, `_spans`: its opening and length; `_workdays`: the days worked."""
        self._before, self._opens, self._spans, self._workdays = [0], [], [], []
        for ordinal in range(self._base, self._end + 1):
            day = date.fromordinal(ordinal)
            opens = _seconds(self.book.value("opening", day).value)
            length = _seconds(self.book.value("closing", day).value) - opens
            worked = self._worked_day(ordinal, day)
            if worked:
                self._workdays.append(ordinal)
            self._opens.append(opens)
            self._spans.append(length if worked else 0)
            self._before.append(self._before[-1] + self._spans[-1])

    def _worked_day(self, ordinal: int, day: date) -> bool:
        if ordinal in self._on:
            return True
        rest = self.book.value("rest_days", day).value
        return ordinal not in self._off and WEEKDAYS[day.weekday()] not in rest

    def _sum_up(self) -> None:
        """The running totals once more, after hours of single days were changed (`roster`)."""
        self._before = [0, *accumulate(self._spans)]
        self._workdays = [self._base + place for place, span in enumerate(self._spans) if span]

    def _place(self, ordinal: int) -> int:
        if not self._base <= ordinal <= self._end:
            raise self._unknown(date.fromordinal(ordinal).year)
        return ordinal - self._base

    def _unknown(self, year: int) -> YearNotPublished:
        return YearNotPublished(year, self.first_year, self.last_year)

    def is_published(self, day: date) -> bool:
        """Whether the arrangement of that day's year has been published."""
        return self.first_year <= day.year <= self.last_year and not self.is_provisional(day)

    def is_provisional(self, day: date) -> bool:
        """Whether that day is only counted by statutory days and weekends."""
        return self.provisional_from is not None and self.provisional_from <= day.year <= self.last_year

    def is_workday(self, day: date) -> bool:
        return self._spans[self._place(day.toordinal())] > 0

    def kind(self, day: date) -> str:
        """workday, make_up_workday, holiday or rest_day."""
        ordinal = day.toordinal()
        self._place(ordinal)
        if ordinal in self._on:
            return "make_up_workday"
        if ordinal in self._off:
            return "holiday"
        return "workday" if self.is_workday(day) else "rest_day"

    def holiday(self, day: date) -> str:
        """The name of the holiday, or nothing."""
        return self._off.get(day.toordinal(), "") if day.toordinal() not in self._on else ""

    def workday_after(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which is not counted itself; a negative count goes back."""
        self._place(day.toordinal())
        after = (
            bisect_right(self._workdays, day.toordinal())
            if count > 0
            else bisect_left(self._workdays, day.toordinal())
        )
        place = after + count - 1 if count > 0 else after + count
        if not 0 <= place < len(self._workdays):
            raise self._unknown(self.last_year + 1 if count > 0 else self.first_year - 1)
        return date.fromordinal(self._workdays[place])

    def workdays_between(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both counted."""
        self._place(first.toordinal())
        self._place(last.toordinal())
        return bisect_right(self._workdays, last.toordinal()) - bisect_left(self._workdays, first.toordinal())

    def deadline(self, start: datetime, seconds: int) -> datetime:
        """When that many seconds of working time have passed since `start` (RG-1).

        Out of hours the clock starts at the next opening. No time at all is the start itself, or the next opening.
        """
        zone = start.tzinfo
        local = start.astimezone(CHINA) if zone else start
        place = local.toordinal() - self._base
        before = self._before
        if not 0 <= place < len(self._spans):
            raise self._unknown(local.year)
        so_far = local.hour * _HOUR + local.minute * 60 + local.second - self._opens[place]
        span = self._spans[place]
        target = before[place] + (0 if so_far < 0 else so_far if so_far < span else span) + seconds
        last = (bisect_left(before, target) if seconds > 0 else bisect_right(before, target)) - 1
        if not 0 <= last < len(self._spans):
            raise self._unknown(self.last_year + 1)
        moment = self._opens[last] + target - before[last]
        day = date.fromordinal(self._base + last)
        hour, rest = divmod(moment, _HOUR)
        return datetime(day.year, day.month, day.day, hour, rest // 60, rest % 60, 0, CHINA if zone else None)

    def deadlines(self, starts: Iterable[datetime], seconds: int) -> list[datetime]:
        """A column of deadlines for one promise."""
        deadline = self.deadline
        return [deadline(start, seconds) for start in starts]

    def worked(self, start: datetime, end: datetime) -> int:
        """Seconds of working time from `start` to `end`; negative when `end` is before `start`."""
        return self._position(end) - self._position(start)

    def _position(self, moment: datetime) -> int:
        local = moment.astimezone(CHINA) if moment.tzinfo else moment
        place = self._place(local.toordinal())
        so_far = local.hour * _HOUR + local.minute * 60 + local.second - self._opens[place]
        return self._before[place] + min(max(so_far, 0), self._spans[place])

    def worked_by(self, second: int) -> int:
        """Seconds worked up to a second, counted as `second_of` counts them: a place on the axis of working time."""
        place, of_day = divmod(second - self._origin, _SECONDS_A_DAY)
        if not 0 <= place < len(self._spans):
            raise self._unknown(_year(second))
        so_far, span = of_day - self._opens[place], self._spans[place]
        return self._before[place] + (0 if so_far < 0 else so_far if so_far < span else span)

    def second_when(self, worked: int) -> int:
        """The first second by which so many seconds were worked; the way back from `worked_by`."""
        last = bisect_left(self._before, worked) - 1
        if last >= len(self._spans):
            raise self._unknown(self.last_year + 1)
        if last < 0:
            return self._origin
        return self._origin + last * _SECONDS_A_DAY + self._opens[last] + worked - self._before[last]

    def worked_by_closing(self, second: int, days: int) -> int:
        """Seconds worked at closing time of the `days`-th working day after the day of a second, which is not counted."""
        ordinal = second // _SECONDS_A_DAY + 1
        self._place(ordinal)
        place = (
            bisect_right(self._workdays, ordinal) + days - 1 if days else bisect_left(self._workdays, ordinal)
        )
        if place >= len(self._workdays):
            raise self._unknown(self.last_year + 1)
        return self._before[self._workdays[place] - self._base + 1]

    def hours_of(self, day: date) -> tuple[time, time] | None:
        """From when to when people are at work on a day; nothing on a day not worked."""
        place = self._place(day.toordinal())
        opens, span = self._opens[place], self._spans[place]
        return (_clock(opens), _clock(opens + span)) if span else None

    def is_open(self, moment: datetime) -> bool:
        """Whether people are at work at that moment."""
        local = moment.astimezone(CHINA) if moment.tzinfo else moment
        place = self._place(local.toordinal())
        so_far = local.hour * _HOUR + local.minute * 60 + local.second - self._opens[place]
        return 0 <= so_far < self._spans[place]


_YEAR_ONE = datetime(1, 1, 1)  # noqa: DTZ001 - for moments without a zone
_YEAR_ONE_IN_CHINA = datetime(1, 1, 1, tzinfo=CHINA)


def second_of(moment: datetime) -> int:
    """Whole seconds of China's clock since the year 1: deadlines are counted in these, and are moments again by `moment_of`."""
    since = moment - (_YEAR_ONE_IN_CHINA if moment.tzinfo else _YEAR_ONE)
    return since.days * _SECONDS_A_DAY + since.seconds


def moment_of(second: int, zone: object = None) -> datetime:
    """The moment of a second: with China's zone if there is a `zone`, else without one."""
    return (_YEAR_ONE_IN_CHINA if zone else _YEAR_ONE) + timedelta(0, second)


def _year(second: int) -> int:
    return moment_of(second).year


def _clock(seconds: int) -> time:
    return time(seconds // _HOUR, seconds % _HOUR // 60, seconds % 60)


def _seconds(moment: time) -> int:
    return moment.hour * _HOUR + moment.minute * 60 + moment.second


_calendars: dict[tuple[str, bool], Calendar] = {}


def calendar_of(book: Rulebook, *, provisional: bool = False) -> Calendar:
    """The calendar of an edition, built once a process; editions never change."""
    key = (book.digest, provisional)
    if key not in _calendars:
        _calendars[key] = Calendar(book, provisional=provisional)
    return _calendars[key]


def deadline_decision(start: datetime, seconds: int, book: Rulebook) -> Decision:
    """The deadline with its reasons: the hours counted, the holidays left out, the make-up workdays counted."""
    calendar = calendar_of(book, provisional=True)
    due = calendar.deadline(start, seconds)
    day = (start.astimezone(CHINA) if start.tzinfo else start).date()
    reasons = [counted(start.astimezone(CHINA) if start.tzinfo else start, seconds, due, book)]
    reasons += days_between(calendar, day, due.date())
    return Decision("worktime.deadline", due, tuple(reasons), book.cited)


def counted(start: datetime, seconds: int, due: datetime, book: Rulebook) -> Reason:
    """That so much was counted in working time, from when to when a day is worked (RG-1)."""
    day = start.date()
    opening, closing = book.value("opening", day), book.value("closing", day)
    hours = Decimal(seconds) / _HOUR
    return _reason(
        "worktime", opening, start=start, hours=hours, due=due, opening=opening.value, closing=closing.value
    )


def workday_decision(start: date, days: int, book: Rulebook) -> Decision:
    """The last of some working days after `start`, with the days that were special on the way."""
    calendar = calendar_of(book, provisional=True)
    last = add_working_days(start, days, calendar)
    reasons = [_reason("workdays", book.value("rest_days", start), start=start, days=days, last=last)]
    reasons += days_between(calendar, start + _DAY, last)
    return Decision("worktime.workdays", last, tuple(reasons), book.cited)


def days_between(calendar: Calendar, first: date, last: date) -> list[Reason]:
    """What the calendar says about the days from `first` to `last`: holidays, make-up workdays, a year not yet published."""
    book, reasons = calendar.book, []
    for value in book.history("holidays"):
        for span in value.value:
            if span["first"] <= last and span["last"] >= first:
                reasons.append(
                    _reason("holiday", value, name=span["name"], first=span["first"], last=span["last"])
                )
    for value in book.history("make_up_workdays"):
        worked = [day for day in value.value if first <= day <= last]
        if worked:
            reasons.append(_reason("make_up_workdays", value, days=tuple(worked)))
    return reasons + provisional(calendar, last)


def provisional(calendar: Calendar, day: date) -> list[Reason]:
    """That a day is only counted by statutory days and weekends, its year's holidays not being published; else nothing."""
    if not calendar.is_provisional(day):
        return []
    return [_reason("provisional", calendar.book.value("statutory_days", day), year=day.year)]


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "calendar")
