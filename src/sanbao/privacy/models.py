"""Requests about a person's data, and each company's switch for the nightly erasure."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class OfCompany(Scoped):
    """Requests have no place: who handles them handles the company's."""

    def visible_to(self, access, permission):  # type: ignore[no-untyped-def, override]
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach.whole else self.none()


class Request(models.Model):
    """Somebody asks for a copy of their data, or to be erased (PIPL 44 to 50).

    Telephone and name stand here only until the request is done with; `shown` is what remains of them, masked. Whoever asks on a
    person's behalf is not the one who approves: a constraint says so. `counts` is how many records of each kind it touched.
    """

    class Kind(models.TextChoices):
        COPY = "copy", _("copy of the data")
        ERASE = "erase", _("erasure of a customer")
        STAFF = "staff", _("erasure of a former colleague")

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second person")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.CharField(_("request about one's data"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    customer = models.CharField(_("name of the person"), max_length=60, blank=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    shown = models.CharField(_("about"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    counts = models.JSONField(default=dict)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("request about personal data")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="copy") | Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="request_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(phone="", customer=""), name="request_done_holds_no_data"
            ),
            models.UniqueConstraint(
                fields=["company", "kind", "phone", "customer", "person"],
                condition=Q(state="asked"),
                nulls_distinct=False,
                name="request_open_once",
            ),
        ]
        indexes = [models.Index(fields=["company", "-id"], name="request_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shown}"


class Retention(models.Model):
    """A company's switch: whether the nightly job erases what is due, or only lists it."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    erases = models.BooleanField(_("erases what is due every night"), default=False)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("retention")
