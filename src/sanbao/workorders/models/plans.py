"""What is to be done and what it costs, offered to the customer before work begins (RP-3, KA-4.3)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.decisions.models import Decision
from sanbao.products.models import Part
from sanbao.workorders.models.orders import OfOrder, Order
from sanbao.workorders.models.papers import Signature
from sanbao.workorders.models.setup import Fault


class Plan(models.Model):
    """A plan with its quotation: content, method, steps, material, time (RP-3). A change is the next number, and needs a new yes.

    `free_fen` is what warranty or goodwill pays, `charged_fen` what the customer pays; `decision` split them.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being written")
        OFFERED = "offered", _("offered")
        CONFIRMED = "confirmed", _("agreed by the customer")
        DECLINED = "declined", _("declined by the customer")
        SUPERSEDED = "superseded", _("replaced by a later one")

    class How(models.TextChoices):
        """How the customer said yes or no."""

        GLASS = "glass", _("signed on the glass")
        LINK = "link", _("on the link")
        PHONE = "phone", _("by telephone")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    diagnosis = models.ForeignKey(Fault, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diagnosis"))  # fmt: skip
    cause = models.CharField(_("cause"), max_length=200)
    content = models.CharField(_("what is to be done"), max_length=500)
    method = models.CharField(_("method"), max_length=500, blank=True)
    steps = models.TextField(_("steps"), max_length=2000, blank=True)
    minutes = models.PositiveIntegerField(_("minutes of work"), default=60)
    misuse = models.BooleanField(_("caused by use or force"), default=False)
    free_fen = models.BigIntegerField(default=0)
    charged_fen = models.BigIntegerField(default=0)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    offered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_how = models.CharField(max_length=6, choices=How.choices, blank=True)
    answered_by = models.CharField(_("who answered"), max_length=60, blank=True)
    answered_phone = models.CharField(_("telephone called"), max_length=40, blank=True)
    answer_note = models.CharField(_("note"), max_length=300, blank=True)
    heard_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("repair plan")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="plan_number"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=("draft", "offered", "confirmed")), name="plan_one_that_counts"
            ),
            models.CheckConstraint(condition=Q(free_fen__gte=0) & Q(charged_fen__gte=0), name="plan_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order}/{self.number}"


class PlanLine(models.Model):
    """A line of the quotation. `amount_fen` is its price whoever pays it; `free` says that the customer does not.

    `code` is the work of the tariff or the fee of the list, so that the next plan can be written from this one.
    """

    class Kind(models.TextChoices):
        LABOUR = "labour", _("labour")
        PART = "part", _("part")
        TRAVEL = "travel", _("travel")
        OTHER = "other", _("other")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=20, blank=True, default="")
    text = models.CharField(_("what"), max_length=120)
    part = models.ForeignKey(Part, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    component = models.CharField(_("component"), max_length=60, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=8, decimal_places=2, default=1)
    price_fen = models.BigIntegerField(_("price"), default=0)
    amount_fen = models.BigIntegerField(_("amount"), default=0)
    free = models.BooleanField(_("free of charge"), default=False)
    goodwill = models.BooleanField(_("goodwill"), default=False)

    class Scope(OfOrder):
        region_path = "plan__order__outlet__region_id"
        outlet_path = "plan__order__outlet_id"

    objects = Guarded.from_queryset(Scope)()

    class Meta:
        verbose_name = _("line of a plan")
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_line_place"),
            models.CheckConstraint(condition=Q(quantity__gt=0) & Q(price_fen__gte=0), name="plan_line_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.plan} {self.text}"
