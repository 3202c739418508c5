"""WeChat customer service (微信客服): to one customer, whose external_userid is the address, by the account they wrote to last.

WeChat takes a text for 48 hours after the customer's last message, five of them until they write again, and none while a colleague
serves the customer in the WeCom app. What customers write is asked for here, too (`sync`): a callback only says that there is something.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from sanbao.notices.failures import Permanent
from sanbao.notices.models import Incoming, Message
from sanbao.notices.providers import http, weixin
from sanbao.notices.providers.interface import Receipt, number_of, said

GREETING = "intake:greeting"
WELCOME = timedelta(seconds=20)  # for so long the code of a welcome holds
AT_A_TIME = 200  # messages on a page
LARGEST = 8_000_000  # a page of long forwarded talks
_MOST_PAGES_OF_ACCOUNTS = 20
# Our number of a message keeps WeCom from taking it twice; how the refusal is numbered, its maker does not say.
_REPEATED = re.compile(r"duplicat|repeat|already exist|重复", re.IGNORECASE)

_CODES = weixin.Codes(
    token=(42001, 40014),
    recipient=(40003, 40096, 84061),
    for_good=(40008, 40058, 44004, 45002, 95000, 95004),
    busy=(45009, 45011, 45033, 95003),
    login=(40001, 40013, 40056, 48002, 60011, 60020, 301002, 95012, 95017),
    told={
        95001: "kf-limit",
        95002: "kf-window",
        95013: "kf-session",
        95016: "kf-session",
        95018: "kf-session",
    },
)
_WELCOME_CODES = weixin.Codes(
    token=_CODES.token, recipient=_CODES.recipient, for_good=_CODES.for_good, busy=_CODES.busy, login=_CODES.login,
    told={**_CODES.told, 95007: "late", 41044: "late"},
)  # fmt: skip


def is_set_up() -> bool:
    """Whether this installation has the secret of WeChat customer service."""
    return bool(settings.WECOM_KF_SECRET and _corp())


def owner() -> tuple[str, str]:
    """Under what the token is kept: it is another one than that of the application which writes to colleagues."""
    return settings.WECOM_URL, f"{_corp()}/kf"


def service_token(anew: bool) -> tuple[str, int]:
    """A token by the secret of customer service; WeCom gives everybody the same until it ends."""
    corp, secret = quote(_corp(), safe=""), quote(settings.WECOM_KF_SECRET, safe="")
    url = f"{settings.WECOM_URL}/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}"
    return weixin.token_in(http.ask(url, sends=False))


def _corp() -> str:
    return settings.WECOM_KF_CORP or settings.WECOM_CORP


# Out


class CustomerService:
    """`kf/send_msg`; a welcome by `kf/send_msg_on_event`, which needs the code that came with the event."""

    def send(self, message: Message) -> Receipt:
        """With a kept token; refused for good outside the window, and after the fifth message."""
        if message.kind == GREETING:
            return self._welcome(message)
        account = account_of(message.company_id, message.address)
        if not account:
            raise Permanent("kf-account")
        words = {
            "touser": message.address,
            "open_kfid": account,
            "msgid": number_of(message),
            "msgtype": "text",
            "text": {"content": weixin.cut(said(message).body)},
        }
        found = _posted("send_msg", words, _CODES, repeated=lambda answer: _was_there(message, answer))
        return Receipt(str(found.get("msgid") or number_of(message)))

    def _welcome(self, message: Message) -> Receipt:
        content = said(message)
        if not content.values.get("code") or timezone.now() - message.made_at > WELCOME:
            raise Permanent("late")
        words = {
            "code": content.values["code"],
            "msgid": number_of(message),
            "msgtype": "text",
            "text": {"content": weixin.cut(content.body)},
        }
        found = _posted(
            "send_msg_on_event", words, _WELCOME_CODES, repeated=lambda answer: _was_there(message, answer)
        )
        return Receipt(str(found.get("msgid") or number_of(message)))


def account_of(company_id: int, customer: str) -> str:
    """The account to which the customer wrote last; an answer by another would be a stranger's."""
    rows = Incoming.objects.filter(company_id=company_id, channel=Message.Channel.WECOM_KF, sender=customer)
    found = rows.exclude(payload={}).order_by("-pk").values_list("payload", flat=True)[:1]
    return next((str(payload.get("open_kfid", "")) for payload in found), "")


def _was_there(message: Message, answer: dict[str, Any]) -> bool:
    """Whether WeCom has the message from an attempt of which we did not hear the end."""
    return message.attempts > 1 and bool(_REPEATED.search(str(answer.get("errmsg", ""))))


# In


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages and events of an account, how to ask for what follows, and whether anything does."""

    cursor: str
    more: bool
    messages: list[dict[str, Any]]


def sync(account: str, *, cursor: str, token: str) -> Page:
    """What has come after the cursor; without one, of the last three days. `token`: of the callback, without it WeCom lets us ask seldom."""
    asked: dict[str, Any] = {"open_kfid": account, "limit": AT_A_TIME, "voice_format": 0}
    asked |= {name: value for name, value in (("cursor", cursor), ("token", token)) if value}
    found = _clean(_posted("sync_msg", asked, _CODES, sends=False, largest=LARGEST))
    told = found.get("msg_list")
    messages = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    following = found.get("next_cursor")
    return Page(following if isinstance(following, str) and following else cursor, bool(found.get("has_more")), messages)  # fmt: skip


def accounts() -> list[tuple[str, str]]:
    """Number and name of every account that our secret reaches."""
    known: list[tuple[str, str]] = []
    for _page in range(_MOST_PAGES_OF_ACCOUNTS):
        asked = {"offset": len(known), "limit": 100}
        told = _clean(_posted("account/list", asked, _CODES, sends=False)).get("account_list")
        rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
        known += [(str(row.get("open_kfid", "")), str(row.get("name", ""))) for row in rows]
        if len(rows) < 100:
            break
    return [(number, name) for number, name in known if number]


def nickname(customer: str) -> str:
    """What the customer calls themselves in WeChat; empty where WeCom does not say."""
    asked = {"external_userid_list": [customer], "need_enter_session_context": 0}
    told = _clean(_posted("customer/batchget", asked, _CODES, sends=False)).get("customer_list")
    for row in told if isinstance(told, list) else []:
        if isinstance(row, dict) and row.get("external_userid") == customer:
            return str(row.get("nickname") or "").strip()
    return ""


def _posted(path: str, asked: dict[str, Any], codes: weixin.Codes, **how: Any) -> dict[str, Any]:
    url = f"{settings.WECOM_URL}/cgi-bin/kf/{path}"
    return weixin.post(owner(), service_token, url, http.as_json(asked), codes, **how)


def _clean(value: Any) -> Any:
    """Without what the database can't keep: one such character would hold up everything behind it."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_clean(name): _clean(inner) for name, inner in value.items()}
        case list():
            return [_clean(inner) for inner in value]
    return value
