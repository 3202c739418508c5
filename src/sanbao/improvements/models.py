"""A measure, the reviews of its effect, and the files that show what was done."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.decisions.models import Decision
from sanbao.files.models import StoredFile
from sanbao.improvements.states import State
from sanbao.outlets.models import Outlet


class SourceKind(models.TextChoices):
    """Where a problem was found."""

    SURVEY = "survey", _("satisfaction survey")
    CALLBACK = "callback", _("callback")
    COMPLAINT = "complaint", _("complaint")
    FINDING = "finding", _("finding about a sheet")
    INSPECTION = "inspection", _("inspection")
    PROPOSAL = "proposal", _("proposal of a colleague")
    OTHER = "other", _("other")


class Verdict(models.TextChoices):
    EFFECTIVE = "effective", _("effective")
    PARTLY = "partly", _("partly effective")
    NOT = "not", _("not effective")


class OfPlaces(Scoped):
    """Measures of an outlet are seen there and above; those of no outlet at headquarters."""

    region_path = "outlet__region_id"


class OfMeasure(Scoped):
    company_path = "measure__company_id"
    region_path = "measure__outlet__region_id"
    outlet_path = "measure__outlet_id"


class Measure(models.Model):
    """One problem and what is done about it. `source_path` is the page of what it was found by, given by whoever opened it.

    `round` counts the tries: a review that finds no effect begins the next one. `told` is the last step of the ladder that was told for
    the present due day, `review_told` whether the reviewers were. `figure` is what the effect is read from, with its unit.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("title"), max_length=120)
    problem = models.TextField(_("problem"), max_length=2000)
    cause = models.TextField(_("cause"), max_length=2000, blank=True)
    remedy = models.TextField(_("measure"), max_length=2000, blank=True)
    source_kind = models.CharField(_("found by"), max_length=12, choices=SourceKind.choices)
    source_pk = models.BigIntegerField(null=True)
    source_label = models.CharField(_("found in"), max_length=120, blank=True)
    source_path = models.CharField(_("address of where it was found"), max_length=300, blank=True)
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet")
    )
    product_line = models.CharField(_("product category"), max_length=40, blank=True)
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person in charge")
    )
    due_on = models.DateField(_("due on"), null=True)
    figure = models.CharField(_("figure"), max_length=80, blank=True)
    figure_before = models.DecimalField(_("before"), max_digits=12, decimal_places=2, null=True, blank=True)
    figure_target = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    round = models.PositiveSmallIntegerField(_("try"), default=1)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    done_at = models.DateTimeField(_("done on"), null=True)
    done_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("done by")
    )
    done_note = models.TextField(_("what was done"), max_length=2000, blank=True)
    review_on = models.DateField(_("effect reviewed on"), null=True)
    review_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended on"), null=True)
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    told = models.CharField(max_length=10, blank=True, editable=False, verbose_name=_("last reminder"))
    review_told = models.BooleanField(default=False, editable=False, verbose_name=_("reviewers told"))

    objects = Guarded.from_queryset(OfPlaces)()

    class Meta:
        verbose_name = _("improvement measure")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="measure_number"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "declined", "withdrawn"])
                | Q(owner__isnull=False, due_on__isnull=False),
                name="measure_has_an_owner_and_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "effective", "partly"])
                | Q(done_at__isnull=False, done_by__isnull=False, review_on__isnull=False) & ~Q(done_note=""),
                name="measure_done_with_a_note",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["effective", "partly", "declined", "withdrawn"])
                ^ Q(ended_at__isnull=True),
                name="measure_ended_in_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="measure_newest"),
            models.Index(fields=["company", "due_on", "id"], name="measure_by_day"),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="measure_open"),
            models.Index(fields=["review_on"], condition=Q(state="done"), name="measure_to_review"),
            models.Index(fields=["company", "source_kind", "source_pk"], name="measure_source"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Review(models.Model):
    """Whether a measure helped, said by somebody who neither owned nor did it. Written once, with what had been done in that try."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField(_("try"))
    done_at = models.DateTimeField(_("done on"))
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    done_note = models.TextField(_("what was done"), max_length=2000)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(_("effect"), max_length=10, choices=Verdict.choices)
    figure = models.CharField(_("figure"), max_length=80)
    before = models.DecimalField(_("before"), max_digits=12, decimal_places=2)
    after = models.DecimalField(_("after"), max_digits=12, decimal_places=2)
    words = models.TextField(_("in words"), max_length=1000, blank=True)
    at = models.DateTimeField(_("effect seen on"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = Guarded.from_queryset(OfMeasure)()

    class Meta:
        verbose_name = _("review of a measure")
        constraints = [
            models.UniqueConstraint(fields=["measure", "round"], name="measure_reviewed_once_a_try"),
            models.CheckConstraint(
                condition=~Q(by=F("done_by")) & ~Q(by=F("owner")), name="measure_reviewed_by_another"
            ),
        ]


class Attachment(models.Model):
    """A file that shows what was found or done."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="attachments")
    round = models.PositiveSmallIntegerField(_("try"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("what the file is"), max_length=80, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = Guarded.from_queryset(OfMeasure)()

    class Meta:
        verbose_name = _("file of a measure")
