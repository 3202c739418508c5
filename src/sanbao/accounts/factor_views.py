"""The second factor: asked for when signing in and before money, set up and taken away on the page of one's account."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import factors, gate, lockout, origin, passwords, signing_in, stepup
from sanbao.accounts.events import tell
from sanbao.accounts.forms import CodeForm, ConfirmForm, PasskeyForm, SignInWithPasskeyForm
from sanbao.accounts.models import Person, SignIn
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _dress(form: Any, refusal: Refusal) -> int:
    """Put a refusal beside its field; the status of the page."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    return refusal.status


@page.public("GET", "POST", audit=("accounts:*", ""), rate="sign-in")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor. Public: only the password has been given so far."""
    at = timezone.now()
    waiting = signing_in.pending(request, at=at)
    if waiting is None:
        return go("accounts:sign-in")
    person, leads_to = waiting
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                way = signing_in.by_factor(request, person, **form.cleaned_data, at=at)
            except Refusal as refusal:
                status = _dress(form, refusal)
                signing_in.write(request, person, SignIn.Outcome.WRONG, "factor", at)
            else:
                signing_in.enter(request, person, f"password+{way}", at=at)
                return go(leads_to if stepup.ours(request, leads_to) else "home")
    return show(request, "accounts/second_factor.html", {"form": form, **_ways(person)}, status=status)


def _ways(person: Person) -> dict[str, Any]:
    """What the person may prove themselves with; a passkey's question is made anew each time it is shown."""
    types = {factor.type for factor in factors.of(person)}
    passkey = factors.Kind.WEBAUTHN in types
    return {"app": factors.Kind.TOTP in types, "passkey": factors.ask_passkey(person) if passkey else ""}


@page.public("GET", "POST", audit=("accounts:*", ""), rate="sign-in")
def sign_in_with_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it is two factors in one, the device and what unlocks it. Public: nobody has signed in yet."""
    form, status, at = SignInWithPasskeyForm(request.POST or None), 200, timezone.now()
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                person = _by_passkey(request, form.cleaned_data["credential"])
            except Refusal as refusal:
                status = _dress(form, refusal)
            else:
                signing_in.enter(request, person, "passkey", at=at)
                return go("home")
    context = {"form": form, "passkey": factors.ask_passkey(None)}
    return show(request, "accounts/sign_in_passkey.html", context, status=status)


def _by_passkey(request: HttpRequest, credential: str) -> Person:
    at, address = timezone.now(), ("address", origin.address(request))
    lockout.count(address, at=at)
    person = factors.take_passkey(None, credential, at=at)
    lockout.forgive(address)
    return person


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=("accounts:*", ""), rate="sign-in")
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again that it is you, before money moves; then back to the page with the button (ASVS 7.5.3)."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    leads_to = asked if stepup.ours(request, asked) else ""
    form, status = ConfirmForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _confirm(request, request.user, **form.cleaned_data)
            except Refusal as refusal:
                status = _dress(form, refusal)
            else:
                stepup.confirm(request)
                messages.success(request, _("Thank you. Nothing has been done yet: press the button again."))
                return go(leads_to or "home")
    return show(
        request,
        "accounts/confirm.html",
        {"form": form, "next": leads_to, **_ways(request.user)},
        status=status,
    )


def _confirm(request: HttpRequest, person: Person, password: str, code: str, credential: str) -> None:
    at = timezone.now()
    if code or credential:
        signing_in.by_factor(request, person, code, credential, at=at)
        return
    tries = ("code", str(person.pk))
    lockout.count(tries, at=at)
    if not person.check_password(password):
        tell("accounts:person:sign-in-refused", person, at=at, address=origin.address(request), way="confirm")
        raise Refusal(_("This is not your password."), field="password")
    lockout.forgive(tries)


@page.signed_in(scope=Scope.OWN, audit=None, rate="page")
def security(request: HttpRequest) -> HttpResponse:
    """One's own account: password, second factors, keys."""
    person: Person = request.user
    context = {
        "factors": [(factor, factors.name_of(factor)) for factor in factors.of(person)],
        "codes_left": factors.codes_left(person),
        "lacks": settings.SECOND_FACTOR == "required" and gate.lacks_factor(request),
        "rules": passwords.rules(),
    }
    return show(request, "accounts/security.html", context)


def _added(request: HttpRequest, codes: list[str], what: str) -> HttpResponse:
    """After a factor was added: new recovery codes are shown once, before anything else."""
    messages.success(request, what)
    if codes:
        return show(request, "accounts/recovery_codes.html", {"codes": codes})
    return go("accounts:security")


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=("accounts:factor:added", ""), rate="sign-in")
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: scan, type its code."""
    form, status, person = CodeForm(request.POST or None), 200, request.user
    if request.method == "POST":
        status = 422
        if form.is_valid():
            at = timezone.now()
            try:
                codes = factors.add_app(request, person, form.cleaned_data["code"], at=at)
            except Refusal as refusal:
                status = _dress(form, refusal)
            else:
                tell("accounts:factor:added", person, at=at, kind="totp")
                return _added(request, codes, _("The authenticator app is set up."))
    secret = factors.new_secret(request)
    context = {
        "form": form,
        "picture": factors.picture(person, secret),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    }
    return show(request, "accounts/app.html", context, status=status)


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=("accounts:factor:added", ""), rate="sign-in")
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device."""
    form, status, person = PasskeyForm(request.POST or None), 200, request.user
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes = factors.add_passkey(
                    person, form.cleaned_data["name"], form.cleaned_data["credential"]
                )
            except Refusal as refusal:
                status = _dress(form, refusal)
            else:
                tell("accounts:factor:added", person, at=timezone.now(), kind="passkey")
                return _added(request, codes, _("The passkey has been added."))
    context = {"form": form, "passkey": factors.begin_passkey(person)}
    return show(request, "accounts/passkey.html", context, status=status)


@page.signed_in("POST", scope=Scope.OWN, audit=("accounts:factor:recovery-codes-made", ""), rate="write")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make other recovery codes, shown once."""
    try:
        codes = factors.new_recovery_codes(request.user)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return go("accounts:security")
    tell("accounts:factor:recovery-codes-made", request.user, at=timezone.now())
    return show(request, "accounts/recovery_codes.html", {"codes": codes})


@page.signed_in("POST", scope=Scope.OWN, audit=("accounts:factor:removed", ""), rate="write")
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away one of one's own factors."""
    roles = [posting.role for posting in request.postings]
    try:
        gone = factors.remove(request.user, pk, roles=roles)
    except factors.Authenticator.DoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        tell("accounts:factor:removed", request.user, at=timezone.now(), kind=gone.type)
        messages.success(request, _("The second factor has been removed."))
    return go("accounts:security")
