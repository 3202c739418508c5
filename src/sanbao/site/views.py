"""Home, where each clause of the mission acts, and the API for whoever writes a program."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from sanbao.site import api_described, searching
from sanbao.site import clauses as index
from sanbao.site.wiring import panels
from sanbao.ui.formats import chinese
from sanbao.ui.pages import Scope, go, page, show


@page.signed_in(scope=Scope.PLACES, audit=None, rate="page")
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, and the way to everything else. An engineer's home is the day's jobs."""
    if request.access.may("workorders:own:work") and not request.access.may("workorders:order:view"):
        return go("workorders:day")
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


_ANSWERS = (
    (200, "", _("Done; the thing as it is now.")),
    (401, "", _("No key, or one that is not valid any more.")),
    (403, "denied", _("Your post, or the key's scope, does not permit it.")),
    (404, "missing", _("It is not there, or not yours to see.")),
    (409, "stale", _("Somebody was faster: read it again and send the new version.")),
    (422, "…", _("Refused: “sentence” says what to do, “field” where, “code” is for the program.")),
    (422, "invalid", _("Fields that do not fit stand in “detail”.")),
    (429, "", _("Too often: wait for the seconds of Retry-After.")),
)


@page.signed_in(scope=Scope.NONE, audit=None, rate="page")
def api(request: HttpRequest) -> HttpResponse:
    """Every endpoint of the API with its fields and a call to copy."""
    site = f"{request.scheme}://{request.get_host()}"
    context = {
        "subjects": api_described.subjects(site),
        "answers": _ANSWERS,
        "site": site,
        "prefix": api_described.PREFIX,
    }
    return show(request, "site/api.html", context)
