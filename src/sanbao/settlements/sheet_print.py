"""《产品维修记录单》 on paper: one sheet, several, a blank one, and the month's list (RW-8, KA-11.1, KA-13).

Pure, like statement_print; customers' names, telephones and addresses are masked unless the caller says
otherwise (GN-8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.settlements.statement_print import masked_name, masked_phone, plain
from sanbao.ui.formats import masked_address
from sanbao.ui.printing import ControlledForm, day, figures, form_language, moment, month_words, pdf, words
from sanbao.ui.workbooks import Column, Tab, workbook

WORDS = "record-sheet"
VOID_CLAUSE = "KA-11.2"


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """One repair as the outlet recorded it; an empty one is a blank form. `missing` are words, not codes."""

    number: str = ""
    outlet: str = ""
    month: date | None = None
    engineer: str = ""
    customer: str = ""
    phone: str = ""
    address: str = ""
    model: str = ""
    category: str = ""
    serial: str = ""
    purchased_on: date | None = None
    installed_on: date | None = None
    reported_on: date | None = None
    completed_on: date | None = None
    fault: str = ""
    action: str = ""
    component: str = ""
    work: str = ""
    km: Decimal | None = None
    charged_fen: int | None = None
    claimed_out: bool | None = None
    missing: tuple[str, ...] = ()
    work_word: str = ""


@dataclass(frozen=True, slots=True)
class SheetsPrint:
    """Sheets to print with the frame of their form. For a list, `outlet` and `month` head it."""

    company: str
    hotline: str
    form: ControlledForm
    sheets: Sequence[PrintedSheet]
    outlet: str = ""
    month: date | None = None
    printed_at: datetime | None = None
    printed_by: str = ""
    unmasked: bool = False


def sheets_pdf(data: SheetsPrint, language: str) -> bytes:
    """A page for every sheet."""
    return pdf("record-sheet", _printed(data, language), language)


def sheet_list_pdf(data: SheetsPrint, language: str) -> bytes:
    """The month's list, one line a sheet."""
    return pdf("record-sheet-list", _printed(data, language), language)


def _printed(data: SheetsPrint, language: str) -> dict[str, Any]:
    said = words(WORDS, language)
    return {
        "company": data.company,
        "hotline": data.hotline,
        "form": data.form.as_words(),
        "outlet": data.outlet,
        "month": month_words(data.month, language) if data.month else "",
        "running": data.outlet,
        "void_clause": VOID_CLAUSE,
        "sheets": [_sheet(sheet, data.unmasked, said, language) for sheet in data.sheets],
        "masked": not data.unmasked,
        "printed_at": moment(data.printed_at),
        "printed_by": data.printed_by,
    }


def _sheet(sheet: PrintedSheet, unmasked: bool, said: dict[str, Any], language: str) -> dict[str, str]:
    cover = {None: "", True: "out", False: "in"}[sheet.claimed_out]
    return {
        "number": sheet.number,
        "outlet": sheet.outlet,
        "month": month_words(sheet.month, language) if sheet.month else "",
        "engineer": sheet.engineer,
        "customer": sheet.customer if unmasked else masked_name(sheet.customer),
        "phone": sheet.phone if unmasked else masked_phone(sheet.phone),
        "address": sheet.address if unmasked else masked_address(sheet.address),
        "model": sheet.model,
        "category": sheet.category,
        "serial": sheet.serial,
        "cover": cover,
        "purchased_on": day(sheet.purchased_on),
        "installed_on": day(sheet.installed_on),
        "reported_on": day(sheet.reported_on),
        "completed_on": day(sheet.completed_on),
        "fault": sheet.fault,
        "action": sheet.action,
        "component": sheet.component,
        "work": sheet.work_word or said["works"].get(sheet.work, sheet.work),
        "km": "" if sheet.km is None else plain(sheet.km),
        "charged": "" if sheet.charged_fen is None else figures(sheet.charged_fen),
        "missing": "、".join(sheet.missing) if form_language(language) == "zh" else ", ".join(sheet.missing),
    }


def sheet_list_xlsx(data: SheetsPrint, language: str) -> bytes:
    """The month's list as a workbook, with headings the import recognises (KA-13)."""
    said = words(WORDS, language)
    columns = [
        Column(said["number"], width=20),
        Column(said["customer"], width=12),
        Column(said["phone"], width=14),
        Column(said["address"], width=34),
        Column(said["model"], width=16),
        Column(said["serial"], width=20),
        *(
            Column(said[name], "date")
            for name in ("purchased_on", "installed_on", "reported_on", "completed_on")
        ),
        Column(said["fault"], width=28),
        Column(said["action"], width=28),
        Column(said["component"], width=14),
        Column(said["work"], width=12),
        Column(said["km"], "number"),
        Column(said["charged"], "money", 18),
        Column(said["engineer"], width=12),
    ]
    rows = (_list_row(sheet, _sheet(sheet, data.unmasked, said, language)) for sheet in data.sheets)
    printed = f"{said['printed_at']} {moment(data.printed_at)} {data.printed_by}"
    footer = f"{data.company}  {data.outlet}  {printed}".strip()
    title = said["list_title"]
    tab = Tab(title, columns, rows, footer=footer)
    return workbook(
        [tab], title=f"{title} {data.outlet}", language=language, author=data.company, made_at=data.printed_at
    )


def _list_row(sheet: PrintedSheet, shown: dict[str, str]) -> list[Any]:
    texts = [shown[name] for name in ("number", "customer", "phone", "address", "model", "serial")]
    days = [sheet.purchased_on, sheet.installed_on, sheet.reported_on, sheet.completed_on]
    work = [shown[name] for name in ("fault", "action", "component", "work")]
    return [*texts, *days, *work, sheet.km, sheet.charged_fen, sheet.engineer]
