"""The repair record sheet 《产品维修记录单》."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.outlets.models import Outlet


class Sheets(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class Sheet(models.Model):
    """One repair, as the outlet recorded it. It is never edited: a wrong one is withdrawn and written again.

    `missing` names the required fields left empty (such a sheet is void, KA-11.2); `model` is written in capitals and half
    width; its category is looked up when the month is decided. `km` is one way.
    """

    class Work(models.TextChoices):
        REPLACE = "replace", _("part replaced")
        ADJUST = "adjust", _("adjusted or checked")
        UNKNOWN = "", _("not stated")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="sheets", db_index=False)
    month = models.DateField(_("month"))
    hand_in = models.ForeignKey(
        "settlements.HandIn", on_delete=models.PROTECT, null=True, related_name="sheets"
    )
    order = models.ForeignKey(
        "workorders.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="sheets"
    )
    line = models.IntegerField(default=0)
    number = models.CharField(_("sheet number"), max_length=40, blank=True)
    customer = models.CharField(_("customer"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    model = models.CharField(_("model"), max_length=40, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    purchased_on = models.DateField(_("purchased on"), null=True, blank=True)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    reported_on = models.DateField(_("reported on"), null=True, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)
    action = models.CharField(_("work done"), max_length=200, blank=True)
    component = models.CharField(_("part replaced"), max_length=60, blank=True)
    work = models.CharField(_("kind of work"), max_length=10, choices=Work.choices, blank=True)
    km = models.DecimalField(_("kilometres one way"), max_digits=8, decimal_places=2, default=0)
    claimed_out = models.BooleanField(_("handed in as out of warranty"), default=False)
    charged_fen = models.BigIntegerField(_("charged to the customer"), default=0)
    engineer = models.CharField(_("engineer"), max_length=60, blank=True)
    missing = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True, blank=True, help_text="the customer's data are erased since")

    objects = Guarded.from_queryset(Sheets)()

    class Meta:
        verbose_name = _("record sheet")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "number"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(number=""),
                name="sheet_number_once",
            ),
            models.CheckConstraint(condition=Q(km__gte=0), name="sheet_km_not_negative"),
            models.CheckConstraint(condition=Q(charged_fen__gte=0), name="sheet_charge_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["company", "month", "outlet", "id"],
                condition=Q(withdrawn_at__isnull=True),
                name="sheet_of_the_month",
            ),
            models.Index(fields=["outlet", "-id"], name="sheet_newest_of_outlet"),
            models.Index(fields=["company", "-id"], name="sheet_newest"),
            models.Index(fields=["company", "serial"], name="sheet_serial"),
            models.Index(fields=["company", "phone"], name="sheet_phone"),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"
