"""What a provider reports about a message later: whether it has arrived. Channels that take in more than reports compose these (intake.chat).

SMS and e-mail, by the signed hook: `{"id": …, "kind": "delivery", "message": the number the provider gave at sending, "delivered": true,
"code": …}`; the names of the big clouds' reports (biz_id, success, err_code) are read, too. WeChat: the event TEMPLATESENDJOBFINISH. WeChat customer
service: the event msg_send_fail.
"""

import re
from datetime import datetime

from sanbao.notices.inbox import LISTENERS, Ignored, NotYet
from sanbao.notices.models import Incoming, Message

_WECHAT_EVENT = "TEMPLATESENDJOBFINISH"
_FAILED = {4: "kf-window", 5: "kf-session", 6: "kf-limit"}  # what customer service says with numbers


def is_report(row: Incoming) -> bool:
    """Whether signed JSON is a report about a message of ours, and nobody's own words."""
    told = row.payload
    number = told.get("message") or told.get("biz_id")
    return isinstance(number, str | int) and isinstance(told.get("delivered", told.get("success")), bool)


def of_json(row: Incoming, at: datetime) -> None:
    """A delivery report in signed JSON, of SMS or e-mail."""
    if not is_report(row):
        raise Ignored("no-report")
    told = row.payload
    number, arrived = told.get("message") or told.get("biz_id"), told.get("delivered", told.get("success"))
    _mark(row, str(number), arrived, str(told.get("code", told.get("err_code", ""))))


def of_wechat(row: Incoming, at: datetime) -> None:
    """The event that ends the sending of a template message."""
    if row.kind != _WECHAT_EVENT:
        raise Ignored("no-report")
    status = str(row.payload.get("Status", ""))
    _mark(row, str(row.payload.get("MsgID", "")), status == "success", status)


def of_customer_service(row: Incoming, at: datetime) -> None:
    """The event that a message did not arrive after all. A message written in the WeCom app has no row here."""
    told = row.payload.get("event") or {}
    number = str(told.get("fail_msgid", ""))
    if not re.fullmatch(r"[0-9a-f]{32}", number):
        raise Ignored("no-report")
    _mark(row, number, False, _FAILED.get(told.get("fail_type"), f"fail_type {told.get('fail_type')}"))


def _mark(row: Incoming, number: str, arrived: bool, code: str) -> None:
    """Write it to the message. A report can come before we have written down the number it names: then later.

    What has arrived has arrived: an older or later "no" does not change it.
    """
    messages = Message.objects.select_for_update(of=("self",)).filter(channel=row.channel, receipt=number)
    message = messages.order_by("-pk").first() if number else None
    if message is None:
        raise NotYet("no-message")
    if message.delivery == Message.Delivery.DELIVERED:
        return
    message.delivery = Message.Delivery.DELIVERED if arrived else Message.Delivery.UNDELIVERED
    message.delivery_at, message.delivery_note = row.received_at, code[:100]
    message.save(update_fields=["delivery", "delivery_at", "delivery_note"])


def listen() -> None:
    """Called by apps.py."""
    LISTENERS[Message.Channel.SMS] = of_json
    LISTENERS[Message.Channel.WECHAT] = of_wechat
