"""Workbooks of imports: the empty table to fill in, and the file as it came with a sentence beside every row that needs mending."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.files import operations as files
from sanbao.imports.kinds import KINDS, Kind
from sanbao.imports.models import Import
from sanbao.imports.reading import read
from sanbao.ui.formats import language
from sanbao.ui.readers import values
from sanbao.ui.workbooks import Cell, Column, Tab, workbook


def template(kind: Kind, by: Access) -> bytes:
    """The headings with an example line, and a sheet that says what belongs into each column."""
    at = 0 if language() == "zh" else 1
    said = [
        (
            each.words[at],
            _("required") if each.required else "",
            "、".join(each.headings[:6]),
            kind.example(each, by),
        )
        for each in kind.fields
    ]
    tabs = [
        Tab(
            str(kind.title),
            [Column(each.words[at]) for each in kind.fields],
            [[kind.example(each, by) for each in kind.fields]],
        ),
        Tab(
            _("How to fill it in"),
            [Column(_("Column"), width=18), Column("", width=8), Column(_("Also called"), width=60), Column(_("Example"), width=28)],
            said,
        ),
    ]  # fmt: skip
    return workbook(tabs, title=str(kind.title), language=language())


def mended(work: Import) -> bytes:
    """The file's rows with what is wrong in each beside it: to be mended there and sent again."""
    kind = KINDS[work.kind]
    found = read(kind, files.content(work.file), work.file.name, work.columns or None)
    spoken: dict[int, list[str]] = {}
    for line in work.report:
        cell = f"{line['cell']} " if line["cell"] else ""
        spoken.setdefault(line["line"], []).append(f"{cell}{line[language()]}")
    headings = found.headings
    rows = (
        [
            "\n".join(spoken.get(row.line, [])),
            str(row.line),
            *(_plain(found.table.whole[row.line], heading.column) for heading in headings),
        ]
        for row in found.rows
    )
    columns = [Column(_("What to do"), width=60, wrap=True), Column(_("Line"), width=8)]
    columns += [Column(heading.text) for heading in headings]
    above = [[Cell(sentence, span=2, wrap=True)] for sentence in _about_the_file(spoken.get(0, []))]
    return workbook([Tab(_("Rows"), columns, rows, above=above)], title=work.file.name, language=language())


def _about_the_file(sentences: Iterable[str]) -> list[str]:
    return list(sentences)[:20]


def _plain(cells: list[object], column: int) -> str:
    cell = cells[column] if column < len(cells) else None
    if isinstance(cell, dict):
        return str(cell.get("d") or cell.get("e") or "")
    return values.text(cell, 10**6) if cell is not None else ""
