"""When people were at work."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.outlets.models import Outlet


class Times(Scoped):
    region_path = "outlet__region_id"


class WorkTime(models.Model):
    """A day somebody was at work, at an outlet or at headquarters (BA-6): when they came and when they went for the last time.

    `due_from` and `due_to` are the hours arranged for the place when the day was written down, by calendar and roster; empty on a day off.
    `late` and `early` are minutes against them. `written_by` is whoever wrote the day down for the person or changed it, with the reason.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outlet"))  # fmt: skip
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    day = models.DateField(_("day"))
    came_at = models.DateTimeField(_("came"))
    went_at = models.DateTimeField(_("went"), null=True, blank=True)
    due_from = models.TimeField(_("hours from"), null=True, blank=True)
    due_to = models.TimeField(_("hours until"), null=True, blank=True)
    late = models.PositiveSmallIntegerField(_("minutes late"), default=0)
    early = models.PositiveSmallIntegerField(_("minutes left early"), default=0)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("written down by"))  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = Guarded.from_queryset(Times)()

    class Meta:
        verbose_name = _("working time")
        constraints = [
            models.UniqueConstraint(fields=["company", "person", "day"], name="work_time_once_a_day"),
            models.CheckConstraint(
                condition=Q(went_at__isnull=True) | Q(went_at__gte=F("came_at")), name="work_time_in_order"
            ),
            models.CheckConstraint(
                condition=Q(due_from__isnull=True, due_to__isnull=True)
                | Q(due_from__isnull=False, due_to__isnull=False),
                name="work_time_hours_whole",
            ),
        ]
        indexes = [models.Index(fields=["company", "-day", "-id"], name="work_time_newest")]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"

    @property
    def minutes(self) -> int:
        """How long between coming and going; none while somebody is still at work."""
        return int((self.went_at - self.came_at).total_seconds()) // 60 if self.went_at else 0
