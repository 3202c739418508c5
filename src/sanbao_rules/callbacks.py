"""Callbacks: who is called after a job, by when, what follows each try, how a day's calls are shared out (KA-9.1 to KA-9.4).

Whether a job is called at all depends on its flags and its number alone, never on chance: the same number gives the same answer.
docs/algorithms/callbacks.md tells all of it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import Period, add_working_days, last_day_of
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import CHINA, Calendar, moment_of, second_of

PLAN, NEXT, SPREAD, ANSWER, URGENT = (
    "callbacks.plan", "callbacks.next", "callbacks.spread", "callbacks.answer", "callbacks.urgent"
)  # fmt: skip
KINDS = ("installation", "repair", "service")
OUTCOMES = ("reached", "no_answer", "wrong_number", "refuses", "call_later")
BARS = ("never_call", "no_number")

_SHARE = Decimal("0.0001")
_DAY = timedelta(days=1)
_SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400, "working_minutes": 60, "working_hours": 3600}


@dataclass(frozen=True, slots=True)
class Job:
    """A finished job. `flags` are what speaks for a call in any case; `barred` says why nobody may be called, or nothing."""

    kind: str
    number: str
    completed_on: date
    arrived_on: date
    component: str = ""
    flags: tuple[str, ...] = ()
    barred: str = ""


def plan(job: Job, book: Rulebook, calendar: Calendar, on: date) -> Decision:
    """Whether the customer of a job is called, and by when: {"called", "why", "calls": [{"round", "from_on", "due_on"}]}.

    `on` is the day the paper arrives or the job closes; its rules hold for all calls of the job.
    """
    if job.kind not in KINDS:
        raise ValueError(f"no kind of job is called {job.kind!r}; known are {', '.join(KINDS)}")
    called, why, reasons = _chosen(job, book, on)
    calls: list[dict[str, Any]] = []
    if called:
        for number, period in enumerate(_periods(job.kind, book, on), 1):
            due, told = _due(job, period, book, calendar, on)
            if calls and due <= calls[-1]["due_on"]:
                reasons.append(_reason("overtaken", period, due=due))
                continue
            calls.append({"round": number, "from_on": _from(job, due, book, calendar, on), "due_on": due})
            reasons += told
    return Decision(PLAN, {"called": called, "why": why, "calls": calls}, tuple(reasons), book.cited)


def share_of(number: str) -> Decimal:
    """Where a number stands between 0 and 1: the first eight hexadecimal digits of its SHA-256. No secret, and no chance."""
    digits = hashlib.sha256(number.encode()).hexdigest()[:8]
    return (Decimal(int(digits, 16)) / 2**32).quantize(_SHARE)


def _chosen(job: Job, book: Rulebook, on: date) -> tuple[bool, str, list[Reason]]:
    if job.barred:
        return False, job.barred, [_reason(job.barred, book.value(f"on_{job.barred}", on))]
    flags = {*job.flags}
    panels = book.value("panel_words", on)
    if any(word in job.component for word in panels.value):
        flags.add("panel")
    for name in ("always_document", "always_own"):
        asked = book.value(name, on)
        for flag in asked.value:
            if flag in flags:
                return True, flag, [_reason("always", asked, flag=flag)]
    rate = book.value("sample_installations" if job.kind == "installation" else "sample_others", on)
    if rate.value >= 1:
        return True, "everybody", [_reason("everybody", rate)]
    share = share_of(job.number)
    sampled = share < rate.value
    code = "sampled" if sampled else "not_sampled"
    return sampled, code, [_reason(code, rate, number=job.number, share=share, rate=rate.value)]


def _periods(kind: str, book: Rulebook, on: date) -> list[Dated]:
    names = {
        "installation": ("installation_first", "installation_second", "installation_third"),
        "repair": ("repair_within",),
        "service": ("service_within",),
    }[kind]
    return [book.value(name, on) for name in names]


def _due(job: Job, period: Dated, book: Rulebook, calendar: Calendar, on: date) -> tuple[date, list[Reason]]:
    """The last day of one call: counted from the job's completion (or from the papers' arrival, where that reading is chosen).

    Papers that come late never ask for a call in the past: then three working days after them.
    """
    base, papers = book.value("base", on), book.value("papers_late", on)
    start = job.completed_on if base.value == "completion" else job.arrived_on
    if job.kind == "installation" and period.unit == "workdays" and job.arrived_on > start:
        start = job.arrived_on  # the first call counts from the papers when these come later
    roll = book.value("roll", on)
    nominal = last_day_of(Period(period.value, period.unit), start, calendar, roll="none")
    due = _rolled(nominal, roll.value, calendar)
    told = [_reason(f"due_{period.unit}", period, start=start, count=period.value, due=nominal)]
    if start == job.arrived_on and job.arrived_on > job.completed_on:
        told.append(_reason("from_papers", base if base.value == "arrival" else papers, completed=job.completed_on, arrived=job.arrived_on))  # fmt: skip
    if due != nominal:
        told.append(_reason("rolled", roll, nominal=nominal, due=due))
    earliest = add_working_days(job.arrived_on, papers.value, calendar)
    if due < earliest and job.arrived_on > job.completed_on and period.unit != "workdays":
        told.append(_reason("papers_late", papers, arrived=job.arrived_on, count=papers.value, due=earliest))
        due = earliest
    return due, told


def _rolled(day: date, roll: str, calendar: Calendar) -> date:
    if roll == "none" or calendar.is_workday(day):
        return day
    return calendar.workday_after(day, 1 if roll == "next_working_day" else -1)


def _from(job: Job, due: date, book: Rulebook, calendar: Calendar, on: date) -> date:
    """From when a call may be made: the customer has used it for a while, and the day's calls can be shared out."""
    if job.kind == "installation":
        early = book.value("installation_early", on).value
        return max(calendar.workday_after(due, -early) if early else due, job.completed_on + _DAY)
    rest = book.value("repair_rest", on).value
    return min(max(job.completed_on + timedelta(days=rest), job.arrived_on), due)


# After a try


def after(
    outcome: str,
    tries: int,
    at: datetime,
    book: Rulebook,
    calendar: Calendar,
    *,
    asked_for: datetime | None = None,
    other_number: bool = False,
) -> Decision:
    """What follows a try: {"state": "done", "again" or "ended", "why", "next_at"}. `tries` counts this one.

    `asked_for` is the time the customer asked to be called at; `other_number` says whether another telephone is known.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome of a try is called {outcome!r}; known are {', '.join(OUTCOMES)}")
    on, most = _local(at).date(), book.value("most_tries", _local(at).date())
    ends = book.value("ends_at_once", on)
    if outcome == "reached":
        return _decided("done", outcome, None, [_reason("reached", most, tries=tries)], book)
    if outcome == "wrong_number" and other_number:
        told = [_reason("other_number", most)]
        return _again(outcome, at, told, book, calendar)
    if outcome in ends.value:
        return _decided("ended", outcome, None, [_reason("ended_at_once", ends, outcome=outcome)], book)
    if outcome == "call_later" and asked_for is not None:
        return _again(outcome, asked_for, [_reason("asked_for", book.value("waits", on), at=asked_for)], book, calendar)  # fmt: skip
    if tries >= most.value:
        return _decided("ended", "tried_enough", None, [_reason("tried_enough", most, tries=tries, most=most.value)], book)  # fmt: skip
    waits = book.value("waits", on)
    wait = waits.value.get(outcome, waits.value["no_answer"])["first" if tries == 1 else "later"]
    told = [_reason("try_again", waits, tries=tries, most=most.value, length=wait["length"], unit=wait["unit"])]  # fmt: skip
    return _again(outcome, _moved(at, wait, calendar), told, book, calendar)


def _again(why: str, wanted: datetime, told: list[Reason], book: Rulebook, calendar: Calendar) -> Decision:
    """Again at the moment wanted, or when people may be called next."""
    moment = next_window(wanted, book, calendar)
    if moment != wanted:
        opens = book.value("call_from", _local(wanted).date())
        told = [*told, _reason("in_window", opens, wanted=_local(wanted), at=_local(moment))]
    return _decided("again", why, moment, told, book)


def _decided(
    state: str, why: str, moment: datetime | None, told: Sequence[Reason], book: Rulebook
) -> Decision:
    return Decision(NEXT, {"state": state, "why": why, "next_at": moment}, tuple(told), book.cited)


def _moved(at: datetime, wait: Mapping[str, Any], calendar: Calendar) -> datetime:
    length, unit = wait["length"], wait["unit"]
    if unit == "workdays":
        day = calendar.workday_after(_local(at).date(), length)
        return _local(at).replace(year=day.year, month=day.month, day=day.day)
    if unit.startswith("working_"):
        return calendar.deadline(at, length * _SECONDS[unit])
    return moment_of(second_of(at) + length * _SECONDS[unit], at.tzinfo)


def next_window(moment: datetime, book: Rulebook, calendar: Calendar) -> datetime:
    """The moment itself where people may be called then, else the next that is: not early, not late, not at noon, not on days of rest."""
    local = _local(moment)
    on = local.date()
    opens, closes = book.value("call_from", on).value, book.value("call_until", on).value
    noon, back = book.value("noon_from", on).value, book.value("noon_until", on).value
    if not _may_call_on(on, book, calendar) or local.time() >= closes:
        return _at(_next_day(on, book, calendar), opens, moment)
    if local.time() < opens:
        return _at(on, opens, moment)
    if noon <= local.time() < back:
        return _at(on, back, moment)
    return moment


def _may_call_on(day: date, book: Rulebook, calendar: Calendar) -> bool:
    return book.value("call_days", day).value == "every_day" or calendar.is_workday(day)


def _next_day(day: date, book: Rulebook, calendar: Calendar) -> date:
    if book.value("call_days", day).value == "every_day":
        return day + _DAY
    return calendar.workday_after(day, 1)


def _at(day: date, clock: time, like: datetime) -> datetime:
    """A moment in China's time; with a zone where the moment asked about has one."""
    return datetime.combine(day, clock, CHINA if like.tzinfo else None)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(CHINA) if moment.tzinfo else moment


# A day's calls


def spread(
    callers: Mapping[str, int], waiting: Sequence[Sequence[Any]], book: Rulebook, on: date
) -> Decision:
    """Who makes which calls on a day: {"assigned": {number: caller}, "postponed": [number, …]}.

    `callers` says how many calls of the day each has already; `waiting` are (number, due_on, caller or ""): the earliest due first, each to
    whoever had it before while there is room, else to whoever has least.
    """
    most = book.value("calls_a_day", on)
    load = dict(callers)
    assigned: dict[str, str] = {}
    left = []
    for number, _due_on, before in sorted(waiting, key=lambda each: (each[1], each[0])):
        free = [caller for caller, count in load.items() if count < most.value]
        if not free:
            left.append(number)
            continue
        caller = before if before in free else min(free, key=lambda each: (load[each], each))
        assigned[number] = caller
        load[caller] += 1
    told = [_reason("shared_out", most, count=len(assigned), callers=len(load), most=most.value)]
    if left:
        told.append(_reason("left_over", most, count=len(left)))
    return Decision(SPREAD, {"assigned": assigned, "postponed": left}, tuple(told), book.cited)


# Answers promised, and what can't wait


def answer(
    promised_at: datetime, due_at: datetime, book: Rulebook, now: datetime, *, kept_at: datetime | None = None
) -> Decision:
    """Where a promised answer stands: {"state": running, soon, overdue, kept or kept_late, "warn_at"} (KA-9.4)."""
    warning = book.value("answer_warning", _local(promised_at).date())
    warn_at = max(moment_of(second_of(due_at) - warning.value * 60, due_at.tzinfo), promised_at)
    if kept_at is not None:
        state = "kept" if kept_at <= due_at else "kept_late"
        told = _reason(state, warning, due=_local(due_at), at=_local(kept_at))
    else:
        state = "overdue" if now > due_at else "soon" if now >= warn_at else "running"
        told = _reason(f"answer_{state}", warning, due=_local(due_at), minutes=warning.value)
    return Decision(ANSWER, {"state": state, "warn_at": warn_at}, (told,), book.cited)


def urgent(kind: str, book: Rulebook, on: date) -> Decision:
    """Whether something found in a callback goes up at once (KA-9.3); everything else is told to the service staff by telephone first."""
    kinds = book.value("urgent_kinds", on)
    at_once = kind in kinds.value
    told = _reason("up_at_once" if at_once else "told_first", kinds, kind=kind)
    return Decision(URGENT, at_once, (told,), book.cited)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "callbacks")
