"""One request: everything about it, its moves, what is said, tasks, files, merging."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.written import first, written
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.files import operations as files
from sanbao.intake import drawn, history, operations, queries, ways
from sanbao.intake.facts import word
from sanbao.intake.forms import (
    AmendForm,
    AssignForm,
    MoveForm,
    TagsForm,
    TalkForm,
    TaskForm,
)
from sanbao.intake.models import Force, Merge, Reader, Request, Task
from sanbao.intake.permissions import May
from sanbao.intake.states import LEVEL_TONES, MOVES, OPEN, Channel, Level, Waiting
from sanbao.knowledge import queries as knowledge
from sanbao.products import queries as products
from sanbao.products.models import Unit
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.ui.typed import typed_into

SEE_CUSTOMERS, KEEP_UNITS = "customers:customer:view", "products:unit:keep"


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Request:
    """The request, if the person may do this to it."""
    access = request.access
    rows = written(
        ("request", permission, queries.reading(access, permission)),
        lambda pk, person: _rows_with_all(access, permission, person).filter(pk=pk),
        pk=pk,
        person=access.person_id or 0,
    )
    if not rows:
        raise Http404
    found: Request = rows[0]
    return found


def _rows_with_all(access: Access, permission: str, person: int) -> QuerySet[Request]:
    """Requests with what their pages show beside them."""
    forces = Force.requests.through.objects.filter(request=OuterRef("pk"), force__ended_at__isnull=True)
    mine = Reader.objects.filter(request=OuterRef("pk"), person=person)
    below = Merge.objects.filter(kept=OuterRef("pk"), undone_at__isnull=True).order_by("-id")
    told = JSONObject(id="id", number="merged__number", request="merged_id", at="at")
    rows = Request.objects.visible_to(access, permission).annotate(
        force_id=Subquery(forces.values("force")[:1]),
        force_name=Subquery(forces.values("force__name")[:1]),
        has_tasks=Exists(Task.objects.filter(request=OuterRef("pk"))),
        followed=Exists(mine),
        merges_told=ArraySubquery(below.values(told=told)[:20]),
        contacts_told=ways.contacts_told(),
        **history.present(),
    )
    return rows.select_related(
        "category",
        "outlet__region",
        "team",
        "assignee",
        "customer",
        "priority_decision",
        "made_by",
        "merged_into",
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
    tags: TagsForm | None = None,
    unmasked: bool = False,
    status: int = 200,
) -> HttpResponse:
    now, access = timezone.now(), request.access
    shown, why = queries.promises_of(found, access, language(), now)
    may_work, along = queries.may(found, access, May.WORK), queries.reads_along(found, access)
    open_now = found.state in OPEN
    entries = queries.timeline(found, access=access)
    context = {
        "request_": found,
        "unmasked": unmasked,
        "steps": queries.steps(found),
        "moves": [(move, move.noun) for move in queries.legal_moves(found, access)],
        "promises": shown,
        "why": why,
        "unit": _unit_of(found, access),
        "may_keep_unit": access.may(KEEP_UNITS),
        "may_see_customer": access.may(SEE_CUSTOMERS) and not along,
        "merge_number": typed_into(request, reverse("intake:merge", args=[found.pk])).get("number", ""),
        "flags": [word(access, flag) for flag in found.flags],
        "severity": word(access, found.severity) if found.severity else __("not judged yet"),
        "channel": Channel(found.channel).label,
        "waiting_for": Waiting(found.waiting_for).label if found.waiting_for else "",
        "level": Level(found.level).label,
        "level_tone": LEVEL_TONES[Level(found.level)],
        "waiting": Waiting.choices,
        "story": drawn.story(found, entries),
        "reads_along": along,
        "may_note": may_work or (along and access.may(May.WORK)),
        "may_merge": queries.may(found, access, May.MERGE),
        "may_follow": access.outlets is None,
        "tags_form": (tags or TagsForm()) if may_work else None,
        "may_work": may_work,
        "may_see_force": access.may(May.SEE_FORCE),
        "may_unmask": queries.may(found, access, May.UNMASK),
        "may_assign": open_now and queries.may(found, access, May.ASSIGN),
        "may_take": open_now and may_work and found.assignee_id != access.person_id,
        "may_hand_up": open_now and may_work and found.outlet_id is not None,
        "talk": (talk or _talk_form(request, found, now, entries=entries, along=along))
        if may_work or (along and access.may(May.WORK))
        else None,
        "tasks": queries.tasks_of(found) if found.has_tasks and not along else [],
        "task_form": (task or TaskForm(access)) if may_work and open_now else None,
        "chapters": history.of(found, access),
        "others": queries.others(found, access, now),
        "refusal": refusal,
    }
    return show(request, "intake/request.html", context, status=refusal.status if refusal else status)


def _unit_of(found: Request, access: Access) -> Unit | None:
    """The appliance it is about: the one chosen, or the one that has been put on record under this serial number since."""
    named: dict[str, Any] = {"pk": found.unit_id} if found.unit_id else {"serial": found.serial}
    if not (access.may(products.SEE_UNITS) and all(named.values())):
        return None
    units = written(
        ("unit of", access.reach(products.SEE_UNITS), *named),
        lambda **named: products.units(access).filter(**named)[:1],
        **named,
    )
    return first(units)


def _talk_form(
    request: HttpRequest,
    found: Request,
    at: datetime,
    data: Any = None,
    *,
    entries: list[dict[str, Any]] | None = None,
    initial: dict[str, Any] | None = None,
    along: bool = False,
) -> TalkForm:
    """The form with the ways by which this customer can be written to, and the phrases for this class."""
    if along:
        return TalkForm([], [], data, along=True, initial=initial)
    told = [each["entry"] for each in entries] if entries is not None else None
    phrases = [(row.pk, row.title) for row in knowledge.phrases(request.access, [found.category.code])]
    known = ways.ways(found, at, told)
    form = TalkForm(known, phrases, data, initial=initial)
    form.fields["body"].help_text = ways.shut(found, known, at)
    return form


def _with_phrase(request: HttpRequest, found: Request, at: datetime, *, along: bool) -> TalkForm:
    """The form once more, with a standard phrase behind what was written already."""
    typed = request.POST
    row = next(
        (
            each
            for each in knowledge.phrases(request.access, [found.category.code])
            if str(each.pk) == typed.get("phrase")
        ),
        None,
    )
    body = typed.get("body", "")[:8000]
    if row is not None:
        body = "\n".join(
            filter(None, (body.rstrip(), operations.fill_phrase(found, row.text, by=request.access)))
        )
    initial = {"kind": typed.get("kind", "reply"), "channel": typed.get("channel", ""), "body": body}
    return _talk_form(request, found, at, initial=initial, along=along)


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
    audit=(
        "intake:request:amended",
        "intake:request:weighed",
        "customers:contact:added",
        "customers:contact:ended",
        "",
    ),
    rate="write",
)
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was written down."""
    rows = Request.objects.visible_to(request.access, May.WORK).select_related("category", "customer")
    found = get_object_or_404(held(rows, request), pk=pk)
    names = (*operations.AMENDABLE, "severity", "flags")
    initial = {name: getattr(found, name) for name in names} | {
        "category": found.category_id,
        "customer": found.customer.number if found.customer else "",
    }
    form = AmendForm(
        request.access, timezone.localdate(), request.POST or None, initial=initial, customer=found.customer
    )
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


_SAID = ("intake:request:noted", "intake:request:called", "intake:request:replied", "")


@page(May.WORK, "POST", scope=Scope.PLACES, audit=_SAID, rate="upload")
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was said, or write to the customer."""
    by, at, found = request.access, timezone.now(), _found(request, pk)
    along = queries.reads_along(found, by)
    if not along:
        found = _found(request, pk, May.WORK)
    if "insert" in request.POST:
        return _shown(request, found, talk=_with_phrase(request, found, at, along=along))
    form = _talk_form(request, found, at, request.POST, along=along)
    if not form.is_valid():
        return _shown(request, found, talk=form, status=422)
    kind, body = form.cleaned_data["kind"], form.cleaned_data["body"]
    try:
        kept = [
            files.keep(upload.read(), upload.name, by=by, at=at)
            for upload in request.FILES.getlist("files")[:20]
        ]
        if kind == "note":
            operations.note(found, body, mentions=_mentioned(body, request), files=kept, by=by, at=at)
        elif kind == "reply":
            operations.reply(found, body, channel=form.cleaned_data["channel"], files=kept, by=by, at=at)
        else:
            operations.say_called(found, body, reached=kind == "called", by=by, at=at)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in ("body", "channel") else None, str(refusal))
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
    from sanbao.files.models import StoredFile

    found = _found(request, pk)
    entries = queries.entries_of(found, request.access).filter(files=number)
    stored = get_object_or_404(StoredFile.objects.filter(pk=number, pk__in=entries.values("files")))
    audit.handed_out("intake:file:taken", found, request, file=stored.name)
    return files.download(stored)


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("intake:request:tagged", ""), rate="write")
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Tags of one request."""
    found, form = _found(request, pk, May.WORK), TagsForm(request.POST)
    if form.is_valid():
        try:
            operations.keep_tags(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error("add", str(refusal))
        else:
            return go("intake:request", pk)
    return _shown(request, found, tags=form, status=422)


@page(
    May.SEE,
    "POST",
    scope=Scope.PLACES,
    audit=("intake:request:watched", "intake:request:unwatched", ""),
    rate="write",
)
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a request, or no longer."""
    found = _found(request, pk)
    act = operations.unfollow if request.POST.get("end") else operations.follow
    try:
        act(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return go("intake:request", pk)


@page(May.MERGE, "POST", scope=Scope.PLACES, audit="intake:request:merged", rate="write")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge it with another request about the same matter, named by its number."""
    found = _found(request, pk, May.MERGE)
    number = " ".join(request.POST.get("number", "").replace("\0", "").upper().split())[:24]
    other = Request.objects.visible_to(request.access, May.MERGE).filter(number=number).first()
    try:
        if other is None:
            raise Refusal(__("There is no request %(number)s.") % {"number": number or "–"}, field="number")
        made = operations.merge(found, other, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return go("intake:request", made.kept_id)


@page(May.MERGE, "POST", scope=Scope.PLACES, audit="intake:request:unmerged", rate="write")
def undo_merge(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make two of them again."""
    found = _found(request, pk, May.MERGE)
    made = get_object_or_404(Merge.objects.filter(Q(kept=found) | Q(merged=found)), pk=number)
    try:
        younger = operations.undo_merge(made, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, __("%(request)s stands by itself again.") % {"request": younger})
    return go("intake:request", younger.pk)
