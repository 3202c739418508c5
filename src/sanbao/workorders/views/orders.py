"""Orders: the list, one order with everything about it, its moves."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.audit import unmasking
from sanbao.decisions.queries import whys
from sanbao.files import operations as files
from sanbao.intake.models import Request
from sanbao.intake.permissions import May as Desk
from sanbao.outlets.queries import outlet_choices
from sanbao.products import queries as products
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.workorders import flow, operations, queries
from sanbao.workorders.forms import (
    AmendForm,
    CompleteForm,
    DispatchForm,
    MoveForm,
    OrderForm,
    PlaceForm,
    WordsForm,
)
from sanbao.workorders.models import Order
from sanbao.workorders.operations import Job
from sanbao.workorders.papers import papers_of
from sanbao.workorders.permissions import May
from sanbao.workorders.states import MOVES, OPEN, TONES, Kind, Mode, State, Waiting
from sanbao.workorders.views.needs import met_at

_IS_OPEN = Q(state__in=OPEN)


def _mine(request: HttpRequest) -> Q:
    return _IS_OPEN & Q(engineer=request.access.person_id)


def _today(request: HttpRequest) -> Q:
    return _IS_OPEN & Q(wanted_from__date=timezone.localdate())


def _passed(request: HttpRequest) -> Q:
    return Q(state__in=(State.WAITING, State.DISPATCHED, State.ACCEPTED), wanted_until__lt=timezone.now())


def _engineer_choices(request: HttpRequest) -> list[tuple[int, str]]:
    rows = queries.engineers(request.access, May.SEE)
    return [(each.person_id, each.person.name) for each in rows]


ORDERS = List(
    "orders",
    columns=(
        Column("number", _("Work order"), kind="code", sort="id", link=lambda o: reverse("workorders:order", args=[o.pk])),
        Column("kind", _("Type of work"), value="get_kind_display"),
        Column("fault", _("What is to be done"), link=lambda o: reverse("workorders:order", args=[o.pk])),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda o: TONES[o.state]),
        Column("wanted_from", _("Appointment"), sort="wanted_from", kind="code", value=queries.appointment_words),
        Column("late", _("Time"), kind="badge", value=lambda o: queries.late_words(o, timezone.now())[0], tone=lambda o: queries.late_words(o, timezone.now())[1] or "secondary"),
        Column("engineer", _("Engineer"), value="engineer.name"),
        Column("contact", _("Customer"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("address", _("Address"), kind="address", shown=False),
        Column("outlet", _("Outlet"), value="outlet.code"),
        Column("cover", _("Warranty"), value="get_cover_display"),
        Column("model", _("Model"), shown=False),
        Column("serial", _("Serial number"), kind="code", shown=False),
        Column("request", _("Request"), value="request.number", shown=False),
        Column("mode", _("Way of service"), value="get_mode_display", shown=False),
        Column("made_at", _("Made"), kind="date"),
        Column("closed_at", _("Closed"), kind="date", shown=False),
        Column("action", _("What was done"), shown=False),
        Column("rating", _("Rating"), kind="number", shown=False),
        Column("charged_fen", _("Charged"), kind="amount", shown=False),
        Column("flags", _("Attention"), value=queries.flag_words),
        Column("repair_minutes", _("Minutes until normal use"), kind="number", shown=False),
        Column("hands_on_minutes", _("Minutes of work on it"), kind="number", shown=False),
        Column("first_time_fix", _("First-time fix"), value="get_first_time_fix_display", shown=False),
    ),
    filters=(
        Search("q", _("Number, telephone, serial, name or words"), by=lambda request, words: queries.searched(request.access, words)),
        Choice("state", _("State"), State.choices),
        Choice("kind", _("Type of work"), Kind.choices),
        Choice("engineer", _("Engineer"), _engineer_choices, "engineer_id"),
        Choice("outlet", _("Outlet"), lambda request: outlet_choices(request.access, May.SEE), "outlet_id"),
        Choice("mode", _("Way of service"), Mode.choices),
        Choice("cover", _("Warranty"), [("in", _("in warranty")), ("out", _("out of warranty"))]),
        Choice("mind", _("Attention"), queries.FLAGS, where_of=queries.flagged),
        Choice("fix", _("First-time fix"), [each for each in Order.Fixed.choices if each[0]], "first_time_fix"),
        Days("made", _("Made"), field="made_at", moments=True),
    ),
    tabs=(
        Tab("open", _("Open"), _IS_OPEN),
        Tab("waiting", _("To be dispatched"), Q(state=State.WAITING)),
        Tab("today", _("Today"), _today),
        Tab("passed", _("Appointment passed"), _passed),
        Tab("held", _("On hold"), Q(state=State.HELD)),
        Tab("done", _("Work done"), Q(state=State.DONE)),
        Tab("mine", _("Mine"), _mine),
        Tab("closed", _("Closed"), Q(state=State.CLOSED)),
        Tab("all", _("All")),
    ),
    order="-number",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="workorders:orders:exported", rate="page")
def orders(request: HttpRequest) -> HttpResponse:
    """The list."""
    listing = ORDERS.of(request, queries.orders(request.access))
    if listing.wants_export:
        return listing.export(__("Work orders"))
    context = {"list": listing, "may_make": request.access.may(May.MAKE)}
    return show(request, "workorders/orders.html", context, parts=["list"])


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Order:
    rows = Order.objects.visible_to(request.access, permission).select_related(
        "outlet__region",
        "engineer",
        "customer",
        "request",
        "parent",
        "unit__model",
        "cover_decision",
        "made_by",
        "checked_by",
        "company",
        "age_decision",
        "site_decision",
        "time_decision",
        "repeat_decision",
        "fix_decision",
    )
    return get_object_or_404(rows, pk=pk)


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order."""
    return _shown(request, _found(request, pk))


def _shown(
    request: HttpRequest,
    found: Order,
    *,
    refusal: Refusal | None = None,
    unmasked: bool = False,
    status: int = 200,
) -> HttpResponse:
    access = request.access
    decisions = [found.cover_decision] if found.cover_decision else []
    plans = list(found.plans.select_related("decision", "diagnosis", "made_by", "heard_by", "signature").prefetch_related("lines__part").order_by("-number"))  # fmt: skip
    decisions += [plan.decision for plan in plans if plan.decision]
    decisions += [told for told in (found.age_decision, found.site_decision, found.time_decision, found.repeat_decision, found.fix_decision) if told]  # fmt: skip
    suggested = queries.suggested(found)
    decisions += [suggested.decision] if suggested else []
    told = {
        decision.pk: why for decision, why in zip(decisions, whys(decisions, language(), access), strict=True)
    }
    steps = flow.steps_of(found)
    now = next((step for step in steps if step.code == found.step), None)
    behind = list(found.steps.filter(undone_at__isnull=True).select_related("by").order_by("id"))
    labels = {step.code: flow.label(step) for step in steps}
    work = queries.may(found, access, May.OWN)
    context = {
        "order": found,
        "unmasked": unmasked,
        "steps": queries.steps(found),
        "moves": [(move, move.noun) for move in queries.legal_moves(found, access)],
        "step_now": now,
        "step_label": flow.label(now) if now else "",
        "step_instruction": now.instruction[language()] if now else "",
        "step_clause": flow.clause(now) if now else "",
        "missing": [(met_at(found, need, access), text, clause) for need, text, clause in flow.needs(found, now.code)] if now and found.state in OPEN else [],
        "told_in_words": now is not None and now.code in flow.TOLD_IN_WORDS,
        "may_skip": now is not None and found.state in OPEN and queries.may(found, access, May.SKIP) and now.code not in flow.never_skipped(found),
        "behind": [(labels.get(row.code, row.code), row) for row in behind],
        "state_tone": TONES[State(found.state)],
        "cover_why": told.get(found.cover_decision_id),
        "plans": [(plan, told.get(plan.decision_id)) for plan in plans],
        "suggested": suggested,
        "suggested_why": told.get(suggested.decision.pk) if suggested else None,
        "visits": list(found.visits.select_related("engineer").order_by("id")),
        "parts": list(found.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id")),
        "photos": list(found.photos.select_related("thumbnail").order_by("id")),
        "signatures": list(found.signatures.filter(withdrawn_at__isnull=True).select_related("file").order_by("id")),
        "followups": list(found.followups.order_by("id")),
        "repeated": Order.objects.visible_to(access, May.SEE).filter(pk=found.repeat_of_id).first() if found.repeat_of_id else None,
        "age_why": told.get(found.age_decision_id),
        "site_why": told.get(found.site_decision_id),
        "time_why": told.get(found.time_decision_id),
        "repeat_why": told.get(found.repeat_decision_id),
        "fix_why": told.get(found.fix_decision_id),
        "may_open_work": queries.may(found, access, May.WORK),
        "may_plan": queries.may(found, access, May.WORK) and found.kind in (Kind.REPAIR, Kind.REPLACEMENT, Kind.INSTALLATION, Kind.MAINTENANCE, Kind.INSPECTION),
        "papers": papers_of(found),
        "unit": products.units(access).filter(pk=found.unit_id).first() if found.unit_id else None,
        "waiting": Waiting.choices,
        "may_work": work,
        "may_amend": found.state in OPEN and queries.may(found, access, May.MAKE),
        "may_dispatch": found.state in operations.dispatching.DISPATCHABLE and queries.may(found, access, May.DISPATCH),
        "may_place": found.state == State.WAITING and access.outlets is None and access.may(May.DISPATCH),
        "may_call_off": found.state in (State.DISPATCHED, State.ACCEPTED) and queries.may(found, access, May.DISPATCH),
        "may_hand_up": found.outlet_id is not None and found.state in (State.WAITING, State.DISPATCHED, State.ACCEPTED) and access.outlets is not None and queries.may(found, access, May.WORK),
        "may_check": found.state == State.DONE and not found.checked_at and queries.may(found, access, May.CHECK),
        "may_accept_work": found.state == State.DONE and work,
        "may_care": found.state == State.CLOSED and found.step == flow.AFTERCARE and queries.may(found, access, May.WORK),
        "may_unmask": access.may(May.UNMASK),
        "may_see_request": access.may(Desk.SEE),
        "complete": CompleteForm(initial={"version": found.version, "cause": found.cause, "component": found.component, "work": found.work, "km": found.km or None, "restored": True}),
        "words": WordsForm(),
        "refusal": refusal,
    }  # fmt: skip
    return show(request, "workorders/order.html", context, status=refusal.status if refusal else status)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="workorders:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    found = _found(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, found, "workorders:customer:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), reverse("workorders:order", args=[pk]))


@page(May.MAKE, "GET", "POST", scope=Scope.PLACES, audit="workorders:order:made", rate="write")
def order_new(request: HttpRequest) -> HttpResponse:
    """Make an order: of a request (`?request=`), or by itself."""
    access = request.access
    asked = _asked(request)
    initial: dict[str, Any] = {"kind": Kind.REPAIR, "mode": Mode.ON_SITE}
    if asked is not None:
        initial |= {
            name: getattr(asked, name)
            for name in ("contact", "phone", "address", "model", "serial", "customer_help")
        }
        initial |= {
            "fault": asked.subject,
            "customer": asked.customer_id,
            "unit": asked.unit_id,
            "outlet": asked.outlet_id,
            "kind": _kind_of(asked),
        }
    form = OrderForm(access, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.make(Job(request=asked, **form.cleaned_data), by=access, at=timezone.now())
            return go("workorders:order", made.pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "asked": asked}
    return show(request, "workorders/order_form.html", context, status=422 if form.is_bound else 200)


def _asked(request: HttpRequest) -> Request | None:
    number = request.GET.get("request", "")
    if not number:
        return None
    if not number.isdigit() or len(number) > 18:
        raise Http404
    return get_object_or_404(Request.objects.visible_to(request.access, Desk.SEE), pk=int(number))  # type: ignore[no-any-return]


def _kind_of(asked: Request) -> str:
    kinds = {
        "installation": Kind.INSTALLATION,
        "exchange": Kind.REPLACEMENT,
        "maintenance": Kind.MAINTENANCE,
        "training": Kind.TRAINING,
    }
    return kinds.get(asked.category.kind, Kind.REPAIR)


@page(May.MAKE, "GET", "POST", scope=Scope.PLACES, audit=("workorders:order:amended", ""), rate="write")
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was written down."""
    found = get_object_or_404(held(Order.objects.visible_to(request.access, May.MAKE), request), pk=pk)
    names = (
        "mode",
        "fault",
        "contact",
        "phone",
        "address",
        "coordinates",
        "model",
        "serial",
        "customer_help",
        "note",
    )
    initial: dict[str, Any] = {name: getattr(found, name) for name in names}
    initial |= {"customer": found.customer_id, "unit": found.unit_id}
    initial |= {
        name: timezone.localtime(moment) if (moment := getattr(found, name)) else None
        for name in ("wanted_from", "wanted_until")
    }
    form = AmendForm(request.access, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.amend(found, form.cleaned_data, by=request.access, at=timezone.now())
            return go("workorders:order", pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return show(
                request, "workorders/amend.html", {"form": form, "order": found}, status=refusal.status
            )
    status = getattr(form, "status", 422) if form.is_bound else 200
    return show(request, "workorders/amend.html", {"form": form, "order": found}, status=status)


@page(May.DISPATCH, "GET", "POST", scope=Scope.PLACES, audit="workorders:order:dispatched", rate="write")
def dispatch(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who goes and when."""
    found = _found(request, pk, May.DISPATCH)
    form = DispatchForm(
        found, timezone.now(), request.POST or None, may_override=request.access.may(May.OVERRIDE)
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.dispatch(found, **form.cleaned_data, by=request.access, at=timezone.now())
                return go("workorders:order", pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    return show(request, "workorders/dispatch.html", {"form": form, "order": found}, status=status)


@page(May.DISPATCH, "GET", "POST", scope=Scope.PLACES, audit="workorders:order:placed", rate="write")
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to an outlet."""
    found = _found(request, pk, May.DISPATCH)
    form = PlaceForm(
        request.access, request.POST or None, initial={"outlet": found.outlet_id, "version": found.version}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                operations.place_with(found, **form.cleaned_data, by=request.access, at=timezone.now())
                return (
                    go("workorders:order", pk) if request.access.outlets is None else go("workorders:orders")
                )
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    return show(request, "workorders/place.html", {"form": form, "order": found}, status=status)


def _done(
    request: HttpRequest, pk: int, found: Order, run: Callable[..., Any], words: str = ""
) -> HttpResponse:
    """Carry an operation out, and show the order: with the refusal, or anew."""
    try:
        run(by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal=refusal)
    if words:
        messages.success(request, words)
    if not Order.objects.visible_to(request.access, May.SEE).filter(pk=pk).exists():
        return go("workorders:orders")
    return go("workorders:order", pk)


@page(May.SEE, "POST", scope=Scope.PLACES, audit=("workorders:order:*", ""), rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One move of the table."""
    if noun not in MOVES:
        raise Http404
    permission = MOVES[noun].permission
    request.access.require(permission)
    found, form = _found(request, pk, permission), MoveForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    said = form.cleaned_data
    version, reason = said["version"], said["reason"]
    if noun == "completion":
        return _completed(request, pk, found)
    run: dict[str, Callable[..., Any]] = {
        "acceptance": lambda **now: operations.accept(found, version=version, **now),
        "refusal": lambda **now: operations.refuse(found, reason, version=version, **now),
        "arrival": lambda **now: operations.arrive(found, version=version, **now),
        "hold": lambda **now: operations.hold(found, said["waiting_for"], said["text"], version=version, **now),
        "resumption": lambda **now: operations.resume(found, version=version, **now),
        "return": lambda **now: operations.return_work(found, reason, version=version, **now),
        "incompletion": lambda **now: operations.end_incomplete(found, reason, again=said["again"], version=version, **now),
        "reopening": lambda **now: operations.reopen(found, reason, version=version, **now),
        "cancellation": lambda **now: operations.cancel(found, reason, version=version, **now),
    }  # fmt: skip
    return _done(request, pk, found, run[noun])


def _completed(request: HttpRequest, pk: int, found: Order) -> HttpResponse:
    form = CompleteForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    return _done(request, pk, found, lambda **now: operations.complete(found, **form.cleaned_data, **now))


@page(May.DISPATCH, "POST", scope=Scope.PLACES, audit=("workorders:order:called-off", ""), rate="write")
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back from the engineer."""
    found, form = _found(request, pk, May.DISPATCH), MoveForm(request.POST)
    form.is_valid()
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.call_off(found, said.get("reason", ""), version=said.get("version"), **now))  # fmt: skip


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:handed-up", ""), rate="write")
def hand_up(request: HttpRequest, pk: int) -> HttpResponse:
    """An outlet gives it back to headquarters (KA-4.1)."""
    found, form = _found(request, pk, May.WORK), MoveForm(request.POST)
    form.is_valid()
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.hand_up(found, said.get("reason", ""), version=said.get("version"), **now), __("%(order)s is with headquarters now.") % {"order": found})  # fmt: skip


@page(May.SKIP, "POST", scope=Scope.PLACES, audit=("workorders:order:skipped", ""), rate="write")
def skip(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Leave a step out, with a reason (SC-2)."""
    found, form = _found(request, pk, May.SKIP), MoveForm(request.POST)
    form.is_valid()
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.skip(found, code, said.get("reason", ""), version=said.get("version"), **now))  # fmt: skip


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:stepped", ""), rate="write")
def step(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A step that is told in words (SC-3)."""
    found, form = _found(request, pk, May.WORK), WordsForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.do_step(found, code, said["words"], version=said["version"], **now))  # fmt: skip


@page(May.CHECK, "POST", scope=Scope.PLACES, audit=("workorders:order:checked", ""), rate="write")
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The department's own acceptance (RP-4)."""
    found, form = _found(request, pk, May.CHECK), WordsForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.check_quality(found, said["words"], version=said["version"], **now))  # fmt: skip


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:signed", ""), rate="write")
def accept_work(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer accepted it, as told by telephone or on paper; on the glass it is signed on the signing page."""
    found, form = _found(request, pk, May.WORK), WordsForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.accept_work(found, None, rating=said["rating"], words=said["words"], version=said["version"], **now))  # fmt: skip


@page(May.WORK, "POST", scope=Scope.PLACES, audit=("workorders:order:cared", ""), rate="write")
def care(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked afterwards whether it works (ST-4)."""
    found, form = _found(request, pk, May.WORK), WordsForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, refusal=Refusal(next(iter(form.errors.values()))[0]))
    said = form.cleaned_data
    return _done(request, pk, found, lambda **now: operations.care_after(found, said["words"], rating=said["rating"], **now))  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="workorders:file:taken", rate="page")
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A photograph or a signature of the order."""
    from sanbao.audit import operations as audit
    from sanbao.files.models import StoredFile

    found = _found(request, pk)
    of_order = Q(pk__in=found.photos.values("file")) | Q(pk__in=found.photos.values("thumbnail")) | Q(pk__in=found.signatures.values("file"))  # fmt: skip
    stored = get_object_or_404(StoredFile.objects.filter(of_order), pk=number)
    audit.record("workorders:file:taken", found, by=request.access, at=timezone.now(), outlet_id=found.outlet_id, file=stored.name)  # fmt: skip
    return files.show(stored)
