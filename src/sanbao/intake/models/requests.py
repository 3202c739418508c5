"""A request, and the running tally of requests."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.edge.kept import kept
from sanbao.edge.search import Grams, text_of
from sanbao.intake.models.desk import Category, Team
from sanbao.intake.permissions import May
from sanbao.intake.states import Channel, Level, State, Waiting
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit

# What a search looks into.
SEARCHED = ("subject", "description")


class Requests(Scoped):
    region_path = "outlet__region_id"
    outlet_path = "outlet_id"

    def reads_along(self, access: Access, permission: str) -> bool:
        """Whether this person, to read, also finds what their places have handed up."""
        if (
            permission != May.SEE
            or not access.outlets
            or access.reach(permission).whole
            or not access.may(permission)
        ):
            return False
        return _has_handed_up(access.company_id, tuple(sorted(access.outlets)))

    def visible_to(self, access: Access, permission: str) -> "Requests":
        """Where the post is held; to read also what such a place has handed up to headquarters (models.readers)."""
        rows: Requests = super().visible_to(access, permission)
        if not self.reads_along(access, permission):
            return rows
        reach, places = access.reach(permission), sorted(access.outlets or ())
        read = ArraySubquery(
            Reader.objects.filter(company_id=reach.company_id, outlet__in=places).values("request_id")
        )
        # `= ANY(ARRAY(…))` is asked once and answered by the primary key; a sub-select beside an OR would be asked for every row.
        told = Func(
            F("pk"), read, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField()
        )
        here = Q(**{f"{self.region_path}__in": list(reach.regions)}) | Q(
            **{f"{self.outlet_path}__in": list(reach.outlets)}
        )
        return self.in_company(reach.company_id).filter(here | Q(told))  # type: ignore[arg-type, return-value]

    def open(self) -> "Requests":
        """Those on which work is still to do."""
        return self.filter(state__in=("new", "assigned", "working", "waiting"))


class Request(models.Model):
    """What a customer asks for. `outlet` is empty while headquarters handles it.

    `contact` and `phone` are whom to call about it, as they were given, which need not be the customer's own. `writer` is
    the account by which the customer writes: an openid of WeChat, a member of WeCom, the number of an SMS. `due_at` with
    `due_promise` copies the promise that runs out next (models.promises), so that lists need not look for it. `version` grows with
    every move: two who press at once are told apart.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("number"), max_length=24)
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    version = models.PositiveIntegerField(default=1)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="+", verbose_name=_("class")
    )
    severity = models.CharField(_("severity"), max_length=20)
    level = models.CharField(_("priority"), max_length=10, choices=Level.choices)
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    priority_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer record"),
        db_index=False,
    )
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    writer = models.CharField(_("writes from"), max_length=64, blank=True, default="", db_default="")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    model = models.CharField(_("model"), max_length=40, blank=True)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    subject = models.CharField(_("subject"), max_length=120)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    customer_help = models.CharField(_("what the customer must do"), max_length=300, blank=True)

    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    waiting_for = models.CharField(_("waiting for"), max_length=10, choices=Waiting.choices, blank=True)
    due_at = models.DateTimeField(_("due"), null=True)
    due_promise = models.CharField(max_length=12, blank=True)
    warn_at = models.DateTimeField(null=True)
    missed = models.BooleanField(default=False)
    reopened = models.PositiveSmallIntegerField(default=0)
    first_contact = models.BooleanField(_("solved at the first contact"), default=False)
    solution = models.TextField(_("solution"), max_length=4000, blank=True)
    feedback = models.CharField(_("what the customer says"), max_length=500, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    received_at = models.DateTimeField(_("received"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    solved_at = models.DateTimeField(null=True)
    solved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    alarmed_at = models.DateTimeField(null=True, help_text="when the alarms last looked at it")
    erased_at = models.DateTimeField(null=True, blank=True)
    tags = ArrayField(
        models.CharField(max_length=30), default=list, db_default=[], blank=True, verbose_name=_("tags")
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = Guarded.from_queryset(Requests)()

    class Meta:
        verbose_name = _("request")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="intake_number"),
            models.CheckConstraint(
                condition=Q(state="waiting") ^ Q(waiting_for=""), name="intake_says_what_it_waits_for"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="intake_newest"),
            models.Index(fields=["company", "state", "-id"], name="intake_newest_of_state"),
            models.Index(fields=["company", "assignee", "state", "-id"], name="intake_of_person"),
            models.Index(fields=["outlet", "-id"], name="intake_of_outlet"),
            models.Index(fields=["company", "received_at"], name="intake_by_receipt"),
            models.Index(fields=["customer", "-id"], name="intake_of_customer"),
            models.Index(fields=["unit", "-id"], name="intake_of_unit"),
            GinIndex(Grams(text_of(*SEARCHED)), name="intake_grams"),
            models.Index(fields=["company", "phone"], name="intake_phone"),
            models.Index(fields=["company", "serial"], name="intake_serial"),
            GinIndex(fields=["tags"], name="intake_tags"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="intake_merged"
            ),
            models.Index(fields=["company", "writer", "-id"], condition=~Q(writer=""), name="intake_writer"),
            models.Index(
                fields=["company", "due_at", "id"],
                condition=Q(state__in=("new", "assigned", "working", "waiting")),
                name="intake_due",
            ),
            models.Index(
                fields=["company", "assignee", "due_at"],
                condition=Q(state__in=("new", "assigned", "working", "waiting")),
                name="intake_due_of_person",
            ),
            models.Index(
                fields=["company", "team", "-id"], condition=Q(assignee__isnull=True), name="intake_queue"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Reader(models.Model):
    """Who reads a request without having it: an outlet that handed it up to headquarters, or a colleague who follows it.

    An outlet sees it and may add notes, a follower is told of what happens. The database lets readers read and nothing else.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="readers")
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField()

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("reader of a request")
        constraints = [
            models.CheckConstraint(
                condition=Q(outlet__isnull=True) ^ Q(person__isnull=True),
                name="reader_is_an_outlet_or_a_person",
            ),
            models.UniqueConstraint(
                fields=["request", "outlet", "person"], nulls_distinct=False, name="reader_once"
            ),
        ]
        indexes = [models.Index(fields=["outlet", "request"], name="reader_of_outlet")]

    def __str__(self) -> str:
        return f"{self.request_id} → {self.outlet_id or self.person_id}"


def _has_handed_up(company_id: int | None, outlets: tuple[int, ...]) -> bool:
    """Whether any of the outlets reads a request that is no longer theirs: where none does, their list stays as plain as it was."""
    return kept(
        ("handed up", company_id, outlets),
        ("intake_reader",),
        lambda: Reader.objects.filter(company_id=company_id, outlet__in=outlets).exists(),
    )


class Merge(models.Model):
    """A request that was merged into an older one about the same matter; `before` is what an undoing brings back."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    kept = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("merging of requests")
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="request_merge_of_two"),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="request_merged_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class Tally(models.Model):
    """How many requests came in a month at a place, by state: kept by trigger in the transaction that changes a request.

    `outlet` 0 is headquarters. Reports read it instead of counting a million rows.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    outlet = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)
    count = models.BigIntegerField(default=0)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("tally")
        constraints = [
            models.UniqueConstraint(fields=["company", "month", "outlet", "state"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.outlet} {self.state}"
