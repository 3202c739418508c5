"""Working times by API: what is on record, and coming and going, as a clock at the door would say it for the owner of the key (BA-6)."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from sanbao.intake import operations
from sanbao.intake.models import WorkTime
from sanbao.intake.permissions import May
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["working times"])

Id = Annotated[int, Field(ge=1, le=2**62)]
Code = Annotated[str, types.code(40)]


def _shown(row: WorkTime) -> dict[str, Any]:
    return {
        "id": row.pk, "person": row.person.username, "outlet": row.outlet.code if row.outlet else None, "day": row.day,
        "came_at": row.came_at, "went_at": row.went_at, "due_from": row.due_from, "due_to": row.due_to,
        "late_minutes": row.late, "early_minutes": row.early, "written_by": row.written_by.username if row.written_by else None, "reason": row.reason,
    }  # fmt: skip


@router.get("", summary="Working times of one's people, newest first")
@endpoint(May.SEE_TIMES, scope=Scope.PLACES, audit=None)
def list_times(
    request: HttpRequest,
    first: date | None = None,
    last: date | None = None,
    person: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit` days on record, from `first` to `last`; ask on with `before` = the last id."""
    rows = WorkTime.objects.visible_to(request.access, May.SEE_TIMES)  # type: ignore[attr-defined]
    if first:
        rows = rows.filter(day__gte=first)
    if last:
        rows = rows.filter(day__lte=last)
    if person:
        rows = rows.filter(person__username=person)
    if before:
        rows = rows.filter(pk__lt=before)
    found = rows.select_related("person", "outlet", "written_by").order_by("-id")[:limit]
    return {"times": [_shown(row) for row in found]}


@router.post("/coming", summary="The owner of the key has come to work")
@endpoint(May.OWN_TIME, scope=Scope.OWN, audit="intake:time:came")
def come_to_work(request: HttpRequest) -> dict[str, Any]:
    """Once a day: coming a second time is refused."""
    return _shown(operations.come(by=request.access, at=timezone.now()))  # type: ignore[attr-defined]


@router.post("/going", summary="The owner of the key goes home")
@endpoint(May.OWN_TIME, scope=Scope.OWN, audit="intake:time:went")
def go_home(request: HttpRequest) -> dict[str, Any]:
    """The last time of a day counts."""
    return _shown(operations.go(by=request.access, at=timezone.now()))  # type: ignore[attr-defined]
