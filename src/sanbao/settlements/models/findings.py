"""What callbacks and inspections found about a sheet, what was said about it, and what it changes about settled months."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.files.models import StoredFile
from sanbao.outlets.models import Outlet
from sanbao.settlements.finding_states import FINDING_TONES, LIVE, SHOWN, STANDING, FindingState
from sanbao.settlements.models.handins import OfOutlet
from sanbao.settlements.models.sheets import Sheet

_ENDED = ("dropped", "granted", "withdrawn")


class Findings(OfOutlet):
    def standing(self) -> "Findings":
        """Those that cost what the rulebook says."""
        return self.filter(state__in=STANDING)

    def live(self) -> "Findings":
        """Those that stand or may yet."""
        return self.filter(state__in=LIVE)

    def shown(self) -> "Findings":
        """Those an outlet gets to see."""
        return self.filter(state__in=SHOWN)


class Finding(models.Model):
    """A finding (KA-11.2, KA-7.3). What was found is never edited: a wrong one is withdrawn, or another takes its place on appeal.

    `refund_fen` is what the outlet must give back to the customer, `panel_fen` the price of a falsely claimed panel
    and `fine_fen` what its decision fines. `counted`: it
    counts in the month of its sheet; what came after that month was settled is a correction instead. `replaces` is the finding
    that an appeal granted in part has turned into this one; `follows` the order to improve that was looked at again.
    """

    class Kind(models.TextChoices):
        FORGED = "forged", _("forged sheet")
        LATE_SERVICE = "late_service", _("late service, complaint proven")
        LATE_UNPROVEN = "late_unproven", _("late service, complaint not proven")
        ORDERED = "ordered", _("attitude or quality: ordered to improve")
        IMPROVED = "improved", _("attitude or quality: improved in time")
        UNIMPROVED = "unimproved", _("attitude or quality: not improved")
        OVERCHARGE = "overcharge", _("overcharged or false charges")
        INCOMPLETE = "incomplete", _("unclear or incomplete sheet")
        FALSE_PANEL = "false_panel", _("false panel claim")

    class Source(models.TextChoices):
        CALLBACK = "callback", _("callback")
        COMPLAINT = "complaint", _("complaint")
        INSPECTION = "inspection", _("inspection")
        IMPORT = "import", _("file or interface")
        OTHER = "", _("not stated")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="findings")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(_("finding"), max_length=20, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    refund_fen = models.BigIntegerField(_("refund to the customer"), default=0)
    panel_fen = models.BigIntegerField(_("price of the panel"), default=0)
    fine_fen = models.BigIntegerField(_("fine for the panel"), default=0)
    source = models.CharField(_("found by"), max_length=12, choices=Source.choices, blank=True)
    source_path = models.CharField(_("where it was found"), max_length=200, blank=True)

    state = models.CharField(
        _("state"), max_length=10, choices=FindingState.choices, default=FindingState.PROPOSED
    )
    version = models.PositiveIntegerField(default=1)
    counted = models.BooleanField(_("counts in the month of its sheet"), default=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    appeal_until = models.DateField(_("appeal until"), null=True)
    appeal_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    improve_by = models.DateField(_("improve by"), null=True)
    improve_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    rechecked_at = models.DateTimeField(_("looked at again"), null=True)
    refund_by = models.DateField(_("refund by"), null=True)
    refund_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    refunded_on = models.DateField(_("refunded on"), null=True)
    panel_off_until = models.DateField(_("panel benefit off until"), null=True)
    panel_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    appealed_at = models.DateTimeField(null=True)
    appealed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    upheld_at = models.DateTimeField(null=True)
    upheld_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(Findings)()

    class Meta:
        verbose_name = _("finding")
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "kind"], condition=~Q(state__in=_ENDED), name="finding_once_a_sheet"
            ),
            models.CheckConstraint(condition=Q(refund_fen__gte=0), name="finding_refund_not_negative"),
            models.CheckConstraint(condition=Q(panel_fen__gte=0), name="finding_panel_not_negative"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(made_by__isnull=True)
                | ~Q(confirmed_by=F("made_by")),
                name="finding_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(upheld_by__isnull=True, granted_by__isnull=True)
                | (
                    ~Q(upheld_by=F("made_by"))
                    & ~Q(upheld_by=F("confirmed_by"))
                    & ~Q(granted_by=F("made_by"))
                    & ~Q(granted_by=F("confirmed_by"))
                ),
                name="finding_appeal_decided_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | ~Q(state__in=("proposed", "dropped", "withdrawn")),
                name="finding_counts_once_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"]),
            models.Index(fields=["company", "state", "-id"], name="finding_by_state"),
            models.Index(fields=["outlet", "kind", "state"], name="finding_of_outlet"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.get_kind_display()}"

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return FINDING_TONES[FindingState(self.state)]


class OfFinding(Scoped):
    company_path = "finding__company_id"
    region_path = "finding__outlet__region_id"
    outlet_path = "finding__outlet_id"


class Remark(models.Model):
    """A word or a file about a finding: its evidence, the outlet's answer or appeal, the verdict with its reasons. Never edited."""

    class Kind(models.TextChoices):
        EVIDENCE = "evidence", _("evidence")
        ANSWER = "answer", _("answer of the outlet")
        APPEAL = "appeal", _("appeal")
        VERDICT = "verdict", _("decision")
        REFUND = "refund", _("proof of refund")
        RECHECK = "recheck", _("looked at again")

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="remarks")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=1000, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfFinding)()

    class Meta:
        verbose_name = _("remark about a finding")
        indexes = [models.Index(fields=["finding", "id"], name="remark_of_finding")]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.kind}"


class Correction(models.Model):
    """What a finding, or a granted appeal, changes about a sheet of a settled month: a line of the first open month after it.

    A positive amount is taken, a negative one given back. `why` it is so says its decision. Never edited.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="corrections")
    month = models.DateField(_("month"))
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="corrections")
    of_month = models.DateField(_("month corrected"))
    amount_fen = models.BigIntegerField(_("amount"))
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("correction of a settled month")
        constraints = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="correction_of_something"),
            models.CheckConstraint(condition=Q(month__gt=F("of_month")), name="correction_in_a_later_month"),
        ]
        indexes = [
            models.Index(fields=["company", "month", "outlet"], name="correction_of_the_month"),
            models.Index(fields=["company", "-id"], name="correction_newest"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.finding} {self.amount_fen}"
