"""The service desk by API: requests read, registered, given on, moved and talked about; the same operations as the pages.

Customers' data are masked; one request is shown in clear to whoever may (and whose token may) and says what for (GN-8).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.written import written
from sanbao.audit import operations as audit
from sanbao.customers import queries as customers
from sanbao.customers.models import Customer
from sanbao.edge.search import among
from sanbao.intake import operations, queries, ways
from sanbao.intake.models import Request, Team
from sanbao.intake.permissions import May
from sanbao.intake.states import MOVES, Channel
from sanbao.outlets.models import Outlet
from sanbao.products import queries as products
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.refusal import Refusal

router = Router(tags=["requests"])

Code = Annotated[str, types.code(40)]
Line = Annotated[str, types.text(200)]
Words = Annotated[str, Field(max_length=4000)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


# Of what stands beside a request an answer says the codes alone; whole rows would be four for each request of a list.
_BESIDE = {
    "class_code": F("category__code"),
    "outlet_code": F("outlet__code"),
    "team_code": F("team__code"),
    "assignee_name": F("assignee__username"),
}
_SAID = (
    "number", "state", "version", "channel", "level", "severity", "flags", "tags", "subject", "received_at", "due_at", "due_promise",
    "missed", "model", "serial", "contact", "phone", "email", "address",
)  # fmt: skip


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Request:
    rows = Request.objects.visible_to(_by(request), permission).select_related(
        "category", "outlet", "team", "assignee", "customer", "unit", "priority_decision"
    )
    return rows.annotate(**_BESIDE).get(pk=pk)


def _listed(by: Access, pk: int) -> Request:
    """One request with what a list tells of it; how it is asked is worked out once."""
    rows = written(
        ("a listed request by API", queries.reading(by)),
        lambda pk: Request.objects.visible_to(by, May.SEE).filter(pk=pk).annotate(**_BESIDE).only(*_SAID),
        pk=pk,
    )
    return _only(rows)


def _only(rows: list[Request]) -> Request:
    if not rows:
        raise Request.DoesNotExist
    return rows[0]


def _read(by: Access, pk: int) -> Request:
    """One request with all that is told of it."""
    rows = written(
        ("a request by API", queries.reading(by)),
        lambda pk: (
            Request.objects.visible_to(by, May.SEE)
            .select_related("outlet", "priority_decision")
            .annotate(**_BESIDE, merges_told=queries.has_merged(), contacts_told=ways.contacts_told())
            .filter(pk=pk)
        ),
        pk=pk,
    )
    return _only(rows)


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _shown(row: Any, *, full: bool = False) -> dict[str, Any]:
    def personal(kind: str, value: str) -> str:
        return value if full else formats.masked(kind, value)

    return {
        "id": row.pk, "number": row.number, "state": row.state, "version": row.version, "channel": row.channel,
        "class": row.class_code, "level": row.level, "severity": row.severity, "flags": row.flags, "tags": row.tags, "subject": row.subject,
        "received_at": _moment(row.received_at), "due_at": _moment(row.due_at), "due_promise": row.due_promise, "missed": row.missed,
        "outlet": row.outlet_code, "team": row.team_code, "assignee": row.assignee_name, "model": row.model, "serial": row.serial,
        "contact": personal("name", row.contact), "phone": personal("phone", row.phone), "email": personal("email", row.email),
        "address": personal("address", row.address),
    }  # fmt: skip


@router.get("", summary="Requests, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_requests(
    request: HttpRequest,
    state: Code | None = None,
    words: Line | None = None,
    assignee: Code | None = None,
    outlet: Code | None = None,
    tag: Line | None = None,
    overdue: bool = False,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. `words`: number, telephone or its end, serial, name, a piece of the text."""
    by = _by(request)
    conditions = {
        "state": state, "assignee_id": assignee and queries.number_of(assignee), "outlet__code": outlet and outlet.upper(), "pk__lt": before,
        "due_at__lt": timezone.now() if overdue else None,
    }  # fmt: skip
    values = {name: value for name, value in conditions.items() if value not in (None, "")}
    others = [among(queries.found(by, words))] if words else []
    if tag:
        others.append(Q(tags__contains=[tag]))

    def rows(**values: Any) -> QuerySet[Request]:
        found = Request.objects.visible_to(by, May.SEE).filter(*others, **values).annotate(**_BESIDE)
        return (found.open() if overdue else found).only(*_SAID).order_by("-id")[: limit + 1]

    key = ("requests by API", queries.reading(by), tuple(values), overdue, limit)
    page = list(rows(**values)) if others else written(key, rows, **values)
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/classes", summary="The classes in use, as a tree by their paths")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_classes(request: HttpRequest) -> dict[str, Any]:
    rows = queries.classes(_by(request).company_id)
    return {
        "items": [
            {"code": row.code, "name": row.name, "name_en": row.name_en, "kind": row.kind, "depth": row.path.count("/") - 2} for row in rows
        ]
    }  # fmt: skip


class RequestIn(Schema):
    """`class` is a class's code; `customer` and `serial` are looked up, an unknown serial is kept as it was given."""

    category: Code = Field(alias="class")
    subject: Annotated[str, types.text(120)]
    description: Words = ""
    severity: Code = ""
    flags: list[Code] = []
    contact: Annotated[str, types.name()] = ""
    phone: types.Phone = ""
    email: Annotated[str, Field(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")] = ""
    address: Line = ""
    customer: Code = ""
    serial: Code = ""
    model: Code = ""
    outlet: Code = ""
    external_id: Line = ""


@router.post("", summary="Register a request; give an Idempotency-Key and it is registered once")
@endpoint(
    May.REGISTER, scope=Scope.PLACES, audit=("intake:request:registered", "customers:customer:served", "")
)
def create_request(request: HttpRequest, body: RequestIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    category = queries.class_of(by.company_id, data["category"])
    if category is None:
        raise Refusal(_("There is no class with this code."), field="class", code="class")
    outlet = _outlet(by, data["outlet"], May.REGISTER)
    if outlet is None and by.outlets is not None:
        raise Refusal(_("Choose the outlet that takes it."), field="outlet", code="outlet")
    customer: Customer | None = None
    if data["customer"]:
        customer = customers.customers(by).filter(number=data["customer"].upper()).first()
        if customer is None:
            raise Refusal(_("There is no customer with this number."), field="customer", code="customer")
    serial = data["serial"].upper()
    made = operations.register(
        operations.Ask(
            channel=Channel.API, category=category, subject=data["subject"], description=data["description"], severity=data["severity"],
            flags=data["flags"], contact=data["contact"], phone=data["phone"], email=data["email"], address=data["address"],
            customer=customer, unit=products.units(by).filter(serial=serial).first() if serial else None, serial=serial,
            model=data["model"].upper(), outlet=outlet, external_id=data["external_id"],
        ),
        by=by, at=timezone.now(),
    )  # fmt: skip
    return _shown(_with_codes(made))


def _with_codes(made: Request) -> Request:
    """A request just registered, as `_listed` would read it: what stands beside it is at hand."""
    codes = {
        "class_code": made.category.code, "outlet_code": made.outlet.code if made.outlet else None,
        "team_code": queries.team_code(made.team_id) if made.team_id else None, "assignee_name": made.assignee.username if made.assignee else None,
    }  # fmt: skip
    for name, code in codes.items():
        setattr(made, name, code)
    return made


def _outlet(by: Access, code: str, permission: str) -> Outlet | None:
    if not code:
        return None
    outlet = Outlet.objects.visible_to(by, permission).filter(code=code.upper()).first()
    if outlet is None:
        raise Refusal(
            _("There is no outlet with this code among those you see."), field="outlet", code="outlet"
        )
    return outlet


@router.get("/{pk}", summary="One request with its promises, their why, and its timeline")
@endpoint(May.SEE, scope=Scope.PLACES, audit=("intake:customer:unmasked", ""))
def read_request(
    request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh", reason: Line | None = None
) -> dict[str, Any]:
    """With `reason` (and the permission for it) the customer's data are in clear; who asked and why is kept."""
    by = _by(request)
    found = _read(by, pk)
    if reason:
        by.require(May.UNMASK)
        audit.handed_out("intake:customer:unmasked", found, request, reason=reason)
    promises, why = queries.promises_of(found, by, language, timezone.now())
    told = queries.timeline(found, access=by)
    return {
        **_shown(found, full=bool(reason)),
        "description": found.description,
        "solution": found.solution,
        "feedback": found.feedback,
        "level_why": _sentences(why),
        "promises": [
            {"kind": each.promise.kind, "state": each.promise.state, "due_at": _moment(each.promise.due_at), "met_at": _moment(each.promise.met_at), "why": _sentences(each.why)}
            for each in promises
        ],
        "reply_by": [way.channel for way in ways.ways(found, timezone.now(), [each["entry"] for each in told])],
        "timeline": [
            {
                "at": _moment(each["at"]), "what": each["what"], "who": each["who"], "text": each["text"], "channel": each["channel"],
                "delivery": each["delivery"].state if each["delivery"] else "", "files": [file.name for file in each["files"]],
            }
            for each in told
        ],
    }  # fmt: skip


def _sentences(why: Any) -> list[dict[str, str]]:
    return [{"text": sentence.text, "clause": sentence.clause} for sentence in why.sentences] if why else []


class MoveOfRequestIn(Schema):
    """`version` is the one the caller has seen; a request changed since answers 409."""

    version: int
    reason: Line = ""
    text: Words = ""
    waiting_for: Code = ""
    first_contact: bool = False


@router.post(
    "/{pk}/moves/{noun}", summary="start, wait, resumption, solution, closure, reopening, cancellation"
)
@endpoint(May.SEE, scope=Scope.PLACES, audit="intake:request:*", rate="write")
def move_request(request: HttpRequest, pk: Id, noun: Code, body: MoveOfRequestIn) -> dict[str, Any]:
    if noun not in MOVES:
        raise Request.DoesNotExist
    _by(request).require(MOVES[noun].permission)
    # The operation reads the row itself, locked and in the caller's reach.
    operations.move(Request(pk=pk), noun, by=_by(request), at=timezone.now(), **body.dict())
    return _shown(_listed(_by(request), pk))


class AssignmentIn(Schema):
    """Codes of outlet and team, the name a person signs in by; what is left out is emptied."""

    version: int
    outlet: Code = ""
    team: Code = ""
    person: Code = ""
    note: Line = ""


@router.post("/{pk}/assignment", summary="Give it to an outlet, a team, a person")
@endpoint(
    May.ASSIGN,
    scope=Scope.PLACES,
    audit=("intake:request:assigned", "customers:customer:served"),
    rate="write",
)
def assign_request(request: HttpRequest, pk: Id, body: AssignmentIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    found = _found(request, pk, May.ASSIGN)
    team: Team | None = (
        queries.teams(by.company_id).filter(code=data["team"]).first() if data["team"] else None
    )
    person: Person | None = (
        queries.people(by).filter(username=data["person"]).first() if data["person"] else None
    )
    for name, given in (("team", team), ("person", person)):
        if data[name] and given is None:
            raise Refusal(_("There is nobody and nothing of this name here."), field=name, code=name)
    given_to = operations.assign(
        found, outlet=_outlet(by, data["outlet"], May.ASSIGN), team=team, person=person, note=data["note"],
        version=data["version"], by=by, at=timezone.now(),
    )  # fmt: skip
    return {"id": given_to.pk, "number": given_to.number, "version": given_to.version}


class SaidIn(Schema):
    """A note for colleagues, a call with the customer, or a message to the customer by the outbox: by the way they wrote last, or by
    `channel`, one of the request's `reply_by`."""

    kind: Literal["note", "called", "missed", "reply"] = "note"
    channel: Literal["", "email", "sms", "wechat", "wecom", "wecom_kf"] = ""
    text: Annotated[str, Field(min_length=1, max_length=8000)]


@router.post("/{pk}/timeline", summary="Write down what was said, or write to the customer")
@endpoint(
    May.WORK, scope=Scope.PLACES, audit=("intake:request:noted", "intake:request:called", "intake:request:replied"), rate="write",
)  # fmt: skip
def say(request: HttpRequest, pk: Id, body: SaidIn) -> dict[str, Any]:
    by, at = _by(request), timezone.now()
    found = _found(request, pk)
    if not (body.kind == "note" and queries.reads_along(found, by)):
        found = _found(request, pk, May.WORK)
    if body.kind == "note":
        entry = operations.note(found, body.text, by=by, at=at)
    elif body.kind == "reply":
        entry = operations.reply(found, body.text, channel=body.channel, by=by, at=at)
    else:
        entry = operations.say_called(found, body.text, reached=body.kind == "called", by=by, at=at)
    return {"id": entry.pk}


class TagsIn(Schema):
    """Tags to add and to take away; a new tag is made by being used."""

    add: list[Line] = Field(default=[], max_length=20)
    remove: list[Line] = Field(default=[], max_length=20)


@router.post("/{pk}/tags", summary="Mark a request with tags, or take some away")
@endpoint(May.WORK, scope=Scope.PLACES, audit=("intake:request:tagged", ""), rate="write")
def tag_request(request: HttpRequest, pk: Id, body: TagsIn) -> dict[str, Any]:
    made = operations.keep_tags(
        _found(request, pk, May.WORK), add=body.add, remove=body.remove, by=_by(request), at=timezone.now()
    )
    return {"id": made.pk, "tags": made.tags}


class MergeIn(Schema):
    """The number of the other request; the younger of the two is merged into the older."""

    number: Code


@router.post("/{pk}/merging", summary="Merge two requests about the same matter")
@endpoint(May.MERGE, scope=Scope.PLACES, audit="intake:request:merged", rate="write")
def merge_request(request: HttpRequest, pk: Id, body: MergeIn) -> dict[str, Any]:
    by, found = _by(request), _found(request, pk, May.MERGE)
    other = Request.objects.visible_to(by, May.MERGE).filter(number=body.number.upper()).first()
    if other is None:
        raise Refusal(_("There is no request %(number)s.") % {"number": body.number}, field="number")
    made = operations.merge(found, other, by=by, at=timezone.now())
    return {"id": made.kept_id, "merged": made.merged_id}
