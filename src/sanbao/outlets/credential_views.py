"""The buttons on a person's page that are about their way in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.outlets import credentials
from sanbao.outlets.people import MANAGE, people_of, show_link
from sanbao.ui.pages import Scope, go, page
from sanbao.ui.refusal import Refusal


@page(MANAGE, "POST", scope=Scope.COMPANY, audit="accounts:link:made", rate="write")
def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link by which the person sets a password, shown once."""
    person = get_object_or_404(people_of(request), pk=pk)
    return show_link(request, person, credentials.make_link(person, by=request.access, at=timezone.now()))


def _do(
    request: HttpRequest, pk: int, operation: Callable[..., object], done: str, **more: str
) -> HttpResponse:
    person = get_object_or_404(people_of(request), pk=pk)
    try:
        operation(person, by=request.access, at=timezone.now(), **more)
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, done)
    return go("accounts:person", person.pk)


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("notices:address:kept", ""), rate="write")
def keep_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the e-mail address that invitations and links for a new password go to."""
    address = request.POST.get("address", "")
    done = _("The address has been kept.") if address.strip() else _("The address is gone.")
    return _do(request, pk, credentials.keep_address, done, address=address)


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("accounts:session:ended", ""), rate="write")
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """End all of somebody's sessions."""
    return _do(request, pk, credentials.end_sessions, _("The person has been signed out everywhere."))


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("accounts:person:unlocked", ""), rate="write")
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody try to sign in again at once."""
    return _do(request, pk, credentials.unlock, _("The person may try again at once."))


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("accounts:factor:reset", ""), rate="write")
def reset_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factors of somebody who has lost the device."""
    reason = request.POST.get("reason", "")
    return _do(
        request, pk, credentials.reset_factors, _("The second factors have been taken away."), reason=reason
    )


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("accounts:person:deactivated", ""), rate="write")
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody signs in as this person any more."""
    reason = request.POST.get("reason", "")
    return _do(request, pk, credentials.deactivate, _("The person has been deactivated."), reason=reason)


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("accounts:person:reactivated", ""), rate="write")
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """The person may sign in again."""
    return _do(request, pk, credentials.reactivate, _("The person may sign in again."))
