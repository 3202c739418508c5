"""A month across the outlets: what has arrived, what is missing, what is made of it."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.outlets.models import Outlet
from sanbao.settlements import deciding, operations, queries
from sanbao.settlements.permissions import May
from sanbao.settlements.reading import values
from sanbao.settlements.states import State
from sanbao.settlements.tasks import settle_month
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.refusal import Refusal

PAGE = 100
AT_ONCE = 200  # outlets whose drafts are made while the page waits: well under a second


def read_month(text: str) -> date | None:
    """A month as 2026-04; None for anything else."""
    try:
        found = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def last_month() -> date:
    """The month that is over."""
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def neighbours(month: date) -> tuple[date, date]:
    """The months before and after."""
    return (month - timedelta(days=1)).replace(day=1), (month + timedelta(days=32)).replace(day=1)


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None, rate="page")
def months(request: HttpRequest) -> HttpResponse:
    return _shown(request, read_month(request.GET.get("month", "")) or last_month())


def _shown(
    request: HttpRequest, month: date, refusal: Refusal | None = None, outlet_id: int | None = None
) -> HttpResponse:
    after = request.GET.get("after", "").replace("\0", "")[:20]
    rows = queries.month_by_outlet(request.access, month, after, PAGE + 1)
    before, following = neighbours(month)
    context = {
        "month": month,
        "before": before,
        "following": following,
        "rows": rows[:PAGE],
        "more": rows[PAGE - 1].outlet.code if len(rows) > PAGE else "",
        "may_register": request.access.may(May.REGISTER_RECEIPT),
        "may_make": request.access.may(May.MAKE) and month < timezone.localdate().replace(day=1),
        "drafts": State.DRAFT,
        "refusal": refusal,
        "refused_outlet": outlet_id,
    }
    return show(request, "settlements/months.html", context, status=refusal.status if refusal else 200)


def _back(month: date) -> HttpResponse:
    return redirect(f"{reverse('settlements:months')}?month={month:%Y-%m}")


@page(May.REGISTER_RECEIPT, "POST", scope=Scope.PLACES, audit="settlements:receipt:registered", rate="write")
def receipt(request: HttpRequest) -> HttpResponse:
    """Register when an outlet's paper and electronic copy arrived; an empty date: not yet."""
    month = read_month(request.POST.get("month", "")) or last_month()
    outlet = _outlet(request, May.REGISTER_RECEIPT)
    try:
        days = {}
        for name in ("paper_on", "electronic_on"):
            try:
                days[name] = values.day(request.POST.get(name, ""))
            except values.Bad as bad:
                sentence = __("“%(value)s” is no date. Write it like 2026-08-31.")
                raise Refusal(sentence % {"value": bad.words.get("value", "")}, field=name) from None
        operations.register_receipt(outlet, month, **days, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, month, refusal, outlet.pk)
    messages.success(request, __("The receipt of %(outlet)s is registered.") % {"outlet": outlet.code})
    return _back(month)


def _outlet(request: HttpRequest, permission: str) -> Outlet:
    chosen = request.POST.get("outlet", "")
    pk = int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0
    return get_object_or_404(Outlet.objects.visible_to(request.access, permission), pk=pk)


@page(
    May.MAKE,
    "POST",
    scope=Scope.PLACES,
    audit=("settlements:statement:made", "settlements:month:ordered"),
    rate="write",
)
def make(request: HttpRequest) -> HttpResponse:
    """Make one outlet's draft, or the drafts of every outlet that has handed in the month."""
    month = read_month(request.POST.get("month", "")) or last_month()
    try:
        if request.POST.get("outlet"):
            statement = operations.make_statement(
                _outlet(request, May.MAKE), month, by=request.access, at=timezone.now()
            )
            return redirect("settlements:statement", statement.pk)
        company = Company.objects.get(pk=request.access.company_id)
        audit.record(
            "settlements:month:ordered", company, by=request.access, at=timezone.now(), month=f"{month:%Y-%m}"
        )
        if len(deciding.outlets_with_sheets(request.access.company_id, month)) > AT_ONCE:
            settle_month.defer(
                person_id=request.access.person_id,
                company_id=request.access.company_id,
                month=month.isoformat(),
            )
            messages.success(
                request, __("The drafts are being made; this page shows more of them each time you load it.")
            )
            return _back(month)
        made = list(operations.make_statements(month, by=request.access, at=timezone.now()))
    except Refusal as refusal:
        return _shown(request, month, refusal)
    counts = {
        "statements": sum(batch.statements for batch in made),
        "sheets": sum(batch.sheets for batch in made),
        "closed": sum(len(batch.closed) for batch in made),
    }
    messages.success(
        request,
        __("%(statements)d drafts made from %(sheets)d sheets; %(closed)d outlets are settled already.")
        % counts,
    )
    return _back(month)
