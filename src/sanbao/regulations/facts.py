"""Rulebooks made readable: values, histories, readings, reasons and worked examples, in one language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao.regulations.operations import Change
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
