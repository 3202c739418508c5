"""The life of a work order as one table: it drives the buttons, the API, the phone and the guards.

waiting -> dispatched -> accepted -> working (held) -> done -> closed; incomplete when it ends without the work being done, reopened from either.
The regulation's steps (SC-2, SC-3, SC-4) lie across it: `flow.py` says which step a move stands for.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.workorders.permissions import May


class Kind(models.TextChoices):
    """What is done; each has a flow in the rulebook `workorder`."""

    REPAIR = "repair", _("Repair")
    INSTALLATION = "installation", _("Installation")
    REPLACEMENT = "replacement", _("Replacement")
    MAINTENANCE = "maintenance", _("Maintenance")
    INSPECTION = "inspection", _("Inspection")
    TRAINING = "training", _("User training")


class Mode(models.TextChoices):
    """Where it is done (A-29)."""

    ON_SITE = "on_site", _("on site")
    CARRY_IN = "carry_in", _("carried in")
    MAIL_IN = "mail_in", _("sent in")
    REMOTE = "remote", _("from afar")


class State(models.TextChoices):
    WAITING = "waiting", _("To be dispatched")
    DISPATCHED = "dispatched", _("Dispatched")
    ACCEPTED = "accepted", _("Accepted")
    WORKING = "working", _("At work")
    HELD = "held", _("On hold")
    DONE = "done", _("Work done")
    CLOSED = "closed", _("Closed")
    INCOMPLETE = "incomplete", _("Ended incomplete")
    CANCELLED = "cancelled", _("Cancelled")


TONES = {
    State.WAITING: "blue",
    State.DISPATCHED: "azure",
    State.ACCEPTED: "azure",
    State.WORKING: "indigo",
    State.HELD: "yellow",
    State.DONE: "teal",
    State.CLOSED: "green",
    State.INCOMPLETE: "orange",
    State.CANCELLED: "secondary",
}
OPEN = (State.WAITING, State.DISPATCHED, State.ACCEPTED, State.WORKING, State.HELD, State.DONE)
WITH_ENGINEER = (State.DISPATCHED, State.ACCEPTED, State.WORKING, State.HELD, State.DONE)
ENDED = (State.CLOSED, State.INCOMPLETE, State.CANCELLED)


class Waiting(models.TextChoices):
    """What an order on hold waits for. Which promises stand still meanwhile is a parameter of the rulebook (A-22)."""

    CUSTOMER = "customer", _("the customer's answer")
    PART = "part", _("a part")
    RETURN = "return", _("goods under way")


MOVES = {
    move.noun: move
    for move in (
        Move("acceptance", (State.DISPATCHED,), State.ACCEPTED, May.OWN, _("Accept")),
        Move("refusal", (State.DISPATCHED, State.ACCEPTED), State.WAITING, May.OWN, _("Refuse"), needs_reason=True, clears=("dispatched", "accepted")),
        Move("arrival", (State.DISPATCHED, State.ACCEPTED), State.WORKING, May.OWN, _("Arrived, begin")),
        Move("hold", (State.ACCEPTED, State.WORKING), State.HELD, May.OWN, _("Wait for something")),
        Move("resumption", (State.HELD,), State.WORKING, May.OWN, _("Go on")),
        Move("completion", (State.WORKING,), State.DONE, May.OWN, _("Work is done")),
        Move("return", (State.DONE,), State.WORKING, May.CHECK, _("Not right yet"), needs_reason=True, clears=("done", "checked")),
        Move("incompletion", (State.ACCEPTED, State.WORKING, State.HELD), State.INCOMPLETE, May.OWN, _("End incomplete"), needs_reason=True),
        Move("reopening", (State.CLOSED, State.INCOMPLETE), State.WAITING, May.WORK, _("Reopen"), needs_reason=True, clears=("dispatched", "accepted", "done", "checked", "closed", "incomplete")),
        Move("cancellation", (State.WAITING, State.DISPATCHED, State.ACCEPTED, State.HELD), State.CANCELLED, May.CANCEL, _("Cancel order"), needs_reason=True),
    )
}  # fmt: skip
