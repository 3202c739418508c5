"""A draft edition, its changes and the author's own examples."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.regulations.models.editions import CompanyWide, Edition
from sanbao.regulations.states import State


class Draft(models.Model):
    """A draft of an edition: the base it changes, and why. What it says is the base with its changes (`drafting.book_of`).

    `from_day` is the day from which the company decides by it; empty: from its publication. `clauses` are the company's own, cited by
    its changes: {"own 1": {"zh": …, "en": …}}. `keeps_settled`: the author has read that settled months stay as they are, where a
    correction reaches back into them. `report` is what was attached of the back-test when it was published.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    book = models.CharField(_("rulebook"), max_length=40)
    base = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", verbose_name=_("changes"))
    edition = models.CharField(_("name of the edition"), max_length=40)
    title = models.CharField(_("title"), max_length=120)
    why = models.TextField(_("why"), max_length=2000, blank=True)
    from_day = models.DateField(_("in force from"), null=True, blank=True)
    keeps_settled = models.BooleanField(_("settled months stay as they are"), default=False)
    clauses = models.JSONField(_("own clauses"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.EDITING)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("begun"))
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("begun by")
    )
    editing_at = models.DateTimeField(_("changed"))
    editing_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("last changed by")
    )
    review_at = models.DateTimeField(_("submitted"), null=True)
    review_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.OneToOneField(
        Edition, on_delete=models.PROTECT, null=True, related_name="draft", verbose_name=_("edition")
    )
    report = models.JSONField(_("back-test"), null=True, blank=True)

    objects = Guarded.from_queryset(CompanyWide)()

    class Meta:
        verbose_name = _("draft of an edition")
        indexes = [
            models.Index(fields=["company", "-id"], name="draft_newest"),
            models.Index(fields=["company", "book", "state"], name="draft_of_book"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (
                    ~Q(approved_by=F("made_by"))
                    & ~Q(approved_by=F("editing_by"))
                    & ~Q(approved_by=F("review_by"))
                ),
                name="draft_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | (~Q(published_by=F("made_by")) & ~Q(published_by=F("editing_by"))),
                name="draft_published_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(approved_by__isnull=False, result__isnull=False),
                name="draft_approved_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.edition})"


class Change(models.Model):
    """One change of a draft: a parameter from a day on. `value` is JSON as sanbao_rules.decision writes it."""

    class Kind(models.TextChoices):
        ADD = "add", _("a new value from a day")
        CORRECT = "correct", _("an error corrected")
        READING = "reading", _("another reading")
        TABLE = "table", _("a table changed")
        HOLIDAYS = "holidays", _("the year's holiday notice")
        REMOVE = "remove", _("a value taken out")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="changes")
    parameter = models.CharField(_("parameter"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    since = models.DateField(_("from"))
    value = models.JSONField(_("value"), null=True)
    clause = models.CharField(_("clause"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))

    objects = Guarded.from_queryset(CompanyWide)()

    class Meta:
        verbose_name = _("change of a draft")
        constraints = [
            models.UniqueConstraint(fields=["draft", "parameter", "since"], name="change_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.since}"


class Example(models.Model):
    """A worked example of the author's own: a question, its facts and what the draft is to answer.

    `facts` and `answer` are JSON as sanbao_rules.decision writes it; `answer` has amounts in yuan, as the shipped examples have.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="examples")
    name = models.CharField(_("name"), max_length=120)
    question = models.CharField(_("question"), max_length=60)
    facts = models.JSONField(_("facts"))
    answer = models.JSONField(_("expected answer"), null=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))

    objects = Guarded.from_queryset(CompanyWide)()

    class Meta:
        verbose_name = _("example of a draft")
        constraints = [models.UniqueConstraint(fields=["draft", "name"], name="example_once")]

    def __str__(self) -> str:
        return self.name
