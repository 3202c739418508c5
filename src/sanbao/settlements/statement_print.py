"""The settlement statement on paper (RW-8, KA-5.2, KA-11.1, KA-11.2, KA-13).

Pure: the caller fills StatementPrint from the database; no query, no clock, no settings. All amounts are fen.
Its Excel file is statement_workbook.py. Customers' names and telephones are masked unless the caller says otherwise (GN-8).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.ui.printing import (
    ControlledForm,
    day,
    figures,
    moment,
    month_words,
    pdf,
    words,
)
from sanbao_rules.money import rmb_capitals

TEMPLATE = "settlement-statement"


class DoesNotAddUp(ValueError):
    """The lines and the totals of a statement disagree: it must not leave the house."""


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence in the reader's language and the ids of the clauses it rests on ("appliance KA-11.1")."""

    sentence: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedClause:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class PrintedEdition:
    book: str
    edition: str
    digest: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One record sheet. `labour` and `travel` are its tariff; they count where the outcome is "paid", and for a
    forged sheet under the reading that keeps its fee (`fee_kept`).

    `outcome` and `work` are codes of the rules; their words come from the form unless given.
    """

    number: str
    customer: str
    phone: str
    model: str
    serial: str
    completed_on: date | None
    work: str
    km: Decimal
    labour: int
    travel: int
    outcome: str
    why: tuple[Why, ...] = ()
    outcome_word: str = ""
    work_word: str = ""
    fee_kept: bool = False

    @property
    def counted(self) -> bool:
        return self.outcome == "paid" or self.fee_kept


@dataclass(frozen=True, slots=True)
class DeductionLine:
    sheet: str
    kind: str
    amount: int
    clause: str = ""
    note: str = ""
    kind_word: str = ""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What the outlet gives back to a customer (KA-11.2): listed, not subtracted."""

    sheet: str
    customer: str
    amount: int
    clause: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    records: int
    paid: int
    void: int = 0
    forged: int = 0
    out_of_warranty: int = 0
    claimed_out: int = 0
    duplicates: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """`brought_forward` and `carried_forward` are debts, so positive; `net` may be negative, `payable` not."""

    labour: int
    travel: int
    gross: int
    reduced: int
    deducted: int
    net: int
    refund: int = 0
    brought_forward: int = 0
    payable: int = 0
    carried_forward: int = 0


@dataclass(frozen=True, slots=True)
class StatementPrint:
    """Everything a printed statement says. `state` is a code; its word comes from the form unless given."""

    company: str
    hotline: str
    outlet_code: str
    outlet_name: str
    region: str
    month: date
    number: str
    state: str
    form: ControlledForm
    paper_on: date | None
    electronic_on: date | None
    arrived_on: date | None
    rate: Decimal
    rate_why: Why
    counts: Counts
    totals: Totals
    lines: Sequence[SheetLine]
    deductions: Sequence[DeductionLine] = ()
    refunds: Sequence[RefundLine] = ()
    clauses: Sequence[PrintedClause] = ()
    editions: Sequence[PrintedEdition] = ()
    labour_clauses: tuple[str, ...] = ()
    travel_clauses: tuple[str, ...] = ()
    printed_at: datetime | None = None
    printed_by: str = ""
    state_word: str = ""
    unmasked: bool = False


def statement_pdf(data: StatementPrint, language: str) -> bytes:
    """The statement as PDF: one page to sign, then the annexes.

    Raises DoesNotAddUp, and CannotPrint where the machine has no Chinese font.
    """
    return pdf(TEMPLATE, printed(data, language), language)


def printed(data: StatementPrint, language: str) -> dict[str, Any]:
    """The statement as the form shows it: every value a finished text. The template only places them."""
    check_sums(data)
    said = words(TEMPLATE, language)
    cite = Citations(data)
    return {
        "company": data.company,
        "hotline": data.hotline,
        "outlet": {"code": data.outlet_code, "name": data.outlet_name, "region": data.region},
        "month": month_words(data.month, language),
        "number": data.number,
        "state_word": state_word(data, said),
        "mark": said.get(f"{data.state}_mark", ""),
        "form": data.form.as_words(),
        "paper_on": day(data.paper_on),
        "electronic_on": day(data.electronic_on),
        "arrived_on": day(data.arrived_on),
        "rate": percent(data.rate),
        "rate_why": cite.why(data.rate_why),
        "counts": {name: getattr(data.counts, name) for name in said["counts"]},
        "totals": _totals(data, cite),
        "kinds": [
            {"word": word, "count": count, "amount": figures(amount), "numbers": cite.numbers(clauses)}
            for word, count, amount, clauses in by_kind(data, said)
        ],
        "lines": [_line(line, data.unmasked, said, cite) for line in data.lines],
        "deductions": [
            {
                "sheet": line.sheet,
                "word": kind_word(line, said),
                "amount": figures(line.amount),
                "numbers": cite.numbers([line.clause]),
                "note": line.note,
            }
            for line in data.deductions
        ],
        "refunds": [
            {
                "sheet": line.sheet,
                "customer": shown_name(line.customer, data.unmasked),
                "amount": figures(line.amount),
                "numbers": cite.numbers([line.clause]),
                "note": line.note,
            }
            for line in data.refunds
        ],
        "clauses": [
            {"number": str(number), "id": clause.id, "text": clause.text}
            for number, clause in enumerate(data.clauses, 1)
        ],
        "editions": [
            {"book": one.book, "edition": one.edition, "digest": one.digest[:12]} for one in data.editions
        ],
        "masked": not data.unmasked,
        "printed_at": moment(data.printed_at),
        "printed_by": data.printed_by,
    }


def check_sums(data: StatementPrint) -> None:
    """The printed lines must come to the printed totals, to the fen."""
    totals = data.totals
    counted = [line for line in data.lines if line.counted]
    sums = {
        "labour": (sum(line.labour for line in counted), totals.labour),
        "travel": (sum(line.travel for line in counted), totals.travel),
        "gross": (totals.labour + totals.travel, totals.gross),
        "deductions": (sum(line.amount for line in data.deductions), totals.deducted),
        "refunds": (sum(line.amount for line in data.refunds), totals.refund),
        "net": (totals.reduced - totals.deducted, totals.net),
        "paid sheets": (sum(line.outcome == "paid" for line in data.lines), data.counts.paid),
    }
    wrong = [
        f"{name}: the lines come to {lines}, the total says {total}"
        for name, (lines, total) in sums.items()
        if lines != total
    ]
    if wrong:
        raise DoesNotAddUp(f"statement {data.number} does not add up: {'; '.join(wrong)}")


def percent(rate: Decimal) -> str:
    """0.9 -> "90%", 0.125 -> "12.5%"."""
    return f"{(rate * 100).normalize():f}%"


def masked_name(name: str) -> str:
    """A name's first character: 王小明 -> 王** (GN-8). What is masked already stays so."""
    name = name.strip()
    return name[:1] + "*" * min(len(name) - 1, 2) if len(name) > 1 else name and "*"


def masked_phone(phone: str) -> str:
    """A number with its middle hidden: 13812345678 -> 138****5678, 020-1234567 -> ****4567 (GN-8)."""
    phone = phone.strip()
    if len(phone) == 11 and phone.startswith("1"):
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-4:]}" if len(phone) > 4 else "*" * len(phone)


class Citations:
    """The clauses in the order they are listed at the end; a text refers to them by number."""

    def __init__(self, data: StatementPrint):
        self.by_id = {clause.id: str(number) for number, clause in enumerate(data.clauses, 1)}

    def numbers(self, clauses: Iterable[str]) -> list[str]:
        """Their numbers; a clause that is not listed is named in full."""
        return [self.by_id.get(clause, clause) for clause in dict.fromkeys(clauses) if clause]

    def why(self, why: Why) -> dict[str, Any]:
        return {"sentence": why.sentence, "numbers": self.numbers(why.clauses)}


def _totals(data: StatementPrint, cite: Citations) -> dict[str, Any]:
    totals = data.totals
    names = (
        "labour",
        "travel",
        "gross",
        "reduced",
        "deducted",
        "net",
        "refund",
        "brought_forward",
        "payable",
        "carried_forward",
    )
    return {name: figures(getattr(totals, name)) for name in names} | {
        "owes": totals.carried_forward > 0,
        "net_capitals": rmb_capitals(totals.net),
        "payable_capitals": rmb_capitals(totals.payable),
        "basis": {
            "labour": cite.numbers(data.labour_clauses),
            "travel": cite.numbers(data.travel_clauses),
            "refund": cite.numbers(line.clause for line in data.refunds),
        },
    }


def by_kind(data: StatementPrint, said: dict[str, Any]) -> Iterator[tuple[str, int, int, list[str]]]:
    """Deductions summed by kind, in the order of the clause."""
    counts = Counter(line.kind for line in data.deductions)
    order = [*said["kinds"], *(kind for kind in counts if kind not in said["kinds"])]
    for kind in order:
        if counts[kind]:
            lines = [line for line in data.deductions if line.kind == kind]
            yield (
                kind_word(lines[0], said),
                len(lines),
                sum(line.amount for line in lines),
                [line.clause for line in lines],
            )


def _line(line: SheetLine, unmasked: bool, said: dict[str, Any], cite: Citations) -> dict[str, Any]:
    return {
        "number": line.number,
        "customer": shown_name(line.customer, unmasked),
        "phone": shown_phone(line.phone, unmasked),
        "model": line.model,
        "serial": line.serial,
        "completed_on": day(line.completed_on),
        "work": work_word(line, said),
        "km": plain(line.km),
        "labour": figures(line.labour),
        "travel": figures(line.travel),
        "counted": line.counted,
        "outcome": outcome_word(line, said),
        "why": [cite.why(why) for why in line.why],
    }


def shown_name(name: str, unmasked: bool) -> str:
    return name if unmasked else masked_name(name)


def shown_phone(phone: str, unmasked: bool) -> str:
    return phone if unmasked else masked_phone(phone)


def plain(number: Decimal) -> str:
    """48.00 -> "48", 48.50 -> "48.5", 0 -> ""."""
    return f"{number.normalize():f}" if number else ""


def state_word(data: StatementPrint, said: dict[str, Any]) -> str:
    return data.state_word or said["states"].get(data.state, data.state)


def kind_word(line: DeductionLine, said: dict[str, Any]) -> str:
    return line.kind_word or said["kinds"].get(line.kind, line.kind)


def outcome_word(line: SheetLine, said: dict[str, Any]) -> str:
    return line.outcome_word or said["outcomes"].get(line.outcome, line.outcome)


def work_word(line: SheetLine, said: dict[str, Any]) -> str:
    return line.work_word or said["works"].get(line.work, line.work)
