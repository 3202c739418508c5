"""What a person is told in the product, where else they want to hear it, and a company's own words for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.notices.models.message import Message, OfCompany

LANGUAGES = (("zh-hans", "中文"), ("en", "English"))


class Personal(Scoped):
    """Rows of one person in one company: nobody else is shown them, whatever their post.

    They lie in no place: `outlet_id` of a notice is its thing's, and more than the reader's place is asked (reading.py).
    """

    region_path = outlet_path = "no_place"

    def of(self, access: Access) -> "Personal":
        if access.company_id is None or access.person_id is None:
            return self.none()
        return self.in_company(access.company_id).filter(person_id=access.person_id)

    def visible_to(self, access: Access, permission: str) -> "Personal":  # type: ignore[override]
        return self.of(access)


class Notice(models.Model):
    """One line for one person: what happened (`kind`, kinds.py) with its parameters. The words are made when it is read, in the reader's
    language.

    `outlet_id` is the place of the thing; whoever loses the post there no longer sees the line. `digest` waits for the daily mail.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    about = models.CharField(max_length=80)
    outlet_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    digest = models.BooleanField(default=False)

    objects = Guarded.from_queryset(Personal)()

    class Meta:
        verbose_name = _("notice")
        constraints = [models.UniqueConstraint(fields=["company", "person", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["company", "person", "id"], name="notice_newest"),
            models.Index(
                fields=["company", "person", "id"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(fields=["company", "person"], condition=Q(digest=True), name="notice_digest"),
        ]

    def __str__(self) -> str:
        return self.key


class Preference(models.Model):
    """Where and when a person in a company wants to hear of things: a row only once they have chosen something.

    `channels` holds the kinds they have chosen for, each with its ways ("product", "email", …); others follow kinds.py. Between
    `quiet_from` and `quiet_until` (Shanghai time, may span midnight) messages wait, except urgent ones.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, default="zh-hans")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    digest = models.BooleanField(default=False)
    channels = models.JSONField(default=dict)

    objects = Guarded.from_queryset(Personal)()

    class Meta:
        verbose_name = _("preference for messages")
        constraints = [
            models.UniqueConstraint(fields=["company", "person"], name="preference_once"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="preference_quiet_hours_whole",
            ),
        ]


class Address(models.Model):
    """Where a person is reached on a channel, in all companies: kept by themselves, or for an invitation by an administrator."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    channel = models.CharField(_("channel"), max_length=10, choices=Message.Channel.choices)
    address = models.CharField(max_length=254)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("address for messages")
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="address_once")]


class Wording(models.Model):
    """A company's own words for a kind in a language. Never changed: the newest counts; an empty text is the shipped one again."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    kind = models.CharField(max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES)
    number = models.PositiveIntegerField()
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    text = models.CharField(_("text"), max_length=1000, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfCompany)()

    class Meta:
        verbose_name = _("wording of messages")
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "language", "number"], name="wording_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.number}"
