"""Handing in a month: the files an outlet sends, and when paper and electronic copy arrived."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.files.models import StoredFile
from sanbao.outlets.models import Outlet


class OfOutlet(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class HandIn(models.Model):
    """One file of record sheets: read, shown with its problems, then taken over whole or not at all.

    `headings` is the reader's own choice of columns where they corrected the program's; `report` is what was found,
    as rows of {severity, cell, zh, en}; `counts` is rows, sheets, duplicates, missing, errors.
    """

    class State(models.TextChoices):
        READ = "read", _("read, not yet taken over")
        TAKEN = "taken", _("taken over")
        DROPPED = "dropped", _("dropped")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="hand_ins")
    month = models.DateField(_("month"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READ)
    headings = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("hand-in")
        indexes = [models.Index(fields=["company", "month", "outlet"])]

    def __str__(self) -> str:
        return f"{self.outlet.code} {self.month:%Y-%m}"


class Receipt(models.Model):
    """When an outlet's month arrived on paper and electronically (KA-11.1). An empty date: not yet."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="receipts")
    month = models.DateField(_("month"))
    paper_on = models.DateField(_("paper received on"), null=True, blank=True)
    electronic_on = models.DateField(_("electronic copy received on"), null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("receipt")
        constraints = [models.UniqueConstraint(fields=["outlet", "month"], name="receipt_once_a_month")]

    def __str__(self) -> str:
        return f"{self.outlet.code} {self.month:%Y-%m}"
