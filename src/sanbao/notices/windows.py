"""How much WeChat customer service still takes for a customer: five messages, within 48 hours after the customer's last."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sanbao.notices.models import Incoming, Message
from sanbao.notices.providers.customer_service import GREETING

MOST = 5
OPEN_FOR = timedelta(hours=48)
_GONE = (Message.State.DEAD, Message.State.DISCARDED)
FROM_CUSTOMER = 3  # as WeCom numbers who has written


@dataclass(frozen=True, slots=True)
class Room:
    """How many more messages are taken, and the code (failures.py) of why there are none."""

    left: int
    why: str = ""


def room(company_id: int, customer: str, at: datetime) -> Room:
    """What can be sent to the customer now. WeChat has the last word: it also counts what colleagues write in the WeCom app."""
    rows = Incoming.objects.filter(company_id=company_id, channel=Message.Channel.WECOM_KF, sender=customer)
    last = rows.filter(payload__origin=FROM_CUSTOMER).order_by("-pk").only("payload", "received_at").first()
    heard_at = said_at(last) if last is not None else None
    if heard_at is None or at - heard_at >= OPEN_FOR:
        return Room(0, "kf-window")
    told = Message.objects.filter(
        company_id=company_id, channel=Message.Channel.WECOM_KF, address=customer, made_at__gte=heard_at
    )
    left = MOST - told.exclude(state__in=_GONE).exclude(kind=GREETING).count()
    return Room(left) if left > 0 else Room(0, "kf-limit")


def said_at(row: Incoming) -> datetime:
    """When it was written, which may be long before it was fetched; never later than that."""
    stamp: Any = row.payload.get("send_time")
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < 10_000_000_000:
        return row.received_at
    return min(datetime.fromtimestamp(stamp, UTC), row.received_at)
