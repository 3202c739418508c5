"""Regions, outlets, postings, and the certificates of those who hold them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.roles import ROLES
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.files.models import StoredFile
from sanbao.ui.readers.places import PATTERN


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
    """A service outlet under contract: it repairs, hands in its month, and is settled with. `coordinates` are "latitude,longitude"."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="outlets", verbose_name=_("region")
    )
    code = models.CharField(_("outlet code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    contact = models.CharField(_("contact"), max_length=40, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    coordinates = models.CharField(_("coordinates"), max_length=24, blank=True)
    contract_from = models.DateField(_("contract from"), null=True, blank=True)
    contract_until = models.DateField(_("contract until"), null=True, blank=True)

    objects = Guarded.from_queryset(Outlets)()

    class Meta:
        verbose_name = _("outlet")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="outlet_code"),
            models.CheckConstraint(
                condition=Q(coordinates="") | Q(coordinates__regex=PATTERN), name="outlet_coordinates"
            ),
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


class Certificates(Scoped):
    def visible_to(self, access: Access, permission: str) -> Self:
        """Headquarters sees everybody's; a region or an outlet those of the people who hold a post there."""
        reach = access.reach(permission)
        if not reach or reach.company_id is None:
            return self.none()
        rows = self.in_company(reach.company_id)
        if reach.whole:
            return rows
        there = (
            Q(region__in=reach.regions) | Q(outlet__in=reach.outlets) | Q(outlet__region__in=reach.regions)
        )
        posted = Posting.objects.filter(there, company_id=reach.company_id, ended_on__isnull=True)
        return rows.filter(person__in=posted.values("person_id"))


class Certificate(models.Model):
    """What somebody may do by law or by the maker's training, and until when: gas work, work at heights, a product (EN-1, KA-4.2).

    It counts from `issued_on` to `valid_until`, both included; without an end for good. `ended_on` is the first day on which it no
    longer counts because it was withdrawn, or replaced by the same certificate with a later end.
    """

    class Kind(models.TextChoices):
        GAS = "gas", _("gas appliances")
        ELECTRIC = "electric", _("electrical work, low voltage")
        HEIGHT = "height", _("work at heights")
        COOLING = "cooling", _("refrigeration and air conditioning")
        MAKER = "maker", _("the maker's training")
        SERVICE = "service", _("service rules and manners")
        OTHER = "other", _("other certificate")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name on it"), max_length=80, blank=True)
    number = models.CharField(_("certificate number"), max_length=40)
    issuer = models.CharField(_("issued by"), max_length=80, blank=True)
    issued_on = models.DateField(_("issued on"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("scan or photograph"),
    )
    ended_on = models.DateField(_("no longer counts from"), null=True, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=200, blank=True)

    objects = Guarded.from_queryset(Certificates)()

    class Meta:
        verbose_name = _("certificate")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("issued_on")),
                name="certificate_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["company", "kind", "number"],
                condition=Q(ended_on__isnull=True),
                name="certificate_number_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "valid_until"],
                condition=Q(ended_on__isnull=True),
                name="certificate_runs_out",
            ),
            models.Index(fields=["person", "kind"], name="certificate_of_person"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())
