"""Another time the customer asks for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.workorders.models.orders import OfOrder, Order


class Wish(models.Model):
    """A change of the appointment as the customer wishes it: up to three beginnings, the dearest first, each `minutes` long.

    It moves nobody's visit: the desk says yes to one of them (`chosen`), or no and why. A later wish replaces one that waits.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for an answer")
        ACCEPTED = "accepted", _("agreed to")
        DECLINED = "declined", _("not possible")
        REPLACED = "replaced", _("replaced by a later wish")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="wishes")
    begins = ArrayField(models.DateTimeField(), size=3, verbose_name=_("wished for"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    words = models.CharField(_("what the customer says"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    chosen = models.DateTimeField(null=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("wish for another time")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="waiting"), name="wish_one_that_waits"),
            models.CheckConstraint(condition=Q(begins__len__range=(1, 3)) & Q(minutes__gt=0), name="wish_says_when"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(chosen__isnull=False), name="wish_agreed_for_a_time"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["order", "id"], name="wish_of_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.get_state_display()}"
