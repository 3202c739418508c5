"""Workbooks of Excel 97–2003 (also those of WPS): the container is looked through first, then calamine reads the cells.

calamine builds the whole grid and turns Excel's errors into empty cells, so the records are walked once before it: to see a
password, cells far outside the table, and errors.
"""

import datetime
import io
import struct
from typing import Any

from sanbao.files.tables.limits import (
    LONGEST_TEXT,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Unreadable,
    letters,
)

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_END = 0xFFFFFFFA


def read(data: bytes) -> dict[str, Any]:
    """The visible sheets, or Unreadable."""
    try:
        streams = _streams(data)
        book = next((streams[name] for name in ("Workbook", "Book") if name in streams), None)
        if book is None:
            raise Unreadable(*_other_kind(streams))
        sheets = _look_through(book)
    except (struct.error, IndexError, ValueError, OverflowError):
        raise Unreadable("broken") from None
    except Unreadable as unreadable:
        if unreadable.code == "other_kind":
            raise Unreadable("not_a_table", kind=unreadable.words["kind"]) from None
        raise
    return _cells(data, sheets, "_VBA_PROJECT_CUR" in streams)


def _other_kind(streams: dict[str, bytes]) -> tuple[str]:
    if "EncryptedPackage" in streams:
        return ("password",)
    for stream, kind in (("WordDocument", "Word"), ("PowerPoint Document", "PowerPoint")):
        if stream in streams:
            raise Unreadable("other_kind", kind=kind)
    return ("broken",)


def _streams(data: bytes) -> dict[str, bytes]:
    """The streams of an OLE container that matter here; the names of the others with nothing in them."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError
    sectors = list(struct.unpack_from("<109I", data, 76))
    next_difat = struct.unpack_from("<I", data, 68)[0]
    for _ in range(len(data) // size + 1):
        if next_difat >= _END:
            break
        more = struct.unpack_from(
            f"<{size // 4}I", data, 512 + next_difat * size if size == 512 else (next_difat + 1) * size
        )
        sectors += more[:-1]
        next_difat = more[-1]
    fat: list[int] = []
    for sector in sectors:
        if sector < _END and (sector + 2) * size <= len(data) + size:
            fat += struct.unpack(f"<{size // 4}I", _sector(data, sector, size).ljust(size, b"\xff"))
    directory = _chain(data, fat, struct.unpack_from("<I", data, 48)[0], size)
    entries = {}
    root = b""
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        kind = directory[at + 66]
        if kind not in (1, 2, 5) or not 2 <= length <= 64:
            continue
        name = directory[at : at + length - 2].decode("utf-16-le", "replace")
        start, long = struct.unpack_from("<IQ", directory, at + 116)
        entries[name] = (start, long & 0xFFFFFFFF)
        if kind == 5:
            root = _chain(data, fat, start, size)
    mini_fat_bytes = _chain(data, fat, struct.unpack_from("<I", data, 60)[0], size)
    mini_fat = list(
        struct.unpack(f"<{len(mini_fat_bytes) // 4}I", mini_fat_bytes[: len(mini_fat_bytes) // 4 * 4])
    )
    streams = {}
    for name, (start, long) in entries.items():
        streams[name] = b""
        if name in ("Workbook", "Book"):
            small = long < struct.unpack_from("<I", data, 56)[0]
            streams[name] = (_mini(root, mini_fat, start) if small else _chain(data, fat, start, size))[:long]
    return streams


def _sector(data: bytes, number: int, size: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]


def _chain(data: bytes, fat: list[int], start: int, size: int) -> bytes:
    return b"".join(_sector(data, number, size) for number in _numbers(fat, start))


def _mini(root: bytes, fat: list[int], start: int) -> bytes:
    return b"".join(root[number * 64 : number * 64 + 64] for number in _numbers(fat, start))


def _numbers(fat: list[int], start: int) -> list[int]:
    """A chain's sectors. One that bites its own tail is damage, and calamine would follow it for ever."""
    numbers: list[int] = []
    while start < _END:
        numbers.append(start)
        if len(numbers) > len(fat):
            raise ValueError
        start = fat[start]
    return numbers


def _look_through(book: bytes) -> list[dict[str, Any]]:
    """Each sheet's state, and what calamine would lose or choke on."""
    sheets: list[dict[str, Any]] = []
    for kind, body in _records(book, 0):
        if kind == 0x2F:
            raise Unreadable("password")
        if kind == 0x85:
            offset, state, type_ = struct.unpack_from("<IBB", body)
            sheets.append({"offset": offset, "hidden": state & 3 != 0, "table": type_ == 0})
    for sheet in sheets:
        sheet["errors"], sheet["formulas"] = {}, 0
        if sheet["table"] and not sheet["hidden"]:
            _look_through_sheet(book, sheet)
    return sheets


def _look_through_sheet(book: bytes, sheet: dict[str, Any]) -> None:
    cells = 0
    for kind, body in _records(book, sheet["offset"]):
        if kind not in (0x0203, 0x0204, 0x00FD, 0x027E, 0x00BD, 0x0006, 0x0205, 0x00D6):
            continue
        row, column = struct.unpack_from("<HH", body)
        if kind == 0x00BD:
            column = struct.unpack_from("<H", body, len(body) - 2)[0]
        if row >= MAX_ROWS or column >= MAX_COLUMNS:
            raise Unreadable(
                "far_cell", cell=f"{letters(column)}{row + 1}", rows=MAX_ROWS, columns=MAX_COLUMNS
            )
        cells += 1
        if cells > MAX_CELLS:
            raise Unreadable("too_large_inside")
        if kind == 0x0205 and body[7]:
            sheet["errors"][row, column] = _ERRORS.get(body[6], "#N/A")
        elif kind == 0x0006:
            sheet["formulas"] += 1
            if body[12:14] == b"\xff\xff" and body[6] == 2:
                sheet["errors"][row, column] = _ERRORS.get(body[8], "#N/A")


def _records(book: bytes, at: int) -> Any:
    """(kind, body) of a substream up to its end; nested ones, such as charts, are passed over."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        if kind in (0x0809, 0x0409, 0x0209, 0x0009):
            depth += 1
        elif kind == 0x0A:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _cells(data: bytes, looked: list[dict[str, Any]], macros: bool) -> dict[str, Any]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets, hidden = [], []
        for meta, sheet in zip(book.sheets_metadata, looked, strict=False):
            if not sheet["table"]:
                continue
            if sheet["hidden"]:
                hidden.append(meta.name[:60])
                continue
            rows = [
                [_cell(value) for value in row]
                for row in book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            ]
            for (row, column), error in sheet["errors"].items():
                _put(rows, row, column, {"e": error})
            sheets.append({
                "name": meta.name[:60], "rows": rows, "stray": [], "merges": [], "formulas": sheet["formulas"],
                "hidden_rows": 0, "refused": "",
            })  # fmt: skip
    except MemoryError:
        raise Unreadable("too_large_inside") from None
    except BaseException as error:  # a panic of the reader is no ordinary exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise Unreadable("password" if "assword" in str(error) else "broken") from None
    return {"kind": "excel", "sheets": sheets, "hidden": hidden, "macros": macros}


def _put(rows: list[list[Any]], row: int, column: int, value: Any) -> None:
    while len(rows) <= row:
        rows.append([])
    rows[row] += [None] * (column + 1 - len(rows[row]))
    rows[row][column] = value


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return {"e": "#NUM!"}
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, str):
        return value[:LONGEST_TEXT] or None
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {"d": value.isoformat()}
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)[:LONGEST_TEXT]
