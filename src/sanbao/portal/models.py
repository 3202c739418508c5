"""Codes by SMS, and the visits they open. Both live for hours: a job of the night deletes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class OfVisitors(Scoped):
    """What belongs to whoever stands outside: no colleague looks into it."""

    def visible_to(self, access: Access, permission: str) -> "OfVisitors":
        return self.none()


class Code(models.Model):
    """A code of six digits sent to a telephone number. The number it was asked for stands here whether it is known to us or not."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(_("telephone"), max_length=40)
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(OfVisitors)()

    class Meta:
        verbose_name = _("code by SMS")
        indexes = [
            models.Index(fields=["expires_at"], name="code_old"),
            models.Index(fields=["company", "phone"], name="code_of_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"  # names nobody: it stands in the event log


class Visit(models.Model):
    """Somebody who has proven to have the telephone: what their cookie opens, until it ends."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    phone = models.CharField(_("telephone"), max_length=40)
    key_hash = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(OfVisitors)()

    class Meta:
        verbose_name = _("customer's visit")
        constraints = [models.UniqueConstraint(fields=["company", "key_hash"], name="visit_key")]
        indexes = [
            models.Index(fields=["expires_at"], name="visit_old"),
            models.Index(fields=["company", "phone"], name="visit_of_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
