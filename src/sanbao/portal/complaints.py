"""A complaint for its customer: its state, when they hear next, what was said; and a word more from them.

Public: the signed link is the key (sanbao.complaints.links). One born of a request is shown on the request's own page, by the same link.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.complaints import links, queries
from sanbao.complaints import operations as complaints
from sanbao.complaints.facts import word
from sanbao.complaints.models import Complaint
from sanbao.complaints.states import State
from sanbao.intake.models import Request
from sanbao.portal import operations, visitors
from sanbao.portal.forms import WriteForm
from sanbao.ui import guard
from sanbao.ui.pages import go, page, show
from sanbao.ui.refusal import Refusal

CLOSED = (State.ARCHIVED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a customer reads of a complaint: the steps, the next day something is due, what was found, the other routes."""

    complaint: Complaint
    steps: list[dict[str, Any]]
    next: str
    routes: list[str]
    events: list[dict[str, Any]]
    is_open: bool


def shown(complaint: Complaint) -> Shown:
    """A complaint as its customer reads it: no names, no notes, no money that is not decided."""
    events = [event for event in queries.story(complaint, None) if event["text"] or event["files"]]
    routes = [word(complaint.company_id, route) for route in complaint.routes]
    is_open = complaint.state not in CLOSED
    return Shown(complaint, queries.steps(complaint), _next(complaint), routes, events, is_open)


def _next(complaint: Complaint) -> str:
    """When the customer hears next, in a sentence; "" where nothing is due any more."""
    if complaint.state == State.JUSTIFIED and complaint.promised_on:
        return _("It will be solved by %(day)s.") % {"day": complaint.promised_on.isoformat()}
    if complaint.due_at is None:
        return ""
    at = f"{timezone.localtime(complaint.due_at):%Y-%m-%d %H:%M}"
    said = {
        "answer": _("You hear from us by %(at)s."),
        "verification": _("We have looked into it by %(at)s."),
        "result": _("You are told the result by %(at)s."),
        "callback": _("We call you once more by %(at)s."),
    }
    return said[complaint.due_clock] % {"at": at} if complaint.due_clock in said else ""


def of_request(request: Request) -> Shown | None:
    """The complaint a request has become, for the request's page."""
    found = Complaint.objects.filter(request=request, erased_at__isnull=True).first()
    return shown(found) if found else None


def rows(who: visitors.Visitor, company: Company) -> list[tuple[Complaint, str]]:
    """A visitor's complaints with their pages, the newest first; those of requests stand with their requests."""
    found = Complaint.objects.filter(who.things(), erased_at__isnull=True, request__isnull=True)
    return [(row, links.path(company, row)) for row in found.order_by("-id")[:50]]


@never_cache
@page.public(audit=None, rate="public")
def complaint(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """One complaint for its customer. Public: the signed link is the key; colleagues' notes and names are not in it."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        return _page(request, company, _read(company, token), token)


def _read(company: Company, token: str) -> Complaint:
    try:
        return links.read(company, token)
    except Complaint.DoesNotExist:
        raise Http404 from None


def _page(
    request: HttpRequest, company: Company, found: Complaint, token: str, *, form: WriteForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:  # fmt: skip
    context = {
        "company": company,
        "token": token,
        "shown": shown(found),
        "form": form or WriteForm(),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "portal/complaint.html", context, status=status)


@page.public("POST", audit="complaints:complaint:written", rate="public")
def write(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A word or photographs from the customer. Public: see `complaint`."""
    company = visitors.company_of(code)
    form = WriteForm(request.POST, request.FILES)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        if not form.is_valid():
            return _page(request, company, found, token, form=form)
        visitors.brake("ask", visitors.address_of(request))

        def written() -> HttpResponse:
            by, at = operations.door(company), timezone.now()
            kept = operations.keep([(file.read(), file.name) for file in form.cleaned_data["photos"]], by, at)
            complaints.receive_message(found, form.cleaned_data["body"], files=kept, by=by, at=at)
            messages.success(request, _("We have your words."))
            return go("portal:complaint", company.code, token)

        try:
            answer: HttpResponse = guard.carry_out(request, written)
        except Refusal as refusal:
            found.refresh_from_db()
            return _page(request, company, found, token, form=form, refusal=refusal)
        return answer
