"""Home, and where each clause of the mission acts."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from sanbao.site import clauses as index
from sanbao.site import searching
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


@page.signed_in(scope=Scope.PLACES, audit=None, rate="page")
def search(request: HttpRequest) -> HttpResponse:
    """What some words mean, as a page; as JSON for the palette (Ctrl K). Whose permission carries nothing finds nothing."""
    typed = request.GET.get("q", "").replace("\0", "")[:100]
    groups = searching.search(request.access, typed)
    if request.GET.get("as") == "json":
        return JsonResponse(
            {"hits": [{"label": f"{hit.label} {hit.note}".strip(), "group": group.title, "href": hit.url} for group in groups for hit in group.hits]}
        )  # fmt: skip
    return show(request, "site/search.html", {"groups": groups, "q": typed})


@page("regulations:book:view", scope=Scope.COMPANY, audit=None, rate="page")
def clauses(request: HttpRequest) -> HttpResponse:
    """Every clause of the mission by its number, and the parameters of the rulebooks that rest on it."""
    return show(request, "site/clauses.html", {"groups": index.groups("zh" if chinese() else "en")})
