"""Improvement measures by API: the list and one with its reviews."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from sanbao.improvements import queries
from sanbao.improvements.models import Measure
from sanbao.improvements.permissions import May
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["improvements"])

Id = Annotated[int, Field(ge=1, le=2**62)]
Code = Annotated[str, types.code(40)]


def _heading(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.pk, "number": measure.number, "state": measure.state, "title": measure.title, "found_by": measure.source_kind,
        "found_in": measure.source_label, "path": measure.source_path, "outlet": measure.outlet.code if measure.outlet else None,
        "product_line": measure.product_line, "owner": measure.owner.username if measure.owner else None, "due_on": measure.due_on,
        "round": measure.round, "opened_at": measure.opened_at, "done_at": measure.done_at, "review_on": measure.review_on,
        "ended_at": measure.ended_at,
    }  # fmt: skip


@router.get("", summary="Improvement measures, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_measures(
    request: HttpRequest,
    state: Code | None = None,
    outlet: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = queries.measures(request.access)  # type: ignore[attr-defined]
    if state:
        rows = rows.filter(state=state)
    if outlet:
        rows = rows.filter(outlet__code=outlet)
    if before:
        rows = rows.filter(pk__lt=before)
    return {"measures": [_heading(one) for one in rows.order_by("-id")[:limit]]}


@router.get("/{pk}", summary="One improvement measure")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def read_measure(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """With its problem, cause, what was done, and the reviews of its effect."""
    measure = get_object_or_404(queries.measures(request.access), pk=pk)  # type: ignore[attr-defined]
    reviews = [
        {"round": one.round, "done_note": one.done_note, "verdict": one.verdict, "figure": one.figure, "before": one.before,
         "after": one.after, "words": one.words, "at": one.at}
        for one in measure.reviews.order_by("round")
    ]  # fmt: skip
    texts = {name: getattr(measure, name) for name in ("problem", "cause", "remedy", "done_note", "reason", "figure", "figure_before", "figure_target")}  # fmt: skip
    return {**_heading(measure), **texts, "reviews": reviews}
