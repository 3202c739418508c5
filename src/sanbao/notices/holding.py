"""How much one recipient is sent: an SMS costs money and patience, and a run-away loop must not empty either."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from sanbao.notices.models import Message


def held_until(message: Message, at: datetime) -> datetime | None:
    """When this SMS may go, if its number has had as many as allowed; None where it may go now. Inside the lease's transaction.

    Counted over all companies, for the number is one person's: what was sent, and what is being sent at this moment. Two workers that
    take up messages to one number ask one after the other.
    """
    if message.channel != Message.Channel.SMS:
        return None
    limits = [
        (count, window)
        for count, window in (
            (settings.SMS_HOURLY, timedelta(hours=1)),
            (settings.SMS_DAILY, timedelta(days=1)),
        )
        if count
    ]
    if not limits:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sms:{message.address}"])
    return max((until for limit in limits if (until := _free_at(message, at, *limit))), default=None)


def _free_at(message: Message, at: datetime, count: int, window: timedelta) -> datetime | None:
    rows = (
        Message.objects.filter(channel=message.channel, address=message.address)
        .filter(Q(state=Message.State.SENT, ended_at__gt=at - window) | Q(state=Message.State.SENDING))
        .exclude(pk=message.pk)
        .annotate(moment=Coalesce("ended_at", Value(at)))
        .order_by("-moment")
        .values_list("moment", flat=True)
    )
    newest = list(rows[:count])
    return newest[-1] + window if len(newest) == count else None
