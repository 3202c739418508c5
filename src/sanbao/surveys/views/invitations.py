"""Who was asked and who was not, and links handed over by hand."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.surveys import operations, queries
from sanbao.surveys.models import (
    Invitation,
)
from sanbao.surveys.permissions import May
from sanbao.surveys.views.shared import outlets
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.refusal import Refusal

INVITED = {
    "planned": "secondary",
    "sent": "azure",
    "answered": "green",
    "expired": "secondary",
    "skipped": "yellow",
}


_INVITATIONS = List(
    "invitations",
    columns=(
        Column("order", _("Work order"), kind="code", value="order.number"),
        Column("kind", _("Work"), value="get_kind_display"),
        Column("outlet", _("Outlet"), value=lambda i: i.outlet.code if i.outlet else ""),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda i: INVITED[i.state]),
        Column("why", _("Why not"), value="get_why_display"),
        Column("send_on", _("Goes out on"), kind="date"),
        Column("sent_at", _("Sent"), kind="date"),
        Column("channel", _("Channel")),
        Column("reminded_at", _("Reminded"), kind="date"),
        Column("last_day", _("Until"), kind="date"),
        Column("link", _("Link"), value=lambda i: gettext("Hand the link over") if i.state == "sent" or i.state == "planned" or i.why == "no_way" else "", link=lambda i: reverse("surveys:link", args=[i.pk]) if i.state == "sent" or i.state == "planned" or i.why == "no_way" else ""),
        Column("made_at", _("Made"), kind="date", sort="id"),
    ),
    filters=(
        Search("q", _("Search"), ("order__number__iexact",)),
        Choice("outlet", _("Outlet"), outlets, field="outlet_id"),
        Choice("why", _("Why not"), Invitation.Why.choices),
        Days("sent", _("Sent"), field="sent_at", moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("planned", _("Planned"), Q(state="planned")),
        Tab("sent", _("Sent"), Q(state="sent")),
        Tab("answered", _("Filled in"), Q(state="answered")),
        Tab("skipped", _("Not asked"), Q(state="skipped")),
    ),
    order="-made_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="surveys:invitations:exported", rate="page")
def invitations(request: HttpRequest) -> HttpResponse:
    """Who was asked, who is to be, and why somebody was not."""
    listing = _INVITATIONS.of(request, queries.invitations(request.access).select_related("order", "outlet"))
    if listing.wants_export:
        return listing.export(gettext("Invitations to surveys"))
    return show(request, "surveys/invitations.html", {"list": listing}, parts=["list"])


@page(May.ENTER, "GET", "POST", scope=Scope.PLACES, audit="surveys:invitation:sent", rate="write")
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the link over: shown once it is asked for, to be passed on to the customer."""
    rows = Invitation.objects.visible_to(request.access, May.ENTER).select_related("order", "company")
    found = get_object_or_404(rows, pk=pk)
    context: dict[str, Any] = {
        "invitation": found, "crumbs": [(gettext("Invitations"), reverse("surveys:invitations"))]
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            context["link"] = request.build_absolute_uri(
                operations.hand_over(found, by=request.access, at=timezone.now())
            )
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    return show(request, "surveys/link.html", context, status=status)
