"""Another edition of a book by single changes: a value more, one corrected, one taken out; and what two editions say differently.

Everything here is pure. What is wrong with a change is found with a code, the field it belongs beside and the words a sentence
needs; the strict reader (`rulebook`) has the last word about the whole.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.units import UNITS

ADD, CORRECT, REMOVE = "add", "correct", "remove"
# These parameters list days that each belong to one year: a value is for the year it begins in.
YEARLY = ("holidays", "make_up_workdays")


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change: `add` a value from a day on, `correct` the one that begins on it, or `remove` that one."""

    parameter: str
    how: str
    since: date
    value: Any = None
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an amendment: `code` names the sentence, `words` fill it, `field` is what it stands beside."""

    code: str
    field: str
    words: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter from a day on: what was said and what is said now. None where there was or is nothing of its own."""

    parameter: str
    since: date
    before: Dated | None
    after: Dated | None

    @property
    def same_value(self) -> bool:
        return bool(self.before and self.after and self.before.value == self.after.value)


def wrongs(book: Rulebook, amendment: Amendment, clauses: Mapping[str, Any] = {}) -> list[Wrong]:
    """What is wrong with an amendment to the book as it is, if anything; `clauses` are cited besides the book's own."""
    if amendment.parameter not in book.parameters:
        return [Wrong("unknown_parameter", "parameter", {"parameter": amendment.parameter})]
    parameter = book.parameters[amendment.parameter]
    since = {value.since for value in parameter.values}
    first = parameter.values[0].since
    found: list[Wrong] = []
    if amendment.how == ADD:
        if amendment.since in since:
            found.append(Wrong("twice", "since", {"since": amendment.since}))
        elif amendment.since < first:
            found.append(Wrong("before_first", "since", {"first": first}))
        elif amendment.parameter in YEARLY and amendment.since.replace(month=1, day=1) > _next_year(
            parameter.values[-1].since
        ):
            found.append(Wrong("year_gap", "since", {"year": parameter.values[-1].since.year + 1}))
    elif amendment.since not in since:
        found.append(Wrong("nothing_there", "since", {"since": amendment.since}))
    if amendment.how == REMOVE:
        if amendment.since == first:
            found.append(Wrong("gap", "since", {"since": amendment.since}))
        return found
    if amendment.clause not in book.clauses and amendment.clause not in clauses:
        found.append(Wrong("no_clause", "clause", {"clause": amendment.clause}))
    if UNITS[parameter.unit].wrong(amendment.value):
        found.append(Wrong("unit", "value", {"unit": parameter.unit}))
    elif parameter.choices and amendment.value not in parameter.choices:
        found.append(Wrong("no_reading", "value"))
    elif parameter.unit == "spans":
        found += _overlaps(parameter.values, amendment)
    return found


def _next_year(day: date) -> date:
    return date(day.year + 1, 1, 1)


def _overlaps(values: Iterable[Dated], amendment: Amendment) -> list[Wrong]:
    """Two spans that share a day, within the value or with another value's."""
    spans = [span for value in values if value.since != amendment.since for span in value.value]
    ordered = sorted([*spans, *amendment.value], key=lambda span: span["first"])
    return [
        Wrong("overlap", "value", {"one": one["name"], "other": other["name"], "day": other["first"]})
        for one, other in zip(ordered, ordered[1:], strict=False)
        if other["first"] <= one["last"]
    ]


def amended(
    book: Rulebook,
    edition: str,
    amendments: Iterable[Amendment],
    clauses: Mapping[str, Mapping[str, str]] = {},
    sources: Mapping[str, Mapping[str, Any]] = {},
) -> Rulebook:
    """Another edition with these changes. Of `clauses` and `sources` only those come in that a value then rests on."""
    document = dict(book.document)
    parameters = document["parameters"] = {
        name: dict(table) for name, table in document["parameters"].items()
    }
    touched: set[str] = set()
    for amendment in amendments:
        table = parameters[amendment.parameter]
        by_date = {entry["from"]: entry for entry in table["values"]}
        if amendment.how == REMOVE:
            by_date.pop(amendment.since, None)
        else:
            by_date[amendment.since] = {
                "from": amendment.since,
                "value": amendment.value,
                "clause": amendment.clause,
            }
            touched.add(amendment.clause)
        table["values"] = [by_date[since] for since in sorted(by_date)]
    cited = {entry["clause"] for table in parameters.values() for entry in table["values"]}
    own = {name: dict(text) for name, text in clauses.items() if name in cited and name in touched}
    document["clauses"] = {**document["clauses"], **own}
    needed = {name.partition(" ")[0] for name in own}
    more = {
        name: dict(table)
        for name, table in sources.items()
        if name in needed and name not in document["sources"]
    }
    document["sources"] = {**document["sources"], **more}
    return Rulebook(document | {"edition": edition}, f"{book.name} {edition}", known=False)


def differences(before: Rulebook, after: Rulebook) -> list[Difference]:
    """What the later edition says differently, parameter by parameter in the order of the book, each from the day it counts.

    An added value stands beside the one that counted on that day before.
    """
    found = []
    for name, parameter in after.parameters.items():
        old = (
            {value.since: value for value in before.parameters[name].values}
            if name in before.parameters
            else {}
        )
        new = {value.since: value for value in parameter.values}
        for since in sorted({*old, *new}):
            was, now = old.get(since), new.get(since)
            if was and now and (was.value, was.clause) == (now.value, now.clause):
                continue
            found.append(
                Difference(
                    name, since, was or _in_force(old.values(), since), now or _in_force(new.values(), since)
                )
            )
    return found


def _in_force(values: Iterable[Dated], on: date) -> Dated | None:
    return max((value for value in values if value.since <= on), key=lambda value: value.since, default=None)


def as_if_always(before: Rulebook, after: Rulebook) -> Rulebook:
    """The later edition as if what it says differently had always counted: examples ask about days that are past.

    Days that belong to a year (holidays) stay where they are.
    """
    changes = {
        one.parameter: [
            (value.since, one.after.value, one.after.clause) for value in after.history(one.parameter)
        ]
        for one in differences(before, after)
        if one.after is not None and one.parameter not in YEARLY
    }
    return after.with_values(after.edition, changes) if changes else after


def until(book: Rulebook, parameter: str, since: date) -> date | None:
    """The last day on which the value that begins on `since` counts; None where nothing follows."""
    later = [value.since for value in book.history(parameter) if value.since > since]
    return min(later) - timedelta(days=1) if later else None


def as_amendments(before: Rulebook, after: Rulebook) -> list[Amendment]:
    """The single changes that lead from one edition to the other, for an edition that came as a file."""
    found = []
    for name, parameter in after.parameters.items():
        if name not in before.parameters:
            continue
        old = {value.since: value for value in before.parameters[name].values}
        new = {value.since: value for value in parameter.values}
        for since, value in new.items():
            if since not in old:
                found.append(Amendment(name, ADD, since, value.value, value.clause))
            elif (old[since].value, old[since].clause) != (value.value, value.clause):
                found.append(Amendment(name, CORRECT, since, value.value, value.clause))
        found += [Amendment(name, REMOVE, since) for since in old if since not in new]
    return found
