"""Surveys at intervals: prepared, begun, ended."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.regulations.queries import book_in_force
from sanbao.surveys import operations, queries
from sanbao.surveys.forms import (
    CampaignForm,
)
from sanbao.surveys.models import (
    Campaign,
)
from sanbao.surveys.permissions import May
from sanbao.surveys.queries import Cut
from sanbao.surveys.views.shared import beside, product_choices, sentences
from sanbao.ui.lists import Column, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao_rules import surveys as rules

CAMPAIGNS = {"draft": "secondary", "running": "azure", "ended": "green"}


_CAMPAIGNS = List(
    "campaigns",
    columns=(
        Column("number", _("Number"), kind="code", link=lambda c: reverse("surveys:campaign", args=[c.pk])),
        Column("name", _("Name of the survey"), link=lambda c: reverse("surveys:campaign", args=[c.pk])),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda c: CAMPAIGNS[c.state]),
        Column("first_day", _("Closed from"), kind="date"),
        Column("last_day", _("Until"), kind="date"),
        Column("population", _("Jobs found"), kind="number"),
        Column("size", _("Sample"), kind="number"),
        Column("begun_at", _("Begun"), kind="date"),
        Column("made_at", _("Made"), kind="date", sort="id"),
    ),
    filters=(Search("q", _("Search"), ("number__iexact", "name__icontains")),),
    tabs=(Tab("all", _("All")), Tab("running", _("Under way"), Q(state="running"))),
    order="-made_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="surveys:campaigns:exported", rate="page")
def campaigns(request: HttpRequest) -> HttpResponse:
    """Surveys at intervals (SR-7)."""
    listing = _CAMPAIGNS.of(request, queries.campaigns(request.access))
    if listing.wants_export:
        return listing.export(gettext("Surveys at intervals"))
    context = {"list": listing, "may_run": request.access.may(May.RUN)}
    return show(request, "surveys/campaigns.html", context, parts=["list"])


@page(May.RUN, "GET", "POST", scope=Scope.COMPANY, audit="surveys:campaign:*", rate="write")
def keep_campaign(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Prepare a survey, or change one that has not begun."""
    rows = Campaign.objects.visible_to(request.access, May.RUN)
    found = get_object_or_404(held(rows, request), pk=pk) if pk else None
    names = ("name", "first_day", "last_day", "category", "kind", "size", "seed")
    initial = (
        {name: getattr(found, name) for name in names}
        | {"version": found.version_id, "outlet": found.outlet_id}
        if found
        else {}
    )
    form = CampaignForm(request.access, product_choices(request), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = operations.keep_campaign(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("surveys:campaign", kept.pk)
    context = {"form": form, "title": gettext("Survey at intervals"), "crumbs": _campaign_crumbs()}
    return show(request, "surveys/form.html", context, status=form.status)


def _campaign_crumbs() -> list[tuple[str, str]]:
    return [(gettext("Surveys at intervals"), reverse("surveys:campaigns"))]


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One survey: its audience, how many have answered, what they say."""
    return _campaign_shown(request, pk)


def _campaign_shown(request: HttpRequest, pk: int, refusal: Refusal | None = None) -> HttpResponse:
    rows = queries.campaigns(request.access).select_related(
        "version__questionnaire", "outlet", "made_by", "begun_by"
    )
    found = get_object_or_404(rows, pk=pk)
    today, whole = timezone.localdate(), request.access.reach(May.SEE).whole
    may_run = request.access.may(May.RUN)
    context: dict[str, Any] = {
        "campaign": found,
        "tone": CAMPAIGNS[found.state],
        "may_run": may_run,
        "refusal": refusal,
        "crumbs": _campaign_crumbs(),
        "publications": found.publications.order_by("-id") if request.access.may(May.READ) else [],
        "may_publish": request.access.may(May.PUBLISH) and found.state != Campaign.State.DRAFT,
    }
    if found.state == Campaign.State.DRAFT and may_run:
        asked = operations.audience(found, today)
        context["audience"] = asked
        if asked.population:
            context["needed"] = rules.sample(
                asked.population, rules.Decimal("0.05"), today, book_in_force(found.company_id, rules.BOOK)
            ).answer
    elif found.begun_at is not None and whole:
        cut = Cut(date(2000, 1, 1), today, campaign_id=found.pk)
        context["found"] = queries.results(request.access, cut, today)
        context["answer"] = context["found"].decision.answer
        context["sentences"] = sentences(context["found"], request)
    return show(request, "surveys/campaign.html", context, status=refusal.status if refusal else 200)


def _campaign_deed(request: HttpRequest, pk: int, deed: Any) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.visible_to(request.access, May.RUN), pk=pk)
    try:
        deed(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _campaign_shown(request, pk, refusal)
    return go("surveys:campaign", pk)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:campaign:begun", rate="write")
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the sample and ask."""
    return _campaign_deed(request, pk, operations.begin)


@page(May.RUN, "POST", scope=Scope.COMPANY, audit="surveys:campaign:ended", rate="write")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more answers."""
    return _campaign_deed(request, pk, operations.end_campaign)
