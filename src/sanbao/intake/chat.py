"""What comes in by WeChat, WeChat customer service, WeCom and SMS, read into what the desk needs: a message's words, its picture or recording, its events.

The inbox (notices.inbox) has kept it and calls the listeners under its lease: what is taken in is taken in once. WeChat has had its
answer long before; the customer's answer goes by the outbox.
"""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import channels, serviced
from sanbao.intake.channels import Setting
from sanbao.intake.operations.chatting import Said, take_in_words
from sanbao.intake.operations.mailing import NoRequest
from sanbao.notices import addresses, reports, windows
from sanbao.notices import operations as notices
from sanbao.notices.choosing import usable
from sanbao.notices.inbox import Ignored, NotYet
from sanbao.notices.models import Incoming, Message
from sanbao.notices.providers import customer_service, media
from sanbao.ui.refusal import Refusal

MOST_FETCHES = 3  # attempts, in some two minutes; then the message is taken in without its picture
_NAMES: dict[str, Any] = {
    "image": gettext_lazy("(picture)"),
    "voice": gettext_lazy("(voice message)"),
    "video": gettext_lazy("(video)"),
    "shortvideo": gettext_lazy("(video)"),
    "file": gettext_lazy("(file)"),
}
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "audio/amr": "amr", "voice/speex": "spx",
    "audio/mpeg": "mp3", "video/mp4": "mp4", "video/mpeg4": "mp4", "application/pdf": "pdf",
}  # fmt: skip
_STOPS = re.compile(r"(回复)?\s*(T|TD|N|退订|取消订阅)\s*[。.!！]?", re.IGNORECASE)


def door(company_id: int) -> Access:
    """The company's own work for whoever writes: of every outlet, without a permission."""
    return Access(None, company_id, (Grant("door", None, None),), name="", request="chat")


def of_wechat(row: Incoming, at: datetime) -> None:
    """A customer's message to the official account, or an event of it."""
    event = _text(row.payload, "Event")
    if event == "TEMPLATESENDJOBFINISH":
        return reports.of_wechat(row, at)
    if event == "subscribe":
        return _greet(row, _setting(row), at)
    if event or row.kind == "event":
        raise Ignored("event")
    return _take_in(row, _setting(row), at)


def of_wecom(row: Incoming, at: datetime) -> None:
    """A message to our application in WeCom."""
    if row.kind == "event" or _text(row.payload, "Event"):
        raise Ignored("event")
    _take_in(row, _setting(row), at)


def of_customer_service(row: Incoming, at: datetime) -> None:
    """A customer's message to an account of WeChat customer service, an event there, or what a colleague answered in the WeCom app."""
    setting = _setting(row)
    if row.kind == serviced.NOTIFICATION:  # of an account that is not the company's
        raise Ignored("closed")
    if row.kind == "msg_send_fail":
        return reports.of_customer_service(row, at)
    with scope.opened(door(row.company_id)):
        match row.kind, row.payload.get("origin"):
            case "enter_session", _:
                return _welcome(row, at)
            case "user_recall_msg", _:
                return serviced.note_recall(row, at)
            case _, serviced.BY_COLLEAGUE:
                return serviced.note_colleague(row, _words(row.kind, serviced.fields(row))[0], at)
    if row.payload.get("origin") != windows.FROM_CUSTOMER:
        raise Ignored("event")
    return _take_in(row, setting, at)


def of_sms(row: Incoming, at: datetime) -> None:
    """A report about an SMS of ours, or what a customer has answered."""
    if reports.is_report(row):
        return reports.of_json(row, at)
    words = _clean(str(row.payload.get("text") or ""))
    if not isinstance(row.payload.get("text"), str) or not row.sender:
        raise Ignored("no-report")
    setting = _setting(row)
    try:
        sender = addresses.read(Message.Channel.SMS, row.sender)
    except Refusal:  # 10086, 106…: a machine's number
        raise Ignored("automatic") from None
    if _STOPS.fullmatch(words):
        raise Ignored("stop")
    return _taken(
        row, setting, Said(Message.Channel.SMS, sender, row.external_id, words, row.received_at), [], at
    )


def _setting(row: Incoming) -> Setting:
    setting = channels.setting_of(Company.objects.get(pk=row.company_id).code, row.channel)
    if setting is None:
        raise Ignored("closed")
    return setting


def _take_in(row: Incoming, setting: Setting, at: datetime) -> None:
    """First what must be fetched from outside, while nothing of ours is locked; then the request."""
    if not row.sender:
        raise Ignored("empty")
    told = serviced.fields(row) if row.channel == Message.Channel.WECOM_KF else row.payload
    words, place = _words(row.kind, told)
    fetched, failed = _fetched(row, told)
    if failed:
        words = "\n".join(
            filter(None, (words, _("The picture or recording could not be fetched: ask for it once more.")))
        )
    said = Said(
        row.channel, row.sender, row.external_id, words, windows.said_at(row), place, _is_known(row.kind), _name(row)
    )  # fmt: skip
    with scope.opened(door(row.company_id)):
        kept = [_kept(row, fetched, at)] if fetched else []
    _taken(row, setting, said, kept, at)


def _taken(row: Incoming, setting: Setting, said: Said, kept: list[StoredFile], at: datetime) -> None:
    if not said.words:
        raise Ignored("empty")
    with scope.opened(door(row.company_id)):
        category = channels.category_of(row.company_id, setting.category)
        try:
            take_in_words(said, kept, category, days=setting.days, by=door(row.company_id), at=at)
        except NoRequest as why:
            raise Ignored(str(why)) from None


def _words(kind: str, payload: dict[str, Any]) -> tuple[str, str]:
    """What a message says, and where its sender is."""
    match kind:
        case "text" | "msgmenu" | "merged_msg" | "miniprogram":
            return _clean(_text(payload, "Content")), ""
        case "voice":
            heard = _clean(_text(payload, "Recognition"))
            return f"{_NAMES[kind]} {heard}".strip(), ""
        case "location":
            label = _clean(_text(payload, "Label"))[:200]
            spot = ", ".join(
                filter(None, (_text(payload, "Location_X")[:20], _text(payload, "Location_Y")[:20]))
            )
            return _("Place: %(place)s") % {"place": f"{label} ({spot})" if spot else label}, label
        case "link":
            parts = (_text(payload, name) for name in ("Title", "Description", "Url"))
            return _clean("\n".join(part[:1000] for part in parts if part)), ""
    if kind in _NAMES:
        return str(_NAMES[kind]), ""
    return _("(a message of the kind “%(kind)s”, which can't be shown here)") % {
        "kind": _clean(kind)[:30]
    }, ""


def _is_known(kind: str) -> bool:
    return kind in ("text", "location", "link", *serviced.ALSO_TEXT) or kind in _NAMES


def _text(payload: dict[str, Any], name: str) -> str:
    """A field that is text; a table of fields, which a hostile XML may hold there, is none."""
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Without characters that stand for nothing on paper."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in text if c >= " " or c in "\n\t").strip()


def _name(row: Incoming) -> str:
    """What a customer of customer service calls themselves; others say it nowhere."""
    if row.channel != Message.Channel.WECOM_KF:
        return ""
    with scope.opened(door(row.company_id)):
        return _clean(serviced.name_of(row))[:60]


def _fetched(row: Incoming, told: dict[str, Any]) -> tuple[media.Media | None, bool]:
    """The picture or recording of a message, and whether it was given up. NotYet while another attempt may succeed."""
    if row.kind not in _NAMES:
        return None, False
    try:
        return media.fetch(row.channel, _text(told, "MediaId"), _text(told, "PicUrl")), False
    except media.NoMedia as failure:
        if failure.for_good or row.attempts - row.attempts_before >= MOST_FETCHES:
            return None, True
        raise NotYet("media") from None


def _kept(row: Incoming, fetched: media.Media, at: datetime) -> StoredFile:
    """A photograph drawn anew; anything else as a file to be downloaded."""
    ending = (
        _ENDINGS.get(fetched.kind) or fetched.ending or {"image": "jpg", "voice": "amr"}.get(row.kind, "bin")
    )
    name, by = f"{row.kind}-{row.pk}.{ending}", door(row.company_id)
    if row.kind == "image":
        try:
            with transaction.atomic():
                return files.keep_image(fetched.data, name, by=by, at=at).file
        except Refusal:
            name = f"{row.kind}-{row.pk}.bin"
    return files.keep(fetched.data, name, by=by, at=at)


def _greet(row: Incoming, setting: Setting, at: datetime) -> None:
    """Whoever begins to follow the account reads how to ask for service."""
    if not usable(Message.Channel.WECHAT):
        raise Ignored("event")
    company = Company.objects.get(pk=row.company_id)
    with scope.opened(door(company.pk)):
        notices.send(
            row.sender, _("Welcome"), greeting(company), key=f"intake:greeting:{row.pk}", about=company, by=door(company.pk), at=at,
            channel=Message.Channel.WECHAT, kind="intake:greeting",
        )  # fmt: skip


def _welcome(row: Incoming, at: datetime) -> None:
    """Whoever opens the talk reads how to ask for service, where WeCom lets us: it gives a code that holds for 20 seconds."""
    code = serviced.event(row).get("welcome_code")
    if not isinstance(code, str) or not code or not row.sender or not usable(Message.Channel.WECOM_KF):
        raise Ignored("event")
    if at - windows.said_at(row) > customer_service.WELCOME:
        raise Ignored("late")
    company = Company.objects.get(pk=row.company_id)
    notices.send(
        row.sender, _("Welcome"), greeting(company), key=f"intake:greeting:{row.pk}", about=company, by=door(company.pk), at=at,
        channel=Message.Channel.WECOM_KF, kind=customer_service.GREETING, values={"code": code},
    )  # fmt: skip


def greeting(company: Company) -> str:
    """How to ask for service, with hotline and portal where there are any."""
    lines = [
        _(
            "Welcome to the after-sales service of %(company)s. Write here what is the matter; a picture helps."
        )
        % {"company": company.short_name}
    ]
    if company.hotline:
        lines.append(_("Hotline: %(hotline)s") % {"hotline": company.hotline})
    if settings.SITE_URL:
        lines.append(
            _("Ask and follow on the web: %(link)s")
            % {"link": settings.SITE_URL + reverse("portal:home", args=[company.code])}
        )
    return "\n".join(lines)
