"""A case that an authority has made of a complaint: the market regulator, 12315, a consumers' association."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.complaints.models.complaints import Complaint, OfComplaint


class Case(models.Model):
    """What an authority does and asks. Its own clocks (acceptance, mediation) are the law's; `reply_by` is the day its letter names."""

    class Authority(models.TextChoices):
        HOTLINE = "12315", _("12315 platform")
        REGULATOR = "regulator", _("market regulator")
        ASSOCIATION = "association", _("consumers' association")
        OTHER = "other", _("another authority")

    class Outcome(models.TextChoices):
        NONE = "", _("not ended yet")
        AGREED = "agreed", _("agreement reached")
        FAILED = "failed", _("no agreement")
        REFUSED = "refused", _("not accepted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="cases")
    authority = models.CharField(_("authority"), max_length=12, choices=Authority.choices)
    reference = models.CharField(_("its number"), max_length=60)
    lodged_at = models.DateTimeField(_("lodged"))
    reply_by = models.DateField(_("reply asked by"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    tested_from = models.DateTimeField(_("test begun"), null=True, blank=True)
    tested_until = models.DateTimeField(_("test ended"), null=True, blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.NONE, blank=True
    )
    words = models.CharField(_("what the letter says"), max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfComplaint)()

    class Meta:
        verbose_name = _("authority's case")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "authority", "reference"], name="case_once"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ ~Q(outcome=""), name="case_ends_with_an_outcome"),
            models.CheckConstraint(condition=Q(tested_until__isnull=True) | Q(tested_until__gte=F("tested_from")), name="case_test_ends_after_it_began"),
            models.CheckConstraint(condition=Q(accepted_at__isnull=True) | Q(accepted_at__gte=F("lodged_at")), name="case_accepted_after_it_was_lodged"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_authority_display()} {self.reference}"
