"""Task forces (EN-2)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.intake import operations, queries
from sanbao.intake.forms import EndForm, ForceForm, LinkForm, ReportForm
from sanbao.intake.models import Force, Request
from sanbao.intake.permissions import May
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held


@page(May.SEE_FORCE, scope=Scope.COMPANY, audit=None, rate="page")
def forces(request: HttpRequest) -> HttpResponse:
    """Those at work, the one whose term ends first on top; then those that have ended."""
    rows = Force.objects.visible_to(request.access, May.SEE_FORCE).select_related("leader")
    context = {
        "open": list(rows.filter(ended_at__isnull=True).order_by("last_day", "pk")[:200]),
        "ended": list(rows.filter(ended_at__isnull=False).order_by("-ended_at")[:100]),
        "today": timezone.localdate(),
        "may_lead": request.access.may(May.LEAD_FORCE),
    }
    return show(request, "intake/forces.html", context)


def _found(request: HttpRequest, pk: int, permission: str) -> Force:
    return get_object_or_404(
        Force.objects.visible_to(request.access, permission).select_related("leader", "ended_by"), pk=pk
    )


@page(May.LEAD_FORCE, "GET", "POST", scope=Scope.COMPANY, audit="intake:force:founded", rate="write")
def force_new(request: HttpRequest) -> HttpResponse:
    return _form(
        request,
        None,
        ForceForm(request.access, request.POST or None, initial={"first_day": timezone.localdate()}),
    )


@page(May.LEAD_FORCE, "GET", "POST", scope=Scope.COMPANY, audit="intake:force:changed", rate="write")
def force_change(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(held(Force.objects.visible_to(request.access, May.LEAD_FORCE), request), pk=pk)
    initial = {name: getattr(found, name) for name in ("name", "goal", "first_day", "last_day")}
    initial |= {"leader": found.leader_id, "members": list(found.members.values_list("pk", flat=True))}
    return _form(request, found, ForceForm(request.access, request.POST or None, initial=initial))


def _form(request: HttpRequest, found: Force | None, form: ForceForm) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422 if form.is_valid() else getattr(form, "status", 422)
        if form.is_valid():
            try:
                kept = operations.keep_force(found, **form.cleaned_data, by=request.access, at=timezone.now())
                return go("intake:force", kept.pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return show(request, "intake/force_form.html", {"form": form, "force": found}, status=status)


@page(May.SEE_FORCE, scope=Scope.COMPANY, audit=None, rate="page")
def force(request: HttpRequest, pk: int) -> HttpResponse:
    """One task force."""
    return _shown(request, _found(request, pk, May.SEE_FORCE))


def _shown(request: HttpRequest, found: Force, **forms: Any) -> HttpResponse:
    access = request.access
    bad = next((form for form in forms.values() if form.errors), None)
    context = {
        "force": found,
        "members": list(found.members.order_by("name")),
        "reports": list(found.reports.select_related("by").order_by("-pk")[:100]),
        "requests": list(queries.requests(access).filter(forces=found).order_by("-id")[:200]),
        "is_late": found.ended_at is None and found.last_day < timezone.localdate(),
        "may_work": found.ended_at is None and access.may(May.WORK_FORCE),
        "may_lead": found.ended_at is None and access.may(May.LEAD_FORCE),
        "link_form": forms.get("link") or LinkForm(),
        "report_form": forms.get("report") or ReportForm(),
        "end_form": forms.get("end") or EndForm(),
    }
    return show(request, "intake/force.html", context, status=422 if bad is not None else 200)


@page(May.WORK_FORCE, "POST", scope=Scope.COMPANY, audit="intake:force:linked", rate="write")
def force_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a request to it, by its number."""
    found, form = _found(request, pk, May.WORK_FORCE), LinkForm(request.POST)
    if form.is_valid():
        row = queries.requests(request.access).filter(number=form.cleaned_data["number"]).first()
        if row is None:
            form.add_error("number", __("There is no request with this number."))
        else:
            return _done(request, found, form, "link", lambda **now: operations.link(found, row, **now))
    return _shown(request, found, link=form)


@page(May.WORK_FORCE, "POST", scope=Scope.COMPANY, audit="intake:force:unlinked", rate="write")
def force_unlink(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = _found(request, pk, May.WORK_FORCE)
    row = get_object_or_404(Request.objects.visible_to(request.access, May.SEE), pk=number, forces=found)
    operations.unlink(found, row, by=request.access, at=timezone.now())
    return go("intake:force", found.pk)


@page(May.WORK_FORCE, "POST", scope=Scope.COMPANY, audit="intake:force:reported", rate="write")
def force_report(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _found(request, pk, May.WORK_FORCE), ReportForm(request.POST)
    if form.is_valid():
        return _done(
            request,
            found,
            form,
            "report",
            lambda **now: operations.report(found, form.cleaned_data["body"], **now),
        )
    return _shown(request, found, report=form)


@page(May.LEAD_FORCE, "POST", scope=Scope.COMPANY, audit="intake:force:ended", rate="write")
def force_end(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _found(request, pk, May.LEAD_FORCE), EndForm(request.POST)
    if form.is_valid():
        return _done(
            request,
            found,
            form,
            "end",
            lambda **now: operations.end_force(found, form.cleaned_data["result"], **now),
        )
    return _shown(request, found, end=form)


def _done(request: HttpRequest, found: Force, form: Any, name: str, operation: Any) -> HttpResponse:
    try:
        operation(by=request.access, at=timezone.now())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _shown(request, found, **{name: form})
    messages.success(request, __("Saved."))
    return go("intake:force", found.pk)
