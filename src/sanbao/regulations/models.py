"""Editions and their adoption by companies."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class Editions(Scoped):
    """Shipped editions belong to no company and are everybody's."""

    def in_company(self, company_id: int) -> "Editions":
        return self.filter(Q(company__isnull=True) | Q(company_id=company_id))


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
