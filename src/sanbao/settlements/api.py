"""Settlement by API: hand in a month, register receipts and findings, make statements, move them, read them with every why."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Body, Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import StringConstraints

from sanbao.accounts.access import Access
from sanbao.outlets.models import Outlet
from sanbao.settlements import operations, queries
from sanbao.settlements.folder import as_dict
from sanbao.settlements.models import Answer, Finding, HandIn, Sheet, Statement
from sanbao.settlements.permissions import May
from sanbao.settlements.states import MOVES
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types
from sanbao.ui.readers.types import Day
from sanbao.ui.refusal import Refusal

router = Router(tags=["settlements"])

Code = Annotated[str, types.code(40)]
Words = Annotated[str, types.text(500)]
MonthText = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _outlet(request: HttpRequest, code: str, permission: May) -> Outlet:
    return Outlet.objects.visible_to(_by(request), permission).get(code=code.upper())


def _statement(request: HttpRequest, pk: int) -> Statement:
    return queries.statements(_by(request)).select_related("decision").get(pk=pk)


def _shown(statement: Statement) -> dict[str, Any]:
    return {
        "id": statement.pk,
        "number": statement.number,
        "outlet": statement.outlet.code,
        "month": f"{statement.month:%Y-%m}",
        "state": statement.state,
        "version": statement.version,
        "outdated": statement.outdated,
        "brought_forward_fen": statement.brought_forward,
        "payable_fen": statement.payable,
        **as_dict(statement),
    }


@router.get("/statements", summary="Statements, newest first")
@endpoint(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None)
def list_statements(
    request: HttpRequest,
    month: MonthText | None = None,
    outlet: Code | None = None,
    state: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = queries.statements(_by(request)).order_by("-id")
    if month:
        rows = rows.filter(month=_month(month))
    if outlet:
        rows = rows.filter(outlet__code=outlet.upper())
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/statements/{pk}", summary="One statement with its reasons")
@endpoint(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None)
def read_statement(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    statement = _statement(request, pk)
    why = queries.Explainer(statement, language).month()
    return {**_shown(statement), "why_sentences": _sentences(why)}


@router.get("/statements/{pk}/lines", summary="Its sheets, each with what it earns and why")
@endpoint(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None)
def read_lines(
    request: HttpRequest,
    pk: Id,
    language: Literal["zh", "en"] = "zh",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> dict[str, Any]:
    statement = _statement(request, pk)
    explainer = queries.Explainer(statement, language)
    lines = list(
        statement.lines.filter(sheet_id__gt=after).select_related("sheet").order_by("sheet_id")[: limit + 1]
    )
    items = [
        {
            "sheet": line.sheet_id,
            "number": line.sheet.number,
            "outcome": line.outcome,
            "labour_fen": line.labour,
            "travel_fen": line.travel,
            "deducted_fen": line.deducted,
            "refund_fen": line.refund,
            "why": _sentences(explainer.line(line)),
        }
        for line in lines[:limit]
    ]
    return {"items": items, "more": len(lines) > limit}


def _sentences(why: queries.Why) -> list[dict[str, str]]:
    return [{"text": sentence.text, "clause": sentence.clause} for sentence in why.sentences]


class MoveIn(Schema):
    """`version` is the one the caller has seen; a statement changed since answers 409."""

    version: int
    reason: Words = ""


@router.post(
    "/statements/{pk}/moves/{noun}", summary="Submission, check, approval, payment, return, reversal"
)
@endpoint(May.SEE_STATEMENTS, scope=Scope.PLACES, audit="settlements:statement:*", rate="money")
def move(request: HttpRequest, pk: Id, noun: Code, body: MoveIn) -> dict[str, Any]:
    if noun not in MOVES:
        raise Statement.DoesNotExist
    _by(request).require(MOVES[noun].permission)
    statement = Statement.objects.visible_to(_by(request), MOVES[noun].permission).get(pk=pk)
    moved = operations.move(
        statement, noun, version=body.version, by=_by(request), at=timezone.now(), reason=body.reason
    )
    return _shown(moved)


class AnswerIn(Schema):
    kind: Literal["confirm", "question"]
    note: Words = ""
    sheet: Id | None = None


@router.post("/statements/{pk}/answers", summary="The outlet confirms or questions")
@endpoint(May.ANSWER, scope=Scope.PLACES, audit="settlements:answer:*")
def answer(request: HttpRequest, pk: Id, body: AnswerIn) -> dict[str, Any]:
    statement = Statement.objects.visible_to(_by(request), May.ANSWER).get(pk=pk)
    sheet = Sheet.objects.visible_to(_by(request), May.SEE_SHEETS).get(pk=body.sheet) if body.sheet else None
    given: Answer = operations.answer(
        statement, body.kind, note=body.note, sheet=sheet, by=_by(request), at=timezone.now()
    )
    return {"id": given.pk, "kind": given.kind}


@router.post("/hand-ins", summary="Hand in a month's file; taken over at once when it has no errors")
@endpoint(May.HAND_IN, scope=Scope.PLACES, audit=("settlements:hand-in:read",))
def hand_in(
    request: HttpRequest,
    outlet: Form[Code],
    month: Form[MonthText],
    file: File[UploadedFile],
    take_over: Form[bool] = True,
) -> dict[str, Any]:
    """Whole or not at all: with an error in any row nothing is taken over, and `report` says which cells to mend."""
    place = _outlet(request, outlet, May.HAND_IN)
    by, at = _by(request), timezone.now()
    read: HandIn = operations.read_hand_in(place, _month(month), file.read(), file.name or "", by=by, at=at)
    if take_over and not read.counts["errors"]:
        read = operations.take_over(read, by=by, at=at)
    return {"id": read.pk, "state": read.state, "counts": read.counts, "report": read.report}


class ReceiptIn(Schema):
    outlet: Code
    month: MonthText
    paper_on: Day | None = None
    electronic_on: Day | None = None


@router.put(
    "/receipts", summary="When a month's sheets arrived; a day left out stays as it was, null takes it back"
)
@endpoint(May.REGISTER_RECEIPT, scope=Scope.PLACES, audit="settlements:receipt:registered")
def receipt(request: HttpRequest, body: ReceiptIn) -> dict[str, Any]:
    kept = operations.register_receipt(
        _outlet(request, body.outlet, May.REGISTER_RECEIPT),
        _month(body.month),
        by=_by(request),
        at=timezone.now(),
        **body.dict(include={"paper_on", "electronic_on"}, exclude_unset=True),
    )
    return {"id": kept.pk}


class FindingIn(Schema):
    number: Code
    kind: Literal[
        "forged", "late_service", "late_unproven", "ordered", "improved", "unimproved", "overcharge"
    ]
    note: Annotated[str, types.text(200)] = ""
    refund_fen: Annotated[int, Field(ge=0, le=10**9)] = 0


@router.post("/findings", summary="What callbacks found, all or none")
@endpoint(May.REGISTER_FINDING, scope=Scope.PLACES, audit="settlements:finding:registered")
def findings(
    request: HttpRequest, body: Body[Annotated[list[FindingIn], Field(min_length=1, max_length=5000)]]
) -> dict[str, Any]:
    rows = [(row.number, row.kind, row.note, row.refund_fen) for row in body]
    made: list[Finding] = operations.register_findings(rows, by=_by(request), at=timezone.now())
    return {"registered": len(made)}


class MakeIn(Schema):
    """Codes of outlets; none means every outlet that has handed in."""

    outlets: Annotated[list[Code], Field(max_length=5000)] = []


@router.post("/months/{month}/statements", summary="Make the month's drafts")
@endpoint(May.MAKE, scope=Scope.PLACES, audit=("settlements:statement:made", ""))
def make(request: HttpRequest, month: MonthText, body: MakeIn) -> dict[str, Any]:
    by, at = _by(request), timezone.now()
    chosen = None
    if body.outlets:
        found = Outlet.objects.visible_to(by, May.MAKE).filter(
            code__in=[code.upper() for code in body.outlets]
        )
        chosen = list(found.values_list("pk", flat=True))
        if len(chosen) != len(set(body.outlets)):
            raise Refusal(
                "Some of these outlets are not yours or don't exist.", code="outlets", field="outlets"
            )
    made = list(operations.make_statements(_month(month), by=by, at=at, outlets=chosen))
    return {
        "statements": sum(batch.statements for batch in made),
        "sheets": sum(batch.sheets for batch in made),
        "closed": [pk for batch in made for pk in batch.closed],
    }
