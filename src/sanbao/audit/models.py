"""One row an event, never changed."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Scoped
from sanbao.accounts.models import Company, Person


class Event(models.Model):
    """What happened. `action` is "module:thing:verb"; `details` holds no customer's name or phone number."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    region_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    thing = models.CharField(max_length=60)
    thing_id = models.BigIntegerField()
    label = models.CharField(max_length=120)
    details = models.JSONField(default=dict)
    request = models.CharField(max_length=40, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        verbose_name = _("event")
        indexes = [
            models.Index(fields=["thing", "thing_id", "id"]),
            models.Index(fields=["company", "-id"]),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
