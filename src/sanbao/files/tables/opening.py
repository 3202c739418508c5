"""Any spreadsheet file into plain rows of cells, by its content and not by its name.

What comes out is plain JSON: {"kind", "sheets": [{"name", "rows", "stray", "merges", "formulas", "hidden_rows", "refused"}], "hidden",
"macros"}. A cell is a text, a number, true or false, null, {"d": ISO date or time}, {"e": Excel's error} or {"u": true} for a formula
whose result was not stored. `stray` names cells far outside the table, `merges` cells merged downwards (column, first line, last line).
"""

import csv
import io
from typing import Any

from sanbao.files.tables import xls, xlsx
from sanbao.files.tables.limits import LONGEST_TEXT, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Unreadable

_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"RIFF", "WebP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3\0", "SQLite"),
)
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def read(data: bytes, name: str) -> dict[str, Any]:
    """The visible sheets of a file. Raises Unreadable with a sentence that says what the file is and what to do."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty")
    ending = name.rpartition(".")[2].lower()[:8] if "." in name else ""
    try:
        opened = _open(data)
    except Unreadable as unreadable:
        if unreadable.code == "not_a_table" and ending:
            raise Unreadable("not_what_it_says", ending=ending, **unreadable.words) from None
        raise
    if not any(sheet["rows"] or sheet["refused"] for sheet in opened["sheets"]):
        raise Unreadable("only_hidden" if opened["hidden"] else "empty_sheet")
    return opened


def _open(data: bytes) -> dict[str, Any]:
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return xlsx.read(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return xls.read(data)
    for start, kind in _OTHER_KINDS:
        if data.startswith(start) and not (len(start) == 2 and _is_text(data)):
            raise Unreadable("not_a_table", kind=kind)
    return _text(data)


def _is_text(data: bytes) -> bool:
    """Whether a file that starts like a picture or a program is only a text that begins with BM or MZ."""
    return all(byte >= 32 or byte in b"\r\n\t" for byte in data[:512])


def _text(data: bytes) -> dict[str, Any]:
    text = _decoded(data)
    head = text[:2000].lstrip().lower()
    if (
        head.startswith(("<html", "<!doctype", "<table", "<?xml", "<head", "<meta", "mime-version"))
        or "<table" in head
    ):
        raise Unreadable("web_page")
    sample = text[:5000]
    control = sum(1 for character in sample if ord(character) < 32 and character not in "\r\n\t")
    if control > len(sample) // 50 + 1:
        raise Unreadable("not_a_table", kind="binary")
    rows = _rows(text)
    sheet = {
        "name": "",
        "rows": rows,
        "stray": [],
        "merges": [],
        "formulas": 0,
        "hidden_rows": 0,
        "refused": "",
    }
    return {"kind": "csv", "sheets": [sheet], "hidden": [], "macros": False}


def _rows(text: str) -> list[list[Any]]:
    """The rows of a text table; commas, tabs and semicolons part the columns, whichever is there most."""
    head = [line for line in text[:20_000].splitlines() if line.strip()][:30]
    delimiter = max(",\t;|，", key=lambda mark: max((line.count(mark) for line in head), default=0))
    if not any(delimiter in line for line in head):
        raise Unreadable("no_columns")
    try:
        return _parsed(text, delimiter, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error) or "field larger" in str(error):
            raise Unreadable("quotes") from None
    try:  # a stray quotation mark inside a text is no reason to refuse the file
        return _parsed(text, delimiter, strict=False)
    except csv.Error:
        raise Unreadable("broken") from None


def _parsed(text: str, delimiter: str, *, strict: bool) -> list[list[Any]]:
    csv.field_size_limit(100_000)
    rows: list[list[Any]] = []
    cells = line = 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict):
        line += 1
        if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
            raise Unreadable("too_wide", rows=MAX_ROWS, columns=MAX_COLUMNS)
        if line > MAX_ROWS:
            if any(row):
                raise Unreadable("too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
            continue
        cells += len(row) - row.count("")
        if cells > MAX_CELLS:
            raise Unreadable("too_large_inside")
        rows.append([_cell(cell) for cell in row[:MAX_COLUMNS]])
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _cell(cell: str) -> Any:
    if cell in _ERRORS:
        return {"e": cell}
    # Excel's way to keep a long number a text in CSV: ="0123".
    if len(cell) > 3 and cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell[:LONGEST_TEXT]


def _decoded(data: bytes) -> str:
    """Text in the encodings Chinese offices use; each is tried strictly."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tries = ["utf-16"]
    elif b"\0" in data[:4000]:  # neither UTF-8 nor GB18030 text holds any
        little = data[1:4000:2].count(0) >= data[0:4000:2].count(0)
        tries = ["utf-16-le" if little else "utf-16-be"]
    else:
        tries = ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")
