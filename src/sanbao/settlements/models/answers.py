"""The outlet's answer to its statement, and headquarters' reply."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.outlets.models import Outlet
from sanbao.settlements.models.handins import OfOutlet
from sanbao.settlements.models.sheets import Sheet
from sanbao.settlements.models.statements import Statement


class Answer(models.Model):
    """The outlet confirms the statement, or questions it or one sheet in it. A question waits for a reply.

    A confirmation holds for the statement as it was submitted then: `version` is the version it was given for.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirmed")
        QUESTION = "question", _("questioned")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="answers")
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.IntegerField()
    note = models.CharField(_("note"), max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reply = models.CharField(_("reply"), max_length=500, blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOutlet)()

    class Meta:
        verbose_name = _("answer")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="confirm") | ~Q(note=""), name="answer_question_has_a_note"
            ),
        ]
        indexes = [models.Index(fields=["statement", "id"])]
