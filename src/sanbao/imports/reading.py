"""A file of a kind: opened in the child, its columns recognised, its cells read, a sentence for every one that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sanbao.files import tables
from sanbao.files.tables import Heading, Problem, Table
from sanbao.imports.kinds import Field, Kind, Row
from sanbao.ui.formats import masked
from sanbao.ui.readers import values
from sanbao.ui.readers.values import Bad

MOST_PROBLEMS = 2_000


@dataclass(slots=True)
class Read:
    """What a file of a kind holds: its columns, its rows, and what there is to say."""

    kind: Kind
    headings: list[Heading]
    columns: dict[str, int]
    table: Table
    rows: list[Row] = field(default_factory=list)
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    quoted: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # by cell: as a sentence quotes it, and in full

    def say(self, severity: str, code: str, row: Row, name: str, **words: Any) -> None:
        """Say something of a row's cell; an error keeps the row from being taken over."""
        if severity == "error":
            row.bad = True
        cell = self.table.cell(name, row.line)
        self.problems.append((row.line, self.kind.problem(severity, code, cell, name, words)))

    @property
    def errors(self) -> int:
        return sum(1 for _line, problem in self.problems if problem.severity == "error")


def read(kind: Kind, data: bytes, name: str, columns: Mapping[str, int] | None = None) -> Read:
    """Read a file. Raises Unreadable for the whole file; what is wrong with a cell is told in `problems`."""
    raw = tables.open_table(data, name)
    table = tables.find_table(
        raw, kind.headings, at_least=kind.at_least, chosen=columns, named=kind.required, problem=kind.problem
    )
    found = Read(kind, table.headings, table.columns, table)
    found.problems = [(0, problem) for problem in table.problems]
    for each in kind.required:
        if each not in table.columns:
            texts = [heading.text[:20] for heading in table.headings]
            problem = kind.problem("error", "no_column", "", each, {"found": texts})
            found.problems.append((0, problem))
    wanted = [each for each in kind.fields if each.name in table.columns]
    example = {
        each.name: each.example for each in kind.fields if each.example and each.name not in kind.own_examples
    }
    last = max(table.whole, default=0)
    for line, cells in table.lines:
        if line == last and _is_footer(table.whole[line], cells, kind):
            found.problems.append((line, kind.problem("note", "footer", str(line), "", {"line": line})))
            continue
        if all(map(values.is_empty, cells.values())):
            continue
        if _is_example(
            {name: cell for name, cell in cells.items() if name not in kind.own_examples}, example
        ):
            found.problems.append((line, kind.problem("note", "example", str(line), "", {"line": line})))
            continue
        found.rows.append(_row(found, wanted, line, cells))
    if not found.rows:
        found.problems.append((0, kind.problem("error", "no_rows_here")))
    return found


def _row(found: Read, wanted: list[Field], line: int, cells: dict[str, Any]) -> Row:
    row = Row(line, {}, cells)
    for each in wanted:
        cell = cells[each.name]
        if cell is None or cell == "":
            value = None
        elif each.personal and isinstance(cell, str) and ("*" in cell or "＊" in cell):
            found.say("error", "masked", row, each.name)
            continue
        else:
            try:
                value = each.read(cell)
            except Bad as bad:
                told = _quoted(each, bad.words)
                found.say("error", bad.code, row, each.name, **told)
                if each.personal and (whole := bad.words.get("value")):
                    found.quoted[found.table.cell(each.name, line)] = str(told["value"]), str(whole)[:40]
                continue
            if isinstance(cell, str) and values.harmful(cell):
                found.say("warning", "taken_out", row, each.name)
        if each.required and value in (None, ""):
            found.say("error", "no_value", row, each.name)
        row.values[each.name] = value
    return row


def _quoted(each: Field, words: Mapping[str, Any]) -> dict[str, Any]:
    """What a sentence quotes: cut short, and of a person's data no more than is needed to find the cell again (GN-8)."""
    told = {name: word[:40] if isinstance(word, str) else word for name, word in words.items()}
    if each.personal and isinstance(told.get("value"), str):
        told["value"] = masked(each.personal, told["value"])
    return told


def _is_footer(whole: list[Any], cells: Mapping[str, Any], kind: Kind) -> bool:
    """Whether the last line is only a remark below the table, such as our own exports end with."""
    filled = [cell for cell in whole if not values.is_empty(cell)]
    lacking = sum(1 for name in kind.required if values.is_empty(cells.get(name)))
    return (
        len(filled) == 1
        and isinstance(filled[0], str)
        and len(filled[0]) > 15
        and lacking >= max(1, len(kind.required) - 1)
    )


def _is_example(cells: Mapping[str, Any], example: Mapping[str, str]) -> bool:
    told = {name: str(cell).strip() for name, cell in cells.items() if cell not in (None, "")}
    return len(told) > 1 and all(example.get(name) == cell for name, cell in told.items())


def unmasked(found: Read, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The report for who sent the file: whoever has to correct a telephone must see it. Kept, and shown to others, it stays masked (GN-8)."""
    quoted = dict(found.quoted)
    asked = {line["line"] for line in lines}
    personal = [each for each in found.kind.fields if each.personal and each.name in found.columns]
    for row in found.rows:
        if row.line in asked:
            for each in personal:
                value = row[each.name]
                if isinstance(value, str) and value:
                    quoted.setdefault(
                        found.table.cell(each.name, row.line), (masked(each.personal, value), value)
                    )
    told = []
    for line in lines:
        shown, whole = quoted.get(line["cell"], ("", ""))
        spoken = (
            {language: line[language].replace(f"“{shown}”", f"“{whole}”") for language in ("zh", "en")}
            if shown
            else {}
        )
        told.append(line | spoken)
    return told


def report(found: Read) -> list[dict[str, Any]]:
    """The problems as the report keeps them, errors first and in the order of the lines; a great many are cut off and counted."""
    order = {"error": 0, "warning": 1, "note": 2}
    chosen = sorted(found.problems, key=lambda one: (order[one[1].severity], one[0]))
    lines = [_line(at, problem) for at, problem in chosen[:MOST_PROBLEMS]]
    if (left := len(chosen) - MOST_PROBLEMS) > 0:
        lines.append(_line(0, found.kind.problem("note", "more_problems", words={"count": left})))
    return lines


def _line(at: int, problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "cell": problem.cell,
        "line": at,
        "zh": problem.sentence("zh"),
        "en": problem.sentence("en"),
    }
