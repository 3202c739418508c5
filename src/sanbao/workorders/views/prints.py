"""Papers of work orders: filled from an order, blank, and lists as Excel (RW-8, KA-13). Every copy that leaves is in the event log (GN-8)."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.ui.formats import language
from sanbao.ui.lists import exported_by
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.readers.fields import DayField
from sanbao.ui.refusal import Refusal
from sanbao.workorders import papers
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = {"orders": _("Dispatch orders"), "records": _("Repair records")}


class PeriodForm(forms.Form):
    """Which list, of which days."""

    which = forms.ChoiceField(label=_("List"), choices=list(LISTS.items()))
    first = DayField(label=_("From"))
    last = DayField(label=_("Until"))


def _order(request: HttpRequest, pk: int, permission: str = May.SEE) -> Order:
    rows = Order.objects.visible_to(request.access, permission).select_related(
        "company", "outlet", "engineer", "request", "unit__model", "cover_decision", "age_decision", "site_decision", "dispatched_by",
        "checked_by", "repeat_of",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


def _file(content: bytes, name: str, kind: str = "application/pdf") -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _printed(request: HttpRequest, found: Order, code: str, *, unmasked: bool) -> HttpResponse:
    from sanbao.workorders import printing  # with a dozen forms: loaded by who prints

    frame = printing.frame_of(
        found.company,
        request.access,
        timezone.now(),
        link=printing.link_to(found, request),
        unmasked=unmasked,
    )
    return _file(printing.paper_pdf(found, code, frame, language()), papers.file_name(found, code))


@page(May.SEE, scope=Scope.PLACES, audit="workorders:paper:printed", rate="export")
def paper(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A paper of the order with masked customer data."""
    found = _order(request, pk)
    if code not in dict(papers.papers_of(found)):
        raise Http404
    response = _printed(request, found, code, unmasked=False)
    audit.handed_out("workorders:paper:printed", found, request, paper=code)
    return response


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="workorders:paper:unmasked", rate="export")
def paper_full(request: HttpRequest, pk: int) -> HttpResponse:
    """The same with the customer in full, for a reason that is kept: the copy for the customer and for the file."""
    found = _order(request, pk, May.UNMASK)
    code = request.POST.get("paper", "")
    if code not in dict(papers.papers_of(found)):
        raise Http404
    try:
        unmasking.unmasked(request, found, "workorders:paper:unmasked", paper=code)
    except Refusal as refusal:
        return _why_not(request, refusal)
    response = _printed(request, found, code, unmasked=True)
    return unmasking.once(response, reverse("workorders:order", args=[pk]))


def _why_not(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return _forms_shown(request, PeriodForm(initial=_this_month()), refusal)


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def blank_forms(request: HttpRequest) -> HttpResponse:
    """The blank forms, and the lists (KA-13)."""
    return _forms_shown(request, PeriodForm(initial=_this_month()))


def _this_month() -> dict[str, Any]:
    today = timezone.localdate()
    return {"which": "orders", "first": today.replace(day=1).isoformat(), "last": today.isoformat()}


def _forms_shown(request: HttpRequest, form: PeriodForm, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "papers": list(papers.PAPERS.items()), "lists": list(LISTS.items()), "form": form, "most": papers.MOST_IN_LIST, "refusal": refusal,
        "full": PeriodForm(initial=_this_month(), auto_id="full_%s"), "may_unmask": request.access.may(May.UNMASK),
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form.is_bound and form.errors else 200
    return show(request, "workorders/forms.html", context, status=status)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def form_blank(request: HttpRequest, code: str) -> HttpResponse:
    """A blank form: it names nobody."""
    from sanbao.workorders import printing

    if code not in papers.PAPERS:
        raise Http404
    company = Company.objects.get(pk=request.access.company_id)
    frame = printing.frame_of(company, request.access, timezone.now())
    return _file(printing.blank_pdf(company.pk, code, frame, language()), f"{papers.PAPERS[code]}.pdf")


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="export")
def form_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """An empty workbook with the columns of a list."""
    from sanbao.workorders import printing

    if code not in LISTS:
        raise Http404
    company = Company.objects.get(pk=request.access.company_id)
    frame = printing.frame_of(company, request.access, timezone.now())
    return _file(printing.blank_xlsx(code, frame, language()), f"{LISTS[code]}.xlsx", XLSX)


@page(May.SEE, scope=Scope.PLACES, audit=("workorders:sheets:exported", ""), rate="export")
def sheets(request: HttpRequest) -> HttpResponse:
    """Dispatch orders or repair records of some days as Excel, masked."""
    return _taken(request, PeriodForm(_this_month() | request.GET.dict()), full=False)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit=("workorders:sheets:exported", ""), rate="export")
def sheets_full(request: HttpRequest) -> HttpResponse:
    """The same in full, for a reason that is kept."""
    return _taken(request, PeriodForm(request.POST), full=True)


def _taken(request: HttpRequest, form: PeriodForm, *, full: bool) -> HttpResponse:
    from sanbao.workorders import printing

    if not form.is_valid():
        return _forms_shown(request, form)
    said = form.cleaned_data
    try:
        reason = unmasking.reason_in(request) if full else request.GET.get("reason", "").strip()[:200]
        rows = _of_days(request, said, May.UNMASK if full else May.SEE)
    except Refusal as refusal:
        return _forms_shown(request, form, refusal)
    company = Company.objects.get(pk=request.access.company_id)
    frame = printing.frame_of(company, request.access, timezone.now(), unmasked=full)
    note = exported_by(request.access, len(rows), reason)
    content = printing.list_xlsx(said["which"], rows, frame, language(), note)
    audit.record(
        "workorders:sheets:exported", request.user, by=request.access, at=timezone.now(), rows=len(rows), which=said["which"], reason=reason,
        first=said["first"].isoformat(), last=said["last"].isoformat(), full=full,
    )  # fmt: skip
    name = f"{LISTS[said['which']]} {said['first']}–{said['last']}.xlsx"
    return _file(content, name, XLSX)


def _of_days(request: HttpRequest, said: dict[str, Any], permission: str) -> list[Order]:
    if said["last"] < said["first"]:
        raise Refusal(__("It ends before it begins."), field="last", code="days")
    moment = "dispatched_at" if said["which"] == "orders" else "closed_at"
    days = {f"{moment}__date__gte": said["first"], f"{moment}__date__lte": said["last"]}
    rows = Order.objects.visible_to(request.access, permission).filter(**days)
    found = list(rows.select_related("company", "outlet", "engineer", "request", "unit__model", "dispatched_by").order_by(moment, "id")[: papers.MOST_IN_LIST + 1])  # fmt: skip
    if len(found) > papers.MOST_IN_LIST:
        raise Refusal(
            __("That is more than %(most)d orders. Choose fewer days.") % {"most": papers.MOST_IN_LIST}, code="many"
        )  # fmt: skip
    return found
