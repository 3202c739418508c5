"""Models, parts, and the units that were sold."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.customers.models import Address, Customer
from sanbao.decisions.models import Decision
from sanbao.edge.search import BEGINS, tail
from sanbao.files.models import StoredFile


class Catalogue(Scoped):
    """Models and parts have no place: whoever may see them anywhere in the company sees them all."""

    def visible_to(self, access: Access, permission: str) -> "Catalogue":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach and reach.company_id else self.none()


class Model(models.Model):
    """A model the company makes. `category` is a category of the charges rulebook, and decides labour and warranty."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    code = models.CharField(_("model"), max_length=40)
    name = models.CharField(_("name of the person"), max_length=80, blank=True)
    category = models.CharField(_("category"), max_length=40)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("model")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="model_code")]

    def __str__(self) -> str:
        return self.code


class Part(models.Model):
    """A spare part. `component` is its name on record sheets; `supply_price_fen` what an outlet pays for it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    code = models.CharField(_("part number"), max_length=40)
    name = models.CharField(_("name of the person"), max_length=80)
    component = models.CharField(_("component"), max_length=40, blank=True)
    supply_price_fen = models.BigIntegerField(_("supply price"))
    fits = models.ManyToManyField(Model, related_name="parts", blank=True)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("part")
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="part_code"),
            models.CheckConstraint(condition=Q(supply_price_fen__gte=0), name="part_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Unit(models.Model):
    """One appliance with its serial number, and what is known of its life. It names nobody: whose it is stands behind `customer`.

    Whoever serves customers may look any unit up, wherever it was bought (KA-4.1); the customer is seen by those who serve the customer.
    """

    class Gas(models.TextChoices):
        NATURAL = "12T", _("natural gas (12T)")
        LIQUEFIED = "20Y", _("liquefied petroleum gas (20Y)")
        TOWN = "5R", _("town gas (5R)")

    class Source(models.TextChoices):
        STORE = "store", _("store")
        DEALER = "dealer", _("dealer")
        ONLINE = "online", _("online")
        PROJECT = "project", _("building project")
        OTHER = "other", _("other")

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="units", verbose_name=_("model"))
    serial = models.CharField(_("serial number"), max_length=60)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
        verbose_name=_("customer"),
    )
    address = models.ForeignKey(
        Address,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("where it stands"),
    )
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    purchased_on = models.DateField(_("purchased on"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    source = models.CharField(_("where it was bought"), max_length=10, choices=Source.choices, blank=True)
    seller = models.CharField(_("seller"), max_length=80, blank=True)
    proof = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proof of purchase"),
    )
    gas = models.CharField(_("gas"), max_length=5, choices=Gas.choices, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("unit")
        constraints = [
            models.UniqueConstraint(fields=["company", "serial"], name="unit_serial"),
            models.CheckConstraint(
                condition=Q(purchased_on__isnull=True)
                | Q(produced_on__isnull=True)
                | Q(purchased_on__gte=models.F("produced_on")),
                name="unit_sold_after_it_was_made",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="unit_newest"),
            models.Index(fields=["company", "serial"], opclasses=BEGINS, name="unit_serial_head"),
            models.Index(*tail("serial", "company"), name="unit_serial_tail"),
            models.Index(fields=["customer", "id"], name="unit_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.serial}"


class Cover(models.Model):
    """Until when a unit, or a component with a cover of its own, is repaired free; empty `component`: the appliance (KA-5.1)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="covers")
    component = models.CharField(_("component"), max_length=40, blank=True)
    last_day = models.DateField(_("covered until"))
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")

    class OfUnit(Catalogue):
        company_path = ""

    objects = Guarded.from_queryset(OfUnit)()

    class Meta:
        verbose_name = _("warranty")
        constraints = [models.UniqueConstraint(fields=["unit", "component"], name="cover_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.component} {self.last_day}"


class Registration(models.Model):
    """What a customer has registered by the code on the label, until the desk has checked it: then it is a unit, or refused.

    `doubts` say what is to be looked at. Whoever registers takes nothing over: a unit that is somebody else's stays so until the desk says.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be checked")
        ACCEPTED = "accepted", _("checked and accepted")
        REFUSED = "refused", _("refused")

    class Doubt(models.TextChoices):
        SERIAL = "serial", _("unknown serial number")
        OWNER = "owner", _("registered to somebody else")
        DAY = "day", _("another day of purchase on record")
        PHONE = "phone", _("telephone not confirmed")
        PROOF = "proof", _("no proof of purchase")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    doubts = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    serial = models.CharField(_("serial number"), max_length=60)
    model = models.ForeignKey(
        Model, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("model")
    )
    purchased_on = models.DateField(_("purchased on"))
    source = models.CharField(_("where it was bought"), max_length=10, choices=Unit.Source.choices)
    seller = models.CharField(_("seller"), max_length=80, blank=True)
    proof = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("proof of purchase")
    )
    name = models.CharField(_("name of the person"), max_length=60)
    phone = models.CharField(_("telephone"), max_length=40)
    confirmed = models.BooleanField(_("telephone confirmed by a code"), default=False)
    address = models.CharField(_("address"), max_length=200, blank=True)
    marketing = models.BooleanField(_("agrees to advertising"), default=False)
    registered_at = models.DateTimeField(_("registered"))
    checked_at = models.DateTimeField(_("checked"), null=True)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("why it was refused"), max_length=200, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="registrations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("registration")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="registration_number"),
            models.UniqueConstraint(
                fields=["company", "serial", "phone"],
                condition=Q(state="waiting"),
                name="registration_waits_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(unit__isnull=False), name="registration_accepted_is_a_unit"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="registration_refused_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "state", "-id"], name="registration_newest"),
            models.Index(fields=["company", "phone"], name="registration_phone"),
            models.Index(fields=["unit"], name="registration_of_unit"),
        ]

    def __str__(self) -> str:
        return self.number
