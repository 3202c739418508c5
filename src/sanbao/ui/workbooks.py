"""Tables out: Excel workbooks and CSV files from declared columns.

A cell is what its column says it is: text is always text, whatever it begins with, money a number in yuan,
a day a date.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from sanbao.ui.printing import SHANGHAI, form_language, moment, printable
from sanbao.ui.refusal import Refusal

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "money", "number", "integer", "rate", "date", "moment"]

_SHOWN_AS = {
    "text": "@",
    "money": "#,##0.00_ ;[Red]-#,##0.00_ ",
    "number": "General",
    "integer": "#,##0_ ",
    "rate": "0.0%",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_WIDTHS = {"text": 16, "money": 13, "number": 10, "integer": 9, "rate": 9, "date": 12, "moment": 17}
_PAGE = {"zh": "第 &P 页 共 &N 页", "en": "Page &P of &N"}
_TOO_MANY = {
    "zh": "导出共 {rows} 行以上，超过一张工作表能容纳的 {limit} 行。请缩小筛选范围后再导出。",
    "en": "The export has more than {rows} rows; a worksheet holds {limit}. Narrow the filter and export again.",
}
MOST_ROWS = 1_048_576
_NO_TIME = datetime(1980, 1, 1)  # noqa: DTZ001 (a file property without a zone)
_LONGEST_TEXT = 32_767
# Excel believes in a 29 February 1900: earlier days would be off by one.
_FIRST_EXCEL_DAY = date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """A declared column. Money is given in fen and written in yuan; `width` is in characters."""

    heading: str
    kind: Kind = "text"
    width: float = 0
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that differs from its column: another kind, bold, or spread over the columns to its right."""

    value: Any
    kind: Kind = "text"
    bold: bool = False
    span: int = 1
    fill: bool = False
    wrap: bool = False
    size: int = 10


@dataclass(frozen=True, slots=True)
class Tab:
    """One worksheet: lines `above` the heading, then rows (a generator will do), then lines `below`.

    The filter covers the rows only, so that a total stays below. Without headings (a summary in the shape of a
    form) there is nothing to freeze, filter or repeat. `row_height` is in points, the least a row gets.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    above: Sequence[Sequence[Any]] = ()
    below: Sequence[Sequence[Any]] = ()
    headings: bool = True
    portrait: bool = False
    footer: str = ""
    row_height: float = 15


def workbook(
    tabs: Iterable[Tab], *, title: str, language: str, author: str = "", made_at: datetime | None = None
) -> bytes:
    """An .xlsx file with these worksheets, written row by row (350 000 cells in 2 s, memory stays flat).

    `made_at` is the day in the file's properties; without it the epoch stands there, never the clock.
    Raises Refusal when a worksheet would have more rows than Excel takes.
    """
    import xlsxwriter  # large, and few pages write a workbook

    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    created = made_at.astimezone(SHANGHAI).replace(tzinfo=None) if made_at and made_at.tzinfo else made_at
    book.set_properties({"title": title, "author": author, "created": created or _NO_TIME})
    pen = _Pen(book, form_language(language))
    names: set[str] = set()
    for tab in tabs:
        _write_tab(pen, book.add_worksheet(_sheet_name(tab.name, names)), tab)
    book.close()
    return out.getvalue()


def csv_bytes(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same table as CSV: UTF-8 with a mark, so that Excel reads Chinese. CSV has no types."""
    return b"".join(csv_lines(columns, rows))


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The CSV file line by line, for streaming.

    A spreadsheet would run a text beginning with = + - @ (or their full-width forms), tab or a line end as a
    formula: such texts get a leading apostrophe. Numbers stay numbers, negative ones too.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(values: Iterable[str]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(values)
        return buffer.getvalue().encode("utf-8")

    yield b"\xef\xbb\xbf" + line(harmless(column.heading) for column in columns)
    for row in rows:
        yield line(_as_csv(value, column.kind) for value, column in zip(row, columns, strict=True))


_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """The text as a spreadsheet may open it: a formula gets an apostrophe, a plain number does not."""
    begins = text.lstrip(" \u3000\xa0")  # some programs cut blanks off before they look
    if (
        text.startswith(_FORMULA_STARTS) or begins.startswith(_FORMULA_STARTS)
    ) and not _PLAIN_NUMBER.fullmatch(begins):
        return "'" + text
    return text


def _as_csv(value: Any, kind: Kind) -> str:
    if isinstance(value, Cell):
        value, kind = value.value, value.kind
    if value is None:
        return ""
    if kind == "money":
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    if kind == "moment" and isinstance(value, datetime):
        return moment(value)
    if kind == "date" and isinstance(value, date):
        return value.isoformat()
    if kind in ("number", "integer", "rate") and _is_number(value):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return harmless(_lone_halves_gone(str(value)))


def _lone_halves_gone(text: str) -> str:
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return Decimal(value).is_finite()


@dataclass(slots=True)
class _Pen:
    """Writes cells of one workbook; a format is made once for each look."""

    book: "xlsxwriter.Workbook"
    language: str
    formats: dict[tuple[Any, ...], "Format"] = field(default_factory=dict)

    def look(self, kind: Kind, *, bold: bool = False, wrap: bool = False, **more: Any) -> "Format":
        key = (kind, bold, wrap, *sorted(more.items()))
        if key not in self.formats:
            dress = {
                "font_name": "Microsoft YaHei" if self.language == "zh" else "Arial",
                "font_size": 10,
                "border": 1,
                "border_color": "#8C8C8C",
                "valign": "vcenter",
                "bold": bold,
                "text_wrap": wrap,
                "num_format": _SHOWN_AS[kind],
            }
            self.formats[key] = self.book.add_format(dress | more)
        return self.formats[key]

    def write(self, page: "Worksheet", row: int, column: int, value: Any, declared: Column) -> int:
        """Write one cell and return how many columns it took."""
        cell = value if isinstance(value, Cell) else Cell(value, declared.kind, wrap=declared.wrap)
        content, kind = _typed(cell.value, cell.kind)
        extra: dict[str, Any] = {"bg_color": "#EDEFF2"} if cell.fill else {}
        if kind in ("date", "moment"):
            extra["align"] = "center"
        if cell.size != 10:
            extra |= {"font_size": cell.size, "align": "center"}
        if kind == "text" and str(content).startswith(_FORMULA_STARTS):
            extra["quote_prefix"] = True  # stays text even when somebody edits the cell
        look = self.look(kind, bold=cell.bold, wrap=cell.wrap, **extra)

        if cell.span > 1:
            page.merge_range(row, column, row, column + cell.span - 1, "", look)
        if content is None or content == "":
            page.write_blank(row, column, None, look)
        elif kind == "text":
            page.write_string(row, column, content, look)
        elif kind in ("date", "moment"):
            page.write_datetime(row, column, content, look)
        else:
            page.write_number(row, column, content, look)
        return cell.span


def _typed(value: Any, kind: Kind) -> tuple[Any, Kind]:
    """The value as Excel stores it, and the kind it really has: a day Excel cannot count becomes text."""
    if value is None or value == "":
        return None, kind
    if kind == "money":
        return Decimal(value) / 100, kind
    if kind in ("number", "integer", "rate") and _is_number(value):
        return value, kind
    if kind == "moment" and isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
        return (local, kind) if local.date() >= _FIRST_EXCEL_DAY else (moment(local), "text")
    if kind == "date" and isinstance(value, date):
        value = value.date() if isinstance(value, datetime) else value
        return (value, kind) if value >= _FIRST_EXCEL_DAY else (value.isoformat(), "text")
    text = _lone_halves_gone(str(value))
    return (text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"), "text"


def _write_tab(pen: _Pen, page: "Worksheet", tab: Tab) -> None:
    for at, column in enumerate(tab.columns):
        page.set_column(at, at, column.width or max(_WIDTHS[column.kind], _wide(column.heading) + 4))
    _set_up_print(pen, page, tab)

    row = 0
    for line in tab.above:
        _write_row(pen, page, row, line, tab)
        row += 1
    if tab.headings:
        _write_headings(pen, page, row, tab.columns)
        row += 1
    first = row
    for line in tab.rows:
        if row + len(tab.below) >= MOST_ROWS:
            sentence = _TOO_MANY[pen.language].format(rows=f"{row:,}", limit=f"{MOST_ROWS:,}")
            raise Refusal(sentence, code="too_many_rows")
        _write_row(pen, page, row, line, tab)
        row += 1
    if tab.headings and row > first:
        page.autofilter(first - 1, 0, row - 1, len(tab.columns) - 1)
        # Serial and telephone numbers are text on purpose: no green corners.
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{row}"})
    for line in tab.below:
        _write_row(pen, page, row, line, tab)
        row += 1


def _write_headings(pen: _Pen, page: "Worksheet", row: int, columns: Sequence[Column]) -> None:
    look = pen.look("text", bold=True, wrap=True, bg_color="#DCE3EA", align="center")
    page.set_row(row, 22)
    for at, column in enumerate(columns):
        page.write_string(row, at, column.heading, look)
    page.repeat_rows(row)
    page.freeze_panes(row + 1, 0)


def _write_row(pen: _Pen, page: "Worksheet", row: int, line: Sequence[Any], tab: Tab) -> None:
    largest = max((value.size for value in line if isinstance(value, Cell)), default=10)
    page.set_row(row, max(tab.row_height, 1.45 * largest * _lines_needed(line, tab.columns)))
    at = 0
    for value in line:
        at += pen.write(page, row, at, value, tab.columns[at])


def _lines_needed(line: Sequence[Any], columns: Sequence[Column]) -> int:
    """How many lines the longest wrapped text takes; for merged cells Excel does not find out itself."""
    most, at = 1, 0
    for value in line:
        cell = value if isinstance(value, Cell) else None
        span = cell.span if cell else 1
        if cell.wrap if cell else columns[at].wrap:
            text = str((cell.value if cell else value) or "")
            room = sum(column.width for column in columns[at : at + span]) or _WIDTHS["text"]
            most = max(most, sum(ceil((_wide(part) or 1) / room) for part in text.split("\n")))
        at += span
    return min(most, 27)  # a row is at most 409 points high


def _set_up_print(pen: _Pen, page: "Worksheet", tab: Tab) -> None:
    page.set_paper(9)  # A4
    page.set_portrait() if tab.portrait else page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    said = printable(tab.footer).replace("&", "&&")[:180]
    page.set_footer(f"&L&8{' ' if said[:1].isdigit() else ''}{said}&R&8{_PAGE[pen.language]}")


def _wide(text: str) -> int:
    """How many Latin characters a text is wide: a Chinese character counts two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name Excel accepts: no []:*?/\\, at most 31 characters, not twice whatever the case."""
    wanted = re.sub(r"[\[\]:*?/\\]", " ", printable(name)).strip("' ")[:31] or "1"
    number = 2
    found = wanted
    while found.lower() in taken:
        found = f"{wanted[:27]} ({number})"
        number += 1
    taken.add(found.lower())
    return found
