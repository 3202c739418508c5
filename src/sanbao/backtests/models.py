"""A back-test or replay, the pieces it is done in, and what differs."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.regulations.models import Draft, Edition


class OfCompany(Scoped):
    """Back-tests have no place: they are headquarters' own. A difference's outlet says whose money it is, not who may read it."""

    region_path = outlet_path = ""

    def visible_to(self, access, permission):  # type: ignore[no-untyped-def, override]
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach.whole else self.none()


class BackTest(models.Model):
    """A period decided again. `content` is the rulebook it was decided by, as it was then, so that it can go on and be read for ever;
    a replay has none, each decision keeps its own editions.

    `edition` or `draft` says where the book came from; `base` is the edition it is compared with. With `on`, what changes holds as it
    does that day and as if it always had; without, from its own dates. `key` is everything that decides the result, so that nothing is done
    twice at once. Amounts are in fen: `money` what outlets would get more, `customer_money` what customers would pay more. `totals`: by
    question and month; `steps`: by changed parameter; `verdicts`: answers that become others; `skipped`: decisions that do not rest on the book;
    `broken`: editions that no longer say what their digest says.
    """

    class What(models.TextChoices):
        BACK_TEST = "back-test", _("back-test")
        REPLAY = "replay", _("replay")
        SAMPLE = "sample", _("nightly sample")

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for the worker")
        RUNNING = "running", _("at work")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("could not be finished")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    book = models.CharField(_("rulebook"), max_length=40, blank=True)
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("edition")
    )
    draft = models.ForeignKey(
        Draft, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("draft")
    )
    base = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("compared with")
    )
    content = models.JSONField(_("values tried"), null=True)
    digest = models.CharField(_("digest of the values"), max_length=64, blank=True)
    on = models.DateField(_("as on"), null=True)
    first_month = models.DateField(_("from month"))
    last_month = models.DateField(_("to month"))
    kinds = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("kinds"))
    key = models.CharField(_("key of the request"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    rules_version = models.CharField(_("version of the rules"), max_length=20)
    attempts = models.SmallIntegerField(_("attempts"), default=0)

    total = models.IntegerField(_("records"), default=0)
    records = models.IntegerField(_("decided again"), default=0)
    differing = models.IntegerField(_("differ"), default=0)
    undecided = models.IntegerField(_("can't be decided"), default=0)
    money = models.BigIntegerField(_("outlets get more"), default=0)
    customer_money = models.BigIntegerField(_("customers pay more"), default=0)
    totals = models.JSONField(_("totals"), default=dict)
    steps = models.JSONField(_("by clause"), default=dict)
    verdicts = models.JSONField(_("verdicts"), default=dict)
    skipped = models.JSONField(_("records left out"), default=dict)
    broken = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("could not be read"))

    made_at = models.DateTimeField(_("asked at"))
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    started_at = models.DateTimeField(_("begun at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("back-test")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "key"],
                condition=Q(state__in=["waiting", "running"]),
                name="backtest_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(last_month__gte=F("first_month")), name="backtest_period_runs_on"
            ),
            models.CheckConstraint(
                condition=Q(what="back-test", content__isnull=False) | Q(content__isnull=True),
                name="backtest_has_its_book",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="backtest_newest"),
            models.Index(fields=["company", "draft"], name="backtest_of_draft"),
        ]

    def __str__(self) -> str:
        period = f"{self.first_month:%Y-%m}–{self.last_month:%Y-%m}"
        return f"{self.cited} {period}" if self.content else f"{self.get_what_display()} {period}"

    @property
    def cited(self) -> str:
        """Name and edition of the book it was decided by; empty for a replay."""
        content: Mapping[str, Any] = self.content or {}
        return f"{content['book']} {content['edition']}" if content else ""

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_clean(self) -> bool:
        """Whether a replay found everything as it was decided."""
        return not (self.differing or self.undecided or self.broken)

    @property
    def months(self) -> list[date]:
        """The months of the period."""
        count = (
            (self.last_month.year - self.first_month.year) * 12
            + self.last_month.month
            - self.first_month.month
        )
        whole = self.first_month.year * 12 + self.first_month.month - 1
        return [date((whole + n) // 12, (whole + n) % 12 + 1, 1) for n in range(count + 1)]


class OfBackTest(Scoped):
    company_path = ""


class Piece(models.Model):
    """Some of the decisions, by their numbers from `first_id` to `last_id`: read, decided and written in one go, or not at all."""

    backtest = models.ForeignKey(BackTest, on_delete=models.PROTECT, related_name="pieces")
    number = models.IntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    records = models.IntegerField()
    done_at = models.DateTimeField(null=True)
    tallies = models.JSONField(default=dict)
    steps = models.JSONField(default=dict)
    verdicts = models.JSONField(default=dict)

    objects = Guarded.from_queryset(OfBackTest)()

    class Meta:
        verbose_name = _("piece of a back-test")
        constraints = [models.UniqueConstraint(fields=["backtest", "number"], name="piece_once")]

    def __str__(self) -> str:
        return f"{self.backtest_id}/{self.number}"


class Difference(models.Model):
    """A decision that would be another one, or can't be decided under the book. The old answer is the decision's own.

    `steps` is what each changed parameter adds, one after the other; `problem` says why there is no answer.
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", _("another answer")
        REASONS = "reasons", _("the same answer for other reasons")
        UNDECIDED = "undecided", _("can't be decided")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    backtest = models.ForeignKey(BackTest, on_delete=models.PROTECT, related_name="differences")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    outlet_id = models.BigIntegerField(null=True)
    question = models.CharField(_("question"), max_length=60)
    month = models.DateField(_("month"))
    kind = models.CharField(_("difference"), max_length=10, choices=Kind.choices)
    answer = models.JSONField(null=True)
    money = models.BigIntegerField(_("more or less"), default=0)
    steps = models.JSONField(default=dict)
    problem = models.JSONField(default=dict)

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("difference")
        constraints = [
            models.UniqueConstraint(fields=["backtest", "decision"], name="difference_once"),
        ]
        indexes = [
            models.Index(fields=["backtest", "money", "id"], name="difference_by_money"),
            models.Index(fields=["backtest", "outlet_id", "id"], name="difference_of_outlet"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return __("difference %(number)s") % {"number": self.pk}
