"""The inbox: what came in from a provider is a row before any work is done, once for its number."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.notices.models.message import Message, OfCompany


class Incoming(models.Model):
    """One thing that came in: a report about a message of ours, or somebody's message to us.

    `external_id` is the provider's number of it; the same number again makes no second row. `attempts` is the fence, as in the outbox:
    what a listener does and `handled` are one transaction, so it is done once however many workers there are.
    """

    class State(models.TextChoices):
        NEW = "new", _("not handled yet")
        HANDLED = "handled", _("handled")
        FAILED = "failed", _("failed")
        IGNORED = "ignored", _("ignored")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    channel = models.CharField(_("channel"), max_length=10, choices=Message.Channel.choices)
    external_id = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    kind = models.CharField(max_length=60, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    payload = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    version = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_before = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    ignored_at = models.DateTimeField(null=True)
    ignored_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("incoming message")
        constraints = [
            models.UniqueConstraint(fields=["company", "channel", "external_id"], name="incoming_once"),
            models.CheckConstraint(
                condition=Q(state="new") | Q(leased_until__isnull=True), name="incoming_leased_while_new"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="new"), name="incoming_due"),
            models.Index(fields=["company", "state", "id"], name="incoming_state"),
            models.Index(fields=["company", "id"], name="incoming_newest"),
            models.Index(fields=["company", "channel", "-id"], name="incoming_of_channel"),
            models.Index(
                fields=["company", "sender", "-id"],
                condition=Q(channel="wecom_kf"),
                name="incoming_of_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} #{self.pk}"
