"""Task forces: a few people brought together for a special problem, for a time (EN-2)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.intake.models.requests import Request


class OfHeadquarters(Scoped):
    """Rows without a place: for whoever holds the permission at headquarters."""

    def visible_to(self, access: Access, permission: str) -> "OfHeadquarters":
        reach = access.reach(permission)
        return (
            self.in_company(reach.company_id) if reach and reach.whole and reach.company_id else self.none()
        )


class Force(models.Model):
    """A task force: what it is for, who leads it, its term (both days included), and what came of it.

    `told_on`: when its leader was last told that the term is over.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    goal = models.CharField(_("goal"), max_length=500)
    leader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("leader"))
    members = models.ManyToManyField(Person, related_name="+", verbose_name=_("members"))
    requests = models.ManyToManyField(Request, related_name="forces")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    result = models.CharField(_("result"), max_length=2000, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    told_on = models.DateField(null=True)

    objects = Guarded.from_queryset(OfHeadquarters)()

    class Meta:
        verbose_name = _("task force")
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="force_has_a_term"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) ^ ~Q(result=""), name="force_ends_with_a_result"
            ),
        ]
        indexes = [models.Index(fields=["company", "ended_at", "last_day"], name="force_open")]

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """A word about how a task force gets on. Written once."""

    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="reports")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("report"), max_length=4000)

    class OfForce(Scoped):
        company_path = ""

    objects = Guarded.from_queryset(OfForce)()

    class Meta:
        verbose_name = _("report of a task force")
        indexes = [models.Index(fields=["force", "-id"], name="force_reports")]

    def __str__(self) -> str:
        return f"{self.force} {self.at:%Y-%m-%d}"
