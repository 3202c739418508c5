"""How long a repair took until normal use was restored, whether it held, and what the national rules give when it didn't.

SR-4, GN-2, and the rule of 1995 on repair, exchange and return.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.promises import ImpossibleHistory, Moment
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import Calendar, moment_of, second_of

TIME = "workorder.repair_time"
REPEAT = "workorder.repeat"
FIRST_TIME = "workorder.first_time_fix"
HAPPENS = (
    "reported", "agreed", "started", "waiting", "resumed", "left", "restored", "reopened",
)  # fmt: skip


class Past(NamedTuple):
    """One order of a unit. `cause` of a delay is own (the repairer's), part, or empty; codes only, no names."""

    order: str
    reported_on: date
    done_on: date | None = None
    fault: str = ""
    components: tuple[str, ...] = ()
    cured: bool = True
    cause: str = ""
    visits: int = 1


class _Times:
    """Goes through a history once and adds up its seconds."""

    def __init__(self, history: Sequence[Moment], calendar: Calendar, day: int) -> None:
        self.calendar, self.day = calendar, day
        self.natural = self.working = self.waiting = self.hands_on = self.days = 0
        self.why: list[str] = []
        self.start = self.last = second_of(history[0].at)
        self.open_since: int | None = self.start
        self.waiting_since: int | None = None
        self.at_it_since: int | None = None
        self.agreed: int | None = None
        self.restored: int | None = None

    def follow(self, history: Sequence[Moment], now: datetime | None) -> None:
        for at, what, detail in history[1:]:
            second = second_of(at)
            if second < self.last:
                raise ImpossibleHistory("out_of_order", f"{what} at {at} is before what happened earlier")
            if what not in HAPPENS or what == "reported":
                raise ImpossibleHistory(
                    "unknown",
                    f"nothing called {what!r} happens in a repair; known are {', '.join(HAPPENS[1:])}",
                )
            self.last = second
            self.happen(what, second, detail)
        if self.open_since is not None:
            self.close(max(self.last, second_of(now)) if now else self.last)

    def happen(self, what: str, second: int, detail: str) -> None:
        if what == "reopened":
            if self.open_since is None:
                self.open_since, self.restored = second, None
            return
        if self.open_since is None:
            return
        match what:
            case "agreed":
                self.agreed = second if self.agreed is None else self.agreed
            case "resumed":
                self.end_waiting(second)
            case "started":
                self.end_waiting(second)
                self.at_it_since = second if self.at_it_since is None else self.at_it_since
                self.agreed = second if self.agreed is None else self.agreed
            case "waiting":
                self.leave(second)
                self.waiting_since = second if self.waiting_since is None else self.waiting_since
                if detail and detail not in self.why:
                    self.why.append(detail)
            case "left":
                self.leave(second)
            case _:  # restored
                self.close(second)
                self.open_since, self.restored = None, second

    def leave(self, second: int) -> None:
        if self.at_it_since is not None:
            self.hands_on += second - self.at_it_since
            self.at_it_since = None

    def end_waiting(self, second: int) -> None:
        if self.waiting_since is not None:
            self.waiting += second - self.waiting_since
            self.waiting_since = None

    def close(self, second: int) -> None:
        """Add up to here: a restoration, or the end of what is known."""
        since = self.open_since if self.open_since is not None else second
        self.leave(second)
        self.end_waiting(second)
        self.natural += second - since
        self.working += self.calendar.worked_by(second) - self.calendar.worked_by(since)
        if self.agreed is not None:
            self.days += -(-(second - self.agreed) // self.day)
            self.agreed = None


def repair_time(
    history: Sequence[Moment],
    category: str,
    kind: str,
    book: Rulebook,
    calendar: Calendar,
    *,
    now: datetime | None = None,
) -> Decision:
    """From the report until normal use was restored: natural and working time, waits, hands-on time against the standard."""
    if not history or history[0].what != "reported":
        raise ImpossibleHistory("no_receipt", "a history begins with the fault being reported")
    on = moment_of(second_of(history[0].at)).date()
    ends, standards, hours = (
        book.value(name, on) for name in ("restored_gates", "time_standards", "repair_day_hours")
    )
    times = _Times(history, calendar, hours.value * 3600)
    times.follow(history, now)
    standard = standards.value.get(category, {}).get(kind)
    spent = times.hands_on // 60
    zone = history[0].at.tzinfo
    restored = moment_of(times.restored, zone) if times.restored is not None else None
    answer = {
        "state": "restored" if restored else "open",
        "restored_at": restored,
        "natural_minutes": times.natural // 60,
        "working_minutes": times.working // 60,
        "waiting_minutes": times.waiting // 60,
        "hands_on_minutes": spent,
        "repair_days": times.days,
        "standard_minutes": standard,
        "in_standard": None if standard is None else spent <= standard,
    }
    start = moment_of(times.start, zone)
    reasons = [
        _reason("restored", ends, start=start, at=restored, **_hours(times.natural))
        if restored
        else _reason("not_restored", ends, start=start, **_hours(times.natural)),
        _reason("working_time", ends, **_hours(times.working)),
    ]
    if times.waiting:
        reasons.append(_reason("waited", ends, why=tuple(times.why), **_hours(times.waiting)))
    if times.days:
        reasons.append(_reason("repair_days", hours, hours=hours.value, days=times.days))
    if standard is None:
        reasons.append(_reason("no_standard", standards, category=category, kind=kind, spent=spent))
    else:
        code = "in_standard" if spent <= standard else "over_standard"
        reasons.append(
            _reason(code, standards, spent=spent, standard=standard, over=max(spent - standard, 0))
        )
    return Decision(TIME, answer, tuple(reasons), book.cited)


def _hours(seconds: int) -> dict[str, int]:
    hours, minutes = divmod(seconds // 60, 60)
    return {"hours": hours, "minutes": minutes}


def related(one: Past, other: Past) -> bool:
    """The same fault, or a component both had."""
    return bool(one.fault and one.fault == other.fault) or bool(set(one.components) & set(other.components))


def repeat(orders: Sequence[Past], book: Rulebook, on: date, *, in_warranty: bool = True) -> Decision:
    """Whether the last of a unit's orders is a repeat repair, and whether the customer may now ask for an exchange."""
    if not orders:
        raise ImpossibleHistory("no_receipt", "a unit without orders has no repeat")
    *earlier, current = orders
    if any(one.reported_on > other.reported_on for one, other in zip(orders, orders[1:], strict=False)):
        raise ImpossibleHistory(
            "out_of_order", "the orders of a unit are given in the order of their reports"
        )
    window = book.value("repeat_days", on)
    finished = [past for past in earlier if past.done_on is not None and related(past, current)]
    again = _again(finished, current, window.value)
    reasons = []
    answer: dict[str, Any] = {"repeat": again is not None, "of": "", "days": None, "labour_free": False}
    if again is not None:
        before, days = again
        answer |= {"of": before.order, "days": days, "labour_free": True}
        reasons += [
            _reason(
                "repeat", window, order=before.order, done=before.done_on, days=days, window=window.value
            ),
            _reason("repeat_no_labour", window),
        ]
    else:
        reasons.append(_reason("no_repeat", window, window=window.value))
    grounds = list(_grounds(finished, current, book, on))
    if grounds and not in_warranty:
        reasons.append(_reason("exchange_out_of_warranty", grounds[0].rests_on))
        grounds = []
    reasons += [ground.reason for ground in grounds]
    if grounds:
        reasons.append(_reason("exchange_right", grounds[0].rests_on))
        reasons.append(_reason("exchange_refund", book.value("refund_without_model", on)))
        if any(ground.code == "own_cause" for ground in grounds):
            reasons.append(_reason("exchange_cost", book.value("own_cause_days", on)))
    answer["exchange"] = [ground.code for ground in grounds]
    return Decision(REPEAT, answer, tuple(reasons), book.cited)


class _Ground(NamedTuple):
    code: str
    reason: Reason
    rests_on: Dated


def _again(finished: Iterable[Past], current: Past, window: int) -> tuple[Past, int] | None:
    """The latest related repair done so shortly before, and the days between."""
    near = [
        (past, (current.reported_on - past.done_on).days)
        for past in finished
        if past.done_on is not None and past.done_on <= current.reported_on
    ]
    near = [(past, days) for past, days in near if days <= window]
    return min(near, key=lambda pair: pair[1]) if near else None


def _grounds(finished: Sequence[Past], current: Past, book: Rulebook, on: date) -> Iterable[_Ground]:
    """On which grounds the product is to be exchanged by the national rule."""
    limit = book.value("exchange_repairs", on)
    failing = current.done_on is None or not current.cured
    repairs = len(finished) + (current.done_on is not None)
    if failing and repairs >= limit.value:
        yield _Ground("two_repairs", _reason("exchange_two_repairs", limit, count=repairs), limit)
    days = ((current.done_on or on) - current.reported_on).days
    for cause, ground, parameter in (
        ("own", "own_cause", "own_cause_days"),
        ("part", "part_wait", "part_wait_days"),
    ):
        longest = book.value(parameter, on)
        if current.cause == cause and days > longest.value:
            told = _reason(f"exchange_{ground}", longest, days=days, limit=longest.value)
            yield _Ground(ground, told, longest)


def first_time_fix(order: Past, later: Sequence[Past], book: Rulebook, on: date) -> Decision:
    """Solved the first time: one visit, cured, and no related report within the days that follow (GN-2)."""
    window = book.value("first_fix_days", on)
    state, code, args = _first_time(order, later, window.value, on)
    return Decision(FIRST_TIME, {"state": state}, (_reason(code, window, **args),), book.cited)


def _first_time(order: Past, later: Sequence[Past], window: int, on: date) -> tuple[str, str, dict[str, Any]]:
    if order.visits > 1:
        return "no", "fix_visits", {"visits": order.visits}
    if order.done_on is None:
        return "pending", "fix_open", {}
    if not order.cured:
        return "no", "fix_not_cured", {}
    until = order.done_on + timedelta(days=window)
    for past in later:
        if order.done_on <= past.reported_on <= until and related(order, past):
            return "no", "fix_repeated", {"order": past.order, "reported": past.reported_on}
    if on <= until:
        return "pending", "fix_pending", {"until": until}
    return "yes", "fix_yes", {"until": until}


def past_from(stored: Mapping[str, Any]) -> Past:
    """An order from stored facts."""
    known = dict(stored)
    known["components"] = tuple(known.get("components", ()))
    return Past(**known)


def facts_of(orders: Iterable[Past]) -> list[dict[str, Any]]:
    """Orders as a written-down decision keeps them; what is empty is left out."""
    return [
        {name: value for name, value in past._asdict().items() if value != Past._field_defaults.get(name)}
        for past in orders
    ]


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
