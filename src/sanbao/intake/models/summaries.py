"""What a month of service came to, kept as it was when it was summed up."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class Summary(models.Model):
    """A month's figures on the day they were summed up (BA-5). Requests go on living; this row does not."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    at = models.DateTimeField()
    figures = models.JSONField()

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("monthly summary")
        constraints = [models.UniqueConstraint(fields=["company", "month"], name="summary_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
