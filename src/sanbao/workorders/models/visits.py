"""When an engineer is to be, and was, with a customer."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.outlets.models import Outlet
from sanbao.workorders.models.orders import Order

HELD_TIME = ("planned", "accepted", "arrived")


class Visits(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class Visit(models.Model):
    """One engineer, one job, one stretch of time. Nobody can be at two places: the database refuses times that overlap.

    `place` of arrival is kept only where the customer and the engineer agreed to it, to three decimals (some hundred metres).
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        ARRIVED = "arrived", _("on site")
        LEFT = "left", _("over")
        DROPPED = "dropped", _("called off")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="visits")
    engineer = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("engineer")
    )
    helps = models.BooleanField(_("helps"), default=False)
    during = DateTimeRangeField(_("time"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    latitude = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    longitude = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Visits)()

    class Meta:
        verbose_name = _("visit")
        constraints = [
            ExclusionConstraint(
                name="visit_at_one_place",
                expressions=[
                    (Func(F("engineer_id"), F("engineer_id"), Value("[]"), function="int8range"), RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=HELD_TIME),
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="visit_takes_time"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["engineer", "-id"], name="visit_of_engineer"),
            models.Index(fields=["order", "id"], name="visit_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.engineer}"
