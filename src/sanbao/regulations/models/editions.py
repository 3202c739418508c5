"""Editions and their adoption by companies."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class Editions(Scoped):
    """Shipped editions belong to no company and are everybody's."""

    def in_company(self, company_id: int) -> "Editions":
        return self.filter(Q(company__isnull=True) | Q(company_id=company_id))


class CompanyWide(Scoped):
    """Rules have no place: whoever may see them anywhere in the company sees them all."""

    def visible_to(self, access: Access, permission: str) -> "CompanyWide":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach and reach.company_id else self.none()


class Edition(models.Model):
    """One edition of one rulebook, whole and pinned. Shipped editions belong to no company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True)
    book = models.CharField(max_length=40)
    edition = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    derived_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="derived")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Editions)()

    class Meta:
        verbose_name = _("edition")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "book", "edition", "digest"], nulls_distinct=False, name="edition_once"
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.book} {self.edition}"


class Adoption(models.Model):
    """From `adopted_at` on the company decides by this edition, until it adopts another of the same book."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    book = models.CharField(max_length=40)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT)
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("adoption")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "book"], condition=Q(ended_at__isnull=True), name="adoption_one_at_a_time"
            )
        ]


class Coming(models.Model):
    """An edition published for a day that had not come. From that day on it is in force, whether or not the worker has written its
    adoption yet; `ended_at` says that it has (`publication.take_force`), or that the edition was recalled before.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    book = models.CharField(_("rulebook"), max_length=40)
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="+", verbose_name=_("edition")
    )
    from_day = models.DateField(_("in force from"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("published by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = Guarded.from_queryset(CompanyWide)()

    class Meta:
        verbose_name = _("edition to come")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "book", "from_day"],
                condition=Q(ended_at__isnull=True),
                name="coming_one_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.from_day}"
