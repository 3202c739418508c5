"""What smells about a sheet: a hint for a person to look into, never a verdict."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.outlets.models import Outlet
from sanbao.settlements.models.handins import OfOutlet
from sanbao.settlements.models.sheets import Sheet


class Hint(models.Model):
    """One thing about a sheet that smells, with the record it is seen beside. `told` is what the reason's sentence says: counts, days, minutes.

    It names no customer. `checked_at`: somebody has looked into it and found nothing; then it is not shown any more.
    """

    class Kind(models.TextChoices):
        PHONE_SERIALS = "phone_serials", _("one telephone, many appliances")
        STAFF_PHONE = "staff_phone", _("telephone of staff or of an outlet")
        SAME_SERIAL = "same_serial", _("same appliance, same work again")
        OVERLAPPING = "overlapping", _("two jobs at once")
        SHORT = "short", _("a job of minutes")
        TOO_FAST = "too_fast", _("too far for the time")
        SAME_PHOTO = "same_photo", _("same photograph twice")
        BACKWARDS = "backwards", _("finished before it was reported")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="hints")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="hints")
    kind = models.CharField(_("hint"), max_length=14, choices=Kind.choices)
    other = models.ForeignKey(
        Sheet, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("seen beside")
    )
    told = models.JSONField(default=dict)
    found_at = models.DateTimeField(_("noticed"))
    checked_at = models.DateTimeField(_("looked into"), null=True)
    checked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("looked into by")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("hint")
        constraints = [models.UniqueConstraint(fields=["sheet", "kind"], name="hint_once_a_sheet")]
        indexes = [
            models.Index(
                fields=["company", "-id"], condition=Q(checked_at__isnull=True), name="hint_to_look_into"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.get_kind_display()}"
