"""A month of complaints as it was reported to the company's leaders (CS-6)."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class Report(models.Model):
    """A month's figures, kept once as they were on the day they were reported; the page shows them beside those of now."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("report on complaints")
        constraints = [models.UniqueConstraint(fields=["company", "month"], name="complaint_report_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
