"""The life of a statement as one table: it drives the buttons, the step bar, the API and the guards.

draft -> submitted -> checked -> approved -> paid; back to draft while nothing is approved; reversed instead of edited afterwards.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.settlements.permissions import May


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    CHECKED = "checked", _("Checked")
    APPROVED = "approved", _("Approved")
    PAID = "paid", _("Paid")
    REVERSED = "reversed", _("Reversed")


# The colour of each state, said once.
TONES = {
    State.DRAFT: "secondary",
    State.SUBMITTED: "blue",
    State.CHECKED: "azure",
    State.APPROVED: "indigo",
    State.PAID: "green",
    State.REVERSED: "red",
}
STEPS = (State.DRAFT, State.SUBMITTED, State.CHECKED, State.APPROVED, State.PAID)


MOVES = {
    move.noun: move
    for move in (
        Move("submission", (State.DRAFT,), State.SUBMITTED, May.SUBMIT, _("Submit")),
        Move(
            "check",
            (State.SUBMITTED,),
            State.CHECKED,
            May.CHECK,
            _("Mark as checked"),
            another=("submitted",),
        ),
        Move(
            "approval",
            (State.CHECKED,),
            State.APPROVED,
            May.APPROVE,
            _("Approve"),
            another=("submitted", "checked"),
        ),
        Move("payment", (State.APPROVED,), State.PAID, May.PAY, _("Record payment"), another=("approved",)),
        Move(
            "return",
            (State.SUBMITTED, State.CHECKED),
            State.DRAFT,
            May.CHECK,
            _("Send back"),
            needs_reason=True,
            clears=("submitted", "checked"),
        ),
        Move(
            "reversal",
            (State.APPROVED, State.PAID),
            State.REVERSED,
            May.REVERSE,
            _("Reverse"),
            needs_reason=True,
        ),
    )
}
