"""Requests: the list, and what is done to many at once."""

from collections.abc import Callable, Iterable

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.imports.permissions import May as Imports
from sanbao.intake import operations, queries
from sanbao.intake.forms import (
    AssignForm,
    ClassManyForm,
    MoveManyForm,
    TagsForm,
)
from sanbao.intake.models import Category, Request
from sanbao.intake.overview import cuts
from sanbao.intake.permissions import May
from sanbao.intake.states import LEVEL_TONES, MOVES, OPEN, TONES, Channel, Level, State
from sanbao.intake.summaries import COURSES, courses
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.links import numbered
from sanbao.ui.lists import Bulk, Choice, Column, Days, List, Search, Tab, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

MANY = ("start", "wait", "resumption", "cancellation")  # moves of several at once
MOST_SAID = 10
_IS_OPEN = Q(state__in=OPEN)
_page_of = numbered("intake:request")


def _mine(request: HttpRequest) -> Q:
    return _IS_OPEN & Q(assignee=request.access.person_id)


def _cut(key: str) -> Callable[[HttpRequest], Q]:
    """A tab that shows what the overview counts under the same name."""
    return lambda _request: _IS_OPEN & cuts(timezone.now())[key]


def _class_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return queries.class_choices(request.access.company_id)


def _within(values: list[str]) -> Q:
    """A class with all below it."""
    where = Q(pk__in=[])
    for path in Category.objects.filter(pk__in=values).values_list("path", flat=True):
        where |= Q(category__path__startswith=path)
    return where


def _tagged(values: list[str]) -> Q:
    return Q(tags__overlap=values)


REQUESTS = List(
    "requests",
    columns=(
        Column("number", _("Request"), kind="code", sort="id", link=lambda r: _page_of(r.pk)),
        Column("level", _("Priority"), kind="badge", value="get_level_display", tone=lambda r: LEVEL_TONES[r.level]),
        Column("subject", _("Matter"), link=lambda r: _page_of(r.pk)),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda r: TONES[r.state]),
        Column("due_at", _("Promise"), kind="badge", sort="due_at", value=lambda r: queries.due_words(r, timezone.now())[0], tone=lambda r: queries.due_words(r, timezone.now())[1] or "secondary"),
        Column("due_moment", _("Due at"), kind="date", value="due_at", shown=False),
        Column("contact", _("Customer"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("category", _("Class")),
        Column("assignee", _("Has it"), value="assignee.name"),
        Column("team", _("Team"), value="team.name", shown=False),
        Column("outlet", _("Outlet"), value="outlet.code"),
        Column("channel", _("Channel"), value="get_channel_display", shown=False),
        Column("model", _("Model"), shown=False),
        Column("serial", _("Serial number"), kind="code", shown=False),
        Column("address", _("Address"), kind="address", shown=False),
        Column("tags", _("Tags"), value=lambda r: " · ".join(r.tags)),
        Column("received_at", _("Received"), kind="date"),
        Column("closed_at", _("Closed on"), kind="date", shown=False),
        Column("description", _("Description"), shown=False),
        Column("solution", _("Solution"), shown=False),
        Column("feedback", _("What the customer says"), shown=False),
    ),
    filters=(
        Search("q", _("Number, telephone, serial, name or words"), by=lambda request, words: queries.searched(request.access, words)),
        Choice("state", _("State"), State.choices),
        Choice("level", _("Priority"), Level.choices),
        Choice("class", _("Class"), _class_choices, where_of=_within),
        Choice("team", _("Team"), lambda request: queries.team_choices(request.access.company_id), "team_id"),
        Choice("person", _("Has it"), lambda request: queries.people_choices(request.access), "assignee_id"),
        Choice("outlet", _("Outlet"), lambda request: outlet_choices(request.access, May.SEE), "outlet_id"),
        Choice("channel", _("Channel"), Channel.choices),
        Choice("tag", _("Tag"), lambda request: queries.tag_choices(request.access.company_id), where_of=_tagged),
        Choice("course", _("Course"), [(key, label) for key, label, _cut in COURSES], where_of=courses),
        Days("received", _("Received"), field="received_at", moments=True),
    ),
    tabs=(
        Tab("open", _("Open"), _IS_OPEN),
        Tab("mine", _("Mine"), _mine),
        Tab("unassigned", _("Nobody has it"), _cut("unassigned")),
        Tab("today", _("Due today"), _cut("today")),
        Tab("overdue", _("Overdue"), _cut("overdue")),
        Tab("waiting", _("On hold"), _cut("waiting")),
        Tab("reopened", _("Reopened"), _cut("reopened")),
        Tab("solved", _("Solved"), Q(state=State.SOLVED)),
        Tab("closed", _("Closed"), Q(state=State.CLOSED)),
        Tab("all", _("All")),
    ),
    order="-number",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="intake:requests:exported", rate="page")
def requests(request: HttpRequest) -> HttpResponse:
    """The desk's list."""
    bulk = []
    if request.access.may(May.WORK):
        bulk.append(Bulk(_("Take"), reverse("intake:requests-take"), icon="hand-grab"))
        bulk.append(Bulk(_("Begin"), reverse("intake:requests-move", args=["start"]), icon="player-play"))
        bulk.append(Bulk(_("Wait"), reverse("intake:requests-move", args=["wait"]), icon="player-pause"))
        bulk.append(Bulk(_("Class …"), reverse("intake:requests-class"), icon="category"))
        bulk.append(Bulk(_("Tags …"), reverse("intake:requests-tag"), icon="tag"))
    if request.access.may(May.ASSIGN):
        bulk.append(Bulk(_("Assign to …"), reverse("intake:requests-assign"), icon="user-check"))
    if request.access.may(May.CANCEL):
        bulk.append(Bulk(_("Cancel …"), reverse("intake:requests-move", args=["cancellation"]), icon="ban"))
    bulk.append(Bulk(_("Print"), reverse("intake:requests-print"), icon="printer"))
    access = request.access
    listing = REQUESTS.of(request, queries.requests(access), bulk=bulk, shaped_by=queries.reading(access))
    if listing.wants_export:
        return listing.export(__("Requests"))
    context = {
        "list": listing,
        "may_register": request.access.may(May.REGISTER),
        "may_import": request.access.may(Imports.TAKE_OVER),
    }
    return show(request, "intake/requests.html", context, parts=["list"])


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("intake:request:taken", ""), rate="write")
def take_many(request: HttpRequest) -> HttpResponse:
    """Take the chosen requests, each by itself: what is refused is said, the others are done."""
    done = 0
    for found in chosen(request, Request.objects.visible_to(request.access, May.WORK)):
        try:
            operations.take(found, version=found.version, by=request.access, at=timezone.now())
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{found}: {refusal}")
    _say(request, done, __("%(count)d requests taken.") % {"count": done})
    return go(f"{reverse('intake:requests')}?tab=mine")


@page(May.ASSIGN, "POST", scope=Scope.PLACES, audit=("intake:request:assigned", ""), rate="write")
def assign_many(request: HttpRequest) -> HttpResponse:
    """Give the chosen requests to somebody: asked first, then done, each by itself."""
    rows = chosen(request, Request.objects.visible_to(request.access, May.ASSIGN).select_related("outlet"))
    asked = "note" in request.POST
    form = AssignForm(request.access, request.POST if asked else None)
    if asked and form.is_valid():
        data = form.cleaned_data
        done, refused = 0, []
        for found in rows:
            try:
                operations.assign(
                    found, outlet=data["outlet"] or found.outlet, team=data["team"], person=data["person"], note=data["note"],
                    version=None, by=request.access, at=timezone.now(),
                )  # fmt: skip
                done += 1
            except Refusal as refusal:
                refused.append(f"{found}: {refusal}")
        for sentence in refused[:10]:
            messages.error(request, sentence)
        _say(request, done, __("%(count)d requests given.") % {"count": done})
        return go("intake:requests")
    status = 422 if asked else 200
    return show(request, "intake/assign_many.html", {"form": form, "rows": rows}, status=status)


def _say(request: HttpRequest, done: int, words: str) -> None:
    """How many were done; of none nothing is told, for why not stands there already."""
    if done:
        messages.success(request, words)


def _each(request: HttpRequest, rows: Iterable[Request], act: Callable[[Request], object]) -> int:
    """Do it with each by itself: what is refused is said, the first ten of them; how many were done."""
    done, refused = 0, []
    for found in rows:
        try:
            act(found)
            done += 1
        except Refusal as refusal:
            refused.append(f"{found}: {refusal}")
        except Request.DoesNotExist:
            refused.append(f"{found}: {__('somebody has given it elsewhere meanwhile.')}")
    for sentence in refused[:MOST_SAID]:
        messages.error(request, sentence)
    if len(refused) > MOST_SAID:
        messages.error(request, __("… and %(count)d more refused.") % {"count": len(refused) - MOST_SAID})
    return done


def _asked(
    request: HttpRequest, rows: QuerySet[Request], form: forms.Form, title: str, icon: str
) -> HttpResponse:
    """The page between ticking and doing."""
    context = {"form": form, "rows": rows, "title": title, "icon": icon}
    return show(request, "intake/change_many.html", context, status=422 if form.is_bound else 200)


@page(May.SEE, "POST", scope=Scope.PLACES, audit=("intake:request:*", ""), rate="write")
def move_many(request: HttpRequest, noun: str) -> HttpResponse:
    """Begin, put on hold or cancel the chosen requests, each by itself; what the move needs is asked first."""
    if noun not in MANY:
        raise Http404
    step = MOVES[noun]
    request.access.require(step.permission)
    rows = chosen(request, Request.objects.visible_to(request.access, step.permission))
    asked = noun == "start" or "sure" in request.POST
    form = MoveManyForm(noun, request.POST if asked else None)
    if not asked or not form.is_valid():
        return _asked(request, rows, form, str(step.label), "check")
    at = timezone.now()
    told = {name: form.cleaned_data.get(name, "") for name in ("reason", "waiting_for")}
    done = _each(
        request, rows,
        lambda found: operations.move(found, noun, version=found.version, by=request.access, at=at, **told),
    )  # fmt: skip
    _say(
        request, done, __("%(count)d requests: %(what)s") % {"count": done, "what": State(step.target).label}
    )
    return go("intake:requests")


@page(
    May.WORK,
    "POST",
    scope=Scope.PLACES,
    audit=("intake:request:weighed", "intake:request:amended", ""),
    rate="write",
)
def class_many(request: HttpRequest) -> HttpResponse:
    """Another class or severity for the chosen requests; their promises are weighed anew, each by itself."""
    rows = chosen(request, Request.objects.visible_to(request.access, May.WORK))
    form = ClassManyForm(
        request.access, timezone.localdate(), request.POST if "sure" in request.POST else None
    )
    if not form.is_bound or not form.is_valid():
        return _asked(request, rows, form, __("Class and severity"), "category")
    changes = {name: value for name, value in form.cleaned_data.items() if value}
    at = timezone.now()
    done = _each(request, rows, lambda found: operations.amend(found, changes, by=request.access, at=at))
    _say(request, done, __("%(count)d requests changed.") % {"count": done})
    return go("intake:requests")


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("intake:request:tagged", ""), rate="write")
def tag_many(request: HttpRequest) -> HttpResponse:
    """Tags for the chosen requests, or taken from them."""
    rows = chosen(request, Request.objects.visible_to(request.access, May.WORK))
    form = TagsForm(request.POST if "sure" in request.POST else None)
    if not form.is_bound or not form.is_valid():
        return _asked(request, rows, form, __("Tags"), "tag")
    at = timezone.now()
    done = _each(
        request,
        rows,
        lambda found: operations.keep_tags(found, **form.cleaned_data, by=request.access, at=at),
    )
    _say(request, done, __("%(count)d requests changed.") % {"count": done})
    return go("intake:requests")


@page(May.SEE, "POST", scope=Scope.PLACES, audit=("intake:requests:printed", ""), rate="export")
def print_many(request: HttpRequest) -> HttpResponse:
    """The chosen requests on one page each, for paper; people's data masked as on the list."""
    rows = list(chosen(request, queries.requests(request.access)).order_by("-id"))
    if rows:
        audit.record(
            "intake:requests:printed", rows[0], by=request.access, at=timezone.now(), outlet_id=rows[0].outlet_id,
            requests=[row.number for row in rows],
        )  # fmt: skip
    return show(request, "intake/print_many.html", {"rows": rows})
