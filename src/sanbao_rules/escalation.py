"""The ladder of warnings and escalations: who is told when a promise is about to be missed, or was (GN-3, CS-4).

Nothing is sent here. `steps` is the plan behind a clock; `due_now` leaves out what was sent, so that asking twice sends once.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.promises import SECONDS, WORKING, Clock
from sanbao_rules.roster import Roster, on_duty
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import Calendar, moment_of, second_of

QUESTION = "service.step"
SIDES = ("warn", "before", "due", "after")
_AFTERWARDS = ("due", "after")


class Step(NamedTuple):
    """One rung: at `at`, `to` (handler, team_lead, service_head, management) is told by `how` (inbox, mail, sms)."""

    code: str
    promise: str
    side: str
    at: datetime
    due_at: datetime
    to: str
    how: tuple[str, ...]
    missed_by: str  # of a step behind the due moment: whose it was then; empty when it was nobody's

    @property
    def key(self) -> str:
        """What was sent is remembered by this. A promise that is due anew, after a pause, is warned of anew."""
        return f"{self.code} {self.due_at.isoformat(timespec='seconds')}"


def steps(
    clock: Clock, book: Rulebook, calendar: Calendar, *, roster: Roster | None = None
) -> tuple[Step, ...]:
    """The rungs of a clock, by time. A promise paused or cancelled has none; one that ended has those up to its end."""
    if clock.due_at is None or clock.state == "cancelled":
        return ()
    on = moment_of(second_of(clock.started_at)).date()
    if roster and book.value("duty_roster", on).value == "counts":
        calendar = on_duty(calendar, roster)
    planned = [
        _step(rung, clock, clock.due_at, calendar)
        for rung in book.value("ladder", on).value
        if rung["promise"] == clock.promise
    ]
    end = clock.met_at
    return tuple(
        sorted((step for step in planned if end is None or step.at <= end), key=lambda step: step.at)
    )


def _step(rung: Any, clock: Clock, due: datetime, calendar: Calendar) -> Step:
    side = rung["side"]
    missed_by = clock.holder if side in _AFTERWARDS else ""
    at = _moment(rung, clock, due, calendar)
    return Step(rung["code"], clock.promise, side, at, due, rung["to"], tuple(rung["how"]), missed_by)


def _moment(rung: Any, clock: Clock, due: datetime, calendar: Calendar) -> datetime:
    side = rung["side"]
    if side == "warn":
        return clock.warn_at or due
    if side == "due":
        return due
    second, length, unit = second_of(due), rung["length"], rung["unit"]
    if unit == "workdays":
        moved = calendar.second_when(calendar.worked_by_closing(second, length))
    else:
        seconds = length * SECONDS[unit] * (-1 if side == "before" else 1)
        moved = (
            calendar.second_when(calendar.worked_by(second) + seconds)
            if unit in WORKING
            else second + seconds
        )
    return max(moment_of(moved, due.tzinfo), clock.started_at if side == "before" else due)


def due_now(
    clock: Clock,
    book: Rulebook,
    calendar: Calendar,
    *,
    now: datetime,
    sent: Collection[str] = (),
    roster: Roster | None = None,
    question: str = QUESTION,
) -> tuple[tuple[Step, Decision], ...]:
    """What is to be sent at `now`: the steps of a promise still open that have come and whose keys are not in `sent`.

    Once a promise is missed, its warnings are not sent any more: the step that says so is.
    """
    if clock.met_at is not None or clock.due_at is None:
        return ()
    waiting = (
        step
        for step in steps(clock, book, calendar, roster=roster)
        if step.at <= now and step.key not in sent
    )
    missed = now > clock.due_at
    return tuple(
        (step, decision(step, clock, book, question))
        for step in waiting
        if (step.side in _AFTERWARDS) == missed
    )


def decision(step: Step, clock: Clock, book: Rulebook, question: str = QUESTION) -> Decision:
    """Why this step is taken. Another book with a ladder (complaints) names its own question."""
    on = moment_of(second_of(clock.started_at)).date()
    rests_on = book.value("warn_before" if step.side == "warn" else "ladder", on)
    code = {"warn": "step_before", "before": "step_before", "due": "step_due", "after": "step_after"}[
        step.side
    ]
    reasons = [
        _reason(
            code, rests_on, book, promise=step.promise, due=step.due_at, at=step.at, to=step.to, how=step.how
        )
    ]
    if step.side in _AFTERWARDS:
        held = "missed_held" if step.missed_by else "missed_unassigned"
        reasons.append(_reason(held, book.value("ended_by", on), book, promise=step.promise, due=step.due_at))
    return Decision(question, step._asdict(), tuple(reasons), book.cited)


def _reason(code: str, rests_on: Dated, book: Rulebook, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, book.name)
