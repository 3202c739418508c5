"""Settlement by API: hand in a month, register receipts and findings, make statements, move them, read them with every why."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import StringConstraints

from sanbao.accounts.access import Access
from sanbao.outlets.models import Outlet
from sanbao.settlements import operations, queries
from sanbao.settlements.finding_states import FINDING_MOVES
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
    """`refund_fen` is what the customer is to get back, for overcharge. False panel claims are registered on the page, with the price."""

    number: Code
    kind: Literal[
        "forged",
        "late_service",
        "late_unproven",
        "ordered",
        "improved",
        "unimproved",
        "overcharge",
        "incomplete",
    ]
    note: Annotated[str, types.text(200)] = ""
    refund_fen: Annotated[int, Field(ge=0, le=10**9)] = 0


@router.post(
    "/findings", summary="What callbacks found, all or none; it counts once a second person has confirmed it"
)
@endpoint(May.REGISTER_FINDING, scope=Scope.PLACES, audit="settlements:finding:registered")
def findings(
    request: HttpRequest, body: Body[Annotated[list[FindingIn], Field(min_length=1, max_length=5000)]]
) -> dict[str, Any]:
    rows = [(row.number, row.kind, row.note, row.refund_fen) for row in body]
    made: list[Finding] = operations.register_findings(rows, by=_by(request), at=timezone.now())
    return {"registered": len(made)}


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.pk,
        "sheet": finding.sheet.number,
        "outlet": finding.outlet.code,
        "month": f"{finding.sheet.month:%Y-%m}",
        "kind": finding.kind,
        "state": finding.state,
        "version": finding.version,
        "note": finding.note,
        "source": finding.source,
        "refund_fen": finding.refund_fen,
        "panel_fen": finding.panel_fen,
        "appeal_until": _day(finding.appeal_until),
        "improve_by": _day(finding.improve_by),
        "refund_by": _day(finding.refund_by),
        "refunded_on": _day(finding.refunded_on),
        "panel_off_until": _day(finding.panel_off_until),
        "made_at": finding.made_at.isoformat(),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


@router.get("/findings", summary="Findings, newest first")
@endpoint(May.SEE_FINDINGS, scope=Scope.PLACES, audit=None)
def list_findings(
    request: HttpRequest,
    state: Code | None = None,
    outlet: Code | None = None,
    sheet: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. An outlet sees those that were confirmed."""
    rows = queries.findings(_by(request)).order_by("-id")
    for name, value in (
        ("state", state),
        ("outlet__code", outlet and outlet.upper()),
        ("sheet__number", sheet),
    ):
        if value:
            rows = rows.filter(**{name: value})
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_found(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/findings/{pk}", summary="One finding with what was said about it and what it has changed")
@endpoint(May.SEE_FINDINGS, scope=Scope.PLACES, audit=None)
def read_finding(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    finding = queries.findings(_by(request)).get(pk=pk)
    return {
        **_found(finding),
        "remarks": [
            {"kind": remark.kind, "text": remark.text, "file": remark.file.name if remark.file else None,
             "at": remark.made_at.isoformat()}
            for remark in queries.remarks(finding)
        ],
        "corrections": [
            {"month": f"{one.month:%Y-%m}", "of_month": f"{one.of_month:%Y-%m}", "amount_fen": one.amount_fen}
            for one in finding.corrections.order_by("id")
        ],
        "why_sentences": [
            {"text": sentence.text, "clause": sentence.clause}
            for why in queries.whys_of(finding, language, _by(request))
            for sentence in why.sentences
        ],
    }  # fmt: skip


class FindingMoveIn(Schema):
    """`version` is the one the caller has seen; `kind` and `refund_fen` for an appeal granted in part."""

    version: int
    reason: Words = ""
    kind: Annotated[str, types.code(20)] = ""
    refund_fen: Annotated[int, Field(ge=0, le=10**9)] = 0


@router.post(
    "/findings/{pk}/moves/{noun}",
    summary="Confirmation, dropping, acceptance, appeal, late-appeal, upholding, granting",
)
@endpoint(May.SEE_FINDINGS, scope=Scope.PLACES, audit="settlements:finding:*", rate="write")
def move_finding(request: HttpRequest, pk: Id, noun: Code, body: FindingMoveIn) -> dict[str, Any]:
    if noun not in FINDING_MOVES:
        raise Finding.DoesNotExist
    by = _by(request)
    by.require(FINDING_MOVES[noun].permission)
    finding = queries.findings(by).get(pk=pk)
    kind = body.kind.lower()
    if kind and kind not in Finding.Kind.values:
        raise Refusal(_("Choose one of the findings."), field="kind", code="kind")
    moved = operations.move_finding(
        finding, noun, body.reason, kind=kind, refund_fen=body.refund_fen, version=body.version, by=by, at=timezone.now()
    )  # fmt: skip
    return _found(moved)


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
