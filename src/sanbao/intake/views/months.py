"""Months of service: what came in, what became of it, where (BA-5, MO-4)."""

import re
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from sanbao.audit import operations as audit
from sanbao.intake import summaries
from sanbao.intake.overview import address
from sanbao.intake.permissions import May
from sanbao.intake.states import State
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.pages import Scope, page, show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ARCHIVED = (
    "number",
    "received_at",
    "category",
    "subject",
    "description",
    "solution",
    "feedback",
    "assignee",
    "outlet",
    "closed_at",
)


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def months(request: HttpRequest) -> HttpResponse:
    """Months by state, of all outlets or of one."""
    outlets = outlet_choices(request.access, May.SEE)
    asked = request.GET.get("outlet", "")
    chosen = int(asked) if re.fullmatch(r"\d{1,18}", asked, re.ASCII) else None
    if chosen is not None and chosen not in dict(outlets):
        chosen = None
    context = {
        "months": summaries.by_month(request.access, chosen),
        "states": [state.label for state in State],
        "outlets": outlets,
        "chosen": chosen,
    }
    return show(request, "intake/months.html", context)


@page(May.SEE, scope=Scope.PLACES, audit=("intake:months:exported", ""), rate="page")
def month(request: HttpRequest, month: str) -> HttpResponse:
    """One month summed up, every number with its rows, or as a workbook; and its archive: request, solution and feedback together."""
    day = _month(month)
    first, last = summaries.days(day)
    found = summaries.shown(request.access, day)
    if request.GET.get("export") == "xlsx":
        audit.record(
            "intake:months:exported", request.user, by=request.access, at=timezone.now(), month=month
        )
        from sanbao.intake.month_workbook import month_workbook  # loaded by who takes it

        content = month_workbook(day, found, made_at=timezone.now())
        return HttpResponse(
            content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="service-{month}.xlsx"'}
        )  # fmt: skip
    context = {
        "month": day,
        "found": found,
        "states": [state.label for state in State],
        "archive": address(tab="closed", received_from=first, received_to=last)
        + "&"
        + urlencode({"columns": ARCHIVED}, doseq=True),
    }
    return show(request, "intake/month.html", context)


def _month(text: str) -> date:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        raise Http404
    return date.fromisoformat(f"{text}-01")
