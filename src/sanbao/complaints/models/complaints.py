"""A complaint, and its story."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.complaints.states import Callback, Channel, Origin, State, Verdict, Waiting
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.edge.search import Grams, text_of
from sanbao.files.models import StoredFile
from sanbao.intake.models import Request
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.workorders.models import Order

# What a search looks into.
SEARCHED = ("subject", "description")


class Complaints(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"


class Complaint(models.Model):
    """What a customer is not content with (PV-1). One may be about several orders; `orders` are those.

    `about_outlet` is whom it is about; `outlet` is empty until it is handed to that outlet for its account, and only then does the outlet
    see it. `owner` answers for it, `engineer` is whom it is about. `source` is the id of what it came from in a module above (a callback), by `origin`. `due_at` with `due_clock` copies the clock that runs out next.
    `version` grows with every change: two who press at once are told apart.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=24)
    outlet = models.ForeignKey(
        Outlet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed to outlet"),
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.REGISTERED)
    version = models.PositiveIntegerField(default=1)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices, default=Origin.DIRECT)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    request = models.ForeignKey(
        Request,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="complaints",
        verbose_name=_("born of the request"),
    )
    external_id = models.CharField(max_length=120, blank=True)
    source = models.BigIntegerField(_("taken down at, by id"), null=True, blank=True)
    source_label = models.CharField(_("taken down at"), max_length=40, blank=True, default="")

    kind = models.CharField(_("matter"), max_length=20)
    harm = models.CharField(_("harm"), max_length=20)
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("special"))
    severity = models.CharField(_("severity"), max_length=20)
    weight_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    repeat_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repeats",
        verbose_name=_("repeats the complaint"),
    )
    repeat_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    department = models.CharField(_("department in charge"), max_length=20)
    owner_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer record"),
    )
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    model = models.CharField(_("model"), max_length=40, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    subject = models.CharField(_("subject"), max_length=120)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    wish = models.CharField(_("what the customer wants"), max_length=300, blank=True)
    orders = models.ManyToManyField(Order, related_name="complaints", blank=True)
    about_outlet = models.ForeignKey(
        Outlet,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("about the outlet"),
    )
    engineer = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("about the engineer"),
    )
    product = models.CharField(_("product"), max_length=40, blank=True)

    owner = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible"),
    )
    waiting_for = models.CharField(_("waiting for"), max_length=10, choices=Waiting.choices, blank=True)
    verdict = models.CharField(
        _("verified"), max_length=12, choices=Verdict.choices, default=Verdict.OPEN, blank=True
    )
    verdict_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    finding = models.TextField(_("what was found"), max_length=4000, blank=True)
    cause = models.CharField(_("cause"), max_length=20, blank=True)
    solution = models.TextField(_("solution agreed"), max_length=4000, blank=True)
    promised_on = models.DateField(_("to be solved by"), null=True, blank=True)
    routes = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("other routes named")
    )
    outcome = models.TextField(_("what was done"), max_length=4000, blank=True)
    told = models.CharField(_("what the customer was told"), max_length=500, blank=True)
    callback = models.CharField(
        _("callback"), max_length=12, choices=Callback.choices, default=Callback.NONE, blank=True
    )
    feedback = models.CharField(_("what the customer says"), max_length=500, blank=True)
    lesson = models.CharField(_("lesson"), max_length=500, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)

    due_at = models.DateTimeField(_("due"), null=True)
    due_clock = models.CharField(max_length=12, blank=True)
    warn_at = models.DateTimeField(null=True)
    missed = models.BooleanField(default=False)
    alarmed_at = models.DateTimeField(null=True, help_text="when the alarms last looked at it")

    received_at = models.DateTimeField(_("received"))
    answered_at = models.DateTimeField(_("first answered at"), null=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    handed_at = models.DateTimeField(null=True)
    handed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    justified_at = models.DateTimeField(null=True)
    justified_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unjustified_at = models.DateTimeField(null=True)
    unjustified_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    archived_at = models.DateTimeField(_("archived"), null=True)
    archived_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = Guarded.from_queryset(Complaints)()

    class Meta:
        verbose_name = _("complaint")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="complaint_number"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(request__isnull=False), name="complaint_once_a_request"
            ),
            models.UniqueConstraint(
                fields=["company", "external_id"], condition=~Q(external_id=""), name="complaint_external"
            ),
            models.CheckConstraint(
                condition=~Q(state="handed") | Q(owner__isnull=False),
                name="complaint_has_somebody_responsible",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=("justified", "unjustified", "done", "told", "called_back", "archived")
                )
                | ~Q(verdict=""),
                name="complaint_verified_before_it_is_done",
            ),
            models.CheckConstraint(
                condition=~Q(state="archived") | Q(called_back_at__isnull=False),
                name="complaint_called_back_before_archived",
            ),
            models.CheckConstraint(
                condition=Q(justified_by__isnull=True) | ~Q(justified_by=models.F("registered_by")),
                name="complaint_justified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(unjustified_by__isnull=True) | ~Q(unjustified_by=models.F("registered_by")),
                name="complaint_rejected_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="complaint_newest"),
            models.Index(fields=["company", "state", "-id"], name="complaint_of_state"),
            models.Index(fields=["company", "owner", "state", "-id"], name="complaint_of_owner"),
            models.Index(fields=["company", "received_at"], name="complaint_by_receipt"),
            models.Index(
                fields=["source", "origin"], condition=Q(source__isnull=False), name="complaint_of_source"
            ),
            models.Index(
                fields=["company", "due_at", "id"], condition=~Q(due_clock=""), name="complaint_due"
            ),
            models.Index(fields=["about_outlet", "-id"], name="complaint_about_outlet"),
            models.Index(fields=["outlet", "-id"], name="complaint_of_outlet"),
            models.Index(fields=["customer", "-id"], name="complaint_of_customer"),
            models.Index(fields=["unit", "-id"], name="complaint_of_unit"),
            models.Index(fields=["company", "phone"], name="complaint_phone"),
            GinIndex(Grams(text_of(*SEARCHED)), name="complaint_grams"),
        ]

    def __str__(self) -> str:
        return self.number


class OfComplaint(Scoped):
    """Rows that are found through their complaint."""

    company_path = ""
    region_path = "complaint__outlet__region_id"
    outlet_path = "complaint__outlet_id"


class Entries(OfComplaint):
    def shown_to(self, access: Access) -> "Entries":
        """An outlet never sees headquarters' internal notes; the database's policy says the same."""
        return self if access.outlets is None else self.exclude(audience=Entry.Audience.HEADQUARTERS)


class Entry(models.Model):
    """One thing said or done (PV-1, PV-4), never changed. `clock` names what it means to the clocks, with `clock_detail`; they are worked out of these rows alone."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        MESSAGE_IN = "message_in", _("from the customer")
        MESSAGE_OUT = "message_out", _("to the customer")
        CALL = "call", _("telephone call")
        NOTE = "note", _("internal note")
        REPORT = "report", _("account of the matter")
        MOVE = "move", _("state")
        ASSIGNED = "assigned", _("assignment")
        CHANGED = "changed", _("changed")
        MONEY = "money", _("compensation")
        CASE = "case", _("authority")

    class Audience(models.TextChoices):
        """Who reads it."""

        HEADQUARTERS = "headquarters", _("headquarters")
        HANDLERS = "handlers", _("all who handle it")
        CUSTOMER = "customer", _("the customer, too")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    audience = models.CharField(max_length=12, choices=Audience.choices, default=Audience.HEADQUARTERS)
    clock = models.CharField(max_length=12, blank=True)
    clock_detail = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, blank=True)
    body = models.TextField(max_length=8000, blank=True)
    files = models.ManyToManyField(StoredFile, related_name="+")

    objects = Guarded.from_queryset(Entries)()

    class Meta:
        verbose_name = _("line of the story")
        indexes = [models.Index(fields=["complaint", "id"], name="complaint_entry_in_order")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
