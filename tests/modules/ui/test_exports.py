"""Exports as others open them: openpyxl, and LibreOffice where it is installed. Nothing in them is ever run; numbers stay numbers."""

import csv
import io
import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from sanbao.ui.workbooks import Column, Tab, csv_bytes, workbook
from tests.access.test_matrix import pages
from tests.cast import NOW, Cast

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", " =1+1", "　=1+1", '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0", "=WEBSERVICE(\"http://x\")", "-2+3+cmd|' /C calc'!A0", '"=1+1', "';=1+1", "=1+1;=2+2", "%0A=1+1", "{=1+1}", "=1+1\",=2+2",
]  # fmt: skip
COLUMNS = [Column("文字"), Column("金额", "money"), Column("数", "number"), Column("日", "date")]
ROWS = [[text, -13820, Decimal("-1.5"), date(2026, 4, 3)] for text in FORMULAS]
OFFICE = shutil.which("soffice")


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    """ASVS 1.2.10: exports cannot be made to run by whoever's text is in them."""
    sheet = load_workbook(
        io.BytesIO(workbook([Tab("表", COLUMNS, ROWS)], title="=1+1", language="zh"))
    ).active
    for at, text in enumerate(FORMULAS, start=2):
        cell, money, number, day = (sheet.cell(at, column) for column in range(1, 5))
        assert cell.data_type == "s"
        assert (
            cell.value.strip() == text.replace("\r", "\n").strip()
            or cell.value.replace("_x000D_", "\r").strip() == text.strip()
        )
        assert cell.quotePrefix or not re.match(r"[=+\-@\t\r\n＝＋－＠]", text)
        assert (money.data_type, money.value) == ("n", -138.2)
        assert (number.data_type, number.value) == ("n", -1.5)
        assert day.value.date() == date(2026, 4, 3)


def test_no_cell_of_a_csv_begins_like_a_formula() -> None:
    """ASVS 1.2.10."""
    rows = list(csv.reader(io.StringIO(csv_bytes(COLUMNS, ROWS).decode("utf-8-sig"), newline="")))[1:]
    for text, row in zip(FORMULAS, rows, strict=True):
        assert not re.match(r"[\s　]*[=+\-@＝＋－＠]", row[0]), text
        assert row[1:] == ["-138.20", "-1.5", "2026-04-03"]


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_libreoffice_runs_nothing_of_it(tmp_path: Path, kind: str) -> None:
    """ASVS 1.2.10: opened and saved by another program, every text is still what it was and no cell is a formula."""
    made = (
        workbook([Tab("表", COLUMNS, ROWS)], title="表", language="zh")
        if kind == "xlsx"
        else csv_bytes(COLUMNS, ROWS)
    )
    source, out = tmp_path / f"export.{kind}", tmp_path / "out"
    source.write_bytes(made)
    command = [
        str(OFFICE),
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
    ]
    if kind == "csv":
        command.append(
            "--infilter=CSV:44,34,76,1,,0,false,true,false"
        )  # comma, quotes, UTF-8, numbers recognised
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    sheet = load_workbook(out / "export.xlsx").active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) >= len(FORMULAS) * 4
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [sheet.cell(at, 2).value for at in range(2, 2 + len(FORMULAS))] == [-138.2] * len(FORMULAS)


def test_every_export_of_the_product_is_harmless(cast: Cast) -> None:
    """ASVS 1.2.10: generated over all pages that offer one, with names that are formulas in the rows."""
    from sanbao.outlets import operations as outlets
    from sanbao.products import operations as products

    admin = cast.access("admin")
    region = outlets.open_region("=1+1", by=admin, at=NOW)
    outlets.open_outlet(
        region, "=CMD", "@SUM(A1)", by=admin, at=NOW, contact="-2+3", address="＝1+1", phone=""
    )
    products.keep_model("=M1", "吸油烟机", name="+1+1", by=admin, at=NOW)
    products.keep_part("@P1", "=1+1", 100, component="-1+1", by=admin, at=NOW)
    cast.sheet(number="=S1", customer="+1+1", address="@x", fault="=1+1", engineer='=HYPERLINK("x")')
    looked = 0
    for _path, name, mark in pages():
        if "GET" not in mark.methods or not mark.permission or "<" in _path:
            continue
        who = next((who for who in cast.people if cast.access(who).may(mark.permission)), None)
        client = Client(raise_request_exception=False)
        client.force_login(cast.people[who or "admin"])
        page = client.get(reverse(name))
        if page.status_code != 200 or page.streaming or "html" not in page.headers["Content-Type"]:
            continue
        if not re.search(r'export=xlsx|name="export"', page.text):
            continue
        columns = re.findall(r'name="columns"[^>]*value="([^"]+)"', page.text)
        answer = client.get(
            reverse(name),
            {
                "export": "xlsx",
                "columns": columns,
                "reason": "a test of the file",
                "for": "a test of the file",
            },
        )
        assert answer.status_code in (200, 422), (name, answer.status_code)
        if answer.status_code == 422 or "spreadsheet" not in answer.headers["Content-Type"]:
            continue
        book = load_workbook(
            io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content)
        )
        cells = [
            cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == [], name
        looked += 1
    assert looked >= 5
