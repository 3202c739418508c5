"""Reading settlements: statements, lines and their whys, what waits for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.audit.moves import Move
from sanbao.decisions import queries as decisions
from sanbao.ledger.queries import entries_of
from sanbao.outlets.models import Outlet, Region
from sanbao.regulations.queries import book_in_force, editions_in_force, rulebook
from sanbao.settlements.facts import line_of
from sanbao.settlements.finding_states import FINDING_MOVES, STANDING, FindingState
from sanbao.settlements.models import (
    Answer,
    Correction,
    Finding,
    HandIn,
    Hint,
    Line,
    Receipt,
    Remark,
    Sheet,
    Statement,
)
from sanbao.settlements.permissions import May
from sanbao.settlements.states import MOVES, State
from sanbao.ui.panels import Panel
from sanbao.ui.why import Why, WhySentence
from sanbao_rules import findings as rules
from sanbao_rules import money
from sanbao_rules.explain import Sentence, explain_all
from sanbao_rules.packing import unpack
from sanbao_rules.panels import forgery
from sanbao_rules.periods import month_end
from sanbao_rules.rulebook import NotInForce
from sanbao_rules.settlement import DEDUCTIONS, Terms
from sanbao_rules.settlement_why import expand

BOOKS = ("calendar", "warranty", "charges", "settlement", "findings")


def statements(access: Access) -> QuerySet[Statement]:
    """The statements a person may see, with outlet and region."""
    return Statement.objects.visible_to(access, May.SEE_STATEMENTS).select_related("outlet__region")


def sheets(access: Access) -> QuerySet[Sheet]:
    """The record sheets a person may see; withdrawn ones are left out."""
    return (
        Sheet.objects.visible_to(access, May.SEE_SHEETS)
        .filter(withdrawn_at__isnull=True)
        .select_related("outlet__region")
    )


def findings(access: Access) -> QuerySet[Finding]:
    """The findings a person may see: headquarters all, an outlet and its region those that were confirmed. Withdrawn ones are left out."""
    rows = Finding.objects.visible_to(access, May.SEE_FINDINGS).exclude(state=FindingState.WITHDRAWN)
    if not access.reach(May.SEE_FINDINGS).whole:
        rows = rows.shown()
    return rows.select_related("sheet", "outlet__region", "made_by")


def findings_by_id(access: Access, numbers: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """Of the findings of these ids those a person may see: page, state in words, its tone. For pages of the modules that found them."""
    if not access.may(May.SEE_FINDINGS):
        return {}
    rows = findings(access).filter(pk__in=numbers)
    return {
        row.pk: (reverse("settlements:finding", args=[row.pk]), row.get_state_display(), row.tone)
        for row in rows
    }


def remarks(finding: Finding) -> QuerySet[Remark]:
    """What was said and shown about a finding, in the order of time."""
    return finding.remarks.select_related("file", "made_by").order_by("id")


def whys_of(finding: Finding, language: str, access: Access) -> list[Why]:
    """Why a finding has the last days it has, what a false panel claim costs, and what it has changed about a settled month."""
    known = [
        finding.appeal_decision,
        finding.improve_decision,
        finding.refund_decision,
        finding.panel_decision,
    ]
    known += [one.decision for one in finding.corrections.select_related("decision").order_by("id")]
    return decisions.whys([decision for decision in known if decision], language, access)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one finding costs the outlet: the fee that is not earned, the deductions, both, and why."""

    fee: int
    deductions: int
    sentences: list[Sentence]

    @property
    def amount(self) -> int:
        return self.fee + self.deductions


def cost_of(finding: Finding, language: str) -> Cost:
    """What a finding costs, or would cost, beside the others that stand: by the statement of its month, else by the books in force."""
    settled = (
        Statement.objects.filter(outlet_id=finding.outlet_id, month=finding.sheet.month)
        .exclude(state=State.REVERSED)
        .select_related("decision")
        .first()
    )
    editions = editions_in_force(finding.company_id, *BOOKS)
    if settled and settled.decision:
        editions = editions | decisions.editions_of(settled.decision)
    books = {name: rulebook(edition) for name, edition in editions.items()}
    others = list(
        Finding.objects.standing()
        .filter(sheet_id=finding.sheet_id)
        .exclude(pk=finding.pk)
        .order_by("id")
        .values_list("pk", flat=True)
    )
    try:
        made = rules.correction(
            unpack(line_of(finding.sheet_id, others)),
            unpack(line_of(finding.sheet_id, sorted([*others, finding.pk]))),
            settled.rate if settled else Decimal(1),
            Terms.resolve(books, finding.sheet.month),
        )
    except NotInForce:
        return Cost(0, 0, [])
    reasons = [reason for reason in made.reasons if not reason.code.startswith("correction_")]
    return Cost(made.answer["fee"], made.answer["deductions"], explain_all(reasons, books, language))


def finding_moves(finding: Finding, access: Access, on: date) -> list[Move]:
    """The moves this person could make now, by state, permission, hands and the last day to appeal."""
    late = finding.appeal_until is not None and on > finding.appeal_until
    return [
        move
        for move in FINDING_MOVES.values()
        if finding.state in move.sources
        and access.may(move.permission)
        and Finding.objects.visible_to(access, move.permission).filter(pk=finding.pk).exists()
        and all(getattr(finding, f"{earlier}_by_id") != access.person_id for earlier in move.another)
        and not (move.noun == "appeal" and late)
        and not (move.noun == "late-appeal" and not late)
    ]


def panel_benefit(outlet: Outlet, on: date) -> bool:
    """Whether the outlet has the panel benefit on a day: not after one false panel claim too many, until the year ends (KA-7.3, A-56).

    By the claims that stand: one whose appeal was granted counts no more. The decision about each stands with its finding.
    """
    proven = (
        Finding.objects.standing()
        .filter(outlet=outlet, kind=Finding.Kind.FALSE_PANEL)
        .order_by("confirmed_at", "id")
        .values_list("confirmed_at", flat=True)
    )
    found_on = [day for moment in proven if (day := timezone.localdate(moment)) <= on]
    if not found_on:
        return True
    until = forgery(found_on, book=book_in_force(outlet.company_id, "returns")).answer["cancelled_until"]
    return until is None or on > until


# Hints


def hints(access: Access) -> QuerySet[Hint]:
    """The hints a person may see."""
    return Hint.objects.visible_to(access, May.SEE_HINTS).select_related(
        "sheet__outlet", "other__outlet", "outlet__region", "checked_by"
    )


def told_of(hint: Hint, language: str) -> str:
    """Why a sheet smells, in a sentence: what was seen, and the company's limit."""
    book = book_in_force(hint.company_id, rules.BOOK)
    seen = {
        name: _day(value) if name in ("reported", "completed") else value for name, value in hint.told.items()
    }
    made = rules.hint(hint.kind, seen, month_end(hint.sheet.month), {rules.BOOK: book})
    return explain_all(made.reasons[:1], {rules.BOOK: book}, language)[0].text


def _day(text: str) -> date:
    return date.fromisoformat(text)


def flagged_sheets(company_id: int) -> QuerySet[Sheet]:
    """Sheets with a hint that nobody has looked into: they are called back whatever the sample says (facts 11.4)."""
    open_hints = Hint.objects.filter(company_id=company_id, checked_at__isnull=True)
    return Sheet.objects.filter(
        company_id=company_id, withdrawn_at__isnull=True, pk__in=open_hints.values("sheet_id")
    )


# Numbers for the appraisal of outlets (docs/modules/settlements.md)


@dataclass(frozen=True, slots=True)
class FindingNumbers:
    """What stands against an outlet in a span of days, by the day of confirmation."""

    standing: int
    forged: int
    late: int
    unimproved: int
    overcharged: int
    appeals: int
    granted: int
    refunds_late: int


def finding_numbers(company_id: int, first: date, last: date) -> dict[int, FindingNumbers]:
    """By outlet, what was confirmed from `first` to `last`: standing findings, some of their kinds, appeals, and refunds shown late or not at all."""
    stands = Q(state__in=STANDING)
    kind = Finding.Kind
    rows = (
        Finding.objects.filter(
            company_id=company_id, confirmed_at__date__gte=first, confirmed_at__date__lte=last
        )
        .values("outlet_id")
        .annotate(
            standing=Count("id", filter=stands),
            forged=Count("id", filter=stands & Q(kind=kind.FORGED)),
            late=Count("id", filter=stands & Q(kind=kind.LATE_SERVICE)),
            unimproved=Count("id", filter=stands & Q(kind=kind.UNIMPROVED)),
            overcharged=Count("id", filter=stands & Q(kind=kind.OVERCHARGE)),
            appeals=Count("id", filter=Q(appealed_at__isnull=False)),
            granted=Count("id", filter=Q(state=FindingState.GRANTED)),
            refunds_late=Count(
                "id",
                filter=stands
                & (Q(refunded_on__gt=F("refund_by")) | Q(refund_by__lt=last, refunded_on__isnull=True)),
            ),
        )
        .order_by("outlet_id")
    )
    return {row.pop("outlet_id"): FindingNumbers(**row) for row in rows}


REFUND_OPEN = Q(refund_fen__gt=0, refunded_on__isnull=True, state__in=STANDING)


def recheck_is_due(on: date) -> Q:
    """An order to improve whose time is over and that nobody has looked at again."""
    return Q(kind=Finding.Kind.ORDERED, rechecked_at__isnull=True, improve_by__lt=on, state__in=STANDING)


def rechecks_due(access: Access, on: date) -> QuerySet[Finding]:
    """Orders to improve whose time is over and that nobody has looked at again."""
    return findings(access).filter(recheck_is_due(on))


def refunds_open(access: Access) -> QuerySet[Finding]:
    """Refunds to customers that the outlet has not shown yet."""
    return findings(access).filter(REFUND_OPEN)


def refunds_overdue(access: Access, on: date) -> QuerySet[Finding]:
    """Refunds not shown whose last day is over."""
    return refunds_open(access).filter(refund_by__lt=on)


def hand_ins(access: Access) -> QuerySet[HandIn]:
    """The files a person may look at."""
    return HandIn.objects.visible_to(access, May.HAND_IN).select_related("outlet", "file", "made_by")


def receipts(access: Access) -> QuerySet[Receipt]:
    """The receipts a person may see."""
    return Receipt.objects.visible_to(access, May.SEE_STATEMENTS).select_related("outlet")


def confirmation(statement: Statement) -> Answer | None:
    """The outlet's confirmation of the statement as it was last submitted, if it has given one."""
    if statement.submitted_at is None:
        return None
    return statement.answers.filter(kind=Answer.Kind.CONFIRM, made_at__gte=statement.submitted_at).first()


def open_questions(access: Access) -> QuerySet[Answer]:
    """Questions of outlets that wait for a reply."""
    return Answer.objects.visible_to(access, May.REPLY).filter(
        kind=Answer.Kind.QUESTION, replied_at__isnull=True
    )


def legal_moves(statement: Statement, access: Access) -> list[Move]:
    """The moves this person could make now: legal from this state, permitted, and not a second signature of the same hand."""
    return [
        move
        for move in MOVES.values()
        if statement.state in move.sources
        and Statement.objects.visible_to(access, move.permission).filter(pk=statement.pk).exists()
        and all(getattr(statement, f"{earlier}_by_id") != access.person_id for earlier in move.another)
    ]


# Why


class Explainer:
    """Explains a statement and its lines with the editions that decided it, in one language ("zh" or "en")."""

    def __init__(self, statement: Statement, language: str):
        self.statement = statement
        self.language = language
        self.books = decisions.books_of(statement.decision)
        book = self.books["settlement"]
        self.edition = f"{book.name} {book.edition}"
        self.edition_url = _url("regulations:book", book.name)
        self.decision_url = _url("decisions:decision", statement.decision_id)
        self.replay_url = _url("decisions:replay", statement.decision_id)

    def line(self, line: Line, answer: str = "") -> Why:
        """Why one sheet earns and costs what it does."""
        reasons = expand(line.why, self.books, self.statement.month)
        return self._why(answer, explain_all(reasons, self.books, self.language))

    def month(self, codes: Iterable[str] | None = None, answer: str = "") -> Why:
        """Why the month comes to what it does; `codes` picks some of the reasons, such as the rate's."""
        reasons = decisions.kernel.from_json(self.statement.decision.reasons)
        if codes is not None:
            wanted = set(codes)
            reasons = tuple(reason for reason in reasons if reason.code in wanted)
        return self._why(answer, explain_all(reasons, self.books, self.language))

    def _why(self, answer: str, sentences: list[Sentence]) -> Why:
        titles = {name: book.sources for name, book in self.books.items()}
        told = tuple(
            WhySentence(
                sentence.text, sentence.clause, sentence.clause_text, self._source(titles, sentence.clause)
            )
            for sentence in sentences
        )
        return Why(answer, told, self.edition, self.edition_url, self.decision_url, self.replay_url)

    def _source(self, titles: dict[str, Any], clause: str) -> str:
        """The title of the regulation a clause stands in: "appliance KA-11.1" is of the source "appliance"."""
        source = clause.partition(" ")[0]
        for sources in titles.values():
            if source in sources:
                title = getattr(sources[source], "title", None) or sources[source]["title"]
                return str(title[self.language])
        return ""


RATE_REASONS = (
    "in_time", "late", "late_15", "between", "cross_month", "waiting_paper", "no_electronic", "nothing_received",
    "due_rolled", "provisional",
)  # fmt: skip


def _url(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# What waits for whom


def panels(access: Access) -> list[Panel]:
    """What waits for this person in settlements."""
    found = []
    for permission, state, title, icon in (
        (May.SUBMIT, State.DRAFT, _("Drafts to submit"), "file-pencil"),
        (May.CHECK, State.SUBMITTED, _("Statements to check"), "checklist"),
        (May.APPROVE, State.CHECKED, _("Statements to approve"), "rubber-stamp"),
        (May.PAY, State.APPROVED, _("Statements to pay"), "cash"),
    ):
        if access.may(permission):
            count = Statement.objects.visible_to(access, permission).filter(state=state).count()
            found.append(
                Panel(title, count, f"{reverse('settlements:statements')}?state={state}", icon, "blue")
            )
    if access.may(May.REPLY):
        url = f"{reverse('settlements:statements')}?tab=questions"
        found.append(
            Panel(
                _("Questions of outlets"), open_questions(access).count(), url, "message-question", "orange"
            )
        )
    if access.may(May.ANSWER):
        waiting = unanswered(access).count()
        url = f"{reverse('settlements:statements')}?tab=unanswered"
        found.append(Panel(_("Statements to confirm"), waiting, url, "file-check", "blue"))
    found += _of_findings(access)
    if access.may(May.HAND_IN):
        reading = hand_ins(access).filter(state=HandIn.State.READ).count()
        found.append(
            Panel(
                _("Files read but not taken over"),
                reading,
                reverse("settlements:hand-in"),
                "upload",
                "orange",
            )
        )
    return found


def unanswered(access: Access) -> QuerySet[Statement]:
    """Submitted statements that this person's outlet has neither confirmed nor questioned."""
    return Statement.objects.visible_to(access, May.ANSWER).filter(not_answered())


def not_answered() -> Q:
    """Whether a statement has been submitted and its outlet has neither confirmed nor questioned it since."""
    answered = Answer.objects.filter(statement=OuterRef("pk"), made_at__gte=OuterRef("submitted_at"))
    return Q(submitted_at__isnull=False) & ~Q(state=State.REVERSED) & ~Exists(answered)


def months_with_sheets(access: Access) -> list[date]:
    """The months in which this person can see sheets, newest first."""
    return list(
        Sheet.objects.visible_to(access, May.SEE_SHEETS)
        .filter(withdrawn_at__isnull=True)
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()[:120]
    )


INVARIANTS = {
    "a sheet is in at most one live statement": """
        SELECT sheet_id FROM settlements_line WHERE live GROUP BY sheet_id HAVING count(*) > 1""",
    "the lines of a statement add up to it": """
        SELECT s.id, s.gross, sum(l.labour + l.travel) FILTER (WHERE l.outcome = 'paid')
        FROM settlements_statement s LEFT JOIN settlements_line l ON l.statement_id = s.id
        GROUP BY s.id HAVING s.records <> count(l.sheet_id)
        OR s.deducted <> coalesce(sum(l.deducted), 0)
           + coalesce((s.deductions->>'correction')::bigint, 0) + coalesce((s.deductions->>'credit')::bigint, 0)
        OR s.refund <> coalesce(sum(l.refund), 0)""",
    "a closed month has taken and given back every correction that belongs to it": """
        SELECT s.id, sum(c.amount_fen) FROM settlements_statement s
        LEFT JOIN settlements_correction c ON c.outlet_id = s.outlet_id AND c.month = s.month
        WHERE s.state NOT IN ('draft', 'reversed') GROUP BY s.id HAVING coalesce(sum(c.amount_fen), 0)
        <> coalesce((s.deductions->>'correction')::bigint, 0) + coalesce((s.deductions->>'credit')::bigint, 0)""",
    "an approved statement stands in the ledger with its net": """
        SELECT s.id, s.net, -sum(p.amount) FROM settlements_statement s
        JOIN ledger_entry e ON e.source = 'settlements.statement' AND e.source_id = s.id AND e.kind = 'settlement:approved'
        JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id AND a.code = 'outlet-payable'
        WHERE s.state IN ('approved', 'paid') GROUP BY s.id HAVING s.net <> -sum(p.amount)""",
}


# For the statement's page and its printed form


def months_settled(company_id: int, since: date) -> list[date]:
    """The months with an approved or paid statement that a value from a day on reaches, the earliest first."""
    settled = Statement.objects.filter(
        company_id=company_id, month__gte=since.replace(day=1), state__in=(State.APPROVED, State.PAID)
    )
    return list(settled.order_by("month").values_list("month", flat=True).distinct())


def lines(statement: Statement) -> QuerySet[Line]:
    """A statement's lines with their sheets, numbered by the sheet so that a list can page through them."""
    return statement.lines.select_related("sheet")


def regions(access: Access) -> list[tuple[int, str]]:
    """The regions in which a person sees statements, for a filter."""
    return list(
        Region.objects.visible_to(access, May.SEE_STATEMENTS)
        .distinct()
        .order_by("name")
        .values_list("pk", "name")
    )


def deductions(statement: Statement) -> list[tuple[Any, int]]:
    """The statement's deductions by kind, in words, those that are not zero."""
    return [(DEDUCTION_WORDS[kind], amount) for kind, amount in statement.deductions.items() if amount]


DEDUCTION_WORDS = {
    "void_sheet": _("Void sheets"),
    "late_service": _("Late service, complaint proven"),
    "unimproved": _("Not improved when ordered"),
    "overcharge": _("Overcharging"),
    "forged": _("Forged sheets"),
    "false_panel": _("False panel claims"),
    "correction": _("Corrections of settled months"),
    "credit": _("Given back for settled months"),
}


@dataclass(frozen=True, slots=True)
class Deduction:
    """One deduction for one sheet, or a refund to its customer, with the clause and the sentence it rests on."""

    sheet: Sheet
    kind: str
    amount: int
    clause: str
    note: str


def deductions_of(statement: Statement, explainer: "Explainer") -> tuple[list[Deduction], list[Deduction]]:
    """Every single deduction and every refund of a statement, sheet by sheet."""
    taken, refunds = [], []
    notes: dict[tuple[int, str], str] = {
        (finding.sheet_id, finding.kind): finding.note
        for finding in Finding.objects.filter(sheet__lines__statement=statement, counted=True)
    }
    for line in statement.lines.select_related("sheet").exclude(deducted=0, refund=0).order_by("sheet_id"):
        for reason in expand(line.why, explainer.books, statement.month):
            note = notes.get((line.sheet_id, reason.code), "")
            if reason.code == "incomplete":
                amount = reason.args["amount"]
                taken.append(Deduction(line.sheet, "void_sheet", amount, reason.clause, note))
            elif reason.code in DEDUCTIONS or reason.code == "false_panel":
                taken.append(Deduction(line.sheet, reason.code, reason.args["amount"], reason.clause, note))
            elif reason.code == "refund":
                note = notes.get((line.sheet_id, "overcharge"), "")
                refunds.append(Deduction(line.sheet, "refund", reason.args["refund"], reason.clause, note))
    for one in corrections_of(statement):
        kind = "correction" if one.amount_fen > 0 else "credit"
        note = f"{one.of_month:%Y-%m} {one.finding.get_kind_display()}"
        taken.append(Deduction(one.finding.sheet, kind, one.amount_fen, "own findings", note))
    return taken, refunds


def corrections_of(statement: Statement) -> list[Correction]:
    """What the statement took and gave back for settled months when it was made; corrections written since wait for the next draft."""
    counted = len(statement.decision.facts.get("corrections", [])) if statement.decision else 0
    if not counted:
        return []
    rows = Correction.objects.filter(outlet_id=statement.outlet_id, month=statement.month)
    return list(rows.select_related("finding__sheet", "decision").order_by("id")[:counted])


def findings_of(statement: Statement) -> QuerySet[Finding]:
    """The findings that entered a statement."""
    return (
        Finding.objects.filter(sheet__lines__statement=statement, counted=True)
        .select_related("sheet", "made_by")
        .order_by("sheet__number")
    )


def capitals(fen: int) -> str:
    """An amount in Chinese capitals, as on a form."""
    return f"人民币{money.capitals(fen)}"


_EVENTS = {
    "made": _("Draft made"),
    "submission": _("Submitted"),
    "check": _("Checked"),
    "approval": _("Approved"),
    "payment": _("Paid"),
    "return": _("Sent back"),
    "reversal": _("Reversed"),
    "exported": _("Copied to a file"),
    "confirm": _("Confirmed by the outlet"),
    "question": _("Questioned by the outlet"),
    "replied": _("Question answered"),
}


def event_words(action: str) -> Any:
    """What an event of a statement is called."""
    return _EVENTS.get(action.rpartition(":")[2], action)


@dataclass(frozen=True, slots=True)
class OutletMonth:
    """One outlet in a month: what has come in, what was found, and how far its statement is."""

    outlet: Outlet
    sheets: int
    findings: int
    receipt: Receipt | None
    statement: Statement | None
    hints: int = 0

    @property
    def missing(self) -> str:
        """What the month waits for: sheets, electronic, paper, statement, or nothing."""
        if not self.sheets:
            return "sheets"
        if self.receipt is None or self.receipt.electronic_on is None:
            return "electronic"
        if self.receipt.paper_on is None:
            return "paper"
        return "" if self.statement else "statement"


def month_by_outlet(access: Access, month: date, after: str = "", limit: int = 100) -> list[OutletMonth]:
    """The outlets a person sees, in the order of their codes, with what each has for the month. Six statements in all."""
    outlets = list(
        Outlet.objects.visible_to(access, May.SEE_STATEMENTS)
        .filter(code__gt=after)
        .select_related("region")
        .order_by("code")[:limit]
    )
    ids = [outlet.pk for outlet in outlets]
    count = {"month": month, "outlet__in": ids, "withdrawn_at__isnull": True}
    sheets = dict(Sheet.objects.filter(**count).values_list("outlet").annotate(n=Count("id")))
    found = dict(
        findings(access)
        .filter(sheet__month=month, outlet__in=ids)
        .order_by()
        .values_list("outlet")
        .annotate(n=Count("id"))
    )
    hinted: dict[int, int] = {}
    if access.may(May.SEE_HINTS):
        open_hints = hints(access).filter(sheet__month=month, outlet__in=ids, checked_at__isnull=True)
        hinted = dict(open_hints.order_by().values_list("outlet").annotate(n=Count("id")))
    receipts = {receipt.outlet_id: receipt for receipt in Receipt.objects.filter(month=month, outlet__in=ids)}
    live = {
        statement.outlet_id: statement
        for statement in Statement.objects.filter(month=month, outlet__in=ids).exclude(state=State.REVERSED)
    }
    return [
        OutletMonth(
            outlet,
            sheets.get(outlet.pk, 0),
            found.get(outlet.pk, 0),
            receipts.get(outlet.pk),
            live.get(outlet.pk),
            hinted.get(outlet.pk, 0),
        )
        for outlet in outlets
    ]


def _of_findings(access: Access) -> list[Panel]:
    """What waits for this person among findings."""
    today, url, waiting = timezone.localdate(), reverse("settlements:findings"), []
    for permission, condition, tab, title, icon in (
        (May.CONFIRM_FINDING, Q(state=FindingState.PROPOSED), "proposed", _("Findings to confirm"), "alert-triangle"),
        (May.DECIDE_APPEAL, Q(state=FindingState.APPEALED), "appeals", _("Appeals to decide"), "scale"),
        (May.REGISTER_FINDING, recheck_is_due(today), "rechecks", _("Improvements to look at again"), "eye-check"),
        (May.ANSWER_FINDING, Q(state=FindingState.CONFIRMED, appeal_until__gte=today), "open", _("Findings to answer"), "alert-triangle"),
        (May.ANSWER_FINDING, REFUND_OPEN, "refunds", _("Refunds to customers to show"), "cash-banknote"),
    ):  # fmt: skip
        if access.may(permission):
            count = Finding.objects.visible_to(access, permission).filter(condition).count()
            waiting.append(Panel(title, count, f"{url}?tab={tab}", icon, "orange"))
    return waiting


ACCOUNT_WORDS = {
    "service-cost": _("Service cost"),
    "outlet-accrued": _("Accrued for the outlet"),
    "outlet-payable": _("Payable to the outlet"),
    "deduction-income": _("Income from deductions"),
    "bank": _("Bank"),
}
ENTRY_WORDS = {
    "settlement:accrued": _("Submitted: cost accrued"),
    "settlement:deducted": _("Checked: deductions"),
    "settlement:approved": _("Approved: owed to the outlet"),
    "settlement:paid": _("Paid"),
}


def ledger_of(statement: Statement) -> list[tuple[Any, str, list[tuple[Any, int]]]]:
    """A statement's ledger entries: (entry, what it is, [(account in words, amount)])."""
    rows = []
    for entry in entries_of(Statement._meta.label_lower, statement.pk):
        kind, reversal, _rest = entry.kind.partition(":reversed")
        words = f"{ENTRY_WORDS.get(kind, kind)}{' ↺' if reversal else ''}"
        amounts = [
            (ACCOUNT_WORDS.get(p.account.code, p.account.code), p.amount) for p in entry.postings.all()
        ]
        rows.append((entry, words, amounts))
    return rows
