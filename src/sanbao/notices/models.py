"""The outbox: a message is a row, written with the change it tells of and sent afterwards."""

from django.db import models
from django.db.models import Q

from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class Message(models.Model):
    """One message to one address. `key` says what it tells, once for a company: asking again for the same message makes no second one.

    `attempts` counts who took it up and is the fence: a worker whose lease has run out can't write over its successor's result.
    `unsure` is set once a provider broke off after it may have accepted: only such a message can arrive twice.
    """

    class Channel(models.TextChoices):
        EMAIL = "email"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        DEAD = "dead"

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    key = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    about = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    unsure = models.BooleanField(default=False)
    receipt = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(state="sending", leased_until__isnull=False)
                | (~Q(state="sending") & Q(leased_until__isnull=True)),
                name="message_leased_while_sending",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=("waiting", "sending")), name="message_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"
