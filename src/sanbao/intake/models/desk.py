"""How the desk is set up: the tree of classes, the teams with their queues, who is away, and what goes where."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.customers.models import Customer
from sanbao.outlets.models import Certificate, Outlet


class Team(models.Model):
    """People who share a queue: the hotline, technical support, a department that is asked for help (BA-1, BA-4, EN-1)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=40)
    purpose = models.CharField(_("what it is for"), max_length=200, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("team")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="team_code")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Somebody in a team. `lead` is told first when a promise is in danger; `skills` are what a rule may ask for (RP-6).

    `alone_from`: until that day the person works under guidance and is not given requests by themselves (PV-8).
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lead = models.BooleanField(_("leads the team"), default=False)
    skills = ArrayField(models.CharField(max_length=30), default=list, blank=True, verbose_name=_("skills"))
    alone_from = models.DateField(_("may work alone from"), null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Scope(Scoped):
        company_path = ""

    objects = Guarded.from_queryset(Scope)()

    class Meta:
        verbose_name = _("member")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "person"], condition=Q(ended_on__isnull=True), name="member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.team}"


class Tag(models.Model):
    """A word that requests are marked with, beside their class: a batch, a campaign, a fair. Made when it is first used."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("tag"), max_length=30)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("tag")
        constraints = [models.UniqueConstraint("company", Lower("name"), name="tag_once")]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """Somebody is away, from the first day to the last; what comes for them goes to the substitute."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    substitute = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("absence")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("person")),
                name="absence_not_ones_own_substitute",
            ),
        ]
        indexes = [models.Index(fields=["company", "person", "-last_day"])]

    def __str__(self) -> str:
        return f"{self.person} {self.first_day}–{self.last_day}"


class Category(models.Model):
    """A class of requests, in a tree (CS-2, CS-7, DP-1). What is in use is retired, never deleted.

    `path` is "/grandparent/parent/own/" in numbers, so that a class is found with all below it. `nature` is what the priority table asks.
    """

    class Kind(models.TextChoices):
        REPAIR = "repair", _("repair")
        INSTALLATION = "installation", _("installation")
        EXCHANGE = "exchange", _("return or exchange")
        COMPLAINT = "complaint", _("complaint")
        MAINTENANCE = "maintenance", _("maintenance")
        TRAINING = "training", _("training")
        ADVICE = "advice", _("advice on use")
        DELIVERY = "delivery", _("delivery problem")
        OTHER = "other", _("other")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    kind = models.CharField(_("service"), max_length=20, choices=Kind.choices)
    nature = models.CharField(_("nature"), max_length=20)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=120, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(_("place among its neighbours"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("class")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="category_code")]
        indexes = [models.Index(fields=["company", "path"])]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class Rule(models.Model):
    """Where requests go: the first rule that fits, by `position` (CS-2). Empty conditions fit everything.

    Within the team: `queue` leaves it to whoever takes it, `least_loaded` gives it to the member with the fewest open requests.
    """

    class Mode(models.TextChoices):
        QUEUE = "queue", _("leave it in the queue")
        LEAST_LOADED = "least_loaded", _("give it to whoever has least")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("name"), max_length=60)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("class")
    )
    product = models.CharField(_("product category"), max_length=40, blank=True)
    area = models.CharField(_("address begins with"), max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    vip = models.BooleanField(_("only VIP customers"), default=False)
    skill = models.CharField(_("needs the skill"), max_length=30, blank=True)
    certificate = models.CharField(
        _("needs the certificate"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Certificate.Kind.choices,
    )
    contract = models.BooleanField(_("only customers with a contract"), default=False, db_default=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mode = models.CharField(_("within the team"), max_length=20, choices=Mode.choices, default=Mode.QUEUE)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Scope(Scoped):
        region_path = "outlet__region_id"

    objects = Guarded.from_queryset(Scope)()

    class Meta:
        verbose_name = _("rule of assignment")
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(outlet__isnull=False), name="rule_leads_somewhere"
            )
        ]
        indexes = [
            models.Index(
                fields=["company", "position"], condition=Q(retired_at__isnull=True), name="rule_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Pledge(models.Model):
    """A promise on top of the regulation's: the company's own, or a contract's with one customer. The stricter rules, or the contract alone."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("first answer")
        RESPONSE = "response", _("response")
        RESOLUTION = "resolution", _("solution")

    class Unit(models.TextChoices):
        MINUTES = "minutes", _("minutes")
        HOURS = "hours", _("hours")
        DAYS = "days", _("days")
        WORKING_MINUTES = "working_minutes", _("working minutes")
        WORKING_HOURS = "working_hours", _("working hours")
        WORKDAYS = "workdays", _("working days")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    source = models.CharField(_("what it rests on"), max_length=80)
    promise = models.CharField(_("promise"), max_length=12, choices=Kind.choices)
    length = models.PositiveIntegerField(_("within"))
    unit = models.CharField(_("counted in"), max_length=16, choices=Unit.choices)
    since = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("promise on top")
        constraints = [
            models.CheckConstraint(condition=Q(length__gt=0), name="pledge_of_some_time"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="pledge_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["company", "customer"])]

    def __str__(self) -> str:
        return self.source


class Duty(models.Model):
    """Hours other than the calendar's, of an outlet or of headquarters: every week, on one day, or closed on one day (RG-1, EN-5)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet")
    )
    weekday = models.CharField(_("every week on"), max_length=10, blank=True)
    day = models.DateField(_("on the day"), null=True, blank=True)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("hours on duty")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday="") ^ Q(day__isnull=True), name="duty_on_a_weekday_or_a_day"
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True, weekday="") | Q(closes__gt=F("opens")),
                name="duty_closes_after_it_opens",
            ),
            models.UniqueConstraint(
                fields=["company", "outlet", "weekday", "day"], nulls_distinct=False, name="duty_said_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday or self.day}"
