"""Rulebooks by API, to be read: the editions in force, drafts with what they change, proposals."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router

from sanbao.accounts.access import Access
from sanbao.regulations import drafting
from sanbao.regulations.models import Draft, Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import book_names, edition_in_force, rulebook
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao_rules import amending
from sanbao_rules.document import value_text
from sanbao_rules.rulebook import Dated, Rulebook

router = Router(tags=["rules"])

Id = Annotated[int, Field(ge=1, le=2**62)]
Limit = Annotated[int, Query(ge=1, le=200)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


@router.get("/books", summary="The rulebooks with the edition in force")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_books(request: HttpRequest) -> dict[str, Any]:
    """Name, title, edition and digest of each."""
    company = _by(request).company_id
    editions = [edition_in_force(company, name) for name in book_names()]
    return {
        "books": [
            {
                "book": one.book, "title": dict(rulebook(one).title), "edition": one.edition, "edition_id": one.pk,
                "digest": one.digest, "own": one.company_id is not None,
            }
            for one in editions
        ]
    }  # fmt: skip


@router.get("/books/{name}/values", summary="The values of a rulebook on a day")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_values(
    request: HttpRequest, name: Annotated[str, types.code(40)], on: types.Day | None = None
) -> dict[str, Any]:
    """Every parameter in force on the day (today, if none is named) with its clause; one that was not in force yet has no value."""
    if name not in book_names():
        raise Http404
    on = on or timezone.localdate()
    book = rulebook(edition_in_force(_by(request).company_id, name))
    found = []
    for parameter in book.parameters.values():
        dated = max(
            (one for one in parameter.values if one.since <= on), key=lambda one: one.since, default=None
        )
        found.append(
            {
                "parameter": parameter.name,
                "label": dict(parameter.label),
                "unit": parameter.unit,
                **_said(dated, book),
            }
        )
    return {"book": name, "edition": book.edition, "on": on, "values": found}


def _said(dated: Dated | None, book: Rulebook) -> dict[str, Any]:
    if dated is None:
        return {"value": None, "since": None, "clause": ""}
    said = {language: value_text(dated, book, language) for language in ("zh", "en")}
    return {"value": said, "since": dated.since, "clause": dated.clause}


def _heading(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.pk, "book": draft.book, "edition": draft.edition, "title": draft.title, "why": draft.why, "state": draft.state,
        "version": draft.version, "from_day": draft.from_day, "base_id": draft.base_id, "edition_id": draft.result_id,
    }  # fmt: skip


@router.get("/drafts", summary="Drafts of editions, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_drafts(request: HttpRequest, before: Id | None = None, limit: Limit = 50) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = Draft.objects.visible_to(_by(request), May.SEE)
    if before:
        rows = rows.filter(pk__lt=before)
    return {"drafts": [_heading(one) for one in rows.order_by("-id")[:limit]]}


@router.get("/drafts/{pk}", summary="One draft with what it says differently")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_draft(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """Each difference from a day on: the value before and now, and the clause."""
    rows = Draft.objects.visible_to(_by(request), May.SEE).select_related("base", "result")
    draft = get_object_or_404(rows, pk=pk)
    before, after = rulebook(draft.base), drafting.book_of(draft)
    told = [
        {
            "parameter": one.parameter, "since": one.since,
            "before": _said(one.before, before)["value"], "after": _said(one.after, after)["value"],
            "clause": one.after.clause if one.after else "",
        }
        for one in amending.differences(before, after)
    ]  # fmt: skip
    return {**_heading(draft), "digest": after.digest, "differences": told}


@router.get("/proposals", summary="Proposals to change a rule, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_proposals(request: HttpRequest, before: Id | None = None, limit: Limit = 50) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = Proposal.objects.visible_to(_by(request), May.SEE)
    if before:
        rows = rows.filter(pk__lt=before)
    return {
        "proposals": [
            {
                "id": one.pk, "title": one.title, "words": one.words, "clause": one.clause, "book": one.book, "parameter": one.parameter,
                "state": one.state, "decision": one.reason, "effect": one.effect, "draft_id": one.draft_id,
            }
            for one in rows.order_by("-id")[:limit]
        ]
    }  # fmt: skip
