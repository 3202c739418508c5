"""Callbacks by API, to be read: the list, one with its tries and record, promised answers, the numbers of some months."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.callbacks import queries
from sanbao.callbacks.models import Callback
from sanbao.callbacks.permissions import May
from sanbao.callbacks.queries import Numbers
from sanbao.decisions.queries import whys
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao_rules.periods import add_months

router = Router(tags=["callbacks"])

Code = Annotated[str, types.code(40)]
Line = Annotated[str, types.text(200)]
Id = Annotated[int, Field(ge=1, le=2**62)]
MONTHS = 24


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _shown(row: Callback, *, full: bool = False) -> dict[str, Any]:
    plan = row.plan

    def personal(kind: str, value: str) -> str:
        return value if full else formats.masked(kind, value)

    return {
        "id": row.pk, "number": row.number, "kind": row.kind, "round": row.round, "state": row.state, "version": row.version,
        "job": plan.number, "outlet": row.outlet.code if row.outlet else None, "model": plan.model, "serial": plan.serial,
        "from_on": row.from_on.isoformat(), "due_on": row.due_on.isoformat(), "next_at": _moment(row.next_at), "tries": row.tries,
        "first_try_on": row.first_try_on.isoformat() if row.first_try_on else None, "caller": row.caller.username if row.caller else None,
        "why": row.why, "reason": row.reason, "ended_at": _moment(row.ended_at),
        "contact": personal("name", plan.contact), "phone": personal("phone", row.number_to_call), "address": personal("address", plan.address),
    }  # fmt: skip


@router.get("", summary="Callbacks, newest first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_callbacks(
    request: HttpRequest,
    state: Code | None = None,
    kind: Code | None = None,
    outlet: Code | None = None,
    job: Code | None = None,
    due_from: date | None = None,
    due_until: date | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = queries.callbacks(_by(request)).order_by("-id")
    asked = {
        "state": state,
        "kind": kind,
        "outlet__code": outlet.upper() if outlet else None,
        "plan__number": job,
    }
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    if due_from:
        rows = rows.filter(due_on__gte=due_from)
    if due_until:
        rows = rows.filter(due_on__lte=due_until)
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/promises", summary="Answers promised to customers, the earliest due first")
@endpoint(May.SEE, scope=Scope.PLACES, audit=None)
def list_promises(
    request: HttpRequest, open: bool = True, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """`open` leaves out what has been answered."""
    rows = queries.promises(_by(request)).order_by("due_at", "id")
    if open:
        rows = rows.filter(kept_at__isnull=True)
    return {
        "items": [
            {"id": row.pk, "callback": row.callback.number, "question": row.question, "due_at": _moment(row.due_at),
             "owner": row.owner.username, "answer": row.answer, "kept_at": _moment(row.kept_at)}
            for row in rows[:limit]
        ]
    }  # fmt: skip


@router.get("/numbers", summary="Kept in time, reached, satisfaction: by month, by outlet and in all")
@endpoint(May.LEAD, scope=Scope.PLACES, audit=None)
def read_numbers(request: HttpRequest, first: date | None = None, months: Annotated[int, Query(ge=1, le=MONTHS)] = 6) -> dict[str, Any]:  # fmt: skip
    """The definitions stand in docs/modules/callbacks.md. `first` is a day of the first month; without it the last `months` are taken."""
    by, today = _by(request), timezone.localdate()
    begin = (first or add_months(today.replace(day=1), 1 - months)).replace(day=1)
    end = add_months(begin, months) - timedelta(days=1)
    return {
        "first": begin.isoformat(), "last": end.isoformat(), "all": _told(queries.numbers_of(by, begin, end, today=today)),
        "months": [{"month": f"{month:%Y-%m}", **_told(each)} for month, each in queries.numbers_by_month(by, begin, end, today=today)],
        "outlets": [{"outlet_id": pk, **_told(each)} for pk, each in queries.numbers_by_outlet(by, begin, end, today=today).items()],
    }  # fmt: skip


def _told(each: Numbers) -> dict[str, Any]:
    def plain(value: Any) -> str | None:
        return None if value is None else str(value)

    return {
        "planned": each.planned, "due": each.due, "in_time": each.in_time, "called": each.called, "reached": each.reached, "open": each.open,
        "overdue": each.overdue, "kept_rate": plain(each.kept_rate), "reached_rate": plain(each.reached_rate),
        "satisfaction": plain(each.satisfaction),
    }  # fmt: skip


@router.get("/{pk}", summary="One callback with its tries, its record and why it is called")
@endpoint(May.SEE, scope=Scope.PLACES, audit=("callbacks:customer:unmasked", ""))
def read_callback(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh", reason: Line | None = None) -> dict[str, Any]:  # fmt: skip
    """With `reason` (and the permission for it) the customer's data are in clear; who asked and why is kept."""
    by = _by(request)
    row = queries.callbacks(by).select_related("plan__decision").get(pk=pk)
    if reason:
        by.require(May.UNMASK)
        audit.handed_out("callbacks:customer:unmasked", row, request, reason=reason)
    record = getattr(row, "record", None)
    why = whys([row.plan.decision], language, by)[0].sentences if row.plan.decision else ()
    return {
        **_shown(row, full=bool(reason)),
        "why_called": [{"text": each.text, "clause": each.clause} for each in why],
        "attempts": [
            {"number": each.number, "at": _moment(each.at), "outcome": each.outcome, "note": each.note}
            for each in row.attempts.order_by("number")
        ],
        "record": {
            name: getattr(record, name)
            for name in ("came", "works", "timely", "charges_told", "charged_fen", "attitude", "quality", "satisfaction", "usage", "suggestions", "words", "more")
        } if record else None,
        "observations": [
            {"kind": each.kind, "words": each.words, "refund_fen": each.refund_fen, "panel_fen": each.panel_fen}
            for each in row.observations.order_by("id")
        ],
    }  # fmt: skip
