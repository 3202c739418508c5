"""Who goes out to customers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.workorders import operations, queries
from sanbao.workorders.forms import EngineerForm
from sanbao.workorders.models import Engineer
from sanbao.workorders.permissions import May


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


@page(May.MANAGE, "POST", scope=Scope.PLACES, audit=("workorders:engineer:retired", ""), rate="write")
def engineer_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list."""
    found = get_object_or_404(Engineer.objects.visible_to(request.access, May.MANAGE), pk=pk)
    try:
        operations.retire_engineer(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("workorders:engineers")
