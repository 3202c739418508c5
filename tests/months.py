"""Months of record sheets as files, built in code: an ordinary one, and some that tired clerks and hostile senders make."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import openpyxl
import xlsxwriter

HEADINGS = ("单号", "用户姓名", "联系电话", "地址", "产品型号", "机身编码", "购买日期", "安装日期", "报修日期", "完成日期",
            "故障现象", "处理措施", "更换件", "服务类型", "单程公里", "保修性质", "收费金额", "维修工")  # fmt: skip
GOOD = ("S1", "张三", "13800005678", "中山路1号", "CXW-260-A8", "SN1", "2026-01-10", "", "2026-04-08", "2026-04-09",
        "异响", "更换电机", "电机", "换件维修", 30, "保内", 0, "小何")  # fmt: skip


def row(**changes: Any) -> list[Any]:
    """A good row with some cells changed, by heading."""
    cells = dict(zip(HEADINGS, GOOD, strict=True)) | changes
    return [cells[heading] for heading in HEADINGS]


def xlsx(rows: Sequence[Sequence[Any]], headings: Sequence[str] | None = HEADINGS) -> bytes:
    """A workbook with one sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("维修记录单")
        table = [headings, *rows] if headings else list(rows)
        for number, cells in enumerate(table):
            sheet.write_row(number, 0, cells)
    return file.getvalue()


def good(count: int = 3) -> bytes:
    """An ordinary month."""
    return xlsx([row(单号=f"S{number}") for number in range(1, count + 1)])


def stray() -> bytes:
    """One cell in the last corner of the grid."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    sheet.append(row())
    sheet["XFD1048576"] = "x"
    return _saved(book)


def wide() -> bytes:
    """Ten thousand columns."""
    return xlsx([row() + ["x"] * 9982])


def hidden_only() -> bytes:
    """All content on a hidden sheet."""
    book = openpyxl.Workbook()
    book.active.title = "空"
    sheet = book.create_sheet("草稿")
    sheet.append(HEADINGS)
    sheet.append(row())
    sheet.sheet_state = "hidden"
    return _saved(book)


def formula_without_value() -> bytes:
    """A formula whose result was never saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    cells = row()
    cells[14] = "=10+20"
    sheet.append(cells)
    return _saved(book)


def merged() -> bytes:
    """Headings on two lines, merged."""
    book = openpyxl.Workbook()
    sheet = book.active
    upper = ["用户", "", "", *HEADINGS[4:]]
    sheet.append(["单号", *upper])
    sheet.append(["", "姓名", "电话", "地址", *[""] * (len(HEADINGS) - 4)])
    sheet.merge_cells("B1:D1")
    sheet.append(row())
    return _saved(book)


def bomb() -> bytes:
    """A sheet that unpacks to three hundred megabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(300):
                member.write(b" " * 2**20)
    return file.getvalue()


def word() -> bytes:
    """A Word document that calls itself a workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return file.getvalue()


def encrypted() -> bytes:
    """What Excel writes for a workbook with a password."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 2000
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 500
    )


def truncated() -> bytes:
    """The first half of a workbook."""
    whole = good(50)
    return whole[: len(whole) // 2]


def _saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
