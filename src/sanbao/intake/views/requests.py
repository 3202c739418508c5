"""Requests: the list, one request with everything about it, its moves, what is said."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.written import written
from sanbao.audit import unmasking
from sanbao.files import operations as files
from sanbao.imports.permissions import May as Imports
from sanbao.intake import operations, queries
from sanbao.intake.facts import word
from sanbao.intake.forms import AmendForm, AssignForm, MoveForm, TalkForm, TaskForm
from sanbao.intake.models import Category, Force, Request, Task
from sanbao.intake.overview import cuts
from sanbao.intake.permissions import May
from sanbao.intake.states import LEVEL_TONES, MOVES, OPEN, TONES, Channel, Level, State, Waiting
from sanbao.intake.summaries import COURSES, courses
from sanbao.outlets.queries import outlet_choices
from sanbao.products import queries as products
from sanbao.ui.links import numbered
from sanbao.ui.lists import Bulk, Choice, Column, Days, List, Search, Tab, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers.fields import language
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

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


REQUESTS = List(
    "requests",
    columns=(
        Column("number", _("Request"), kind="code", sort="id", link=lambda r: _page_of(r.pk)),
        Column("level", _("Priority"), kind="badge", value="get_level_display", tone=lambda r: LEVEL_TONES[r.level]),
        Column("subject", _("Matter"), link=lambda r: _page_of(r.pk)),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda r: TONES[r.state]),
        Column("due_at", _("Promise"), kind="badge", sort="due_at", value=lambda r: queries.due_words(r, timezone.now())[0], tone=lambda r: queries.due_words(r, timezone.now())[1] or "secondary"),
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
    if request.access.may(May.ASSIGN):
        bulk.append(Bulk(_("Give to …"), reverse("intake:requests-assign"), icon="user-check"))
    listing = REQUESTS.of(request, queries.requests(request.access), bulk=bulk)
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
    messages.success(request, __("%(count)d requests taken.") % {"count": done})
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
        messages.success(request, __("%(count)d requests given.") % {"count": done})
        return go("intake:requests")
    status = 422 if asked else 200
    return show(request, "intake/assign_many.html", {"form": form, "rows": rows}, status=status)


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Request:
    """The request, if the person may do this to it."""
    rows = written(
        ("request", permission, request.access.reach(permission)),
        lambda pk: _rows_with_all(request.access, permission).filter(pk=pk),
        pk=pk,
    )
    if not rows:
        raise Http404
    found: Request = rows[0]
    return found


def _rows_with_all(access: Access, permission: str) -> QuerySet[Request]:
    """Requests with what their pages show beside them."""
    forces = Force.requests.through.objects.filter(request=OuterRef("pk"), force__ended_at__isnull=True)
    rows = Request.objects.visible_to(access, permission).annotate(
        force_id=Subquery(forces.values("force")[:1]),
        force_name=Subquery(forces.values("force__name")[:1]),
        has_tasks=Exists(Task.objects.filter(request=OuterRef("pk"))),
    )
    return rows.select_related(
        "category",
        "outlet__region",
        "team",
        "assignee",
        "customer",
        "priority_decision",
        "made_by",
    )


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def request_(request: HttpRequest, pk: int) -> HttpResponse:
    """One request."""
    return _shown(request, _found(request, pk))


def _shown(
    request: HttpRequest,
    found: Request,
    *,
    refusal: Refusal | None = None,
    talk: TalkForm | None = None,
    task: TaskForm | None = None,
    unmasked: bool = False,
    status: int = 200,
) -> HttpResponse:
    now, access = timezone.now(), request.access
    shown, why = queries.promises_of(found, access, language(), now)
    may_work = queries.may(found, access, May.WORK)
    open_now = found.state in OPEN
    context = {
        "request_": found,
        "unmasked": unmasked,
        "steps": queries.steps(found),
        "moves": [(move, move.noun) for move in queries.legal_moves(found, access)],
        "promises": shown,
        "why": why,
        "unit": products.units(access).filter(pk=found.unit_id).first() if found.unit_id else None,
        "flags": [word(access, flag) for flag in found.flags],
        "severity": word(access, found.severity) if found.severity else __("not judged yet"),
        "level_tone": LEVEL_TONES[Level(found.level)],
        "state_tone": TONES[State(found.state)],
        "waiting": Waiting.choices,
        "entries": queries.timeline(found),
        "may_work": may_work,
        "may_see_force": access.may(May.SEE_FORCE),
        "may_unmask": access.may(May.UNMASK),
        "may_assign": open_now and queries.may(found, access, May.ASSIGN),
        "may_take": open_now and may_work and found.assignee_id != access.person_id,
        "may_hand_up": open_now and may_work and found.outlet_id is not None,
        "talk": talk or TalkForm() if may_work else None,
        "tasks": queries.tasks_of(found) if found.has_tasks else [],
        "task_form": (task or TaskForm(access)) if may_work and open_now else None,
        "others": [
            other for other in queries.open_of(access, customer_id=found.customer_id) if other.pk != found.pk
        ],
        "refusal": refusal,
    }
    return show(request, "intake/request.html", context, status=refusal.status if refusal else status)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="intake:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    found = _found(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, found, "intake:customer:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), reverse("intake:request", args=[pk]))


@page(May.SEE, "POST", scope=Scope.PLACES, audit="intake:request:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One move of the table."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _shown(request, _found(request, pk, MOVES[noun].permission), refusal=Refusal(next(iter(form.errors.values()))[0]))  # fmt: skip
    data = form.cleaned_data
    try:
        # The operation reads the row itself, locked and in the person's reach.
        operations.move(
            Request(pk=pk), noun, version=data["version"], by=request.access, at=timezone.now(), reason=data["reason"],
            waiting_for=data["waiting_for"], text=data["text"], first_contact=data["first_contact"],
        )  # fmt: skip
    except Request.DoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal=refusal)
    return go("intake:request", pk)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("intake:request:taken", ""), rate="write")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it oneself."""
    found = _found(request, pk, May.WORK)
    try:
        operations.take(found, version=_version(request), by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal=refusal)
    return go("intake:request", pk)


@page(May.WORK, "POST", scope=Scope.PLACES, audit="intake:request:handed_up", rate="write")
def hand_up(request: HttpRequest, pk: int) -> HttpResponse:
    """An outlet hands it up to headquarters, with a reason."""
    found = _found(request, pk, May.WORK)
    reason = MoveForm(request.POST)
    reason.is_valid()
    try:
        operations.hand_up(
            found,
            reason=reason.cleaned_data.get("reason", ""),
            version=_version(request),
            by=request.access,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal=refusal)
    messages.success(request, __("%(request)s is with headquarters now.") % {"request": found})
    return go("intake:requests")


@page(May.ASSIGN, "GET", "POST", scope=Scope.PLACES, audit="intake:request:assigned", rate="write")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to an outlet, a team, a person."""
    found = _found(request, pk, May.ASSIGN)
    initial = {
        "outlet": found.outlet_id,
        "team": found.team_id,
        "person": found.assignee_id,
        "version": found.version,
    }
    form = AssignForm(request.access, request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.assign(found, **form.cleaned_data, by=request.access, at=timezone.now())
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
            else:
                return (
                    go("intake:requests") if request.access.outlets is not None else go("intake:request", pk)
                )
    return show(request, "intake/assign.html", {"form": form, "request_": found}, status=status)


@page(
    May.WORK,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit=("intake:request:amended", "intake:request:weighed", ""),
    rate="write",
)
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was written down."""
    rows = Request.objects.visible_to(request.access, May.WORK).select_related("category")
    found = get_object_or_404(held(rows, request), pk=pk)
    names = (*operations.AMENDABLE, "severity", "flags")
    initial = {name: getattr(found, name) for name in names} | {"category": found.category_id}
    form = AmendForm(request.access, timezone.localdate(), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(found, form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go("intake:request", pk)
    return show(
        request,
        "intake/amend.html",
        {"form": form, "request_": found},
        status=form.status if form.is_bound else 200,
    )


_SAID = ("intake:request:noted", "intake:request:called", "intake:request:replied")


@page(May.WORK, "POST", scope=Scope.PLACES, audit=_SAID, rate="upload")
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was said, or write to the customer."""
    found, form = _found(request, pk, May.WORK), TalkForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, talk=form, status=422)
    kind, body = form.cleaned_data["kind"], form.cleaned_data["body"]
    by, at = request.access, timezone.now()
    try:
        kept = [
            files.keep(upload.read(), upload.name, by=by, at=at)
            for upload in request.FILES.getlist("files")[:20]
        ]
        if kind == "note":
            operations.note(found, body, mentions=_mentioned(body, request), files=kept, by=by, at=at)
        elif kind == "reply":
            operations.reply(found, body, files=kept, by=by, at=at)
        else:
            operations.say_called(found, body, reached=kind == "called", by=by, at=at)
    except Refusal as refusal:
        form.add_error("body" if refusal.field == "body" else None, str(refusal))
        return _shown(request, _found(request, pk), talk=form, status=refusal.status)
    return go(f"{reverse('intake:request', args=[pk])}#story")


def _version(request: HttpRequest) -> int | None:
    """The version the person saw, if the form said one that can be read."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _mentioned(body: str, request: HttpRequest) -> list[Person]:
    """Colleagues named as @name in a note."""
    if "@" not in body:
        return []
    return [person for person in queries.people(request.access) if f"@{person.name}" in body][:20]


@page(May.WORK, "POST", scope=Scope.PLACES, audit="intake:task:asked", rate="write")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask another department for help (BA-4)."""
    found, form = _found(request, pk, May.WORK), TaskForm(request.access, request.POST)
    if form.is_valid():
        try:
            operations.ask_for_help(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go(f"{reverse('intake:request', args=[pk])}#tasks")
    return _shown(request, found, task=form, status=422)


@page(May.WORK, "POST", scope=Scope.PLACES, audit="intake:task:done", rate="write")
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    task = get_object_or_404(
        Task.objects.filter(request__in=Request.objects.visible_to(request.access, May.WORK)), pk=pk
    )
    try:
        operations.finish_task(
            task,
            " ".join(request.POST.get("result", "").split())[:1000],
            by=request.access,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _shown(request, _found(request, task.request_id), refusal=refusal)
    return go(f"{reverse('intake:request', args=[task.request_id])}#tasks")


@page(May.SEE, scope=Scope.PLACES, audit="intake:file:taken", rate="export")
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A file of a request's timeline: whoever may see the request may take it."""
    from sanbao.audit import operations as audit
    from sanbao.files.models import StoredFile

    found = _found(request, pk)
    entries = found.entries.filter(files=number)
    stored = get_object_or_404(StoredFile.objects.filter(pk=number, pk__in=entries.values("files")))
    audit.handed_out("intake:file:taken", found, request, file=stored.name)
    return files.download(stored)
