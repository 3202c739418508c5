"""What an engineer's phone did without signal and sent later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.workorders.models.orders import Order


class Actions(Scoped):
    region_path = "order__outlet__region_id"
    outlet_path = "order__outlet_id"


class Action(models.Model):
    """One entry of a phone's outbox, by its own key: sent twice it is one. What became of it stays, so that the phone can ask again.

    `device_at` is the phone's clock when it was done, `sent_at` the same clock when it was sent, `received_at` ours; `at` is the moment
    that counts, by decision.
    """

    class Result(models.TextChoices):
        APPLIED = "applied", _("done")
        CONFLICT = "conflict", _("somebody was faster")
        REFUSED = "refused", _("refused")
        DROPPED = "dropped", _("given up")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="actions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    device = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=20)
    payload = models.JSONField(default=dict)
    device_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    at = models.DateTimeField()
    clock_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(max_length=10, choices=Result.choices)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=400, blank=True)

    objects = Guarded.from_queryset(Actions)()

    class Meta:
        verbose_name = _("action of a phone")
        constraints = [models.UniqueConstraint(fields=["company", "person", "key"], name="action_once")]
        indexes = [models.Index(fields=["order", "id"], name="action_of_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.name}"
