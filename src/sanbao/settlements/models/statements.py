"""The monthly settlement statement of an outlet, and its line for every sheet."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Outlet
from sanbao.settlements.models.handins import OfOutlet
from sanbao.settlements.states import TONES, State

_LIVE = ~Q(state=State.REVERSED)


class Statement(models.Model):
    """What an outlet's month comes to (KA-11.1, KA-11.2). All amounts in fen.

    `arrived_on` is the later of paper and electronic copy; `rate_code` says why the rate is what it is. `net` may be negative:
    then the outlet owes it. `brought_forward` is what the outlet owed before, `payable` what is to be paid; both are set at approval.
    `outdated` marks a draft whose sheets, findings or receipt changed since: it must be made again before it is submitted.
    `version` grows with every move, so that a form shown before it is recognised as stale.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="statements")
    month = models.DateField(_("month"))
    number = models.CharField(_("statement number"), max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.IntegerField(default=1)
    outdated = models.BooleanField(default=False)

    paper_on = models.DateField(_("paper received on"), null=True)
    electronic_on = models.DateField(_("electronic copy received on"), null=True)
    arrived_on = models.DateField(_("arrived on"), null=True)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4)
    rate_code = models.CharField(max_length=20)

    records = models.IntegerField(_("sheets"))
    duplicates = models.IntegerField(_("entered twice"), default=0)
    paid = models.IntegerField(_("paid"))
    void = models.IntegerField(_("void"))
    forged = models.IntegerField(_("forged"))
    out_of_warranty = models.IntegerField(_("out of warranty"))
    claimed_out = models.IntegerField(_("handed in as out of warranty"))
    unpriced = models.IntegerField(_("without a tariff"), default=0)

    labour = models.BigIntegerField(_("labour"))
    travel = models.BigIntegerField(_("travel"))
    gross = models.BigIntegerField(_("gross"))
    reduced = models.BigIntegerField(_("gross at the rate"))
    deductions = models.JSONField(default=dict)
    deducted = models.BigIntegerField(_("deductions"))
    refund = models.BigIntegerField(_("refunds to customers"))
    net = models.BigIntegerField(_("net"))
    brought_forward = models.BigIntegerField(_("debt brought forward"), default=0)
    payable = models.BigIntegerField(_("to be paid"), default=0)

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    reversed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("statement")
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "month"], condition=_LIVE, name="statement_one_live_a_month"
            ),
            models.UniqueConstraint(fields=["company", "number"], name="statement_number"),
            models.CheckConstraint(
                condition=Q(gross=F("labour") + F("travel")), name="statement_gross_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(net=F("reduced") - F("deducted")), name="statement_net_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("submitted_by")),
                name="statement_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("submitted_by")) & ~Q(approved_by=F("checked_by"))),
                name="statement_approved_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-month", "outlet"], name="statement_newest"),
            models.Index(fields=["company", "state", "-month"], name="statement_by_state"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES[State(self.state)]


class Lines(Scoped):
    """Lines are found through their statement."""

    company_path = ""
    region_path = "statement__outlet__region_id"
    outlet_path = "statement__outlet_id"


class Line(models.Model):
    """What one sheet earns and costs in a statement, and why.

    `why` is the compact form of the reasons (sanbao_rules.settlement_why.expand makes sentences of it with the statement's pinned
    editions). `live` is true until the statement is reversed: a sheet has one live line, so it is never paid twice.

    There are no foreign-key constraints to sheets and statements in the database: a million lines are written at once, and two checks
    a row would cost more than writing them. Lines are only ever written from the sheets just read, in the same transaction.
    """

    pk = models.CompositePrimaryKey("statement", "sheet")
    statement = models.ForeignKey(
        Statement, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    sheet = models.ForeignKey(
        "settlements.Sheet",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="lines",
    )
    outcome = models.CharField(max_length=20)
    labour = models.BigIntegerField()
    travel = models.BigIntegerField()
    deducted = models.BigIntegerField()
    refund = models.BigIntegerField()
    why = models.TextField()
    live = models.BooleanField(default=True)

    objects = Guarded.from_queryset(Lines)()

    class Meta:
        verbose_name = _("line")
        constraints = [
            models.UniqueConstraint(fields=["sheet"], condition=Q(live=True), name="line_sheet_settled_once")
        ]
        triggers = [
            pgtrigger.Trigger(
                name="fixed_once_submitted",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' THEN
                        IF (NEW.statement_id, NEW.sheet_id, NEW.outcome, NEW.labour, NEW.travel, NEW.deducted, NEW.refund, NEW.why)
                            IS NOT DISTINCT FROM
                            (OLD.statement_id, OLD.sheet_id, OLD.outcome, OLD.labour, OLD.travel, OLD.deducted, OLD.refund, OLD.why)
                        THEN RETURN NEW; END IF;
                    ELSIF (SELECT state FROM settlements_statement WHERE id = OLD.statement_id) = '{State.DRAFT}' THEN
                        RETURN OLD;
                    END IF;
                    RAISE EXCEPTION 'a settled line is never changed: reverse the statement' USING ERRCODE = 'restrict_violation';
                """,
            )
        ]
