"""Where I want to hear of what: kinds by channels, quiet hours, the daily mail; and my addresses."""

from datetime import time
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _

from sanbao.notices import choosing
from sanbao.notices.choosing import CHANNELS
from sanbao.notices.kinds import GROUPS, PRODUCT
from sanbao.notices.models import Address, Message, Preference
from sanbao.notices.models.notice import LANGUAGES
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

_EXAMPLES = {"email": "wang@example.com", "sms": "13800005678", "wecom": "wangwei", "wechat": "oABC…"}


@page.signed_in("GET", "POST", scope=Scope.OWN, audit="notices:preference:chosen", rate="write")
def preferences(request: HttpRequest) -> HttpResponse:
    """My choices."""
    _require_work(request)
    if request.method != "POST":
        return _shown(request, choosing.chosen_by(request.access))
    quiet, refusal = _quiet(request), None
    ticked = [
        (kind, channel)
        for kind, _bar, channel in (each.partition("|") for each in request.POST.getlist("want"))
    ]
    wanted = request.POST.get("language", "")
    try:
        if "bad" in quiet:
            raise Refusal(_("Write times like 22:00."), field="quiet_until", code="time")
        choosing.choose(
            ticked, language=wanted if wanted in dict(LANGUAGES) else "zh-hans", quiet=(quiet["from"], quiet["until"]),
            digest="digest" in request.POST, by=request.access, at=timezone.now(),
        )  # fmt: skip
    except Refusal as wrong:
        refusal = wrong
    if refusal:
        return _shown(request, choosing.chosen_by(request.access), refusal=refusal)
    messages.success(request, _("Your choices have been kept."))
    return go("notices:preferences")


def _require_work(request: HttpRequest) -> None:
    """Whoever works in no company is told nothing, so there is nothing to choose."""
    if request.access.company_id is None:
        raise PermissionDenied


def _quiet(request: HttpRequest) -> dict[str, time | None]:
    """Both times as they were typed; "bad" among them where one is none."""
    found: dict[str, time | None] = {}
    for end in ("from", "until"):
        typed = request.POST.get(f"quiet_{end}", "").strip().replace("：", ":")
        try:
            found[end] = parse_time(typed) if typed else None
        except ValueError:
            found["bad"] = None
        if typed and found.get(end) is None:
            found["bad"] = None
    return found


def _shown(
    request: HttpRequest,
    chosen: Preference,
    *,
    refusal: Refusal | None = None,
    bad: str = "",
    typed: str = "",
) -> HttpResponse:
    held = {row.channel: row.address for row in Address.objects.filter(person_id=request.access.person_id)}
    channels = [
        {
            "channel": channel,
            "label": channel.label,
            "address": held.get(channel, ""),
            "why_off": _why_off(channel, held),
            "usable": choosing.usable(channel),
            "example": _EXAMPLES[channel],
            "typed": typed if channel == bad else "",
            "refusal": refusal if channel == bad else None,
        }
        for channel in CHANNELS
    ]
    context = {
        "chosen": chosen,
        "languages": LANGUAGES,
        "groups": _groups(request, chosen, held),
        "channels": channels,
        "refusal": None if bad else refusal,
        "times": {
            end: request.POST.get(f"quiet_{end}", "")
            if refusal and not bad
            else f"{value:%H:%M}"
            if value
            else ""
            for end, value in (("from", chosen.quiet_from), ("until", chosen.quiet_until))
        },
        "crumbs": [(_("Notices"), reverse("notices:notices"))],
    }
    return show(request, "notices/preferences.html", context, status=refusal.status if refusal else 200)


def _why_off(channel: Message.Channel, held: dict[str, str]) -> str:
    """Why nothing comes by the channel; empty where it does."""
    if channel not in held:
        return _("no address yet")
    return "" if choosing.usable(channel) else _("not set up here")


def _groups(request: HttpRequest, chosen: Preference, held: dict[str, str]) -> list[dict[str, Any]]:
    """The kinds by group, each with a box for every channel."""
    columns = [(PRODUCT, _("In Sanbao")), *((channel.value, channel.label) for channel in CHANNELS)]
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in choosing.kinds_for(request.access):
        wanted = choosing.wants(chosen, kind)
        boxes = [
            {
                "value": f"{kind.code}|{channel}",
                "channel": label,
                "on": channel in wanted,
                "fixed": not kind.optional or (channel != PRODUCT and channel not in held),
            }
            for channel, label in columns
        ]
        found.setdefault(kind.group, []).append({"kind": kind, "boxes": boxes})
    return [{"label": label, "rows": found[group]} for group, label in GROUPS.items() if group in found]


@page.signed_in("POST", scope=Scope.OWN, audit=("notices:address:kept", ""), rate="write")
def address(request: HttpRequest) -> HttpResponse:
    """Set or take away one of my addresses; asks for a fresh proof first (accounts/stepup.py)."""
    _require_work(request)
    channel, typed = request.POST.get("channel", ""), request.POST.get("address", "")
    if channel not in CHANNELS:
        raise Http404
    try:
        choosing.keep_address(request.user, channel, typed, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(
            request, choosing.chosen_by(request.access), refusal=refusal, bad=channel, typed=typed[:254]
        )
    messages.success(
        request, _("Your address has been kept.") if typed.strip() else _("The address is gone.")
    )
    return go("notices:preferences")
