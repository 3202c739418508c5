"""The page of whoever answers for the desk."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sanbao.intake import overview as desk
from sanbao.intake import queries
from sanbao.intake.models import Request
from sanbao.intake.permissions import May
from sanbao.ui.pages import Scope, page, show


@page(May.ASSIGN, scope=Scope.PLACES, audit=None, rate="page")
def overview(request: HttpRequest) -> HttpResponse:
    """How the desk stands now: every number leads to the rows it counts (CS-4)."""
    access, now = request.access, timezone.now()
    found = desk.counts(Request.objects.visible_to(access, May.SEE), now)
    context = {
        "cards": [
            {**told, "count": found[key], "url": desk.address(tab=key)} for key, told in desk.LABELS.items()
        ],
        "people": desk.by_person(access, now),
        "teams": desk.by_team(access, now),
        "next": [
            (row, *queries.due_words(row, now), row.assignee or row.team or row.outlet or "")
            for row in desk.next_due(access, now)
        ],
        "missed": desk.missed_since(access, now - timedelta(days=7)),
    }
    return show(request, "intake/overview.html", context)
