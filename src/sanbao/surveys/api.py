"""Surveys by API: the results of a period, the answers, the published results."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from sanbao.surveys import queries
from sanbao.surveys.permissions import May
from sanbao.surveys.queries import Cut, Figures
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.refusal import Refusal

router = Router(tags=["surveys"])

Id = Annotated[int, Field(ge=1, le=2**62)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]


def _shown(row: Figures) -> dict[str, Any]:
    """Groups too small keep their figures to themselves."""
    plain = asdict(row)
    if row.hidden:
        plain |= {"answers": None, "satisfied": None, "rate": None, "mean": None}
    return plain


@router.get("/results", summary="Satisfaction of a period")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def read_results(request: HttpRequest, first: Day | None = None, last: Day | None = None) -> dict[str, Any]:
    """Both days included; without them the last twelve months. Surveys and ratings, each job once; groups of few answers are hidden."""
    last = last or timezone.localdate()
    first = first or last - timedelta(days=365)
    if last < first:
        raise Refusal("The last day lies before the first.", field="last", code="period")
    found = queries.results(request.access, Cut(first, last), timezone.localdate())  # type: ignore[attr-defined]
    answer = found.decision.answer
    hidden = found.total.hidden
    return {
        "total": _shown(found.total),
        "population": found.population,
        "asked": found.asked,
        "response_rate": None if hidden else answer["response"],
        "margin": None if hidden else answer["margin"],
        "groups": {group: [_shown(row) for row in rows] for group, rows in found.groups.items()},
    }


@router.get("/answers", summary="Answers to surveys, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_answers(
    request: HttpRequest, before: Id | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. No customer is named."""
    rows = queries.responses(request.access).select_related("order", "outlet", "engineer")  # type: ignore[attr-defined]
    if before:
        rows = rows.filter(pk__lt=before)
    return {
        "answers": [
            {
                "id": one.pk, "score": one.score, "words": one.words, "low": one.low, "anonymous": one.anonymous, "source": one.source,
                "order": one.order.number if one.order else None, "outlet": one.outlet.code if one.outlet else None,
                "engineer": one.engineer.username if one.engineer else None, "answered_at": one.answered_at,
            }
            for one in rows.order_by("-id")[:limit]
        ]
    }  # fmt: skip


@router.get("/published", summary="Published results, newest first")
@endpoint(May.READ, scope=Scope.COMPANY, audit=None)
def list_published(request: HttpRequest) -> dict[str, Any]:
    """As they were published: their figures stand still."""
    rows = queries.publications(request.access).order_by("-id")[:100]  # type: ignore[attr-defined]
    return {
        "results": [
            {"id": one.pk, "number": one.number, "title": one.title, "first_day": one.first_day, "last_day": one.last_day,
             "figures": one.figures, "words": one.words, "strategy": one.strategy, "made_at": one.made_at}
            for one in rows
        ]
    }  # fmt: skip
