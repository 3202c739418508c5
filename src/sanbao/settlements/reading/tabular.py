"""A table with a heading row somewhere near its top: which column is which field, whatever its order and wording."""

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sanbao.settlements.reading import tables, values
from sanbao.settlements.reading.sentences import say

MAX_BYTES = 20 * 2**20
SECONDS = 20


class Unreadable(Exception):
    """The whole file can't be read. `sentence` says what to do."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend ("error") or to know ("warning", "note"), with the cell it is about."""

    severity: str
    code: str
    cell: str = ""
    field: str = ""
    words: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return say(self.code, language, **self.words)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table: its letter's index, what its heading says, and the field it was recognised as, if any."""

    column: int
    text: str
    field: str


@dataclass(slots=True)
class Table:
    """A table whose headings are known. `lines` are (line number, {field: cell}); `above` is what stands over it."""

    sheet: str
    kind: str
    headings: list[Heading]
    columns: dict[str, int]
    lines: list[tuple[int, dict[str, Any]]]
    above: list[str]
    unvalued: frozenset[str]
    problems: list[Problem]

    def cell(self, field_name: str, line: int) -> str:
        """The cell of a field in a line, like F17; the line alone where there is no such column."""
        column = self.columns.get(field_name)
        return f"{letters(column)}{line}" if column is not None else str(line)


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def raw_tables(data: bytes, filename: str, *, in_child: bool) -> dict[str, Any]:
    """The file's rows, read in a child process with limits where `in_child`; raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", megabytes=MAX_BYTES // 2**20)
    if not in_child:
        try:
            return json.loads(json.dumps(tables.read(data, filename)))
        except tables.Unreadable as unreadable:
            raise Unreadable(unreadable.code, **unreadable.words) from None
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(tables.__file__)), filename[-100:].replace("\0", "")],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("too_slow") from None
    if done.returncode < 0:  # killed by a limit
        raise Unreadable("too_slow" if done.returncode in (-24, -9) else "broken")
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Unreadable("broken") from None
    if "unreadable" in result:
        raise Unreadable(result["unreadable"], **result["words"])
    return result


def find_table(
    raw: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    *,
    at_least: int,
    chosen: Mapping[str, int] | None = None,
    named: Sequence[str] = (),
) -> Table:
    """The first sheet with a heading row that names at least so many fields. `chosen` overrides columns by field."""
    best: tuple[int, str, int, int, dict[str, int], list[Heading], list[Problem]] | None = None
    for name, rows in raw["tables"].items():
        for depth in (1, 2):  # two lines are read together only where they say more than one
            for index in range(min(30, len(rows))):
                found = _recognise(rows, index, depth, words)
                if found and (best is None or len(found[0]) > best[0]):
                    best = (len(found[0]), name, index, depth, *found)
        if best and best[0] >= at_least:
            break
    if best is None or (best[0] < at_least and not chosen):
        raise Unreadable("no_headings", fields=list(named))
    _, name, index, depth, columns, headings, problems = best
    for field_name, column in (chosen or {}).items():
        columns = {other: at for other, at in columns.items() if at != column and other != field_name}
        if column >= 0:
            columns[field_name] = column
    if chosen:
        at = {column: field_name for field_name, column in columns.items()}
        headings = [Heading(heading.column, heading.text, at.get(heading.column, "")) for heading in headings]
    rows = raw["tables"][name]
    lines = [
        (
            number,
            {
                field_name: row[column] if column < len(row) else None
                for field_name, column in columns.items()
            },
        )
        for number, row in enumerate(rows[index + depth :], start=index + depth + 1)
        if any(cell not in (None, "") and not (isinstance(cell, str) and not cell.strip()) for cell in row)
    ]
    above = [str(cell) for row in rows[:index] for cell in row if isinstance(cell, str) and cell.strip()]
    table = Table(name, raw["kind"], headings, columns, lines, above, frozenset(raw["unvalued"]), problems)
    _tell(raw, table, name)
    return table


def _recognise(
    rows: list[list[Any]], index: int, depth: int, words: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], list[Heading], list[Problem]] | None:
    """The fields in one heading row, or in two rows read together (merged headings)."""
    if index + depth > len(rows):
        return None
    width = max(len(row) for row in rows[index : index + depth])
    if width < 2:
        return None
    by_word = {plain(word): field_name for field_name, names in words.items() for word in names}
    columns: dict[str, int] = {}
    headings, problems, used_lower = [], [], False
    for column in range(width):
        parts = [_words(row[column]) if column < len(row) else "" for row in rows[index : index + depth]]
        field_name = ""
        for heading in ("".join(parts), parts[-1], parts[0]):
            if field_name := by_word.get(plain(heading), ""):
                used_lower = used_lower or (depth == 2 and bool(parts[1]))
                break
        text = " ".join(part for part in parts if part)
        if field_name and field_name in columns:
            problems.append(
                Problem("warning", "two_columns", letters(column), field_name,
                        {"field": field_name, "first": letters(columns[field_name]), "second": letters(column)})
            )  # fmt: skip
            field_name = ""
        elif field_name:
            columns[field_name] = column
        if text:
            headings.append(Heading(column, text[:60], field_name))
    if depth == 2 and not used_lower:
        return None
    return (columns, headings, problems) if columns else None


def _words(cell: Any) -> str:
    try:
        return values.text(cell, 200)
    except values.Bad:
        return ""


def plain(heading: str) -> str:
    """A heading without blanks, brackets, stars and punctuation, in half width and small letters."""
    return re.sub(r"[\s*:：()（）\[\]【】/、，,.。_\-—#№\"'“”《》]+", "", values.half_width(heading)).lower()


def _tell(raw: Mapping[str, Any], table: Table, read: str) -> None:
    for sheet in raw["hidden"]:
        table.problems.append(Problem("warning", "hidden_sheet", words={"sheet": sheet}))
    for sheet in raw["tables"]:
        if sheet != read:
            table.problems.append(Problem("warning", "other_sheet", words={"sheet": sheet, "read": read}))
    for cell in raw["stray"]:
        table.problems.append(Problem("warning", "stray", cell, words={"cell": cell}))
    if raw["macros"]:
        table.problems.append(Problem("note", "macros"))
    for heading in table.headings:
        if not heading.field and heading.column not in table.columns.values():
            words = {"column": letters(heading.column), "heading": heading.text[:30]}
            table.problems.append(Problem("note", "unknown_column", letters(heading.column), words=words))


def month_in(words: str) -> date | None:
    """The month in a text such as 2026年4月 or 2026-04."""
    match = re.search(r"(20\d{2})\s*[-年/.]\s*(\d{1,2})(?!\d)", values.half_width(words))
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    return date(int(match[1]), int(match[2]), 1)
