"""Webhooks by API: subscribe, change, pause, end, renew the secret, make a test call, look at calls and have them tried again."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.hooks import operations, queries
from sanbao.hooks.kinds import KINDS
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.hooks.states import CALL_MOVES, MOVES
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["webhooks"])

Code = Annotated[str, types.code(40)]
Url = Annotated[str, types.code(500)]
Line = Annotated[str, types.text(200)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _shown(row: Subscription, **more: Any) -> dict[str, Any]:
    return {
        "id": row.pk, "name": row.name, "url": row.url, "kinds": row.kinds, "personal": row.personal, "state": row.state,
        "version": row.version, "failed_in_row": row.failed_in_row, "before_until": row.before_until, **more,
    }  # fmt: skip


def _call(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk, "number": row.number, "kind": row.kind, "state": row.state, "version": row.version, "attempts": row.attempts,
        "answer": row.answer, "error": row.error, "unsure": row.unsure, "made_at": row.made_at, "due_at": row.due_at,
        "ended_at": row.ended_at, "body": row.body,
    }  # fmt: skip


class SubscriptionIn(Schema):
    """`kinds` as `/webhooks/kinds` lists them. `personal` takes a permission of its own and a `reason`."""

    name: Annotated[str, types.name()]
    url: Url
    kinds: list[Code]
    personal: bool = False
    reason: Line = ""


class MoveIn(Schema):
    """`version` is the one you saw: if somebody was faster, the answer is 409."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


@router.get("/kinds", summary="The kinds of events, each with the object of an example")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_kinds(request: HttpRequest) -> dict[str, Any]:
    return {
        "items": [{"kind": k.code, "label": str(k.label), "object": dict(k.example)} for k in KINDS.values()]
    }


@router.get("", summary="Subscriptions")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_subscriptions(request: HttpRequest) -> dict[str, Any]:
    rows = queries.subscriptions(_by(request))[:200]
    return {"items": [_shown(row, waiting=row.waiting, dead=row.dead) for row in rows]}  # type: ignore[attr-defined]


@router.post("", summary="Subscribe; the answer holds the secret, this once")
@endpoint(May.KEEP, scope=Scope.COMPANY, audit="hooks:subscription:made")
def create_subscription(request: HttpRequest, body: SubscriptionIn) -> dict[str, Any]:
    row, secret = operations.subscribe(**body.dict(), by=_by(request), at=timezone.now())
    return _shown(row, secret=secret)


@router.get("/{pk}", summary="One subscription")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_subscription(request: HttpRequest, pk: Id) -> dict[str, Any]:
    row = queries.subscriptions(_by(request)).get(pk=pk)
    return _shown(row, waiting=row.waiting, dead=row.dead)  # type: ignore[attr-defined]


@router.put("/{pk}", summary="Change a subscription")
@endpoint(
    May.KEEP,
    scope=Scope.COMPANY,
    audit=("hooks:subscription:changed", "hooks:subscription:opened", "hooks:subscription:closed", ""),
)
def change_subscription(request: HttpRequest, pk: Id, body: SubscriptionIn) -> dict[str, Any]:
    by = _by(request)
    row = Subscription.objects.visible_to(by, May.KEEP).get(pk=pk)
    return _shown(operations.change(row, **body.dict(), by=by, at=timezone.now()))


@router.post("/{pk}/secret", summary="Renew the secret; for a day calls are signed with both")
@endpoint(May.KEEP, scope=Scope.COMPANY, audit="hooks:subscription:secret-renewed")
def renew_secret(request: HttpRequest, pk: Id) -> dict[str, Any]:
    by = _by(request)
    row, secret = operations.renew_secret(
        Subscription.objects.visible_to(by, May.KEEP).get(pk=pk), by=by, at=timezone.now()
    )
    return _shown(row, secret=secret)


@router.post("/{pk}/test", summary="Make a test call within a minute")
@endpoint(May.KEEP, scope=Scope.COMPANY, audit="hooks:subscription:pinged")
def test_subscription(request: HttpRequest, pk: Id) -> dict[str, Any]:
    by = _by(request)
    row = Subscription.objects.visible_to(by, May.KEEP).get(pk=pk)
    return _call(operations.ping(row, by=by, at=timezone.now()))


@router.post("/{pk}/moves/{noun}", summary="pause, resumption or retirement")
@endpoint(May.KEEP, scope=Scope.COMPANY, audit="hooks:subscription:*")
def move_subscription(request: HttpRequest, pk: Id, noun: Code, body: MoveIn) -> dict[str, Any]:
    if noun not in MOVES:
        raise Http404
    by = _by(request)
    row = Subscription.objects.visible_to(by, May.KEEP).get(pk=pk)
    return _shown(operations.move(row, noun, version=body.version, by=by, at=timezone.now()))


@router.get("/{pk}/deliveries", summary="Calls of a subscription, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_deliveries(
    request: HttpRequest,
    pk: Id,
    state: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    by = _by(request)
    subscription = Subscription.objects.visible_to(by, May.SEE).get(pk=pk)
    rows = queries.deliveries(by).filter(subscription=subscription).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_call(row) for row in page[:limit]], "more": len(page) > limit}


@router.post("/deliveries/{pk}/{noun}", summary="retry or discard a call")
@endpoint(May.KEEP, scope=Scope.COMPANY, audit="hooks:delivery:*")
def move_delivery(request: HttpRequest, pk: Id, noun: Code, body: MoveIn) -> dict[str, Any]:
    if noun not in CALL_MOVES:
        raise Http404
    by = _by(request)
    row = Delivery.objects.visible_to(by, May.KEEP).select_related("subscription").get(pk=pk)
    return _call(operations.move_delivery(row, noun, version=body.version, by=by, at=timezone.now()))
