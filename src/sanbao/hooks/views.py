"""Webhooks for administrators: who is called for what, every call with its answer, and what to do about it."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit import unmasking
from sanbao.audit.queries import about as events_about
from sanbao.audit.words import word as event_word
from sanbao.hooks import kinds, operations, queries, states
from sanbao.hooks.forms import SubscriptionForm
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.hooks.states import CALL_MOVES, CALL_TONES, MOVES, TONES, Call, State
from sanbao.ui.lists import Choice, Column, Days, List, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(gettext("Webhooks"), reverse("hooks:subscriptions")), *more]


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Every system that is called."""
    rows = [
        (row, TONES[State(row.state)], [kinds.label(code) for code in row.kinds])
        for row in queries.subscriptions(request.access)[:200]
    ]
    context = {"rows": rows, "may_keep": request.access.may(May.KEEP)}
    return show(request, "hooks/subscriptions.html", context)


@page(May.KEEP, "GET", "POST", scope=Scope.COMPANY, audit="hooks:subscription:made", rate="write")
def subscription_new(request: HttpRequest) -> HttpResponse:
    """Subscribe a system; the page after it shows the secret, once."""
    form = SubscriptionForm(request.access, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = operations.subscribe(**form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _with_secret(request, made, secret)
    context = {"form": form, "crumbs": _crumbs()}
    return show(request, "hooks/form.html", context, status=422 if form.errors else 200)


def _with_secret(request: HttpRequest, found: Subscription, secret: str) -> HttpResponse:
    return unmasking.once(_shown(request, found, secret=secret), reverse("hooks:subscription", args=[found.pk]))  # fmt: skip


@page(
    May.KEEP, "GET", "POST", scope=Scope.COMPANY, rate="write",
    audit=("hooks:subscription:changed", "hooks:subscription:opened", "hooks:subscription:closed", ""),
)  # fmt: skip
def subscription_change(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Subscription.objects.visible_to(request.access, May.KEEP)
    found = get_object_or_404(held(rows, request), pk=pk)
    initial = {name: getattr(found, name) for name in ("name", "url", "kinds", "personal")}
    form = SubscriptionForm(request.access, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change(found, **form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go("hooks:subscription", pk)
    context = {"form": form, "subscription": found, "crumbs": _crumbs((found.name, reverse("hooks:subscription", args=[pk])))}  # fmt: skip
    return show(request, "hooks/form.html", context, status=form.status if form.errors else 200)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def subscription(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscription: what it is called for, how it goes, the latest calls."""
    return _shown(request, get_object_or_404(queries.subscriptions(request.access), pk=pk))


def _shown(
    request: HttpRequest, found: Subscription, *, secret: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    may_keep = request.access.may(May.KEEP) and found.state != State.RETIRED
    latest = [
        (call, CALL_TONES[Call(call.state)], kinds.label(call.kind)) for call in found.deliveries.order_by("-id")[:15]
    ]  # fmt: skip
    context = {
        "subscription": found,
        "tone": TONES[State(found.state)],
        "kinds": [(code, kinds.label(code)) for code in found.kinds],
        "moves": queries.legal_moves(found, request.access),
        "latest": latest,
        "secret": secret,
        "may_keep": may_keep,
        "both_valid": found.before_until is not None and found.before_until > timezone.now(),
        "stopped_itself": found.state == State.PAUSED and found.paused_by_id is None,
        "story": _story(found),
        "refusal": refusal,
        "crumbs": _crumbs(),
    }
    return show(request, "hooks/subscription.html", context, status=refusal.status if refusal else 200)


def _story(found: Subscription | Delivery) -> list[dict[str, Any]]:
    return [
        {"what": event_word(event.action), "who": event.by.name if event.by else "", "at": event.at,
         "text": event.details.get("reason", "")}
        for event in events_about(found)[:50]
    ]  # fmt: skip


def _mine(request: HttpRequest, pk: int) -> Subscription:
    found: Subscription = get_object_or_404(Subscription.objects.visible_to(request.access, May.KEEP), pk=pk)
    return found


@page(May.KEEP, "POST", scope=Scope.COMPANY, audit="hooks:subscription:secret-renewed", rate="write")
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown once; the one before signs along for a day."""
    found = _mine(request, pk)
    try:
        renewed, told = operations.renew_secret(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return _with_secret(request, renewed, told)


@page(May.KEEP, "POST", scope=Scope.COMPANY, audit="hooks:subscription:pinged", rate="write")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a test call; the worker makes it within a minute."""
    found = _mine(request, pk)
    try:
        call = operations.ping(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    messages.success(request, gettext("The test call goes out within a minute; its answer will stand here."))
    return go("hooks:delivery", call.pk)


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


@page(May.KEEP, "POST", scope=Scope.COMPANY, audit="hooks:subscription:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """Pause, go on, end."""
    if noun not in MOVES:
        raise Http404
    found = _mine(request, pk)
    try:
        operations.move(found, noun, version=_version(request), by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, gettext("Done."))
    return go("hooks:subscription", pk)


def _deliveries() -> List:
    return List(
        "deliveries",
        columns=(
            Column("number", _("Number"), kind="code", value=lambda d: d.number[:8],
                   link=lambda d: reverse("hooks:delivery", args=[d.pk])),
            Column("kind", _("Event"), value=lambda d: kinds.label(d.kind)),
            Column("thing", _("About"), value=lambda d: _thing(d)),
            Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda d: CALL_TONES[d.state]),
            Column("attempts", _("Attempts"), kind="number"),
            Column("answer", _("Status of the answer"), kind="number"),
            Column("error", _("Last error"), value=lambda d: states.sentence(d.error)),
            Column("made_at", _("Happened at"), kind="date"),
            Column("due_at", _("Next attempt"), kind="date", shown=False,
                   value=lambda d: d.due_at if d.state == Call.WAITING else None),
            Column("ended_at", _("Ended at"), kind="date"),
            Column("pk", _("Newest"), kind="code", value=lambda d: f"#{d.pk}", sort="id", shown=False),
        ),
        filters=(
            Choice("kind", _("Event"), [(kind.code, kind.label) for kind in kinds.KINDS.values()]),
            Days("made_at", _("Happened at"), moments=True),
        ),
        tabs=(
            Tab("all", _("All")),
            Tab("waiting", _("Waiting"), _of(Call.WAITING, Call.SENDING)),
            Tab("sent", _("Delivered"), _of(Call.SENT)),
            Tab("dead", _("Given up"), _of(Call.DEAD)),
            Tab("discarded", _("Discarded"), _of(Call.DISCARDED)),
        ),
        order="-pk",
    )  # fmt: skip


def _of(*states: str) -> Q:
    return Q(state__in=states)


def _thing(call: Delivery) -> str:
    told = call.body.get("object", {})
    return str(told.get("number") or told.get("name") or told.get("id", ""))


@page(May.SEE, scope=Scope.COMPANY, audit="hooks:deliveries:exported", rate="page")
def deliveries(request: HttpRequest, pk: int) -> HttpResponse:
    """Every call of a subscription in the last thirty days, newest first."""
    found = get_object_or_404(Subscription.objects.visible_to(request.access, May.SEE), pk=pk)
    rows = queries.deliveries(request.access).filter(subscription=found)
    listing = _deliveries().of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Calls"))
    context = {"list": listing, "subscription": found, "crumbs": _crumbs((found.name, reverse("hooks:subscription", args=[pk])))}  # fmt: skip
    return show(request, "hooks/deliveries.html", context, parts=["list"])


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: what was said, what was answered, what was tried."""
    return _call(request, get_object_or_404(queries.deliveries(request.access), pk=pk))


def _call(request: HttpRequest, found: Delivery, *, refusal: Refusal | None = None) -> HttpResponse:
    subscription = found.subscription
    context = {
        "call": found,
        "label": kinds.label(found.kind),
        "tone": CALL_TONES[Call(found.state)],
        "thing": _thing(found),
        "error": states.sentence(found.error) if found.error else "",
        "body": json.dumps(found.body, ensure_ascii=False, indent=2),
        "moves": queries.legal_call_moves(found, request.access),
        "story": _story(found),
        "refusal": refusal,
        "crumbs": _crumbs((subscription.name, reverse("hooks:subscription", args=[subscription.pk]))),
    }
    return show(request, "hooks/delivery.html", context, status=refusal.status if refusal else 200)


@page(May.KEEP, "POST", scope=Scope.COMPANY, audit="hooks:delivery:*", rate="write")
def move_delivery(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """Try again, or discard."""
    if noun not in CALL_MOVES:
        raise Http404
    rows = Delivery.objects.visible_to(request.access, May.KEEP).select_related("subscription")
    found = get_object_or_404(rows, pk=pk)
    try:
        operations.move_delivery(found, noun, version=_version(request), by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _call(request, get_object_or_404(rows, pk=pk), refusal=refusal)
    messages.success(request, gettext("Done."))
    return go("hooks:delivery", pk)
