"""Signing in and out, the company one works in, and one's own keys for the API."""

import time

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from sanbao.accounts import factors, signing_in
from sanbao.accounts import sessions as browsers
from sanbao.accounts import tokens as keys
from sanbao.accounts.events import tell
from sanbao.accounts.forms import SignInForm, TokenForm
from sanbao.accounts.models import Person, Session, SignIn, Token
from sanbao.accounts.stepup import ours
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

RECENT = 20  # tries to sign in that one's page shows


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: the page that was asked for, if it is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if ours(request, asked) else ""


def _go_on(request: HttpRequest, person: Person, way: str) -> HttpResponse:
    """The password was right: in, or on to the second factor of whoever has one."""
    at = timezone.now()
    if factors.has(person):
        signing_in.wait_for_factor(request, person, _next(request), at=at)
        return go("accounts:second-factor")
    signing_in.enter(request, person, way, at=at)
    return go(_next(request) or "home")


@page.public("GET", "POST", audit=("accounts:person:*", ""), rate="sign-in")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in. Public, because nobody has signed in yet."""
    form = SignInForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        begun = time.monotonic()
        try:
            person = signing_in.by_password(request, **form.cleaned_data, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            status = refusal.status
            # An unknown name means a little less work; the reader must not see it on the clock (ASVS 6.3.8).
            time.sleep(max(0, settings.REFUSED_AFTER - (time.monotonic() - begun)))
        else:
            return _go_on(request, person, "password")
    elif request.user.is_authenticated and request.method == "GET":
        return go(_next(request) or "home")
    # While the demonstration is told, nobody is there yet who could sign in: the page says so, and looks again.
    preparing = settings.DEMO and not Person.objects.exists()
    context = {"form": form, "next": _next(request), "preparing": preparing}
    answer = show(request, "accounts/sign_in.html", context, status=status)
    if preparing and request.method == "GET":
        answer.headers["Refresh"] = "5"
    return answer


@page.signed_in("POST", scope=Scope.OWN, audit=("accounts:person:signed-out", ""), rate="write")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and have the browser forget what it kept of the pages (ASVS 14.3.1).

    Not the cookies: theme and language are the device's, and a sign-in page open in another tab needs its form's token.
    """
    person: Person = request.user
    logout(request)
    tell("accounts:person:signed-out", person, at=timezone.now())
    answer = go("accounts:sign-in")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=None, rate="write")
def choose_company(request: HttpRequest) -> HttpResponse:
    """Work in another of the companies one holds a post in."""
    companies = {posting.company_id: posting.company for posting in request.postings}
    if request.method == "POST":
        chosen = request.POST.get("company", "")
        if not chosen.isdecimal() or int(chosen) not in companies:
            raise Http404
        request.session["company"] = int(chosen)
        return go("home")
    return show(request, "accounts/company.html", {"choices": list(companies.values())})


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=("accounts:token:made", ""), rate="write")
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own keys for the API. A new key's secret is shown once."""
    if request.access.company_id is None:
        raise PermissionDenied
    form, secret, status = TokenForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            _token, secret = keys.make(
                request.user, **form.cleaned_data, by=request.access, at=timezone.now()
            )
            form, status = TokenForm(), 200
    own = Token.objects.filter(person=request.user, company_id=request.access.company_id).order_by("-id")
    rows = [(token, [keys.WORDS[keys.Scope(scope)] for scope in token.scopes]) for token in own]
    context = {"form": form, "rows": rows, "secret": secret, "now": timezone.now()}
    return show(request, "accounts/tokens.html", context, status=status)


@page.signed_in("POST", scope=Scope.OWN, audit="accounts:token:revoked", rate="write")
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own keys at once."""
    token = get_object_or_404(Token, pk=pk, person=request.user)
    keys.revoke(token, by=request.access, at=timezone.now())
    return go("accounts:tokens")


@page.signed_in(scope=Scope.OWN, audit=None, rate="page")
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, and who tried to sign in lately (ASVS 7.5.2)."""
    here = browsers.SessionStore.digest(request.session.session_key or "")
    rows = [(row, row.digest == here) for row in browsers.of(request.user, timezone.now())]
    recent = SignIn.objects.filter(person=request.user).order_by("-id")[:RECENT]
    context = {"sessions": rows, "recent": recent, "others": len(rows) > 1}
    return show(request, "accounts/sessions.html", context)


@page.signed_in("POST", scope=Scope.OWN, audit=("accounts:*", ""), rate="write")
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions at once; ending this one is signing out."""
    row = get_object_or_404(Session, pk=pk, person=request.user)
    if row.digest == browsers.SessionStore.digest(request.session.session_key or ""):
        return sign_out(request)
    row.delete()
    tell("accounts:session:ended", request.user, at=timezone.now(), device=row.device)
    return go("accounts:sessions")


@page.signed_in("POST", scope=Scope.OWN, audit=("accounts:*", ""), rate="write")
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    ended = browsers.end_all(request.user, but=request.session)
    if ended:
        tell("accounts:session:ended", request.user, at=timezone.now(), sessions=ended)
    return go("accounts:sessions")
