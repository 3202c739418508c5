"""The timeline of a request: everything said and done, in order, never changed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.files.models import StoredFile
from sanbao.intake.models.requests import Request


class OfRequest(Scoped):
    """Rows that are found through their request."""

    company_path = ""
    region_path = "request__outlet__region_id"
    outlet_path = "request__outlet_id"


class Entry(models.Model):
    """One thing said or done. `clock` names what it means to the promises, with `clock_detail`; the clocks are worked out of these rows alone.
    `state` is the request's after a move; `handler` who had it then.

    `internal` is never shown to the customer. `external_id` is the message's own number at its channel: the same message comes once.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        MESSAGE_IN = "message_in", _("from the customer")
        MESSAGE_OUT = "message_out", _("to the customer")
        CALL = "call", _("telephone call")
        NOTE = "note", _("internal note")
        MOVE = "move", _("state")
        ASSIGNED = "assigned", _("assignment")
        CHANGED = "changed", _("changed")

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="entries", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    clock = models.CharField(max_length=12, blank=True)
    clock_detail = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    handler = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, blank=True)
    body = models.TextField(max_length=8000, blank=True)
    internal = models.BooleanField(default=True)
    mentions = ArrayField(models.BigIntegerField(), default=list, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+")

    objects = Guarded.from_queryset(OfRequest)()

    class Meta:
        verbose_name = _("entry")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "channel", "external_id"], condition=~Q(external_id=""), name="entry_once"
            )
        ]
        indexes = [models.Index(fields=["request", "id"], name="entry_in_order")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
