"""The pieces of a list that stand on its page by the dozen, drawn in Python as cells are: tabs, heads, rows, actions, menus.

A template that goes round them (and three hundred tags in them) takes longer than the database.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sanbao.ui import cells
from sanbao.ui.cells import escaped

if TYPE_CHECKING:
    from sanbao.ui.columns import Column
    from sanbao.ui.lists import Bulk, Heading

# Begins the fields that say at which place a column shall stand.
PLACE = "place-"
_CURRENT, _CHOSEN, _NUMBER = ' aria-current="page"', ' aria-current="true"', ' class="number"'


def pills(tabs: Iterable[dict[str, Any]]) -> SafeString:
    """The cuts of a list, each with its count."""
    return SafeString(
        "".join(
            f'<li><a class="pill" id="list-tab-{number}" {cells.swap(tab["url"])}{_CURRENT if tab["active"] else ""}>{escaped(tab["label"])}'
            f' <span class="pill-count">{escaped(tab["count"])}</span></a></li>'
            for number, tab in enumerate(tabs, 1)
        )
    )


_ARROWS = {"": "", "ascending": "arrow-up", "descending": "arrow-down"}


def heads(headings: Iterable["Heading"]) -> SafeString:
    """The heads of the columns, each a link that sorts where the column can be sorted."""
    lines = []
    for head in headings:
        column, label = head.column, escaped(head.column.label)
        if head.url:
            arrow = f" {cells.icon(_ARROWS[head.sorted])}" if head.sorted else ""
            label = SafeString(f'<a id="list-head-{column.key}" {cells.swap(head.url)}>{label}{arrow}</a>')
        sorted_ = f' aria-sort="{head.sorted}"' if head.sorted else ""
        lines.append(f'<th scope="col"{_NUMBER if column.right else ""}{sorted_}>{label}</th>')
    return SafeString("\n".join(lines))


def body(
    rows: Iterable[tuple[Any, Sequence[tuple["Column", SafeString]]]],
    columns: Iterable["Column"],
    *,
    ticks: bool,
) -> SafeString:
    """The rows with their dressed cells; with `ticks`, each has a box to tick it by."""
    classes = [_cell_class(column) for column in columns]
    tick = _("Tick %(row)s")
    lines = []
    for row, dressed in rows:
        line = ["<tr>"]
        if ticks:
            line.append(
                f'<td class="row-choice"><input class="form-check-input" type="checkbox" name="row" value="{row.pk}"'
                f' form="list-bulk" aria-label="{escaped(tick % {"row": row})}"></td>'
            )
        line += [f"<td{of}>{cell}</td>" for of, (_column, cell) in zip(classes, dressed, strict=True)]
        line.append("</tr>")
        lines.append("".join(line))
    return SafeString("\n".join(lines))


def _cell_class(column: "Column") -> str:
    if column.right:
        return ' class="number keep"'
    return ' class="keep"' if column.kind != "text" else ""


def size_menu(sizes: Iterable[tuple[int, str, bool]]) -> SafeString:
    """How many rows a page may have: (size, address, whether it is the one shown)."""
    return SafeString(
        "".join(
            f'<a class="menu-entry" {cells.swap(url)}{_CHOSEN if is_shown else ""}>{size}</a>'
            for size, url, is_shown in sizes
        )
    )


def actions(bulk: Iterable["Bulk"]) -> SafeString:
    """What may be done with the ticked rows."""
    return SafeString(
        "".join(
            f'<button class="btn btn-sm{f" btn-{action.tone}" if action.tone else ""}" type="submit" form="list-bulk"'
            f' formaction="{escaped(action.url)}">{f"{cells.icon(action.icon)} " if action.icon else ""}{escaped(action.label)}</button>'
            for action in bulk
        )
    )


@lru_cache(maxsize=512)
def column_menu(columns: tuple[tuple[str, str, bool], ...], _language: str | None) -> SafeString:
    """A box and a number for each column; with a script the numbers become buttons up and down (columns.js)."""
    place, up, down = _("Place of “%(column)s”"), _("“%(column)s” further up"), _("“%(column)s” further down")
    lines = []
    for number, (key, label, shown) in enumerate(columns, 1):
        said = {"column": label}
        lines.append(
            f'<div class="column-entry"><label class="menu-entry"><input class="form-check-input" type="checkbox" name="columns"'
            f' value="{escaped(key)}"{" checked" if shown else ""}> {escaped(label)}</label>'
            f'<input class="form-control form-control-sm column-place" type="number" name="{PLACE}{escaped(key)}" value="{number}" min="1"'
            f' max="{len(columns)}" aria-label="{escaped(place % said)}">'
            f'<button class="btn btn-sm btn-link only-js" type="button" data-column="up" aria-label="{escaped(up % said)}">{cells.icon("chevron-up")}</button>'
            f'<button class="btn btn-sm btn-link only-js" type="button" data-column="down" aria-label="{escaped(down % said)}">{cells.icon("chevron-down")}</button></div>'
        )
    return SafeString("".join(lines))
