"""Rulebooks made readable: values, histories, readings, reasons and worked examples, in one language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao.regulations.editors import differing
from sanbao.regulations.models import Change as Row
from sanbao.regulations.operations import Change
from sanbao_rules import amending
from sanbao_rules.amending import Difference
from sanbao_rules.document import value_text
from sanbao_rules.examples import ask, in_yuan, shipped_examples
from sanbao_rules.explain import explain
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.units import UNITS

OWN_CLAUSES = {"labour": "own tariff", "free_km": "own travel", "yuan_per_km": "own travel"}


def sources(book: Rulebook, language: str) -> list[dict[str, Any]]:
    """The documents a book rests on: since when, who may change them, who interprets them (GN-9)."""
    return [
        {
            "title": source.title[language],
            "effective": source.effective,
            "changed_by": source.changed_by[language],
            "interpreted_by": source.interpreted_by[language],
            "note": source.note[language] if source.note else "",
        }
        for source in book.sources.values()
    ]


def clauses(book: Rulebook, language: str) -> list[tuple[str, str]]:
    return [(clause, book.clause_text(clause, language)) for clause in book.clauses]


def parameters(book: Rulebook, language: str, today: date) -> list[dict[str, Any]]:
    """Every parameter: label, unit, values with their dates and clauses, readings with the alternatives."""
    told = []
    for parameter in book.parameters.values():
        unit = UNITS[parameter.unit]
        current = [value for value in parameter.values if value.since <= today] or list(parameter.values[:1])
        told.append(
            {
                "name": parameter.name,
                "label": parameter.label[language],
                "unit": unit.zh if language == "zh" else unit.en,
                "own": parameter.own,
                "note": parameter.note[language] if parameter.note else "",
                "values": [
                    (value.since, value_text(value, book, language), value.clause, value is current[-1])
                    for value in reversed(parameter.values)
                ],
                "choices": [
                    (label[language], code == current[-1].value)
                    for code, label in (parameter.choices or {}).items()
                ],
            }
        )
    return told


def reasons(book: Rulebook, language: str) -> list[str]:
    return [text[language] for text in book.reasons.values()]


def examples(books: Mapping[str, Rulebook], name: str, language: str) -> list[dict[str, Any]]:
    """The shipped worked examples, answered by these books now."""
    told = []
    for example in shipped_examples(name):
        made = ask(example, books)
        answer = in_yuan(made)
        told.append(
            {
                "name": example.name[language],
                "answer": "" if isinstance(answer, Mapping) else plain(answer),
                "sentences": [(s.text, s.clause) for s in explain(made, books, language)],
            }
        )
    return told


def plain(value: Any) -> str:
    return "" if value is None else str(value)


def changed_parameters(parent: Rulebook, book: Rulebook, language: str) -> list[tuple[str, str, str]]:
    """What an edition derived from another says differently: (label, before, now), by each one's last value."""
    found = []
    for name, parameter in book.parameters.items():
        if name not in parent.parameters:
            continue
        before, now = parent.parameters[name].values, parameter.values
        if [(v.since, v.value) for v in before] != [(v.since, v.value) for v in now]:
            found.append(
                (
                    parameter.label[language],
                    value_text(before[-1], parent, language),
                    value_text(now[-1], book, language),
                )
            )
    return found


def time_line(book: Rulebook, name: str, language: str, today: date) -> list[dict[str, Any]]:
    """Every value a parameter has had and will have, the newest first: from when to when, by which clause, with the clause's text."""
    parameter = book.parameters[name]
    current = max((value.since for value in parameter.values if value.since <= today), default=None)
    return [
        {
            "since": value.since,
            "until": amending.until(book, name, value.since),
            "text": value_text(value, book, language),
            "clause": value.clause,
            "clause_text": book.clause_text(value.clause, language),
            "source": source_title(book, value.clause, language),
            "number": value.clause.partition(" ")[2],
            "place": "now" if value.since == current else "coming" if value.since > today else "past",
        }
        for value in reversed(parameter.values)
    ]


def source_title(book: Rulebook, clause: str, language: str) -> str:
    name = clause.partition(" ")[0]
    return book.sources[name].title[language] if name in book.sources else ""


def readings(book: Rulebook, name: str, language: str, today: date) -> list[tuple[str, bool]]:
    """The readings of a parameter in words, and which is chosen."""
    parameter = book.parameters[name]
    if not parameter.choices:
        return []
    chosen = ([value for value in parameter.values if value.since <= today] or list(parameter.values[:1]))[
        -1
    ].value
    return [(label[language], code == chosen) for code, label in parameter.choices.items()]


def told_differences(
    before: Rulebook, after: Rulebook, language: str, rows: Mapping[tuple[str, date], Row] | None = None
) -> list[dict[str, Any]]:
    """What the later edition says differently, in words; `rows` are the draft's changes, for their kind and reason."""
    return [
        told_difference(one, before, after, language, rows) for one in amending.differences(before, after)
    ]


def told_difference(
    one: Difference,
    before: Rulebook,
    after: Rulebook,
    language: str,
    rows: Mapping[tuple[str, date], Row] | None = None,
) -> dict[str, Any]:
    """One difference in words: old -> new, from when, by which clause; of a table cell by cell."""
    parameter = after.parameters[one.parameter]
    was = value_text(one.before, before, language) if one.before else ""
    now = value_text(one.after, after, language) if one.after else ""
    cells = []
    if one.before and one.after and isinstance(one.after.value, (Mapping, list, tuple)):
        cells = differing(one.before.value, one.after.value, after, language)
    return {
        "parameter": one.parameter,
        "label": parameter.label[language],
        "since": one.since,
        "before": was,
        "after": now,
        "gone": one.after is None or one.after.since != one.since,
        "same_value": one.same_value,
        "cells": cells if len(cells) <= 60 else [],
        "clause": one.after.clause if one.after else "",
        "clause_text": after.clause_text(one.after.clause, language) if one.after else "",
        "clause_before": one.before.clause if one.before else "",
        "row": rows.get((one.parameter, one.since)) if rows else None,
    }


def clause_choices(
    book: Rulebook, own: Mapping[str, Mapping[str, str]], language: str
) -> list[tuple[str, str]]:
    """The clauses a value can cite: the book's and the draft's own, each with the beginning of its text."""
    told = {clause: book.clause_text(clause, language) for clause in book.clauses}
    told |= {clause: text[language] for clause, text in own.items()}
    return [
        (clause, f"{clause} · {text[:40]}{'…' if len(text) > 40 else ''}") for clause, text in told.items()
    ]


def tariff_table(
    book: Rulebook, on: date, language: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str, dict[str, Any]]]]:
    """The labour tariff on a day: (kinds of work, categories with their fees), each with code and name."""
    tariff = book.value("labour", on).value
    works = list(dict.fromkeys(work for row in tariff.values() for work in row))
    return (
        [(work, book.word(work, language)) for work in works],
        [(category, book.word(category, language), dict(row)) for category, row in tariff.items()],
    )


def travel_values(book: Rulebook, on: date) -> dict[str, Decimal]:
    return {name: Decimal(book.value(name, on).value) for name in ("free_km", "yuan_per_km")}


def tariff_changes(
    since: date, labour: Mapping[str, Mapping[str, Decimal]], free_km: Decimal, yuan_per_km: Decimal
) -> dict[str, list[Change]]:
    """The company's own values as changes to the charges book, each resting on the company's own clause."""
    values: dict[str, Any] = {
        "labour": {
            category: {work: _short(fee) for work, fee in row.items()} for category, row in labour.items()
        },
        "free_km": _short(free_km),
        "yuan_per_km": _short(yuan_per_km),
    }
    return {name: [(since, value, OWN_CLAUSES[name])] for name, value in values.items()}


def _short(number: Decimal) -> Decimal | int:
    """60.00 and 60 are the same fee and must give the same digest."""
    return int(number) if number == number.to_integral_value() else number.normalize()
