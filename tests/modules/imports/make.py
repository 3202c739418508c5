"""Workbooks with customers, units and requests, and taking them over."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from sanbao.imports import operations
from sanbao.imports.kinds import KINDS
from sanbao.imports.models import Import
from tests.cast import NOW, Cast


def book(rows: Sequence[Mapping[str, Any]], headings: Sequence[str] = ()) -> bytes:
    """A workbook whose headings are the rows' keys."""
    columns = list(headings) or list(dict.fromkeys(key for row in rows for key in row))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, columns)
        for line, row in enumerate(rows, start=1):
            sheet.write_row(line, 0, [row.get(column, "") for column in columns])
    return file.getvalue()


def read(cast: Cast, kind: str, data: bytes | Sequence[Mapping[str, Any]], *, who: str = "supervisor", name: str = "f.xlsx", **more: Any) -> Import:  # fmt: skip
    """Read a file of a kind."""
    content = data if isinstance(data, bytes) else book(data)
    return operations.read_file(KINDS[kind], content, name, by=cast.access(who), at=NOW, **more)


def taken(cast: Cast, kind: str, data: bytes | Sequence[Mapping[str, Any]], *, who: str = "supervisor", **more: Any) -> Import:  # fmt: skip
    """Read a file and take it over."""
    return operations.begin(read(cast, kind, data, who=who, **more), by=cast.access(who), at=NOW)


def said(work: Import, severity: str = "error") -> list[tuple[str, str]]:
    """What is said of the cells: (cell, Chinese sentence)."""
    return [(line["cell"], line["zh"]) for line in work.report if line["severity"] == severity]
