"""The settlement statement on paper and in Excel (RW-8, KA-5.2, KA-11.1, KA-11.2, KA-13).

Pure: the caller fills StatementPrint from the database; no query, no clock, no settings. All amounts are fen.
Customers' names and telephones are masked unless the caller says otherwise (GN-8).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.ui.printing import (
    ControlledForm,
    Language,
    day,
    figures,
    form_language,
    moment,
    month_words,
    pdf,
    words,
)
from sanbao.ui.workbooks import Cell, Column, Tab, workbook
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
    cite = _Citations(data)
    return {
        "company": data.company,
        "hotline": data.hotline,
        "outlet": {"code": data.outlet_code, "name": data.outlet_name, "region": data.region},
        "month": month_words(data.month, language),
        "number": data.number,
        "state_word": _state_word(data, said),
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
            for word, count, amount, clauses in _by_kind(data, said)
        ],
        "lines": [_line(line, data.unmasked, said, cite) for line in data.lines],
        "deductions": [
            {
                "sheet": line.sheet,
                "word": _kind_word(line, said),
                "amount": figures(line.amount),
                "numbers": cite.numbers([line.clause]),
                "note": line.note,
            }
            for line in data.deductions
        ],
        "refunds": [
            {
                "sheet": line.sheet,
                "customer": _name(line.customer, data.unmasked),
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


class _Citations:
    """The clauses in the order they are listed at the end; a text refers to them by number."""

    def __init__(self, data: StatementPrint):
        self.by_id = {clause.id: str(number) for number, clause in enumerate(data.clauses, 1)}

    def numbers(self, clauses: Iterable[str]) -> list[str]:
        """Their numbers; a clause that is not listed is named in full."""
        return [self.by_id.get(clause, clause) for clause in dict.fromkeys(clauses) if clause]

    def why(self, why: Why) -> dict[str, Any]:
        return {"sentence": why.sentence, "numbers": self.numbers(why.clauses)}


def _totals(data: StatementPrint, cite: _Citations) -> dict[str, Any]:
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


def _by_kind(data: StatementPrint, said: dict[str, Any]) -> Iterator[tuple[str, int, int, list[str]]]:
    """Deductions summed by kind, in the order of the clause."""
    counts = Counter(line.kind for line in data.deductions)
    order = [*said["kinds"], *(kind for kind in counts if kind not in said["kinds"])]
    for kind in order:
        if counts[kind]:
            lines = [line for line in data.deductions if line.kind == kind]
            yield (
                _kind_word(lines[0], said),
                len(lines),
                sum(line.amount for line in lines),
                [line.clause for line in lines],
            )


def _line(line: SheetLine, unmasked: bool, said: dict[str, Any], cite: _Citations) -> dict[str, Any]:
    return {
        "number": line.number,
        "customer": _name(line.customer, unmasked),
        "phone": _phone(line.phone, unmasked),
        "model": line.model,
        "serial": line.serial,
        "completed_on": day(line.completed_on),
        "work": _work_word(line, said),
        "km": plain(line.km),
        "labour": figures(line.labour),
        "travel": figures(line.travel),
        "counted": line.counted,
        "outcome": _outcome_word(line, said),
        "why": [cite.why(why) for why in line.why],
    }


def _name(name: str, unmasked: bool) -> str:
    return name if unmasked else masked_name(name)


def _phone(phone: str, unmasked: bool) -> str:
    return phone if unmasked else masked_phone(phone)


def plain(number: Decimal) -> str:
    """48.00 -> "48", 48.50 -> "48.5", 0 -> ""."""
    return f"{number.normalize():f}" if number else ""


def _state_word(data: StatementPrint, said: dict[str, Any]) -> str:
    return data.state_word or said["states"].get(data.state, data.state)


def _kind_word(line: DeductionLine, said: dict[str, Any]) -> str:
    return line.kind_word or said["kinds"].get(line.kind, line.kind)


def _outcome_word(line: SheetLine, said: dict[str, Any]) -> str:
    return line.outcome_word or said["outcomes"].get(line.outcome, line.outcome)


def _work_word(line: SheetLine, said: dict[str, Any]) -> str:
    return line.work_word or said["works"].get(line.work, line.work)


def statement_xlsx(data: StatementPrint, language: str) -> bytes:
    """The statement as a workbook: statement, record sheets, deductions, clauses. Raises DoesNotAddUp."""
    check_sums(data)
    language = form_language(language)
    said = words(TEMPLATE, language)
    cite = _Citations(data)
    printed_by = f"{said['printed_at']} {moment(data.printed_at)} {data.printed_by}"
    running = f"{data.company}  {data.number}  {printed_by}".strip()
    return workbook(
        [
            _summary_tab(data, language, said, running),
            _lines_tab(data, said, cite, running),
            _deductions_tab(data, said, running),
            _clauses_tab(data, said, running),
        ],
        title=f"{said['title']} {data.number}",
        language=language,
        author=data.company,
        made_at=data.printed_at,
    )


def _summary_tab(data: StatementPrint, language: Language, said: dict[str, Any], running: str) -> Tab:
    columns = [Column("", width=width) for width in (24, 15, 15, 22, 15, 14)]
    return Tab(
        said["tab_summary"],
        columns,
        _summary_rows(data, language, said),
        headings=False,
        portrait=True,
        footer=running,
        row_height=20,
    )


def _summary_rows(data: StatementPrint, language: Language, said: dict[str, Any]) -> Iterator[list[Cell]]:
    form, totals = data.form, data.totals

    def name(key: str) -> Cell:
        return Cell(said[key], bold=True, fill=True)

    def amount(
        key: str, working: str, fen: int, quantity: int | None = None, bold: bool = False
    ) -> list[Cell]:
        label = Cell(said.get(key, key), bold=bold, fill=bold)
        return [
            label,
            Cell(quantity, "integer"),
            Cell(working, span=2, wrap=True),
            Cell(fen, "money", bold=bold, span=2),
        ]

    yield [Cell(data.company, bold=True, span=6, size=12)]
    yield [Cell(_title(data, said), bold=True, span=6, size=16)]
    yield [
        name("form_number"),
        Cell(form.number),
        name("form_version"),
        Cell(form.version),
        name("form_issued_on"),
        Cell(form.issued_on, "date"),
    ]
    yield [
        name("outlet_code"),
        Cell(data.outlet_code),
        name("outlet_name"),
        Cell(data.outlet_name, wrap=True),
        name("region"),
        Cell(data.region),
    ]
    yield [
        name("month"),
        Cell(month_words(data.month, language)),
        name("number"),
        Cell(data.number),
        name("state"),
        Cell(_state_word(data, said)),
    ]
    yield [
        name("paper_on"),
        Cell(data.paper_on, "date"),
        name("electronic_on"),
        Cell(data.electronic_on, "date"),
        name("arrived_on"),
        Cell(data.arrived_on, "date"),
    ]
    basis = f"{data.rate_why.sentence} {_ids(data.rate_why.clauses)}".strip()
    yield [
        name("rate"),
        Cell(data.rate, "rate", bold=True),
        name("rate_basis"),
        Cell(basis, span=3, wrap=True),
    ]

    yield [Cell(said["sheets"], bold=True, fill=True), *[Cell("", fill=True)] * 5]
    for code, label in said["counts"].items():
        yield [Cell(label), Cell(getattr(data.counts, code), "integer"), Cell("", span=4)]

    yield [
        name("item"),
        name("quantity"),
        Cell(said["working"], bold=True, fill=True, span=2),
        Cell(said["amount"], bold=True, fill=True, span=2),
    ]
    yield amount("labour", "", totals.labour, data.counts.paid)
    yield amount("travel", "", totals.travel)
    yield amount("gross", said["gross_working"], totals.gross, bold=True)
    yield amount("by_rate", said["by_rate_working"].format(rate=percent(data.rate)), totals.reduced)
    yield amount("deducted", "", totals.deducted, len(data.deductions))
    for word, count, fen, clauses in _by_kind(data, said):
        yield amount(f"    {word}", _ids(clauses), fen, count)
    yield amount("net", said["net_working"], totals.net, bold=True)
    yield amount("brought_forward", "", totals.brought_forward)
    yield amount(
        "payable",
        said["owed"] if totals.carried_forward else said["payable_working"],
        totals.payable,
        bold=True,
    )
    if totals.carried_forward:
        yield amount("carried_forward", "", totals.carried_forward)
    yield [name("net_capitals"), Cell(rmb_capitals(totals.net), span=5)]
    yield [name("capitals"), Cell(rmb_capitals(totals.payable), bold=True, span=5)]
    yield amount("refund", said["refund_note"], totals.refund, len(data.refunds))

    for role in ("prepared", "reviewed", "approved"):
        who = getattr(form, role)
        yield [name(role), Cell(who.name), Cell(who.on, "date"), Cell("", span=3)]
    yield [
        name("hotline"),
        Cell(data.hotline),
        name("printed_at"),
        Cell(data.printed_at, "moment"),
        name("printed_by"),
        Cell(data.printed_by),
    ]
    for used in data.editions:
        yield [
            name("editions"),
            Cell(used.book),
            Cell(used.edition),
            Cell(f"{said['digest']} {used.digest[:12]}", span=3),
        ]


def _title(data: StatementPrint, said: dict[str, Any]) -> str:
    mark = said.get(f"{data.state}_mark", "")
    return f"{said['title']} （{mark}）" if mark else said["title"]


def _ids(clauses: Iterable[str]) -> str:
    """Clause ids for Excel, where they stand beside the sentence in full."""
    return " ".join(f"[{clause}]" for clause in dict.fromkeys(clauses) if clause)


def _lines_tab(data: StatementPrint, said: dict[str, Any], cite: _Citations, running: str) -> Tab:
    columns = [
        Column(said["no"], "integer", 6),
        Column(said["sheet"], width=18),
        Column(said["customer"], width=8),
        Column(said["phone"], width=13),
        Column(said["model"], width=14),
        Column(said["serial"], width=17),
        Column(said["completed_on"], "date", 11),
        Column(said["work"], width=10),
        Column(said["km"], "number", 9),
        Column(said["labour_short"], "money", 11),
        Column(said["travel_short"], "money", 11),
        Column(said["sum"], "money", 11),
        Column(said["uncounted"], "money", 11),
        Column(said["outcome"], width=10),
        Column(said["reason"], width=58, wrap=True),
        Column(said["clause"], width=19, wrap=True),
    ]

    def rows() -> Iterator[list[Any]]:
        for number, line in enumerate(data.lines, 1):
            tariff = line.labour + line.travel
            yield [
                number,
                line.number,
                _name(line.customer, data.unmasked),
                _phone(line.phone, data.unmasked),
                line.model,
                line.serial,
                line.completed_on,
                _work_word(line, said),
                line.km,
                line.labour if line.counted else 0,
                line.travel if line.counted else 0,
                tariff if line.counted else 0,
                0 if line.counted else tariff,
                _outcome_word(line, said),
                _joined(line.why),
                _ids(clause for why in line.why for clause in why.clauses),
            ]

    sums = (data.totals.labour, data.totals.travel, data.totals.gross)
    total = [
        Cell(said["total"], bold=True, span=9, fill=True),
        *(Cell(fen, "money", bold=True, fill=True) for fen in sums),
        *[Cell("", fill=True)] * 4,
    ]
    return Tab(said["tab_lines"], columns, rows(), below=[total], footer=running)


def _joined(whys: Iterable[Why]) -> str:
    return "；".join(why.sentence.rstrip("。；;") for why in whys)


def _deductions_tab(data: StatementPrint, said: dict[str, Any], running: str) -> Tab:
    columns = [
        Column(said["no"], "integer", 6),
        Column(said["sheet"], width=22),
        Column(said["kind"], width=34),
        Column(said["amount"], "money"),
        Column(said["clause"], width=24),
        Column(said["note"], width=50, wrap=True),
    ]

    rows = (
        [number, line.sheet, _kind_word(line, said), line.amount, line.clause, line.note]
        for number, line in enumerate(data.deductions, 1)
    )
    total = Cell(data.totals.deducted, "money", bold=True, fill=True)
    below: list[list[Any]] = [
        [Cell(said["total"], bold=True, span=3, fill=True), total, Cell("", span=2, fill=True)]
    ]
    for number, line in enumerate(data.refunds, 1):
        about = f"{_name(line.customer, data.unmasked)} {line.note}".strip()
        below.append([number, line.sheet, said["refund"], line.amount, line.clause, about])
    if data.refunds:
        below.append([Cell(said["refund_note"], span=6)])
    return Tab(said["tab_deductions"], columns, rows, below=below, footer=running)


def _clauses_tab(data: StatementPrint, said: dict[str, Any], running: str) -> Tab:
    columns = [
        Column(said["no"], "integer", 6),
        Column(said["clause_number"], width=30),
        Column(said["clause_text"], width=100, wrap=True),
    ]
    rows = ([number, clause.id, clause.text] for number, clause in enumerate(data.clauses, 1))
    return Tab(said["tab_clauses"], columns, rows, footer=running)
