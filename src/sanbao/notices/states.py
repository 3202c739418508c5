"""What people may do with a message, as one table. What the worker does is in operations.py."""

from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.notices.models import Incoming, Message
from sanbao.notices.permissions import May

State = Message.State
TONES = {
    State.WAITING: "blue",
    State.SENDING: "azure",
    State.SENT: "green",
    State.DEAD: "red",
    State.DISCARDED: "secondary",
}
MOVES = {
    move.noun: move
    for move in (
        Move("retry", (State.DEAD,), State.WAITING, May.RETRY, _("Try again"), clears=("discarded",)),
        Move("discard", (State.WAITING, State.DEAD), State.DISCARDED, May.RETRY, _("Discard"), needs_reason=True),
    )
}  # fmt: skip

Came = Incoming.State
INCOMING_TONES = {
    Came.NEW: "blue",
    Came.HANDLED: "green",
    Came.FAILED: "red",
    Came.IGNORED: "secondary",
}
INCOMING_MOVES = {
    move.noun: move
    for move in (
        Move("retry", (Came.FAILED, Came.IGNORED), Came.NEW, May.RETRY, _("Handle again"), clears=("ignored",)),
        Move("ignore", (Came.NEW, Came.FAILED), Came.IGNORED, May.RETRY, _("Let it be"), needs_reason=True),
    )
}  # fmt: skip
