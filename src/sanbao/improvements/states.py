"""The life of a measure: proposed -> under way -> done -> its effect reviewed by somebody else; not effective: under way once more."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    OPEN = "open", _("Under way")
    DONE = "done", _("Done, effect not reviewed")
    EFFECTIVE = "effective", _("Effective")
    PARTLY = "partly", _("Partly effective")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


TONES = {
    State.PROPOSED: "secondary",
    State.OPEN: "azure",
    State.DONE: "blue",
    State.EFFECTIVE: "green",
    State.PARTLY: "yellow",
    State.DECLINED: "secondary",
    State.WITHDRAWN: "secondary",
}
UNDER_WAY = (State.OPEN, State.DONE)
ENDED = (State.EFFECTIVE, State.PARTLY, State.DECLINED, State.WITHDRAWN)
