"""The look's own pages: the components, the theme, and the pages for errors."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from sanbao.edge import logs, watch
from sanbao.edge.answers import for_program
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.samples import sample_context
from sanbao.ui.samples import why as why_of_samples
from sanbao.ui.why import answer_why

THEMES = ("light", "dark", "auto")
YEAR = 365 * 24 * 3600


@page.signed_in("GET", scope=Scope.NONE, audit=None, rate="page")
def components(request: HttpRequest) -> HttpResponse:
    """Every component with sample data: where one looks before making a page."""
    return show(request, "ui/components.html", sample_context(request))


@page.signed_in("GET", scope=Scope.NONE, audit=None, rate="page")
def sample_why(request: HttpRequest) -> HttpResponse:
    """A "why" fetched when it is opened, as lists have them."""
    return answer_why(request, why_of_samples())


@page.public("POST", audit=None, rate="public")
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system: a cookie. Public, because the sign-in page has the switch too."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = HttpResponseRedirect(back, status=303)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            settings.THEME_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _told(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _told(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _told(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: whatever broke may stand behind its context too. Its id is on the page, to be quoted; the log has it."""
    number = getattr(request, "number", "")
    if for_program(request):
        return _json(500, request=number)
    return HttpResponse(render_to_string("500.html", {"number": number}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    watch.refused("forgery")
    logs.warn("forgery.refused", route=watch.route_of(request))
    return _told(request, "ui/csrf.html", 403)


def _told(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """An error as a page, or in JSON where a program asked."""
    return _json(status) if for_program(request) else render(request, template, status=status)


def _json(status: int, **more: str) -> HttpResponse:
    code, sentence = {
        400: ("bad_request", _("The request could not be read")),
        403: ("denied", _("Your post does not include this")),
        404: ("missing", _("There is nothing here")),
        500: ("fault", _("Something went wrong on our side")),
    }[status]
    return JsonResponse(
        {"code": code, "sentence": sentence, **more}, status=status, json_dumps_params={"ensure_ascii": False}
    )
