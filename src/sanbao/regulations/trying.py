"""Worked examples under a draft: which answer otherwise than by the books in force, and whether the company's own come out as expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sanbao.regulations.drafting import book_of
from sanbao.regulations.models import Draft, Example
from sanbao.regulations.queries import books_in_force, rulebook
from sanbao.ui.formats import chinese
from sanbao_rules import examples as rules
from sanbao_rules.amending import as_if_always
from sanbao_rules.decision import Decision, from_json
from sanbao_rules.explain import explain
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Tried:
    """An example with its answer by the books in force and under the draft, each told with its reasons."""

    name: str
    question: str
    before: str
    after: str
    why_before: tuple[tuple[str, str], ...]
    why_after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnTried:
    """An example of the company's own: what it expects, and what the draft answers."""

    example: Example
    expected: str
    answer: str
    fits: bool


def books_under(draft: Draft) -> dict[str, Rulebook]:
    """The books in force, with the draft's in its place."""
    return books_in_force(draft.company_id) | {draft.book: book_of(draft)}


def shipped_changes(draft: Draft, language: str) -> tuple[list[Tried], int]:
    """The shipped examples whose answer the draft changes, and how many there are in all; asked as if the draft had always counted."""
    before = books_in_force(draft.company_id) | {draft.book: rulebook(draft.base)}
    after = before | {draft.book: as_if_always(before[draft.book], book_of(draft))}
    old, new = (_answers(tuple(books.items()), language) for books in (before, after))
    found = []
    for key, answer in new.items():
        if old[key][0] == answer[0]:
            continue
        book, number = key
        example = rules.shipped_examples(book)[number]
        found.append(
            Tried(
                example.name[language], example.question, old[key][0], answer[0],
                _why(old[key][1], before, language), _why(answer[1], after, language),
            )
        )  # fmt: skip
    return found, len(new)


@lru_cache(maxsize=16)
def _answers(
    books: tuple[tuple[str, Rulebook], ...], _said_in: str
) -> dict[tuple[str, int], tuple[str, Decision | None]]:
    """Every shipped example's answer by these books, as a language says it; books never change, so each set is asked once."""
    read = dict(books)
    answers: dict[tuple[str, int], tuple[str, Decision | None]] = {}
    for name in read:
        for number, example in enumerate(rules.shipped_examples(name)):
            try:
                made = rules.ask(example, read)
            except (LookupError, ValueError) as error:
                answers[name, number] = (f"– ({error})", None)
                continue
            answers[name, number] = (told(rules.in_yuan(made)), made)
    return answers


def _why(made: Decision | None, books: Mapping[str, Rulebook], language: str) -> tuple[tuple[str, str], ...]:
    return tuple((s.text, s.clause) for s in explain(made, books, language)) if made else ()


def own(draft: Draft) -> list[OwnTried]:
    """The company's own examples under the draft."""
    books = books_under(draft)
    found = []
    for example in draft.examples.order_by("id"):
        expected = from_json(example.answer)
        try:
            answer = rules.in_yuan(QUESTIONS[example.question](from_json(example.facts), books))
        except (LookupError, ValueError, TypeError) as error:
            found.append(OwnTried(example, told(expected), f"– ({error})", False))
            continue
        found.append(OwnTried(example, told(expected), told(answer), agrees(answer, expected)))
    return found


def agrees(answer: Any, expected: Any) -> bool:
    """Of a table only the entries expected are compared, as in the shipped examples."""
    if isinstance(expected, Mapping) and isinstance(answer, Mapping):
        return all(answer.get(name) == value for name, value in expected.items())
    return bool(answer == expected)


def told(answer: Any) -> str:
    """An answer in a line."""
    if isinstance(answer, Mapping):
        return "; ".join(
            f"{name} {told(value)}" for name, value in answer.items() if value not in (None, "", (), [], {})
        )
    if isinstance(answer, (list, tuple)):
        return ("、" if chinese() else ", ").join(told(item) for item in answer)
    return "" if answer is None else str(answer)
