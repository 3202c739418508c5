"""What people may do with a message, as one table. What the worker does is in operations.py."""

from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.notices.models import Message
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
