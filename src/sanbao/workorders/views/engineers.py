"""Who goes out to customers."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as __

from sanbao.intake.models import Absence
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.workorders import operations, queries, suggesting
from sanbao.workorders.forms import AwayForm, EngineerForm
from sanbao.workorders.models import Engineer
from sanbao.workorders.permissions import May
from sanbao.workorders.views.board import standing


@page(May.SEE_SETUP, scope=Scope.PLACES, audit=None, rate="page")
def engineers(request: HttpRequest) -> HttpResponse:
    """The engineers of one's places."""
    rows = list(queries.engineers(request.access, May.SEE_SETUP)[:500])
    context = {"engineers": rows, "today": timezone.localdate(), "may_manage": request.access.may(May.MANAGE)}
    return show(request, "workorders/engineers.html", context)


@page(May.MANAGE, "GET", "POST", scope=Scope.PLACES, audit="workorders:engineer:added", rate="write")
def engineer_new(request: HttpRequest) -> HttpResponse:
    return _form(request, None, EngineerForm(request.access, request.POST or None))


@page(May.MANAGE, "GET", "POST", scope=Scope.PLACES, audit="workorders:engineer:changed", rate="write")
def engineer(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(held(Engineer.objects.visible_to(request.access, May.MANAGE), request), pk=pk)
    initial: dict[str, Any] = {name: getattr(found, name) for name in ("phone", "minutes", "alone_from")}
    initial |= {
        "person": found.person_id,
        "outlet": found.outlet_id,
        "skills": ", ".join(found.skills),
        "areas": ", ".join(found.areas),
    }
    return _form(request, found, EngineerForm(request.access, request.POST or None, initial=initial))


def _form(request: HttpRequest, found: Engineer | None, form: EngineerForm) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422 if form.is_valid() else getattr(form, "status", 422)
        if form.is_valid():
            try:
                operations.keep_engineer(found, form.cleaned_data, by=request.access, at=timezone.now())
                messages.success(request, __("Saved."))
                return go("workorders:engineers")
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return show(request, "workorders/engineer_form.html", {"form": form, "engineer": found}, status=status)


@page(May.SEE_SETUP, scope=Scope.PLACES, audit=None, rate="page")
def week(request: HttpRequest, pk: int) -> HttpResponse:
    """An engineer's week: visits, load, absences, certificates; `?day=` chooses which."""
    found = get_object_or_404(Engineer.objects.visible_to(request.access, May.SEE_SETUP).select_related("person", "outlet"), pk=pk)  # fmt: skip
    return _week(request, found, AwayForm())


def _week(request: HttpRequest, found: Engineer, form: AwayForm, status: int = 200) -> HttpResponse:
    try:
        day = parse_date(request.GET.get("day", "")) or timezone.localdate()
    except ValueError:
        day = timezone.localdate()
    if not 2000 <= day.year <= 2200:
        day = timezone.localdate()
    monday = day - timedelta(days=day.weekday())
    crew = suggesting.gather(
        found.company_id, [found], monday, monday + timedelta(days=6), seen_by=(request.access.outlets,)
    )
    days = [monday + timedelta(days=number) for number in range(7)]
    visits = crew.visits.get(found.person_id, [])
    coming = Absence.objects.filter(company_id=found.company_id, person_id=found.person_id, last_day__gte=timezone.localdate(), withdrawn_at__isnull=True)  # fmt: skip
    context = {
        "engineer": found,
        "days": [
            (each, crew.on_duty(found, each), crew.away(found, each), crew.minutes(found, each), [row for row in visits if timezone.localdate(row.during.lower) == each])
            for each in days
        ],
        "today": timezone.localdate(),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "certificates": [(row, standing(row, timezone.localdate())) for row in crew.certificates.get(found.person_id, ())],
        "absences": list(coming.order_by("first_day")[:20]),
        "form": form,
        "may_manage": request.access.may(May.MANAGE),
        "may_see_orders": request.access.may(May.SEE),
    }  # fmt: skip
    return show(request, "workorders/engineer_week.html", context, status=status)


@page(May.MANAGE, "POST", scope=Scope.PLACES, audit="intake:absence:kept", rate="write")
def away(request: HttpRequest, pk: int) -> HttpResponse:
    """The engineer will be away; nothing is dispatched to them on these days."""
    found = get_object_or_404(Engineer.objects.visible_to(request.access, May.MANAGE).select_related("person", "outlet"), pk=pk)  # fmt: skip
    form = AwayForm(request.POST)
    if form.is_valid():
        try:
            operations.keep_absence(found, **form.cleaned_data, by=request.access, at=timezone.now())
            messages.success(request, __("Saved."))
            return go("workorders:engineer-week", pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return _week(request, found, form, 422)


@page(May.MANAGE, "POST", scope=Scope.PLACES, audit="intake:absence:withdrawn", rate="write")
def here(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The engineer is here after all."""
    found = get_object_or_404(Engineer.objects.visible_to(request.access, May.MANAGE), pk=pk)
    rows = Absence.objects.filter(company_id=found.company_id, person_id=found.person_id, withdrawn_at__isnull=True)  # fmt: skip
    absence = get_object_or_404(rows, pk=number)
    operations.withdraw_absence(found, absence.pk, by=request.access, at=timezone.now())
    return go("workorders:engineer-week", pk)


@page(May.MANAGE, "POST", scope=Scope.PLACES, audit=("workorders:engineer:retired", ""), rate="write")
def engineer_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list."""
    found = get_object_or_404(Engineer.objects.visible_to(request.access, May.MANAGE), pk=pk)
    try:
        operations.retire_engineer(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("workorders:engineers")
