"""Changing one's password, and setting one by a link."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import links, lockout, passwords, scope
from sanbao.accounts.events import tell
from sanbao.accounts.forms import ChangePasswordForm, NewPasswordForm
from sanbao.accounts.models import Person
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

LINK = "password-link"  # where the session keeps the secret of the link that was opened


@page.signed_in("GET", "POST", scope=Scope.OWN, audit=("accounts:password:*", ""), rate="sign-in")
def change(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the old one is asked for (ASVS 6.2.2, 6.2.3)."""
    form, status = ChangePasswordForm(request.POST or None), 200
    person: Person = request.user
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _change(request, person, form.cleaned_data["old"], form.cleaned_data["password"])
            except Refusal as refusal:
                form.add_error(refusal.field or None, refusal.sentence)
                status = refusal.status
            else:
                messages.success(
                    request, _("Your password has been changed; all your other sessions have ended.")
                )
                return go("home")
    context = {
        "form": form,
        "rules": passwords.rules(),
        "too_old": passwords.is_too_old(person, timezone.now()),
    }
    return show(request, "accounts/password.html", context, status=status)


def _change(request: HttpRequest, person: Person, old: str, new: str) -> None:
    at = timezone.now()
    tries = ("code", str(person.pk))
    lockout.count(tries, at=at)
    if not person.check_password(old):
        raise Refusal(_("This is not your present password."), field="old")
    lockout.forgive(tries)
    passwords.put(person, new, at=at, here=request.session)
    update_session_auth_hash(request, person)  # a new key for this session, too (ASVS 7.2.4)
    tell("accounts:password:changed", person, at=at)


@page.public("GET", audit=None, rate="sign-in")
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Take the secret out of the address, where logs and histories would keep it, and go on. Public: nobody has signed in yet."""
    request.session[LINK] = secret
    return go("accounts:set-password")


@page.public("GET", "POST", audit=("accounts:password:*", ""), rate="sign-in")
def set_by_link(request: HttpRequest) -> HttpResponse:
    """Set a password by a link. Public: whoever comes here can't sign in yet. Looking at the page does not use the link up."""
    secret = str(request.session.get(LINK, ""))
    form, status, person = NewPasswordForm(request.POST or None), 200, None
    try:
        person = links.find(secret, at=timezone.now()).person
        if request.method == "POST":
            status = 422
            if form.is_valid():
                with scope.everything("a password set by a link, before anybody has signed in"):
                    links.use(secret, form.cleaned_data["password"], at=timezone.now())
                request.session.flush()
                messages.success(request, _("Your password is set. Sign in with it."))
                return go("accounts:sign-in")
    except links.Spent as spent:
        return show(request, "accounts/link_spent.html", {"sentence": spent.sentence}, status=422)
    except Refusal as refusal:
        form.add_error(refusal.field or None, refusal.sentence)
    context = {"form": form, "person": person, "rules": passwords.rules()}
    return show(request, "accounts/set_password.html", context, status=status)
