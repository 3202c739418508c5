"""Who is called, and every call."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class OfHeadquarters(Scoped):
    """Rows without a place: for whoever holds the permission at headquarters."""

    def visible_to(self, access: Access, permission: str) -> "OfHeadquarters":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach.whole and reach.company_id else self.none()


class Subscription(models.Model):
    """Another system's address and the kinds of events it is called for.

    `secret` signs the calls; after a change the one before signs along until `before_until`. Both are kept sealed. `failed_in_row` calls
    failed one after another: the address rests until `rests_until`. `dead_in_row` were given up one after another: at the fifth the
    subscription pauses by itself (`paused_by` is nobody then).
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("delivery paused")
        RETIRED = "retired", _("ended for good")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(_("address"), max_length=500)
    kinds: Any = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    personal = models.BooleanField(_("with people's data"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    version = models.PositiveIntegerField(default=0)
    secret = models.TextField()
    secret_before = models.TextField(blank=True)
    before_until = models.DateTimeField(null=True)
    failed_in_row = models.PositiveSmallIntegerField(default=0)
    dead_in_row = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfHeadquarters)()

    class Meta:
        verbose_name = _("subscription")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="paused") ^ Q(paused_at__isnull=True), name="subscription_paused_since"
            ),
            models.CheckConstraint(
                condition=Q(state="retired") ^ Q(retired_at__isnull=True), name="subscription_retired_since"
            ),
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="subscription_has_kinds"),
        ]
        indexes = [models.Index(fields=["company", "state"], name="subscription_state")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One event for one subscription, as a row before any call. `number` goes along in every try, so that a double can be recognised.

    `attempts` is the fence, as in the outbox (notices.models.Message). `answer` is the last answer's HTTP status. `thing` keeps the
    order: the next event of the same thing waits for this one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("delivered")
        DEAD = "dead", _("given up")
        DISCARDED = "discarded", _("discarded")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    number = models.CharField(max_length=32)
    kind = models.CharField(_("event"), max_length=60)
    thing = models.CharField(max_length=80)
    body = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    version = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_before = models.PositiveSmallIntegerField(default=0)
    unsure = models.BooleanField(default=False)
    answer = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = Guarded.from_queryset(OfHeadquarters)()

    class Meta:
        verbose_name = _("call")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "number"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state="sending") ^ Q(leased_until__isnull=True), name="delivery_leased_while_sending"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["subscription", "due_at", "id"],
                condition=Q(state__in=("waiting", "sending")),
                name="delivery_due",
            ),
            models.Index(
                fields=["subscription", "thing", "id"],
                condition=Q(state__in=("waiting", "sending")),
                name="delivery_order",
            ),
            models.Index(fields=["subscription", "state", "-id"], name="delivery_state"),
            models.Index(fields=["subscription", "-id"], name="delivery_newest"),
            models.Index(fields=["made_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return self.number
