"""Promises to a customer: first answer, response, solution; when each is due, and whether it was kept (BA-2, GN-3, SR-3).

A promise's clock is a function of the request's whole history, never a counter somebody maintains. Every promise has an axis:
natural time, or working time by the calendar or a roster (RG-1). On its axis a promise is a place; a pause moves the place on by
what was paused, and the calendar says which moment that is. docs/algorithms/promises.md tells it with an example.

Seconds are whole. The values in force on the day the request was received decide.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, Protocol

from sanbao_rules.decision import Decision, Reason, Written, to_text
from sanbao_rules.roster import Roster, on_duty
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import Calendar, counted, days_between, moment_of, second_of

QUESTION = "service.promise"
PROMISES = ("answer", "response", "resolution")
SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400, "working_minutes": 60, "working_hours": 3600}
WORKING = ("working_minutes", "working_hours", "workdays")
LENGTH_UNITS = (*SECONDS, "workdays")

_BASE: dict[str, tuple[str, str, dict[str, str]]] = {
    "answer": ("answer_minutes", "answer_counting", {"working": "working_minutes", "natural": "minutes"}),
    "response": ("response_hours", "response_counting", {"working": "working_hours", "natural": "hours"}),
    "resolution": ("resolution_workdays", "resolution_counting", {"days": "workdays", "hours": "workdays"}),
}
_DAY = 86_400


class ImpossibleHistory(ValueError):
    """A history that can't have happened. `code` says which way: no_receipt, received_twice, out_of_order, unknown."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Moment(NamedTuple):
    """Something that happened to a request. `detail`: of a pause, and of its end, the reason; of `assigned` whose it is now, by
    number and never by name; of `received` and `changed` the level."""

    at: datetime
    what: str
    detail: str = ""


class Extra(NamedTuple):
    """A promise a contract or the company makes on top. `unit` is one of LENGTH_UNITS; `source` says what it rests on."""

    promise: str
    length: int
    unit: str
    source: str


class Clock(NamedTuple):
    """Where a promise stands. While paused it has no `due_at`: that moves on as long as the pause lasts."""

    promise: str
    state: str  # running, paused, met, missed, cancelled
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    used: int  # seconds of the promise's own time, pauses left out
    left: int  # seconds of the promise's own time; 0 when none is left
    paused_since: datetime | None
    met_at: datetime | None  # also when too late; a missed promise without it is still open
    late: int  # natural seconds
    holder: str  # whose it was when it was due, or when it was met; else whose it is now
    ruled_by: str  # rule, level, or the source of the extra promise that is the strictest
    provisional: bool  # due in a year whose holidays are not published


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a book says about one promise of requests received on a day."""

    promise: str
    length: int
    unit: str
    ended_by: frozenset[str]
    stopped_by: frozenset[str]
    reopening: str  # resume, restart, from_receipt; stays, for a promise a reopening doesn't touch
    levels: Mapping[str, tuple[int, str]]
    from_change: bool
    contract_only: bool
    whole_days: bool
    roster_counts: bool
    warn_seconds: int
    warn_share: tuple[int, int]
    values: Mapping[str, Dated]
    frames: dict[str, tuple[str, tuple[bool, ...]]] = field(
        default_factory=dict
    )  # reasons' texts without their values (_Texts)


_terms: dict[str, tuple[list[int], dict[tuple[int, str], Terms]]] = {}


def terms_of(promise: str, book: Rulebook, on: date) -> Terms:
    """The terms of a day, resolved once for all the days between two changes of the book."""
    return _terms_of(promise, book, on.toordinal())


def _terms_of(promise: str, book: Rulebook, ordinal: int) -> Terms:
    resolved = _terms.get(book.digest)
    if resolved is None:
        changes = {value.since.toordinal() for name in book.parameters for value in book.history(name)}
        resolved = _terms[book.digest] = (sorted(changes), {})
    changed, known = resolved
    key = (bisect_right(changed, ordinal), promise)
    terms = known.get(key)
    if terms is None:
        terms = known[key] = _resolve(promise, book, date.fromordinal(ordinal))
    return terms


def _resolve(promise: str, book: Rulebook, on: date) -> Terms:
    if promise not in PROMISES:
        raise ValueError(f"no promise is called {promise!r}; known are {', '.join(PROMISES)}")
    values = {name: book.value(name, on) for name in book.parameters}
    value: dict[str, Any] = {name: dated.value for name, dated in values.items()}
    length, counting, units = _BASE[promise]
    levels = {
        level: (row[promise]["length"], row[promise]["unit"])
        for level, row in value["by_level"].items()
        if promise in row
    }
    warning = value["warn_before"].get(promise, {})
    return Terms(
        promise,
        value[length],
        units[value[counting]],
        frozenset(value["ended_by"].get(promise, ())),
        frozenset(value["paused_by"].get(promise, ())),
        value["reopening"] if promise in value["reopened_promises"] else "stays",
        levels,
        value["level_counts"] == "from_change",
        value["contract"] == "contract_only",
        value["resolution_counting"] == "days",
        value["duty_roster"] == "counts",
        warning.get("minutes", 0) * 60,
        Decimal(warning.get("share", 0)).as_integer_ratio(),
        values,
    )


class OnAxis:
    """One promise among those that hold at once, as a place on its axis. The one that is due first rules."""

    __slots__ = ("floor", "length", "place", "source", "start", "total", "unit", "working")

    def __init__(
        self, length: int, unit: str, start: int, source: str, calendar: Calendar, whole_days: bool
    ) -> None:
        self.length, self.unit, self.source, self.start, self.floor = length, unit, source, start, start
        self.working = unit in WORKING
        begin = calendar.worked_by(start) if self.working else start
        if unit != "workdays":
            self.place = begin + length * SECONDS[unit]
        elif whole_days:
            self.place = calendar.worked_by_closing(start, length)
        else:
            self.place = begin + length * _full_day(calendar, start)
        self.total = self.place - begin

    def due(self, calendar: Calendar) -> int:
        second = calendar.second_when(self.place) if self.working else self.place
        return second if second > self.floor else self.floor

    def shift(self, begin: int, end: int, calendar: Calendar) -> None:
        """Time paused, counted on this promise's own axis and from its own start."""
        begin = max(begin, self.start)
        if end > begin:
            self.place += calendar.worked_by(end) - calendar.worked_by(begin) if self.working else end - begin
            self.floor = end

    def left(self, second: int, calendar: Calendar) -> int:
        return self.place - (calendar.worked_by(second) if self.working else second)


def _full_day(calendar: Calendar, second: int) -> int:
    """The length of a working day, for working days counted as hours."""
    day = date.fromordinal(second // _DAY + 1)
    opening, closing = (calendar.book.value(name, day).value for name in ("opening", "closing"))
    return int((closing.hour - opening.hour) * 3600 + (closing.minute - opening.minute) * 60)


class _Trail(Protocol):
    """What is told of a clock on its way. Moments come as seconds, so that each is made in the form that is wanted."""

    def add(self, terms: Terms, code: str, parameter: str, args: dict[str, Any], zone: object) -> None: ...
    def take(self, reason: Reason) -> None: ...
    def days(self, calendar: Calendar, first: date, last: date) -> None: ...


class _Reasons(list[Reason]):
    """The trail as reasons."""

    def add(self, terms: Terms, code: str, parameter: str, args: dict[str, Any], zone: object) -> None:
        told = {name: moment_of(value, zone) if name in _MOMENTS else value for name, value in args.items()}
        self.append(_reason(code, terms.values[parameter], **told))

    take = list.append

    def days(self, calendar: Calendar, first: date, last: date) -> None:
        self.extend(days_between(calendar, first, last))


class _Texts(list[str]):
    """The trail as the JSON of the same reasons, for a decision that is only stored."""

    def add(self, terms: Terms, code: str, parameter: str, args: dict[str, Any], zone: object) -> None:
        found = terms.frames.get(code)
        if found is None:
            found = terms.frames[code] = _frame(code, terms.values[parameter], args)
        frame, is_moment = found
        plain = zone is None
        told = [
            _moment_text(value, plain) if moment else _text(value)
            for moment, value in zip(is_moment, args.values(), strict=True)
        ]
        self.append(frame % tuple(told))

    def take(self, reason: Reason) -> None:
        self.append(to_text(reason))

    def days(self, calendar: Calendar, first: date, last: date) -> None:
        self.extend(_days_text(calendar, first, last))


def _frame(code: str, rests_on: Dated, args: Mapping[str, Any]) -> tuple[str, tuple[bool, ...]]:
    """A reason's text without its values, and which of those are moments. A code is always told with the same names: its sentence has them."""
    empty = to_text(_reason(code, rests_on, **dict.fromkeys(args, Written("\0"))))
    return empty.replace("%", "%%").replace("\0", "%s"), tuple(name in _MOMENTS for name in args)


_text = lru_cache(5_000, typed=True)(to_text)
_second = lru_cache(1_000)(
    second_of
)  # the three promises of a request begin with the same moments, and thousands look at the same now


@lru_cache(20_000)
def _moment_text(second: int | None, plain: bool) -> str:
    return "null" if second is None else to_text(moment_of(second, None if plain else True))


@lru_cache(5_000)
def _days_text(calendar: Calendar, first: date, last: date) -> tuple[str, ...]:
    return tuple(to_text(reason) for reason in days_between(calendar, first, last))


class _Walk:
    """Goes through a history once. `trail` collects what is told about it; without one nothing is told, and it is quick."""

    def __init__(
        self,
        terms: Terms,
        calendar: Calendar,
        extras: Sequence[Extra],
        received: Moment,
        start: int,
        trail: _Trail | None,
    ) -> None:
        if received.what != "received":
            raise ImpossibleHistory("no_receipt", "a history begins with the request being received")
        self.terms, self.calendar, self.trail = terms, calendar, trail
        self.extras = [extra for extra in extras if extra.promise == terms.promise] if extras else ()
        self.zone = received.at.tzinfo
        self.start = self.last = start
        self.level = self.level_applied = received.detail
        self.assigned: list[tuple[int, str]] = []
        self.paused_at: int | None = None
        self.paused_for: list[str] = []
        self.pauses: list[tuple[int, int]] = []
        self.end: int | None = None
        self.ended_as = ""
        self.missed = False
        self.warned: int | None = None
        self.begin(self.start)

    def begin(self, start: int) -> None:
        """Make every promise that holds from `start` on, and find the one that is due first."""
        self.candidates: list[OnAxis] = []
        if not (self.extras and self.terms.contract_only):
            self.candidates.append(self.candidate(self.terms.length, self.terms.unit, start, "rule"))
            if self.level in self.terms.levels:
                self.candidates.append(self.candidate(*self.terms.levels[self.level], start, "level"))
        for extra in self.extras:
            self.candidates.append(self.candidate(extra.length, extra.unit, start, extra.source))
        self.rule()
        if self.trail is not None:
            self.tell_promises(self.candidates)

    def candidate(self, length: int, unit: str, start: int, source: str) -> OnAxis:
        return OnAxis(length, unit, start, source, self.calendar, self.terms.whole_days)

    def rule(self) -> None:
        """The earliest due moment rules."""
        self.ruling = self.candidates[0]
        self.due = self.ruling.due(self.calendar)
        for other in self.candidates[1:]:
            if (due := other.due(self.calendar)) < self.due:
                self.ruling, self.due = other, due

    def follow(self, history: Sequence[Moment]) -> None:
        ended_by = self.terms.ended_by
        for at, what, detail in islice(history, 1, None):
            second = _second(at)
            if second < self.last:
                raise ImpossibleHistory("out_of_order", f"{what} at {at} is before what happened earlier")
            self.last = second
            if second > self.due:
                self.look_at(second)
            if what in ended_by:
                if self.end is None:
                    self.finish(second, what)
            elif what in _HAPPENS:
                _HAPPENS[what](self, second, detail)
            else:
                raise _impossible(what)

    def look_at(self, second: int) -> None:
        """A promise still open behind its due moment is missed, whatever happens after."""
        if second > self.due and not self.missed and self.end is None and self.paused_at is None:
            self.missed = True

    def finish(self, second: int, what: str) -> None:
        if self.paused_at is not None:
            self.resume(second, "")
        self.end, self.ended_as = second, what

    def cancel(self, second: int, detail: str) -> None:
        if self.end is None:
            self.finish(second, "cancelled")

    def assign(self, second: int, who: str) -> None:
        self.assigned.append((second, who))

    def pause(self, second: int, why: str) -> None:
        if self.end is not None or self.missed or why in self.paused_for:
            return
        if why not in self.terms.stopped_by:
            self.tell("pause_ignored", "paused_by", since=second, why=why, promise=self.terms.promise)
            return
        if self.paused_at is None:
            self.paused_at = second
        self.paused_for.append(why)

    def resume(self, second: int, why: str) -> None:
        """With a reason only that pause ends; the clock goes on when none is left."""
        if self.paused_at is None or (why and why not in self.paused_for):
            return
        reasons = tuple(self.paused_for)
        self.paused_for = [reason for reason in self.paused_for if why and reason != why]
        if self.paused_for:
            return
        self.shift(self.paused_at, second)
        self.tell("paused", "paused_by", since=self.paused_at, until=second, why=reasons, due=self.due)
        self.paused_at = None

    def shift(self, begin: int, end: int) -> None:
        self.pauses.append((begin, end))
        for candidate in self.candidates:
            candidate.shift(begin, end, self.calendar)
        self.rule()

    def reopen(self, second: int, detail: str) -> None:
        if self.end is None:
            return
        begin, cancelled = self.end, self.ended_as == "cancelled"
        reading = self.terms.reopening
        if reading == "stays" and not cancelled:
            return
        self.end, self.ended_as = None, ""
        if reading == "restart":
            self.missed, self.pauses, self.level_applied = False, [], self.level
            self.tell("reopened_restarts", "reopening", at=second)
            self.begin(second)
        elif reading == "from_receipt":
            self.tell("reopened_counts", "reopening", since=begin, at=second, due=self.due)
        elif not self.missed:
            self.shift(begin, second)
            self.tell("reopened_resumes", "reopening", since=begin, at=second, due=self.due)
        if self.level != self.level_applied:
            self.change(second, self.level)
        self.look_at(second)

    def change(self, second: int, level: str) -> None:
        """Another level: its own promise counts from the change, or from the receipt by the other reading."""
        self.level = level
        if self.end is not None or self.missed:
            return
        self.level_applied = level
        if self.extras and self.terms.contract_only:
            return
        self.candidates = [candidate for candidate in self.candidates if candidate.source != "level"]
        if level in self.terms.levels:
            start = second if self.terms.from_change else self.start
            added = self.candidate(*self.terms.levels[level], start, "level")
            for pause in self.pauses:
                added.shift(*pause, self.calendar)
            self.candidates.append(added)
        self.rule()
        self.tell("changed", "level_counts", at=second, level=level, due=self.due)
        if self.trail is not None:
            self.tell_promises([candidate for candidate in self.candidates if candidate.source == "level"])

    def refuse_receipt(self, second: int, detail: str) -> None:
        raise ImpossibleHistory("received_twice", "a request is received once")

    def nothing(self, second: int, detail: str) -> None:
        """Something another promise ends with."""

    def clock(self, now: datetime | None) -> Clock:
        """Where the promise stands at the end of the history, or later, at `now`."""
        second = max(self.last, _second(now)) if now else self.last
        self.look_at(second)
        ruling, end, paused = self.ruling, self.end, self.paused_at
        stopped = end if end is not None else paused if paused is not None else second
        left = ruling.left(stopped, self.calendar)
        due = None if paused is not None else self.moment(self.due)
        self.warned = None if paused is not None else self.warning()
        provisional_from = self.calendar.provisional_from
        return Clock(
            self.terms.promise,
            self.state(),
            self.moment(self.start),
            due,
            None if self.warned is None else self.moment(self.warned),
            ruling.total - left,
            max(left, 0),
            None if paused is None else self.moment(paused),
            None if end is None or self.ended_as == "cancelled" else self.moment(end),
            max(stopped - self.due, 0) if self.missed else 0,
            self.holder(),
            ruling.source,
            bool(provisional_from and ruling.working and due and due.year >= provisional_from),
        )

    def state(self) -> str:
        if self.missed:
            return "missed"
        if self.end is not None:
            return "cancelled" if self.ended_as == "cancelled" else "met"
        return "running" if self.paused_at is None else "paused"

    def warning(self) -> int:
        """When to warn: so many minutes before, or when only so much of the time is left, whichever is earlier."""
        terms, ruling = self.terms, self.ruling
        part, whole = terms.warn_share
        before = max(terms.warn_seconds, ruling.total * part // whole)
        place = ruling.place - before
        second = self.calendar.second_when(place) if ruling.working else place
        return min(max(second, ruling.floor), self.due)

    def holder(self) -> str:
        """Who had it when it was due, if it was missed; else who had it last."""
        for second, who in reversed(self.assigned):
            if not self.missed or second <= self.due:
                return who
        return ""

    def moment(self, second: int) -> datetime:
        return moment_of(second, self.zone)

    # What is told

    def tell(self, code: str, parameter: str, **args: Any) -> None:
        """A reason for the trail."""
        if self.trail is not None:
            self.trail.add(self.terms, code, parameter, args, self.zone)

    def tell_promises(self, candidates: Iterable[OnAxis]) -> None:
        """Each promise that holds, and of those on top whether it is the stricter."""
        for made in candidates:
            args = {"length": made.length, "unit": made.unit, "due": made.due(self.calendar)}
            if made.source == "rule":
                self.tell(
                    "promised",
                    _BASE[self.terms.promise][0],
                    start=made.start,
                    promise=self.terms.promise,
                    **args,
                )
                if made.unit == "workdays":
                    self.tell(
                        "whole_days" if self.terms.whole_days else "days_as_hours",
                        "resolution_counting",
                        **args,
                    )
                continue
            stricter = "stricter" if made is self.ruling else "looser"
            if made.source == "level":
                self.tell(f"level_{stricter}", "by_level", start=made.start, level=self.level, **args)
            else:
                self.tell(f"extra_{stricter}", "contract", start=made.start, source=made.source, **args)


_MOMENTS = frozenset(("start", "due", "since", "until", "at", "now", "warn"))

_HAPPENS: dict[str, Callable[[_Walk, int, str], None]] = {
    "received": _Walk.refuse_receipt,
    "answered": _Walk.nothing,
    "responded": _Walk.nothing,
    "solved": _Walk.nothing,
    "assigned": _Walk.assign,
    "paused": _Walk.pause,
    "resumed": _Walk.resume,
    "reopened": _Walk.reopen,
    "changed": _Walk.change,
    "cancelled": _Walk.cancel,
}


def _impossible(what: str) -> ImpossibleHistory:
    return ImpossibleHistory(
        "unknown", f"nothing called {what!r} happens to a request; known are {', '.join(_HAPPENS)}"
    )


def clock(
    promise: str,
    history: Sequence[Moment],
    book: Rulebook,
    calendar: Calendar,
    *,
    extra: Sequence[Extra] = (),
    roster: Roster | None = None,
    now: datetime | None = None,
) -> Clock:
    """Where a promise stands after a history: pure, quick, without reasons. `decide` tells them.

    The history begins with `received` and is in order of time; moments of the same second keep their order. Without `now` it
    stands as it stood at the last moment. Raises ImpossibleHistory, and YearNotPublished beyond the calendar.
    """
    return _walked(promise, history, book, calendar, extra, roster, None).clock(now)


def clocks(
    promise: str,
    histories: Iterable[Sequence[Moment]],
    book: Rulebook,
    calendar: Calendar,
    *,
    extra: Sequence[Extra] = (),
    roster: Roster | None = None,
    now: datetime | None = None,
) -> list[Clock]:
    """A column of clocks for one promise, such as a back-test asks for."""
    return [
        clock(promise, history, book, calendar, extra=extra, roster=roster, now=now) for history in histories
    ]


def _walked(
    promise: str,
    history: Sequence[Moment],
    book: Rulebook,
    calendar: Calendar,
    extra: Sequence[Extra],
    roster: Roster | None,
    trail: _Trail | None,
) -> _Walk:
    if not history:
        raise ImpossibleHistory("no_receipt", "a history begins with the request being received")
    received = _second(history[0].at)
    terms = _terms_of(promise, book, received // _DAY + 1)
    if roster and terms.roster_counts:
        calendar = on_duty(calendar, roster)
    walk = _Walk(terms, calendar, extra, history[0], received, trail)
    walk.follow(history)
    return walk


def decide(
    promise: str,
    history: Sequence[Moment],
    book: Rulebook,
    calendar: Calendar,
    *,
    extra: Sequence[Extra] = (),
    roster: Roster | None = None,
    now: datetime | None = None,
) -> Decision:
    """The clock as a decision: its answer is the clock as a table, its reasons say start, pauses, holidays and clauses."""
    trail = _Reasons()
    _walk, made = _decided(trail, promise, history, book, calendar, extra, roster, now)
    return Decision(QUESTION, made._asdict(), tuple(trail), book.cited)


def decide_in_text(
    promise: str,
    history: Sequence[Moment],
    book: Rulebook,
    calendar: Calendar,
    *,
    extra: Sequence[Extra] = (),
    roster: Roster | None = None,
    now: datetime | None = None,
) -> tuple[Clock, str, str]:
    """The same for whoever stores decisions by the ten thousand: the clock, and answer and reasons as their JSON in text."""
    trail = _Texts()
    walk, made = _decided(trail, promise, history, book, calendar, extra, roster, now)
    return made, _clock_text(walk, made), f'{{"$tuple":[{",".join(trail)}]}}'


_CLOCK = to_text(dict.fromkeys(Clock._fields, Written("%s")))


def _clock_text(walk: _Walk, made: Clock) -> str:
    """The clock's JSON, its moments from the seconds of the walk."""
    plain, paused = walk.zone is None, walk.paused_at is not None
    return _CLOCK % (
        to_text(made.promise), to_text(made.state), _moment_text(walk.start, plain),
        _moment_text(None if paused else walk.due, plain), _moment_text(walk.warned, plain), made.used, made.left,
        _moment_text(walk.paused_at, plain), _moment_text(walk.end if made.met_at else None, plain), made.late,
        to_text(made.holder), to_text(made.ruled_by), "true" if made.provisional else "false",
    )  # fmt: skip


def _decided(
    trail: _Trail,
    promise: str,
    history: Sequence[Moment],
    book: Rulebook,
    calendar: Calendar,
    extra: Sequence[Extra],
    roster: Roster | None,
    now: datetime | None,
) -> tuple[_Walk, Clock]:
    walk = _walked(promise, history, book, calendar, extra, roster, trail)
    made = walk.clock(now)
    _tell_calendar(walk, trail, roster)
    _tell_ending(walk, made, now)
    return walk, made


def _tell_calendar(walk: _Walk, trail: _Trail, roster: Roster | None) -> None:
    """For working time: the holidays and make-up workdays on the way, and days the roster arranges."""
    if not walk.ruling.working:
        return
    first, last = (date.fromordinal(second // _DAY + 1) for second in (walk.ruling.start, walk.due))
    if roster and walk.terms.roster_counts:
        _tell_roster(walk, roster, first, last)
    else:
        if walk.ruling.unit in ("working_minutes", "working_hours") and not walk.terms.stopped_by:
            start, due = (moment_of(second) for second in (walk.ruling.start, walk.due))
            trail.take(
                counted(start, walk.ruling.length * SECONDS[walk.ruling.unit], due, walk.calendar.book)
            )
        if roster:
            walk.tell("roster_ignored", "duty_roster")
    trail.days(walk.calendar, first, last)


def _tell_roster(walk: _Walk, roster: Roster, first: date, last: date) -> None:
    """What the roster says about the days from `first` to `last`."""
    if opened := tuple(day for day, *_ in roster.open if first <= day <= last):
        walk.tell("roster_open", "duty_roster", days=opened)
    if closed := tuple(day for day in roster.closed if first <= day <= last):
        walk.tell("roster_closed", "duty_roster", days=closed)
    for weekday, opening, closing in roster.weekly:
        walk.tell("roster_weekly", "duty_roster", weekday=weekday, opening=opening, closing=closing)


def _tell_ending(walk: _Walk, made: Clock, now: datetime | None) -> None:
    """How it stands: in time, too late, still open, paused, cancelled; and whether somebody had it when it was due."""
    rests_on = _BASE[made.promise][0]
    args: dict[str, Any] = {"promise": made.promise, "due": walk.due}
    match made.state:
        case "met":
            walk.tell("met", rests_on, **args, at=walk.end)
        case "paused":
            hours, minutes = divmod(made.left // 60, 60)
            walk.tell(
                "paused_now", "paused_by", since=walk.paused_at, why=tuple(walk.paused_for), hours=hours, minutes=minutes
            )  # fmt: skip
        case "cancelled":
            walk.tell("cancelled", "ended_by", **args)
        case "missed":
            hours, minutes = divmod(made.late // 60, 60)
            if made.met_at:
                walk.tell("met_late", rests_on, **args, at=walk.end, hours=hours, minutes=minutes)
            else:
                at = walk.last if now is None else max(walk.last, _second(now))
                walk.tell("open_late", rests_on, **args, now=at, hours=hours, minutes=minutes)
            walk.tell("missed_held" if made.holder else "missed_unassigned", "ended_by", **args)
        case _:
            walk.tell("running", rests_on, **args, warn=walk.warned)


def facts_of(
    promise: str,
    history: Sequence[Moment],
    *,
    extra: Sequence[Extra] = (),
    roster: Roster | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The facts a written-down decision keeps, so that `questions` can ask again: no names, no telephones."""
    facts: dict[str, Any] = {"promise": promise, "history": [tuple(moment) for moment in history]}
    if extra:
        facts["extra"] = [tuple(more) for more in extra]
    if roster:
        facts["roster"] = roster.as_facts()
    if now:
        facts["now"] = now
    return facts


def from_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `clock` and `decide`, books apart, from stored facts."""
    return {
        "promise": facts["promise"],
        "history": [Moment(*moment) for moment in facts["history"]],
        "extra": [Extra(*more) for more in facts.get("extra", ())],
        "roster": Roster.from_facts(facts["roster"]) if "roster" in facts else None,
        "now": facts.get("now"),
    }


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "service")
