"""Regulations by API: the list, one with its clauses, words in them, a clause by its id; what waits to be read, and its confirmation."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.documents import operations, queries
from sanbao.documents.models import Campaign, Clause, Document, Version
from sanbao.documents.permissions import May
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["regulations"])

Words = Annotated[str, types.text(100)]
Code = Annotated[str, types.code(40)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _heading(document: Document) -> dict[str, Any]:
    return {
        "id": document.pk, "number": document.number, "title": document.title, "title_en": document.english, "kind": document.kind,
        "state": document.standing, "version": document.label, "department": document.department,
        "effective_on": document.effective_on, "review_on": document.review_on, "cited_as": document.source, "public": document.public,
    }  # fmt: skip


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "number": clause.number, "level": clause.level, "cited_as": clause.ref, "text": clause.text, "text_en": clause.english,
        "table": clause.table,
    }  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    return {
        "no": version.no, "label": version.label, "state": version.state, "issued_on": version.issued_on,
        "effective_on": version.effective_on, "review_on": version.review_on, "changed_by": version.changed_by,
        "interpreted_by": version.interpreted_by, "clauses": [_clause(clause) for clause in version.clauses.all()],
    }  # fmt: skip


@router.get("/documents", summary="Regulations, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_documents(
    request: HttpRequest, before: Id | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = queries.documents(_by(request)).order_by("-id")
    if before:
        rows = rows.filter(pk__lt=before)
    return {"documents": [_heading(one) for one in rows[:limit]]}


@router.get("/documents/{pk}", summary="One regulation with its clauses")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_document(request: HttpRequest, pk: Id, on: date | None = None) -> dict[str, Any]:
    """As it is in force, or as it bound people on a day (`on`); `text` is empty where there was none."""
    document = get_object_or_404(queries.documents(_by(request)), pk=pk)
    version = queries.in_force_on(document, on) if on else queries.shown(document, _by(request))
    return {**_heading(document), "text": _version(version) if version else None}


@router.get("/clauses", summary="Words in the clauses in force")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def find_clauses(request: HttpRequest, words: Words = "") -> dict[str, Any]:
    """At most a hundred clauses, in the order of the regulations; an id such as KA-11.1 finds its clause."""
    return {
        "clauses": [
            {**_clause(one), "document": one.version.document_id, "version": one.version.label}
            for one in (queries.found(_by(request), words) if words else ())
        ]
    }


@router.get("/clauses/{source}/{ref}", summary="Where a cited clause stands")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_clause(request: HttpRequest, source: Code, ref: Code) -> dict[str, Any]:
    """The clause that a decision cites as "source ref", in the regulations in force."""
    return {
        "places": [
            {**_clause(place.clause), "document": place.version.document_id, "version": place.version.label}
            for place in queries.places_of(_by(request), source, ref)
        ]
    }


@router.get("/readings", summary="What I am asked to read")
@endpoint(May.SEE, scope=Scope.OWN, audit=None)
def my_readings(request: HttpRequest) -> dict[str, Any]:
    """What waits for the token's owner, the most urgent first."""
    rows = queries.waiting(_by(request)).select_related("campaign").order_by("due_on", "pk")
    return {
        "readings": [
            {
                "campaign": one.campaign_id, "title": one.campaign.title, "kind": one.campaign.kind, "due_on": one.due_on,
                "questions": [{"id": each.pk, "text": each.text, "options": each.options} for each in one.campaign.questions.order_by("pk")],
            }
            for one in rows[:100]
        ]
    }  # fmt: skip


class Confirmation(Schema):
    """That one has read to the end, and one's answers: question → place of the answer, from 0."""

    read: bool
    answers: dict[int, Annotated[int, Field(ge=0, le=20)]] = {}


@router.post("/readings/{pk}/confirmation", summary="Confirm a reading")
@endpoint(May.SEE, scope=Scope.OWN, audit=("documents:reading:confirmed", "documents:reading:tried", ""))
def confirm_reading(request: HttpRequest, pk: Id, told: Confirmation) -> dict[str, Any]:
    """Once it counts, it stays; `wrong` are the questions to be answered again."""
    own = get_object_or_404(queries.own_readings(_by(request)).select_related("campaign"), campaign_id=pk)
    outcome = operations.confirm(
        own.campaign, told.answers, read=told.read, by=_by(request), at=timezone.now()
    )
    return {"confirmed": outcome.confirmed, "wrong": list(outcome.wrong)}


@router.get("/campaigns/{pk}", summary="How far a campaign is")
@endpoint(May.CAMPAIGNS, scope=Scope.PLACES, audit=None)
def read_campaign(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """By outlet; headquarters and regions together have an empty name."""
    campaign = get_object_or_404(Campaign.objects.visible_to(_by(request), May.CAMPAIGNS), pk=pk)
    return {
        "id": campaign.pk, "title": campaign.title, "state": campaign.state, "due_on": campaign.due_on,
        "progress": queries.progress(_by(request), campaign),
    }  # fmt: skip
