"""A folder of months as files, decided through the same operations as on the pages: for trials, and for checking the program itself.

The folder holds outlets.csv, models.csv, tariff.csv, receipts.csv, callback-findings.csv and the workbooks that receipts.csv names;
.csv may be .xlsx. What can't be read is said with its file and cell; the months it concerns are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Outlet
from sanbao.products import operations as products
from sanbao.regulations import operations as regulations
from sanbao.settlements import operations, reading
from sanbao.settlements.models import Sheet, Statement
from sanbao.ui.refusal import Refusal

# What the rules call the rate's reason, in the words of the statement.
RATE_WORDS = {
    "in_time": "按期",
    "late": "逾期",
    "late_15": "15日以后",
    "between": "逾期",
    "cross_month": "跨月",
    "waiting_paper": "待收纸质",
    "no_electronic": "未收电子版",
    "nothing_received": "未收到",
}
_POSTS = ("administrator", "settlement-clerk", "callback-clerk")


@dataclass(slots=True)
class Result:
    """The months by "outlet month", and what could not be read or done, as sentences."""

    months: dict[str, dict[str, Any]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


def settle(folder: Path, *, at: datetime | None = None) -> Result:
    """Set up a company from the folder in this (empty) database, hand in its months and settle them.

    `at` is the moment it is all done; by default noon of the day after the last receipt, or after the last month.
    """
    result = Result()
    receipts = _rows(folder, "receipts", reading.read_receipts, result)
    at = at or _after(receipts)
    by = _somebody(at)
    _set_up(folder, result, by, at)
    places = {outlet.code: outlet for outlet in Outlet.objects.filter(company_id=by.company_id)}
    taken: list[tuple[Outlet, date]] = []
    for row in receipts:
        outlet = places.get(row["outlet"])
        if outlet is None:
            result.complaints.append(f"receipts: {row['outlet']}: no such outlet")
        elif _hand_in(folder, row, outlet, result, by, at):
            taken.append((outlet, row["month"]))
    _register_findings(folder, result, by, at)
    for outlet, month in taken:
        statement = operations.make_statement(outlet, month, by=by, at=at)
        result.months[f"{outlet.code} {month:%Y-%m}"] = as_dict(statement)
    return result


def _after(receipts: list[dict[str, Any]]) -> datetime:
    days = [day for row in receipts for day in (row["paper_on"], row["electronic_on"]) if day]
    days += [(row["month"].replace(day=28) + timezone.timedelta(days=4)) for row in receipts]
    last = max(days, default=timezone.localdate())
    return timezone.make_aware(datetime.combine(last + timezone.timedelta(days=1), time(12)))


def _somebody(at: datetime) -> Access:
    regulations.load_shipped(at=at)
    company = Company.objects.create(code="trial", name="Trial", short_name="Trial")
    person = Person.objects.create_person("trial", "Trial")
    return Access(person.pk, company.pk, tuple(Grant(post) for post in _POSTS), person.name)


def _rows(
    folder: Path, name: str, read: Callable[..., reading.ListFile], result: Result
) -> list[dict[str, Any]]:
    """The rows of one of the folder's lists; what is wrong with it goes to the complaints."""
    path = next(
        (path for ending in ("csv", "xlsx", "xls") if (path := folder / f"{name}.{ending}").exists()), None
    )
    if path is None:
        result.complaints.append(f"{name}.csv: there is no such file in {folder}")
        return []
    try:
        found = read(path.read_bytes(), path.name)
    except reading.Unreadable as unreadable:
        result.complaints.append(f"{path.name}: {unreadable.sentence('zh')}")
        return []
    result.complaints += [
        f"{path.name} {problem.cell}: {problem.sentence('zh')}"
        for problem in found.problems
        if problem.severity == "error"
    ]
    return [row for _line, row in found.rows]


def _set_up(folder: Path, result: Result, by: Access, at: datetime) -> None:
    regions: dict[str, Any] = {}
    for row in _rows(folder, "outlets", reading.read_outlets, result):
        name = row["region"] or "—"
        if name not in regions:
            regions[name] = outlets.open_region(name, by=by, at=at)
        try:
            outlets.open_outlet(regions[name], row["outlet"], row["name"] or row["outlet"], by=by, at=at)
        except Refusal as refusal:
            result.complaints.append(f"outlets: {refusal}")
    for row in _rows(folder, "models", reading.read_models, result):
        products.keep_model(row["model"], row["category"], by=by, at=at)
    if tariff := _rows(folder, "tariff", reading.read_tariff, result):
        _adopt(tariff, by, at)
    _let_registering_count(by, at)


def _adopt(tariff: list[dict[str, Any]], by: Access, at: datetime) -> None:
    """The folder's tariff becomes the company's own edition of the charges book (KA-4.3)."""
    from sanbao.regulations.queries import edition_in_force, rulebook

    book = rulebook(edition_in_force(by.company_id, "charges"))
    first = book.history("labour")[0]
    fees = {
        row["category"]: {work: Decimal(row[work]) / 100 for work in ("replace", "adjust")} for row in tariff
    }
    table = {category: {work: _plain(fee) for work, fee in row.items()} for category, row in fees.items()}
    regulations.set_own_values(
        "charges",
        {"labour": [(first.since, table, first.clause)]},
        edition=f"{book.edition}+own",
        by=by,
        at=at,
    )


def _let_registering_count(by: Access, at: datetime) -> None:
    """One person tries it all: what the folder says was found has been found, nobody is there to confirm it."""
    from sanbao.regulations.queries import edition_in_force, rulebook

    book = rulebook(edition_in_force(by.company_id, "findings"))
    first = book.history("confirmation")[0]
    regulations.set_own_values(
        "findings",
        {"confirmation": [(first.since, "registered_counts", first.clause)]},
        edition=f"{book.edition}+own",
        by=by,
        at=at,
    )


def _plain(fee: Decimal) -> Decimal | int:
    return int(fee) if fee == fee.to_integral_value() else fee


def _hand_in(
    folder: Path, row: dict[str, Any], outlet: Outlet, result: Result, by: Access, at: datetime
) -> bool:
    month, name = row["month"], row["file"] or f"records-{row['month']:%Y-%m}-{outlet.code}.xlsx"
    path = folder / Path(name).name
    if not path.exists():
        result.complaints.append(f"{name}: there is no such file in {folder}")
        return False
    try:
        hand_in = operations.read_hand_in(outlet, month, path.read_bytes(), path.name, by=by, at=at)
        errors = [line for line in hand_in.report if line["severity"] == "error"]
        if errors:
            result.complaints += [f"{path.name} {line['cell']}: {line['zh']}" for line in errors]
            return False
        operations.take_over(hand_in, by=by, at=at)
        operations.register_receipt(
            outlet, month, paper_on=row["paper_on"], electronic_on=row["electronic_on"], by=by, at=at
        )
    except Refusal as refusal:
        result.complaints.append(f"{path.name}: {refusal}")
        return False
    return True


def _register_findings(folder: Path, result: Result, by: Access, at: datetime) -> None:
    rows = _rows(folder, "callback-findings", reading.read_findings, result)
    numbers = {row["number"] for row in rows}
    sheets = {
        sheet.number: sheet
        for sheet in Sheet.objects.filter(company_id=by.company_id, number__in=numbers).select_related(
            "outlet"
        )
    }
    for row in rows:
        if (sheet := sheets.get(row["number"])) is None:
            result.complaints.append(f"callback-findings: {row['number']}: 没有这张单")
            continue
        try:
            operations.register_finding(
                sheet, row["kind"], note=row["note"], refund_fen=row["refund_fen"], by=by, at=at
            )
        except Refusal as refusal:
            result.complaints.append(f"callback-findings {row['number']}: {refusal}")


def as_dict(statement: Statement) -> dict[str, Any]:
    """A statement as `expected.json` shows one: amounts in yuan as texts, as exact as the kilometres behind them."""
    broken = {
        outcome
        for outcome, km in statement.lines.filter(travel__gt=0).values_list("outcome", "sheet__km")
        if km != km.to_integral_value()
    }
    exact = Decimal("0.0001")
    kinds = ("void_sheet", "late_service", "unimproved", "overcharge")
    deductions: dict[str, str] = {kind: _yuan(statement.deductions[kind]) for kind in kinds}
    deductions["refund_to_customer"] = _yuan(statement.refund)
    deductions["forged"] = _yuan(statement.deductions["forged"], tenths="forged" in broken)
    return {
        "records": statement.records,
        "duplicates": statement.duplicates,
        "paid": statement.paid,
        "void": statement.void,
        "forged": statement.forged,
        "out_of_warranty": statement.out_of_warranty,
        "claimed_out": statement.claimed_out,
        **({"unpriced": statement.unpriced} if statement.unpriced else {}),
        "gross": _yuan(statement.gross, tenths="paid" in broken),
        "rate": f"{statement.rate.quantize(exact).normalize():f}",
        "why": RATE_WORDS[statement.rate_code],
        "deductions": deductions,
        "net": f"{Decimal(statement.net) / 100:.2f}",
    }


def _yuan(fen: int, *, tenths: bool = False) -> str:
    """Fen as yuan without needless zeros; with tenths where broken kilometres went into it."""
    if fen % 10:
        return f"{Decimal(fen) / 100:.2f}"
    return f"{Decimal(fen) / 100:.1f}" if tenths or fen % 100 else str(fen // 100)
