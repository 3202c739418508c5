"""Customers, their contacts and addresses, and their consents."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.edge.search import BEGINS, Grams, tail
from sanbao.outlets.models import Outlet
from sanbao.ui.readers.places import PATTERN


class InPlaces(Scoped):
    """Rows with a list of the outlets that serve the customer. `places_path` says where it stands."""

    places_path = "places"

    def visible_to(self, access: Access, permission: str) -> "InPlaces":
        """Everybody's at headquarters; elsewhere those whom one of the person's outlets serves."""
        reach = access.reach(permission)
        if not reach or reach.company_id is None:
            return self.none()
        rows = self.in_company(reach.company_id) if self.company_path else self
        if reach.whole:
            return rows
        outlets: Iterable[int] = reach.outlets
        if reach.regions:
            outlets = {
                *outlets,
                *Outlet.objects.filter(region_id__in=reach.regions).values_list("pk", flat=True),
            }
        return rows.filter(**{f"{self.places_path}__overlap": sorted(outlets)})


class OfCustomer(InPlaces):
    places_path = "customer__places"


class Customer(models.Model):
    """A person or a company served. `places` are the outlets that serve it: their people see it, others don't.

    `initials` are the first letters of the name's pinyin (zs for 张三): made when it is registered, and mended by hand where a surname is
    read differently. `merged_into` says whose duplicate it was; a merged one is kept and shows the way.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("individual")
        ORGANISATION = "organisation", _("company")

    class Reach(models.TextChoices):
        PHONE = "phone", _("telephone")
        SMS = "sms", _("text message")
        EMAIL = "email", _("e-mail")
        WECHAT = "wechat", _("WeChat")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("customer number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=80)
    initials = models.CharField(_("pinyin initials"), max_length=40, blank=True)
    vip = models.BooleanField(_("important customer"), default=False)
    tags = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("tags"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    plan = models.TextField(_("individual service plan"), max_length=2000, blank=True)
    reach_by = models.CharField(_("prefers"), max_length=10, choices=Reach.choices, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    no_marketing = models.BooleanField(_("no advertising"), default=False)
    do_not_call = models.BooleanField(_("does not want to be called"), default=False)
    places = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        editable=False,
        verbose_name=_("outlets that serve it"),
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="merged", verbose_name=_("merged into")
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(InPlaces)()

    class Meta:
        verbose_name = _("customer")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="customer_number"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
                name="customer_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="customer_newest"),
            models.Index(fields=["company", "initials"], opclasses=BEGINS, name="customer_initials"),
            models.Index(fields=["company", "name"], name="customer_name"),
            GinIndex(Grams("name"), name="customer_grams"),
            GinIndex(fields=["places"], name="customer_places"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """How to reach a customer, or somebody there. Two customers may have the same telephone: a family, a shop."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(_("name"), max_length=60, blank=True)
    role = models.CharField(_("who that is"), max_length=40, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    wechat = models.CharField(
        _("WeChat"), max_length=64, blank=True, help_text=_("The openid, filled in by WeChat.")
    )
    wecom = models.CharField(_("WeCom"), max_length=64, blank=True)
    wecom_kf = models.CharField(
        _("WeChat customer service"), max_length=64, blank=True, default="", db_default=""
    )
    preferred = models.BooleanField(_("the first to call"), default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(OfCustomer)()

    class Meta:
        verbose_name = _("contact")
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone="", email="", wechat="", wecom="", wecom_kf=""),
                name="contact_can_be_reached",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(preferred=True, ended_at__isnull=True),
                name="contact_one_preferred",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "phone"], opclasses=BEGINS, name="contact_phone"),
            models.Index(*tail("phone", "company"), name="contact_phone_tail"),
            models.Index(fields=["company", "email"], condition=~Q(email=""), name="contact_email"),
            models.Index(fields=["company", "wechat"], condition=~Q(wechat=""), name="contact_wechat"),
            models.Index(fields=["company", "wecom_kf"], condition=~Q(wecom_kf=""), name="contact_wecom_kf"),
        ]

    def __str__(self) -> str:
        return self.name or self.phone or self.email


class Address(models.Model):
    """Where a customer's products stand. `coordinates` ("latitude,longitude") only where somebody wrote them or the customer let them be taken."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses")
    label = models.CharField(_("what it is"), max_length=40, blank=True)
    province = models.CharField(_("province"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=20, blank=True)
    district = models.CharField(_("district"), max_length=20, blank=True)
    text = models.CharField(_("address"), max_length=200)
    coordinates = models.CharField(_("coordinates"), max_length=24, blank=True)
    preferred = models.BooleanField(_("the usual one"), default=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(OfCustomer)()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(preferred=True, ended_at__isnull=True),
                name="address_one_preferred",
            ),
            models.CheckConstraint(
                condition=Q(coordinates="") | Q(coordinates__regex=PATTERN), name="address_coordinates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province}{self.city}{self.district}{self.text}"


class Consent(models.Model):
    """What a customer agreed to, how that was given and when it was withdrawn (PIPL 13, 14): never edited, only ended."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("advertising")
        SURVEY = "survey", _("surveys beyond the service itself")
        SHARING = "sharing", _("passing data on to others")
        LOCATION = "location", _("recording the place of the visit")
        PHOTOS = "photos", _("photographs of the home")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(_("what for"), max_length=12, choices=Purpose.choices)
    how = models.CharField(_("how it was given"), max_length=200)
    given_at = models.DateTimeField()
    given_to = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfCustomer)()

    class Meta:
        verbose_name = _("consent")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose"], condition=Q(withdrawn_at__isnull=True), name="consent_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class Merge(models.Model):
    """That one record was another's duplicate: which rows moved, and what stood before, so that it can be undone. Headquarters' own."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_away")
    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    moved = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("merging")
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at__isnull=True), name="customer_merged_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone} → {self.kept}"
