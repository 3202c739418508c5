"""Answers on paper, entered by a clerk."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from sanbao.surveys import operations
from sanbao.surveys.forms import (
    AnswerForm,
    PaperForm,
)
from sanbao.surveys.models import (
    Response,
    Version,
)
from sanbao.surveys.operations import Told
from sanbao.surveys.permissions import May
from sanbao.surveys.views.shared import product_choices, version_of
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order


@page(May.ENTER, scope=Scope.PLACES, audit=None, rate="page")
def choose_paper(request: HttpRequest) -> HttpResponse:
    """Which questionnaire the paper is."""
    rows = Version.objects.visible_to(request.access, May.ENTER).exclude(state=Version.State.DRAFT)
    found = rows.select_related("questionnaire").order_by("questionnaire__name", "-no")[:100]
    return show(request, "surveys/papers.html", {"versions": found, "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))]})  # fmt: skip


@page(May.ENTER, "GET", "POST", scope=Scope.PLACES, audit="surveys:response:given", rate="write")
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Type in what a customer wrote on paper."""
    found = version_of(request, pk, May.ENTER)
    whose = PaperForm(request.access, product_choices(request), request.POST or None)
    said = AnswerForm(found, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if whose.is_valid() and said.is_valid():
            try:
                made = _entered(request, found, whose, said)
            except Refusal as refusal:
                _beside_either(whose, said, refusal)
            else:
                messages.success(request, gettext("The answer is kept."))
                return go("surveys:response", made.pk)
    context = {
        "version": found,
        "whose": whose,
        "said": said,
        "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))],
    }
    return show(request, "surveys/enter.html", context, status=status)


def _entered(request: HttpRequest, found: Version, whose: PaperForm, said: AnswerForm) -> Response:
    given, order = whose.cleaned_data, None
    if given["number"]:
        rows = Order.objects.visible_to(request.access, May.ENTER).select_related(
            "unit__model", "outlet", "company"
        )
        order = rows.filter(number=given["number"]).first()
        if order is None:
            raise Refusal(gettext("There is no work order with this number."), field="number", code="order")
    return operations.enter(
        found, Told(**said.told()), order=order, outlet=given["outlet"], kind=given["kind"], category=given["category"], by=request.access,
        at=timezone.now(),
    )  # fmt: skip


def _beside_either(whose: forms.Form, said: AnswerForm, refusal: Refusal) -> None:
    if refusal.field in whose.fields:
        whose.add_error(refusal.field, str(refusal))
        return
    name = refusal.field if refusal.field in said.fields else f"q-{refusal.field}"
    said.add_error(name if name in said.fields else None, str(refusal))
