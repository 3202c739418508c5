"""Worked examples beside each book, in the documents' words. They run as tests and before an edition is published."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sanbao_rules.decision import Decision
from sanbao_rules.money import fen_to_yuan
from sanbao_rules.questions import AMOUNTS, QUESTIONS
from sanbao_rules.rulebook import BOOKS, Rulebook, RulebookError, Text

_KEYS = {"name", "question", "facts", "answer", "rests_on"}


@dataclass(frozen=True, slots=True)
class Example:
    """`answer` has amounts in yuan; of a table, only the entries given are compared. `readings` are other than the default
    ones: {book: {parameter: value}}. `rests_on` are clauses the decision must name."""

    name: Text
    question: str
    facts: Mapping[str, Any]
    answer: Any
    rests_on: tuple[str, ...]
    readings: Mapping[str, Mapping[str, Any]]


def shipped_examples(book: str) -> list[Example]:
    """The examples beside a shipped book."""
    return load_examples(BOOKS / "examples" / f"{book}.toml")


def load_examples(path: Path) -> list[Example]:
    document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return [_example(table, f"{path.name}, example {n}") for n, table in enumerate(document["examples"], 1)]


def _example(table: Mapping[str, Any], where: str) -> Example:
    if missing := _KEYS - table.keys():
        raise RulebookError(f"{where}: {', '.join(sorted(missing))} missing. Add what is missing.")
    if unknown := table.keys() - _KEYS - {"readings"}:
        raise RulebookError(f"{where}: unknown key {', '.join(sorted(unknown))}. Take it out.")
    if table["question"] not in QUESTIONS:
        raise RulebookError(
            f"{where}: no question {table['question']!r}. Use one of: {', '.join(QUESTIONS)}."
        )
    readings = table.get("readings", {})
    return Example(
        table["name"], table["question"], table["facts"], table["answer"], tuple(table["rests_on"]), readings
    )


def ask(example: Example, books: Mapping[str, Rulebook]) -> Decision:
    """The example's question, by these books with the example's readings."""
    read = {name: with_readings(book, example.readings.get(name, {})) for name, book in books.items()}
    return QUESTIONS[example.question](example.facts, read)


def with_readings(book: Rulebook, readings: Mapping[str, Any]) -> Rulebook:
    """The book with other readings, in force as long as the default ones were."""
    if not readings:
        return book
    changes = {
        name: [(dated.since, value, dated.clause) for dated in book.history(name)]
        for name, value in readings.items()
    }
    return book.with_values(f"{book.edition} with other readings", changes)


def differences(example: Example, made: Decision) -> list[str]:
    """What the rules answer other than the example says; nothing when they agree."""
    answer = in_yuan(made)
    found = []
    if isinstance(example.answer, Mapping):
        for name, expected in example.answer.items():
            if answer.get(name) != expected:
                found.append(f"{name}: {answer.get(name)}, not {expected}")
    elif answer != example.answer:
        found.append(f"the answer is {answer}, not {example.answer}")
    clauses = clauses_of(made)
    found += [f"{clause} is not named" for clause in example.rests_on if clause not in clauses]
    return found


def in_yuan(made: Decision) -> Any:
    """The answer with its amounts in yuan."""
    amounts = AMOUNTS.get(made.question, ())
    if amounts is True:
        return fen_to_yuan(made.answer)
    if not amounts:
        return made.answer
    return {name: _yuan(value) if name in amounts else value for name, value in made.answer.items()}


def _yuan(value: Any) -> Any:
    """Amounts by kind as a table of those that are not nothing."""
    if isinstance(value, int):
        return fen_to_yuan(value)
    summed: dict[str, int] = {}
    for kind, fen in value.items() if isinstance(value, Mapping) else value:
        summed[kind] = summed.get(kind, 0) + fen
    return {kind: fen_to_yuan(fen) for kind, fen in summed.items() if fen}


def clauses_of(made: Decision) -> set[str]:
    """Every clause a decision and its parts rest on."""
    return {reason.clause for reason in made.reasons}.union(*(clauses_of(part) for part in made.parts))
