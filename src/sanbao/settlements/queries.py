"""Reading settlements: statements, lines and their whys, what waits for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.audit.moves import Move
from sanbao.decisions import queries as decisions
from sanbao.ledger.queries import entries_of
from sanbao.outlets.models import Outlet, Region
from sanbao.settlements.models import Answer, Finding, HandIn, Line, Receipt, Sheet, Statement
from sanbao.settlements.permissions import May
from sanbao.settlements.states import MOVES, State
from sanbao.ui.panels import Panel
from sanbao.ui.why import Why, WhySentence
from sanbao_rules import money
from sanbao_rules.explain import Sentence, explain_all
from sanbao_rules.settlement import DEDUCTIONS, expand


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
    """The findings a person may see; withdrawn ones are left out."""
    return (
        Finding.objects.visible_to(access, May.SEE_FINDINGS)
        .filter(withdrawn_at__isnull=True)
        .select_related("sheet", "outlet__region", "made_by")
    )


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
        GROUP BY s.id HAVING s.records <> count(l.sheet_id) OR s.deducted <> coalesce(sum(l.deducted), 0)
        OR s.refund <> coalesce(sum(l.refund), 0)""",
    "an approved statement stands in the ledger with its net": """
        SELECT s.id, s.net, -sum(p.amount) FROM settlements_statement s
        JOIN ledger_entry e ON e.source = 'settlements.statement' AND e.source_id = s.id AND e.kind = 'settlement:approved'
        JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id AND a.code = 'outlet-payable'
        WHERE s.state IN ('approved', 'paid') GROUP BY s.id HAVING s.net <> -sum(p.amount)""",
}


# For the statement's page and its printed form


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
        for finding in Finding.objects.filter(sheet__lines__statement=statement, withdrawn_at__isnull=True)
    }
    for line in statement.lines.select_related("sheet").exclude(deducted=0, refund=0).order_by("sheet_id"):
        for reason in expand(line.why, explainer.books, statement.month):
            note = notes.get((line.sheet_id, reason.code), "")
            if reason.code in DEDUCTIONS:
                taken.append(Deduction(line.sheet, reason.code, reason.args["amount"], reason.clause, note))
            elif reason.code == "refund":
                note = notes.get((line.sheet_id, "overcharge"), "")
                refunds.append(Deduction(line.sheet, "refund", reason.args["refund"], reason.clause, note))
    return taken, refunds


def findings_of(statement: Statement) -> QuerySet[Finding]:
    """The findings that entered a statement."""
    return (
        Finding.objects.filter(sheet__lines__statement=statement, withdrawn_at__isnull=True)
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
    """The outlets a person sees, in the order of their codes, with what each has for the month. Five statements in all."""
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
        Finding.objects.filter(sheet__month=month, outlet__in=ids, withdrawn_at__isnull=True)
        .values_list("outlet")
        .annotate(n=Count("id"))
    )
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
        )
        for outlet in outlets
    ]


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
