"""Help asked of another department."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.intake.models.desk import Team
from sanbao.intake.models.entries import OfRequest
from sanbao.intake.models.requests import Request


class Task(models.Model):
    """Something another department is asked to do for a request, with an owner and a time (BA-4)."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(_("what is asked"), max_length=200)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", verbose_name=_("team"))
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    due_at = models.DateTimeField(_("due"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.CharField(_("result"), max_length=1000, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfRequest)()

    class Meta:
        verbose_name = _("task")
        indexes = [
            models.Index(fields=["owner", "due_at"], condition=Q(done_at__isnull=True), name="task_open")
        ]

    def __str__(self) -> str:
        return self.title
