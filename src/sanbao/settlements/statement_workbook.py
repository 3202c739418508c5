"""The settlement statement in Excel: the figures of statement_print, as a sheet for the sums and one for the lines (RW-8, GN-8)."""

from collections.abc import Iterable, Iterator
from typing import Any

from sanbao.settlements.statement_print import (
    TEMPLATE,
    Citations,
    StatementPrint,
    Why,
    by_kind,
    check_sums,
    kind_word,
    outcome_word,
    percent,
    shown_name,
    shown_phone,
    state_word,
    work_word,
)
from sanbao.ui.printing import (
    Language,
    form_language,
    moment,
    month_words,
    words,
)
from sanbao.ui.workbooks import Cell, Column, Tab, workbook
from sanbao_rules.money import rmb_capitals


def statement_xlsx(data: StatementPrint, language: str) -> bytes:
    """The statement as a workbook: statement, record sheets, deductions, clauses. Raises DoesNotAddUp."""
    check_sums(data)
    language = form_language(language)
    said = words(TEMPLATE, language)
    cite = Citations(data)
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
        Cell(state_word(data, said)),
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
    for word, count, fen, clauses in by_kind(data, said):
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


def _lines_tab(data: StatementPrint, said: dict[str, Any], cite: Citations, running: str) -> Tab:
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
                shown_name(line.customer, data.unmasked),
                shown_phone(line.phone, data.unmasked),
                line.model,
                line.serial,
                line.completed_on,
                work_word(line, said),
                line.km,
                line.labour if line.counted else 0,
                line.travel if line.counted else 0,
                tariff if line.counted else 0,
                0 if line.counted else tariff,
                outcome_word(line, said),
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
        [number, line.sheet, kind_word(line, said), line.amount, line.clause, line.note]
        for number, line in enumerate(data.deductions, 1)
    )
    total = Cell(data.totals.deducted, "money", bold=True, fill=True)
    below: list[list[Any]] = [
        [Cell(said["total"], bold=True, span=3, fill=True), total, Cell("", span=2, fill=True)]
    ]
    for number, line in enumerate(data.refunds, 1):
        about = f"{shown_name(line.customer, data.unmasked)} {line.note}".strip()
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
