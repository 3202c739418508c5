"""Complaints by API: read, registered, moved, answered; the same operations as the pages. Customers' data are masked (GN-8)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.complaints import operations, queries
from sanbao.complaints.models import Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.states import MOVES, Channel, Origin
from sanbao.customers import queries as customers
from sanbao.customers.models import Customer
from sanbao.edge.search import among
from sanbao.outlets.models import Outlet
from sanbao.products import queries as products
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May as Orders

router = Router(tags=["complaints"])

Code = Annotated[str, types.code(40)]
Line = Annotated[str, types.text(200)]
Words = Annotated[str, Field(max_length=4000)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Complaint:
    rows = Complaint.objects.visible_to(_by(request), permission).select_related(
        "outlet", "about_outlet", "owner", "engineer", "repeat_of", "request"
    )
    return rows.get(pk=pk)


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _shown(row: Complaint, *, full: bool = False) -> dict[str, Any]:
    def personal(kind: str, value: str) -> str:
        return value if full else formats.masked(kind, value)

    return {
        "id": row.pk, "number": row.number, "state": row.state, "version": row.version, "origin": row.origin, "channel": row.channel, "kind": row.kind,
        "harm": row.harm, "severity": row.severity, "flags": list(row.flags), "department": row.department, "subject": row.subject,
        "owner": row.owner.username if row.owner else None, "about_outlet": row.about_outlet.code if row.about_outlet else None,
        "engineer": row.engineer.username if row.engineer else None, "product": row.product, "model": row.model, "serial": row.serial,
        "verdict": row.verdict, "cause": row.cause, "promised_on": row.promised_on.isoformat() if row.promised_on else None,
        "callback": row.callback, "repeats": row.repeat_of.number if row.repeat_of else None, "received_at": _moment(row.received_at),
        "answered_at": _moment(row.answered_at), "due_at": _moment(row.due_at), "due_clock": row.due_clock, "missed": row.missed,
        "archived_at": _moment(row.archived_at), "contact": personal("name", row.contact), "phone": personal("phone", row.phone),
        "email": personal("email", row.email), "address": personal("address", row.address),
    }  # fmt: skip


@router.get("", summary="Complaints, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_complaints(
    request: HttpRequest,
    state: Code | None = None,
    words: Line | None = None,
    owner: Code | None = None,
    outlet: Code | None = None,
    overdue: bool = False,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. `outlet` is whom it is about."""
    by = _by(request)
    rows = queries.complaints(by).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(among(queries.found(by, words)))
    if owner:
        rows = rows.filter(owner__username=owner)
    if outlet:
        rows = rows.filter(about_outlet__code=outlet.upper())
    if overdue:
        rows = rows.filter(due_at__lt=timezone.now())
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


class ComplaintIn(Schema):
    """`kind`, `harm` and `flags` are codes of the rulebook; `orders` are numbers of orders it is about; `external_id` makes it once."""

    kind: Code
    harm: Code
    subject: Annotated[str, types.text(120)]
    description: Words = ""
    wish: Annotated[str, types.text(300)] = ""
    flags: list[Code] = Field(default=[], max_length=10)
    contact: Annotated[str, types.name()] = ""
    phone: types.Phone = ""
    email: Annotated[str, Field(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")] = ""
    address: Line = ""
    customer: Code = ""
    serial: Code = ""
    model: Code = ""
    outlet: Code = ""
    orders: list[Code] = Field(default=[], max_length=10)
    received_at: datetime | None = None
    external_id: Annotated[str, types.text(120)] = ""


@router.post(
    "", summary="Register a complaint; give an Idempotency-Key or an external_id and it is registered once"
)
@endpoint(May.REGISTER, scope=Scope.PLACES, audit=("complaints:complaint:registered", ""))
def create_complaint(request: HttpRequest, body: ComplaintIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    customer: Customer | None = None
    if data["customer"]:
        customer = customers.customers(by).filter(number=data["customer"].upper()).first()
        if customer is None:
            raise Refusal(_("There is no customer with this number."), field="customer", code="customer")
    outlet: Outlet | None = None
    if data["outlet"]:
        outlet = Outlet.objects.visible_to(by, May.REGISTER).filter(code=data["outlet"].upper()).first()
        if outlet is None:
            raise Refusal(_("There is no outlet with this code."), field="outlet", code="outlet")
    orders = []
    for number in data["orders"]:
        order = Order.objects.visible_to(by, Orders.SEE).filter(number=number.upper()).first()
        if order is None:
            raise Refusal(
                _("There is no order %(number)s.") % {"number": number}, field="orders", code="order"
            )
        orders.append(order)
    at, serial = data["received_at"], data["serial"].upper()
    made = operations.register(
        operations.Told(
            channel=Channel.API, origin=Origin.API, kind=data["kind"], harm=data["harm"], subject=data["subject"], description=data["description"],
            wish=data["wish"], flags=data["flags"], contact=data["contact"], phone=data["phone"], email=data["email"], address=data["address"],
            customer=customer, unit=products.units(by).filter(serial=serial).first() if serial else None, serial=serial, model=data["model"].upper(),
            outlet=outlet, orders=orders, external_id=data["external_id"],
            received_at=timezone.make_aware(at) if at and timezone.is_naive(at) else at,
        ),
        by=by, at=timezone.now(),
    )  # fmt: skip
    return _shown(_found(request, made.pk))


@router.get("/{pk}", summary="One complaint with its clocks, their why, and its story")
@endpoint(May.SEE, scope=Scope.PLACES, audit=("complaints:customer:unmasked", ""))
def read_complaint(
    request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh", reason: Line | None = None
) -> dict[str, Any]:
    """With `reason` (and the permission for it) the customer's data are in clear; who asked and why is kept."""
    by, found = _by(request), _found(request, pk)
    if reason:
        by.require(May.UNMASK)
        audit.handed_out("complaints:customer:unmasked", found, request, reason=reason)
    clocks, _told = queries.clocks_of(found, by, language, timezone.now())
    return {
        **_shown(found, full=bool(reason)),
        "description": found.description,
        "wish": found.wish,
        "finding": found.finding,
        "solution": found.solution,
        "outcome": found.outcome,
        "feedback": found.feedback,
        "orders": list(found.orders.order_by("id").values_list("number", flat=True)),
        "clocks": [
            {
                "kind": each.clock.kind, "state": each.clock.state, "due_at": _moment(each.clock.due_at), "met_at": _moment(each.clock.met_at),
                "why": [{"text": line.text, "clause": line.clause} for line in each.why.sentences] if each.why else [],
            }
            for each in clocks
            if each.clock.case_id is None
        ],
        "story": [{"at": _moment(each["at"]), "what": str(each["what"]), "who": each["who"], "text": each["text"]} for each in queries.story(found, by)],
    }  # fmt: skip


class MoveIn(Schema):
    """`version` is the one the caller has seen; a complaint changed since answers 409. What a move needs is said by its refusal."""

    version: int
    reason: Line = ""
    text: Words = ""
    owner: Code = ""
    outlet: Code = ""
    finding: Words = ""
    cause: Code = ""
    partly: bool = False
    promised_on: date | None = None
    routes: list[Code] = Field(default=[], max_length=10)
    callback: Code = ""
    lesson: Annotated[str, types.text(500)] = ""


@router.post(
    "/{pk}/moves/{noun}",
    summary="handing, justification, rejection, completion, return, telling, callback, reopening, archiving, withdrawal",
)
@endpoint(May.SEE, scope=Scope.PLACES, audit="complaints:complaint:*", rate="write")
def move_complaint(request: HttpRequest, pk: Id, noun: Code, body: MoveIn) -> dict[str, Any]:
    if noun not in MOVES:
        raise Complaint.DoesNotExist
    by, data = _by(request), body.dict()
    by.require(MOVES[noun].permission)
    found = _found(request, pk, MOVES[noun].permission)
    data["owner"] = Person.objects.filter(username=data["owner"], pk__in=[person.pk for person in queries.people(by.company_id, timezone.localdate())]).first() if data["owner"] else None  # fmt: skip
    data["outlet"] = Outlet.objects.visible_to(by, MOVES[noun].permission).filter(code=data["outlet"].upper()).first() if data["outlet"] else None  # fmt: skip
    operations.move(found, noun, by=by, at=timezone.now(), **data)
    return _shown(_found(request, pk))


class SaidIn(Schema):
    """A call with the customer, a message to the customer, an account for all who handle it, or headquarters' note."""

    kind: Literal["called", "missed", "reply", "report", "note"] = "note"
    channel: Literal["", "email", "sms", "wechat", "wecom", "wecom_kf"] = ""
    text: Annotated[str, Field(min_length=1, max_length=8000)]


@router.post("/{pk}/story", summary="Write down what was said, or write to the customer")
@endpoint(
    May.WORK, scope=Scope.PLACES, rate="write",
    audit=("complaints:complaint:noted", "complaints:complaint:reported", "complaints:complaint:called", "complaints:complaint:replied"),
)  # fmt: skip
def say_of_complaint(request: HttpRequest, pk: Id, body: SaidIn) -> dict[str, Any]:
    by, at, found = _by(request), timezone.now(), _found(request, pk, May.WORK)
    if body.kind == "note":
        entry = operations.note(found, body.text, by=by, at=at)
    elif body.kind == "report":
        entry = operations.report(found, body.text, by=by, at=at)
    elif body.kind == "reply":
        entry = operations.reply(found, body.text, channel=body.channel, by=by, at=at)
    else:
        entry = operations.called(found, body.text, reached=body.kind == "called", by=by, at=at)
    return {"id": entry.pk}
