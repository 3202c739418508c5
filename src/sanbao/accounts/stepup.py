"""Before money moves, and before a way in is changed: a proof, not older than a quarter of an hour, that the right person sits there
(ASVS 7.5.1, 7.5.3).

Signing in is such a proof, and so is a password, code or passkey on the confirmation page. What was pressed is not done afterwards
by itself: the reader comes back to the page with the button.
"""

import time
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from sanbao.edge import logs, watch
from sanbao.ui.pages import SAFE, Mark, go
from sanbao.ui.refusal import Refusal

FRESH = timedelta(minutes=15)
CONFIRMED = "confirmed-at"

# The one declaration: views of this rate, and these views, ask for a fresh proof before they change anything.
RATES = frozenset(("money",))
VIEWS = frozenset((
    "accounts:tokens", "accounts:app", "accounts:add-passkey", "accounts:remove-factor", "accounts:recovery-codes",
    "accounts:make-link", "accounts:reset-factors", "accounts:add-person", "accounts:appoint",
    "accounts:keep-address", "notices:address",
))  # fmt: skip
# Moves of statements that pay nobody and take nothing back; every other move is money.
EASY = frozenset(("submission", "check", "return"))


class Unconfirmed(Refusal):
    """A program signed in by session has to send its user to the confirmation page first."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("Confirm first that it is you: open the page and do it there."), code="confirm")


def fresh(request: HttpRequest) -> bool:
    """Whether the person has signed in, or confirmed, within the last quarter of an hour."""
    began = request.session.began_at
    since = max(began.timestamp() if began else 0, request.session.get(CONFIRMED, 0))
    return bool(since > time.time() - FRESH.total_seconds())


def confirm(request: HttpRequest) -> None:
    """It is the right person: fresh for a quarter of an hour, under a new session key (ASVS 7.2.4)."""
    request.session.renew()
    request.session[CONFIRMED] = timezone.now().timestamp()
    logs.tell("step-up.done")


def needed(request: HttpRequest, mark: Mark) -> bool:
    """Whether what is asked for needs a fresh proof."""
    where = request.resolver_match
    if request.method in SAFE or where is None:
        return False
    return (mark.rate in RATES and where.kwargs.get("noun") not in EASY) or where.view_name in VIEWS


def look(request: HttpRequest, mark: Mark) -> HttpResponse | None:
    """In guard.BEFORE: None, or the way to the confirmation page. A token has its own scope for money instead (tokens.py)."""
    if not needed(request, mark) or getattr(request, "token", None) or fresh(request):
        return None
    logs.tell("step-up.asked", route=watch.route_of(request))
    if mark.audience == "api":
        raise Unconfirmed
    return send(request, f"{resolve_url('accounts:confirm')}?{urlencode({'next': came_from(request)})}")


def send(request: HttpRequest, where: str) -> HttpResponse:
    """Send the whole page there, also when HTMX asked for a part of it."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return go(where)


def came_from(request: HttpRequest) -> str:
    """The page with the button, if the browser says which and it is ours."""
    page = request.headers.get("Referer", "")
    return page if ours(request, page) else resolve_url("home")


def ours(request: HttpRequest, url: str) -> bool:
    """Whether the address is one of this site: nobody is sent elsewhere.

    A bare word is none: `go` would take it for the name of a page.
    """
    return "/" in url and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
