"""How the outbox is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from sanbao.notices.models import Message


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait (being sent included), how long the oldest has waited, and how many are dead letters."""

    waiting: int
    oldest: timedelta
    dead: int


def backlog(at: datetime) -> Backlog:
    """The outbox at this moment, of all that the open scope shows."""
    open_ = Q(state__in=("waiting", "sending"))
    found = Message.objects.aggregate(
        waiting=Count("pk", filter=open_),
        oldest=Min("made_at", filter=open_),
        dead=Count("pk", filter=Q(state="dead")),
    )
    return Backlog(found["waiting"], at - found["oldest"] if found["oldest"] else timedelta(0), found["dead"])
