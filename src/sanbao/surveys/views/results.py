"""Results: satisfaction by outlet, engineer, product, question and month, and as a workbook."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.surveys import queries
from sanbao.surveys.forms import (
    CutForm,
)
from sanbao.surveys.permissions import May
from sanbao.surveys.queries import Cut
from sanbao.surveys.trend import trend
from sanbao.surveys.views.shared import as_file, product_choices, sentences
from sanbao.ui.lists import exported_by
from sanbao.ui.pages import Scope, page, show
from sanbao.workorders.states import Kind


def _cut(request: HttpRequest) -> tuple[CutForm, Cut]:
    """Which answers: as asked for, else those of the last twelve months."""
    today = timezone.localdate()
    usual = {"first_day": (today - timedelta(days=365)).isoformat(), "last_day": today.isoformat()}
    asked = {name: value for name, value in request.GET.items() if value}
    form = CutForm(request.access, product_choices(request), usual | asked)
    given = form.cleaned_data if form.is_valid() else {}
    first, last = given.get("first_day"), given.get("last_day")
    outlet = given.get("outlet")
    return form, Cut(
        first or today - timedelta(days=365), last or today, outlet_id=outlet.pk if outlet else None,
        category=given.get("category", ""), source=given.get("source", ""),
    )  # fmt: skip


def _tables(found: queries.Results, request: HttpRequest) -> list[tuple[Any, list[queries.Figures]]]:
    """The groups in the order of the page, with their words."""
    products, kinds = dict(product_choices(request)), dict(Kind.choices)
    words = {
        "month": _("By month"), "outlet": _("By outlet"), "engineer": _("By engineer"), "category": _("By product"), "kind": _("By kind of work"),
    }  # fmt: skip
    tables = []
    for group, heading in words.items():
        rows = []
        for row in found.groups.get(group, []):
            named = {"category": products, "kind": kinds}.get(group, {}).get(row.key, row.label)
            empty = gettext("headquarters") if group == "outlet" else gettext("not known")
            rows.append((str(named) or empty, row))
        tables.append((heading, rows))
    return tables


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def results(request: HttpRequest) -> HttpResponse:
    """What customers say: by outlet, engineer, product, question and month, with response rate and margin (ST-5, MO-3)."""
    form, cut = _cut(request)
    today = timezone.localdate()
    found = queries.results(request.access, cut, today)
    context = {
        "form": form,
        "found": found,
        "answer": found.decision.answer,
        "sentences": sentences(found, request),
        "tables": _tables(found, request),
        "trend": trend(
            (row.label, None if row.hidden else row.rate) for row in found.groups.get("month", [])
        ),
        "sources": {"surveys": gettext("Surveys"), "ratings": gettext("Ratings on the order's page")},
        "comments": queries.comments(request.access, cut),
        "may_publish": request.access.may(May.PUBLISH),
        "query": request.GET.urlencode(),
    }
    status = 422 if form.errors and request.GET else 200
    return show(request, "surveys/results.html", context, status=200 if status == 422 else status)


@page(May.SEE, scope=Scope.PLACES, audit="surveys:results:exported", rate="export")
def workbook(request: HttpRequest) -> HttpResponse:
    """The same as Excel; groups too small stay hidden."""
    from sanbao.surveys.printing import XLSX, results_workbook  # loaded by who prints

    _form, cut = _cut(request)
    found = queries.results(request.access, cut, timezone.localdate())
    reason = request.GET.get("reason", "").replace("\0", "").strip()[:200]
    note = exported_by(request.access, found.total.answers, reason)
    content = results_workbook(found, _tables(found, request), cut, note)
    audit.record(
        "surveys:results:exported", request.user, by=request.access, at=timezone.now(), rows=found.total.answers, reason=reason,
        first=cut.first_day.isoformat(), last=cut.last_day.isoformat(),
    )  # fmt: skip
    return as_file(content, f"{gettext('Satisfaction')} {cut.first_day}–{cut.last_day}.xlsx", XLSX)
