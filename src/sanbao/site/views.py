"""Home, health, and where each clause of the mission acts."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from sanbao.site import clauses as index
from sanbao.site.wiring import panels
from sanbao.ui.formats import chinese
from sanbao.ui.pages import Scope, page, show


@page.signed_in(scope=Scope.PLACES, audit=None, rate="page")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, and the way to everything else."""
    found = panels(request.access)
    context = {
        "panels": [panel for panel in found if panel.count],
        "quiet": [panel for panel in found if not panel.count],
    }
    return show(request, "site/home.html", context)


@page.public(audit=None, rate="public")
def health(request: HttpRequest) -> HttpResponse:
    """Whether the program and its database answer. Public: it is asked by machines and says nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@page("regulations:book:view", scope=Scope.COMPANY, audit=None, rate="page")
def clauses(request: HttpRequest) -> HttpResponse:
    """Every clause of the mission by its number, and the parameters of the rulebooks that rest on it."""
    return show(request, "site/clauses.html", {"groups": index.groups("zh" if chinese() else "en")})
