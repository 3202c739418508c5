"""How work is prepared: the tree of faults, and what is checked for each kind of product."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.workorders.models.orders import OfOrder, Order
from sanbao.workorders.states import Kind


class Fault(models.Model):
    """A fault in the tree that leads from what a customer says to a cause and a cure. What is in use is retired, never deleted.

    `path` is "/grandparent/parent/own/" in numbers. `category` is a product category of the tariff; empty: any.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("below"))  # fmt: skip
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    category = models.CharField(_("product category"), max_length=40, blank=True)
    cause = models.CharField(_("usual cause"), max_length=200, blank=True)
    cure = models.CharField(_("usual cure"), max_length=200, blank=True)
    component = models.CharField(_("component"), max_length=60, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes of work"), default=0)
    danger = models.BooleanField(_("dangerous"), default=False)
    path = models.CharField(max_length=120, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("fault")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="fault_code")]
        indexes = [models.Index(fields=["company", "path"], name="fault_path")]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class Check(models.Model):
    """Something to look at on every job of a kind, or of a product category: a line of the check list (data of the company)."""

    class Answer(models.TextChoices):
        YES = "yes", _("in order or not")
        NUMBER = "number", _("a figure")
        TEXT = "text", _("words")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("work"), max_length=12, choices=Kind.choices)
    category = models.CharField(_("product category"), max_length=40, blank=True)
    text = models.CharField(_("what is checked"), max_length=120)
    text_en = models.CharField(_("in English"), max_length=160, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer.choices, default=Answer.YES)
    required = models.BooleanField(_("required"), default=True)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("line of a check list")
        indexes = [
            models.Index(
                fields=["company", "kind", "position"],
                condition=Q(retired_at__isnull=True),
                name="check_order",
            )
        ]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.text_en if english and self.text_en else self.text


class CheckResult(models.Model):
    """What the engineer found. `code` names a check of the rulebook (the gas checks of an installation), `check` one of the company's list."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="checks")
    check_line = models.ForeignKey(Check, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=30, blank=True)
    passed = models.BooleanField(null=True)
    value = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("result of a check")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "check_line", "code"], nulls_distinct=False, name="check_result_once"
            ),
            models.CheckConstraint(condition=Q(check_line__isnull=False) ^ ~Q(code=""), name="check_result_of_one"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order} {self.code or self.check_line_id}"
