"""An authority's case about a complaint."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from sanbao.complaints import operations
from sanbao.complaints.forms import CaseForm
from sanbao.complaints.models import Case, Complaint
from sanbao.complaints.operations.cases import FIELDS
from sanbao.complaints.permissions import May
from sanbao.complaints.views.record import found_complaint
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


@page(May.KEEP_CASE, "GET", "POST", scope=Scope.PLACES, audit="complaints:case:kept", rate="write")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new case, as the authority's letter tells it."""
    return _kept(request, found_complaint(request, pk, May.KEEP_CASE), None)


@page(May.KEEP_CASE, "GET", "POST", scope=Scope.PLACES, audit="complaints:case:kept", rate="write")
def case(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What has happened in a case."""
    found = found_complaint(request, pk, May.KEEP_CASE)
    return _kept(request, found, get_object_or_404(found.cases, pk=number))


def _kept(request: HttpRequest, found: Complaint, case: Case | None) -> HttpResponse:
    initial: dict[str, Any] = {name: getattr(case, name) for name in FIELDS} if case else {}
    form = CaseForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.keep_case(found, case, form.cleaned_data, by=request.access, at=timezone.now())
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return go("complaints:complaint", found.pk)
    return show(
        request, "complaints/case.html", {"form": form, "complaint": found, "case": case}, status=status
    )
