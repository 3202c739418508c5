"""A list's column: where its value is, how it is dressed for the page, written for a workbook and summed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sanbao.ui import cells, formats

RIGHT = frozenset({"amount", "number", "percent"})
# A person's data: masked on the page and in the file, unless the list may be unmasked and the reader says why.
PERSONAL = frozenset(formats.MASKS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `value` is a dotted path or a function of the row (else the attribute `key`).

    `kind` is phone, name, address, plate, email (a person's: shown masked), text, code (text that stays on one line), number, amount (fen), percent, date, month or badge. `sort` and `total` name the database's column; without
    them the column cannot be sorted or summed. `link` and `why` are functions of the row that answer an address ("" for none).
    `shown=False`: only for those who choose it.
    """

    key: str
    label: Any
    kind: str = "text"
    value: str | Callable[[Any], Any] = ""
    sort: str = ""
    total: str = ""
    link: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    why: Callable[[Any], str] | None = None
    shown: bool = True

    @property
    def right(self) -> bool:
        return self.kind in RIGHT

    def plain(self, row: Any) -> Any:
        """The value itself, for exports and sums."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in (self.value or self.key).split("."):
            found = _display(found, name) if name.endswith("_display") else getattr(found, name, None)
            if callable(found):
                found = found()
        return found

    def cell(self, row: Any) -> SafeString:
        """The value dressed for the page."""
        return self.dresser()(row)

    def dresser(self) -> Callable[[Any], SafeString]:
        """What dresses this column's cells on one page: what is the same for all of its rows is worked out once."""
        read, dress, link, why = self._reader(), self._dresser(), self.link, self.why

        def bare(row: Any) -> SafeString:
            value = read(row)
            return cells.NOTHING if value is None or value == "" else dress(value, row)

        if not (link or why):
            return bare

        def cell(row: Any) -> SafeString:
            html = bare(row)
            if link and (url := link(row)):
                html = cells.link(url, html)
            if why and (url := why(row)):
                html = format_html("{} {}", html, cells.lazy_why(url))
            return html

        return cell

    def _reader(self) -> Callable[[Any], Any]:
        """`plain`, with what it works out from the column alone worked out once; so is a choice's label in the reader's language."""
        path = self.value or self.key
        if callable(path):
            return path
        *before, name = path.split(".")
        if before or not name.endswith("_display"):
            return self.plain if "_display" in path else _attribute([*before, name])
        field, said = name.removeprefix("get_").removesuffix("_display"), {}

        def label(row: Any) -> Any:
            value = getattr(row, field, None)
            if value not in said:
                found = self.plain(row)
                said[value] = found if found is None else str(found)
            return said[value]

        return label

    def _dresser(self) -> Callable[[Any, Any], SafeString]:
        """How a value of this kind is dressed, if there is any."""
        tone = self.tone
        if self.kind == "badge":
            return lambda value, row: cells.badge(value, tone(row) if tone else "secondary")
        simple = _DRESSED.get(self.kind, cells.escaped)
        return lambda value, _row: simple(value)


def _attribute(names: list[str]) -> Callable[[Any], Any]:
    """What stands at the end of a path; nothing where the path breaks off."""

    def read(row: Any) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if callable(row):
                row = row()
        return row

    return read


def _masked(kind: str) -> Callable[[Any], SafeString]:
    return lambda value: cells.escaped(formats.masked(kind, value))


_DRESSED: dict[str, Callable[[Any], SafeString]] = {
    "amount": cells.amount,
    "number": lambda value: format_html("{}", f"{value:,}".replace("-", formats.MINUS)),
    "percent": lambda value: format_html("{}", formats.percent(value)),
    "date": cells.day,
    "month": cells.month,
} | {kind: _masked(kind) for kind in PERSONAL}


def _display(row: Any, name: str) -> Any:
    """What `get_…_display` of a model answers, without working its choices out anew for every row."""
    field = name.removeprefix("get_").removesuffix("_display")
    labels = _labels(type(row), field)
    return labels.get(getattr(row, field)) if labels is not None else getattr(row, name, None)


@lru_cache(maxsize=512)
def _labels(model: type, field: str) -> dict[Any, Any] | None:
    """The labels of a field's choices, still to be said in the reader's language; None where it has none."""
    try:
        choices = model._meta.get_field(field).flatchoices  # type: ignore[attr-defined]
    except (AttributeError, FieldDoesNotExist):
        return None
    return dict(choices) or None


def exported(column: Column, row: Any, *, full: bool = False) -> Any:
    """A column's value for a workbook; a month is written as 2026-04, a moment on the company's clock, a person's data masked."""
    value = column.plain(row)
    if column.kind in PERSONAL and not full:
        return formats.masked(column.kind, value)
    if isinstance(value, datetime):
        return formats.short_date(value)
    if column.kind == "month" and value:
        return f"{value:%Y-%m}"
    return value


def sum_cell(column: Column, value: Any) -> SafeString | str:
    """A sum below its column, under the cells' own edge."""
    if value is None:
        return ""
    html = cells.amount(value) if column.kind == "amount" else format_html("{}", f"{value:,}")
    return format_html("{} {}", html, cells.why_space()) if column.why else html
