"""Fills the printed statement from the database."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.decisions.queries import editions_of
from sanbao.settlements import queries
from sanbao.settlements import statement_print as form
from sanbao.settlements.models import Sheet, Statement
from sanbao.settlements.reading.sentences import FIELDS
from sanbao.settlements.sheet_print import PrintedSheet, SheetsPrint, sheets_pdf
from sanbao.settlements.statement_workbook import statement_xlsx
from sanbao.settlements.states import State
from sanbao.ui.printing import ControlledForm, Signature
from sanbao_rules.explain import explain_all
from sanbao_rules.settlement_why import expand

# The controlled form 《网点月度结算单》 (RW-8).
FORM, SHEET_FORM, VERSION, ISSUED = "SB-QR-07", "SB-QR-05", "A/0", date(2026, 11, 1)


def taker(access: Access) -> str:
    """Who takes a copy, with the number of the request: the watermark on every print and workbook."""
    return f"{access.name} {access.request}".strip()


def pdf(statement: Statement, language: str, *, at: datetime, by: str = "") -> bytes:
    """The statement as PDF; `at` and `by` (who takes it) are printed on it."""
    return form.statement_pdf(filled(statement, language, at, by), language)


def xlsx(statement: Statement, language: str, *, at: datetime, by: str = "") -> bytes:
    """The statement as a workbook."""
    return statement_xlsx(filled(statement, language, at, by), language)


def filled(statement: Statement, language: str, at: datetime, by: str = "") -> form.StatementPrint:
    """Everything the form shows, from the statement and the editions that decided it."""
    explainer = queries.Explainer(statement, language)
    taken, refunds = queries.deductions_of(statement, explainer)
    lines, cited = [], {}
    for line in statement.lines.select_related("sheet").order_by("sheet_id"):
        reasons = expand(line.why, explainer.books, statement.month)
        sentences = explain_all(reasons, explainer.books, language)
        cited.update({sentence.clause: sentence.clause_text for sentence in sentences})
        sheet = line.sheet
        lines.append(
            form.SheetLine(
                number=sheet.number or f"#{sheet.pk}",
                customer=sheet.customer,
                phone=sheet.phone,
                model=sheet.model,
                serial=sheet.serial,
                completed_on=sheet.completed_on,
                work=sheet.work,
                km=sheet.km,
                labour=line.labour,
                travel=line.travel,
                outcome=line.outcome,
                why=tuple(form.Why(sentence.text, (sentence.clause,)) for sentence in sentences),
                fee_kept=any(reason.code == "forged_fee_kept" for reason in reasons),
            )
        )
    month = explainer.month()
    rate = explainer.month(queries.RATE_REASONS)
    cited.update({sentence.clause: sentence.clause_text for sentence in month.sentences})
    company, outlet = statement.company, statement.outlet
    return form.StatementPrint(
        company=company.name,
        hotline=company.hotline,
        outlet_code=outlet.code,
        outlet_name=outlet.name,
        region=outlet.region.name,
        month=statement.month,
        number=statement.number,
        state=statement.state,
        state_word=str(State(statement.state).label),
        form=ControlledForm(
            FORM,
            VERSION,
            ISSUED,
            prepared=_signature(statement, "made"),
            reviewed=_signature(statement, "checked"),
            approved=_signature(statement, "approved"),
        ),
        paper_on=statement.paper_on,
        electronic_on=statement.electronic_on,
        arrived_on=statement.arrived_on,
        rate=statement.rate,
        rate_why=form.Why(
            ("；" if language == "zh" else "; ").join(sentence.text for sentence in rate.sentences),
            tuple(dict.fromkeys(sentence.clause for sentence in rate.sentences)),
        ),
        counts=form.Counts(
            **{name: getattr(statement, name) for name in ("records", "paid", "void", "forged", "out_of_warranty", "claimed_out", "duplicates", "unpriced")}
        ),
        totals=form.Totals(
            **{name: getattr(statement, name) for name in ("labour", "travel", "gross", "reduced", "deducted", "net", "refund", "brought_forward", "payable")},
            carried_forward=max(0, statement.brought_forward - statement.net),
        ),
        lines=lines,
        deductions=[form.DeductionLine(d.sheet.number or f"#{d.sheet.pk}", d.kind, d.amount, d.clause, d.note) for d in taken],
        refunds=[form.RefundLine(d.sheet.number, d.sheet.customer, d.amount, d.clause, d.note) for d in refunds],
        clauses=[form.PrintedClause(clause, text) for clause, text in sorted(cited.items())],
        editions=[
            form.PrintedEdition(edition.book, edition.edition, edition.digest[:12])
            for edition in editions_of(statement.decision).values()
        ],
        printed_at=at,
        printed_by=by,
    )  # fmt: skip


def _signature(statement: Statement, step: str) -> Any:
    who, at = getattr(statement, f"{step}_by"), getattr(statement, f"{step}_at")
    return Signature(who.name if who and at else "", timezone.localdate(at) if who and at else None)


def sheet_pdf(sheet: Sheet, language: str, *, at: datetime, by: str = "") -> bytes:
    """One record sheet as the controlled form 《产品维修记录单》 (RW-8), with masked customer data (GN-8)."""
    company = sheet.company
    names = [field for field in PrintedSheet.__dataclass_fields__ if hasattr(sheet, field)]
    values = {name: getattr(sheet, name) for name in names}
    column = 0 if language == "zh" else 1
    values |= {"outlet": str(sheet.outlet), "missing": tuple(FIELDS[name][column] for name in sheet.missing)}
    form_data = ControlledForm(SHEET_FORM, VERSION, ISSUED)
    printed = SheetsPrint(
        company.name, company.hotline, form_data, [PrintedSheet(**values)], printed_at=at, printed_by=by
    )
    return sheets_pdf(printed, language)
