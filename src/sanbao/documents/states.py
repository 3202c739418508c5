"""The life of a regulation's version as one table: buttons, steps, API and guards follow from it.

draft -> reviewed -> approved, by three different people -> in force on its day -> superseded by the next, or repealed.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.documents.permissions import May


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")
    APPROVED = "approved", _("Approved, waits for its day")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Superseded")
    REPEALED = "repealed", _("Repealed")


TONES = {
    State.DRAFT: "secondary",
    State.REVIEWED: "azure",
    State.APPROVED: "blue",
    State.IN_FORCE: "green",
    State.SUPERSEDED: "secondary",
    State.REPEALED: "red",
}
STEPS = (State.DRAFT, State.REVIEWED, State.APPROVED, State.IN_FORCE)
OPEN = (State.DRAFT, State.REVIEWED, State.APPROVED)
ENDED = (State.SUPERSEDED, State.REPEALED)

MOVES = {
    move.noun: move
    for move in (
        Move("review", (State.DRAFT,), State.REVIEWED, May.REVIEW, _("Mark as reviewed"), another=("draft",)),
        Move(
            "return", (State.REVIEWED,), State.DRAFT, May.REVIEW, _("Send back to the author"),
            needs_reason=True, clears=("reviewed",),
        ),
        Move("approval", (State.REVIEWED,), State.APPROVED, May.APPROVE, _("Approve"), another=("draft", "reviewed")),
        Move(
            "recall", (State.APPROVED,), State.DRAFT, May.APPROVE, _("Take the approval back"),
            needs_reason=True, clears=("reviewed", "approved"),
        ),
        Move("repeal", (State.IN_FORCE,), State.REPEALED, May.APPROVE, _("Repeal"), needs_reason=True),
    )
}  # fmt: skip
# What the calendar does, not a person: an approved version's day has come.
COMES_INTO_FORCE = Move("commencement", (State.APPROVED,), State.IN_FORCE, May.APPROVE, _("Comes into force"))
