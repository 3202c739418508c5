"""A list as an Excel file: numbers as numbers, days as days, and text always as text, so that no cell becomes a formula."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from sanbao.ui import formats
from sanbao.ui.refusal import Refusal

LIMIT = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBER_FORMATS = {"amount": "#,##0.00", "date": "yyyy-mm-dd", "month": "yyyy-mm", "percent": "0.##%", "moment": "yyyy-mm-dd hh:mm"}


class Cellular(Protocol):
    """What a column must be able to say to be exported."""

    label: Any
    kind: str

    def plain(self, row: Any) -> Any: ...


def spreadsheet(title: str, columns: Sequence[Cellular], rows: QuerySet[Any]) -> FileResponse:
    """The rows as an .xlsx to save, written row by row in constant memory. Refuses more than a hundred thousand rows."""
    if rows[LIMIT : LIMIT + 1].values("pk").exists():
        raise Refusal(_("More than 100,000 rows cannot be exported at once. Narrow the list with its filters."), code="too_many")
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(title[:31].translate(str.maketrans("[]:*?/\\", "       ")) or "1")
        bold = book.add_format({"bold": True, "bottom": 1})
        dress = {kind: book.add_format({"num_format": number}) for kind, number in _NUMBER_FORMATS.items()}
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 16)
            sheet.write_string(0, at, str(column.label), bold)
        for line, row in enumerate(rows.iterator(chunk_size=2000), start=1):
            for at, column in enumerate(columns):
                _write(sheet, line, at, column.kind, column.plain(row), dress)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{title}.xlsx", content_type=XLSX)


def _write(sheet: Any, line: int, at: int, kind: str, value: Any, dress: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if kind == "amount":
        sheet.write_number(line, at, int(value) / 100, dress["amount"])
    elif isinstance(value, datetime):
        sheet.write_datetime(line, at, formats.local(value).replace(tzinfo=None), dress["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(line, at, datetime(value.year, value.month, value.day), dress["month" if kind == "month" else "date"])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        sheet.write_number(line, at, float(value), dress.get(kind))
    else:
        sheet.write_string(line, at, str(value)[:32_000])
