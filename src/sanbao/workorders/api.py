"""Work orders by API: read, made, dispatched, moved; the same operations as the pages. What a phone does has addresses of its own (views/phone)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.decisions.queries import whys
from sanbao.edge.search import among
from sanbao.intake.models import Request
from sanbao.intake.permissions import May as Desk
from sanbao.outlets.models import Outlet
from sanbao.products import queries as products
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, operations, queries
from sanbao.workorders.models import Order
from sanbao.workorders.operations import Job
from sanbao.workorders.permissions import May
from sanbao.workorders.states import MOVES, Kind, Mode

router = Router(tags=["orders"])

Code = Annotated[str, types.code(40)]
Line = Annotated[str, types.text(200)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Order:
    rows = Order.objects.visible_to(_by(request), permission).select_related(
        "outlet__region", "engineer", "request", "unit__model", "cover_decision"
    )
    return rows.get(pk=pk)


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _shown(row: Order, *, full: bool = False) -> dict[str, Any]:
    def personal(kind: str, value: str) -> str:
        return value if full else formats.masked(kind, value)

    return {
        "id": row.pk, "number": row.number, "kind": row.kind, "mode": row.mode, "state": row.state, "step": row.step, "version": row.version,
        "request": row.request.number if row.request_id and row.request else None, "outlet": row.outlet.code if row.outlet else None,
        "engineer": row.engineer.username if row.engineer else None, "fault": row.fault, "model": row.model, "serial": row.serial, "cover": row.cover,
        "wanted_from": _moment(row.wanted_from), "wanted_until": _moment(row.wanted_until), "reported_at": _moment(row.reported_at),
        "arrived_at": _moment(row.arrived_at), "restored_at": _moment(row.restored_at), "closed_at": _moment(row.closed_at),
        "action": row.action, "rating": row.rating, "charged_fen": row.charged_fen,
        "contact": personal("name", row.contact), "phone": personal("phone", row.phone), "address": personal("address", row.address),
        "coordinates": personal("coordinates", row.coordinates),
    }  # fmt: skip


@router.get("", summary="Orders, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_orders(
    request: HttpRequest,
    state: Code | None = None,
    words: Line | None = None,
    engineer: Code | None = None,
    outlet: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    by = _by(request)
    rows = queries.orders(by).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(among(queries.found(by, words)))
    if engineer:
        rows = rows.filter(engineer__username=engineer)
    if outlet:
        rows = rows.filter(outlet__code=outlet.upper())
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


class OrderIn(Schema):
    """`request` is a request's number, whose customer, unit and words are taken over; `serial` is looked up, an unknown one is kept as given."""

    kind: Literal[tuple(Kind.values)]  # type: ignore[valid-type]
    mode: Literal[tuple(Mode.values)] = Mode.ON_SITE  # type: ignore[valid-type]
    request: Code = ""
    outlet: Code = ""
    fault: Line = ""
    contact: Annotated[str, types.name()] = ""
    phone: types.Phone = ""
    address: Line = ""
    coordinates: types.Coordinates = ""
    serial: Code = ""
    model: Code = ""
    note: Annotated[str, types.text(500)] = ""
    wanted_from: datetime | None = None
    wanted_until: datetime | None = None


@router.post("", summary="Make an order; give an Idempotency-Key and it is made once")
@endpoint(May.MAKE, scope=Scope.PLACES, audit=("workorders:order:made", "customers:customer:served", "intake:request:followed"))  # fmt: skip
def create_order(request: HttpRequest, body: OrderIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    asked = None
    if data["request"]:
        asked = Request.objects.visible_to(by, Desk.SEE).filter(number=data["request"].upper()).first()
        if asked is None:
            raise Refusal(_("There is no request with this number."), field="request", code="request")
    serial = data.pop("serial").upper()
    made = operations.make(
        Job(
            **(data | {"request": asked, "outlet": _outlet(by, data["outlet"], May.MAKE), "model": data["model"].upper()}), serial=serial,
            unit=products.units(by).filter(serial=serial).first() if serial else None,
        ),
        by=by, at=timezone.now(),
    )  # fmt: skip
    return _shown(_found(request, made.pk))


def _outlet(by: Access, code: str, permission: str) -> Outlet | None:
    if not code:
        return None
    outlet = Outlet.objects.visible_to(by, permission).filter(code=code.upper()).first()
    if outlet is None:
        raise Refusal(
            _("There is no outlet with this code among those you see."), field="outlet", code="outlet"
        )
    return outlet


@router.get(
    "/{pk}",
    summary="One order with its steps, what the next one needs, its plan and the why of warranty and price",
)
@endpoint(May.SEE, scope=Scope.PLACES, audit=("workorders:customer:unmasked", ""))
def read_order(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh", reason: Line | None = None) -> dict[str, Any]:  # fmt: skip
    """With `reason` (and the permission for it) the customer's data are in clear; who asked and why is kept."""
    by, found = _by(request), _found(request, pk)
    if reason:
        by.require(May.UNMASK)
        audit.handed_out("workorders:customer:unmasked", found, request, reason=reason)
    plan = found.plans.exclude(state="superseded").select_related("decision").prefetch_related("lines").order_by("-number").first()  # fmt: skip
    decisions = [each for each in (found.cover_decision, plan.decision if plan else None) if each]
    told = {
        each.pk: _sentences(why) for each, why in zip(decisions, whys(decisions, language, by), strict=True)
    }
    behind = {row.code: row for row in found.steps.filter(undone_at__isnull=True)}
    return {
        **_shown(found, full=bool(reason)),
        "cover_why": told.get(found.cover_decision_id, []),
        "steps": [
            {"code": step.code, "label": step.label[language], "instruction": step.instruction[language], "clause": step.clause,
             "done_at": _moment(row.at) if (row := behind.get(step.code)) else None, "skipped": bool(row and row.skipped)}
            for step in flow.steps_of(found)
        ],
        "missing": [{"text": text, "clause": clause} for text, clause in flow.missing(found, found.step)] if found.step else [],
        "wishes": [
            {"id": wish.pk, "state": wish.state, "begins": [_moment(each) for each in wish.begins], "minutes": wish.minutes, "chosen": _moment(wish.chosen)}
            for wish in found.wishes.order_by("id")
        ],
        "plan": {
            "number": plan.number, "state": plan.state, "cause": plan.cause, "content": plan.content, "free_fen": plan.free_fen, "charged_fen": plan.charged_fen,
            "why": told.get(plan.decision_id, []),
            "lines": [{"kind": line.kind, "text": line.text, "quantity": str(line.quantity), "amount_fen": line.amount_fen, "free": line.free} for line in plan.lines.order_by("position")],
        } if plan else None,
    }  # fmt: skip


def _sentences(why: Any) -> list[dict[str, str]]:
    return [{"text": sentence.text, "clause": sentence.clause} for sentence in why.sentences]


class DispatchIn(Schema):
    """`engineer` is the name the person signs in by."""

    version: int
    engineer: Code
    first: datetime
    last: datetime
    note: Annotated[str, types.text(500)] = ""


@router.post("/{pk}/dispatch", summary="Give it to an engineer for a stretch of time")
@endpoint(May.DISPATCH, scope=Scope.PLACES, audit="workorders:order:dispatched", rate="write")
def dispatch_order(request: HttpRequest, pk: Id, body: DispatchIn) -> dict[str, Any]:
    by, data = _by(request), body.dict()
    found = _found(request, pk, May.DISPATCH)
    engineer = queries.engineers_for(found).filter(person__username=data.pop("engineer")).first()
    if engineer is None:
        raise Refusal(_("There is no such engineer where the order lies."), field="engineer", code="engineer")
    for name in ("first", "last"):
        if data[name].tzinfo is None:
            data[name] = timezone.make_aware(data[name])
    operations.dispatch(
        found, engineer, data.pop("first"), data.pop("last"), **data, by=by, at=timezone.now()
    )
    return _shown(_found(request, pk))


class OrderMoveIn(Schema):
    """`version` is the one the caller has seen; an order changed since answers 409."""

    version: int
    reason: Line = ""
    waiting_for: Code = ""
    action: Line = ""


@router.post(
    "/{pk}/moves/{noun}",
    summary="acceptance, refusal, arrival, hold, resumption, completion, return, incompletion, reopening, cancellation",
)
@endpoint(May.SEE, scope=Scope.PLACES, audit="workorders:order:*", rate="write")
def move_order(request: HttpRequest, pk: Id, noun: Code, body: OrderMoveIn) -> dict[str, Any]:
    if noun not in MOVES:
        raise Order.DoesNotExist
    permission = MOVES[noun].permission
    _by(request).require(permission)
    found, said = _found(request, pk, permission), body
    now: dict[str, Any] = {"version": said.version, "by": _by(request), "at": timezone.now()}
    match noun:
        case "acceptance":
            operations.accept(found, **now)
        case "refusal":
            operations.refuse(found, said.reason, **now)
        case "arrival":
            operations.arrive(found, **now)
        case "hold":
            operations.hold(found, said.waiting_for, said.reason, **now)
        case "resumption":
            operations.resume(found, **now)
        case "completion":
            operations.complete(found, action=said.action, **now)
        case "return":
            operations.return_work(found, said.reason, **now)
        case "incompletion":
            operations.end_incomplete(found, said.reason, **now)
        case "reopening":
            operations.reopen(found, said.reason, **now)
        case "cancellation":
            operations.cancel(found, said.reason, **now)
    return _shown(_found(request, pk))


class WishAnswerIn(Schema):
    """`begin` is one of the times wished for; without it the wish is declined, and `reason` is read by the customer."""

    begin: datetime | None = None
    reason: Line = ""


@router.post(
    "/{pk}/wishes/{number}",
    summary="Yes or no to the customer's wish for another time; the visit itself is dispatched anew",
)
@endpoint(May.DISPATCH, scope=Scope.PLACES, audit=("workorders:wish:granted", "workorders:wish:declined"), rate="write")  # fmt: skip
def answer_wish(request: HttpRequest, pk: Id, number: Id, body: WishAnswerIn) -> dict[str, Any]:
    found = _found(request, pk, May.DISPATCH)
    wish, now = found.wishes.get(pk=number), {"by": _by(request), "at": timezone.now()}
    if body.begin is not None:
        operations.grant_wish(wish, body.begin, **now)
    else:
        operations.decline_wish(wish, body.reason, **now)
    return _shown(_found(request, pk))
