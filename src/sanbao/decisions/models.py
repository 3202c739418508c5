"""A stored decision."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class Decision(models.Model):
    """A question that was answered: the facts asked with, the answer, the reasons, and the editions that decided.

    `facts`, `answer` and `reasons` are JSON as sanbao_rules.decision writes it; facts hold no names or phone numbers.
    `editions` is {book: edition id}: editions can't be deleted, and a decision is written once for thousands of sheets, so
    a plain value serves where a table of links would cost. `supersedes` points to the decision this one replaces: the old one stays as it was.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    region_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    question = models.CharField(max_length=60)
    thing = models.CharField(max_length=60)
    thing_id = models.BigIntegerField()
    facts = models.JSONField()
    answer = models.JSONField()
    reasons = models.JSONField()
    rules_version = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    editions = models.JSONField()

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("decision")
        indexes = [models.Index(fields=["thing", "thing_id"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.question} {self.pk}"
