"""What was promised for a request, and who was told when it was in danger."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.decisions.models import Decision
from sanbao.intake.models.entries import OfRequest
from sanbao.intake.models.requests import Request


class Promise(models.Model):
    """A promise of a request. Everything here is a copied answer beside its decision: the truth is the timeline (architecture 5).

    `missed_by` is who had it when it ran out; a promise kept late keeps both `missed_at` and `met_at`.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("first answer")
        RESPONSE = "response", _("response")
        RESOLUTION = "resolution", _("solution")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("kept")
        MISSED = "missed", _("missed")
        CANCELLED = "cancelled", _("cancelled")

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="promises", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    missed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    left = models.IntegerField(default=0, help_text="seconds left while paused")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfRequest)()

    class Meta:
        verbose_name = _("promise")
        constraints = [models.UniqueConstraint(fields=["request", "kind"], name="promise_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="promise_running"),
            models.Index(
                fields=["missed_by", "-missed_at"],
                condition=Q(missed_at__isnull=False),
                name="promise_missed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.get_kind_display()}"


class Escalation(models.Model):
    """Somebody was told that a promise is in danger or missed: each step of the ladder once for each due moment (GN-3)."""

    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="escalations")
    key = models.CharField(max_length=80)
    step = models.CharField(max_length=40)
    at = models.DateTimeField()
    to = models.CharField(max_length=30)
    told = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    class Scope(OfRequest):
        region_path = "promise__request__outlet__region_id"
        outlet_path = "promise__request__outlet_id"

    objects = Guarded.from_queryset(Scope)()

    class Meta:
        verbose_name = _("escalation")
        constraints = [models.UniqueConstraint(fields=["promise", "key"], name="escalation_once")]

    def __str__(self) -> str:
        return f"{self.promise} {self.step}"
