"""A request comes in: registered, weighed, promised, acknowledged and put where it belongs, in one transaction (BA-2, BA-3, CS-2, RP-1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.edge.storing import store
from sanbao.files.models import StoredFile
from sanbao.intake import clocks, routing
from sanbao.intake.models import Category, Entry, Request
from sanbao.intake.permissions import May
from sanbao.intake.states import SPOKEN, Channel, State
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.refusal import Refusal
from sanbao_rules.promises import PROMISES

SLOW_CLOCKS = timedelta(minutes=5)  # another system's clock may be ahead by so much
LONG_AGO = timedelta(days=366)
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks for. `contact` and `phone` are whom to call about it; `received_at` is when it reached us (None: now)."""

    channel: str
    category: Category
    subject: str
    severity: str = ""
    description: str = ""
    customer: Customer | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    unit: Unit | None = None
    model: str = ""
    serial: str = ""
    flags: Sequence[str] = ()
    outlet: Outlet | None = None
    received_at: datetime | None = None
    external_id: str = ""
    files: Sequence[StoredFile] = field(default_factory=tuple)


def register(ask: Ask, *, by: Access, at: datetime) -> Request:
    """Somebody at the desk registers what a customer asks for. Refusals name the field."""
    by.require(May.REGISTER)
    return receive(ask, by=by, at=at)


def receive(ask: Ask, *, by: Access, at: datetime) -> Request:
    """A channel brings what a customer wrote; `by` is the company's own access (nobody in person)."""
    received_at = ask.received_at or at
    refuse_unless_sound(ask, received_at, at)
    # Nothing after the first row refuses, but an outlet that is to see its customer: only then is there a point to go back to.
    with transaction.atomic(savepoint=bool(ask.outlet and ask.customer)):
        return _write(ask, received_at, by, at)


def _write(ask: Ask, received_at: datetime, by: Access, at: datetime) -> Request:
    request = Request(
        company_id=by.company_id, **_told(ask), received_at=received_at, made_at=at, made_by_id=by.person_id
    )
    request.pk, request.number, numbers = _next(by.company_id, received_at)
    place = routing.place(request, ask.category, by=by, at=at)
    request.outlet_id, request.team_id, request.assignee_id = (
        place.outlet_id,
        place.team_id,
        place.assignee_id,
    )
    if place.assignee_id:
        request.state = State.ASSIGNED
    basis = clocks.Basis.of(by.company_id).for_request(request)
    weighed = clocks.weigh(request, ask.category, basis, by=by, at=at)
    entries = _first_entries(request, ask, place, by, at)
    promised, decided = clocks.promise(request, entries, basis, by=by, at=at)
    for number, decision in zip(numbers, (weighed, *decided), strict=True):
        decision.pk = number
    for row in promised:
        row.decision = row.decision  # which has its number now
    request.priority_decision = weighed
    event = audit.drafted(
        "intake:request:registered", request, by=by, at=at, outlet_id=request.outlet_id,
        channel=request.channel, category=ask.category.code, level=request.level,
    )  # fmt: skip
    if ask.files:
        entries[0].pk = _next_entry()
    store([weighed, *decided, request, *entries, *promised, event])
    if ask.files:
        entries[0].files.set(ask.files)
    if ask.outlet and ask.customer:
        customers.serve(ask.customer, ask.outlet, by=by, at=at)
    return request


def refuse_unless_sound(ask: Ask, received_at: datetime, at: datetime) -> None:
    """What no request may be, whatever door it comes by."""
    if not ask.subject.strip():
        raise Refusal(_("Say in a few words what it is about."), field="subject", code="subject")
    if ask.category.retired_at:
        raise Refusal(
            _("The class “%(class)s” is no longer used; choose another.") % {"class": ask.category},
            field="category", code="retired",
        )  # fmt: skip
    if received_at > at + SLOW_CLOCKS:
        raise Refusal(
            _("A request can't have come in the future. It is %(now)s now.") % {"now": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
            field="received_at", code="future",
        )  # fmt: skip
    if received_at < at - LONG_AGO:
        raise Refusal(
            _("That is more than a year ago: register it with today's date and say so in the description."),
            field="received_at", code="long_ago",
        )  # fmt: skip
    if len(ask.files) > MOST_FILES:
        raise Refusal(
            _("At most %(most)d files come with one request; send the others afterwards.") % {"most": MOST_FILES},
            field="files", code="files",
        )  # fmt: skip
    if not (ask.customer or ask.phone or ask.email or ask.channel in (Channel.WECHAT, Channel.WECOM)):
        raise Refusal(
            _("Nobody could be answered: choose the customer, or give a telephone number or an e-mail address."),
            field="phone", code="nobody",
        )  # fmt: skip


def _told(ask: Ask) -> dict[str, Any]:
    """The request's fields that come with it. The unit says which product it is, whatever was typed."""
    unit = ask.unit
    vip = ["vip"] if ask.customer and ask.customer.vip else []
    return {
        "outlet": ask.outlet,
        "channel": ask.channel,
        "category": ask.category,
        "severity": ask.severity,
        "flags": sorted({*ask.flags, *vip}),
        "customer": ask.customer,
        "contact": ask.contact[:60] or (ask.customer.name[:60] if ask.customer else ""),
        "phone": ask.phone,
        "email": ask.email,
        "address": ask.address[:200],
        "unit": unit,
        "model": unit.model.code if unit else ask.model,
        "serial": unit.serial if unit else ask.serial,
        "subject": ask.subject.strip()[:120],
        "description": ask.description.strip()[:4000],
    }


def _next(company_id: int | None, received_at: datetime) -> tuple[int, str, list[int]]:
    """The row's id, the request's number, S260424-1234, short enough to be read aloud, and the ids of its decisions.

    Numbers of refused requests are not used again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('intake_request_id_seq'), edge_next_number('request', %s),"
            " ARRAY(SELECT nextval('decisions_decision_id_seq') FROM generate_series(1, %s))",
            [company_id, 1 + len(PROMISES)],
        )
        pk, number, decisions = cursor.fetchone()
    return pk, f"S{timezone.localtime(received_at):%y%m%d}-{number}", decisions


def _next_entry() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('intake_entry_id_seq')")
        return int(cursor.fetchone()[0])


def _first_entries(
    request: Request, ask: Ask, place: "routing.Place", by: Access, at: datetime
) -> list[Entry]:
    """How it came, and who has it. Whoever speaks with the customer while registering gives the first answer there and then."""
    spoken = ask.channel in SPOKEN
    entries = [
        Entry(
            request=request, at=request.received_at, kind=Entry.Kind.RECEIVED, clock="received", clock_detail=request.level, by_id=by.person_id,
            channel=ask.channel, body=request.description, internal=False, external_id=ask.external_id[:200],
        )
    ]  # fmt: skip
    if spoken:
        entries.append(
            Entry(
                request=request, at=at, kind=Entry.Kind.CALL, clock="answered", by_id=by.person_id, channel=ask.channel,
                internal=False, body=_("Answered while registering."),
            )
        )  # fmt: skip
    if place.assignee_id or place.team_id or place.outlet_id:
        entries.append(
            Entry(
                request=request, at=at, kind=Entry.Kind.ASSIGNED, clock="assigned", by_id=by.person_id,
                handler_id=place.assignee_id, body=place.why,
            )
        )  # fmt: skip
    return entries
