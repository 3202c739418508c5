"""Excel and CSV out: typed cells, harmless texts, print set-up."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from sanbao.ui import workbooks
from sanbao.ui.refusal import Refusal
from sanbao.ui.workbooks import Cell, Column, Tab, csv_bytes, harmless, workbook

COLUMNS = [
    Column("单号"),
    Column("金额（元）", "money"),
    Column("公里", "number"),
    Column("份数", "integer"),
    Column("比例", "rate"),
    Column("完成日期", "date"),
    Column("时间", "moment"),
]
ROW = [
    "0012",
    -13820,
    Decimal("48.5"),
    3,
    Decimal("0.9"),
    date(2026, 4, 3),
    datetime(2026, 5, 12, 1, 30, tzinfo=UTC),
]
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "http://example.com",
    "{=1}",
]


def made(*tabs: Tab, language: str = "zh") -> bytes:
    return workbook(tabs, title="测试", language=language)


def read(file: bytes, name: str) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name(name).to_python()


def xml_of(file: bytes, part: str = "xl/worksheets/sheet1.xml") -> str:
    return zipfile.ZipFile(io.BytesIO(file)).read(part).decode()


def test_cells_are_typed_money_in_yuan_days_as_days():
    rows = read(made(Tab("表", COLUMNS, [ROW])), "表")
    assert rows[0] == [column.heading for column in COLUMNS]
    assert rows[1] == ["0012", -138.2, 48.5, 3, 0.9, date(2026, 4, 3), datetime(2026, 5, 12, 9, 30)]


def test_empty_values_are_empty_cells():
    rows = read(made(Tab("表", COLUMNS, [[None, None, None, "", None, None, None]])), "表")
    assert rows[1:] in ([], [[""] * 7])


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_never_a_formula_or_a_link(text):
    file = made(Tab("表", [Column("说明"), Column("甲")], [[text, "x"]]))
    sheet = xml_of(file)
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert read(file, "表")[1][0].strip() == text.strip()


def test_a_text_that_looks_like_a_formula_stays_text_when_somebody_edits_the_cell():
    assert 'quotePrefix="1"' in xml_of(made(Tab("表", [Column("说明")], [["=1+1"]])), "xl/styles.xml")
    assert 'quotePrefix="1"' not in xml_of(made(Tab("表", [Column("说明")], [["正常"]])), "xl/styles.xml")


def test_amounts_keep_every_fen():
    fen = [1, 10, 29, 57, 113, 999_999_999_99, 123_456_789_01, -1]
    rows = read(made(Tab("表", [Column("金额", "money")], [[one] for one in fen])), "表")
    assert [round(Decimal(str(row[0])) * 100) for row in rows[1:]] == fen


def test_characters_excel_cannot_hold_do_not_break_the_file():
    rows = read(made(Tab("表", [Column("说明")], [["a\x00b\ud800c"], ["长" * 40_000], ["𠮷野"]])), "表")
    assert rows[1][0] == "abc"
    assert len(rows[2][0]) == 32_767
    assert rows[3][0] == "𠮷野"


def test_days_before_excel_counts_and_odd_numbers_become_readable_text():
    columns = [Column("日", "date"), Column("数", "number")]
    rows = read(
        made(Tab("表", columns, [[date(1899, 1, 1), Decimal("NaN")], [date(1900, 2, 28), float("inf")]])),
        "表",
    )
    assert rows[1] == ["1899-01-01", "NaN"]
    assert rows[2] == ["1900-02-28", "inf"]


def test_the_sheet_prints_on_a4_landscape_one_page_wide_with_the_heading_on_every_page():
    file = made(Tab("表", COLUMNS, [ROW], footer="R&D"))
    sheet, book = xml_of(file), xml_of(file, "xl/workbook.xml")
    assert re.search(r'<pageSetup paperSize="9"[^>]* orientation="landscape"', sheet)
    assert 'fitToPage="1"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in book
    assert 'state="frozen"' in sheet
    assert "sheetProtection" not in sheet
    assert "R&amp;&amp;D" in sheet


def test_totals_stay_outside_the_filter():
    tab = Tab("表", [Column("单号"), Column("元", "money")], [["a", 1], ["b", 2]], below=[["合计", 3]])
    assert '<autoFilter ref="A1:B3"' in xml_of(made(tab))
    assert read(made(tab), "表")[3] == ["合计", 0.03]


def test_a_cell_may_differ_from_its_column():
    tab = Tab(
        "表",
        [Column(""), Column("")],
        [[Cell("结算单", span=2, bold=True, size=14)], ["净额", Cell(100, "money")]],
        headings=False,
    )
    assert read(made(tab), "表") == [["结算单", ""], ["净额", 1.0]]


def test_sheet_names_are_made_acceptable_and_distinct():
    tabs = [Tab(name, [Column("a")], []) for name in ("a/b[1]:*?", "明细", "明细", "", "长" * 40)]
    names = CalamineWorkbook.from_filelike(io.BytesIO(made(*tabs))).sheet_names
    assert len(set(names)) == 5
    assert all(0 < len(name) <= 31 for name in names)


def test_more_rows_than_a_worksheet_holds_are_refused_not_dropped(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 4)
    with pytest.raises(Refusal, match="4"):
        made(Tab("表", [Column("a")], ([str(number)] for number in range(9))))


def test_the_same_table_gives_the_same_bytes():
    assert made(Tab("表", COLUMNS, [ROW])) == made(Tab("表", COLUMNS, [ROW]))


def test_a_csv_neutralises_formulas_and_leaves_numbers_alone():
    columns = [Column("单号"), Column("金额", "money"), Column("公里", "number"), Column("日期", "date")]
    rows = [["=1+1", -13820, Decimal("-1.5"), date(2026, 4, 3)], ["-138.20", 5, 0, None]]
    file = csv_bytes(columns, rows)
    assert file.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(file.decode("utf-8-sig")))) == [
        ["单号", "金额", "公里", "日期"],
        ["'=1+1", "-138.20", "-1.5", "2026-04-03"],
        ["-138.20", "0.05", "0", ""],
    ]


@pytest.mark.parametrize("text", [*HOSTILE[:7], "-", "+", "-1-1", "-1e5"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "-1", "+8613812345678", "-0.5", "1=1", "a@b", "合计", "2026-04-01", "'=1"]
)
def test_what_no_spreadsheet_runs_stays_as_it_is(text):
    assert harmless(text) == text
