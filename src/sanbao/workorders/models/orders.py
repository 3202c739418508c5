"""A work order, and the steps of its flow that are done."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.edge.search import Grams
from sanbao.intake.models import Request
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.readers.places import PATTERN
from sanbao.workorders.permissions import May
from sanbao.workorders.states import OPEN, Kind, Mode, State, Waiting

# What a search looks into.
TEXT = Concat("fault", Value(" "), "cause", Value(" "), "action", output_field=TextField())


class Orders(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"

    def visible_to(self, access: Access, permission: str) -> "Orders":
        """As everywhere; an engineer's own permission reaches the orders that were given to this engineer, and no others.

        Whoever may work on everybody's orders of a place may do there what an engineer does with one's own: by telephone, or on paper.
        """
        rows: Orders = super().visible_to(access, permission)
        if permission != May.OWN:
            return rows
        own = rows.filter(engineer_id=access.person_id)
        return own | super().visible_to(access, May.WORK) if access.may(May.WORK) else own

    def open(self) -> "Orders":
        """Those on which work is still to do."""
        return self.filter(state__in=OPEN)


class Order(models.Model):
    """A piece of work for a customer (派工单). `outlet` is empty while headquarters' own engineers do it.

    `engineer` answers for it; who helps is in its visits. `wanted_from`/`wanted_until` is the appointment the customer was given. `cover`
    copies the warranty decision. `restored_at` is when the product was in normal use again (SR-4). `version` grows with every change.
    What the rules say of its course is copied from the decisions beside it (operations.judging, operations.siting).
    """

    class Cover(models.TextChoices):
        IN = "in", _("in warranty")
        OUT = "out", _("out of warranty")
        UNKNOWN = "", _("not decided")

    class Work(models.TextChoices):
        REPLACE = "replace", _("part replaced")
        ADJUST = "adjust", _("adjusted or checked")
        UNKNOWN = "", _("not stated")

    class Age(models.TextChoices):
        """Whether the appliance is too old to be repaired."""

        REPAIR = "repair", _("may be repaired")
        ADVISE = "advise", _("advise a new one")
        NO_REPAIR = "no_repair", _("not to be repaired")
        UNKNOWN = "", _("not decided")

    class Site(models.TextChoices):
        """Whether it may be installed where it is to stand (KA-4.2)."""

        FIT = "fit", _("fit")
        DECLARED = "with_declaration", _("with a signed declaration")
        REFUSED = "unfit_refuse", _("to be refused")
        INCOMPLETE = "incomplete", _("not all checked")
        UNKNOWN = "", _("not checked")

    class Fixed(models.TextChoices):
        """Whether it was solved the first time (GN-2)."""

        YES = "yes", _("solved the first time")
        NO = "no", _("not solved the first time")
        PENDING = "pending", _("being watched")
        UNKNOWN = "", _("not decided")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("number"), max_length=24)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("outlet"))  # fmt: skip
    kind = models.CharField(_("work"), max_length=12, choices=Kind.choices)
    mode = models.CharField(_("where"), max_length=10, choices=Mode.choices, default=Mode.ON_SITE)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(_("step"), max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)
    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followups"
    )

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    coordinates = models.CharField(_("coordinates"), max_length=24, blank=True)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    model = models.CharField(_("model"), max_length=40, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    level = models.CharField(_("priority"), max_length=10, blank=True)

    cover = models.CharField(_("warranty"), max_length=4, choices=Cover.choices, default=Cover.UNKNOWN, blank=True)  # fmt: skip
    cover_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    engineer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("engineer"))  # fmt: skip
    wanted_from = models.DateTimeField(_("appointment from"), null=True, blank=True)
    wanted_until = models.DateTimeField(_("appointment until"), null=True, blank=True)
    waiting_for = models.CharField(_("waiting for"), max_length=10, choices=Waiting.choices, blank=True)

    cause = models.CharField(_("cause"), max_length=200, blank=True)
    action = models.CharField(_("what was done"), max_length=200, blank=True)
    component = models.CharField(_("part replaced"), max_length=60, blank=True)
    work = models.CharField(_("kind of work"), max_length=10, choices=Work.choices, blank=True)
    km = models.DecimalField(_("kilometres one way"), max_digits=8, decimal_places=2, default=0)
    customer_help = models.CharField(_("what the customer must do"), max_length=300, blank=True)
    charged_fen = models.BigIntegerField(_("charged to the customer"), default=0)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    rating_words = models.CharField(_("what the customer says"), max_length=500, blank=True)
    age = models.CharField(_("age"), max_length=10, choices=Age.choices, default=Age.UNKNOWN, blank=True)
    age_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    site = models.CharField(_("place of installation"), max_length=16, choices=Site.choices, default=Site.UNKNOWN, blank=True)  # fmt: skip
    site_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    repair_minutes = models.PositiveIntegerField(_("minutes until normal use"), null=True)
    hands_on_minutes = models.PositiveIntegerField(_("minutes of work on it"), null=True)
    time_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats", verbose_name=_("repeats"))  # fmt: skip
    exchange_right = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    repeat_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    first_time_fix = models.CharField(_("first-time fix"), max_length=7, choices=Fixed.choices, default=Fixed.UNKNOWN, blank=True)  # fmt: skip
    fix_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    reopened = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)

    reported_at = models.DateTimeField(_("reported"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    dispatched_at = models.DateTimeField(null=True)
    dispatched_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    arrived_at = models.DateTimeField(_("arrived"), null=True)
    restored_at = models.DateTimeField(_("in normal use again"), null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    signed_at = models.DateTimeField(_("signed by the customer"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    incomplete_at = models.DateTimeField(null=True)
    incomplete_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Orders)()

    class Meta:
        verbose_name = _("work order")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="order_number"),
            models.CheckConstraint(condition=Q(state="held") ^ Q(waiting_for=""), name="order_says_what_it_waits_for"),
            models.CheckConstraint(
                condition=~Q(state__in=("dispatched", "accepted", "working", "done")) | Q(engineer__isnull=False), name="order_with_an_engineer"
            ),
            models.CheckConstraint(
                condition=Q(wanted_until__isnull=True) | Q(wanted_until__gt=F("wanted_from")), name="order_appointment_has_a_length"
            ),
            models.CheckConstraint(condition=Q(km__gte=0) & Q(charged_fen__gte=0), name="order_figures_not_negative"),
            models.CheckConstraint(condition=Q(coordinates="") | Q(coordinates__regex=PATTERN), name="order_coordinates"),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="order_rating_of_five"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "-id"], name="order_newest"),
            models.Index(fields=["company", "state", "-id"], name="order_newest_of_state"),
            models.Index(fields=["company", "engineer", "state", "-id"], name="order_of_engineer"),
            models.Index(fields=["outlet", "-id"], name="order_of_outlet"),
            models.Index(fields=["request", "-id"], name="order_of_request"),
            models.Index(fields=["customer", "-id"], name="order_of_customer"),
            models.Index(fields=["unit", "-id"], name="order_of_unit"),
            models.Index(fields=["company", "phone"], name="order_phone"),
            models.Index(fields=["company", "serial"], name="order_serial"),
            models.Index(fields=["company", "closed_at"], name="order_by_closing"),
            GinIndex(Grams(TEXT), name="order_grams"),
        ]

    def __str__(self) -> str:
        return self.number


class OfOrder(Scoped):
    """Rows that are found through their order."""

    company_path = ""
    region_path = "order__outlet__region_id"
    outlet_path = "order__outlet_id"


class StepDone(models.Model):
    """A step of the order's flow that is behind it: done, or skipped by somebody who may, with a reason (SC-2: none silently).

    `device_at` is what the engineer's phone said, where it was done without signal; `at` is the moment that counts.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    code = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    skipped = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    words = models.TextField(max_length=2000, blank=True)
    device_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("step of an order")
        constraints = [
            models.UniqueConstraint(fields=["order", "code"], condition=Q(undone_at__isnull=True), name="step_once"),
            models.CheckConstraint(condition=Q(skipped=False) | ~Q(reason=""), name="step_skipped_for_a_reason"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order} {self.code}"
