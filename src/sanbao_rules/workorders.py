"""Work orders: the steps of each kind of work with what to do, and what a step needs before it counts as done.

The flows come from SC-2, SC-3 and SC-4; no step is skipped in silence. docs/algorithms/workorders.md tells all of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook

GATE = "workorder.gate"
REOPENING = "workorder.reopening"
COMMENT = "workorder.comment"
KINDS = ("repair", "training", "replacement", "installation", "maintenance", "inspection")


class UnknownStep(ValueError):
    """A kind of work or a step the book doesn't have. The message names those it knows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow. `label` and `instruction` are in both languages; `gates` are codes, `book.word` says them."""

    code: str
    number: int
    label: Mapping[str, str]
    instruction: Mapping[str, str]
    clause: str
    gates: tuple[str, ...]


def flow(kind: str, book: Rulebook, on: date) -> tuple[Step, ...]:
    """The steps of a kind of work in order, as the book has them on a day."""
    if kind not in KINDS:
        raise UnknownStep(f"no kind of work is called {kind!r}; known are {', '.join(KINDS)}")
    steps = book.value(f"{kind}_flow", on)
    return tuple(
        Step(
            row["code"],
            number,
            {language: book.word(row["code"], language) for language in ("zh", "en")},
            dict(row["instruction"]),
            steps.clause,
            tuple(gates(kind, row["code"], book, on)),
        )
        for number, row in enumerate(steps.value, 1)
    )


def gates(kind: str, step: str, book: Rulebook, on: date) -> dict[str, Dated]:
    """What a step needs, and the value each need rests on. Parameters of the unit "gates" add up; the first to ask is named."""
    known = [row["code"] for row in book.value(f"{kind}_flow", on).value] if kind in KINDS else []
    if step not in known:
        raise UnknownStep(f"{kind!r} has no step {step!r}; known are {', '.join(known or KINDS)}")
    needed: dict[str, Dated] = {}
    for parameter in book.parameters.values():
        if parameter.unit == "gates":
            asked = book.value(parameter.name, on)
            for gate in asked.value.get(kind, {}).get(step, ()):
                needed.setdefault(gate, asked)
    return needed


def missing(kind: str, step: str, present: Collection[str], book: Rulebook, on: date) -> Decision:
    """Whether a step may count as done: {"done": bool, "missing": [gate, …]}, a reason with its clause for each.

    `present` are the gates that are there. What does not apply (no part was replaced, so no old part) counts as present.
    """
    needed = gates(kind, step, book, on)
    lacking = [gate for gate in needed if gate not in present]
    reasons = [_reason("gate_missing", needed[gate], step=step, gate=gate) for gate in lacking]
    if not lacking:
        rests_on = next(iter(needed.values()), book.value(f"{kind}_flow", on))
        reasons = [_reason("gates_met", rests_on, step=step)]
    return Decision(GATE, {"done": not lacking, "missing": lacking}, tuple(reasons), book.cited)


def reopening(ended_on: date, times: int, book: Rulebook, on: date) -> Decision:
    """Whether the customer may have work taken up again that ended on a day and was taken up again `times` before (GN-2)."""
    days, most = book.value("reopen_days", on), book.value("reopen_times", on)
    last = ended_on + timedelta(days=days.value)
    if times >= most.value:
        reason = _reason("reopened_often", most, times=times, most=most.value)
    elif on > last:
        reason = _reason("reopened_late", days, ended=ended_on, days=days.value, last=last)
    else:
        reason = _reason("may_reopen", days, ended=ended_on, days=days.value, last=last)
    return Decision(REOPENING, times < most.value and on <= last, (reason,), book.cited)


def comment_asked(stars: int, book: Rulebook, on: date) -> Decision | None:
    """Whether a rating needs a word beside it: a bad mark without one helps nobody. None by an edition that does not speak of it."""
    if "comment_below" not in book.parameters:
        return None
    below = book.value("comment_below", on)
    asked = stars < below.value
    code = "comment_asked" if asked else "comment_free"
    return Decision(COMMENT, asked, (_reason(code, below, stars=stars, below=below.value),), book.cited)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
