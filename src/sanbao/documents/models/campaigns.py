"""A campaign asks people to read something and to confirm it (BA-8); a reading is one person's part in it."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.documents.models.documents import Shared, Version
from sanbao.outlets.models import Outlet, Region
from sanbao.regulations.models import Edition


class Campaign(models.Model):
    """What is to be read (a regulation's version or a rulebook's edition), by whom, and by when.

    `posts` and `outlets` say who is asked; empty: every post, every place. `stops` are the permissions of those who have not
    confirmed after their due day that rest until they have (reading_first.py). Somebody who gets a post later has `late_days` days.

    One that `repeats` begins anew on `again_on`, after the months the book `personnel` sets between two assessments (SR-6, CS-5); the
    new one `follows` it.
    """

    class Kind(models.TextChoices):
        READING = "reading", _("reading of a regulation")
        TRAINING = "training", _("training")
        PLEDGE = "pledge", _("pledge of confidentiality")

    class State(models.TextChoices):
        DRAFT = "draft", _("Being prepared")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.READING)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=120)
    message = models.TextField(_("what readers are told"), max_length=1000, blank=True)
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="campaigns", verbose_name=_("version")
    )
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("edition")
    )
    posts = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("posts"))
    outlets = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("outlets"))
    due_on = models.DateField(_("due"))
    remind_days = models.PositiveSmallIntegerField(_("reminded so many days before"), default=0)
    late_days = models.PositiveSmallIntegerField(_("days for those who come later"))
    stops = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("rests until read")
    )
    repeats = models.BooleanField(_("comes again"), default=False)
    again_on = models.DateField(_("comes again on"), null=True)
    again_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="next", verbose_name=_("follows")
    )
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(_("begun"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    asked = models.IntegerField(_("asked"), default=0)
    confirmed = models.IntegerField(_("confirmed"), default=0)

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("campaign")
        constraints = [
            models.CheckConstraint(
                condition=Q(version__isnull=False, edition__isnull=True) | Q(version__isnull=True, edition__isnull=False),
                name="campaign_about_one_thing",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "-id"], name="campaign_newest"),
            models.Index(fields=["company", "due_on", "id"], name="campaign_by_day"),
        ]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A question that must be answered right before a reading counts. `right` is the place of the right one among `options`, from 0."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="questions")
    text = models.CharField(_("question"), max_length=200)
    options = ArrayField(models.CharField(max_length=120), verbose_name=_("choices"))
    right = models.PositiveSmallIntegerField(_("right answer"))

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("question")
        constraints = [
            models.CheckConstraint(condition=Q(right__lt=F("options__len")), name="question_has_its_answer"),
        ]

    def __str__(self) -> str:
        return self.text


class Readings(Scoped):
    """One's own; and, for whoever follows campaigns, those of the people who work in reach."""

    def of(self, access: Access) -> Self:
        """One's own."""
        if access.company_id is None or access.person_id is None:
            return self.none()
        return self.in_company(access.company_id).filter(person_id=access.person_id)


class Reading(models.Model):
    """One person's part in a campaign: when asked, by when, when confirmed. `left_on`: no longer on a post that is asked.

    `role`, `region` and `outlet` are the post through which the person was asked first; of an outlet the region stands there, too.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="readings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("post"), max_length=40)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField(_("asked"))
    due_on = models.DateField(_("due"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_on = models.DateField(_("no longer asked since"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)

    objects = Guarded.from_queryset(Readings)()

    class Meta:
        verbose_name = _("reading")
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="reading_once")]
        indexes = [
            models.Index(fields=["person", "company", "due_on"], condition=Q(confirmed_at__isnull=True), name="reading_waits"),
            models.Index(fields=["campaign", "due_on", "id"], name="reading_by_day"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.campaign} · {self.person}"


class Try(models.Model):
    """What somebody answered to the questions: kept, right or wrong."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="answered")
    at = models.DateTimeField(_("at"))
    answers = models.JSONField(_("answers given"))
    right = models.PositiveSmallIntegerField(_("right answers"))
    of = models.PositiveSmallIntegerField(_("questions"))

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("answers given")
