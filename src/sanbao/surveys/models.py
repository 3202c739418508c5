"""Questionnaires in versions, campaigns, invitations, answers, and published results."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.intake.models import Request
from sanbao.outlets.models import Outlet
from sanbao.ui import formats
from sanbao.ui.formats import chinese
from sanbao.workorders.models import Order
from sanbao.workorders.states import Kind


class OfCompany(Scoped):
    """Rows without a place: the same for everybody in the company who holds the permission anywhere."""

    def visible_to(self, access: Access, permission: str) -> "OfCompany":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach and reach.company_id else self.none()


class OfPlaces(Scoped):
    """Rows of an outlet are seen there and above; those of none at headquarters."""

    region_path = "outlet__region_id"


class Questionnaire(models.Model):
    """A set of questions under one name. The one for after the service is sent by itself; others are sent by campaigns."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("after each service")
        CAMPAIGN = "campaign", _("at intervals")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    purpose = models.CharField(_("sent"), max_length=10, choices=Purpose.choices, default=Purpose.CAMPAIGN)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("questionnaire")
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="questionnaire_name"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(purpose="service"), name="questionnaire_one_for_service"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A questionnaire as it is sent. Once published it never changes (a trigger keeps its questions): a correction is the next version.

    Links that are out keep the version they were sent with.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("In use")
        REPLACED = "replaced", _("Replaced")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")
    no = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    title_zh = models.CharField(_("heading in Chinese"), max_length=120)
    title_en = models.CharField(_("heading in English"), max_length=120)
    intro_zh = models.CharField(_("opening words in Chinese"), max_length=500, blank=True)
    intro_en = models.CharField(_("opening words in English"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("version of a questionnaire")
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "no"], name="survey_version_no"),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=Q(state="draft"), name="survey_version_one_draft"
            ),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=Q(state="published"), name="survey_version_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.name} V{self.no}"

    @property
    def title(self) -> str:
        return self.title_zh if chinese() else self.title_en

    @property
    def intro(self) -> str:
        return self.intro_zh if chinese() else self.intro_en


class Question(models.Model):
    """One question. `options` are [{"code", "zh", "en"}] of a choice. `code` is what results and rules know it by.

    The question `overall` (stars) is the score; `works` (a choice of yes and no) says whether it works, and completes the order's last step.
    """

    class Kind(models.TextChoices):
        STARS = "stars", _("stars, one to five")
        CHOICE = "choice", _("one of several")
        SEVERAL = "several", _("any of several")
        TEXT = "text", _("in words")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField(_("place"))
    code = models.CharField(_("short name"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text_zh = models.CharField(_("question in Chinese"), max_length=200)
    text_en = models.CharField(_("question in English"), max_length=200)
    options = models.JSONField(_("answers to choose from"), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=True)

    class OfVersion(Scoped):
        company_path = "version__company_id"

        def visible_to(self, access: Access, permission: str) -> Any:
            reach = access.reach(permission)
            return self.in_company(reach.company_id) if reach and reach.company_id else self.none()

    objects = Guarded.from_queryset(OfVersion)()

    class Meta:
        verbose_name = _("question")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="survey_question_code")]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return self.text_zh if chinese() else self.text_en

    @property
    def named_options(self) -> list[tuple[str, str]]:
        """(code, word) of the answers in the reader's language."""
        language = formats.language()
        return [(each["code"], each[language]) for each in self.options]


class Campaign(models.Model):
    """A survey at intervals (SR-7): whom it is about (jobs closed in a period, of an outlet, a product, a kind), and the sample drawn.

    `population` are the jobs the filter finds, `eligible` those whose customers may be asked; `seed` draws the same sample again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Under way")
        ENDED = "ended", _("Ended")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("questionnaire"))  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    first_day = models.DateField(_("closed from"))
    last_day = models.DateField(_("closed until"))
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    category = models.CharField(_("product category"), max_length=40, blank=True)
    kind = models.CharField(_("work"), max_length=12, choices=Kind.choices, blank=True)
    size = models.PositiveIntegerField(_("sample"))
    seed = models.CharField(_("seed"), max_length=40)
    population = models.PositiveIntegerField(_("jobs found"), default=0)
    eligible = models.PositiveIntegerField(_("may be asked"), default=0)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(_("begun"), null=True)
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("survey at intervals")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="survey_campaign_number"),
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="survey_campaign_has_a_period"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") ^ Q(begun_at__isnull=False), name="survey_campaign_begun_when_sent"
            ),
        ]
        indexes = [models.Index(fields=["company", "-id"], name="survey_campaign_newest")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Invitation(models.Model):
    """That a customer is asked about a job: once for each job, whatever way. Its signed number is the link.

    `state` skipped says, by `why`, for what reason nobody was asked. `outlet`, `engineer` and `category` are copied from the order, so that
    results stand still. The address is the order's when it goes out; none is kept here.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        SENT = "sent", _("Sent")
        ANSWERED = "answered", _("Filled in")
        EXPIRED = "expired", _("Run out")
        SKIPPED = "skipped", _("Not asked")

    class Why(models.TextChoices):
        NO_CONTACT = "no_contact", _("asked not to be contacted")
        BEFORE = "asked_before", _("asked or rated already")
        KIND = "not_this_kind", _("this kind is not surveyed")
        LATELY = "asked_lately", _("asked not long ago")
        NO_MARKETING = "no_marketing", _("wants no advertising")
        NO_CONSENT = "no_consent", _("has not agreed")
        NO_WAY = "no_way", _("no way to reach the customer")
        REOPENED = "reopened", _("the work began again")
        ERASED = "erased", _("the customer's data were erased")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="survey_invitations")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="invitations")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, related_name="+")
    engineer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(_("product category"), max_length=40, blank=True)
    kind = models.CharField(_("work"), max_length=12, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    why = models.CharField(_("why not"), max_length=14, choices=Why.choices, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    made_at = models.DateTimeField(_("made"))
    send_on = models.DateField(_("goes out on"), null=True)
    remind_on = models.DateField(_("reminded on"), null=True)
    last_day = models.DateField(_("can be answered until"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)
    answered_at = models.DateTimeField(_("filled in on"), null=True)

    objects = Guarded.from_queryset(OfPlaces)()

    class Meta:
        verbose_name = _("invitation to a survey")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["planned", "sent", "answered"]),
                name="invitation_once_a_job",
            ),
            models.CheckConstraint(condition=Q(state="skipped") ^ Q(why=""), name="invitation_says_why_not"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "answered"]) | Q(sent_at__isnull=False),
                name="invitation_sent_first",
            ),
        ]
        indexes = [
            models.Index(fields=["send_on", "id"], condition=Q(state="planned"), name="invitation_to_send"),
            models.Index(fields=["remind_on", "id"], condition=Q(state="sent", reminded_at__isnull=True), name="invitation_to_remind"),
            models.Index(fields=["last_day", "id"], condition=Q(state="sent"), name="invitation_to_expire"),
            models.Index(fields=["company", "-id"], name="invitation_newest"),
            models.Index(fields=["campaign", "state"], name="invitation_of_campaign"),
            models.Index(fields=["customer", "-sent_at"], name="invitation_of_customer"),
            models.Index(fields=["company", "sent_at"], name="invitation_by_sending"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order.number}"


class Response(models.Model):
    """What one customer answers. An anonymous one knows neither invitation, order nor engineer, and of its time only the day.

    `score` are the stars of the question `overall`, `words` what was written beside it; `low` by the rulebook.
    """

    class Source(models.TextChoices):
        LINK = "link", _("by link")
        PAPER = "paper", _("on paper")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("outlet")
    )
    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, related_name="response"
    )
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="survey_responses", verbose_name=_("work order"))  # fmt: skip
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="responses")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="responses", verbose_name=_("questionnaire"))  # fmt: skip
    engineer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("engineer"))  # fmt: skip
    category = models.CharField(_("product category"), max_length=40, blank=True)
    kind = models.CharField(_("work"), max_length=12, choices=Kind.choices, blank=True)
    source = models.CharField(_("way"), max_length=10, choices=Source.choices)
    anonymous = models.BooleanField(_("anonymous"), default=False)
    score = models.PositiveSmallIntegerField(_("score"))
    words = models.TextField(_("in words"), max_length=1000, blank=True)
    low = models.BooleanField(_("low"), default=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    call_back = models.BooleanField(_("wishes to be called"), default=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="survey_responses", verbose_name=_("request"))  # fmt: skip
    answered_at = models.DateTimeField(_("filled in on"))
    corrected_at = models.DateTimeField(_("put right"), null=True)
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))  # fmt: skip
    looked_at = models.DateTimeField(_("looked into"), null=True)
    looked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    looked_words = models.CharField(_("what came of it"), max_length=500, blank=True)

    objects = Guarded.from_queryset(OfPlaces)()

    class Meta:
        verbose_name = _("answer to a survey")
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="response_of_five_stars"),
            models.CheckConstraint(
                condition=Q(anonymous=False)
                | Q(invitation__isnull=True, order__isnull=True, engineer__isnull=True, request__isnull=True),
                name="response_anonymous_names_nobody",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(order__isnull=False), name="response_once_a_job"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="response_newest"),
            models.Index(fields=["company", "answered_at"], name="response_by_day"),
            models.Index(fields=["campaign", "score"], name="response_of_campaign"),
            models.Index(
                fields=["company", "-id"], condition=Q(low=True, looked_at__isnull=True), name="response_low"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score}★"


class Said(models.Model):
    """The answer to one question: stars, the codes chosen, or words."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="said")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    stars = models.PositiveSmallIntegerField(_("stars"), null=True)
    chosen = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("chosen"))
    words = models.TextField(_("in words"), max_length=1000, blank=True)

    class OfResponse(Scoped):
        company_path = "response__company_id"
        region_path = "response__outlet__region_id"
        outlet_path = "response__outlet_id"

    objects = Guarded.from_queryset(OfResponse)()

    class Meta:
        verbose_name = _("answer to a question")
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="said_once"),
            models.CheckConstraint(
                condition=Q(stars__isnull=True) | Q(stars__range=(1, 5)), name="said_of_five_stars"
            ),
        ]


class Publication(models.Model):
    """A result as it was published to everybody in the company (GN-5): its figures stand still from then on.

    `figures` is what queries.published_figures made: totals and groups, the small ones left out. `strategy` says what is adjusted.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20)
    title = models.CharField(_("title"), max_length=120)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, related_name="publications", verbose_name=_("survey")
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    figures = models.JSONField(_("figures"))
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField(_("what it says"), max_length=2000, blank=True)
    strategy = models.TextField(_("what is adjusted"), max_length=2000, blank=True)
    made_at = models.DateTimeField(_("published"))
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("published by")
    )

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("published result")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="survey_publication_number")
        ]
        indexes = [models.Index(fields=["company", "-id"], name="survey_publication_newest")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
