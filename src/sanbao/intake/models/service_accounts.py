"""Where the worker stands in an account of WeChat customer service."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.notices.failures import sentence


class ServiceAccount(models.Model):
    """One account of WeChat customer service (客服账号) whose messages are for a company.

    `cursor` is how far they have been fetched; `callback` what the last notification gave to ask with, at `called_at`. It is asked when
    `due_at` has come. What was written before `begins_at` is not taken in. `failure` is a code (notices.failures) while it can't be read.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(_("service account"), max_length=64)
    name = models.CharField(_("name"), max_length=60, blank=True)
    cursor = models.CharField(max_length=500, blank=True)
    callback = models.CharField(max_length=300, blank=True)
    called_at = models.DateTimeField(null=True)
    begins_at = models.DateTimeField()
    due_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=60, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("account of WeChat customer service")
        constraints = [models.UniqueConstraint(fields=["company", "account"], name="service_account_once")]

    def __str__(self) -> str:
        return self.name or self.account

    @property
    def why(self) -> str:
        """The failure in words."""
        return sentence(self.failure)
