"""The rulebook a period is decided again by: what an edition changes, as if it had held all along, and one change after the other.

Pure: no database, no clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sanbao_rules.rulebook import Parameter, Rulebook

MOST_STEPS = 12  # more changed parameters than these are told as one
REST = "…"

Entries = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """The book with the changes so far; `parameters` are the names that this step changes, none for the book as it was."""

    parameters: tuple[str, ...]
    book: Rulebook

    @property
    def name(self) -> str:
        """What the step is called in the tallies; empty for the book as it was."""
        return self.parameters[0] if len(self.parameters) == 1 else REST if self.parameters else ""


def changed(base: Rulebook, candidate: Rulebook) -> list[str]:
    """The parameters whose values are not the same in both, in the order of the candidate; those it has no more come last."""
    names = [*candidate.parameters, *(name for name in base.parameters if name not in candidate.parameters)]
    return [name for name in names if _said(base, name) != _said(candidate, name)]


def _said(book: Rulebook, name: str) -> list[tuple[Any, ...]] | None:
    parameter = book.parameters.get(name)
    return [(value.since, value.value, value.clause) for value in parameter.values] if parameter else None


def new_since(base: Rulebook, candidate: Rulebook) -> date | None:
    """The last day from which something new holds; None where nothing is new."""
    days = [
        value.since
        for name in changed(base, candidate)
        if name in candidate.parameters
        for value in candidate.parameters[name].values
        if (value.since, value.value, value.clause) not in (_said(base, name) or ())
    ]
    return max(days, default=None)


def steps(base: Rulebook, candidate: Rulebook, on: date | None) -> list[Step]:
    """From the one book to the other, a changed parameter at a time; the last book says all that the candidate says.

    With `on`, each changed parameter has the value that the candidate gives that day as if it had always been so; without, the
    candidate's values hold from their own days.
    """
    names = changed(base, candidate)
    groups: list[tuple[str, ...]] = [(name,) for name in names[:MOST_STEPS]]
    if len(names) > MOST_STEPS:
        groups = [*groups[: MOST_STEPS - 1], tuple(names[MOST_STEPS - 1 :])]
    if not groups:
        return [Step((), candidate)]
    made = [Step((), base)]
    for number, group in enumerate(groups, 1):
        so_far = [name for each in groups[:number] for name in each]
        made.append(Step(group, _mixed(base, candidate, so_far, on, last=number == len(groups))))
    return made


def _mixed(
    base: Rulebook, candidate: Rulebook, names: Iterable[str], on: date | None, *, last: bool
) -> Rulebook:
    """The base with these parameters as the candidate has them. The last one is the candidate's alone."""
    was, will = base.document, candidate.document
    parameters: dict[str, Any] = dict(will["parameters"] if last else was["parameters"])
    for name in names:
        if name in will["parameters"]:
            parameters[name] = will["parameters"][name] | _values(candidate, base, name, on)
    document: dict[str, Any] = {**will, "parameters": parameters}
    if not last:  # what the base still says may rest on clauses that the candidate has no more
        for table in ("sources", "clauses", "reasons", "names"):
            document[table] = {**was.get(table, {}), **will.get(table, {})}
    return Rulebook(document, candidate.cited, known=False)


def _values(candidate: Rulebook, base: Rulebook, name: str, on: date | None) -> dict[str, Entries]:
    """The value of a day as the only one, from the first day that either book knows; nothing where it is to be as it stands."""
    parameter: Parameter = candidate.parameters[name]
    in_force = [value for value in parameter.values if on is not None and value.since <= on]
    if not in_force:
        return {}
    first = parameter.values[0].since
    if name in base.parameters:
        first = min(first, base.parameters[name].values[0].since)
    value = in_force[-1]
    return {"values": [{"from": first, "value": value.value, "clause": value.clause}]}


def as_json(made: Iterable[Step]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The steps for another process."""
    return [(step.parameters, step.book.to_json()) for step in made]


def from_json(stored: Iterable[tuple[tuple[str, ...], Mapping[str, Any]]]) -> list[Step]:
    return [Step(tuple(parameters), Rulebook.from_json(content)) for parameters, content in stored]
