"""The lives of a draft and of a proposal as tables: buttons, steps, API and guards follow from them.

A draft: being edited -> in review -> approved by a second person -> published; sent back or withdrawn on the way.
A proposal: open -> accepted or declined.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.regulations.permissions import May


class State(models.TextChoices):
    EDITING = "editing", _("Being edited")
    REVIEW = "review", _("In review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


TONES = {
    State.EDITING: "secondary",
    State.REVIEW: "azure",
    State.APPROVED: "blue",
    State.PUBLISHED: "green",
    State.WITHDRAWN: "red",
}
STEPS = (State.EDITING, State.REVIEW, State.APPROVED, State.PUBLISHED)
OPEN = (State.EDITING, State.REVIEW, State.APPROVED)

MOVES = {
    move.noun: move
    for move in (
        Move("submission", (State.EDITING,), State.REVIEW, May.DRAFT, _("Submit for review")),
        Move("approval", (State.REVIEW,), State.APPROVED, May.REVIEW, _("Approve"), another=("editing", "review")),
        Move(
            "return", (State.REVIEW, State.APPROVED), State.EDITING, May.REVIEW, _("Send back to the author"),
            needs_reason=True, clears=("review", "approved"),
        ),
        Move(
            "publication", (State.APPROVED,), State.PUBLISHED, May.PUBLISH, _("Publish"),
            another=("made", "editing", "review"),
        ),
        Move("withdrawal", OPEN, State.WITHDRAWN, May.DRAFT, _("Withdraw"), needs_reason=True),
        Move(
            "recall", (State.PUBLISHED,), State.WITHDRAWN, May.PUBLISH, _("Recall before it takes force"),
            needs_reason=True,
        ),
    )
}  # fmt: skip


class Standing(models.TextChoices):
    OPEN = "open", _("Waiting for a decision")
    ACCEPTED = "accepted", _("Taken up")
    DECLINED = "declined", _("Turned down")


STANDING_TONES = {Standing.OPEN: "azure", Standing.ACCEPTED: "green", Standing.DECLINED: "secondary"}

ANSWERS = {
    move.noun: move
    for move in (
        Move(
            "acceptance", (Standing.OPEN,), Standing.ACCEPTED, May.DECIDE, _("Take it up"), another=("open",), needs_reason=True
        ),
        Move(
            "refusal", (Standing.OPEN,), Standing.DECLINED, May.DECIDE, _("Turn it down"), another=("open",), needs_reason=True
        ),
    )
}  # fmt: skip
