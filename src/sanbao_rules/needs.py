"""What a step needs before it counts as done: papers, signatures, answers, each with the clause that asks for it.

Every parameter of the unit "lists" whose name ends in `_needs` adds its own, so that each need knows who asked first.
"""

from collections.abc import Collection
from datetime import date

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook, because


class UnknownStep(ValueError):
    """A step the book doesn't have. The message names those it knows."""


def needs(step: str, book: Rulebook, on: date) -> dict[str, Dated]:
    """What a step needs on a day, and the value each need rests on."""
    asking = [
        book.value(name, on)
        for name, parameter in book.parameters.items()
        if parameter.unit == "lists" and name.endswith("_needs") and parameter.values[0].since <= on
    ]
    known = [code for asked in asking for code in asked.value]
    if step not in known:
        raise UnknownStep(f"{book.cited} has no step {step!r}; known are {', '.join(dict.fromkeys(known))}")
    needed: dict[str, Dated] = {}
    for asked in asking:
        for need in asked.value.get(step, ()):
            needed.setdefault(need, asked)
    return needed


def lacking(step: str, present: Collection[str], book: Rulebook, on: date) -> tuple[list[str], list[Reason]]:
    """What is not there yet, in the book's order, with a reason for each; one reason when nothing is lacking."""
    needed = needs(step, book, on)
    missing = [need for need in needed if need not in present]
    if missing:
        return missing, [because(needed[need], "need_missing", step=step, need=need) for need in missing]
    return [], [because(asked, "needs_met", step=step) for asked in list(needed.values())[:1]]


def gate(step: str, on: date, *, book: Rulebook, present: Collection[str] = ()) -> Decision:
    """Whether a step may count as done: {"done": bool, "missing": […]}. What doesn't apply counts as present."""
    missing, reasons = lacking(step, present, book, on)
    return Decision(
        f"{book.name}.gate", {"done": not missing, "missing": missing}, tuple(reasons), book.cited
    )
