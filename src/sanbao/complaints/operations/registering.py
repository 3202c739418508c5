"""A complaint comes in: registered, graded, compared with earlier ones, its clocks begun, its receipt confirmed, in one transaction (PV-1, GN-4, RG-2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.complaints import clocks, events, links, telling
from sanbao.complaints.facts import OF_ITSELF, words
from sanbao.complaints.models import Complaint, Entry
from sanbao.complaints.permissions import May
from sanbao.complaints.sources import Source
from sanbao.complaints.states import Channel, Origin
from sanbao.customers.models import Customer
from sanbao.files.models import StoredFile
from sanbao.intake import ways
from sanbao.intake.models import Category, Request
from sanbao.notices import operations as notices
from sanbao.outlets.models import Outlet
from sanbao.products.models import Model, Unit
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order

SLOW_CLOCKS = timedelta(minutes=5)  # another system's clock may be ahead by so much
LONG_AGO = timedelta(days=366)
MOST_ORDERS = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody complains of. `outlet` and `engineer` are whom it is about; `answered`: told in the call who handles it and by when.

    `received_at` is when it reached us (None: now). `source` is what it was taken down at, in a module above (see `sources`), by `origin`.
    """

    channel: str
    kind: str
    harm: str
    subject: str
    flags: Sequence[str] = ()
    description: str = ""
    wish: str = ""
    customer: Customer | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    unit: Unit | None = None
    model: str = ""
    serial: str = ""
    outlet: Outlet | None = None
    engineer: Person | None = None
    orders: Sequence[Order] = ()
    request: Request | None = None
    received_at: datetime | None = None
    answered: str = ""
    origin: str = Origin.DIRECT
    source: Source | None = None
    external_id: str = ""
    files: Sequence[StoredFile] = field(default_factory=tuple)


def register(told: Told, *, by: Access, at: datetime) -> Complaint:
    """Somebody at the desk registers a complaint. Refusals name the field."""
    by.require(May.REGISTER)
    return receive(told, by=by, at=at)


def from_request(request: Request, told: Told, *, by: Access, at: datetime) -> Complaint:
    """A request that is a complaint gets the complaint's flow; the customer goes on talking by the request's ways."""
    by.require(May.REGISTER)
    origin = Origin.REQUEST if told.origin == Origin.DIRECT else told.origin
    return receive(replace(told, request=request, origin=origin), by=by, at=at)


@transaction.atomic
def receive(told: Told, *, by: Access, at: datetime) -> Complaint:
    """A door brings a complaint; `by` may be the company's own access (nobody in person). The same `external_id` again is the same complaint."""
    if told.external_id:
        known = Complaint.objects.filter(company_id=by.company_id, external_id=told.external_id).first()
        if known is not None:
            return known
    received_at = told.received_at or at
    _refuse_unless_sound(told, received_at, by, at)
    made = _complaint(told, received_at, by, at)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refusal(
            _("This request is registered as a complaint already."), field="request", code="twice"
        ) from None
    if told.orders:
        made.orders.set(told.orders)
    clocks.look_back(made, by=by, at=at)
    clocks.weigh(made, by=by, at=at)
    clocks.own(made, by=by, at=at)
    telling.wrote(
        made, Entry.Kind.RECEIVED, made.description or made.subject, by, received_at, audience=Entry.Audience.CUSTOMER, clock="received",
        channel=made.channel, files=told.files,
    )  # fmt: skip
    if told.answered.strip():
        telling.wrote(
            made, Entry.Kind.CALL, told.answered, by, received_at, audience=Entry.Audience.CUSTOMER, clock="answered", channel=made.channel
        )  # fmt: skip
        made.answered_at = received_at
    clocks.recount(made, by=by, at=at)
    made.save()
    audit.record(
        "complaints:complaint:registered", made, by=by, at=at, outlet_id=made.outlet_id, origin=made.origin, kind=made.kind, severity=made.severity,
    )  # fmt: skip
    if made.origin != Origin.PORTAL:  # there the request has confirmed it
        _acknowledge(made, by, at)
    telling.registered(made, by=by, at=at)
    events.tell(events.REGISTERED, made, by=by, at=at)
    return made


def _complaint(told: Told, received_at: datetime, by: Access, at: datetime) -> Complaint:
    unit, vip = told.unit, bool(told.customer and told.customer.vip)
    order = told.orders[0] if told.orders else None
    outlet = told.outlet or (order.outlet if order else None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('complaint', %s)", [by.company_id])
        (number,) = cursor.fetchone()
    return Complaint(
        company_id=by.company_id,
        number=f"T{timezone.localtime(received_at):%y%m%d}-{number}",
        origin=told.origin,
        channel=told.channel,
        request=told.request,
        external_id=told.external_id[:120],
        source=told.source.pk if told.source else None,
        source_label=told.source.label[:40] if told.source else "",
        kind=told.kind,
        harm=told.harm,
        flags=sorted({*told.flags} - {*OF_ITSELF} | ({"vip"} if vip else set()) | ({"authority"} if told.channel == Channel.AUTHORITY else set())),
        customer=told.customer,
        contact=told.contact[:60] or (told.customer.name[:60] if told.customer else ""),
        phone=told.phone,
        email=told.email,
        address=told.address[:200],
        unit=unit,
        model=unit.model.code if unit else told.model,
        serial=unit.serial if unit else told.serial,
        product=unit.model.category if unit else _product(told.model, by),
        subject=told.subject.strip()[:120],
        description=told.description.strip()[:4000],
        wish=told.wish.strip()[:300],
        about_outlet=outlet,
        engineer=told.engineer or (order.engineer if order else None),
        received_at=received_at,
        registered_at=at,
        registered_by_id=by.person_id,
    )  # fmt: skip


def _product(model: str, by: Access) -> str:
    """The category of a model that was named without its unit."""
    return (
        Model.objects.filter(company_id=by.company_id, code=model).values_list("category", flat=True).first()
        or ""
        if model
        else ""
    )


def _refuse_unless_sound(told: Told, received_at: datetime, by: Access, at: datetime) -> None:
    """What no complaint may be, whatever door it comes by."""
    known = words(by.company_id, timezone.localdate(received_at))
    if not told.subject.strip():
        raise Refusal(_("Say in a few words what it is about."), field="subject", code="subject")
    if told.kind not in known["kinds"]:
        raise Refusal(_("Choose what it is about."), field="kind", code="kind")
    if told.harm not in known["harms"]:
        raise Refusal(_("Choose what harm was done."), field="harm", code="harm")
    if unknown := [flag for flag in told.flags if flag not in known["flags"]]:
        raise Refusal(
            _("There is nothing special called %(word)s.") % {"word": unknown[0]}, field="flags", code="flag"
        )
    if received_at > at + SLOW_CLOCKS:
        raise Refusal(
            _("A complaint can't have come in the future. It is %(now)s now.") % {"now": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
            field="received_at", code="future",
        )  # fmt: skip
    if received_at < at - LONG_AGO:
        raise Refusal(
            _("That is more than a year ago: register it with today's date and say so in the description."), field="received_at", code="long_ago"
        )  # fmt: skip
    if not (told.customer or told.phone or told.email or (told.request and told.request.writer)):
        raise Refusal(
            _("Nobody could be answered: choose the customer, or give a telephone number or an e-mail address."), field="phone", code="nobody"
        )  # fmt: skip
    if len(told.orders) > MOST_ORDERS:
        raise Refusal(
            _("At most %(most)d orders belong to one complaint.") % {"most": MOST_ORDERS},
            field="orders",
            code="orders",
        )
    if told.request is not None:
        if told.request.erased_at:
            raise Refusal(_("The data of this request have been erased."), field="request", code="erased")
        category = Category.objects.filter(pk=told.request.category_id).first()
        if category is None:
            raise Refusal(
                _("The class of this request is gone: choose another class for it first."),
                field="request",
                code="class",
            )


def _acknowledge(made: Complaint, by: Access, at: datetime) -> None:
    """The receipt is confirmed with the link, by the customer's own way. It is no first answer: a person gives that."""
    found = ways.ways(ways_of(made), at) if made.request is not None else ways.ways(ways_of(made), at, [])
    if not found:
        return
    company = Company.objects.get(pk=made.company_id)
    link = links.address(company, made)
    said = _("%(company)s has received your complaint %(number)s. Somebody will answer you within 24 hours.") % {
        "company": company.short_name, "number": made.number,
    }  # fmt: skip
    if link:
        said += "\n" + _("Follow it here: %(link)s") % {"link": link}
    way = found[0]
    notices.send(
        way.address, f"[{made.number}] {made.subject}", said, key=f"complaints:received:{made.pk}", about=made, by=by, at=at, channel=way.channel,
        kind="intake:received", values={"number": made.number, "link": link}, secret=True,
    )  # fmt: skip
    telling.wrote(
        made, Entry.Kind.MESSAGE_OUT, _("Receipt confirmed."), by, at, audience=Entry.Audience.CUSTOMER, channel=way.channel
    )  # fmt: skip


def ways_of(complaint: Complaint) -> Request:
    """The request whose ways lead to the customer: its own, or one made up of what the complaint knows, never stored."""
    if complaint.request is not None:
        return complaint.request
    return Request(
        company_id=complaint.company_id, channel=complaint.channel, email=complaint.email, phone=complaint.phone, customer=complaint.customer
    )  # fmt: skip
