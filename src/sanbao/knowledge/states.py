"""The life of an article's revision as one table: buttons, steps, API and guards follow from it.

draft -> reviewed by a second person -> published -> withdrawn, or replaced by the next one published.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.knowledge.permissions import May


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEWED = "reviewed", _("Reviewed")
    PUBLISHED = "published", _("Published")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


TONES = {
    State.DRAFT: "secondary",
    State.REVIEWED: "azure",
    State.PUBLISHED: "green",
    State.REPLACED: "secondary",
    State.WITHDRAWN: "red",
}
STEPS = (State.DRAFT, State.REVIEWED, State.PUBLISHED)
OPEN = (State.DRAFT, State.REVIEWED)

MOVES = {
    move.noun: move
    for move in (
        Move("review", (State.DRAFT,), State.REVIEWED, May.REVIEW, _("Mark as reviewed"), another=("draft",)),
        Move(
            "return", (State.REVIEWED,), State.DRAFT, May.REVIEW, _("Send back to the author"),
            needs_reason=True, clears=("reviewed",),
        ),
        Move("publication", (State.REVIEWED,), State.PUBLISHED, May.PUBLISH, _("Publish")),
        Move("withdrawal", (State.PUBLISHED,), State.WITHDRAWN, May.PUBLISH, _("Withdraw"), needs_reason=True),
    )
}  # fmt: skip
