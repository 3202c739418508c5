"""The analysis: Pareto charts with their tables, and the month's report as page and PDF (PV-4, CS-6)."""

import re
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.complaints import analysis as figures
from sanbao.complaints import reports
from sanbao.complaints.forms import PeriodForm
from sanbao.complaints.models import Report
from sanbao.complaints.permissions import May
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, page, show


@page(May.ANALYSE, scope=Scope.PLACES, audit=None, rate="page")
def analysis(request: HttpRequest) -> HttpResponse:
    """Where complaints come from: six cuts, each bar with its rows."""
    form = PeriodForm(request.GET or None)
    form.is_valid()
    first, last = form.days()
    only_valid = bool(getattr(form, "cleaned_data", {}).get("valid"))
    charts = []
    for cut, label, _column, _parameter in figures.CUTS:
        bars = figures.pareto(request.access, cut, first, last, only_valid=only_valid)
        shown = figures.drawn(bars)
        charts.append((cut, label, bars, shown, "" if cut == "month" else figures.line(shown)))
    whole = request.access.reach(May.ANALYSE).whole
    months = (
        Report.objects.filter(company_id=request.access.company_id).order_by("-month")[:24] if whole else []
    )
    context = {
        "form": form if form.is_bound else PeriodForm(initial={"first": first, "last": last}),
        "first": first,
        "last": last,
        "charts": charts,
        "months": months,
        "this_month": timezone.localdate().replace(day=1) if whole else None,
    }
    return show(request, "complaints/analysis.html", context)


@page(May.ANALYSE, scope=Scope.COMPANY, audit=None, rate="page")
def report(request: HttpRequest, month: str) -> HttpResponse:
    """A month's report: the numbers now and as they were reported, causes, outlets, products, what was learnt."""
    day = _month(request, month)
    context = {"month": day, "found": reports.shown(request.access.company_id, day)}
    return show(request, "complaints/report.html", context)


@page(May.ANALYSE, scope=Scope.COMPANY, audit="complaints:report:taken", rate="export")
def report_pdf(request: HttpRequest, month: str) -> HttpResponse:
    """The same on paper."""
    from sanbao.complaints.printing import report_pdf as pdf  # loaded by who prints

    day = _month(request, month)
    company = Company.objects.get(pk=request.access.company_id)
    made = pdf(company, day, reports.shown(company.pk, day), request.access, timezone.now(), language())
    audit.handed_out("complaints:report:taken", company, request, month=month)
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, f"complaints-{month}.pdf") or ""
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _month(request: HttpRequest, text: str) -> date:
    """The month of the address; only for whoever sees the whole company: its numbers are not cut by place."""
    if (
        not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII)
        or not request.access.reach(May.ANALYSE).whole
    ):
        raise Http404
    return date.fromisoformat(f"{text}-01")
