"""A message of WeChat customer service in the words that chat.py reads, and what is noted of the events there: recalls, colleagues' answers."""

import json
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.customers import queries as customers
from sanbao.intake.models import Entry, Request
from sanbao.intake.states import Channel
from sanbao.notices.failures import Failed
from sanbao.notices.inbox import Ignored, NotYet
from sanbao.notices.models import Address, Incoming
from sanbao.notices.providers import customer_service
from sanbao.notices.windows import said_at

NOTIFICATION = "kf_msg_or_event"
BY_COLLEAGUE = 5  # as WeCom numbers who has written
ALSO_TEXT = ("msgmenu", "merged_msg", "miniprogram")
_MOST_OF_A_TALK, _MOST_REQUESTS = 50, 50


def event(row: Incoming) -> dict[str, Any]:
    """What an event tells."""
    return _table(row.payload.get("event"))


def fields(row: Incoming) -> dict[str, Any]:
    """The message's own part, with the names that the official account's XML has."""
    own = _table(row.payload.get(row.kind))
    match row.kind:
        case "location":
            label = " ".join(filter(None, (_text(own, "name"), _text(own, "address"))))
            return {"Label": label, "Location_X": _number(own, "latitude"), "Location_Y": _number(own, "longitude")}  # fmt: skip
        case "link":
            return {"Title": own.get("title"), "Description": own.get("desc"), "Url": own.get("url")}
        case "msgmenu":
            return {"Content": _text(own, "head_content")}
        case "miniprogram":
            return {"Content": _("Mini program: %(title)s") % {"title": _text(own, "title")}}
        case "merged_msg":
            return {"Content": _talk(own)}
    return {"Content": own.get("content"), "MediaId": own.get("media_id")}


def _talk(own: dict[str, Any]) -> str:
    """A talk that was passed on: who said what."""
    lines = [_text(own, "title")]
    told = own.get("item")
    for item in told[:_MOST_OF_A_TALK] if isinstance(told, list) else []:
        item = _table(item)
        try:
            said = json.loads(_text(item, "msg_content"))
        except (ValueError, RecursionError):
            said = {}
        words = _text(_table(_table(said).get("text")), "content") or f"({_text(item, 'msgtype')})"
        lines.append(f"{_text(item, 'sender_name')}: {words}")
    return "\n".join(filter(None, lines))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(table: dict[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _number(table: dict[str, Any], name: str) -> str:
    value = table.get(name)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def name_of(row: Incoming) -> str:
    """What the customer calls themselves: as it stands in their newest request, else as WeCom says. A request waits for no name."""
    mine = Request.objects.filter(company_id=row.company_id, writer=row.sender, channel=Channel.WECOM_KF)
    if known := mine.exclude(contact="").order_by("-pk").values_list("contact", flat=True).first():
        return str(known)
    try:
        return customer_service.nickname(row.sender) if customer_service.is_set_up() else ""
    except Failed:
        return ""


def note_recall(row: Incoming, at: datetime) -> None:
    """A message that its writer has taken back: said where it stands, for colleagues. What was read already is not made unread."""
    number = _text(event(row), "recall_msgid")
    came = Incoming.objects.filter(company_id=row.company_id, channel=row.channel, external_id=number).first()
    if not number or came is None or (row.sender and came.sender != row.sender):
        raise Ignored("event")
    if came.state == Incoming.State.NEW:
        raise NotYet("no-message")
    entries = Entry.objects.filter(request__in=_where(came), channel=row.channel, external_id=number)
    entry = entries.select_related("request").order_by("pk").first()
    if entry is None:
        raise Ignored("event")
    words = _("The customer has recalled their message of %(at)s.") % {"at": _moment(said_at(came))}
    _note(entry.request, words, f"recall:{number}", at)


def _where(came: Incoming) -> set[int]:
    """The requests in which a customer's message can stand: their account's, their own, and those that these were merged into."""
    whose = customers.by_contact(came.company_id, wecom_kf=came.sender)
    mine = Q(channel=came.channel, writer=came.sender) | Q(customer__in=whose)
    rows = Request.objects.filter(mine, company_id=came.company_id).order_by("-pk")
    return {pk for told in rows.values_list("pk", "merged_into")[:_MOST_REQUESTS] for pk in told if pk}


def note_colleague(row: Incoming, words: str, at: datetime) -> None:
    """What a colleague answered in the WeCom app stands with the customer's newest request. It stops no clock: whether it answers, who
    has the request says."""
    mine = Request.objects.filter(company_id=row.company_id, writer=row.sender, channel=Channel.WECOM_KF)
    newest = mine.filter(erased_at__isnull=True).order_by("-pk").first()
    if newest is None or not row.sender:
        raise Ignored("event")
    said = _("%(who)s in the WeCom app, %(at)s: %(words)s") % {
        "who": _colleague(_text(row.payload, "servicer_userid")) or _("A colleague"),
        "at": _moment(said_at(row)),
        "words": words,
    }
    _note(newest.merged_into or newest, said, row.external_id, at)


def _colleague(account: str) -> str:
    rows = Address.objects.filter(channel=Channel.WECOM, address=account, person__is_active=True)
    found = list(rows.select_related("person")[:2]) if account else []
    return found[0].person.name if len(found) == 1 else account


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M}"


def _note(request: Request, words: str, number: str, at: datetime) -> None:
    if request.entries.filter(channel=request.channel, external_id=number[:200]).exists():
        return
    Entry.objects.create(
        request=request, at=at, kind=Entry.Kind.NOTE, channel=request.channel, body=words[:8000], external_id=number[:200],
        handler_id=request.assignee_id,
    )  # fmt: skip
