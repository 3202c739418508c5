"""Models and parts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.accounts.scoped import Guarded, Scoped


class Catalogue(Scoped):
    """Models and parts have no place: whoever may see them anywhere in the company sees them all."""

    def visible_to(self, access: Access, permission: str) -> "Catalogue":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach and reach.company_id else self.none()


class Model(models.Model):
    """A model the company makes. `category` is a category of the charges rulebook, and decides labour and warranty."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    code = models.CharField(_("model"), max_length=40)
    name = models.CharField(_("name"), max_length=80, blank=True)
    category = models.CharField(_("category"), max_length=40)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("model")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="model_code")]

    def __str__(self) -> str:
        return self.code


class Part(models.Model):
    """A spare part. `component` is its name on record sheets; `supply_price_fen` what an outlet pays for it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    code = models.CharField(_("part number"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    component = models.CharField(_("component"), max_length=40, blank=True)
    supply_price_fen = models.BigIntegerField(_("supply price"))
    fits = models.ManyToManyField(Model, related_name="parts", blank=True)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("part")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="part_code"),
            models.CheckConstraint(condition=Q(supply_price_fen__gte=0), name="part_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
