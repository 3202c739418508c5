"""What callbacks are about, how they stand, and how a try can end."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a callback follows. The first three are planned by the rulebook; the others by hand or by a module above."""

    INSTALLATION = "installation", _("After an installation")
    REPAIR = "repair", _("After a repair")
    SERVICE = "service", _("After other service")
    RECHECK = "recheck", _("After an order to improve")
    COMPLAINT = "complaint", _("After a complaint")
    PROACTIVE = "proactive", _("Proactive contact")


BY_RULE = (Kind.INSTALLATION, Kind.REPAIR, Kind.SERVICE)


class State(models.TextChoices):
    PLANNED = "planned", _("To be called")
    SUSPENDED = "suspended", _("Suspended")
    DONE = "done", _("Done")
    ENDED = "ended", _("Ended without a talk")


OPEN = (State.PLANNED, State.SUSPENDED)
TONES = {State.PLANNED: "blue", State.SUSPENDED: "yellow", State.DONE: "green", State.ENDED: "secondary"}


class Outcome(models.TextChoices):
    """How a try ended; what follows is the rulebook's (callbacks.next)."""

    REACHED = "reached", _("reached")
    NO_ANSWER = "no_answer", _("no answer")
    CALL_LATER = "call_later", _("call later")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    REFUSES = "refuses", _("refuses")


# The outcomes that end a try without a talk, in the order of the keys 1 to 4.
UNREACHED = (Outcome.NO_ANSWER, Outcome.CALL_LATER, Outcome.WRONG_NUMBER, Outcome.REFUSES)


class Why(models.TextChoices):
    """Why a job is called or not, and why a callback has ended: the rulebook's words, and what else can end one."""

    EVERYBODY = "everybody", _("everybody is called")
    SAMPLED = "sampled", _("in the sample")
    NOT_SAMPLED = "not_sampled", _("not in the sample")
    PANEL = "panel", _("a panel: always called")
    COMPLAINT = "complaint", _("a complaint: always called")
    FLAGGED = "flagged", _("a hint: always called")
    LOW_RATING = "low_rating", _("a low mark: always called")
    REPEAT = "repeat", _("a repeat repair: always called")
    NEVER_CALL = "never_call", _("the customer does not want to be called")
    NO_NUMBER = "no_number", _("no telephone")
    BY_HAND = "by_hand", _("planned by hand")
    REACHED = "reached", _("reached")
    TRIED_ENOUGH = "tried_enough", _("tried often enough")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    REFUSES = "refuses", _("the customer refuses")
    REOPENED = "reopened", _("the job was reopened")
    REPLACED = "replaced", _("planned anew")
    WITHDRAWN = "withdrawn", _("the sheet was withdrawn")
    CALLED_OFF = "called_off", _("called off")
    NO_ANSWER = "no_answer", _("no answer")
    CALL_LATER = "call_later", _("call later")


# Whoever may no longer be called, or whose job is no job any more, counts neither for nor against the callers.
NOT_OURS = (Why.NEVER_CALL, Why.REOPENED, Why.REPLACED, Why.WITHDRAWN, Why.CALLED_OFF)
