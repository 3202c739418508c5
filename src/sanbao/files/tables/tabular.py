"""A table with a heading row somewhere near its top: which column is which field, whatever its order and wording."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from sanbao.files.tables.limits import MAX_COLUMNS, MAX_ROWS, Unreadable, letters
from sanbao.files.tables.sentences import say
from sanbao.ui.readers import values

_TOP = 30


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend ("error"), to check ("warning") or to know ("note"), with the cell it is about.

    A module with sentences and fields of its own makes a class of its own: `saying` says a code, `labels` are its fields' names.
    """

    saying: ClassVar[Callable[..., str]] = say
    labels: ClassVar[Mapping[str, tuple[str, str]]] = {}

    severity: str
    code: str
    cell: str = ""
    field: str = ""
    words: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def sentence(self, language: str) -> str:
        field = self.labels.get(self.field, self.field)
        return type(self).saying(self.code, language, **{"field": field, **self.words})


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table: its letter's index, what its heading says, and the field it was recognised as, if any.

    `confidence` is 1 for a heading known word for word or chosen by hand, less for one that only contains such a word.
    """

    column: int
    text: str
    field: str
    confidence: float = 1.0


@dataclass(slots=True)
class Table:
    """A table whose headings are known. `lines` are (line number, {field: cell}); `above` is what stands over it."""

    sheet: str
    kind: str
    headings: list[Heading]
    columns: dict[str, int]
    lines: list[tuple[int, dict[str, Any]]]
    whole: dict[int, list[Any]]
    above: list[str]
    problems: list[Problem]

    def cell(self, field_name: str, line: int) -> str:
        """The cell of a field in a line, like F17; the line alone where there is no such column."""
        column = self.columns.get(field_name)
        return f"{letters(column)}{line}" if column is not None else str(line)


@dataclass(slots=True)
class _Found:
    """A place where a heading row may be: its sheet, first row, how many rows it takes, and what it names."""

    sheet: Mapping[str, Any]
    index: int
    depth: int
    columns: dict[str, int]
    headings: list[Heading]
    problems: list[Problem]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Word for word counts most; a second row must earn its place, for it may be the first line of data."""
        exact = sum(1 for heading in self.headings if heading.field and heading.confidence == 1)
        return 2 * exact - (self.depth - 1), len(self.columns), -self.depth


def find_table(
    raw: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    *,
    at_least: int,
    chosen: Mapping[str, int] | None = None,
    named: Sequence[str] = (),
    sheet: str = "",
    problem: type[Problem] = Problem,
) -> Table:
    """The first sheet with a heading row that names at least so many fields, or the sheet named.

    `chosen` gives columns by field where the sender corrected them (-1: there is none); what is odd is told as a `problem`.
    """
    sheets = [one for one in raw["sheets"] if not sheet or one["name"] == sheet]
    candidates = [found for one in sheets if (found := _heading_row(one, words))]
    enough = [found for found in candidates if len(found.columns) >= at_least]
    best = next(iter(enough), None) or (
        max(candidates, key=lambda found: found.rank) if chosen and candidates else None
    )
    if best is None:
        for one in sheets:
            if one["refused"]:
                raise Unreadable(one["refused"], rows=MAX_ROWS, columns=MAX_COLUMNS)
        raise Unreadable("no_headings", fields=[problem.labels.get(name, name) for name in named])
    _choose(best, chosen or {})
    rows = best.sheet["rows"]
    _unmerge(rows, best.sheet["merges"], best.index + best.depth)
    whole = {
        number: row
        for number, row in enumerate(rows, start=1)
        if number > best.index + best.depth and _filled(row)
    }
    lines = [
        (number, {name: row[at] if at < len(row) else None for name, at in best.columns.items()})
        for number, row in whole.items()
    ]
    above = [text for row in rows[: best.index] for cell in row if (text := _words(cell))]
    table = Table(
        best.sheet["name"], raw["kind"], best.headings, best.columns, lines, whole, above, best.problems
    )
    _tell(raw, table, best.sheet, [found.sheet["name"] for found in enough])
    table.problems = [
        problem(one.severity, one.code, one.cell, one.field, one.words) for one in table.problems
    ]
    return table


def _filled(row: list[Any]) -> bool:
    return any(cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row)


def _heading_row(sheet: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> _Found | None:
    known = _index(words)
    found = [
        one
        for at in range(min(_TOP, len(sheet["rows"])))
        for depth in (1, 2)
        if (one := _recognise(sheet, at, depth, known))
    ]
    return max(found, key=lambda one: one.rank, default=None)


def _recognise(
    sheet: Mapping[str, Any], index: int, depth: int, known: Mapping[str, tuple[str, int]]
) -> _Found | None:
    """The fields in one heading row, or in two rows read together (merged headings)."""
    rows = sheet["rows"][index : index + depth]
    width = max((len(row) for row in rows), default=0)
    if len(rows) < depth or width < 2 or not all(_filled(row) for row in rows):
        return None
    if depth == 2 and not all(_like_heading(cell) for cell in rows[1]):
        return None
    texts = [[_words(row[column]) if column < len(row) else "" for row in rows] for column in range(width)]
    claims: dict[str, list[tuple[float, int, int]]] = {}
    for column, parts in enumerate(texts):
        if claim := _claim(parts, known):
            name, confidence, rank = claim
            claims.setdefault(name, []).append((-confidence, rank, column))
    columns: dict[str, int] = {}
    sure: dict[int, tuple[str, float]] = {}
    problems: list[Problem] = []
    for name in sorted(claims, key=lambda name: min(claims[name])[2]):
        (minus, _rank, column), *others = sorted(claims[name])
        columns[name], sure[column] = column, (name, -minus)
        for other_minus, _other_rank, other in others:
            if other_minus == minus == -1.0:
                said = {"first": letters(column), "second": letters(other)}
                problems.append(Problem("warning", "two_columns", letters(other), name, said))
        if minus > -1.0:
            said = {"column": letters(column), "heading": " ".join(filter(None, texts[column]))[:30]}
            problems.append(Problem("warning", "guessed_column", letters(column), name, said))
    headings = [
        Heading(column, " ".join(dict.fromkeys(filter(None, parts)))[:60], *sure.get(column, ("", 0.0)))
        for column, parts in enumerate(texts)
        if any(parts)
    ]
    return _Found(sheet, index, depth, columns, headings, problems) if columns else None


def _like_heading(cell: Any) -> bool:
    """Whether a cell could stand in a second heading row: a line of data has numbers and days."""
    if isinstance(cell, str):
        return len(cell) <= 30 and not re.search(r"\d{4}", cell)
    return cell is None


def _index(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, int]]:
    """Plain heading → (field, how common the wording is)."""
    found: dict[str, tuple[str, int]] = {}
    for name, synonyms in words.items():
        for rank, synonym in enumerate(synonyms):
            found.setdefault(plain(synonym), (name, rank))
    return found


# Whose name, number or place a heading means when it is not the customer's.
_OTHERS = re.compile(
    r"网点|服务站|师傅|维修工|维修员|工程师|经销商|商场|门店|店|序号|品名|产品名称|预约|到达|到货|旧件|回访|发票"
)


def _claim(parts: list[str], index: Mapping[str, tuple[str, int]]) -> tuple[str, float, int] | None:
    """The field a heading means, how sure that is (1 word for word), and how common the wording is."""
    whole = "".join(parts)
    for heading in dict.fromkeys((whole, parts[-1], parts[0])):
        for shape in (plain(heading), plain(_without_remarks(heading))):
            if shape in index:
                return index[shape][0], 1.0, index[shape][1]
    shape = plain(_without_remarks(parts[-1] or whole))
    if not shape or len(shape) > 20 or _OTHERS.search(shape):
        return None
    inside = [word for word in index if len(word) >= (2 if not word.isascii() else 5) and word in shape]
    if not inside:
        return None
    word = max(inside, key=len)
    return index[word][0], round(0.5 + 0.4 * len(word) / len(shape), 2), index[word][1]


def _without_remarks(heading: str) -> str:
    """购买日期（必填） → 购买日期."""
    bare = re.sub(r"[(（\[【<].*?[)）\]】>]", "", heading)
    return re.sub(r"(?:必填|选填|\*)$", "", bare.strip()) or heading


def _words(cell: Any) -> str:
    if cell is None or isinstance(cell, dict | bool | float):
        return ""
    try:
        return values.text(cell, 200)
    except values.Bad:
        return ""


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """A heading without blanks, brackets, stars and punctuation, in half width and small letters."""
    return re.sub(
        r"[\s*:：()（）\[\]【】<>/、，,;；.。_\-—#№\"'“”《》?？!！]+", "", values.half_width(heading)
    ).lower()


def _choose(found: _Found, chosen: Mapping[str, int]) -> None:
    """Put the sender's choice of columns over what was recognised."""
    if not chosen:
        return
    for name, column in chosen.items():
        found.columns = {other: at for other, at in found.columns.items() if at != column and other != name}
        if column >= 0:
            found.columns[name] = column
    at = {column: name for name, column in found.columns.items()}
    found.headings = [
        Heading(
            heading.column, heading.text, at.get(heading.column, ""), 1.0 if heading.column in at else 0.0
        )
        for heading in found.headings
    ]
    found.problems = [problem for problem in found.problems if problem.field not in chosen]


def _unmerge(rows: list[list[Any]], merges: list[list[int]], first: int) -> None:
    """Cells merged downwards hold their value in each of their lines, as they look on the screen."""
    for column, top, bottom in merges:
        if top <= first or top > len(rows) or column >= len(rows[top - 1]):
            continue
        for row in rows[top : min(bottom, len(rows))]:
            if _filled(row):
                row += [None] * (column + 1 - len(row))
                row[column] = rows[top - 1][column] if row[column] is None else row[column]


def _tell(raw: Mapping[str, Any], table: Table, sheet: Mapping[str, Any], also: list[str]) -> None:
    """What of the file was not read, by name, so that nothing is left out silently."""
    say_ = table.problems.append
    for name in raw["hidden"][:20]:
        say_(Problem("warning", "hidden_sheet", words={"sheet": name}))
    for other in raw["sheets"][:50]:
        if other is not sheet and (other["rows"] or other["refused"]):
            code = "other_table" if other["name"] in also else "other_sheet"
            say_(Problem("warning", code, words={"sheet": other["name"], "read": table.sheet}))
    for cell in sheet["stray"]:
        say_(Problem("warning", "stray", cell, words={"cell": cell}))
    if raw["macros"]:
        say_(Problem("note", "macros"))
    if sheet["formulas"]:
        say_(Problem("note", "formulas", words={"count": sheet["formulas"]}))
    if sheet["hidden_rows"]:
        say_(Problem("note", "hidden_rows", words={"count": sheet["hidden_rows"]}))
    used = set(table.columns.values())
    for heading in table.headings:
        if heading.column not in used:
            words = {"column": letters(heading.column), "heading": heading.text[:30]}
            say_(Problem("note", "unknown_column", letters(heading.column), words=words))


def month_in(words: str) -> date | None:
    """The month in a text such as 2026年4月, 2026-04 or 202604."""
    plain_words = values.half_width(words)
    match = re.search(r"(20\d{2})\s*[-年/.]\s*(\d{1,2})(?!\d)", plain_words) or re.search(
        r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(?!\d)", plain_words
    )
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    return date(int(match[1]), int(match[2]), 1)
