"""Quality feedback and recalls: by when a report is answered, when it is a batch, which step of a recall is due when.

KA-12.2, GN-7, and the law of recalls for cars and consumer goods.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sanbao_rules.decision import Decision
from sanbao_rules.periods import Period, last_day_of
from sanbao_rules.rulebook import Dated, Rulebook, because
from sanbao_rules.terms import last_day, state
from sanbao_rules.worktime import Calendar, provisional

ANSWER = "quality.answer"
BATCH = "quality.batch"
RECALL = "quality.recall"
PROGRESS = "quality.progress"
GOODS = ("consumer", "car")


class UnknownRecall(ValueError):
    """A kind of goods or a step of a recall the book doesn't have. The message names those it knows."""


def answer(
    reported_on: date, on: date, *, book: Rulebook, calendar: Calendar, answered_on: date | None = None
) -> Decision:
    """By when the outlet has the measure and the correction plan: seven days at the latest."""
    days, roll = book.value("answer_days", reported_on), book.value("roll", reported_on)
    due = last_day(days, reported_on, calendar, roll)
    reasons = [because(days, "answer_due", reported=reported_on, days=days.value, due=due)]
    nominal = reported_on + timedelta(days=days.value)
    if due != nominal:
        reasons.append(because(roll, "due_rolled", nominal=nominal, due=due))
    how, told = state(due, days, on, answered_on)
    reasons += [told, *provisional(calendar, due)]
    return Decision(ANSWER, {"due": due, "state": how}, tuple(reasons), book.cited)


def batch(reported_on: Sequence[date], on: date, *, book: Rulebook, stated: bool = False) -> Decision:
    """Whether like reports (same model, fault and month of production) are a batch. `stated`: the reporter says so."""
    least, days = book.value("batch_reports", on), book.value("batch_days", on)
    count = sum(timedelta(0) <= on - day <= timedelta(days=days.value) for day in reported_on)
    is_batch = stated or count >= least.value
    code = "batch_stated" if stated else "batch_found" if is_batch else "no_batch"
    reason = because(least, code, count=count, days=days.value, least=least.value)
    return Decision(BATCH, {"batch": is_batch, "count": count}, (reason,), book.cited)


def recall(
    goods: str,
    step: str,
    since: date,
    on: date,
    *,
    book: Rulebook,
    calendar: Calendar,
    done_on: date | None = None,
) -> Decision:
    """By when a step of a recall is due, counted from `since`. Parameters of the unit "terms" add up per kind of goods."""
    if goods not in GOODS:
        raise UnknownRecall(f"no law of recalls for {goods!r}; known are {', '.join(GOODS)}")
    known: dict[str, tuple[Mapping[str, Any], Dated]] = {}
    for name, parameter in book.parameters.items():
        if parameter.unit == "terms" and name.startswith(f"{goods}_") and parameter.values[0].since <= since:
            listed = book.value(name, since)
            known |= {code: (term, listed) for code, term in listed.value.items()}
    if step not in known:
        raise UnknownRecall(f"a recall of {goods} has no step {step!r}; known are {', '.join(known)}")
    term, rests_on = known[step]
    counted_by = None if term["unit"] == "years" else calendar  # no holidays are published years ahead
    due = last_day_of(Period(term["length"], term["unit"]), since, counted_by)
    how, told = state(due, rests_on, on, done_on)
    length = {"length": term["length"], "unit": term["unit"]}
    reasons = [because(rests_on, "recall_due", goods=goods, step=step, since=since, due=due, **length), told]
    reasons += provisional(calendar, due) if counted_by else []
    return Decision(RECALL, {"due": due, "state": how}, tuple(reasons), book.cited)


def progress(done: int, reachable: int, total: int, on: date, *, book: Rulebook) -> Decision:
    """How far a campaign is: of those that can be reached, and of all units affected."""
    states = book.value("campaign_states", on)
    of_reachable, of_all = _share(done, reachable), _share(done, total)
    reason = because(
        states,
        "campaign",
        done=done,
        reachable=reachable,
        total=total,
        of_reachable=of_reachable,
        of_all=of_all,
    )
    return Decision(PROGRESS, {"of_reachable": of_reachable, "of_all": of_all}, (reason,), book.cited)


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else Decimal(0)
