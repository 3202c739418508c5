"""The outbox: a message is a row, written with the change it tells of and sent afterwards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class OfCompany(Scoped):
    """Messages have no place: who handles them handles the company's."""

    def visible_to(self, access, permission):  # type: ignore[no-untyped-def, override]
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach.whole else self.none()


class Message(models.Model):
    """One message to one address. `key` says what it tells, once for a company: asking again for the same message makes no second one.

    `attempts` counts who took it up and is the fence: a worker whose lease has run out can't write over its successor's result.
    `attempts_before` is how many lay before somebody tried a dead letter once more. `unsure` is set once a provider broke off after it
    may have accepted: only such a message can arrive twice.

    `kind` and `values` are for providers that want a template's code and parameters instead of a text. A `secret` message holds a link
    or code for one use: its body is sealed (sealing.py), on no page, and gone when the message has ended.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        WECOM = "wecom", _("WeCom")
        WECHAT = "wechat", _("WeChat")
        WECOM_KF = "wecom_kf", _("WeChat customer service")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("dead letter")
        DISCARDED = "discarded", _("discarded")

    class Delivery(models.TextChoices):
        """What the provider reported later, if it reports."""

        UNKNOWN = "", _("not reported")
        DELIVERED = "delivered", _("delivered")
        UNDELIVERED = "undelivered", _("not delivered")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    key = models.CharField(max_length=120)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    kind = models.CharField(max_length=60, blank=True)
    values = models.JSONField(default=dict)
    secret = models.BooleanField(default=False)
    about = models.CharField(max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    version = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_before = models.PositiveSmallIntegerField(default=0)
    unsure = models.BooleanField(default=False)
    receipt = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    delivery = models.CharField(
        _("delivery"), max_length=12, choices=Delivery.choices, default="", blank=True
    )
    delivery_at = models.DateTimeField(null=True)
    delivery_note = models.CharField(max_length=100, blank=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("message")
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="message_once"),
            models.CheckConstraint(
                condition=Q(state="sending", leased_until__isnull=False)
                | (~Q(state="sending") & Q(leased_until__isnull=True)),
                name="message_leased_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(secret=False) | Q(body="") | ~Q(state__in=("sent", "dead", "discarded")),
                name="message_secret_gone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state__in=("waiting", "sending")), name="message_due"
            ),
            models.Index(
                fields=["company", "channel", "address", "id"],
                condition=Q(state__in=("waiting", "sending")),
                name="message_order",
            ),
            models.Index(fields=["company", "state", "id"], name="message_state"),
            models.Index(fields=["company", "id"], name="message_newest"),
            models.Index(fields=["channel", "address", "ended_at"], name="message_rate"),
            models.Index(fields=["company", "receipt"], condition=~Q(receipt=""), name="message_receipt"),
            models.Index(
                fields=["company", "id"], condition=Q(delivery="undelivered"), name="message_undelivered"
            ),
        ]

    def __str__(self) -> str:
        return self.key
