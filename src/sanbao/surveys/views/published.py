"""Results made known to everybody at work (GN-5)."""

from typing import Any

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
    PublishForm,
)
from sanbao.surveys.models import (
    Publication,
)
from sanbao.surveys.permissions import May
from sanbao.surveys.trend import trend
from sanbao.surveys.views.shared import beside, product_choices
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao_rules import surveys as rules


@page(May.READ, scope=Scope.COMPANY, audit=None, rate="page")
def publications(request: HttpRequest) -> HttpResponse:
    """What was published to everybody in the company (GN-5)."""
    rows = queries.publications(request.access).select_related("made_by").order_by("-id")[:200]
    context = {"publications": rows, "may_publish": request.access.may(May.PUBLISH)}
    return show(request, "surveys/publications.html", context)


@page(May.READ, scope=Scope.COMPANY, audit=None, rate="page")
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """One published result."""
    rows = queries.publications(request.access).select_related("made_by", "campaign", "decision")
    found: Publication = get_object_or_404(rows, pk=pk)
    access, products = request.access, dict(product_choices(request))
    groups = [
        (heading, [{**row, "label": products.get(row["label"], row["label"]), "share": _share(row["rate"])} for row in found.figures["groups"].get(group, [])])
        for group, heading in (("month", _("By month")), ("outlet", _("By outlet")), ("category", _("By product")))
    ]  # fmt: skip
    sees = access.may(Improve.SEE)
    decided = [found.decision] if found.decision else []
    context = {
        "publication": found,
        "total": found.figures["total"],
        "rate": _share(found.figures["total"]["rate"]),
        "response": _share(found.figures["response"]),
        "margin": _share(found.figures["margin"]),
        "groups": groups,
        "trend": trend((row["label"], row["share"]) for row in groups[0][1]),
        "why": next(iter(whys(decided, language(), access)), None),
        "measures": improvements.of_source(access, "survey", -found.pk) if sees else [],
        "open_measure": improvements.opening_url(
            source_kind="survey", source_label=found.title, source_path=reverse("surveys:publication", args=[found.pk]),
            figure=gettext("Satisfied customers in %"), figure_before=_percent(found.figures["total"]["rate"]),
        ) if access.may(Improve.OPEN) else "",
        "crumbs": [(gettext("Published results"), reverse("surveys:publications"))],
    }  # fmt: skip
    if sees:
        path = reverse("surveys:publication", args=[found.pk])
        context["measures"] = (
            improvements.measures(access).filter(source_kind="survey", source_path=path).order_by("id")
        )
    return show(request, "surveys/publication.html", context)


def _share(text: str | None) -> Any:
    return None if text is None else rules.Decimal(text)


def _percent(text: str | None) -> str:
    return "" if text is None else f"{rules.Decimal(text) * 100:.1f}"


@page(May.PUBLISH, "GET", "POST", scope=Scope.COMPANY, audit="surveys:result:published", rate="write")
def publish(request: HttpRequest) -> HttpResponse:
    """Publish a result: of a campaign (its number in the address), or of a period."""
    asked = request.GET.get("campaign", "")
    campaign = (
        queries.campaigns(request.access).filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 18
        else None
    )
    today = timezone.localdate()
    first = campaign.begun_at.date() if campaign and campaign.begun_at else today.replace(day=1)
    initial = {"first_day": first, "last_day": today, "title": campaign.name if campaign else ""}
    form = PublishForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.publish_result(
                **form.cleaned_data, campaign=campaign, by=request.access, at=timezone.now()
            )
        except Refusal as refusal:
            beside(form, refusal)
        else:
            return go("surveys:publication", made.pk)
    context = {
        "form": form,
        "title": gettext("Publish a result"),
        "crumbs": [(gettext("Published results"), reverse("surveys:publications"))],
    }
    return show(request, "surveys/form.html", context, status=422 if form.is_bound and form.errors else 200)
