"""Working times: one's own with coming and going, everybody's as a list, a person's month, a day written down for them (BA-6)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.intake import operations
from sanbao.intake.forms import TimeForm
from sanbao.intake.models import WorkTime
from sanbao.intake.permissions import May
from sanbao.intake.working_times import Month, month_of, staff, words_of
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _outlets(request: HttpRequest) -> list[tuple[int, str]]:
    return outlet_choices(request.access, May.SEE_TIMES)


def _clock(moment: Any) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


def _hours(row: WorkTime) -> str:
    return f"{row.due_from:%H:%M}–{row.due_to:%H:%M}" if row.due_from else ""


def _standing(row: WorkTime) -> tuple[str, str]:
    return words_of(row, is_over=row.day < timezone.localdate())


def _unended(request: HttpRequest) -> Q:
    return Q(went_at__isnull=True, day__lt=timezone.localdate())


TIMES = List(
    "times",
    columns=(
        Column("person", _("Person"), value="person.name", link=lambda row: reverse("intake:times-of", args=[row.person_id])),
        Column("place", _("Workplace"), value=lambda row: row.outlet.code if row.outlet else __("headquarters")),
        Column("day", _("Day"), kind="date", sort="day"),
        Column("hours", _("Hours of the place"), value=_hours),
        Column("came_at", _("Came"), value=lambda row: _clock(row.came_at)),
        Column("went_at", _("Went"), value=lambda row: _clock(row.went_at)),
        Column("late", _("Minutes late"), kind="number", shown=False),
        Column("early", _("Minutes left early"), kind="number", shown=False),
        Column("standing", _("State"), kind="badge", value=lambda row: _standing(row)[0], tone=lambda row: _standing(row)[1]),
        Column("written_by", _("Written down by"), value=lambda row: row.written_by.name if row.written_by else "", shown=False),
        Column("reason", _("Why?"), shown=False),
    ),
    filters=(
        Search("q", _("Name"), ("person__name__icontains",)),
        Choice("outlet", _("Outlet"), _outlets, field="outlet_id"),
        Days("day", _("Day"), "day"),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("late", _("Late"), Q(late__gt=0)),
        Tab("early", _("Left early"), Q(early__gt=0)),
        Tab("unended", _("Going not on record"), _unended),
        Tab("written", _("Written down by others"), Q(written_by__isnull=False)),
    ),
    order="-day",
)  # fmt: skip


@page(May.SEE_TIMES, scope=Scope.PLACES, audit="intake:times:exported", rate="page")
def times(request: HttpRequest) -> HttpResponse:
    """The days on record of one's people."""
    rows = WorkTime.objects.visible_to(request.access, May.SEE_TIMES)
    listing = TIMES.of(request, rows.select_related("person", "outlet", "written_by"))
    if listing.wants_export:
        return listing.export(__("Working times"))
    people = staff(request.access, May.SEE_TIMES)[:500]
    return show(request, "intake/times.html", {"list": listing, "people": people}, parts=["list"])


@page(May.OWN_TIME, scope=Scope.OWN, audit=None, rate="page")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own month, and the two buttons of the day."""
    return _mine(request)


def _mine(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    me = get_object_or_404(Person, pk=request.access.person_id)
    company = request.access.company_id
    rows = WorkTime.objects.filter(company_id=company, person=me)
    context = {
        "person": me,
        "today": (today := rows.filter(day=timezone.localdate()).first()),
        "still_open": today is None
        and rows.filter(went_at__isnull=True, came_at__gte=timezone.now() - operations.LONGEST).exists(),
        "month": _month(request, rows, me),
        "refusal": refusal,
    }
    return show(request, "intake/times_mine.html", context, status=refusal.status if refusal else 200)


@page(May.OWN_TIME, "POST", scope=Scope.OWN, audit=("intake:time:came", ""), rate="write")
def come(request: HttpRequest) -> HttpResponse:
    """At work from now on."""
    return _at_the_door(request, operations.come, "came_at", _("On record: you came at %(time)s."))


@page(May.OWN_TIME, "POST", scope=Scope.OWN, audit=("intake:time:went", ""), rate="write")
def go_home(request: HttpRequest) -> HttpResponse:
    """Gone from now on."""
    return _at_the_door(request, operations.go, "went_at", _("On record: you went at %(time)s."))


def _at_the_door(request: HttpRequest, deed: Callable[..., WorkTime], moment: str, said: Any) -> HttpResponse:
    try:
        row = deed(by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _mine(request, refusal)
    messages.success(request, said % {"time": _clock(getattr(row, moment))})
    return go("intake:times-mine")


@page(May.SEE_TIMES, scope=Scope.PLACES, audit=None, rate="page")
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """A month of one of one's people, day by day."""
    person = _person(request, pk, May.SEE_TIMES)
    rows = WorkTime.objects.visible_to(request.access, May.SEE_TIMES)
    context = {
        "person": person,
        "month": _month(request, rows, person),
        "may_keep": request.access.may(May.KEEP_TIMES) and person.pk != request.access.person_id,
        "crumbs": [(__("Working times"), reverse("intake:times"))],
    }
    return show(request, "intake/times_of.html", context)


@page(May.KEEP_TIMES, "GET", "POST", scope=Scope.PLACES, audit=("intake:time:kept", ""), rate="write")
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """A day of theirs, written down or changed, with the reason."""
    person = _person(request, pk, May.KEEP_TIMES)
    form = TimeForm(request.POST or None, initial=_initial(request, person))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = operations.keep_time(person, **form.cleaned_data, by=request.access, at=timezone.now())
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
            else:
                messages.success(request, __("Saved."))
                return go(f"{reverse('intake:times-of', args=[person.pk])}?month={row.day:%Y-%m}")
    back = reverse("intake:times-of", args=[person.pk])
    context = {
        "form": form,
        "person": person,
        "back": back,
        "crumbs": [(__("Working times"), reverse("intake:times")), (person.name, back)],
    }
    return show(request, "intake/time_form.html", context, status=status)


def _initial(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What is on record of the day that the address names; today without one."""
    day = _read(request.GET.get("day", "")) or timezone.localdate()
    row = WorkTime.objects.visible_to(request.access, May.KEEP_TIMES).filter(person=person, day=day).first()
    if row is None:
        return {"day": day}
    return {"day": day, "came": _clock(row.came_at), "went": _clock(row.went_at)}


def _person(request: HttpRequest, pk: int, permission: str) -> Person:
    return get_object_or_404(staff(request.access, permission), pk=pk)


def _month(request: HttpRequest, rows: Any, person: Person) -> Month:
    """The month that the address names; this one where it names none that has begun."""
    today = timezone.localdate()
    first = _read(f"{request.GET.get('month', '')}-01")
    if first is None or first > today or first.year < 2000:
        first = today.replace(day=1)
    return month_of(rows, request.access.company_id, person, first, today)


def _read(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        return None
