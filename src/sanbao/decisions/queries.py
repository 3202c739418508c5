"""Reading decisions, explaining them, and asking the rules again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from sanbao.accounts.access import Access
from sanbao.decisions.models import Decision
from sanbao.edge.kept import kept
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import rulebook
from sanbao.ui.why import Why, WhySentence
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


def whys(decisions: Sequence[Decision], language: str, access: Access) -> list[Why]:
    """Each decision explained, in one statement for all; links only to what the reader may open."""
    rows = _editions({pk for decision in decisions for pk in decision.editions.values()}, access)
    told = []
    for decision in decisions:
        books = {book: rulebook(rows[pk]) for book, pk in decision.editions.items()}
        reasons: tuple[kernel.Reason, ...] = kernel.from_json(decision.reasons)
        sentences = [sentence for reason in reasons for sentence in explain(reason, books, language)]
        book = books[reasons[-1].book or next(iter(books))] if reasons else next(iter(books.values()))
        told.append(_why(decision, sentences, books, book, language, access))
    return told


def _editions(pks: set[int], access: Access) -> dict[int, Edition]:
    """Editions by number. Their books are large, and most decisions of a company rest on the same few."""
    return kept(
        ("editions by number", access.company_id, frozenset(pks)),
        ("regulations_edition",),
        lambda: Edition.objects.in_bulk(pks),
    )


def whys_of_parts(decision: Decision, language: str, access: Access) -> list[Why]:
    """The decisions a decision is made of, explained one by one: a quotation's lines. The rules are asked again with the stored facts."""
    books = books_of(decision)
    again = QUESTIONS[decision.question](kernel.from_json(decision.facts), books)
    first = next(iter(books.values()))
    return [_why(decision, explain(part, books, language), books, first, language, access) for part in again.parts]  # fmt: skip


def _why(
    decision: Decision, sentences: Sequence[Sentence], books: dict[str, Rulebook], book: Rulebook, language: str, access: Access
) -> Why:  # fmt: skip
    return Why(
        "",
        tuple(
            WhySentence(s.text, s.clause, s.clause_text, source_of(s.clause, books, language))
            for s in sentences
        ),
        f"{book.name} {book.edition}",
        reverse("regulations:book", args=[book.name]) if access.may("regulations:book:view") else "",
        reverse("decisions:decision", args=[decision.pk]) if access.may("decisions:decision:view") else "",
        reverse("decisions:replay", args=[decision.pk]) if access.may("decisions:decision:replay") else "",
    )


def source_of(clause: str, books: Mapping[str, Rulebook], language: str) -> str:
    """The title of the regulation a clause stands in: "standard GN-3" is of the source "standard"."""
    name = clause.partition(" ")[0]
    return next((book.sources[name].title[language] for book in books.values() if name in book.sources), "")


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
