"""A stored decision, and how many rest on which clause."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
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

    company = models.ForeignKey(Company, on_delete=models.PROTECT, db_index=False)
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
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    editions = models.JSONField()

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("decision")
        indexes = [
            models.Index(fields=["thing", "thing_id"]),
            models.Index(fields=["company", "made_at"], name="decision_by_day"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.question} {self.pk}"


class Cited(models.Model):
    """How many decisions made in a month rest on a clause and still stand, by question and place: as far as `Counting` has come.

    `clause` is the number alone ("KA-11.1"), whichever regulation it stands in. `fen` is what they decided, where that is money; `newest` are ten of them at most.
    """

    # The unique key begins with the company: no index more.
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_id = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(null=True)
    clause = models.CharField(max_length=60)
    month = models.DateField()
    question = models.CharField(max_length=60)
    count = models.BigIntegerField()
    fen = models.BigIntegerField(default=0)
    newest = ArrayField(models.BigIntegerField(), default=list)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("count of decisions by clause")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "clause", "month", "question", "outlet_id", "region_id"],
                nulls_distinct=False,
                name="cited_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.month:%Y-%m} {self.question} {self.count}"


class Counting(models.Model):
    """How far a company's decisions are counted by clause: up to and with the number `counted_to`.

    `mark` is how far the next run may count, once every transaction that was open when it was set (those below `open_below`) has ended:
    numbers are given out before they are committed, so the highest one seen says nothing about those below it.
    """

    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="+")
    counted_to = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)
    mark = models.BigIntegerField(default=0)
    marked_at = models.DateTimeField(null=True)
    open_below = models.BigIntegerField(default=0)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("count of decisions")

    def __str__(self) -> str:
        return f"{self.company} {self.counted_to}"
