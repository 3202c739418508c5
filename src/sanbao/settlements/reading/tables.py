"""Any spreadsheet file into plain rows of cells. Runs by itself in a limited child process, so it imports nothing of Sanbao.

    python -I tables.py NAME < file > rows.json

What comes out is plain JSON: {"kind", "sheet", "rows", "others", "hidden", "stray", "unvalued", "macros"}; a cell is a text, a number, true or
false, null, {"d": ISO date or time} or {"e": Excel's error}. What can't be read comes out as {"unreadable": code, "words": {...}}.
"""

import csv
import datetime
import io
import json
import re
import sys
import zipfile
from typing import Any

MAX_ROWS, MAX_COLUMNS = 20_000, 200
MAX_UNPACKED, MAX_MEMBERS = 200 * 2**20, 5_000


class Unreadable(Exception):
    """The file can't be read; `code` and `words` make the sentence that says so."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words


def read(data: bytes, name: str) -> dict[str, Any]:
    """The rows of the first visible sheet that has any, by content and not by name."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty")
    if data[:4] == b"PK\x03\x04":
        return _xlsx(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _old_office(data)
    for magic, kind in (
        (b"%PDF", "PDF"),
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF8", "GIF"),
        (b"Rar!", "RAR"),
        (b"7z\xbc\xaf", "7z"),
        (b"\x1f\x8b", "gzip"),
        (b"{\\rtf", "RTF"),
        (b"MZ", "exe"),
        (b"\x7fELF", "ELF"),
    ):
        if data.startswith(magic):
            raise Unreadable("not_a_table", kind=kind)
    return _text(data)


def _xlsx(data: bytes) -> dict[str, Any]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Unreadable("broken") from None
    names = {member.filename for member in members}
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("too_large_inside")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    if not any(name.startswith("xl/") for name in names):
        for kind, folder in (("Word", "word/"), ("PowerPoint", "ppt/"), ("OpenDocument", "content.xml")):
            if any(name.startswith(folder) for name in names):
                raise Unreadable("not_a_table", kind=kind)
        raise Unreadable("not_a_table", kind="ZIP")
    if "xl/workbook.bin" in names:
        raise Unreadable("binary_workbook")
    sheets = _scan(archive)
    macros = any(name.endswith("vbaProject.bin") for name in names)
    return _workbook(data, sheets, macros)


_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_UNVALUED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>'
)


def _scan(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """How far each worksheet's cells really reach, read as a stream: nothing is allocated for cells far out."""
    found = []
    paths = sorted(
        (name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)),
        key=lambda name: [int(part) if part.isdigit() else 0 for part in re.findall(r"\d+", name)] or [0],
    )
    unpacked = 0
    for path in paths:
        sheet: dict[str, Any] = {"rows": 0, "columns": 0, "stray": [], "strays": 0, "unvalued": []}
        tail = b""
        try:
            with archive.open(path) as stream:
                while chunk := stream.read(1 << 20):
                    unpacked += len(chunk)
                    if unpacked > MAX_UNPACKED:
                        raise Unreadable("too_large_inside")
                    text = tail + chunk
                    _scan_cells(text, sheet, len(tail))
                    tail = text[-2048:]
        except (
            zipfile.BadZipFile,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable("broken") from None
        except Exception as error:
            if type(error).__name__ == "error":  # zlib.error
                raise Unreadable("broken") from None
            raise
        found.append(sheet)
    return found


def _scan_cells(text: bytes, sheet: dict[str, Any], seen: int) -> None:
    for match in _CELL.finditer(text):
        if match.end() <= seen:
            continue
        column, row = _column(match[1]), int(match[2])
        if column >= MAX_COLUMNS or row > MAX_ROWS:
            sheet["strays"] += 1
            if len(sheet["stray"]) < 5:
                sheet["stray"].append((match[1] + match[2]).decode())
        else:
            sheet["rows"], sheet["columns"] = max(sheet["rows"], row), max(sheet["columns"], column + 1)
    if b"<f" in text or b":f" in text:
        for match in _UNVALUED.finditer(text):
            cell = match[1].decode()
            if match.end() > seen and len(sheet["unvalued"]) < 1000:
                sheet["unvalued"].append(cell)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _workbook(data: bytes, scanned: list[dict[str, Any]], macros: bool) -> dict[str, Any]:
    import python_calamine

    for sheet in scanned:
        if sheet["strays"] > 200:
            raise Unreadable(
                "too_wide" if sheet["rows"] <= 1000 else "too_long", rows=MAX_ROWS, columns=MAX_COLUMNS
            )
    try:
        if any(sheet["stray"] for sheet in scanned):
            return _with_strays(data, scanned, macros)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible, hidden = _visible(book)
        tables = {
            name: _cells(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in visible
        }
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("too_large_inside") from None
    except BaseException as error:  # a panic of the reader is no ordinary exception
        if "assword" in str(error):
            raise Unreadable("password") from None
        raise Unreadable("broken") from None
    return _chosen(tables, hidden, scanned, macros)


def _visible(book: Any) -> tuple[list[str], list[str]]:
    visible, hidden = [], []
    for sheet in book.sheets_metadata:
        if not str(sheet.typ).endswith("WorkSheet"):
            continue
        (
            visible
            if str(sheet.visible).endswith("Visible") and "Hidden" not in str(sheet.visible)
            else hidden
        ).append(sheet.name)
    return visible, hidden


def _with_strays(data: bytes, scanned: list[dict[str, Any]], macros: bool) -> dict[str, Any]:
    """The slower way for a sheet with cells far outside its table: only the table's own area is read."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    tables, hidden = {}, []
    for index, sheet in enumerate(book.worksheets):
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        area = scanned[index] if index < len(scanned) else {"rows": 0, "columns": 0}
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=area["rows"] or 1, max_col=area["columns"] or 1, values_only=True)
        tables[sheet.title] = _cells([list(row) for row in rows])
    return _chosen(tables, hidden, scanned, macros)


def _chosen(
    tables: dict[str, list], hidden: list[str], scanned: list[dict[str, Any]], macros: bool
) -> dict[str, Any]:
    filled = {
        name: rows
        for name, rows in tables.items()
        if any(any(cell not in (None, "") for cell in row) for row in rows)
    }
    if not filled:
        raise Unreadable("only_hidden" if hidden else "empty_sheet")
    for rows in filled.values():
        if len(rows) > MAX_ROWS:
            raise Unreadable("too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
    stray = [cell for sheet in scanned for cell in sheet["stray"]]
    unvalued = [cell for sheet in scanned[:1] for cell in sheet["unvalued"]]
    return {
        "kind": "excel",
        "tables": filled,
        "hidden": hidden,
        "stray": stray,
        "unvalued": unvalued,
        "macros": macros,
    }


def _cells(rows: list[list[Any]]) -> list[list[Any]]:
    return [[_cell(value) for value in row[:MAX_COLUMNS]] for row in rows[: MAX_ROWS + 1]]


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return {"e": "#NUM!"}
        return value
    if isinstance(value, str):
        return {"e": value} if value in _ERRORS else value[:5000]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {"d": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {"d": (datetime.datetime(1899, 12, 30) + value).isoformat()}  # noqa: DTZ001 - a civil time
    return str(value)[:5000]


_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def _old_office(data: bytes) -> dict[str, Any]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("password")
    if "WordDocument".encode("utf-16-le") in data:
        raise Unreadable("not_a_table", kind="Word")
    if not any(stream.encode("utf-16-le") in data for stream in ("Workbook", "Book")):
        raise Unreadable("broken")
    return _workbook(data, [], "_VBA_PROJECT_CUR".encode("utf-16-le") in data)


def _text(data: bytes) -> dict[str, Any]:
    text = _decoded(data)
    head = text[:2000].lstrip().lower()
    if head.startswith(("<html", "<!doctype", "<table", "<?xml", "<head")) or "<table" in head:
        raise Unreadable("web_page")
    sample = text[:5000]
    control = sum(1 for character in sample if ord(character) < 32 and character not in "\r\n\t")
    if control > len(sample) // 50 + 1:
        raise Unreadable("not_a_table", kind="binary")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;|，", key=first.count)
    csv.field_size_limit(100_000)
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= MAX_ROWS:
                raise Unreadable("too_long", rows=MAX_ROWS, columns=MAX_COLUMNS)
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                raise Unreadable("too_wide", rows=MAX_ROWS, columns=MAX_COLUMNS)
            rows.append([{"e": cell} if cell in _ERRORS else cell[:5000] for cell in row[:MAX_COLUMNS]])
    except csv.Error:
        raise Unreadable("broken") from None
    if len(first.split(delimiter)) < 2 and not any(len(row) > 1 for row in rows):
        raise Unreadable("no_columns")
    return {"kind": "csv", "tables": {"": rows}, "hidden": [], "stray": [], "unvalued": [], "macros": False}


def _decoded(data: bytes) -> str:
    """Text in the encodings Chinese offices use; each is tried strictly."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tries = ["utf-16"]
    elif data[:200].count(b"\0") > 20:
        tries = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        tries = ["utf-8-sig", "gb18030"]
    for encoding in tries:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding")


def main() -> None:
    import resource

    for limit, value in ((resource.RLIMIT_AS, 1 << 30), (resource.RLIMIT_CPU, 10)):
        resource.setrlimit(limit, (value, value))
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        result = read(sys.stdin.buffer.read(), name)
    except Unreadable as unreadable:
        result = {"unreadable": unreadable.code, "words": unreadable.words}
    except MemoryError:
        result = {"unreadable": "too_large_inside", "words": {}}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
