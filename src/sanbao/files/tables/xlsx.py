"""Workbooks of Excel since 2007, read as a stream: what lies far outside the table costs nothing, and nothing is carried out.

A general reader builds the whole grid up to the last cell, turns Excel's errors into empty cells and forgets which formulas have
no stored result. For record sheets each of these would void a sheet without a word; so the few parts needed are read here.
"""

import datetime
import io
import posixpath
import re
import zipfile
import zlib
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from sanbao.files.tables.limits import (
    LONGEST_TEXT,
    MAX_COLUMNS,
    MAX_MEMBERS,
    MAX_ROWS,
    MAX_STRAYS,
    MAX_UNPACKED,
    Budget,
    Unreadable,
    letters,
)
from sanbao.files.tables.parts import parse, real

_DAMAGE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, expat.ExpatError, OSError, EOFError, KeyError, IndexError,
    ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip


def read(data: bytes) -> dict[str, Any]:
    """The visible sheets of a workbook, or Unreadable."""
    try:
        return _read(zipfile.ZipFile(io.BytesIO(data)))
    except _DAMAGE:
        raise Unreadable("broken") from None


def _read(archive: zipfile.ZipFile) -> dict[str, Any]:
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("too_large_inside")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    budget = Budget()
    book = _Book()
    path = _workbook_path(archive, names, budget)
    folder = posixpath.dirname(path)
    parse(archive, path, budget, book.start)
    targets = _targets(archive, f"{folder}/_rels/{posixpath.basename(path)}.rels", folder, budget)
    at = {kind: part for kind, part in targets.values() if real(archive, part) in names}
    dates = _date_styles(archive, at["styles"], budget) if "styles" in at else set()
    texts = _shared_texts(archive, at["sharedStrings"], budget) if "sharedStrings" in at else []
    sheets, hidden = [], []
    for name, state, target in book.sheets:
        kind, path = targets.get(target, ("", ""))
        if kind != "worksheet":
            continue
        if state != "visible":
            hidden.append(name)
            continue
        sheet = _Sheet(name, texts, dates, book.since_1904, budget)
        try:
            parse(archive, path, budget, sheet.start, sheet.end, sheet.text)
        except Unreadable as unreadable:
            if unreadable.code not in ("too_long", "too_wide"):
                raise
            sheet.refused = unreadable.code
        sheets.append(sheet.result())
    macros = any(name.endswith("vbaProject.bin") for name in names)
    return {"kind": "excel", "sheets": sheets, "hidden": hidden, "macros": macros}


def _workbook_path(archive: zipfile.ZipFile, names: set[str], budget: Budget) -> str:
    """Where the workbook stands in the package; some programs call it otherwise. Refuses packages of other kinds by name."""
    if "xl/workbook.bin" in names:
        raise Unreadable("binary_workbook")
    if "xl/workbook.xml" in names:
        return "xl/workbook.xml"
    for kind, start in (("Word", "word/"), ("PowerPoint", "ppt/"), ("OpenDocument", "content.xml")):
        if any(name.startswith(start) for name in names):
            raise Unreadable("not_a_table", kind=kind)
    if "_rels/.rels" in names:
        for kind, path in _targets(archive, "_rels/.rels", "", budget).values():
            if kind == "officeDocument" and real(archive, path) in names:
                return real(archive, path)
    raise Unreadable("broken" if any(name.lower().startswith("xl") for name in names) else "zip")


def _local(name: str) -> str:
    return name if ":" not in name else name.rpartition(":")[2]


class _Book:
    """The workbook's sheets in their order: (name, state, relation)."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            self.sheets.append(
                (attributes.get("name", "")[:60], attributes.get("state", "visible"), relation)
            )


def _targets(archive: zipfile.ZipFile, path: str, folder: str, budget: Budget) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            full = (
                target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )
            found[attributes["Id"]] = (attributes.get("Type", "").rpartition("/")[2], full)

    parse(archive, path, budget, start)
    return found


def _date_styles(archive: zipfile.ZipFile, path: str, budget: Budget) -> set[str]:
    """The numbers of the cell styles that show a date or a time."""
    codes: dict[str, str] = {}
    dates: set[str] = set()
    state = {"inside": False, "count": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            state["inside"] = True
        elif name == "xf" and state["inside"]:
            number = attributes.get("numFmtId", "0")
            if _shows_date(number, codes.get(number)):
                dates.add(str(state["count"]))
            state["count"] += 1

    def end(name: str) -> None:
        if _local(name) == "cellXfs":
            state["inside"] = False

    parse(archive, path, budget, start, end)
    return dates


def _shows_date(number: str, code: str | None) -> bool:
    if code is None:
        return number.isdigit() and (
            14 <= int(number) <= 22 or 27 <= int(number) <= 36 or 45 <= int(number) <= 58
        )
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code.split(";")[0])
    return bool(re.search(r"[ymdhs]", bare.lower().replace("general", "")))


def _shared_texts(archive: zipfile.ZipFile, path: str, budget: Budget) -> list[str]:
    texts: list[str] = []
    parts: list[str] = []
    state = {"take": False, "phonetic": False, "length": 0}

    def start(name: str, _attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "si":
            parts.clear()
            state["length"] = 0
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["take"] = not state["phonetic"]

    def end(name: str) -> None:
        name = _local(name)
        if name == "t":
            state["take"] = False
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "si":
            text = "".join(parts)[:LONGEST_TEXT]
            budget.text(len(text) + 20)
            texts.append(text)

    def text(words: str) -> None:
        if state["take"] and state["length"] <= LONGEST_TEXT:
            parts.append(words)
            state["length"] += len(words)

    parse(archive, path, budget, start, end, text)
    return texts


class _Sheet:
    """One worksheet's cells as they stream by; those outside the table's limits are counted and named, not kept."""

    def __init__(self, name: str, texts: list[str], dates: set[str], since_1904: bool, budget: Budget):
        self.name, self.texts, self.dates, self.since_1904, self.budget = (
            name,
            texts,
            dates,
            since_1904,
            budget,
        )
        self.rows: list[list[Any]] = []
        self.stray: list[str] = []
        self.strays = {"too_long": 0, "too_wide": 0}
        self.merges: list[list[int]] = []
        self.formulas = self.hidden_rows = 0
        self.refused = ""
        self.row, self.column = 0, -1
        self.kind = self.style = ""
        self.parts: list[str] = []
        self.length = 0
        self.collecting = self.valued = self.formula = self.phonetic = self.hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = _local(name)
        if name == "c":
            place = attributes.get("r")
            self.column = _column(place) if place else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.parts, self.length = [], 0
            self.valued = self.formula = self.collecting = self.phonetic = False
        elif name in ("v", "t"):
            self.collecting = not self.phonetic
            self.valued = True
        elif name == "row":
            self.budget.check_cells()
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = -1
            self.hidden = attributes.get("hidden") in ("1", "true")
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.phonetic = True
        elif name == "mergeCell" and len(self.merges) < 10_000:
            self._merge(attributes.get("ref", ""))

    def text(self, words: str) -> None:
        if self.collecting and self.length <= LONGEST_TEXT:
            self.parts.append(words)
            self.length += len(words)

    def end(self, name: str) -> None:
        if ":" in name:
            name = _local(name)
        if name == "c":
            if self.valued or self.formula:
                self._cell()
            self.collecting = False
        elif name in ("v", "t"):
            self.collecting = False
        elif name == "rPh":
            self.phonetic = False

    def _cell(self) -> None:
        value = self._value()
        if value in (None, ""):
            return
        row, column = self.row, self.column
        if row > MAX_ROWS or column >= MAX_COLUMNS or row < 1 or column < 0:
            self._outside(row, column)
            return
        self.budget.cells += 1
        if self.formula and self.valued:
            self.formulas += 1
        while len(self.rows) < row:
            self.rows.append([])
        line = self.rows[row - 1]
        if self.hidden and not line:
            self.hidden_rows += 1
        if len(line) <= column:
            line.extend([None] * (column - len(line)))
            line.append(value)
        else:
            line[column] = value

    def _outside(self, row: int, column: int) -> None:
        if len(self.stray) < 3:
            self.stray.append(f"{letters(max(column, 0))}{row}")
        code = "too_wide" if column >= MAX_COLUMNS else "too_long"
        self.strays[code] += 1
        if self.strays[code] > MAX_STRAYS:
            raise Unreadable(code)

    def _value(self) -> Any:
        words = "".join(self.parts)
        if not self.valued:
            return {"u": True}  # a formula whose result was not stored
        kind = self.kind
        if kind == "s":
            return self.texts[int(words)] if words else ""
        if kind in ("str", "inlineStr"):
            if "_x" in words:
                words = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), words)
            self.budget.text(len(words))
            return words[:LONGEST_TEXT]
        if kind == "e":
            return {"e": words[:20]}
        if kind == "b":
            return words.strip() in ("1", "true")
        if kind == "d":
            return {"d": words[:30]}
        return self._number(words.strip())

    def _number(self, words: str) -> Any:
        if not words:
            return None
        number = float(words)
        if number != number or number in (float("inf"), float("-inf")):
            return {"e": "#NUM!"}
        if self.style in self.dates and (moment := moment_of(number, since_1904=self.since_1904)):
            return {"d": moment}
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _merge(self, reference: str) -> None:
        match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", reference)
        if (
            match
            and match[1] == match[3]
            and 1 <= int(match[4]) - int(match[2]) <= 100
            and int(match[4]) <= MAX_ROWS
        ):
            self.merges.append([_column(match[1]), int(match[2]), int(match[4])])

    def result(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rows": [] if self.refused else self.rows,
            "stray": self.stray,
            "merges": self.merges,
            "formulas": self.formulas,
            "hidden_rows": self.hidden_rows,
            "refused": self.refused,
        }


def _column(place: str) -> int:
    """The index of a cell's column, from A1: 0 for A."""
    return _column_of(place.rstrip("0123456789"))


@lru_cache(maxsize=512)
def _column_of(name: str) -> int:
    number = 0
    for letter in name:
        if "A" <= letter <= "Z":
            number = number * 26 + ord(letter) - 64
    return number - 1


def moment_of(serial: float, *, since_1904: bool = False) -> str | None:
    """Excel's serial as an ISO date or moment; None where it is no day Excel could show."""
    if since_1904:
        serial += 1462
    if not 0 <= serial < 2_958_466:
        return None
    base = datetime.datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001 - a civil day; Excel's 1900 had a 29 February
    moment = base + datetime.timedelta(seconds=round(serial * 86_400))
    if serial < 1:
        return moment.time().isoformat()
    return moment.isoformat() if moment.time() != datetime.time() else moment.date().isoformat()
