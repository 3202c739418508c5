"""What somebody at work proposes to change of the rules (CO-8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.regulations.models.drafts import Draft
from sanbao.regulations.models.editions import CompanyWide
from sanbao.regulations.states import Standing


class Proposal(models.Model):
    """A proposal at a clause or a parameter: what should be otherwise and why, the decision with its words, and what came of it.

    `clause` is a clause's number as people say it (KA-11.1); `parameter` is of `book`. One of them is there.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    clause = models.CharField(_("clause"), max_length=80, blank=True)
    book = models.CharField(_("rulebook"), max_length=40, blank=True)
    parameter = models.CharField(_("parameter"), max_length=60, blank=True)
    title = models.CharField(_("what should change"), max_length=120)
    words = models.TextField(_("why"), max_length=2000)
    state = models.CharField(_("state"), max_length=10, choices=Standing.choices, default=Standing.OPEN)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(_("decision in words"), max_length=200, blank=True)
    open_at = models.DateTimeField(_("proposed"))
    open_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    accepted_at = models.DateTimeField(_("taken up"), null=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(_("turned down"), null=True)
    declined_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True, related_name="proposals")
    effect = models.TextField(_("what came of it"), max_length=1000, blank=True)
    effect_at = models.DateTimeField(null=True)
    effect_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(CompanyWide)()

    class Meta:
        verbose_name = _("proposal")
        indexes = [
            models.Index(fields=["company", "-id"], name="proposal_newest"),
            models.Index(fields=["company", "clause"], name="proposal_clause"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(clause="", parameter=""), name="proposal_about_something"
            )
        ]

    def __str__(self) -> str:
        return self.title
