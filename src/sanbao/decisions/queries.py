"""Reading decisions, explaining them, and asking the rules again."""

from dataclasses import dataclass
from typing import Any

from sanbao.decisions.models import Decision
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import rulebook
from sanbao_rules import decision as kernel
from sanbao_rules.explain import Sentence, explain
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.rulebook import Rulebook


def editions_of(decision: Decision) -> dict[str, Edition]:
    """The editions a decision rests on, by book."""
    rows = Edition.objects.in_bulk(list(decision.editions.values()))
    return {book: rows[pk] for book, pk in decision.editions.items()}


def books_of(decision: Decision) -> dict[str, Rulebook]:
    """The rulebooks as they stood when the decision was made."""
    return {book: rulebook(edition) for book, edition in editions_of(decision).items()}


def sentences_of(decision: Decision, language: str) -> list[Sentence]:
    """The decision's reasons as sentences with their clauses; `language` is "zh" or "en"."""
    books = books_of(decision)
    reasons: tuple[kernel.Reason, ...] = kernel.from_json(decision.reasons)
    return [sentence for reason in reasons for sentence in explain(reason, books, language)]


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored decision beside what the rules say today to the same facts with the same editions."""

    decision: Decision
    answer: Any
    same: bool
    differences: dict[str, tuple[Any, Any]]


def replay(decision: Decision) -> Replay:
    """Ask the rules again with the stored facts and the pinned editions, and compare answer and reasons."""
    again = QUESTIONS[decision.question](kernel.from_json(decision.facts), books_of(decision))
    answer, reasons = kernel.to_json(again.answer), kernel.to_json(again.reasons)
    differences = {
        name: (stored, now)
        for name, stored, now in (("answer", decision.answer, answer), ("reasons", decision.reasons, reasons))
        if stored != now
    }
    return Replay(decision, again.answer, not differences, differences)
