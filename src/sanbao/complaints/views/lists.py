"""The list of complaints, and what stands before a person."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.complaints import queries
from sanbao.complaints.facts import choices
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.states import OPEN, SEVERITY_TONES, TONES, Callback, Money, Origin, State, Verdict
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.links import numbered
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, page, show

_page_of = numbered("complaints:complaint")
_IS_OPEN = Q(state__in=OPEN)
NONE: tuple[str, Any] = ("none", _("not stated"))


def _or_none(field: str, empty: Q) -> Callable[[list[str]], Q]:
    """One of several values, or none at all."""

    def where(values: list[str]) -> Q:
        found = Q(**{f"{field}__in": [value for value in values if value != "none"]})
        return found | empty if "none" in values else found

    return where


def _mine(request: HttpRequest) -> Q:
    return Q(owner=request.access.person_id, state__in=("handed", "justified", "unjustified"))


def _overdue(_request: HttpRequest) -> Q:
    return _IS_OPEN & Q(due_at__lt=timezone.now())


def _today(_request: HttpRequest) -> Q:
    now = timezone.localtime()
    return _IS_OPEN & Q(
        due_at__gte=now, due_at__lt=now.replace(hour=23, minute=59, second=59, microsecond=999_999)
    )


def _products(request: HttpRequest) -> list[tuple[str, str]]:
    rows = Complaint.objects.visible_to(request.access, May.SEE).exclude(product="").order_by("product")
    return [*((value, value) for value in rows.values_list("product", flat=True).distinct()[:100]), NONE]


def _engineers(request: HttpRequest) -> list[tuple[str, str]]:
    rows = Complaint.objects.visible_to(request.access, May.SEE).filter(engineer__isnull=False)
    people = Person.objects.filter(pk__in=rows.order_by().values("engineer")).order_by("name")
    return [*((str(pk), name) for pk, name in people.values_list("pk", "name")[:300]), NONE]


COMPLAINTS = List(
    "complaints",
    columns=(
        Column("number", _("Complaint"), kind="code", sort="id", link=lambda c: _page_of(c.pk)),
        Column("severity", _("Severity"), kind="badge", value=lambda c: queries.word_of(c, "severity"), tone=lambda c: SEVERITY_TONES.get(c.severity, "blue")),
        Column("subject", _("Matter"), link=lambda c: _page_of(c.pk)),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda c: TONES[c.state]),
        Column("due_at", _("Clock"), kind="badge", sort="due_at", value=lambda c: queries.due_words(c, timezone.now())[0], tone=lambda c: queries.due_words(c, timezone.now())[1] or "secondary"),
        Column("due_moment", _("Due at"), kind="date", value="due_at", shown=False),
        Column("kind", _("Kind of complaint"), value=lambda c: queries.word_of(c, "kind")),
        Column("contact", _("Customer"), kind="name"),
        Column("phone", _("Telephone"), kind="phone", shown=False),
        Column("owner", _("Responsible"), value="owner.name"),
        Column("department", _("Department in charge"), value=lambda c: queries.word_of(c, "department"), shown=False),
        Column("about_outlet", _("About the outlet"), value="about_outlet.code"),
        Column("engineer", _("About the engineer"), value="engineer.name", shown=False),
        Column("product", _("Product"), shown=False),
        Column("model", _("Model"), shown=False),
        Column("serial", _("Serial number"), kind="code", shown=False),
        Column("verdict", _("Verified"), value="get_verdict_display"),
        Column("cause", _("Cause"), value=lambda c: queries.word_of(c, "cause"), shown=False),
        Column("repeat_of", _("Repeats"), value="repeat_of.number", shown=False),
        Column("origin", _("Origin"), value="get_origin_display", shown=False),
        Column("received_at", _("Received"), kind="date"),
        Column("archived_at", _("Archived"), kind="date", shown=False),
        Column("description", _("What the customer tells"), shown=False),
        Column("finding", _("What the check found"), shown=False),
        Column("outcome", _("What was done"), shown=False),
        Column("feedback", _("What the customer says"), shown=False),
    ),
    filters=(
        Search("q", _("Number, telephone, order, serial, name or words"), by=lambda request, words: queries.searched(request.access, words)),
        Choice("state", _("State"), State.choices),
        Choice("severity", _("Severity"), lambda request: choices(request.access, "severities")),
        Choice("kind", _("Kind of complaint"), lambda request: choices(request.access, "kinds")),
        Choice("cause", _("Cause"), lambda request: [*choices(request.access, "causes"), NONE], where_of=_or_none("cause", Q(cause=""))),
        Choice("verdict", _("Verified"), [choice for choice in Verdict.choices if choice[0]]),
        Choice("person", _("Responsible"), lambda request: queries.people_choices(request.access), "owner_id"),
        Choice("about", _("About the outlet"), lambda request: [*outlet_choices(request.access, May.SEE), NONE], where_of=_or_none("about_outlet_id", Q(about_outlet__isnull=True))),
        Choice("engineer", _("About the engineer"), _engineers, where_of=_or_none("engineer_id", Q(engineer__isnull=True))),
        Choice("product", _("Product"), _products, where_of=_or_none("product", Q(product=""))),
        Choice("callback", _("Callback"), [choice for choice in Callback.choices if choice[0]]),
        Choice("origin", _("Origin"), Origin.choices),
        Days("received", _("Received"), field="received_at", moments=True),
    ),
    tabs=(
        Tab("open", _("Open"), _IS_OPEN),
        Tab("mine", _("Mine"), _mine),
        Tab("unassigned", _("Nobody is responsible"), Q(state=State.REGISTERED)),
        Tab("today", _("Due today"), _today),
        Tab("overdue", _("Overdue"), _overdue),
        Tab("desk", _("To tell and call back"), Q(state__in=(State.DONE, State.TOLD))),
        Tab("money", _("Money under way"), Q(pk__in=Complaint._base_manager.filter(compensations__state__in=(Money.PROPOSED, Money.APPROVED)).values("pk"))),
        Tab("repeats", _("Repetitions"), Q(repeat_of__isnull=False)),
        Tab("archived", _("Archived"), Q(state=State.ARCHIVED)),
        Tab("counted", _("All but withdrawn"), ~Q(state=State.WITHDRAWN)),
        Tab("all", _("All")),
    ),
    order="-number",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="complaints:complaints:exported", rate="page")
def complaints(request: HttpRequest) -> HttpResponse:
    """The list."""
    listing = COMPLAINTS.of(request, queries.complaints(request.access))
    if listing.wants_export:
        return listing.export(__("Complaints"))
    context = {
        "list": listing,
        "may_register": request.access.may(May.REGISTER),
        "may_analyse": request.access.may(May.ANALYSE),
    }
    return show(request, "complaints/complaints.html", context, parts=["list"])
