"""Hints: what smells about sheets, for a person to look into (never a verdict)."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.settlements import operations, queries
from sanbao.settlements.forms import HintsForm
from sanbao.settlements.models import Hint
from sanbao.settlements.permissions import May
from sanbao.settlements.views.months import last_month
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, List, Month, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

HINTS = List(
    "hints",
    columns=(
        Column("sheet", _("Sheet"), kind="code", value=lambda h: str(h.sheet), link=lambda h: reverse("settlements:hint", args=[h.pk])),
        Column("outlet", _("Outlet"), value="outlet.code"),
        Column("month", _("Month"), kind="month", value="sheet.month"),
        Column("kind", _("Hint"), value="get_kind_display"),
        Column("told", _("Why"), value=lambda h: queries.told_of(h, language())),
        Column("other", _("Seen beside"), kind="code", value=lambda h: str(h.other) if h.other else "", link=lambda h: reverse("settlements:sheet", args=[h.other_id]) if h.other_id else ""),
        Column("checked_at", _("Looked into"), kind="date"),
        Column("checked_by", _("By"), value=lambda h: h.checked_by.name if h.checked_by else "", shown=False),
        Column("note", _("Note"), shown=False),
        Column("pk", _("Newest"), kind="code", value=lambda h: f"#{h.pk}", sort="id", shown=False),
    ),
    filters=(
        Search("q", _("Sheet number"), ("sheet__number__icontains",)),
        Month("month", _("Month"), "sheet__month"),
        Choice("kind", _("Hint"), Hint.Kind.choices),
        Search("outlet", _("Outlet code"), ("outlet__code__istartswith",)),
    ),
    tabs=(
        Tab("open", _("To look into"), Q(checked_at__isnull=True)),
        Tab("checked", _("Looked into"), Q(checked_at__isnull=False)),
        Tab("all", _("All")),
    ),
    order="-pk",
)  # fmt: skip


@page(May.SEE_HINTS, scope=Scope.PLACES, audit="settlements:hints:exported", rate="page")
def hints(request: HttpRequest) -> HttpResponse:
    listing = HINTS.of(request, queries.hints(request.access))
    if listing.wants_export:
        return listing.export(__("Hints"))
    return _listed(request, listing, HintsForm(initial={"month": f"{last_month():%Y-%m}"}))


def _listed(request: HttpRequest, listing: Any, form: HintsForm) -> HttpResponse:
    context = {"list": listing, "may_check": request.access.may(May.CHECK_HINT), "form": form}
    return show(
        request, "settlements/hints.html", context, parts=["list"], status=422 if form.errors else 200
    )


@page(May.CHECK_HINT, "POST", scope=Scope.PLACES, audit="settlements:hints:looked-for", rate="write")
def look(request: HttpRequest) -> HttpResponse:
    """Look through a month's sheets anew."""
    form = HintsForm(request.POST)
    if not form.is_valid():
        return _listed(request, HINTS.of(request, queries.hints(request.access)), form)
    month = form.cleaned_data["month"]
    count = operations.look_for_hints(month, by=request.access, at=timezone.now())
    messages.success(
        request,
        __("%(count)d hints of %(month)s wait to be looked into.")
        % {"count": count, "month": f"{month:%Y-%m}"},
    )
    return go("settlements:hints")


def _shown(request: HttpRequest, found: Hint, *, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "hint": found,
        "told": queries.told_of(found, language()),
        "sheets": [found.sheet, *([found.other] if found.other else [])],
        "may_check": request.access.may(May.CHECK_HINT) and found.checked_at is None,
        "may_register": request.access.may(May.REGISTER_FINDING),
        "refusal": refusal,
    }
    return show(request, "settlements/hint.html", context, status=refusal.status if refusal else 200)


@page(May.SEE_HINTS, scope=Scope.PLACES, audit=None, rate="page")
def hint(request: HttpRequest, pk: int) -> HttpResponse:
    """A hint with the two records side by side."""
    return _shown(request, get_object_or_404(queries.hints(request.access), pk=pk))


@page(May.CHECK_HINT, "POST", scope=Scope.PLACES, audit="settlements:hint:checked", rate="write")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Looked into, nothing in it."""
    found = get_object_or_404(queries.hints(request.access), pk=pk)
    try:
        note = request.POST.get("reason", "").replace("\0", "")
        operations.check_hint(found, note, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("Written down."))
    return go("settlements:hints")
