"""What a provider reports about a message later: whether it has arrived.

SMS, by the signed hook: `{"id": …, "kind": "delivery", "message": the number the provider gave at sending, "delivered": true,
"code": …}`; the names of the big clouds' reports (biz_id, success, err_code) are read, too. WeChat: the event TEMPLATESENDJOBFINISH.
"""

from datetime import datetime

from sanbao.notices.inbox import LISTENERS, Ignored, NotYet
from sanbao.notices.models import Incoming, Message

_WECHAT_EVENT = "TEMPLATESENDJOBFINISH"


def of_sms(row: Incoming, at: datetime) -> None:
    """A delivery report; anything else (a customer's answer) is for nobody yet."""
    told = row.payload
    number = told.get("message") or told.get("biz_id")
    arrived = told.get("delivered", told.get("success"))
    if not isinstance(number, str | int) or not isinstance(arrived, bool):
        raise Ignored("no-report")
    _mark(row, str(number), arrived, str(told.get("code", told.get("err_code", ""))))


def of_wechat(row: Incoming, at: datetime) -> None:
    """The event that ends the sending of a template message."""
    if row.kind != _WECHAT_EVENT:
        raise Ignored("no-report")
    status = str(row.payload.get("Status", ""))
    _mark(row, str(row.payload.get("MsgID", "")), status == "success", status)


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
    LISTENERS[Message.Channel.SMS] = of_sms
    LISTENERS[Message.Channel.WECHAT] = of_wechat
