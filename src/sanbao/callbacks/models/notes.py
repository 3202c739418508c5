"""What comes out of a callback: answers promised, needs and urgent events, what is wrong with the job."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.callbacks.models.calls import Callback, OfCallback
from sanbao.decisions.models import Decision
from sanbao.files.models import StoredFile
from sanbao.intake.models import Request, Task


class PromisedAnswer(models.Model):
    """Something the customer asked and was promised an answer to, by a time (KA-9.4). `warned_at` and `chased_at` say that people were told."""

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="promises")
    question = models.CharField(_("what was asked"), max_length=500)
    due_at = models.DateTimeField(_("promised by"))
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("who answers"))  # fmt: skip
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("promised"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField(_("answered"), null=True, blank=True)
    kept_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    warned_at = models.DateTimeField(null=True, blank=True)
    chased_at = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip

    objects = Guarded.from_queryset(OfCallback)()

    class Meta:
        verbose_name = _("promised answer")
        constraints = [
            models.CheckConstraint(condition=Q(due_at__gt=models.F("made_at")), name="answer_promised_for_later"),
            models.CheckConstraint(condition=Q(kept_at__isnull=True) | ~Q(answer=""), name="answer_says_something"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(kept_at__isnull=True), name="answer_open"),
            models.Index(
                fields=["owner", "due_at"], condition=Q(kept_at__isnull=True), name="answer_of_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.question[:60]


class Need(models.Model):
    """What the customer needs, or an urgent event: told to somebody by telephone first, made a request, tracked there; with a task where somebody is asked to do something by a time (KA-9.3)."""

    class Kind(models.TextChoices):
        NEED = "need", _("something the customer needs")
        GAS_LEAK = "gas_leak", _("gas leak")
        FIRE = "fire", _("fire")
        INJURY = "injury", _("injury")
        ELECTRIC_SHOCK = "electric_shock", _("electric shock")
        FLOOD = "flood", _("flooding")
        CONFLICT = "conflict", _("serious conflict")

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="needs")
    kind = models.CharField(_("kind of need"), max_length=14, choices=Kind.choices)
    words = models.CharField(_("in words"), max_length=500)
    told_to = models.CharField(_("told by telephone to"), max_length=60, blank=True)
    urgent = models.BooleanField(_("goes up at once"), default=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(
        Task, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("task")
    )  # fmt: skip
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    made_at = models.DateTimeField(_("written down"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCallback)()

    class Meta:
        verbose_name = _("need of a customer")

    def __str__(self) -> str:
        return self.words[:60]


class Observation(models.Model):
    """Something wrong with the job, found by a callback (KA-11.2), with its evidence. What becomes of it is the module's above: `finding` is its id there."""

    class Kind(models.TextChoices):
        LATE = "late_service", _("late service")
        ORDERED = "ordered", _("attitude or quality: to improve")
        UNIMPROVED = "unimproved", _("attitude or quality: not improved")
        OVERCHARGE = "overcharge", _("overcharged or false charges")
        INCOMPLETE = "incomplete", _("sheet unclear or incomplete")
        FORGED = "forged", _("forged sheet")
        FALSE_PANEL = "false_panel", _("false panel claim")

    callback = models.ForeignKey(Callback, on_delete=models.PROTECT, related_name="observations")
    kind = models.CharField(_("what is wrong"), max_length=14, choices=Kind.choices)
    words = models.CharField(_("evidence in words"), max_length=500)
    refund_fen = models.BigIntegerField(_("to be refunded to the customer"), default=0)
    panel_fen = models.BigIntegerField(_("value of the panel"), default=0)
    files = models.ManyToManyField(StoredFile, related_name="+", blank=True)
    finding = models.BigIntegerField(_("finding"), null=True, blank=True)
    made_at = models.DateTimeField(_("reported at"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCallback)()

    class Meta:
        verbose_name = _("observation of a callback")
        constraints = [
            models.UniqueConstraint(fields=["callback", "kind"], name="observation_once_a_kind"),
            models.CheckConstraint(condition=Q(refund_fen__gte=0) & Q(panel_fen__gte=0), name="observation_amounts_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.callback} {self.get_kind_display()}"
