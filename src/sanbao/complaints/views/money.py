"""Compensation: proposed, approved or refused, given."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from sanbao.complaints import operations
from sanbao.complaints.forms import MoneyForm, MoneyMoveForm
from sanbao.complaints.models import Compensation
from sanbao.complaints.permissions import May
from sanbao.complaints.states import MONEY_MOVES
from sanbao.complaints.views.record import found_complaint, shown
from sanbao.ui.pages import Scope, go, page
from sanbao.ui.refusal import Refusal


@page(May.PROPOSE, "POST", scope=Scope.PLACES, audit="complaints:compensation:proposed", rate="write")
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose something for the customer."""
    found, form = found_complaint(request, pk, May.PROPOSE), MoneyForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            operations.propose(
                found,
                data["kind"],
                int(data["amount"] * 100),
                data["note"],
                by=request.access,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go(f"{reverse('complaints:complaint', args=[pk])}#money")
    return shown(request, found, money=form, status=422)


@page(May.SEE, "POST", scope=Scope.PLACES, audit="complaints:compensation:*", rate="write")
def move(request: HttpRequest, pk: int, number: int, noun: str) -> HttpResponse:
    """One step of a compensation."""
    if noun not in MONEY_MOVES:
        raise Http404
    step = MONEY_MOVES[noun]
    request.access.require(step.permission)
    found = found_complaint(request, pk, step.permission)
    made = get_object_or_404(
        Compensation.objects.visible_to(request.access, step.permission).filter(complaint=found), pk=number
    )
    form = MoneyMoveForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal(next(iter(form.errors.values()))[0])
        operations.move_money(made, noun, by=request.access, at=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        return shown(request, found_complaint(request, pk), refusal=refusal)
    return go(f"{reverse('complaints:complaint', args=[pk])}#money")
