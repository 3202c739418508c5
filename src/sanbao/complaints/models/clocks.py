"""The clocks of a complaint and of an authority's case, and who was told when one was in danger."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.complaints.models.cases import Case
from sanbao.complaints.models.complaints import Complaint, OfComplaint
from sanbao.decisions.models import Decision


class Clock(models.Model):
    """A clock. Everything here is a copied answer beside its decision: the truth is the story.

    `missed_at` stays when the complaint is taken up again and the clock begins anew: once late is late in the figures. `missed_by` is who
    had it when it ran out. `case` is set for the clocks of an authority's case.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("first answer")
        VERIFICATION = "verification", _("verification")
        SOLUTION = "solution", _("solution as agreed")
        RESULT = "result", _("result told")
        CALLBACK = "callback", _("callback")
        ACCEPTANCE = "acceptance", _("decision on acceptance")
        MEDIATION = "mediation", _("end of mediation")
        REPLY = "reply", _("reply to the authority")

    class State(models.TextChoices):
        WAITING = "not_begun", _("not begun")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("kept")
        MISSED = "missed", _("missed")
        CANCELLED = "cancelled", _("no longer counts")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="clocks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="clocks")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    missed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    left = models.IntegerField(default=0, help_text="seconds left while paused")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfComplaint)()

    class Meta:
        verbose_name = _("clock")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "case", "kind"], nulls_distinct=False, name="complaint_clock_once")
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], condition=Q(met_at__isnull=True), name="complaint_clock_open"),
            models.Index(fields=["missed_by", "-missed_at"], condition=Q(missed_at__isnull=False), name="complaint_clock_missed"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.complaint} {self.get_kind_display()}"


class Escalation(models.Model):
    """Somebody was told that a clock is in danger or has run out: each rung of the ladder once for each due moment."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="escalations")
    key = models.CharField(max_length=80)
    step = models.CharField(max_length=40)
    at = models.DateTimeField()
    to = models.CharField(max_length=30)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    class Scope(OfComplaint):
        region_path = "clock__complaint__outlet__region_id"
        outlet_path = "clock__complaint__outlet_id"

    objects = Guarded.from_queryset(Scope)()

    class Meta:
        verbose_name = _("escalation")
        constraints = [models.UniqueConstraint(fields=["clock", "key"], name="complaint_escalation_once")]

    def __str__(self) -> str:
        return f"{self.clock} {self.step}"
