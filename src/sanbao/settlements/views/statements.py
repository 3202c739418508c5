"""Statements: the list, one statement with every why, its moves, the outlet's answers, PDF and Excel."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.settlements import operations, queries
from sanbao.settlements.models import Answer, Line, Sheet, Statement
from sanbao.settlements.permissions import May
from sanbao.settlements.states import MOVES, STEPS, TONES, State
from sanbao.ui import cells, formats
from sanbao.ui.formats import language
from sanbao.ui.lists import Bulk, Choice, Column, List, Month, Search, Tab, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.why import answer_why

OUTCOMES = {
    "paid": (_("Settled"), "green"),
    "void": (_("Void"), "orange"),
    "forged": (_("Forged"), "red"),
    "out_of_warranty": (_("Out of warranty"), "secondary"),
    "claimed_out": (_("Handed in as out of warranty"), "secondary"),
    "unpriced": (_("Can't be priced yet"), "yellow"),
}
_OPEN_QUESTION = Q(answers__kind=Answer.Kind.QUESTION, answers__replied_at__isnull=True)

STATEMENTS = List(
    "statements",
    columns=(
        Column("number", _("Statement"), kind="code", sort="number", link=lambda s: reverse("settlements:statement", args=[s.pk])),
        Column("outlet", _("Outlet"), value="outlet.name"),
        Column("region", _("Region"), value="outlet.region.name", shown=False),
        Column("month", _("Month"), kind="month", sort="month"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda s: TONES[s.state]),
        Column("records", _("Sheets"), kind="number"),
        Column("gross", _("Gross"), kind="amount", total="gross"),
        Column("rate", _("Rate"), kind="percent"),
        Column("deducted", _("Deductions"), kind="amount", total="deducted"),
        Column("net", _("Net"), kind="amount", sort="net", total="net", why=lambda s: reverse("settlements:statement-why", args=[s.pk])),
        Column("payable", _("To be paid"), kind="amount", total="payable", shown=False),
        Column("arrived_on", _("Arrived"), kind="date", shown=False),
    ),
    filters=(
        Search("q", _("Statement or outlet"), ("number__icontains", "outlet__code__icontains", "outlet__name__icontains")),
        Month("month", _("Month")),
        Choice("state", _("State"), State.choices),
        Choice("region", _("Region"), lambda request: queries.regions(request.access), "outlet__region_id"),
    ),
    tabs=(
        Tab("all", _("In force"), ~Q(state=State.REVERSED)),
        *(Tab(state, state.label, Q(state=state)) for state in STEPS),
        Tab("questions", _("Open questions"), lambda _request: Q(pk__in=Answer.objects.filter(kind=Answer.Kind.QUESTION, replied_at__isnull=True).values("statement"))),
        Tab(
            "unanswered",
            _("Not answered yet"),
            lambda _request: queries.not_answered(),
        ),
        Tab(State.REVERSED, State.REVERSED.label, Q(state=State.REVERSED)),
    ),
    order="-month",
)  # fmt: skip


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit="settlements:statements:exported", rate="page")
def statements(request: HttpRequest) -> HttpResponse:
    bulk = [
        Bulk(MOVES[noun].label, reverse("settlements:statements-move", args=[noun]))
        for noun in ("submission", "check", "approval", "payment")
        if request.access.may(MOVES[noun].permission)
    ]
    listing = STATEMENTS.of(request, queries.statements(request.access), bulk=bulk)
    if listing.wants_export:
        return listing.export(__("Statements"))
    return show(request, "settlements/statements.html", {"list": listing}, parts=["list"])


@page(May.SEE_STATEMENTS, "POST", scope=Scope.PLACES, audit=("settlements:statement:*", ""), rate="money")
def move_statements(request: HttpRequest, noun: str) -> HttpResponse:
    """The same move for each chosen statement, each by itself: what is refused is said, the others are done."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    done = 0
    for statement in chosen(request, Statement.objects.visible_to(request.access, MOVES[noun].permission)):
        try:
            operations.move(statement, noun, version=statement.version, by=request.access, at=timezone.now())
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{statement.number}: {refusal}")
    messages.success(request, __("%(count)d statements done.") % {"count": done})
    return go("settlements:statements")


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None, rate="page")
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _mine(request, pk))


def _mine(request: HttpRequest, pk: int) -> Statement:
    people = ("made_by", "submitted_by", "checked_by", "approved_by", "paid_by", "reversed_by")
    return get_object_or_404(queries.statements(request.access).select_related("decision", *people), pk=pk)


def _shown(request: HttpRequest, statement: Statement, *, refusal: Refusal | None = None) -> HttpResponse:
    explainer = queries.Explainer(statement, language())
    context = {
        "statement": statement,
        "steps": _steps(statement),
        "moves": queries.legal_moves(statement, request.access),
        "rate_why": explainer.month(queries.RATE_REASONS, formats.percent(statement.rate)),
        "net_why": explainer.month(answer=cells.amount(statement.net)),
        "deductions": queries.deductions(statement),
        "capitals": queries.capitals(statement.net),
        "lines": _lines(request, statement),
        "findings": queries.findings_of(statement),
        "corrections": queries.corrections_of(statement),
        "entries": queries.ledger_of(statement) if request.access.may("ledger:account:view") else [],
        "events": [
            {"what": queries.event_words(event.action), "who": event.by.name if event.by else "", "at": event.at, "text": event.details.get("reason") or event.details.get("note") or ""}
            for event in about(statement)[:50]
        ],
        "answers": statement.answers.select_related("sheet", "made_by", "replied_by").order_by("-id"),
        "confirmed": queries.confirmation(statement),
        "may_answer": statement.state not in (State.DRAFT, State.REVERSED)
        and Statement.objects.visible_to(request.access, May.ANSWER).filter(pk=statement.pk).exists(),
        "may_reply": request.access.may(May.REPLY),
        "may_make": request.access.may(May.MAKE) and statement.state == State.DRAFT,
        "refusal": refusal,
    }  # fmt: skip
    return show(
        request,
        "settlements/statement.html",
        context,
        status=refusal.status if refusal else 200,
        parts=["lines"],
    )


def _steps(statement: Statement) -> list[dict[str, Any]]:
    """The step bar: who did each step and when."""
    reached = len(STEPS) if statement.state == State.REVERSED else STEPS.index(State(statement.state))
    steps = []
    for number, state in enumerate(STEPS):
        name = "made" if state == State.DRAFT else state.value
        at, who = getattr(statement, f"{name}_at"), getattr(statement, f"{name}_by")
        place = (
            "done"
            if number < reached or statement.state == State.PAID
            else "now"
            if number == reached
            else "todo"
        )
        if statement.state == State.REVERSED and at is None:
            place = "stopped"
        steps.append({"label": state.label, "state": place, "who": who.name if who and at else "", "at": at})
    return steps


LINES_A_PAGE = 50


def _lines(request: HttpRequest, statement: Statement) -> dict[str, Any]:
    """One page of the statement's sheets, by outcome if asked for; the page's place is a sheet's id."""
    asked, after = request.GET.get("outcome", ""), request.GET.get("after", "")
    outcome = asked if asked in OUTCOMES else ""
    rows = queries.lines(statement).order_by("sheet_id")
    if outcome:
        rows = rows.filter(outcome=outcome)
    if after.isdecimal() and len(after) < 18:
        rows = rows.filter(sheet_id__gt=int(after))
    found = list(rows[: LINES_A_PAGE + 1])
    return {
        "rows": [(line, *OUTCOMES[line.outcome], line.outcome == "paid") for line in found[:LINES_A_PAGE]],
        "after": found[LINES_A_PAGE - 1].sheet_id if len(found) > LINES_A_PAGE else 0,
        "outcome": outcome,
        "outcomes": [(code, words, getattr(statement, code)) for code, (words, _tone) in OUTCOMES.items() if getattr(statement, code)],
    }  # fmt: skip


@page(May.SEE_STATEMENTS, "POST", scope=Scope.PLACES, audit="settlements:statement:*", rate="money")
def move(request: HttpRequest, pk: int, noun: str) -> HttpResponse:
    """One legal move; what is refused is shown with the statement as it is now."""
    if noun not in MOVES:
        raise Http404
    request.access.require(MOVES[noun].permission)
    found = get_object_or_404(Statement.objects.visible_to(request.access, MOVES[noun].permission), pk=pk)
    version = request.POST.get("version", "")
    try:
        operations.move(
            found, noun, version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            by=request.access, at=timezone.now(), reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, __("Done."))
    return go("settlements:statement", pk)


@page(May.ANSWER, "POST", scope=Scope.PLACES, audit="settlements:answer:*", rate="write")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Statement.objects.visible_to(request.access, May.ANSWER), pk=pk)
    kind = request.POST.get("kind", "")
    try:
        if kind not in Answer.Kind.values:
            raise Refusal(__("Choose whether you confirm or question."), field="kind")
        number = request.POST.get("sheet", "").strip().replace("\0", "")[:40]
        sheet = None
        if number:
            sheet = (
                Sheet.objects.visible_to(request.access, May.SEE_SHEETS)
                .filter(number=number, month=found.month)
                .first()
            )
            if sheet is None:
                raise Refusal(
                    __("There is no sheet %(number)s in this month.") % {"number": number}, field="sheet"
                )
        note = request.POST.get("note", "").replace("\0", "")
        operations.answer(found, kind, note=note, sheet=sheet, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, __("Your answer has been recorded."))
    return go("settlements:statement", pk)


@page(May.REPLY, "POST", scope=Scope.PLACES, audit="settlements:answer:replied", rate="write")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(Answer.objects.visible_to(request.access, May.REPLY), pk=pk)
    try:
        text = request.POST.get("reply", "").replace("\0", "")
        operations.reply(question, text, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _mine(request, question.statement_id), refusal=refusal)
    messages.success(request, __("The reply has been recorded."))
    return go("settlements:statement", question.statement_id)


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None, rate="page")
def why(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    return answer_why(
        request, queries.Explainer(found, language()).month(answer=cells.amount(found.net)), found.number
    )


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit=None, rate="page")
def line_why(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    found = _mine(request, pk)
    line = get_object_or_404(Line.objects.select_related("sheet"), statement=found, sheet_id=sheet)
    told = queries.Explainer(found, language()).line(line, str(OUTCOMES[line.outcome][0]))
    return answer_why(request, told, line.sheet.number)


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit="settlements:statement:exported", rate="export")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _file(request, pk, "pdf", "application/pdf")


@page(May.SEE_STATEMENTS, scope=Scope.PLACES, audit="settlements:statement:exported", rate="export")
def xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    return _file(request, pk, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _file(request: HttpRequest, pk: int, ending: str, kind: str) -> HttpResponse:
    """The statement as a file; every copy that leaves is in the event log (GN-8)."""
    from sanbao.settlements import printing  # with its forms: loaded by who prints

    found = _mine(request, pk)
    make = printing.pdf if ending == "pdf" else printing.xlsx
    content = make(found, language(), at=timezone.now(), by=printing.taker(request.access))
    audit.record(
        "settlements:statement:exported",
        found,
        by=request.access,
        at=timezone.now(),
        outlet_id=found.outlet_id,
        kind=ending,
    )
    response = HttpResponse(content, content_type=kind)
    name = f"{__('Statement')}-{found.outlet.code}-{found.month:%Y-%m}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
