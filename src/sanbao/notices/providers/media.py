"""Pictures, recordings and files that somebody has sent by WeChat or WeCom: kept there for three days, fetched with a token."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings

from sanbao.notices.failures import Failed
from sanbao.notices.models import Message
from sanbao.notices.providers import customer_service, tokens, wechat, wecom

if TYPE_CHECKING:
    from sanbao.edge.fetch import Fetched

SECONDS = 8.0
LARGEST = 12_000_000
_NO_TOKEN = (42001, 40014, 40001)
_ENDING = re.compile(r"""filename\*?=[^;]*\.([A-Za-z0-9]{1,5})["']?\s*(;|$)""")


class NoMedia(Exception):
    """It could not be had. `for_good`: nor will it be."""

    def __init__(self, code: str, *, for_good: bool = False):
        super().__init__(code)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Media:
    """What was fetched, of what type it says it is, and how the file's own name ends."""

    kind: str
    data: bytes
    ending: str = ""


def fetch(channel: str, number: str, url: str = "") -> Media:
    """By its number with our token where the channel is set up, else by the address WeChat gives with a picture; NoMedia otherwise."""
    if number and _is_set_up(channel):
        return _by_number(channel, number)
    if url.startswith("http://") and not settings.FETCH_PLAIN_HTTP:
        url = "https://" + url.removeprefix("http://")
    if url:
        return _media(_asked(url))
    raise NoMedia("nothing", for_good=True)


def _is_set_up(channel: str) -> bool:
    if channel == Message.Channel.WECOM_KF:
        return customer_service.is_set_up()
    return bool(settings.WECHAT_APP if channel == Message.Channel.WECHAT else settings.WECOM_CORP)


def _by_number(channel: str, number: str) -> Media:
    if channel == Message.Channel.WECHAT:
        base, owner, get = settings.WECHAT_URL, settings.WECHAT_APP, wechat.stable_token
    elif channel == Message.Channel.WECOM_KF:
        (base, owner), get = customer_service.owner(), customer_service.service_token
    else:
        base, owner, get = settings.WECOM_URL, settings.WECOM_CORP, wecom.member_token
    try:
        token = tokens.token((base, owner), lambda: get(False))
        answer = _asked(_address(base, token, number))
        if _refusal(answer) in _NO_TOKEN:
            token = tokens.token((base, owner), lambda: get(True), refused=token)
            answer = _asked(_address(base, token, number))
    except Failed as failure:
        raise NoMedia(str(failure)) from None
    if (code := _refusal(answer)) is not None:
        raise NoMedia(str(code), for_good=code == 40007)
    return _media(answer)


def _address(base: str, token: str, number: str) -> str:
    return f"{base}/cgi-bin/media/get?access_token={token}&media_id={quote(number, safe='')}"


def _asked(url: str) -> "Fetched":
    from sanbao.edge.fetch import Unfetchable, safe_fetch  # httpx with it: for who calls, which no page does

    try:
        return safe_fetch(url, timeout=SECONDS, max_bytes=LARGEST)
    except Unfetchable as failure:
        raise NoMedia(failure.code, for_good=failure.code in ("address", "large")) from None


def _refusal(answer: "Fetched") -> int | None:
    """The `errcode` of an answer that is no file; None for a file."""
    kind = answer.headers.get("content-type", "")
    if not kind.startswith(("application/json", "text/plain")):
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    code = found.get("errcode") if isinstance(found, dict) else None
    return code if isinstance(code, int) and code else None


def _media(answer: "Fetched") -> Media:
    if answer.status != 200:
        raise NoMedia(str(answer.status), for_good=answer.status in (403, 404, 410))
    if not answer.body:
        raise NoMedia("nothing", for_good=True)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    named = _ENDING.search(answer.headers.get("content-disposition", ""))
    return Media(kind, answer.body, named.group(1).lower() if named else "")
