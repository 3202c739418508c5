"""The life of a finding as one table: it drives the buttons, the API and the guards (KA-11.2).

proposed -> confirmed by a second person, which shows it to the outlet with its evidence; or dropped. The outlet accepts or appeals; a
third person upholds or grants. Standing findings cost what the rulebook says; what no longer stands costs nothing.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.settlements.permissions import May


class FindingState(models.TextChoices):
    PROPOSED = "proposed", _("To be confirmed")
    CONFIRMED = "confirmed", _("Confirmed, with the outlet")
    ACCEPTED = "accepted", _("Accepted by the outlet")
    APPEALED = "appealed", _("Appealed against")
    UPHELD = "upheld", _("Upheld")
    GRANTED = "granted", _("Appeal granted")
    DROPPED = "dropped", _("Dropped")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# What costs the outlet something, and what is still on the table.
STANDING = (FindingState.CONFIRMED, FindingState.ACCEPTED, FindingState.APPEALED, FindingState.UPHELD)
LIVE = (FindingState.PROPOSED, *STANDING)
# What an outlet gets to see: a proposal and what came to nothing are headquarters' own.
SHOWN = (*STANDING, FindingState.GRANTED)
FINDING_TONES = {
    FindingState.PROPOSED: "yellow",
    FindingState.CONFIRMED: "orange",
    FindingState.ACCEPTED: "secondary",
    FindingState.APPEALED: "purple",
    FindingState.UPHELD: "red",
    FindingState.GRANTED: "green",
    FindingState.DROPPED: "secondary",
    FindingState.WITHDRAWN: "secondary",
}

_S = FindingState
FINDING_MOVES = {
    move.noun: move
    for move in (
        Move("confirmation", (_S.PROPOSED,), _S.CONFIRMED, May.CONFIRM_FINDING, _("Confirm the finding"), another=("made",)),
        Move("dropping", (_S.PROPOSED,), _S.DROPPED, May.CONFIRM_FINDING, _("Drop"), needs_reason=True),
        Move("acceptance", (_S.CONFIRMED,), _S.ACCEPTED, May.ANSWER_FINDING, _("Accept the finding")),
        Move("appeal", (_S.CONFIRMED,), _S.APPEALED, May.ANSWER_FINDING, _("Appeal"), needs_reason=True),
        Move("late-appeal", (_S.CONFIRMED,), _S.APPEALED, May.ADMIT_LATE, _("Admit a late appeal"), needs_reason=True),
        Move("upholding", (_S.APPEALED,), _S.UPHELD, May.DECIDE_APPEAL, _("Uphold"), another=("made", "confirmed"), needs_reason=True),
        Move("granting", (_S.APPEALED,), _S.GRANTED, May.DECIDE_APPEAL, _("Grant the appeal"), another=("made", "confirmed"), needs_reason=True),
    )
}  # fmt: skip
