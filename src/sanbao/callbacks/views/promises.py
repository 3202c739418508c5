"""Answers promised to customers: the list, and giving one (KA-9.4)."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.callbacks import operations, queries
from sanbao.callbacks.models import PromisedAnswer
from sanbao.callbacks.permissions import May
from sanbao.ui.lists import Choice, Column, Days, List, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

_STATES = {
    "open": (_("still owed"), "blue"), "overdue": (_("overdue"), "red"), "kept": (_("kept"), "green"), "late": (_("kept late"), "orange")
}  # fmt: skip


def _state(row: PromisedAnswer) -> str:
    if row.kept_at:
        return "kept" if row.kept_at <= row.due_at else "late"
    return "overdue" if row.due_at < timezone.now() else "open"


def _owners(request: HttpRequest) -> list[tuple[int, str]]:
    rows = queries.promises(request.access).order_by().values_list("owner_id", "owner__name").distinct()
    return list(rows[:100])


PROMISES = List(
    "promised-answers",
    columns=(
        Column("question", _("What was asked"), link=lambda p: reverse("callbacks:callback", args=[p.callback_id])),
        Column("callback", _("Callback"), kind="code", value="callback.number"),
        Column("contact", _("Customer"), kind="name", value="callback.plan.contact"),
        Column("due_at", _("Promised by"), kind="date", sort="due_at"),
        Column("state", _("State"), kind="badge", value=lambda p: _STATES[_state(p)][0], tone=lambda p: _STATES[_state(p)][1]),
        Column("owner", _("Who answers"), value="owner.name"),
        Column("answer", _("Answer given")),
        Column("kept_at", _("Answered"), kind="date"),
    ),
    filters=(Choice("owner", _("Who answers"), _owners, "owner_id"), Days("due", _("Promised by"), field="due_at", moments=True)),
    tabs=(
        Tab("open", _("Open"), Q(kept_at__isnull=True)),
        Tab("overdue", _("Overdue"), lambda request: Q(kept_at__isnull=True, due_at__lt=timezone.now())),
        Tab("mine", _("Mine"), lambda request: Q(kept_at__isnull=True, owner_id=request.access.person_id)),
        Tab("kept", _("Answered in time"), Q(kept_at__isnull=False) & Q(kept_at__lte=F("due_at"))),
        Tab("late", _("Kept late"), Q(kept_at__gt=F("due_at"))),
        Tab("all", _("All")),
    ),
    order="due_at",
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="callbacks:promised-answers:exported", rate="page")
def promises(request: HttpRequest) -> HttpResponse:
    """The list of promised answers."""
    listing = PROMISES.of(request, queries.promises(request.access))
    if listing.wants_export:
        return listing.export(__("Promised answers"))
    return show(request, "callbacks/promises.html", {"list": listing}, parts=["list"])


@page(May.CALL, "POST", scope=Scope.PLACES, audit=("callbacks:answer:kept", ""), rate="write")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer has the answer."""
    rows = PromisedAnswer.objects.visible_to(request.access, May.CALL).filter(callback__company_id=request.access.company_id)  # fmt: skip
    row: Any = get_object_or_404(rows, pk=pk)
    words = " ".join(request.POST.get("answer", "").replace("\0", "").split())[:500]
    try:
        operations.keep_answer(row, words, by=request.access, at=timezone.now())
        messages.success(request, __("Written down: the customer has the answer."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("callbacks:callback", row.callback_id)
