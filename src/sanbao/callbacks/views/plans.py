"""The jobs that were looked at, called or not and why; planning by hand."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts import scope
from sanbao.callbacks import operations, queries
from sanbao.callbacks.forms import PlanForm
from sanbao.callbacks.models import Plan
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import Kind, Why
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _decision(row: Plan) -> str:
    access = scope.current().access
    if not row.decision_id or access is None or not access.may("decisions:decision:view"):
        return ""
    return reverse("decisions:decision", args=[row.decision_id])


PLANS = List(
    "callback-jobs",
    columns=(
        Column("number", _("Job"), kind="code", sort="id"),
        Column("kind", _("Kind of callback"), value="get_kind_display"),
        Column("chosen", _("Called"), kind="badge", value=lambda p: _("yes") if p.chosen else _("no"), tone=lambda p: "green" if p.chosen else "secondary"),
        Column("why", _("Why"), value="get_why_display", link=_decision),
        Column("contact", _("Customer"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("model", _("Model")),
        Column("serial", _("Serial number"), kind="code", shown=False),
        Column("completed_on", _("Completed"), kind="date"),
        Column("arrived_on", _("Papers arrived"), kind="date"),
        Column("outlet", _("Outlet"), value=lambda p: p.outlet.code if p.outlet else ""),
        Column("reason", _("Reason"), shown=False),
        Column("made_at", _("Planned on"), kind="date", shown=False),
    ),
    filters=(
        Search("q", _("Number, telephone or serial number"), ("number__iexact", "phone", "serial__iexact")),
        Choice("kind", _("Kind of callback"), Kind.choices),
        Choice("why", _("Why"), Why.choices),
        Choice("outlet", _("Outlet"), lambda request: outlet_choices(request.access, May.SEE), "outlet_id"),
        Days("made", _("Planned on"), field="made_at", moments=True),
    ),
    tabs=(Tab("all", _("All")), Tab("called", _("Called"), Q(chosen=True)), Tab("left", _("Not called"), Q(chosen=False))),
    order="-number",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="callbacks:callback-jobs:exported", rate="page")
def plans(request: HttpRequest) -> HttpResponse:
    """Every job that was looked at, with the decision whether its customer is called."""
    listing = PLANS.of(request, queries.plans(request.access))
    if listing.wants_export:
        return listing.export(__("Jobs and their callbacks"))
    return show(request, "callbacks/plans.html", {"list": listing}, parts=["list"])


@page(May.PLAN, "GET", "POST", scope=Scope.PLACES, audit="callbacks:plan:made", rate="write")
def plan_new(request: HttpRequest) -> HttpResponse:
    """Plan a callback by hand: papers of an installation that came in, or contact on our own account (RG-3)."""
    today = timezone.localdate()
    initial: dict[str, Any] = {"kind": Kind.PROACTIVE, "arrived_on": today, "due_on": today}
    form = PlanForm(request.access, request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = operations.plan_by_hand(
                    form.paper(today), due_on=said["due_on"] or today, reason=said["reason"], by=request.access, at=timezone.now()
                )  # fmt: skip
                first = made.callbacks.order_by("round").first()
                return go("callbacks:callback", first.pk) if first else go("callbacks:plans")
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    return show(request, "callbacks/plan_new.html", {"form": form}, status=status)
