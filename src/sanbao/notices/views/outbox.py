"""The outbox for administrators: what waits, what could not be sent and why, and what to do about it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.audit import unmasking
from sanbao.audit.queries import about as events_about
from sanbao.audit.words import word as event_word
from sanbao.notices import about, failures, operations, queries, sealing
from sanbao.notices.models import Message
from sanbao.notices.permissions import May
from sanbao.notices.states import MOVES, TONES, State
from sanbao.ui.lists import Bulk, Choice, Column, Days, List, Search, Tab, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _found(words: str) -> Q:
    """A message by the beginning of its key, or by the end of its address."""
    return Q(key__istartswith=words) | Q(address__endswith=words)


def _outbox(access: Access) -> List:
    """The list for one reader: what a message is about is a link for those who may see it."""
    return List(
        "messages",
        columns=(
            Column("key", _("Message"), kind="code", link=lambda m: reverse("notices:message", args=[m.pk])),
            Column("about", _("About"), value=about.word, link=lambda m: about.url(m, access)),
            Column("channel", _("Channel"), value="get_channel_display"),
            Column("address", _("Recipient"), kind="contact"),
            Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda m: TONES[m.state]),
            Column("delivery", _("Delivery"), value="get_delivery_display", shown=False),
            Column("attempts", _("Attempts"), kind="number"),
            Column("error", _("Last error"), value=lambda m: failures.sentence(m.error)),
            Column("due_at", _("Next attempt"), kind="date", shown=False,
                   value=lambda m: m.due_at if m.state == State.WAITING else None),
            Column("made_at", _("Written at"), kind="date"),
            Column("ended_at", _("Ended at"), kind="date", shown=False),
            Column("pk", _("Newest"), kind="code", value=lambda m: f"#{m.pk}", sort="id", shown=False),
        ),
        filters=(
            Search("q", _("Beginning of the message's name, or end of the address"), where_of=_found),
            Choice("channel", _("Channel"), Message.Channel.choices),
            Days("made_at", _("Written at"), moments=True),
        ),
        tabs=(
            Tab("dead", _("Dead letters"), Q(state=State.DEAD)),
            Tab("waiting", _("Waiting"), Q(state__in=(State.WAITING, State.SENDING))),
            Tab("sent", _("Sent"), Q(state=State.SENT)),
            Tab("undelivered", _("Not delivered"), Q(delivery="undelivered")),
            Tab("discarded", _("Discarded"), Q(state=State.DISCARDED)),
            Tab("all", _("All")),
        ),
        order="-pk",
        unmask=May.UNMASK,
    )  # fmt: skip


@page(May.SEE, scope=Scope.COMPANY, audit="notices:messages:exported", rate="page")
def outbox(request: HttpRequest) -> HttpResponse:
    """Every message, dead letters first."""
    bulk = (
        [
            Bulk(MOVES[noun].label, reverse("notices:messages-move", args=[noun]), icon)
            for noun, icon in (("retry", "refresh"), ("discard", "trash"))
        ]
        if request.access.may(May.RETRY)
        else []
    )
    listing = _outbox(request.access).of(request, queries.messages(request.access), bulk=bulk)
    if listing.wants_export:
        return listing.export(gettext("Outgoing messages"))
    return show(request, "notices/outbox.html", {"list": listing}, parts=["list"])


@page(May.RETRY, "POST", scope=Scope.COMPANY, audit=("notices:message:*", ""), rate="write")
def move_messages(request: HttpRequest, noun: str) -> HttpResponse:
    """The same for each ticked message, each by itself: what is refused is said, the others are done. Discarding asks why first."""
    if noun not in MOVES:
        raise Http404
    ticked = list(chosen(request, Message.objects.visible_to(request.access, May.RETRY)))
    reason = request.POST.get("reason", "").strip()
    if ticked and MOVES[noun].needs_reason and not reason:
        return asked_why(
            request,
            ticked,
            title=gettext("Discard messages"),
            note=gettext("They will not be sent. They stay on record as discarded, with your reason."),
            label=gettext("Discard"),
            back=(gettext("Outgoing messages"), reverse("notices:outbox")),
        )
    done = 0
    for message in ticked:
        try:
            operations.move(
                message, noun, version=message.version, by=request.access, at=timezone.now(), reason=reason
            )
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{message.key}: {refusal}")
    if done:
        messages.success(
            request, ngettext("%(count)d message done.", "%(count)d messages done.", done) % {"count": done}
        )
    elif not ticked:
        messages.error(request, gettext("Tick the messages first."))
    return go("notices:outbox")


def asked_why(
    request: HttpRequest, ticked: list[Any], *, title: str, note: str, label: str, back: tuple[str, str]
) -> HttpResponse:
    """The page between ticking and doing: what is ticked, and why. Shown again where the reason was left empty."""
    refused = "reason" in request.POST
    context = {"ticked": ticked, "title": title, "note": note, "label": label, "back": back[1], "refused": refused, "crumbs": [back]}  # fmt: skip
    return show(request, "notices/why.html", context, status=422 if refused else 200)


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: to whom, what about, what was tried."""
    return _shown(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> Message:
    return get_object_or_404(queries.messages(request.access).select_related("discarded_by"), pk=pk)


def _shown(
    request: HttpRequest, found: Message, *, unmasked: bool = False, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "message": found,
        "tone": TONES[State(found.state)],
        "moves": queries.legal_moves(found, request.access),
        "about": about.word(found),
        "about_url": about.url(found, request.access),
        "error": failures.sentence(found.error) if found.error else "",
        "body": sealing.content(found).body if unmasked and not found.secret else "",
        "unmasked": unmasked,
        "may_unmask": request.access.may(May.UNMASK),
        "story": _story(found),
        "refusal": refusal,
        "crumbs": [(gettext("Outgoing messages"), reverse("notices:outbox"))],
    }
    return show(request, "notices/message.html", context, status=refusal.status if refusal else 200)


def _story(found: Message) -> list[dict[str, Any]]:
    """What people did with it, between its being written and its end; newest first."""
    story = [
        {"what": event_word(event.action), "who": event.by.name if event.by else "", "at": event.at,
         "text": event.details.get("reason", "")}
        for event in events_about(found)[:50]
    ]  # fmt: skip
    if found.delivery:
        story.insert(
            0,
            {"what": found.get_delivery_display(), "who": "", "at": found.delivery_at, "text": found.delivery_note},
        )  # fmt: skip
    if found.state in (State.SENT, State.DEAD):
        story.insert(0, {"what": found.get_state_display(), "who": "", "at": found.ended_at, "text": ""})
    story.append({"what": gettext("Written"), "who": "", "at": found.made_at, "text": ""})
    return sorted(story, key=lambda event: event["at"], reverse=True)


@page(May.UNMASK, "POST", scope=Scope.COMPANY, audit="notices:message:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show address and text once; the reason goes to the event log (GN-8). A text with a link for one use is never shown."""
    found = get_object_or_404(Message.objects.visible_to(request.access, May.UNMASK), pk=pk)
    try:
        unmasking.unmasked(request, found, "notices:message:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), reverse("notices:message", args=[pk]))


@page(May.RETRY, "POST", scope=Scope.COMPANY, audit="notices:message:*", rate="write")
def move_message(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """Try again, or discard; what is refused is shown with the message as it is now."""
    if noun not in MOVES:
        raise Http404
    found = get_object_or_404(Message.objects.visible_to(request.access, May.RETRY), pk=pk)
    version = request.POST.get("version", "")
    try:
        operations.move(
            found, noun, version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            by=request.access, at=timezone.now(), reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, gettext("Done."))
    return go("notices:message", pk)
