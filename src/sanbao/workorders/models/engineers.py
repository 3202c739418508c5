"""Who goes out to customers, and what they can do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.outlets.models import Outlet


class Engineers(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class Engineer(models.Model):
    """Somebody who does orders, of an outlet or of headquarters (EN-1, EN-5). Certificates are kept with the person (outlets).

    `skills` are product categories or words that jobs ask for; `areas` are beginnings of addresses; `minutes` is a day's load.
    `alone_from`: until that day under guidance, and not sent alone (PV-8).
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    skills = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("skills"))
    areas = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("areas"))
    minutes = models.PositiveSmallIntegerField(_("minutes of work a day"), default=480)
    alone_from = models.DateField(_("may work alone from"), null=True, blank=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Engineers)()

    class Meta:
        verbose_name = _("engineer")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "person"], condition=Q(retired_at__isnull=True), name="engineer_once"
            )
        ]
        indexes = [models.Index(fields=["company", "outlet"], name="engineer_of_outlet")]

    def __str__(self) -> str:
        return self.person.name


class Assigning(models.Model):
    """Whether orders are dispatched by themselves as they are made: those of an outlet, or, without one, of every place that has no row of its own."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    automatic = models.BooleanField(_("dispatched by itself"), default=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Engineers)()

    class Meta:
        verbose_name = _("automatic dispatch")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "outlet"], nulls_distinct=False, name="assigning_said_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outlet or self.company} {self.automatic}"
