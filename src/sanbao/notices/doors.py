"""Who may hand something in from outside: each channel's signature, its time window, and what it brings, in one form.

A signed request is worth five minutes; within them its number keeps it from being done twice (inbox.py). Nothing is read of a body
before its signature is checked, but the envelope in which WeCom and WeChat wrap it. ASVS 4.1.5, 11.4.1.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sanbao.edge.hygiene import Dirty, read_json
from sanbao.notices import signing, xml
from sanbao.notices.models import Message

WINDOW = 300  # seconds
LARGEST = 65_536
LARGEST_MAIL = 1_000_000  # of signed JSON that holds a mail with its files
MOST_ITEMS = 500
_LONGEST_ID, _LONGEST_SENDER, _LONGEST_KIND = 120, 254, 60


class Shut(Exception):
    """The request is not let in. `code` is for the sender's programmers, `status` the HTTP status."""

    def __init__(self, code: str, status: int = 403):
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Came:
    """One thing that came in."""

    external_id: str
    kind: str
    sender: str
    payload: Mapping[str, Any]


def open_(channel: str, request: HttpRequest, at: datetime) -> list[Came]:
    """What a POST brings, if it is let in; Shut otherwise. A channel for which nothing is set up has no door: 404."""
    door = _DOORS.get(channel)
    if door is None or not _secret_of(channel):
        raise Shut("channel", 404)
    largest = LARGEST_MAIL if channel == Message.Channel.EMAIL else LARGEST
    if int(request.META.get("CONTENT_LENGTH") or 0) > largest:
        raise Shut("too_large", 413)
    if len(request.body) > largest:
        raise Shut("too_large", 413)
    return door(channel, request, request.body, at)


def is_open(channel: str) -> bool:
    """Whether somebody can hand something in by this channel."""
    return channel in _DOORS and bool(_secret_of(channel))


def handshake(channel: str, request: HttpRequest, at: datetime) -> str:
    """What WeCom and WeChat want back when an administrator enters our address with them; Shut for anybody else."""
    if channel not in _SHAKES_HANDS or not _secret_of(channel):
        raise Shut("channel", 404)
    echo = request.GET.get("echostr", "")
    if channel != Message.Channel.WECHAT:
        _check_weixin(channel, request, "msg_signature", at, echo)
        key, receiver = _key_of(channel)
        return decrypted(key, echo, receiver).decode(errors="replace")
    _check_weixin(channel, request, "signature", at)
    return echo


# JSON, signed by HMAC-SHA256


def _json(channel: str, request: HttpRequest, body: bytes, at: datetime) -> list[Came]:
    stamp = request.headers.get("X-Timestamp", "")
    _check_time(stamp, at)
    if not signing.is_signed(settings.HOOK_SECRET, stamp, body, request.headers.get("X-Signature", "")):
        raise Shut("signature")
    try:
        found = read_json(body)
    except Dirty as dirty:
        raise Shut(dirty.code, 400) from None
    items = found if isinstance(found, list) else [found]
    if not 0 < len(items) <= MOST_ITEMS:
        raise Shut("items", 400)
    return [_item(item) for item in items]


def _item(item: Any) -> Came:
    number = item.get("id") if isinstance(item, dict) else None
    if (
        isinstance(number, bool)
        or not isinstance(number, str | int)
        or not 0 < len(str(number)) <= _LONGEST_ID
    ):
        raise Shut("id", 400)
    # A kind that begins with @ is our own word for what we have kept ourselves: nobody outside can say it.
    kind = _short(item.get("kind"), _LONGEST_KIND).lstrip("@")
    return Came(str(number), kind, _short(item.get("from"), _LONGEST_SENDER), item)


def _short(value: Any, longest: int) -> str:
    return value[:longest] if isinstance(value, str) else ""


# WeCom and WeChat, signed by SHA-1 over a token both know


def _xml(channel: str, request: HttpRequest, body: bytes, at: datetime) -> list[Came]:
    """Encrypted where a key is set (WeCom always): then the signature holds the body, too."""
    key, receiver = _key_of(channel)
    try:
        if not key:
            _check_weixin(channel, request, "signature", at)
            return [_told(xml.read(body))]
        sealed = xml.read(body).get("Encrypt", "")
        if not isinstance(sealed, str):
            raise Shut("xml", 400)
        _check_weixin(channel, request, "msg_signature", at, sealed)
        return [_told(xml.read(decrypted(key, sealed, receiver)))]
    except xml.BadXml:
        raise Shut("xml", 400) from None


def _told(found: dict[str, Any]) -> Came:
    """A message by its number; an event, which has none, by sender, second and kind, as the makers advise.

    Customer service names no sender: its notification says only in which account there is something.
    """
    sender = _short(found.get("FromUserName"), _LONGEST_SENDER)
    kind = _short(found.get("Event") or found.get("MsgType"), _LONGEST_KIND)
    number = _short(found.get("MsgId"), _LONGEST_ID)
    if not number:
        parts = (sender, found.get("CreateTime", ""), kind, found.get("MsgID", ""), found.get("EventKey", ""))
        if account := found.get("OpenKfId", ""):
            parts += (account, found.get("Token", ""))
        if not ((sender or account) and parts[1]):
            raise Shut("id", 400)
        number = hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()
    return Came(number, kind, sender, found)


def _check_weixin(channel: str, request: HttpRequest, name: str, at: datetime, *more: str) -> None:
    stamp, nonce = request.GET.get("timestamp", ""), request.GET.get("nonce", "")
    _check_time(stamp, at)
    expected = sha1(_secret_of(channel), stamp, nonce, *more)
    if not hmac.compare_digest(expected.encode(), request.GET.get(name, "").encode()):
        raise Shut("signature")


def sha1(*parts: str) -> str:
    """The makers' signature: SHA-1 over the sorted parts, the token among them."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 (their protocol has no other)


def decrypted(key: str, text: str, receiver: str) -> bytes:
    """What WeCom and WeChat sealed with the EncodingAESKey: 16 random bytes, length, message, and for whom it is (AES-256-CBC)."""
    # Loaded here: large, and only what comes from there needs it.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        raw = base64.b64decode(f"{key}=", validate=True)
        cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
        plain = cipher.update(base64.b64decode(text, validate=True)) + cipher.finalize()
    except (ValueError, binascii.Error):
        raise Shut("sealed") from None
    if not plain or not 1 <= plain[-1] <= 32:
        raise Shut("sealed")
    plain = plain[: -plain[-1]]
    length = int.from_bytes(plain[16:20], "big")
    told, whom = plain[20 : 20 + length], plain[20 + length :]
    if len(told) != length or whom != receiver.encode():
        raise Shut("sealed")
    return told


def _check_time(stamp: str, at: datetime) -> None:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Shut("timestamp")
    if abs(at.timestamp() - int(stamp)) > WINDOW:
        raise Shut("window")


def _secret_of(channel: str) -> str:
    """What a sender must know; empty where the channel has no door."""
    match channel:
        case Message.Channel.WECOM:
            return settings.WECOM_HOOK_TOKEN if settings.WECOM_HOOK_KEY else ""
        case Message.Channel.WECOM_KF:
            return settings.WECOM_KF_HOOK_TOKEN if settings.WECOM_KF_HOOK_KEY else ""
        case Message.Channel.WECHAT:
            return settings.WECHAT_HOOK_TOKEN
    return settings.HOOK_SECRET


def _key_of(channel: str) -> tuple[str, str]:
    if channel == Message.Channel.WECOM:
        return settings.WECOM_HOOK_KEY, settings.WECOM_CORP
    if channel == Message.Channel.WECOM_KF:
        return settings.WECOM_KF_HOOK_KEY, settings.WECOM_KF_CORP or settings.WECOM_CORP
    return settings.WECHAT_HOOK_KEY, settings.WECHAT_APP


_DOORS: dict[str, Callable[[str, HttpRequest, bytes, datetime], list[Came]]] = {
    Message.Channel.EMAIL: _json,
    Message.Channel.SMS: _json,
    Message.Channel.WECOM: _xml,
    Message.Channel.WECHAT: _xml,
    Message.Channel.WECOM_KF: _xml,
}
_SHAKES_HANDS = (Message.Channel.WECOM, Message.Channel.WECHAT, Message.Channel.WECOM_KF)
