"""The customer's page of a work order: where it stands, plan and price, another time, the acceptance, the rating, the papers (SC-2..4, KA-4.3, RP-3, RP-4).

Public: the order's signed link is the key, as a request's is; nothing but that one order is in reach of it. Shown is what is meant for the
customer: no names but the engineer's, no notes of colleagues, contact data masked.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import links as requests
from sanbao.portal import operations, papers, visitors
from sanbao.portal.order_forms import AcceptForm, RateForm, ReasonForm, SignForm, WishForm
from sanbao.portal.order_page import SHOWN_PHOTOS, context_of
from sanbao.ui import guard
from sanbao.ui.formats import language
from sanbao.ui.pages import go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders import appointments, links
from sanbao.workorders import operations as workorders
from sanbao.workorders.models import Order, Plan
from sanbao.workorders.papers import file_name


@never_cache
@page.public(audit=None, rate="public")
def order(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """One order. Public: the link is its key; contact, telephone and address are masked, colleagues' notes not shown."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        return _shown(request, company, _read(company, token), token)


def _read(company: Company, token: str) -> Order:
    try:
        return links.read(company, token)
    except Order.DoesNotExist:
        raise Http404 from None


def _shown(
    request: HttpRequest, company: Company, found: Order, token: str, *, refusal: Refusal | None = None, **given: forms.Form
) -> HttpResponse:  # fmt: skip
    at, by = timezone.now(), operations.door(company)
    context = context_of(found, by, language(), at) | {
        "company": company,
        "token": token,
        "refusal": refusal,
        "request_url": requests.path(company, found.request) if found.request and not found.request.erased_at else "",
    }  # fmt: skip
    context["papers"] = papers.papers_of(found)
    if context["may_wish"]:
        context["wish_form"] = _wish_form(found, at)
    context |= {
        "agree_form": SignForm(auto_id="agree_%s"),
        "accept_form": AcceptForm(auto_id="accept_%s"),
        "rate_form": RateForm(auto_id="rate_%s"),
    }
    context |= {name: ReasonForm(auto_id=f"{name}_%s") for name in ("decline_form", "return_form", "again_form")}  # fmt: skip
    context |= given
    wrong = any(form.errors for form in given.values())
    return show(request, "portal/order.html", context, status=refusal.status if refusal else 422 if wrong else 200)  # fmt: skip


def _wish_form(found: Order, at: Any, data: Any = None) -> WishForm:
    minutes = appointments.minutes_of(found, timezone.localdate(at))
    return WishForm(appointments.windows(found, at), minutes, data)


def _done(
    request: HttpRequest, code: str, token: str, name: str, make: Callable[[Order], forms.Form], run: Callable[[Order, Any], Any], words: str
) -> HttpResponse:  # fmt: skip
    """One deed: its form read, the operation carried out once, and the page anew; a refusal stands where it belongs."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        form = make(found)
        if not form.is_valid():
            return _shown(request, company, found, token, **{name: form})
        visitors.brake("ask", visitors.address_of(request))
        visitors.brake("ask", f"order:{found.pk}")

        def carried() -> HttpResponse:
            run(found, form)
            messages.success(request, words)
            return go(links.path(company, found))

        try:
            answer: HttpResponse = guard.carry_out(request, carried)
        except Refusal as refusal:
            if refusal.field in form.fields and refusal.status == 422:
                form.add_error(refusal.field if refusal.field != "drawn" else None, str(refusal))
            return _shown(request, company, _read(company, token), token, refusal=refusal, **{name: form})
        return answer


def _now(found: Order) -> dict[str, Any]:
    return {"by": operations.door(found.company), "at": timezone.now()}


def _plan(found: Order, request: HttpRequest) -> Plan:
    """The plan whose price the customer has seen, by its number on the form: a later one is another."""
    number = request.POST.get("plan", "")
    shown = found.plans.exclude(state=Plan.State.DRAFT)
    return get_object_or_404(shown, number=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0)  # fmt: skip


@page.public("POST", audit=("workorders:plan:confirmed", ""), rate="public")
def agree(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Plan and price are agreed to, with a signature. Public: see `order`."""
    return _done(
        request, code, token, "agree_form", lambda found: SignForm(request.POST, auto_id="agree_%s"),
        lambda found, form: workorders.agree(_plan(found, request), form.cleaned_data["name"], form.cleaned_data["drawn"], **_now(found)),
        _("Thank you. We begin with the work."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:plan:declined", ""), rate="public")
def decline(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The plan is declined. Public: see `order`."""
    return _done(
        request, code, token, "decline_form", lambda found: ReasonForm(request.POST, auto_id="decline_%s"),
        lambda found, form: workorders.decline(_plan(found, request), form.cleaned_data["reason"], **_now(found)),
        _("We have your answer and begin nothing. We get in touch with you."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:wish:asked", ""), rate="public")
def wish(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Another time is wished for. Public: see `order`."""
    return _done(
        request, code, token, "wish_form", lambda found: _wish_form(found, timezone.now(), request.POST),
        lambda found, form: workorders.wish(found, form.begins(), form.cleaned_data["words"], **_now(found)),
        _("We have your wish. The time holds once we have said yes; until then the old one does."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:order:signed", ""), rate="public")
def accept(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The finished work is accepted, with a signature. Public: see `order`."""
    return _done(
        request, code, token, "accept_form", lambda found: AcceptForm(request.POST, auto_id="accept_%s"),
        lambda found, form: workorders.accept_by_signature(
            found, form.cleaned_data["name"], form.cleaned_data["drawn"], rating=form.cleaned_data["rating"], words=form.cleaned_data["words"],
            **_now(found),
        ),
        _("Thank you. The order is closed."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:order:return", ""), rate="public")
def send_back(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The work is not right yet. Public: see `order`."""
    return _done(
        request, code, token, "return_form", lambda found: ReasonForm(request.POST, auto_id="return_%s"),
        lambda found, form: workorders.not_right_yet(found, form.cleaned_data["reason"], **_now(found)),
        _("We have told the engineer. The work goes on."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:order:rated", ""), rate="public")
def rate(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A rating afterwards. Public: see `order`."""
    return _done(
        request, code, token, "rate_form", lambda found: RateForm(request.POST, auto_id="rate_%s"),
        lambda found, form: workorders.rate(found, form.cleaned_data["rating"], form.cleaned_data["words"], **_now(found)),
        _("Thank you for your rating."),
    )  # fmt: skip


@page.public("POST", audit=("workorders:order:reopening", ""), rate="public")
def ask_again(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The work is taken up again. Public: see `order`."""
    return _done(
        request, code, token, "again_form", lambda found: ReasonForm(request.POST, auto_id="again_%s"),
        lambda found, form: workorders.ask_again(found, form.cleaned_data["reason"], **_now(found)),
        _("The order is open again. We get in touch about the time."),
    )  # fmt: skip


@page.public(audit=None, rate="public")
def file(request: HttpRequest, code: str, token: str, number: int) -> HttpResponse:
    """A photograph of the work, or one's own signature, as the page shows it. Public: see `order`."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        photos = found.photos.filter(purpose__in=SHOWN_PHOTOS)
        signed = found.signatures.filter(withdrawn_at__isnull=True)
        of_page = Q(pk__in=photos.values("file")) | Q(pk__in=photos.values("thumbnail")) | Q(pk__in=signed.values("file"))  # fmt: skip
        stored = get_object_or_404(StoredFile.objects.filter(of_page), pk=number)
        with transaction.atomic():
            return files.show(stored)


@never_cache
@page.public(audit="workorders:paper:taken", rate="public")
def paper(request: HttpRequest, code: str, token: str, name: str) -> HttpResponse:
    """One's own quotation, agreement, record sheet or receipt. Public: see `order`; in full only for who came in by a code to the telephone."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        if name not in dict(papers.papers_of(found)):
            raise Http404
        visitors.brake("paper", visitors.address_of(request))
        by, at = operations.door(company), timezone.now()
        full = visitors.may_open(request, company, found)
        content = papers.paper(found, name, request, unmasked=full, language=language(), by=by, at=at)
        with transaction.atomic():
            audit.record("workorders:paper:taken", found, by=by, at=at, outlet_id=found.outlet_id, paper=name, full=full)  # fmt: skip
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = content_disposition_header(True, file_name(found, name)) or ""
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
