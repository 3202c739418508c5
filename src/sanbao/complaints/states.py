"""The life of a complaint as one table: it drives the buttons, the step bar, the API, the clocks and the guards (PV-1..PV-3, CS-6, A-24).

registered -> handed -> justified or unjustified -> done -> told -> called back -> archived; back to handed when the customer is not content.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.audit.moves import Move
from sanbao.complaints.permissions import May


class State(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    HANDED = "handed", _("Being verified")
    JUSTIFIED = "justified", _("Justified, being solved")
    UNJUSTIFIED = "unjustified", _("Not justified")
    DONE = "done", _("Done, back at the desk")
    TOLD = "told", _("Customer told")
    CALLED_BACK = "called_back", _("Called back")
    ARCHIVED = "archived", _("Archived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


TONES = {
    State.REGISTERED: "blue",
    State.HANDED: "azure",
    State.JUSTIFIED: "indigo",
    State.UNJUSTIFIED: "purple",
    State.DONE: "teal",
    State.TOLD: "cyan",
    State.CALLED_BACK: "lime",
    State.ARCHIVED: "green",
    State.WITHDRAWN: "secondary",
}
OPEN = (
    State.REGISTERED, State.HANDED, State.JUSTIFIED, State.UNJUSTIFIED, State.DONE, State.TOLD, State.CALLED_BACK,
)  # fmt: skip
HANDLED = (State.REGISTERED, State.HANDED, State.JUSTIFIED, State.UNJUSTIFIED)  # before it is done
STEPS = (State.REGISTERED, State.HANDED, State.JUSTIFIED, State.DONE, State.TOLD, State.CALLED_BACK, State.ARCHIVED)  # fmt: skip


class Origin(models.TextChoices):
    """Where a complaint came from."""

    DIRECT = "direct", _("registered at the desk")
    REQUEST = "request", _("from a request")
    PORTAL = "portal", _("from the customers' pages")
    CALLBACK = "callback", _("from a callback")
    API = "api", _("from another system")


class Channel(models.TextChoices):
    PHONE = "phone", _("telephone")
    EMAIL = "email", _("e-mail")
    WEB = "web", _("web site")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    WECOM_KF = "wecom_kf", _("WeChat customer service")
    SMS = "sms", _("SMS")
    WALK_IN = "walk_in", _("at the counter")
    LETTER = "letter", _("by letter")
    AUTHORITY = "authority", _("by an authority")
    API = "api", _("another system")


class Waiting(models.TextChoices):
    """What a complaint waits for. Which clocks stand still meanwhile is a parameter of the rulebook."""

    CUSTOMER = "customer", _("the customer's answer")
    TEST = "test", _("a test")
    PART = "part", _("a part")


class Verdict(models.TextChoices):
    OPEN = "", _("not verified yet")
    JUSTIFIED = "justified", _("justified")
    PARTLY = "partly", _("partly justified")
    UNJUSTIFIED = "unjustified", _("not justified")


class Callback(models.TextChoices):
    """How the callback ended."""

    NONE = "", _("not called back yet")
    CONTENT = "content", _("reached, content")
    ACCEPTS = "accepts", _("reached, accepts it")
    NOT_CONTENT = "not_content", _("reached, not content")
    UNREACHED = "unreached", _("not reached in three tries")
    REFUSES = "refuses", _("does not want to be called")


MOVES = {
    move.noun: move
    for move in (
        Move("handing", (State.REGISTERED, State.HANDED), State.HANDED, May.ASSIGN, _("Assign to somebody responsible")),
        Move("justification", (State.HANDED,), State.JUSTIFIED, May.VERIFY, _("Justified"), another=("registered",)),
        Move("rejection", (State.HANDED,), State.UNJUSTIFIED, May.VERIFY, _("Not justified"), another=("registered",)),
        Move("completion", (State.JUSTIFIED, State.UNJUSTIFIED), State.DONE, May.VERIFY, _("Done: tell the desk")),
        Move("return", (State.DONE,), State.HANDED, May.TELL, _("Send back to the department"), needs_reason=True, clears=("handed", "justified", "unjustified", "done")),
        Move("telling", (State.DONE,), State.TOLD, May.TELL, _("The customer was told")),
        Move("callback", (State.TOLD,), State.CALLED_BACK, May.TELL, _("Called back")),
        Move("reopening", (State.TOLD, State.CALLED_BACK, State.ARCHIVED), State.HANDED, May.TELL, _("Take up again"), needs_reason=True, clears=("handed", "justified", "unjustified", "done", "told", "called_back")),
        Move("archiving", (State.TOLD, State.CALLED_BACK), State.ARCHIVED, May.TELL, _("Archive")),
        Move("withdrawal", HANDLED, State.WITHDRAWN, May.ASSIGN, _("The customer withdraws it"), needs_reason=True),
    )
}  # fmt: skip
# Legal to ask for, so that the refusal says what to do instead; offered by no button.
NOT_OFFERED = (("archiving", State.TOLD), ("reopening", State.ARCHIVED))
SIGNED = ("handed", "justified", "unjustified", "done", "told", "called_back", "archived", "withdrawn")


class Money(models.TextChoices):
    """The life of a compensation."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    PAID = "paid", _("Given")


MONEY_TONES = {Money.PROPOSED: "blue", Money.APPROVED: "indigo", Money.REFUSED: "red", Money.PAID: "green"}
MONEY_MOVES = {
    move.noun: move
    for move in (
        Move("approval", (Money.PROPOSED,), Money.APPROVED, May.APPROVE, _("Approve"), another=("proposed",)),
        Move("refusal", (Money.PROPOSED,), Money.REFUSED, May.APPROVE, _("Refuse it"), another=("proposed",), needs_reason=True),
        Move("payment", (Money.APPROVED,), Money.PAID, May.PAY, _("Note as given"), another=("proposed", "approved")),
    )
}  # fmt: skip
SEVERITY_TONES = {"minor": "secondary", "ordinary": "blue", "grave": "orange", "critical": "red"}
