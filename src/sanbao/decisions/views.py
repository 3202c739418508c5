"""Decisions: what was asked, what was answered and why; and asking the rules again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts import scope
from sanbao.decisions import queries
from sanbao.decisions.facts import sheets, told
from sanbao.decisions.models import Decision
from sanbao.decisions.words import QUESTIONS, word
from sanbao.ui import formats
from sanbao.ui.links import page_of
from sanbao.ui.lists import Choice, Column, Days, List, Reference, Tab
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.why import Why, WhySentence

SEE, REPLAY = "decisions:decision:view", "decisions:decision:replay"
NAMES = {"answer": _("Answer"), "reasons": _("Reasons")}
MOST_SHEETS = 500

DECISIONS = List(
    "decisions",
    columns=(
        Column("made_at", _("When"), kind="date"),
        Column(
            "question",
            _("Question"),
            value=lambda d: word(d.question),
            link=lambda d: reverse("decisions:decision", args=[d.pk]),
        ),
        Column(
            "thing_id",
            _("About"),
            value=lambda d: f"#{d.thing_id}",
            link=lambda d: page_of(d.thing, d.thing_id, scope.current().access),
        ),
        Column("made_by", _("Who asked"), value="made_by"),
        Column("rules_version", _("Rules"), kind="code"),
    ),
    filters=(
        Choice("question", _("Question"), list(QUESTIONS.items())),
        Days("made", _("When"), field="made_at", moments=True),
        Reference("thing_id", _("About"), field="thing_id"),
    ),
    tabs=(Tab("all", _("All")),),
)


@page(SEE, scope=Scope.PLACES, audit="decisions:decisions:exported", rate="page")
def decisions(request: HttpRequest) -> HttpResponse:
    """Stored decisions, newest first."""
    rows = (
        Decision.objects.visible_to(request.access, SEE)
        .defer("facts", "reasons", "answer")
        .select_related("made_by")
    )
    listing = DECISIONS.of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Decisions"))
    return show(request, "decisions/decisions.html", {"list": listing}, parts=["list"])


def _found(request: HttpRequest, pk: int, permission: str) -> Decision:
    rows = Decision.objects.visible_to(request.access, permission).select_related("made_by", "supersedes")
    return get_object_or_404(rows, pk=pk)


@page(SEE, scope=Scope.PLACES, audit=None, rate="page")
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision: question, facts, answer, reasons with their clauses, editions, and what it replaced."""
    return show(request, "decisions/decision.html", _context(request, _found(request, pk, SEE)))


@page(REPLAY, "POST", scope=Scope.PLACES, audit=None, rate="write")
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the rules again with the stored facts and editions, and compare. Changes nothing."""
    found = _found(request, pk, REPLAY)
    again = queries.replay(found)
    differences = [(NAMES[name], stored, now) for name, (stored, now) in again.differences.items()]
    context = _context(request, found) | {"replayed": again, "differences": differences}
    return show(request, "decisions/decision.html", context)


def _context(request: HttpRequest, found: Decision) -> dict[str, Any]:
    language = formats.language()
    editions = queries.editions_of(found)
    books = queries.books_of(found)
    answer = told(
        found.answer, found.question, answer=True, books=books.values(), company_id=found.company_id
    )
    sentences = tuple(
        WhySentence(s.text, s.clause, s.clause_text, queries.source_of(s.clause, books, language))
        for s in queries.sentences_of(found, language)
    )
    return {
        "decision": found,
        "question": word(found.question),
        "facts": told(found.facts, books=books.values(), company_id=found.company_id),
        "sheets": (lines := sheets(found.facts))[:MOST_SHEETS],
        "sheet_count": len(lines),
        "answer": answer,
        "why": Why(answer[0][1] if len(answer) == 1 else "", sentences),
        "editions": [
            (books[book].title[language], edition, reverse("regulations:edition", args=[edition.pk]))
            for book, edition in editions.items()
        ],
        "about_url": page_of(found.thing, found.thing_id, request.access),
        "superseded_by": Decision.objects.filter(supersedes=found).only("pk", "made_at").first(),
        "may_replay": request.access.may(REPLAY),
        "crumbs": [(gettext("Decisions"), reverse("decisions:list"))],
    }
