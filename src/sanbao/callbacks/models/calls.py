"""A callback, its tries, and what the customer answered."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.callbacks.models.plans import OfPlace, Plan
from sanbao.callbacks.models.setup import Script
from sanbao.callbacks.states import OPEN, TONES, Kind, Outcome, State, Why
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Outlet


class Callbacks(OfPlace):
    def open(self) -> "Callbacks":
        """Those still to be made."""
        return self.filter(state__in=OPEN)


class Callback(models.Model):
    """One call that is to be made: the first, second or third after a job (`round`).

    It may be made from `from_on` and is due on `due_on`; `next_at` is before when it is not tried again. `day` and `caller` are whose day it
    was put into. `taken_by` is calling now: nobody else can take it meanwhile. `phone` stands for the plan's where that was wrong.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="callbacks")
    number = models.CharField(_("number"), max_length=24)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    round = models.PositiveSmallIntegerField(_("which call"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    from_on = models.DateField(_("from"))
    due_on = models.DateField(_("due"))
    next_at = models.DateTimeField(_("next try"), null=True, blank=True)
    day = models.DateField(_("in the day of"), null=True, blank=True)
    caller = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("caller"))  # fmt: skip
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("being called by"))  # fmt: skip
    taken_at = models.DateTimeField(_("being called since"), null=True, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(_("calls made"), default=0)
    first_try_on = models.DateField(_("first tried"), null=True, blank=True)
    why = models.CharField(_("how it ended"), max_length=12, choices=Why.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(_("planned"))
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Callbacks)()

    class Meta:
        verbose_name = _("callback")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="callback_number"),
            models.UniqueConstraint(fields=["plan", "round"], name="callback_round_once"),
            models.CheckConstraint(condition=Q(from_on__lte=models.F("due_on")), name="callback_from_before_due"),
            models.CheckConstraint(condition=Q(state__in=("done", "ended")) ^ Q(ended_at__isnull=True), name="callback_ends_once"),
            models.CheckConstraint(condition=Q(taken_by__isnull=True) ^ Q(taken_at__isnull=False), name="callback_taken_since"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "-id"], name="callback_newest"),
            models.Index(fields=["company", "state", "due_on", "id"], name="callback_by_due"),
            models.Index(fields=["company", "caller", "state", "day"], name="callback_of_caller"),
            models.Index(fields=["company", "due_on", "id"], name="callback_due"),
            models.Index(fields=["outlet", "due_on"], name="callback_of_outlet"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def number_to_call(self) -> str:
        """The telephone that is called."""
        return self.phone or self.plan.phone


class OfCallback(Scoped):
    """Rows that are found through their callback."""

    company_path = ""
    region_path = "callback__outlet__region_id"
    outlet_path = "callback__outlet_id"


class Try(models.Model):
    """One time somebody dialled, and how it ended; what followed is its decision."""

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("which try"))
    at = models.DateTimeField(_("called"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    note = models.CharField(_("note"), max_length=500, blank=True)
    asked_for = models.DateTimeField(_("the customer asks for"), null=True, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip

    objects = Guarded.from_queryset(OfCallback)()

    class Meta:
        verbose_name = _("try of a callback")
        constraints = [models.UniqueConstraint(fields=["callback", "number"], name="try_once")]

    def __str__(self) -> str:
        return f"{self.callback} {self.number}"


def _mark(label: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])  # fmt: skip


class Record(models.Model):
    """What the customer answered: the regulation's callback record of repair and installation (KA-9.2). Marks are from 1 to 5.

    `charged_fen` is what the customer says to have paid; `more` are the answers to the company's own questions by their codes.
    """

    callback = models.OneToOneField(Callback, on_delete=models.PROTECT, related_name="record")
    script = models.ForeignKey(Script, on_delete=models.PROTECT, null=True, related_name="+")
    came = models.BooleanField(_("somebody came"), null=True)
    works = models.BooleanField(_("works well"), null=True)
    timely = models.BooleanField(_("came in time"), null=True)
    charges_told = models.BooleanField(_("charges told beforehand"), null=True)
    charged_fen = models.BigIntegerField(_("paid, the customer says"), null=True, blank=True)
    attitude = _mark(_("attitude"))
    quality = _mark(_("quality of the work"))
    satisfaction = _mark(_("satisfaction"))
    usage = models.CharField(_("how it is used"), max_length=500, blank=True)
    suggestions = models.CharField(_("suggestions"), max_length=500, blank=True)
    words = models.CharField(_("in the customer's words"), max_length=1000, blank=True)
    more = models.JSONField(_("answers to own questions"), default=dict, blank=True)
    made_at = models.DateTimeField(_("recorded"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCallback)()

    class Meta:
        verbose_name = _("callback record")
        constraints = [
            models.CheckConstraint(
                condition=(Q(attitude__isnull=True) | Q(attitude__range=(1, 5))) & (Q(quality__isnull=True) | Q(quality__range=(1, 5)))
                & (Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5))),
                name="record_marks_of_five",
            ),
            models.CheckConstraint(condition=Q(charged_fen__isnull=True) | Q(charged_fen__gte=0), name="record_charge_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.callback)
