"""What callers say, by version; and how a day's calls were shared out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.callbacks.states import Kind
from sanbao.decisions.models import Decision
from sanbao.products.models import Catalogue


class Script(models.Model):
    """How a kind of callback is talked through (KA-9.4). A change is the next version: a record knows by which one it was asked.

    `questions` is a list of {"code", "text"} for the record's own questions and {"code", "text", "own": true} for the company's.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    number = models.PositiveIntegerField(_("version"))
    opening = models.TextField(_("opening"), max_length=1000)
    questions = models.JSONField(_("questions asked"), default=list)
    closing = models.TextField(_("closing"), max_length=1000)
    made_at = models.DateTimeField(_("written"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("call script")
        constraints = [models.UniqueConstraint(fields=["company", "kind", "number"], name="script_version")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Day(models.Model):
    """One working day of a company's callers: how many calls were shared out among how many, by which decision."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    callers = models.PositiveIntegerField(_("callers"), default=0)
    assigned = models.PositiveIntegerField(_("calls"), default=0)
    postponed = models.PositiveIntegerField(_("postponed"), default=0)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")  # fmt: skip
    made_at = models.DateTimeField(_("shared out"))

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("day of callbacks")
        constraints = [models.UniqueConstraint(fields=["company", "day"], name="callback_day_once")]

    def __str__(self) -> str:
        return f"{self.day}"
