"""Home, where each clause of the mission acts, and the API for whoever writes a program."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.decisions.cited import resting_on
from sanbao.decisions.words import word as question_word
from sanbao.regulations.facts import source_title
from sanbao.regulations.models import Proposal
from sanbao.regulations.queries import books_in_force
from sanbao.site import api_described, searching
from sanbao.site import clauses as index
from sanbao.site.wiring import panels
from sanbao.ui import formats
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
    return show(request, "site/clauses.html", {"groups": index.groups(formats.language())})


@page("regulations:book:view", scope=Scope.PLACES, audit=None, rate="page")
def clause(request: HttpRequest, clause: str) -> HttpResponse:
    """One clause: its text, the parameters that rest on it, what was decided by it in the last year, what people say about it, tests."""
    language = formats.language()
    title = index.title_of(clause, language)
    access = request.access
    texts, places = [], []
    for book_name, book in books_in_force(access.company_id).items():
        for name in (name for name in book.clauses if name.partition(" ")[2] == clause):
            texts.append(
                (book.title[language], source_title(book, name, language), book.clause_text(name, language))
            )
        places += [
            (
                parameter.label[language],
                reverse("regulations:parameter", args=[book_name, parameter.name]),
                book.title[language],
            )
            for parameter in book.parameters.values()
            if any(value.clause.partition(" ")[2] == clause for value in parameter.values)
        ]
    if not title and not texts:
        raise Http404
    may_decisions = access.may("decisions:decision:view")
    since = year_back(timezone.localdate())
    resting = resting_on(access, "decisions:decision:view", clause, since)
    context = {
        "clause": clause, "title": title or texts[0][2][:60], "texts": texts, "places": places, "traced": index.traced(clause),
        "may_decisions": may_decisions, "since": since, "resting": resting,
        "counted": [(question_word(one.question), one.count, one.fen) for one in resting.by_question],
        "documents": [told for ask in index.DOCUMENTS for told in ask(access, clause)],
        "complaints": [told for ask in index.COMPLAINTS for told in ask(access, clause)],
        "proposals": Proposal.objects.visible_to(access, "regulations:book:view").filter(clause=clause).order_by("-id")[:20],
        "may_propose": access.may("regulations:proposal:make"),
        "crumbs": [(gettext("Clauses"), reverse("clauses"))],
    }  # fmt: skip
    return show(request, "site/clause.html", context)


def year_back(today: date) -> date:
    """The first day of the month a year ago: decisions are counted by months, and a year of them is never less than a year."""
    return today.replace(year=today.year - 1, day=1)


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
