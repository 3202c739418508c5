"""Answers: the list, one answer, and what is made of it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.decisions.queries import whys
from sanbao.improvements import queries as improvements
from sanbao.improvements.permissions import May as Improve
from sanbao.surveys import operations, queries
from sanbao.surveys.forms import (
    LookForm,
)
from sanbao.surveys.models import (
    Response,
)
from sanbao.surveys.operations.answering import shown_answers
from sanbao.surveys.permissions import May
from sanbao.surveys.views.shared import outlets
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _score(row: Response) -> str:
    return f"{row.score} ★"


def _number(row: Any) -> str:
    return (
        row.order.number if row.order else gettext("anonymous") if getattr(row, "anonymous", False) else "–"
    )


_ANSWERS = List(
    "responses",
    columns=(
        Column("answered_at", _("Filled in on"), kind="date", sort="id", link=lambda r: reverse("surveys:response", args=[r.pk])),
        Column("score", _("Score"), value=_score, link=lambda r: reverse("surveys:response", args=[r.pk])),
        Column("words", _("The customer's words")),
        Column("order", _("Work order"), kind="code", value=_number),
        Column("outlet", _("Outlet"), value=lambda r: r.outlet.code if r.outlet else ""),
        Column("engineer", _("Engineer"), value=lambda r: r.engineer.name if r.engineer else ""),
        Column("source", _("Way"), value="get_source_display"),
        Column("version", _("Questionnaire"), value=lambda r: str(r.version), shown=False),
        Column("looked_at", _("Looked into"), kind="date"),
    ),
    filters=(
        Search("q", _("Search"), ("words__icontains", "order__number__iexact")),
        Choice("outlet", _("Outlet"), outlets, field="outlet_id"),
        Choice("score", _("Score"), [(n, f"{n} ★") for n in range(1, 6)]),
        Choice("source", _("Way"), Response.Source.choices),
        Days("answered", _("Filled in on"), field="answered_at", moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("low", _("To be looked into"), Q(low=True, looked_at__isnull=True, request__isnull=True)),
        Tab("call", _("Wish to be called"), Q(call_back=True)),
    ),
    order="-answered_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="surveys:responses:exported", rate="page")
def responses(request: HttpRequest) -> HttpResponse:
    """The answers one by one; the low ones wait to be looked into."""
    rows = queries.responses(request.access).select_related(
        "order", "outlet", "engineer", "version__questionnaire"
    )
    listing = _ANSWERS.of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Answers to surveys"))
    context = {"list": listing, "may_enter": request.access.may(May.ENTER)}
    return show(request, "surveys/responses.html", context, parts=["list"])


def _answer(request: HttpRequest, pk: int, permission: str = May.SEE) -> Response:
    rows = Response.objects.visible_to(request.access, permission)
    related = (
        "order",
        "outlet",
        "engineer",
        "version__questionnaire",
        "request",
        "decision",
        "entered_by",
        "looked_by",
        "campaign",
    )
    found: Response = get_object_or_404(rows.select_related(*related), pk=pk)
    return found


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def response(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer, and what came of it."""
    return _answer_shown(request, _answer(request, pk))


def _answer_shown(
    request: HttpRequest, found: Response, refusal: Refusal | None = None, form: LookForm | None = None
) -> HttpResponse:
    decided = [found.decision] if found.decision else []
    may = request.access.may(May.ENTER)
    context = {
        "response": found,
        "said": [(one, _said(one)) for one in shown_answers(found)],
        "why": next(iter(whys(decided, language(), request.access)), None),
        "may_take_up": may and found.order is not None and found.request_id is None,
        "may_look": may and found.looked_at is None and (found.low or found.call_back),
        "form": form or LookForm(),
        "measures": improvements.of_source(request.access, "survey", found.pk) if request.access.may(Improve.SEE) else [],
        "open_measure": _measure_url(request, found),
        "refusal": refusal,
        "crumbs": [(gettext("Answers to surveys"), reverse("surveys:responses"))],
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form is not None and form.errors else 200
    return show(request, "surveys/response.html", context, status=status)


def _measure_url(request: HttpRequest, found: Response) -> str:
    if not request.access.may(Improve.OPEN):
        return ""
    return improvements.opening_url(
        source_kind="survey", source_pk=found.pk, source_label=gettext("Survey of %(day)s") % {"day": timezone.localdate(found.answered_at)},
        source_path=reverse("surveys:response", args=[found.pk]), outlet=found.outlet_id, product_line=found.category,
    )  # fmt: skip


def _said(one: Any) -> str:
    if one.stars:
        return "★" * int(one.stars)
    named = dict(one.question.named_options)
    return "、".join(named.get(code, code) for code in one.chosen) or str(one.words)


@page(May.ENTER, "POST", scope=Scope.PLACES, audit="surveys:response:taken-up", rate="write")
def register_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a low score up as a request."""
    found = _answer(request, pk, May.ENTER)
    try:
        operations.register_request(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _answer_shown(request, _answer(request, pk), refusal)
    messages.success(request, gettext("The request is registered."))
    return go("surveys:response", pk)


@page(May.ENTER, "POST", scope=Scope.PLACES, audit="surveys:response:looked-into", rate="write")
def look_into(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    found, form = _answer(request, pk, May.ENTER), LookForm(request.POST)
    if not form.is_valid():
        return _answer_shown(request, found, form=form)
    try:
        operations.look_into(found, form.cleaned_data["words"], by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _answer_shown(request, _answer(request, pk), refusal)
    return go("surveys:response", pk)
