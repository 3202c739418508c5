"""A Word file (.docx) as plain lines, with the numbers Word counts by itself written out; tables as lines between bars.

Read as a stream, without building the document. Tracked changes are read as accepted; footnotes, comments, headers and pictures are left out.
"""

import io
import posixpath
import re
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

from sanbao.documents.reading.limits import (
    MAX_COLUMNS,
    MAX_MEMBERS,
    MAX_ROWS,
    MAX_UNPACKED,
    Budget,
    Unreadable,
)
from sanbao.documents.reading.outline import bars
from sanbao.files.tables.parts import parse

Notes = list[tuple[str, dict[str, Any]]]
_DAMAGE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, expat.ExpatError, OSError, EOFError, KeyError, IndexError,
    ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip
_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(data: bytes, name: str) -> tuple[str, Notes]:
    """The text and what there is to say about it. Raises Unreadable."""
    if not data.strip(b"\0 \r\n\t"):
        raise Unreadable("empty")
    if data.startswith(_OLE):
        raise Unreadable("password" if _ENCRYPTED in data else "old_word")
    ending = name.rpartition(".")[2].lower()[:8] if "." in name else ""
    if data[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        kind = next((kind for start, kind in _OTHER_KINDS if data.startswith(start)), "text")
        raise _other(kind, ending)
    try:
        return _read(zipfile.ZipFile(io.BytesIO(data)), ending)
    except _DAMAGE:
        raise Unreadable("broken") from None


def _other(kind: str, ending: str) -> Unreadable:
    if ending in ("doc", "docx", "docm", "wps"):
        return Unreadable("not_what_it_says", ending=ending, kind=kind)
    return Unreadable("not_word", kind=kind)


def _read(archive: zipfile.ZipFile, ending: str) -> tuple[str, Notes]:
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("too_large_inside")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    budget = Budget()
    path = _document_path(archive, names, budget, ending)
    folder = posixpath.dirname(path)
    numbering = _Numbering()
    for part, reader in (("styles.xml", numbering.start_style), ("numbering.xml", numbering.start)):
        if f"{folder}/{part}" in names:
            parse(archive, f"{folder}/{part}", budget, reader)
    body = _Body(numbering, budget)
    parse(archive, path, budget, body.start, body.end, body.text)
    text = "\n".join(body.lines).strip()
    if not text:
        raise Unreadable("no_text")
    notes = body.notes()
    if any(name.endswith(("footnotes.xml", "comments.xml", "endnotes.xml")) for name in names) and body.noted:
        notes.append(("notes", {}))
    return text, notes


def _document_path(archive: zipfile.ZipFile, names: set[str], budget: Budget, ending: str) -> str:
    if "word/document.xml" in names:
        return "word/document.xml"
    for kind, beginning in (("Excel", "xl/"), ("PowerPoint", "ppt/"), ("OpenDocument", "content.xml")):
        if any(name.startswith(beginning) for name in names):
            raise _other(kind, ending)
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    if "_rels/.rels" in names:
        parse(archive, "_rels/.rels", budget, start)
    if not found or found[0] not in names:
        raise _other("ZIP", ending)
    return found[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _value(attributes: dict[str, str], name: str = "val") -> str:
    return next((value for key, value in attributes.items() if _local(key) == name), "")


class _Numbering:
    """Word's own numbers: which list a paragraph or style counts in, and how each level is written."""

    def __init__(self) -> None:
        self.levels: dict[
            tuple[str, int], tuple[str, str, int]
        ] = {}  # (abstract list, level): form, text, first
        self.lists: dict[str, str] = {}  # a list -> its abstract list
        self.styles: dict[str, list[str]] = {}  # a style -> [list, level, based on]
        self.counts: dict[str, list[int]] = {}
        self._abstract = self._list = self._style = ""
        self._level = 0

    def start_style(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "style":
            self._style = _value(attributes, "styleId")
            self.styles[self._style] = ["", "", ""]
        elif self._style and name in ("numId", "ilvl", "basedOn"):
            self.styles[self._style][("numId", "ilvl", "basedOn").index(name)] = _value(attributes)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "abstractNum":
            self._abstract = _value(attributes, "abstractNumId")
        elif name == "lvl":
            self._level = _number(_value(attributes, "ilvl"))
            self.levels.setdefault((self._abstract, self._level), ("decimal", "", 1))
        elif name == "num":
            self._list = _value(attributes, "numId")
        elif name == "abstractNumId" and self._list:
            self.lists[self._list] = _value(attributes)
        elif name in ("numFmt", "lvlText", "start") and self._abstract and not self._list:
            key = (self._abstract, self._level)
            form, text, first = self.levels.get(key, ("decimal", "", 1))
            value = _value(attributes)
            self.levels[key] = (
                value if name == "numFmt" else form,
                value if name == "lvlText" else text,
                _number(value) if name == "start" else first,
            )

    def of_style(self, style: str) -> tuple[str, int]:
        """The list and level a style counts in, its own or its ancestors'."""
        level = ""
        for _ in range(12):
            if style not in self.styles:
                break
            number, own_level, parent = self.styles[style]
            level = level or own_level
            if number:
                return number, _number(level)
            style = parent
        return "", 0

    def next(self, number: str, level: int) -> str:
        """The number that Word would write now, such as 第三条 or 1.2; empty for bullets and unknown lists."""
        abstract = self.lists.get(number)
        if abstract is None or (abstract, level) not in self.levels:
            return ""
        counts = self.counts.setdefault(abstract, [])
        while len(counts) <= level:
            first = self.levels.get((abstract, len(counts)), ("", "", 1))[2]
            counts.append(first - 1 if len(counts) == level else first)
        counts[level] += 1
        del counts[level + 1 :]
        form, text, _first = self.levels[(abstract, level)]
        if form in ("bullet", "none"):
            return ""

        def written(met: re.Match[str]) -> str:
            at = int(met.group(1)) - 1
            if at >= len(counts):
                return ""
            own = self.levels.get((abstract, at), ("decimal", "", 1))[0]
            # A level that shows the numbers above it (1.2.3) shows them in figures, whatever their own form.
            return _in_form(counts[at], own if at == level or form == own else "decimal")

        return re.sub(r"%(\d)", written, text)


def _number(text: str) -> int:
    return min(int(text), 30_000) if text.isascii() and text.isdigit() else 0


def _in_form(number: int, form: str) -> str:
    if form.lower().startswith(("chinese", "ideograph", "japanesecounting", "taiwanese")):
        return _han(number)
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    return str(number)


def _han(number: int) -> str:
    """12 -> 十二, 103 -> 一百零三."""
    digits = "零一二三四五六七八九"
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (digits[ones] if ones else "")


class _Body:
    """The text of the document, line by line."""

    def __init__(self, numbering: _Numbering, budget: Budget) -> None:
        self.numbering, self.budget = numbering, budget
        self.lines: list[str] = []
        self.tables = self.pictures = 0
        self.revised = self.noted = self.cut = False
        self._words: list[str] = []
        self._style, self._list, self._level = "", "", -1
        self._in_text = False
        self._silent = 0  # inside what is not read: deleted text, the second copy of a text box
        self._depth = 0  # of tables inside tables
        self._rows: list[list[str]] = []
        self._cell: list[str] = []
        self._span = 1
        self._merged = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if self._silent or name in ("del", "moveFrom", "Fallback"):
            self._silent += 1
            self.revised = self.revised or name in ("del", "moveFrom")
            return
        if name == "t":
            self._in_text = True
        elif name in ("tab", "br", "cr"):
            self._words.append(" " if name == "tab" else "\n")
        elif name == "noBreakHyphen":
            self._words.append("-")
        elif name == "p":
            self._style, self._list, self._level = "", "", -1
        elif name == "pStyle":
            self._style = _value(attributes)
        elif name == "numId":
            self._list = _value(attributes)
        elif name == "ilvl":
            self._level = _number(_value(attributes))
        elif name in ("blip", "imagedata"):
            self.pictures += 1
        elif name == "ins":
            self.revised = True
        elif name in ("footnoteReference", "commentReference", "endnoteReference"):
            self.noted = True
        else:
            self._start_table(name, attributes)

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._depth += 1
            if self._depth == 1:
                self._rows = []
        elif self._depth == 1 and name == "tr":
            self._rows.append([])
        elif self._depth == 1 and name == "tc":
            self._cell, self._span, self._merged = [], 1, False
        elif self._depth == 1 and name == "gridSpan":
            self._span = max(1, _number(_value(attributes)))
        elif self._depth == 1 and name == "vMerge":
            self._merged = _value(attributes) != "restart"

    def end(self, name: str) -> None:
        name = _local(name)
        if self._silent:
            self._silent -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p":
            self._end_paragraph()
        elif name == "tc" and self._depth == 1 and self._rows:
            words = "" if self._merged else "\n".join(self._cell)
            self._rows[-1].extend([words, *[""] * (min(self._span, MAX_COLUMNS) - 1)])
        elif name == "tbl":
            self._depth -= 1
            if self._depth == 0:
                self._end_table()

    def text(self, words: str) -> None:
        if self._in_text and not self._silent:
            self.budget.text(len(words))
            self._words.append(words)

    def _end_paragraph(self) -> None:
        words = "".join(self._words).strip()
        self._words = []
        if not words:
            return
        number = self._number()
        if number and not words.startswith(number):
            words = f"{number} {words}"
        if self._depth:
            self._cell.append(words)
        else:
            # A line that is no table must not read as one.
            self.lines.extend(line.strip().lstrip("|") for line in words.split("\n") if line.strip())

    def _number(self) -> str:
        if self._list == "0":  # taken out of the list of its style
            return ""
        of_style, level = self.numbering.of_style(self._style)
        list_, at = self._list or of_style, self._level if self._level >= 0 else level
        return self.numbering.next(list_, at) if list_ else ""

    def _end_table(self) -> None:
        rows = [row for row in self._rows if any(cell.strip() for cell in row)]
        self._rows = []
        if not rows:
            return
        self.tables += 1
        if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
            self.cut = True
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around a paragraph, not a table
            self.tables -= 1
            self.lines.extend(line.lstrip("|") for line in rows[0][0].split("\n"))
            return
        self.lines.extend(bars(row[:MAX_COLUMNS]) for row in rows[:MAX_ROWS])

    def notes(self) -> Notes:
        found: Notes = []
        if self.revised:
            found.append(("revisions", {}))
        if self.tables:
            found.append(("tables", {"count": self.tables}))
        if self.cut:
            found.append(("table_cut", {"rows": MAX_ROWS, "columns": MAX_COLUMNS}))
        if self.pictures:
            found.append(("pictures", {"count": self.pictures}))
        return found
