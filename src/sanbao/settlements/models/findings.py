"""What callbacks and inspections found about a sheet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.outlets.models import Outlet
from sanbao.settlements.models.handins import OfOutlet
from sanbao.settlements.models.sheets import Sheet


class Finding(models.Model):
    """A finding (KA-11.2). `refund_fen` is what the outlet must give back to the customer.

    Never edited: a wrong one is withdrawn and registered again.
    """

    class Kind(models.TextChoices):
        FORGED = "forged", _("forged sheet")
        LATE_SERVICE = "late_service", _("late service, complaint proven")
        LATE_UNPROVEN = "late_unproven", _("late service, complaint not proven")
        ORDERED = "ordered", _("attitude or quality: ordered to improve")
        IMPROVED = "improved", _("attitude or quality: improved in time")
        UNIMPROVED = "unimproved", _("attitude or quality: not improved")
        OVERCHARGE = "overcharge", _("overcharged or false charges")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="findings")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(_("finding"), max_length=20, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    refund_fen = models.BigIntegerField(_("refund to the customer"), default=0)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("finding")
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "kind"], condition=Q(withdrawn_at__isnull=True), name="finding_once_a_sheet"
            ),
            models.CheckConstraint(condition=Q(refund_fen__gte=0), name="finding_refund_not_negative"),
        ]
        indexes = [models.Index(fields=["company", "-id"])]

    def __str__(self) -> str:
        return f"{self.sheet} {self.get_kind_display()}"
