"""Where the worker stands in a mailbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class Mailbox(models.Model):
    """One mailbox of the settings (SANBAO_MAILBOXES) that is read for a company. `last_uid` is the last mail that was kept, under the
    mailbox's own `validity`; `failure` a code while it can't be read."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(_("mailbox"), max_length=254)
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("mailbox")
        constraints = [models.UniqueConstraint(fields=["company", "address"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address
