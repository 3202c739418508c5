"""Complaints: the clocks of a complaint and of an authority's case, its severity, whether it repeats, who owns it, who may approve money.

Every clock is a function of the complaint's whole history, never a counter somebody maintains (as `promises`, whose axis it counts on):

    answer        from the receipt: the customer hears something (PV-5)
    verification  from the receipt, or from the department's: justified or not (PV-2, reading A-23)
    solution      from the timetable agreed with the customer, to its day (PV-2)
    result        from the department's word that it is done: the desk tells the customer (PV-3)
    callback      from then: the customer is called back (CS-6)

A case before an authority has clocks of its own: acceptance and mediation are the authority's, the reply is ours. docs/algorithms/complaints.md
tells all of it with an example. The values in force on the day the complaint was received decide.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sanbao_rules import escalation
from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import fen_to_yuan
from sanbao_rules.periods import next_working_day
from sanbao_rules.promises import SECONDS, Clock, ImpossibleHistory, Moment, OnAxis
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import Calendar, counted, days_between, moment_of, second_of

CLOCK, STEP, WEIGHT, REPEAT, OWNER, APPROVAL, VERDICT = (
    "complaint.clock", "complaint.step", "complaint.weight", "complaint.repeat", "complaint.owner", "complaint.approval", "complaint.verdict",
)  # fmt: skip
CLOCKS = ("answer", "verification", "solution", "result", "callback")
CASE_CLOCKS = ("acceptance", "mediation", "reply")
HAPPENS = (
    "received", "assigned", "answered", "handed", "verified", "promised", "solved", "told", "called_back", "paused", "resumed", "reopened",
    "withdrawn", "accepted", "refused", "replied", "ended",
)  # fmt: skip

# How long a clock runs: the parameter, how its length is counted (a parameter, or none), and the unit for each way of counting.
_LENGTHS: dict[str, tuple[str, str, dict[str, str]]] = {
    "answer": ("answer_hours", "answer_counting", {"natural": "hours", "working": "working_hours"}),
    "verification": ("verification_workdays", "workday_counting", {"days": "workdays", "hours": "workdays"}),
    "result": ("result_workdays", "workday_counting", {"days": "workdays", "hours": "workdays"}),
    "callback": ("callback_workdays", "workday_counting", {"days": "workdays", "hours": "workdays"}),
    "acceptance": ("acceptance_workdays", "", {"": "workdays"}),
    "mediation": ("mediation_days", "", {"": "days"}),
}
_OF_DAY = {
    "solution": "timetable",
    "reply": "reply_day",
}  # these end on a day that was named, not after a length
_STARTED_BY = {
    "answer": "received", "result": "solved", "callback": "told", "acceptance": "received", "mediation": "accepted",
    "solution": "promised", "reply": "promised",
}  # fmt: skip
_DAY = 86_400


class UnknownWord(ValueError):
    """A kind, a harm or a flag the book has no rule for. The message names those it knows."""


class _Walk:
    """Goes through a history once and keeps where one clock stands. `trail` collects what is told; without one nothing is told."""

    def __init__(
        self, kind: str, history: Sequence[Moment], book: Rulebook, calendar: Calendar, trail: list[Reason] | None
    ) -> None:  # fmt: skip
        if kind not in (*CLOCKS, *CASE_CLOCKS):
            raise ValueError(f"no clock is called {kind!r}; known are {', '.join((*CLOCKS, *CASE_CLOCKS))}")
        if not history or history[0].what != "received":
            raise ImpossibleHistory("no_receipt", "a history begins with the complaint being received")
        self.kind, self.book, self.calendar, self.trail = kind, book, calendar, trail
        self.zone = history[0].at.tzinfo
        self.received = self.last = second_of(history[0].at)
        self.on = moment_of(self.received).date()
        self.ended_by = frozenset(self.value("ended_by").value[kind])
        self.stopped_by = frozenset(self.value("paused_by").value.get(kind, ()))
        self.running: OnAxis | None = None
        self.started = self.received
        self.paused_at: int | None = None
        self.paused_for: list[str] = []
        self.end: int | None = None
        self.cancelled = False
        self.missed = False
        self.assigned: list[tuple[int, str]] = []
        self.follow(history)

    def value(self, parameter: str) -> Dated:
        return self.book.value(parameter, self.on)

    def follow(self, history: Sequence[Moment]) -> None:
        for place, (at, what, detail) in enumerate(history):
            second = second_of(at)
            if second < self.last:
                raise ImpossibleHistory("out_of_order", f"{what} at {at} is before what happened earlier")
            if what not in HAPPENS:
                raise ImpossibleHistory("unknown", f"nothing called {what!r} happens to a complaint; known are {', '.join(HAPPENS)}")  # fmt: skip
            if what == "received" and place:
                raise ImpossibleHistory("received_twice", "a complaint is received once")
            self.last = second
            self.look_at(second)
            self.happens(second, what, detail)

    def happens(self, second: int, what: str, detail: str) -> None:
        if what == "reopened":
            self.reopen(second)
        if what in self.starts():
            self.start(second, what, detail)
        if what in self.ended_by and self.end is None and self.running is not None:
            self.finish(second)
        if what == "withdrawn":
            self.withdraw(second)
        elif what == "assigned":
            self.assigned.append((second, detail))
        elif what == "paused":
            self.pause(second, detail)
        elif what == "resumed":
            self.resume(second, detail)

    def starts(self) -> tuple[str, ...]:
        """What starts this clock. After a reopening the complaint is verified anew."""
        if self.kind == "verification":
            reading = self.value("verification_from").value
            return ("received" if reading == "receipt" else "handed", "reopened")
        return (_STARTED_BY[self.kind],)

    def start(self, second: int, what: str, detail: str) -> None:
        if self.kind in _OF_DAY:
            self.agree(second, date.fromisoformat(detail))
        elif self.running is None:
            self.started = second
            self.running = self.measured(second)
            self.tell_start(what)

    def measured(self, second: int) -> OnAxis:
        """The clock as a place on its axis of natural or working time."""
        parameter, counting, units = _LENGTHS[self.kind]
        length = self.value(parameter).value
        way = self.value(counting).value if counting else ""
        unit = units[way]
        if unit != "days":
            return OnAxis(length, unit, second, self.kind, self.calendar, way != "hours")
        last = next_working_day(moment_of(second).date() + timedelta(days=length), self.calendar)
        return self.until(second, last, length, unit)

    def until(self, second: int, last: date, length: int = 0, unit: str = "days") -> OnAxis:
        """A clock that ends with a day: at closing time, or at midnight."""
        ends = self.value("day_ends").value
        closing = self.book_of_calendar("closing", last)
        of_day = closing.hour * 3600 + closing.minute * 60 if ends == "closing" else _DAY - 1
        made = OnAxis(0, "minutes", second, self.kind, self.calendar, True)
        made.length, made.unit = length, unit
        made.place = max((last.toordinal() - 1) * _DAY + of_day, second)
        made.total = made.place - second
        return made

    def book_of_calendar(self, parameter: str, on: date) -> Any:
        return self.calendar.book.value(parameter, on).value

    def agree(self, second: int, last: date) -> None:
        """A day was agreed with the customer, or named by the authority. A later day counts where the reading says so, and only in time."""
        if self.running is None or self.end is not None:
            self.started, self.end, self.missed = second, None, False
            self.running = self.until(second, last)
            self.tell("timetable", "day_ends", at=second, last=last, due=self.due, promise=self.kind)
        elif self.value("timetable").value == "first":
            self.tell("timetable_first", "timetable", at=second, last=last, due=self.due)
        elif self.missed:
            self.tell("timetable_too_late", "timetable", at=second, last=last, due=self.due)
        else:
            paused = self.paused_at
            self.running = self.until(self.started, last)
            self.paused_at = second if paused is not None else None
            self.tell("timetable_changed", "timetable", at=second, last=last, due=self.due)

    @property
    def due(self) -> int:
        assert self.running is not None
        return self.running.due(self.calendar)

    def look_at(self, second: int) -> None:
        """A clock still running behind its due moment is missed, whatever happens after."""
        if self.running is not None and self.end is None and self.paused_at is None and second > self.due:
            self.missed = True

    def finish(self, second: int) -> None:
        if self.paused_at is not None:
            self.resume(second, "")
        self.end = second

    def withdraw(self, second: int) -> None:
        if self.end is None and self.running is not None:
            self.finish(second)
            self.cancelled = True
        elif self.running is None:
            self.cancelled = True

    def reopen(self, second: int) -> None:
        """What was ended begins anew, but for the answer, which the customer has had."""
        if self.kind == "answer":
            return
        self.running, self.end, self.missed, self.paused_at, self.paused_for = None, None, False, None, []
        self.tell("reopened", "ended_by", at=second)

    def pause(self, second: int, why: str) -> None:
        if self.running is None or self.end is not None or self.missed or why in self.paused_for:
            return
        if why not in self.stopped_by:
            self.tell("pause_ignored", "paused_by", since=second, why=why, promise=self.kind)
            return
        if self.paused_at is None:
            self.paused_at = second
        self.paused_for.append(why)

    def resume(self, second: int, why: str) -> None:
        """With a reason only that pause ends; the clock goes on when none is left."""
        if self.paused_at is None or self.running is None or (why and why not in self.paused_for):
            return
        reasons = tuple(self.paused_for)
        self.paused_for = [reason for reason in self.paused_for if why and reason != why]
        if self.paused_for:
            return
        self.running.shift(self.paused_at, second, self.calendar)
        self.tell("paused", "paused_by", since=self.paused_at, until=second, why=reasons, due=self.due)
        self.paused_at = None

    def clock(self, now: datetime | None) -> Clock:
        """Where it stands at the end of the history, or later, at `now`."""
        second = max(self.last, second_of(now)) if now else self.last
        self.look_at(second)
        if self.running is None:
            state = "cancelled" if self.cancelled else "not_begun"
            return Clock(self.kind, state, self.moment(self.received), None, None, 0, 0, None, None, 0, self.holder(0), "rule", False)  # fmt: skip
        stopped = (
            self.end if self.end is not None else self.paused_at if self.paused_at is not None else second
        )
        left, paused = self.running.left(stopped, self.calendar), self.paused_at is not None
        due = self.due
        provisional_from = self.calendar.provisional_from
        return Clock(
            self.kind,
            self.state(),
            self.moment(self.started),
            None if paused else self.moment(due),
            None if paused else self.warning(due),
            self.running.total - left,
            max(left, 0),
            self.moment(self.paused_at) if self.paused_at is not None else None,
            self.moment(self.end) if self.end is not None and not self.cancelled else None,
            max(stopped - due, 0) if self.missed else 0,
            self.holder(due),
            "rule",
            bool(provisional_from and self.running.working and moment_of(due).year >= provisional_from),
        )

    def state(self) -> str:
        if self.missed:
            return "missed"
        if self.end is not None:
            return "cancelled" if self.cancelled else "met"
        return "running" if self.paused_at is None else "paused"

    def warning(self, due: int) -> datetime:
        """When to warn: so many minutes before, or when only so much of the time is left, whichever is earlier."""
        assert self.running is not None
        told = self.value("warn_before").value.get(self.kind, {})
        part, whole = Decimal(told.get("share", 0)).as_integer_ratio()
        before = max(told.get("minutes", 0) * 60, self.running.total * part // whole)
        place = self.running.place - before
        second = self.calendar.second_when(place) if self.running.working else place
        return self.moment(min(max(second, self.running.floor), due))

    def holder(self, due: int) -> str:
        """Who had it when it was due, if it was missed; else who had it last."""
        for second, who in reversed(self.assigned):
            if not self.missed or second <= due:
                return who
        return ""

    def moment(self, second: int) -> datetime:
        return moment_of(second, self.zone)

    # What is told

    def tell(self, code: str, parameter: str, **args: Any) -> None:
        """A reason for the trail. Seconds become moments here, so that nothing is made when nobody listens."""
        if self.trail is not None:
            told = {name: self.moment(value) if name in _MOMENTS else value for name, value in args.items()}
            self.trail.append(_reason(code, self.value(parameter), **told))

    def tell_start(self, what: str) -> None:
        made = self.running
        assert made is not None
        parameter = _LENGTHS[self.kind][0]
        self.tell(
            "started", parameter, what=what, start=self.started, length=made.length, unit=made.unit, promise=self.kind, due=self.due
        )  # fmt: skip
        if self.kind == "verification" and what != "reopened":
            self.tell(f"from_{self.value('verification_from').value}", "verification_from")
        if made.unit == "workdays":
            whole = self.kind == "acceptance" or self.value("workday_counting").value == "days"
            self.tell("whole_days" if whole else "days_as_hours", "workday_counting", length=made.length)
        if made.unit == "days":
            self.tell("last_day_worked", "day_ends", due=self.due)


_MOMENTS = frozenset(("start", "due", "since", "until", "at", "now"))


def clock(
    kind: str, history: Sequence[Moment], book: Rulebook, calendar: Calendar, *, now: datetime | None = None
) -> Clock:
    """Where a clock stands after a history: pure, without reasons. `decide` tells them. One that has not begun is "not_begun".

    The history begins with `received` and is in order of time. Raises ImpossibleHistory, and YearNotPublished beyond the calendar.
    """
    return _Walk(kind, history, book, calendar, None).clock(now)


def decide(
    kind: str, history: Sequence[Moment], book: Rulebook, calendar: Calendar, *, now: datetime | None = None
) -> Decision:
    """The clock as a decision: its answer is the clock as a table, its reasons say start, pauses, holidays and clauses."""
    trail: list[Reason] = []
    walk = _Walk(kind, history, book, calendar, trail)
    made = walk.clock(now)
    reasons = [*trail, *_calendar_reasons(walk), *_ending(walk, made, now)]
    return Decision(CLOCK, made._asdict(), tuple(reasons), book.cited)


def _calendar_reasons(walk: _Walk) -> Iterable[Reason]:
    """For working time: the hours counted, the holidays and make-up workdays on the way."""
    running = walk.running
    if running is None or not (running.working or running.unit == "days"):
        return
    start, due = moment_of(running.start), moment_of(walk.due)
    if running.unit == "working_hours":
        yield counted(start, running.length * SECONDS["working_hours"], due, walk.calendar.book)
    if running.working:
        yield from days_between(walk.calendar, start.date(), due.date())


def _ending(walk: _Walk, made: Clock, now: datetime | None) -> Iterable[Reason]:
    """How it stands: not begun, in time, too late, still open, paused, withdrawn; and whether somebody had it when it was due."""
    kind = made.promise
    rests_on = walk.value(_LENGTHS[kind][0] if kind in _LENGTHS else _OF_DAY[kind])
    args: dict[str, Any] = {"promise": kind, "due": made.due_at}
    match made.state:
        case "not_begun":
            yield _reason("not_begun", walk.value("ended_by"), promise=kind, what=walk.starts()[0])
        case "cancelled":
            yield _reason("withdrawn", walk.value("ended_by"), promise=kind)
        case "paused":
            hours, minutes = divmod(made.left // 60, 60)
            yield _reason("paused_now", walk.value("paused_by"), since=made.paused_since, why=tuple(walk.paused_for), hours=hours, minutes=minutes)  # fmt: skip
        case "met":
            yield _reason("met", rests_on, **args, at=made.met_at)
        case "missed":
            hours, minutes = divmod(made.late // 60, 60)
            late = {"hours": hours, "minutes": minutes}
            if made.met_at:
                yield _reason("met_late", rests_on, **args, at=made.met_at, **late)
            else:
                at = walk.moment(max(walk.last, second_of(now)) if now else walk.last)
                yield _reason("open_late", rests_on, **args, now=at, **late)
            held = "missed_held" if made.holder else "missed_unassigned"
            yield _reason(held, walk.value("ended_by"), promise=kind, due=made.due_at)
        case _:
            yield _reason("running", rests_on, **args, warn=made.warn_at)


def facts_of(kind: str, history: Sequence[Moment], *, now: datetime | None = None) -> dict[str, Any]:
    """The facts a written-down clock keeps, so that `questions` can ask again: no names, no telephones."""
    facts: dict[str, Any] = {"clock": kind, "history": [tuple(moment) for moment in history]}
    return facts | {"now": now} if now else facts


def steps_due(
    made: Clock, book: Rulebook, calendar: Calendar, *, now: datetime, sent: Collection[str] = ()
) -> tuple[tuple[escalation.Step, Decision], ...]:
    """The rungs of the ladder that are due at a moment and not in `sent` (CS-6: complaints go up to the company's leaders)."""
    if made.state in ("not_begun", "cancelled"):
        return ()
    return escalation.due_now(made, book, calendar, now=now, sent=sent, question=STEP)


# How bad it is, whether it repeats, whose it is


class Facts(NamedTuple):
    """What decides how bad a complaint is: what it is about, the harm, what raises it, the day it was received."""

    kind: str
    harm: str
    flags: tuple[str, ...]
    on: date


def weight(facts: Facts, book: Rulebook) -> Decision:
    """The severity's code, one of the book's `severities`: the table's row, and everything that raised it (GN-4, ST-8)."""
    on = facts.on
    table, grades = book.value("weights", on), book.value("severities", on).value
    kind = facts.kind if facts.kind in table.value else "other"
    if facts.harm not in table.value[kind]:
        raise UnknownWord(f"unknown harm {facts.harm!r}; known are {', '.join(table.value[kind])}")
    grade = table.value[kind][facts.harm]
    reasons = [_reason("by_table", table, kind=kind, harm=facts.harm, grade=grade)]
    raising = book.value("raises", on)
    known = {rule["flag"] for rule in raising.value}
    if unknown := sorted(set(facts.flags) - known):
        raise UnknownWord(
            f"no rule says what {', '.join(unknown)} raises; known are {', '.join(sorted(known))}"
        )
    for rule in raising.value:
        if rule["flag"] in facts.flags:
            raised = _raised(rule, grade, grades)
            code = "raised" if raised != grade else "high_enough"
            reasons.append(_reason(code, raising, flag=rule["flag"], before=grade, grade=raised))
            grade = raised
    return Decision(WEIGHT, grade, tuple(reasons), book.cited)


def _raised(rule: Mapping[str, Any], grade: str, grades: Sequence[str]) -> str:
    now = grades.index(grade)
    lifted = grades.index(rule["at_least"]) if "at_least" in rule else now + rule["steps"]
    return grades[min(max(now, lifted), len(grades) - 1)]


class Earlier(NamedTuple):
    """A complaint of the same customer or about the same unit before this one; `alike` is what they have in common: unit, kind, customer."""

    number: str
    on: date
    alike: tuple[str, ...]


def repeat(earlier: Sequence[Earlier], book: Rulebook, on: date) -> Decision:
    """Whether a complaint repeats an earlier one: {"repeated": bool, "first": number or ""}; the latest that is alike within the time."""
    window, alike = book.value("repeat_days", on), book.value("repeat_alike", on)
    first = on - timedelta(days=window.value)
    found = [
        each
        for each in earlier
        if first <= each.on <= on and any(set(row.split("+")) <= set(each.alike) for row in alike.value)
    ]
    if not found:
        reason = _reason("no_repeat", window, days=window.value)
        return Decision(REPEAT, {"repeated": False, "first": ""}, (reason,), book.cited)
    last = max(found, key=lambda each: (each.on, each.number))
    reasons = (
        _reason("repeat", window, number=last.number, received=last.on, days=window.value),
        _reason("repeat_alike", alike, alike=tuple(sorted(last.alike))),
    )
    return Decision(REPEAT, {"repeated": True, "first": last.number}, reasons, book.cited)


def owner(kind: str, book: Rulebook, on: date) -> Decision:
    """The department that answers for a complaint of a kind (reading A-28); the result goes back through the desk in any case."""
    owners = book.value("owners", on)
    department = next((code for code, kinds in owners.value.items() if kind in kinds), "")
    if department:
        reasons = [_reason("owned", owners, kind=kind, department=department)]
    else:
        otherwise = book.value("owner_otherwise", on)
        department = otherwise.value
        reasons = [_reason("owned_otherwise", otherwise, kind=kind, department=department)]
    reasons.append(_reason("one_person", book.value("responsible", on)))
    reasons.append(_reason("through_the_desk", book.value("result_workdays", on)))
    return Decision(OWNER, department, tuple(reasons), book.cited)


def approval(kind: str, amount_fen: int, book: Rulebook, on: date) -> Decision:
    """Which post approves a compensation: the lowest rung of the ladder whose limit holds the amount, else the company's leaders."""
    ladder = book.value("approval_ladder", on)
    for post, limit in sorted(ladder.value.items(), key=lambda rung: rung[1]):
        if fen_to_yuan(amount_fen) <= limit:
            reason = _reason("approved_by", ladder, kind=kind, amount=amount_fen, post=post, limit=limit)
            return Decision(APPROVAL, post, (reason,), book.cited)
    top = max(ladder.value.values())
    reason = _reason("above_the_ladder", ladder, kind=kind, amount=amount_fen, limit=top)
    return Decision(APPROVAL, "leaders", (reason,), book.cited)


def verdict(
    justified: bool, cause: str, day_agreed: bool, routes: Sequence[str], book: Rulebook, on: date
) -> Decision:
    """What a verification still lacks: a cause always (PV-4); a day where it is justified (PV-2), other routes where it is not (A-24)."""
    causes, known = book.value("causes", on), book.value("routes", on)
    lacking, reasons = [], []
    if cause in causes.value:
        reasons.append(_reason("verdict_whole", causes))
    else:
        lacking.append(("cause", causes))
    if justified and day_agreed:
        reasons.append(_reason("day_agreed", book.value("timetable", on)))
    elif justified:
        lacking.append(("timetable", book.value("timetable", on)))
    elif routes and all(route in known.value for route in routes):
        reasons.append(_reason("routes_named", known, routes=tuple(routes)))
    else:
        lacking.append(("routes", known))
    reasons += [_reason("verdict_lacks", rests_on, what=what) for what, rests_on in lacking]
    return Decision(VERDICT, {"missing": [what for what, _rests_on in lacking]}, tuple(reasons), book.cited)


def may_approve(post: str, needed: str, book: Rulebook, on: date) -> bool:
    """Whether a post stands on the needed rung or above it. What only the company's leaders decide, the highest rung enters for them."""
    ladder = book.value("approval_ladder", on).value
    top = max(ladder, key=lambda code: ladder[code])
    if needed == "leaders":
        return bool(post == top)
    return post in ladder and bool(ladder[post] >= ladder[needed])


def words(book: Rulebook, on: date) -> dict[str, tuple[str, ...]]:
    """The codes that may be chosen from on a day: kinds, harms, flags, severities, causes, routes. `book.word` says them."""
    table = book.value("weights", on).value
    return {
        "kinds": tuple(table),
        "harms": tuple(table["other"]),
        "flags": tuple(rule["flag"] for rule in book.value("raises", on).value),
        "severities": tuple(book.value("severities", on).value),
        "causes": tuple(book.value("causes", on).value),
        "routes": tuple(book.value("routes", on).value),
    }


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "complaints")
