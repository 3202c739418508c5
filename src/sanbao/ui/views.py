"""The look's own pages: the components, the theme, and the pages for errors."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from sanbao.ui.pages import page, show
from sanbao.ui.samples import sample_context
from sanbao.ui.samples import why as why_of_samples
from sanbao.ui.why import answer_why

THEMES = ("light", "dark", "auto")
YEAR = 365 * 24 * 3600


@page.signed_in("GET")
def components(request: HttpRequest) -> HttpResponse:
    """Every component with sample data: where one looks before making a page."""
    return show(request, "ui/components.html", sample_context(request), parts=["list"])


@page.signed_in("GET")
def sample_why(request: HttpRequest) -> HttpResponse:
    """A "why" fetched when it is opened, as lists have them."""
    return answer_why(request, why_of_samples())


@page.public("POST")
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
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: whatever broke may stand behind its context too."""
    context: dict[str, Any] = {}
    return HttpResponse(render_to_string("500.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "ui/csrf.html", status=403)
