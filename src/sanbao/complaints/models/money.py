"""What is given to a customer to make up for it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.complaints.models.complaints import Complaint, OfComplaint
from sanbao.complaints.states import Money
from sanbao.decisions.models import Decision


class Compensation(models.Model):
    """A compensation: proposed, approved by the ladder by another person, given or paid by a third. Amounts in fen; of goods and free service their value."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund")
        DISCOUNT = "discount", _("discount")
        GOODS = "goods", _("goods")
        FREE = "free", _("free service")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="compensations")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount_fen = models.BigIntegerField(_("amount"))
    note = models.CharField(_("what for"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=Money.choices, default=Money.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    post = models.CharField(_("approved by the post"), max_length=20)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(_("decision of the company's leaders"), max_length=200, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(_("given on"), null=True)
    paid_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    receipt = models.CharField(_("proof"), max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = Guarded.from_queryset(OfComplaint)()

    class Meta:
        verbose_name = _("compensation")
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="compensation_is_something"),
            models.CheckConstraint(condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="compensation_approved_by_another"),
            models.CheckConstraint(condition=Q(paid_by__isnull=True) | ~Q(paid_by=F("approved_by")), name="compensation_paid_by_another"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["complaint", "id"], name="compensation_of_complaint")]

    def __str__(self) -> str:
        return f"{self.complaint} {self.get_kind_display()}"
