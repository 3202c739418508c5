"""What has come in, for administrators: what could not be handled and why, and what to do about it."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sanbao.audit import unmasking
from sanbao.audit.queries import about as events_about
from sanbao.audit.words import word as event_word
from sanbao.notices import failures, inbox, queries
from sanbao.notices.models import Incoming, Message
from sanbao.notices.permissions import May
from sanbao.notices.states import INCOMING_MOVES, INCOMING_TONES, Came
from sanbao.notices.views.outbox import asked_why
from sanbao.ui.lists import Bulk, Choice, Column, Days, List, Search, Tab, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

INCOMING = List(
    "incoming",
    columns=(
        Column("pk", _("Number"), kind="code", value=lambda m: f"#{m.pk}", sort="id",
               link=lambda m: reverse("notices:incoming", args=[m.pk])),
        Column("channel", _("Channel"), value="get_channel_display"),
        Column("kind", _("Kind")),
        Column("sender", _("Sender"), kind="contact"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda m: INCOMING_TONES[m.state]),
        Column("attempts", _("Attempts"), kind="number"),
        Column("error", _("Last error"), value=lambda m: failures.sentence(m.error)),
        Column("received_at", _("Received at"), kind="date"),
        Column("ended_at", _("Ended at"), kind="date", shown=False),
    ),
    filters=(
        Search("q", _("The provider's number, or end of the sender's address"),
               where_of=lambda words: Q(external_id=words) | Q(sender__endswith=words)),
        Choice("channel", _("Channel"), Message.Channel.choices),
        Days("received_at", _("Received at"), moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("new", _("Not handled yet"), Q(state=Came.NEW)),
        Tab("failed", _("Failed"), Q(state=Came.FAILED)),
        Tab("ignored", _("Ignored"), Q(state=Came.IGNORED)),
        Tab("handled", _("Handled"), Q(state=Came.HANDLED)),
    ),
    order="-pk",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="notices:incoming:exported", rate="page")
def listed(request: HttpRequest) -> HttpResponse:
    """Everything that has come in, newest first."""
    bulk = (
        [
            Bulk(INCOMING_MOVES[noun].label, reverse("notices:incoming-all-move", args=[noun]), icon)
            for noun, icon in (("retry", "refresh"), ("ignore", "x"))
        ]
        if request.access.may(May.RETRY)
        else []
    )
    listing = INCOMING.of(request, queries.incoming(request.access), bulk=bulk)
    if listing.wants_export:
        return listing.export(gettext("Incoming messages"))
    context = {"list": listing, "crumbs": [(gettext("Outgoing messages"), reverse("notices:outbox"))]}
    return show(request, "notices/incoming.html", context, parts=["list"])


@page(May.RETRY, "POST", scope=Scope.COMPANY, audit=("notices:incoming:*", ""), rate="write")
def move_all(request: HttpRequest, noun: str) -> HttpResponse:
    """The same for each ticked row, each by itself. Letting them be asks why first."""
    if noun not in INCOMING_MOVES:
        raise Http404
    ticked = list(chosen(request, Incoming.objects.visible_to(request.access, May.RETRY)))
    reason = request.POST.get("reason", "").strip()
    if ticked and INCOMING_MOVES[noun].needs_reason and not reason:
        return asked_why(
            request,
            ticked,
            title=gettext("Let incoming messages be"),
            note=gettext("They will not be handled. They stay on record as ignored, with your reason."),
            label=gettext("Let it be"),
            back=(gettext("Incoming messages"), reverse("notices:incoming-all")),
        )
    done = 0
    for row in ticked:
        try:
            inbox.move(row, noun, version=row.version, by=request.access, at=timezone.now(), reason=reason)
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{row}: {refusal}")
    if done:
        messages.success(
            request, ngettext("%(count)d message done.", "%(count)d messages done.", done) % {"count": done}
        )
    elif not ticked:
        messages.error(request, gettext("Tick the messages first."))
    return go("notices:incoming-all")


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One incoming message: from whom, what became of it."""
    return _shown(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> Incoming:
    return get_object_or_404(queries.incoming(request.access), pk=pk)


def _shown(
    request: HttpRequest, found: Incoming, *, unmasked: bool = False, refusal: Refusal | None = None
) -> HttpResponse:
    story: list[dict[str, Any]] = [
        {"what": event_word(event.action), "who": event.by.name if event.by else "", "at": event.at,
         "text": event.details.get("reason", "")}
        for event in events_about(found)[:50]
    ]  # fmt: skip
    if found.state == Came.HANDLED:
        story.append({"what": found.get_state_display(), "who": "", "at": found.ended_at, "text": ""})
    story.append({"what": gettext("Received"), "who": "", "at": found.received_at, "text": ""})
    context = {
        "row": found,
        "tone": INCOMING_TONES[Came(found.state)],
        "moves": [
            move for move in INCOMING_MOVES.values()
            if found.state in move.sources and request.access.may(move.permission)
        ],
        "error": failures.sentence(found.error) if found.error else "",
        "payload": json.dumps(found.payload, ensure_ascii=False, indent=1) if unmasked else "",
        "unmasked": unmasked,
        "may_unmask": request.access.may(May.UNMASK),
        "story": story,
        "refusal": refusal,
        "crumbs": [
            (gettext("Outgoing messages"), reverse("notices:outbox")),
            (gettext("Incoming messages"), reverse("notices:incoming-all")),
        ],
    }  # fmt: skip
    return show(request, "notices/incoming_one.html", context, status=refusal.status if refusal else 200)


@page(May.UNMASK, "POST", scope=Scope.COMPANY, audit="notices:incoming:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show sender and contents once; the reason goes to the event log (GN-8)."""
    found = get_object_or_404(Incoming.objects.visible_to(request.access, May.UNMASK), pk=pk)
    try:
        unmasking.unmasked(request, found, "notices:incoming:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), reverse("notices:incoming", args=[pk]))


@page(May.RETRY, "POST", scope=Scope.COMPANY, audit="notices:incoming:*", rate="write")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """Handle again, or let it be; what is refused is shown with the row as it is now."""
    if noun not in INCOMING_MOVES:
        raise Http404
    found = get_object_or_404(Incoming.objects.visible_to(request.access, May.RETRY), pk=pk)
    version = request.POST.get("version", "")
    try:
        inbox.move(
            found, noun, version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            by=request.access, at=timezone.now(), reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, gettext("Done."))
    return go("notices:incoming", pk)
