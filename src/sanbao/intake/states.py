"""The life of a request as one table: it drives the buttons, the step bar, the API, the clocks and the guards.

new -> assigned -> working (waiting) -> solved -> closed; back to working when the customer is not content.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.intake.permissions import May


class State(models.TextChoices):
    NEW = "new", _("Registered")
    ASSIGNED = "assigned", _("Assigned")
    WORKING = "working", _("In progress")
    WAITING = "waiting", _("On hold")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


TONES = {
    State.NEW: "blue",
    State.ASSIGNED: "azure",
    State.WORKING: "indigo",
    State.WAITING: "yellow",
    State.SOLVED: "teal",
    State.CLOSED: "green",
    State.CANCELLED: "secondary",
}
STEPS = (State.NEW, State.ASSIGNED, State.WORKING, State.SOLVED, State.CLOSED)
OPEN = (State.NEW, State.ASSIGNED, State.WORKING, State.WAITING)


class Waiting(models.TextChoices):
    """What a request waits for. Which promises stand still meanwhile is a parameter of the rulebook (A-22)."""

    CUSTOMER = "customer", _("the customer's answer")
    PART = "part", _("a part")
    RETURN = "return", _("goods under way")


class Channel(models.TextChoices):
    PHONE = "phone", _("telephone")
    EMAIL = "email", _("e-mail")
    WEB = "web", _("web site")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    WECOM_KF = "wecom_kf", _("WeChat customer service")
    SMS = "sms", _("SMS")
    WALK_IN = "walk_in", _("at the counter")
    API = "api", _("another system")
    IMPORT = "import", _("Excel file")


# Channels where the account by which somebody writes is where they are answered.
BY_ACCOUNT = (Channel.WECHAT, Channel.WECOM, Channel.WECOM_KF)
# Channels where a person speaks with the customer while it is registered: the first answer is given there and then (BA-2).
SPOKEN = (Channel.PHONE, Channel.WALK_IN)


class Level(models.TextChoices):
    """How pressing a request is, most pressing first; decided by the table of nature and severity (BA-3)."""

    URGENT = "urgent", _("Urgent")
    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


LEVEL_TONES = {Level.URGENT: "red", Level.HIGH: "orange", Level.NORMAL: "blue", Level.LOW: "secondary"}

MOVES = {
    move.noun: move
    for move in (
        Move("start", (State.NEW, State.ASSIGNED), State.WORKING, May.WORK, _("Begin")),
        Move("wait", (State.ASSIGNED, State.WORKING), State.WAITING, May.WORK, _("Wait for something")),
        Move("resumption", (State.WAITING,), State.WORKING, May.WORK, _("Go on")),
        Move("solution", (State.ASSIGNED, State.WORKING, State.WAITING), State.SOLVED, May.WORK, _("Mark as solved")),
        Move("closure", (State.SOLVED,), State.CLOSED, May.WORK, _("Close")),
        Move(
            "reopening", (State.SOLVED, State.CLOSED), State.WORKING, May.WORK, _("Reopen"),
            needs_reason=True, clears=("solved", "closed"),
        ),
        Move("cancellation", OPEN, State.CANCELLED, May.CANCEL, _("Cancel request"), needs_reason=True),
    )
}  # fmt: skip


def step_state(state: str, step: str) -> str:
    """How a step of the bar looks for a request in a state: done, now or todo."""
    order = [State.NEW, State.ASSIGNED, State.WORKING, State.SOLVED, State.CLOSED]
    here = (
        order.index(State.WORKING if state == State.WAITING else State(state))
        if state != State.CANCELLED
        else -1
    )
    place = order.index(State(step))
    return "done" if place < here or state == State.CLOSED else "now" if place == here else "todo"
