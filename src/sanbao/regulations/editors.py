"""A parameter's value as fields of a form, whatever its kind, and back: single values, lists by lines, tables as grids.

Codes are shown as people say them (the book's names) and read back from either. What a value must be is the rulebook's business
(`sanbao_rules.units`); here only what was typed is understood, or not, with a sentence beside the field or cell.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from sanbao.ui.readers import values
from sanbao_rules.rulebook import Parameter, Rulebook

APART = "//"  # between the keys of a table within a table
SPARE = 3  # empty lines of a grid, for new entries
MOST_ROWS, MOST_COLUMNS = 300, 40
_LIST = re.compile(r"[、,，;；\n]+")


class Unreadable(ValueError):
    """What was typed is not understood; the message says what to write."""


class Words:
    """The book's codes as words of a language, and back.

    A word that would not be read back as its code is not used: one that two codes share, that holds a separator of lists, or that
    stands in a value of the parameter as itself.
    """

    def __init__(self, book: Rulebook, language: str, parameter: Parameter | None = None) -> None:
        self.between = "、" if language == "zh" else ", "
        said: dict[str, list[str]] = {}
        for code in book.names:
            said.setdefault(book.word(code, language), []).append(code)
        literal = {text for dated in (parameter.values if parameter else ()) for text in _texts(dated.value)}
        self._code = {
            word: codes[0]
            for word, codes in said.items()
            if len(codes) == 1 and not _LIST.search(word) and (word not in literal or word == codes[0])
        }
        self._word = {code: word for word, code in self._code.items()}

    def of(self, code: str) -> str:
        return self._word.get(code, code)

    def code(self, word: str) -> str:
        return self._code.get(word, word)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def short(number: Decimal) -> Decimal | int:
    """60.00 and 60 are the same value and must give the same digest."""
    return int(number) if number == number.to_integral_value() else number.normalize()


def kind_of(parameter: Parameter) -> str:
    """How a parameter is edited: reading, rate, number, whole, day, time, text, list, grid."""
    if parameter.choices:
        return "reading"
    if parameter.unit == "rate":
        return "rate"
    value = parameter.values[-1].value
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, Decimal) or parameter.unit in ("yuan", "yuan-per-km", "km"):
        return "number"
    if isinstance(value, int):
        return "whole"
    if isinstance(value, date):
        return "day"
    if isinstance(value, time):
        return "time"
    if isinstance(value, str):
        return "text"
    if (
        isinstance(value, (list, tuple))
        and not any(isinstance(row, Mapping) for row in value)
        and parameter.unit in _LISTS
    ):
        return "list"
    return "grid"


_LISTS = ("words", "dates", "numbers")


def typed(value: Any, kind: str, words: Words) -> str:
    """A single value or a list as it stands in its field."""
    if value is None:
        return ""
    if kind == "rate":
        return _cell(short(Decimal(value) * 100), words)
    if kind == "list":
        return "\n".join(_cell(item, words) for item in value)
    return _cell(value, words)


def _cell(value: Any, words: Words) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return f"{value:%H:%M}" if not value.second else value.isoformat()
    if isinstance(value, (list, tuple)):
        return words.between.join(_cell(item, words) for item in value)
    return words.of(value) if isinstance(value, str) else str(value)


def read(text: str, kind: str, parameter: Parameter, words: Words) -> Any:
    """The value of a single field. Raises Unreadable."""
    text = text.strip()
    if not text:
        raise Unreadable(_("Write the value."))
    if kind == "rate":
        return short(_number(text.removesuffix("%").removesuffix("％")) / 100)
    if kind == "list":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_item(line, parameter.unit, words) for line in lines]
    reader: Callable[[str], Any] = {
        "number": lambda said: short(_number(said)), "whole": _whole, "day": a_day, "time": _time, "flag": _flag,
    }.get(kind, words.code)  # fmt: skip
    return reader(text)


def _item(line: str, unit: str, words: Words) -> Any:
    return a_day(line) if unit == "dates" else short(_number(line)) if unit == "numbers" else words.code(line)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(values.half_width(text).replace(",", "").strip())
    except InvalidOperation:
        raise Unreadable(_("“%(text)s” is no number.") % {"text": text[:40]}) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12 or number != round(number, 6):
        raise Unreadable(_("“%(text)s” is no number that fits here.") % {"text": text[:40]})
    return number


def _whole(text: str) -> int:
    number = _number(text)
    if number != number.to_integral_value():
        raise Unreadable(_("Write a whole number."))
    return int(number)


def a_day(text: str) -> date:
    try:
        day = values.day(text, 1900, 2100, serials=False)
    except values.Bad:
        day = None
    if day is None:
        raise Unreadable(_("“%(text)s” is no day. Write it such as 2027-01-01.") % {"text": text[:40]})
    return day


def _time(text: str) -> time:
    try:
        return time.fromisoformat(values.half_width(text).strip().zfill(5))
    except ValueError:
        raise Unreadable(_("“%(text)s” is no time. Write it such as 08:30.") % {"text": text[:40]}) from None


def _flag(text: str) -> bool:
    if text not in ("yes", "no"):
        raise Unreadable(_("Choose yes or no."))
    return text == "yes"


# --- Grids ----------------------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """One cell: its field's name, what stands in it, its kind, and what is wrong with it."""

    name: str
    text: str = ""
    kind: str = "text"
    error: str = ""
    label: str = ""


@dataclass
class Column:
    """A column: the path of keys to its values, its heading, the kind of its cells, and whether each line has it though empty."""

    path: str
    heading: str
    kind: str
    always: bool = False
    empty: Any = None


@dataclass
class Grid:
    """A table as lines and columns. `keyed`: each line begins with its key; else lines are a list in this order."""

    keyed: bool
    flat: bool  # a table from a word to single values: one column
    columns: list[Column]
    lines: list[tuple[Cell | None, list[Cell]]] = field(default_factory=list)
    error: str = ""


def grid(parameter: Parameter, value: Any, book: Rulebook, language: str) -> Grid:
    """The grid of a value; its columns are those of any value the parameter has had."""
    words = Words(book, language, parameter)
    made = _shape([value, *(dated.value for dated in parameter.values)], words)
    entries = value.items() if isinstance(value, Mapping) else enumerate(value or ())
    for key, row in entries:
        flat = {"": row} if made.flat else flatten(row)
        _line(
            made, words.of(key) if made.keyed else "", [_cell(flat.get(c.path), words) for c in made.columns]
        )
    for _spare in range(SPARE):
        _line(made, "", ["" for _column in made.columns])
    return made


def _line(made: Grid, key: str, cells: list[str]) -> None:
    number = len(made.lines)
    first = Cell(f"g{number}-key", key, label=f"{number + 1}") if made.keyed else None
    made.lines.append(
        (
            first,
            [
                Cell(f"g{number}-{place}", text, column.kind, label=f"{number + 1} · {column.heading}")
                for place, (column, text) in enumerate(zip(made.columns, cells, strict=True))
            ],
        )
    )


def _shape(all_values: list[Any], words: Words) -> Grid:
    """Lines and columns of a kind of table, by every value it has had."""
    keyed = any(isinstance(value, Mapping) for value in all_values)
    rows = [
        row for value in all_values for row in (value.values() if isinstance(value, Mapping) else value or ())
    ]
    flat = not any(isinstance(row, Mapping) for row in rows)
    found: dict[str, list[Any]] = {}
    for row in rows:
        for path, leaf in ({"": row} if flat else flatten(row)).items():
            found.setdefault(path, []).append(leaf)
    columns = []
    for path, leaves in found.items():
        kind = _leaf_kind(leaves)
        heading = " · ".join(words.of(key) for key in path.split(APART)) if path else _("Value")
        always = (kind == "list" and len(leaves) == len(rows)) or (kind == "text" and "" in leaves)
        columns.append(Column(path, heading, kind, always, [] if kind == "list" else ""))
    return Grid(keyed, flat, columns[:MOST_COLUMNS])


def _leaf_kind(leaves: list[Any]) -> str:
    first = next((leaf for leaf in leaves if leaf is not None), "")
    if isinstance(first, bool):
        return "flag"
    if isinstance(first, (int, Decimal)):
        return "whole" if all(isinstance(leaf, int) for leaf in leaves) else "number"
    for kind, of in (("day", date), ("time", time), ("list", (list, tuple))):
        if isinstance(first, of):
            return kind
    return "text"


def flatten(row: Any, before: str = "") -> dict[str, Any]:
    """A table's leaves by their path."""
    if not isinstance(row, Mapping):
        return {before: row}
    found: dict[str, Any] = {}
    for key, value in row.items():
        found |= flatten(value, f"{before}{APART}{key}" if before else str(key))
    return found


def read_grid(
    parameter: Parameter, value: Any, data: Mapping[str, Any], book: Rulebook, language: str
) -> tuple[Grid, Any]:
    """What was typed into a grid: the grid as it stands with its errors, and the value (None with errors). Lines left empty are dropped."""
    words = Words(book, language, parameter)
    made = _shape([value, *(dated.value for dated in parameter.values)], words)
    count = min(sum(1 for name in data if re.fullmatch(r"g\d{1,3}-(key|0)", name)), MOST_ROWS)
    table: dict[str, Any] = {}
    rows: list[Any] = []
    good = True
    for number in range(count):
        key = str(data.get(f"g{number}-key", "")).strip()
        texts = [str(data.get(f"g{number}-{place}", "")).strip() for place in range(len(made.columns))]
        _line(made, key, texts)
        if not key and not any(texts):
            continue
        first, cells = made.lines[-1]
        row, fine = _read_line(made, cells, words)
        good = good and fine
        if first is None:
            rows.append(row)
        elif not key or words.code(key) in table:
            first.error = _("This stands twice.") if key else _("Say what this line is about.")
            good = False
        else:
            table[words.code(key)] = row
    for _spare in range(SPARE):
        _line(made, "", ["" for _column in made.columns])
    return made, (table if made.keyed else rows) if good else None


def _read_line(made: Grid, cells: list[Cell], words: Words) -> tuple[Any, bool]:
    leaves: dict[str, Any] = {}
    good = True
    for column, cell in zip(made.columns, cells, strict=True):
        if not cell.text:
            if column.always:
                leaves[column.path] = list(column.empty) if column.kind == "list" else column.empty
            continue
        try:
            leaves[column.path] = _read_cell(cell.text, column.kind, words)
        except Unreadable as error:
            cell.error, good = str(error), False
    if made.flat:
        if "" not in leaves:
            cells[0].error = cells[0].error or _("Write the value.")
            return None, False
        return leaves[""], good
    return unflatten(leaves), good


def _read_cell(text: str, kind: str, words: Words) -> Any:
    readers: dict[str, Callable[[str], Any]] = {
        "number": lambda said: short(_number(said)), "whole": _whole, "day": a_day, "time": _time, "flag": _flag,
        "list": lambda said: [words.code(part.strip()) for part in _LIST.split(said) if part.strip()],
    }  # fmt: skip
    return readers.get(kind, words.code)(text)


def unflatten(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves by their path as a table again."""
    row: dict[str, Any] = {}
    for path, leaf in leaves.items():
        *outer, last = path.split(APART)
        inner = row
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = leaf
    return row


def differing(before: Any, after: Any, book: Rulebook, language: str) -> list[tuple[str, str, str]]:
    """Two tables or lists cell by cell: (which, before, after); what is the same is left out."""
    words = Words(book, language)
    old, new = _leaves(before), _leaves(after)
    found = []
    for path in dict.fromkeys([*old, *new]):
        if path in old and path in new and old[path] == new[path]:
            continue
        label = " · ".join(words.of(key) for key in path.split(APART))
        found.append((label, _cell(old.get(path), words), _cell(new.get(path), words)))
    return found


def _leaves(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return flatten(value)
    if isinstance(value, (list, tuple)) and any(isinstance(row, Mapping) for row in value):
        return {
            path: leaf
            for number, row in enumerate(value, 1)
            for path, leaf in flatten(row, _name_of(row, number)).items()
        }
    return {_cell_key(item): item for item in value or ()}


def _name_of(row: Mapping[str, Any], number: int) -> str:
    """What a line of a list is called: by its code or name, else by its number."""
    return str(row.get("code") or row.get("name") or number)


def _cell_key(item: Any) -> str:
    return item if isinstance(item, str) else str(item)


# --- Facts of an example --------------------------------------------------------------------------------------------


def leaves_of(value: Any, before: str = "") -> dict[str, Any]:
    """The single values of facts or an answer by their path; lists are counted from 1."""
    if isinstance(value, Mapping):
        items: Any = value.items()
    elif isinstance(value, (list, tuple)) and any(isinstance(item, (Mapping, list, tuple)) for item in value):
        items = enumerate(value, 1)
    else:
        return {before: value}
    found: dict[str, Any] = {}
    for key, inner in items:
        found |= leaves_of(inner, f"{before}{APART}{key}" if before else str(key))
    return found


def with_leaves(value: Any, leaves: Mapping[str, Any], before: str = "") -> Any:
    """The same facts with other single values."""
    if isinstance(value, Mapping):
        return {
            key: with_leaves(inner, leaves, f"{before}{APART}{key}" if before else str(key))
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple)) and any(isinstance(item, (Mapping, list, tuple)) for item in value):
        return [
            with_leaves(inner, leaves, f"{before}{APART}{number}" if before else str(number))
            for number, inner in enumerate(value, 1)
        ]
    return leaves.get(before, value)


def read_as(text: str, like: Any) -> Any:
    """A single value typed in place of another one, of the same kind. Raises Unreadable."""
    text = text.strip()
    if not text:
        return None
    if isinstance(like, bool):
        return _flag(text)
    if isinstance(like, Decimal):
        return _number(text)
    if isinstance(like, int):
        number = _number(text)
        return int(number) if number == number.to_integral_value() else number
    if isinstance(like, date) and not hasattr(like, "hour"):
        return a_day(text)
    if hasattr(like, "hour"):
        try:
            return type(like).fromisoformat(text)
        except ValueError:
            raise Unreadable(
                _("“%(text)s” is no moment such as 2026-04-01T09:00.") % {"text": text[:40]}
            ) from None
    if isinstance(like, (list, tuple)):
        try:
            return json.loads(text)
        except ValueError:
            return [part.strip() for part in _LIST.split(text) if part.strip()]
    return text


def as_typed(value: Any) -> str:
    """A single value of facts as it stands in its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple)):
        return "、".join(as_typed(item) for item in value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
