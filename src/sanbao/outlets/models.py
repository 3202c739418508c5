"""Regions, outlets and postings."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.roles import ROLES
from sanbao.accounts.scoped import Guarded, Scoped


class Regions(Scoped):
    region_path = "id"
    outlet_path = "outlets__id"


class Outlets(Scoped):
    region_path = "region_id"
    outlet_path = "id"


class Region(models.Model):
    """A part of the country looked after by a region manager."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    name = models.CharField(_("name"), max_length=40)

    objects = Guarded.from_queryset(Regions)()

    class Meta:
        verbose_name = _("region")
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="region_name")]

    def __str__(self) -> str:
        return self.name


class Outlet(models.Model):
    """A service outlet under contract: it repairs, hands in its month, and is settled with."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="outlets", verbose_name=_("region")
    )
    code = models.CharField(_("outlet code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    contact = models.CharField(_("contact"), max_length=40, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    contract_from = models.DateField(_("contract from"), null=True, blank=True)
    contract_until = models.DateField(_("contract until"), null=True, blank=True)

    objects = Guarded.from_queryset(Outlets)()

    class Meta:
        verbose_name = _("outlet")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="outlet_code"),
            models.CheckConstraint(
                condition=Q(contract_until__isnull=True) | Q(contract_until__gte=models.F("contract_from")),
                name="outlet_contract_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["region", "code"])]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Posting(models.Model):
    """A person holds a post in a company, a region or an outlet. `ended_on` is the first day it no longer counts."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    role = models.CharField(
        _("post"), max_length=40, choices=[(role.code, role.title) for role in ROLES.values()]
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("posting")
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=True) | Q(outlet__isnull=True), name="posting_in_one_place"
            ),
            models.UniqueConstraint(
                fields=["person", "company", "role", "region", "outlet"],
                condition=Q(ended_on__isnull=True),
                nulls_distinct=False,
                name="posting_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {ROLES[self.role].title}"
