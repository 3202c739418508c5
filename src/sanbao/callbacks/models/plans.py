"""What a finished job means for callbacks: called or not, and why."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.callbacks.states import Kind, Why
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.workorders.models import Order


class OfPlace(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class Plan(models.Model):
    """One job, from an order, a sheet or by hand, with what callers need to know of it and the decision whether to call (KA-9.1).

    `sheet` is the record sheet's id in the module above. `ended_at`: the job is none any more (reopened, sheet withdrawn), or planned anew.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    number = models.CharField(_("number of the job"), max_length=40)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sheet = models.BigIntegerField(_("record sheet"), null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    contact = models.CharField(_("contact"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    model = models.CharField(_("model"), max_length=40, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)
    action = models.CharField(_("what was done"), max_length=200, blank=True)
    component = models.CharField(_("component"), max_length=60, blank=True)
    engineer = models.CharField(_("engineer"), max_length=60, blank=True)
    charged_fen = models.BigIntegerField(_("charged to the customer"), default=0)
    cover = models.CharField(_("warranty"), max_length=4, choices=Order.Cover.choices, blank=True)
    completed_on = models.DateField(_("completed on"))
    arrived_on = models.DateField(_("papers arrived on"))

    flags = ArrayField(models.CharField(max_length=12), default=list, blank=True, verbose_name=_("attention"))
    chosen = models.BooleanField(_("called"), default=True)
    why = models.CharField(_("why"), max_length=12, choices=Why.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    made_at = models.DateTimeField(_("planned"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(OfPlace)()

    class Meta:
        verbose_name = _("plan of callbacks")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(ended_at__isnull=True, order__isnull=False), name="plan_once_an_order"),
            models.UniqueConstraint(fields=["company", "sheet"], condition=Q(ended_at__isnull=True, sheet__isnull=False), name="plan_once_a_sheet"),
            models.CheckConstraint(condition=Q(charged_fen__gte=0), name="plan_charge_not_negative"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "-id"], name="callback_plan_newest"),
            models.Index(fields=["company", "number"], name="callback_plan_number"),
            models.Index(fields=["company", "phone"], name="callback_plan_phone"),
            models.Index(fields=["customer", "-id"], name="callback_plan_of_customer"),
            models.Index(fields=["unit", "-id"], name="callback_plan_of_unit"),
        ]

    def __str__(self) -> str:
        return self.number
