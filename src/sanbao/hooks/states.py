"""What people may do with subscriptions and calls, as tables. What the worker does is in sending.py."""

from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.notices import failures

State = Subscription.State
TONES = {State.ACTIVE: "green", State.PAUSED: "orange", State.RETIRED: "secondary"}
MOVES = {
    move.noun: move
    for move in (
        Move("pause", (State.ACTIVE,), State.PAUSED, May.KEEP, _("Pause")),
        Move("resumption", (State.PAUSED,), State.ACTIVE, May.KEEP, _("Go on"), clears=("paused",)),
        Move("retirement", (State.ACTIVE, State.PAUSED), State.RETIRED, May.KEEP, _("End")),
    )
}

Call = Delivery.State
CALL_TONES = {
    Call.WAITING: "blue",
    Call.SENDING: "azure",
    Call.SENT: "green",
    Call.DEAD: "red",
    Call.DISCARDED: "secondary",
}
CALL_MOVES = {
    move.noun: move
    for move in (
        Move("retry", (Call.DEAD, Call.DISCARDED), Call.WAITING, May.KEEP, _("Try again"), clears=("discarded",)),
        Move("discard", (Call.WAITING, Call.DEAD), Call.DISCARDED, May.KEEP, _("Discard")),
    )
}  # fmt: skip

# Why a call did not go, where the outbox's words (notices.failures) speak of a provider.
_WORDS = {
    "answered": _("The other system did not accept it."),
    "unreachable": _("The other system could not be reached, or its address may not be called."),
    "broke-off": _("The other system broke off or took too long; it may have had the call."),
    "refused": _("The other system wants no more of it."),
    "key-gone": _("The secret was sealed with a key that is gone; make a new one."),
}


def sentence(error: str) -> str:
    """A kept error in words."""
    code, _colon, detail = error.partition(": ")
    if code not in _WORDS:
        return failures.sentence(error)
    return f"{_WORDS[code]} ({detail})" if detail else str(_WORDS[code])
