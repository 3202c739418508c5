"""How the outbox is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.audit.moves import Move
from sanbao.notices.models import Incoming, Message
from sanbao.notices.permissions import May
from sanbao.notices.states import MOVES
from sanbao.ui.panels import Panel


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


def messages(access: Access) -> QuerySet[Message]:
    """The messages a person may see."""
    found: QuerySet[Message] = Message.objects.visible_to(access, May.SEE)
    return found


def incoming(access: Access) -> QuerySet[Incoming]:
    """What has come in, for those who may see messages."""
    found: QuerySet[Incoming] = Incoming.objects.visible_to(access, May.SEE)
    return found


def legal_moves(message: Message, access: Access) -> list[Move]:
    """What the person could do with it now."""
    return [
        move
        for move in MOVES.values()
        if message.state in move.sources
        and access.may(move.permission)
        and not (move.noun == "retry" and message.secret)
    ]


def panels(access: Access) -> list[Panel]:
    """Dead letters, for those who can do something about them."""
    if not access.may(May.RETRY):
        return []
    dead = Message.objects.visible_to(access, May.RETRY).filter(state=Message.State.DEAD).count()
    failed = Incoming.objects.visible_to(access, May.RETRY).filter(state=Incoming.State.FAILED).count()
    inbox = f"{reverse('notices:incoming-all')}?tab=failed"
    return [
        Panel(_("Messages that could not be sent"), dead, reverse("notices:outbox"), "mail-x", "red"),
        Panel(_("Incoming messages that could not be handled"), failed, inbox, "inbox", "red"),
    ]
