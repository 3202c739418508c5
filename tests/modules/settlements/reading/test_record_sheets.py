"""A month's record sheets, as outlets send them, into rows with a sentence for every cell that needs mending."""

import io
import json
import os
import string
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sanbao.settlements.reading import RecordFile, Unreadable, read_record_sheets
from sanbao.settlements.reading.sentences import FIELDS, SENTENCES
from tests.modules.settlements.corpus import (
    HEADINGS,
    Raw,
    biff_error,
    csv,
    month,
    package,
    sheet_row,
    xls,
    xlsx,
)

SAMPLES = Path(__file__).parents[4].parent / "shared/samples/appliance"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="The sample months (../shared/samples/appliance) are not here."
)


def read(*rows: Any, **options: Any) -> RecordFile:
    return read_record_sheets(xlsx(month(*rows)), "a.xlsx", in_child=False, **options)


def table(rows: Any, **options: Any) -> RecordFile:
    return read_record_sheets(xlsx(rows), "a.xlsx", in_child=False, **options)


def said(file: RecordFile, severity: str = "") -> list[tuple[str, str]]:
    return [(problem.code, problem.cell) for problem in file.problems if severity in ("", problem.severity)]


def column(heading: str) -> int:
    return HEADINGS.index(heading)


# The sample months


@needs_samples
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("records-*.xlsx")), ids=lambda path: path.stem)
def test_the_sample_months_are_read_fully(path: Path) -> None:
    month_, outlet = path.stem[8:15], path.stem[16:]
    expected = json.loads((SAMPLES / "expected.json").read_text("utf-8"))[f"{outlet} {month_}"]
    file = read_record_sheets(
        path.read_bytes(),
        path.name,
        month=date.fromisoformat(f"{month_}-01"),
        outlet_code=outlet,
        today=date(2026, 10, 1),
    )
    assert (len(file.rows), len(file.duplicates)) == (expected["records"], expected["duplicates"])
    assert sum(1 for row in file.rows if row.missing) == expected["void"]
    assert {problem.code for problem in file.problems} <= {"missing", "twice_same", "other_month_done"}
    assert (file.outlet_code, file.month, file.stated) == (
        outlet,
        date.fromisoformat(f"{month_}-01"),
        expected["records"],
    )
    assert file.filled_on
    assert all(row.work and row.completed_on for row in file.rows if not row.missing)


# Headings


def test_a_good_sheet_is_read_whole() -> None:
    file = read(sheet_row(购买日期=date(2026, 1, 10), 收费金额="80元", 保修性质="保外"))
    (row,) = file.rows
    assert file.problems == []
    assert (row.line, row.number, row.customer, row.phone) == (4, "GZ001-2604-0001", "张三", "13800005678")
    assert (row.purchased_on, row.completed_on, row.km) == (date(2026, 1, 10), date(2026, 4, 9), Decimal(30))
    assert (row.work, row.claimed_out, row.charged_fen, row.missing) == ("replace", True, 8000, ())


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("机身条码", "serial"), ("出厂编码", "serial"), ("S/N", "serial"), ("完工日期", "completed_on"), ("购机日期", "purchased_on"),
        ("购买日期（必填）", "purchased_on"), ("用户电话", "phone"), ("电 话", "phone"), ("里程(单程km)", "km"), ("单程公里：", "km"), ("里程（单程ＫＭ）", "km"),
        ("维修工", "engineer"), ("* 用户姓名", "customer"), ("【单号】", "number"), ("Serial No.", "serial"), ("Purchase date", "purchased_on"),
        ("型号\n", "model"), ("保内/保外", "claimed_out"), ("收费（元）", "charged_fen"), ("用户地址", "address"),
    ],
)  # fmt: skip
def test_a_heading_is_known_in_many_wordings(heading: str, field: str) -> None:
    headings = [heading if FIELDS[field][0] == known else known for known in HEADINGS]
    file = table([headings, sheet_row()])
    assert [(one.field, one.confidence) for one in file.headings if one.text.strip() == heading.strip()] == [
        (field, 1.0)
    ]
    assert said(file) == []


def test_columns_may_stand_in_any_order() -> None:
    turned = [list(reversed(row)) for row in month(sheet_row(), top=[])]
    assert table(turned).rows[0].content() == read(sheet_row()).rows[0].content()


def test_headings_in_two_lines_with_merged_cells_are_read_together() -> None:
    upper: list[Any] = list(HEADINGS)
    lower: list[Any] = [None] * len(HEADINGS)
    upper[1:4], lower[1:4] = ["用户信息", None, None], ["姓名", "电话", "地址"]
    upper[6:8], lower[6:8] = ["日期", None], ["购买日期", "安装日期"]
    file = table([["产品维修记录单（2026年4月）"], upper, lower, sheet_row()])
    assert said(file) == []
    assert file.rows[0].content() == read(sheet_row()).rows[0].content()
    assert file.rows[0].line == 4


def test_a_heading_that_only_contains_the_word_is_taken_with_a_question() -> None:
    headings = [{"购买日期": "产品购买日期登记"}.get(heading, heading) for heading in HEADINGS]
    file = table([headings, sheet_row()])
    assert said(file) == [("guessed_column", "G")]
    assert file.rows[0].purchased_on == date(2026, 1, 10)
    assert file.headings[6].confidence < 1


def test_another_persons_telephone_is_not_taken_for_the_customers() -> None:
    headings = [{"联系电话": "网点电话"}.get(heading, heading) for heading in HEADINGS]
    assert ("no_column", "") in said(table([headings, sheet_row()]), "error")


def test_the_common_wording_has_the_better_claim() -> None:
    rows = month(sheet_row(), top=[])
    file = table([["编号", *rows[0]], [1, *rows[1]]])
    assert file.rows[0].number == "GZ001-2604-0001"
    assert ("two_columns", "A") in said(file)


def test_two_columns_for_one_field_are_told() -> None:
    rows = month(sheet_row(), top=[])
    file = table([[*rows[0], "完工日期"], [*rows[1], "2026-04-10"]])
    assert said(file, "warning") == [("two_columns", "S")]
    assert file.rows[0].completed_on == date(2026, 4, 9)


def test_a_required_column_that_is_not_there_is_an_error_that_names_what_was_found() -> None:
    rows = [
        [cell for at, cell in enumerate(row) if at != column("机身编码")]
        for row in month(sheet_row(), top=[])
    ]
    file = table(rows)
    (problem,) = file.errors
    assert (problem.code, problem.field) == ("no_column", "serial")
    assert "机身编码" in problem.sentence("zh")
    assert "故障现象" in problem.sentence("zh")


def test_the_sender_can_say_which_column_it_is() -> None:
    headings = [{"机身编码": "ABC"}.get(heading, heading) for heading in HEADINGS]
    assert said(table([headings, sheet_row()]), "error") == [("no_column", "")]
    file = table([headings, sheet_row()], heading_choice={"serial": column("机身编码"), "engineer": -1})
    assert said(file, "error") == []
    assert file.rows[0].serial == "CXW260A8260000001"
    assert file.rows[0].engineer == ""


def test_a_column_nobody_needs_is_named_in_a_note() -> None:
    rows = month(sheet_row(), top=[])
    file = table([[*rows[0], "天气"], [*rows[1], "晴"]])
    assert said(file) == [("unknown_column", "S")]
    assert file.notes[0].sentence("zh") == "第 S 列“天气”没有用到。"


def test_a_column_that_asks_the_other_way_round_is_understood() -> None:
    headings = [{"保修性质": "是否保外"}.get(heading, heading) for heading in HEADINGS]
    file = table(
        [
            headings,
            sheet_row("1", 保修性质="是"),
            sheet_row("2", 保修性质="否"),
            sheet_row("3", 保修性质=None),
        ]
    )
    assert [row.claimed_out for row in file.rows] == [True, False, False]


# What stands over the table


def test_the_outlet_and_the_month_over_the_table_are_compared_with_the_choice() -> None:
    assert said(read(sheet_row(), outlet_code="GZ001", month=date(2026, 4, 1))) == []
    assert said(read(sheet_row(), outlet_code="GZ002")) == [("other_outlet", "")]
    assert said(read(sheet_row(), month=date(2026, 5, 1)), "error") == [("other_month", "")]


def test_the_filling_day_is_not_taken_for_the_month() -> None:
    file = table(month(sheet_row(), top=[["网点编码", "GZ001", "填报日期：2026-05-08"]]))
    assert (file.outlet_code, file.month, file.filled_on) == ("GZ001", None, date(2026, 5, 8))
    file = table(month(sheet_row(), top=[["维修记录单 2026年4月 填报日期：2026年5月8日"]]))
    assert (file.month, file.filled_on) == (date(2026, 4, 1), date(2026, 5, 8))


# Lines


def test_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    file = read(sheet_row("A"), [None], ["  "], sheet_row("B"))
    assert [(row.number, row.line) for row in file.rows] == [("A", 4), ("B", 7)]


@pytest.mark.parametrize("word", ["合计", "合 计", "小计", "总计：", "本月合计", "Total"])
def test_a_total_line_is_no_sheet(word: str) -> None:
    file = read(sheet_row(), [word, None, "共1单"])
    assert (len(file.rows), file.stated, said(file)) == (1, 1, [])


def test_a_total_that_differs_is_told() -> None:
    file = read(sheet_row(), ["合计", "共48单"])
    assert said(file) == [("total_differs", "5")]


def test_signatures_and_repeated_headings_are_no_sheets_and_cost_nothing() -> None:
    file = read(sheet_row("A"), list(HEADINGS), sheet_row("B"), ["制表人：张三", None, "审核：李四"])
    assert [row.number for row in file.rows] == ["A", "B"]
    assert said(file, "warning") == [("no_sheet", "5"), ("no_sheet", "7")]


def test_lines_prefilled_with_running_numbers_are_no_sheets() -> None:
    rows = month(sheet_row(), [None] * len(HEADINGS), top=[])
    file = table([["序号", *rows[0]], [1, *rows[1]], [2, *rows[2]]])
    assert len(file.rows) == 1
    assert said(file, "warning") == [("no_sheet", "3")]


def test_a_table_without_sheets_is_told() -> None:
    assert said(read()) == [("no_rows", "")]


def test_cells_merged_over_two_lines_hold_for_both() -> None:
    rows = month(sheet_row("A"), sheet_row("B", 用户姓名=None))
    data = xlsx(rows, after='<mergeCells><mergeCell ref="B4:B5"/><mergeCell ref="A1:R1"/></mergeCells>')
    file = read_record_sheets(data, "a.xlsx", in_child=False)
    assert [row.customer for row in file.rows] == ["张三", "张三"]


# Cells


def test_an_empty_required_cell_makes_the_sheet_void_and_is_no_error() -> None:
    file = read(sheet_row(地址=None, 故障现象="  ", 处理措施="/"))
    assert file.rows[0].missing == ("address", "fault", "action")
    assert said(file) == [("missing", "D4"), ("missing", "K4"), ("missing", "L4")]
    assert {problem.severity for problem in file.problems} == {"warning"}


def test_a_sheet_without_a_number_is_kept() -> None:
    file = read(sheet_row(None), sheet_row(None))
    assert [row.missing for row in file.rows] == [("number",), ("number",)]
    assert file.duplicates == []


def test_a_bad_day_says_its_cell_its_field_and_what_to_do() -> None:
    (problem,) = read(sheet_row(购买日期="1900/1/5")).problems
    assert (problem.cell, problem.severity) == ("G4", "error")
    assert problem.sentence("zh") == "“1900/1/5”不像购买日期，请填写 2000 年至 2099 年的日期。"
    assert (
        problem.sentence("en")
        == "“1900/1/5” is no likely date for “purchased on”; give one from 2000 to 2099."
    )


def test_a_cell_that_cannot_be_read_is_not_called_missing() -> None:
    file = read(sheet_row(购买日期="03/04/2026"))
    assert file.rows[0].missing == ()
    assert file.rows[0].raw == {"purchased_on": "03/04/2026"}
    assert said(file) == [("ambiguous_date", "G4")]


@pytest.mark.parametrize(
    ("changes", "severity", "code", "cell"),
    [
        ({"完成日期": "2026-04-07"}, "error", "completed_first", "J4"),
        ({"购买日期": "2026-04-10", "安装日期": None}, "error", "bought_later", "G4"),
        ({"安装日期": "2026-01-01"}, "warning", "installed_first", "H4"),
        ({"完成日期": "2026-05-02"}, "warning", "other_month_done", "J4"),
        ({"完成日期": "2026-06-09"}, "error", "future", "J4"),
        ({"单程公里": -3}, "error", "negative_km", "O4"),
        ({"单程公里": "很远"}, "error", "no_number", "O4"),
        ({"单程公里": 400}, "warning", "far", "O4"),
        ({"单程公里": 40000}, "error", "too_far", "O4"),
        ({"收费金额": "-1"}, "error", "negative_money", "Q4"),
        ({"收费金额": "八十"}, "error", "no_number", "Q4"),
        ({"服务类型": "搬家"}, "error", "unknown_work", "N4"),
        ({"保修性质": "也许"}, "error", "unknown_warranty", "P4"),
        ({"地址": "长" * 201}, "error", "too_long_text", "D4"),
        ({"联系电话": "见附页"}, "warning", "odd_phone", "C4"),
        ({"用户姓名": "张_x0000_三"}, "warning", "taken_out", "B4"),
        ({"用户姓名": Raw('<c r="{at}" t="e"><v>#N/A</v></c>')}, "error", "error_value", "B4"),
        ({"购买日期": Raw('<c r="{at}"><f>TODAY()</f></c>')}, "error", "unvalued", "G4"),
        ({"单程公里": Raw('<c r="{at}"><f>1/0</f></c>')}, "error", "unvalued", "O4"),
    ],
)  # fmt: skip
def test_every_doubtful_cell_is_told_with_its_cell(
    changes: dict[str, Any], severity: str, code: str, cell: str
) -> None:
    file = read(sheet_row(**changes), today=date(2026, 5, 20), month=date(2026, 4, 1))
    assert (severity, code, cell) in [
        (problem.severity, problem.code, problem.cell) for problem in file.problems
    ]
    assert (
        len([problem for problem in file.problems if problem.code not in ("other_month_done",)]) <= 1
        or code == "other_month_done"
    )
    for problem in file.problems:
        assert "{" not in problem.sentence("zh") + problem.sentence("en")


def test_stored_results_of_formulas_are_used_with_a_note() -> None:
    file = read(
        sheet_row(
            单程公里=Raw('<c r="{at}"><f>20+28</f><v>48</v></c>'),
            更换件=Raw('<c r="{at}" t="str"><f>IF(1,"")</f><v></v></c>'),
        )
    )
    assert file.rows[0].km == 48
    assert file.rows[0].component == ""
    assert [problem.code for problem in file.notes] == ["formulas"]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    row = read(sheet_row(用户姓名="=1+1", 地址="@SUM(A1)", 故障现象="-异响", 处理措施="+更换")).rows[0]
    assert (row.customer, row.address, row.fault, row.action) == ("=1+1", "@SUM(A1)", "-异响", "+更换")


def test_names_beyond_the_basic_plane_are_kept() -> None:
    assert read(sheet_row(用户姓名="𠮷田\U0003134a")).rows[0].customer == "𠮷田\U0003134a"


def test_dates_of_the_1904_system_are_read_right() -> None:
    data = xlsx(
        month(
            sheet_row(
                购买日期=Raw(f'<c r="{{at}}" s="2"><v>{(date(2026, 1, 10) - date(1904, 1, 1)).days}</v></c>')
            )
        ),
        book='<workbookPr date1904="1"/>',
    )
    assert read_record_sheets(data, "a.xlsx", in_child=False).rows[0].purchased_on == date(2026, 1, 10)


# Entered twice


def test_the_same_sheet_entered_twice_counts_once() -> None:
    file = read(
        sheet_row("A"),
        sheet_row(
            "a ", 联系电话="138 0000 5678", 购买日期="2026年1月10日", 单程公里="30公里", 地址="中山路 1 号"
        ),
    )
    assert (len(file.rows), len(file.duplicates)) == (1, 1)
    assert said(file) == [("twice_same", "A5")]


def test_one_number_on_two_different_sheets_is_an_error_that_names_both_cells() -> None:
    file = read(sheet_row("A"), sheet_row("A", 单程公里=31))
    (problem,) = file.errors
    assert (problem.code, problem.cell) == ("twice_different", "A5")
    assert "A4" in problem.sentence("zh")


# Several sheets


def test_hidden_sheets_are_not_read_but_named() -> None:
    data = xlsx({"草稿": month(sheet_row("X")), "四月": month(sheet_row("A"))}, states={"草稿": "hidden"})
    file = read_record_sheets(data, "a.xlsx", in_child=False)
    assert [row.number for row in file.rows] == ["A"]
    assert [problem.sentence("zh") for problem in file.problems] == ["隐藏的工作表“草稿”没有读取。"]


def test_the_first_sheet_with_records_is_read_and_the_others_are_named() -> None:
    data = xlsx({"说明": [["请按月填报"]], "四月": month(sheet_row("A")), "五月": month(sheet_row("B"))})
    file = read_record_sheets(data, "a.xlsx", in_child=False)
    assert ([row.number for row in file.rows], file.sheet) == (["A"], "四月")
    assert said(file) == [("other_sheet", ""), ("other_table", "")]
    assert [row.number for row in read_record_sheets(data, "a.xlsx", in_child=False, sheet="五月").rows] == [
        "B"
    ]


def test_a_sheet_that_is_too_large_does_not_hide_the_one_with_the_records() -> None:
    wide = [[f"栏{i}" for i in range(1000)]]
    data = xlsx({"透视": wide, "四月": month(sheet_row("A"))})
    assert [row.number for row in read_record_sheets(data, "a.xlsx", in_child=False).rows] == ["A"]


def test_hidden_rows_are_read_with_a_note() -> None:
    data = xlsx(month(sheet_row("A"), sheet_row("B")))
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = {name: archive.read(name) for name in archive.namelist()}
    path = "xl/worksheets/sheet1.xml"
    parts[path] = parts[path].replace(b'<row r="5">', b'<row r="5" hidden="1">')
    file = read_record_sheets(package(parts), "a.xlsx", in_child=False)
    assert len(file.rows) == 2
    assert said(file) == [("hidden_rows", "")]


# Other kinds of file


def test_a_workbook_written_by_another_program_is_read_wherever_its_parts_stand() -> None:
    archive = zipfile.ZipFile(io.BytesIO(xlsx(month(sheet_row(购买日期=date(2026, 1, 10))))))
    parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/Workbook2.xml"] = parts.pop("xl/workbook.xml")
    parts["xl/_rels/workbook2.xml.rels"] = parts.pop("xl/_rels/workbook.xml.rels").replace(
        b'"worksheets/', b'"/xl/Worksheets/'
    )
    parts[
        "_rels/.rels"
    ] = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r"
        Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="xl/workbook2.xml"/></Relationships>"""
    (row,) = read_record_sheets(package(parts), "a.xlsx", in_child=False).rows
    assert row.purchased_on == date(2026, 1, 10)


@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter"])
def test_workbooks_of_the_usual_writers_are_read(writer: str) -> None:
    module = pytest.importorskip(writer)
    file = io.BytesIO()
    rows = month(sheet_row(购买日期=date(2026, 1, 10), 用户姓名="=张三"))
    if writer == "openpyxl":
        book = module.Workbook()
        for row in rows:
            book.active.append(row)
        book.active["B4"].data_type = "s"
        book.save(file)
    else:
        book = module.Workbook(file, {"strings_to_formulas": False, "default_date_format": "yyyy/m/d"})
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        book.close()
    (row,) = read_record_sheets(file.getvalue(), "a.xlsx", in_child=False).rows
    assert (row.customer, row.purchased_on, row.missing) == ("=张三", date(2026, 1, 10), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables_are_read_in_the_encodings_of_chinese_offices(encoding: str, delimiter: str) -> None:
    file = read_record_sheets(
        csv(month(sheet_row(用户姓名="𠮷田")), encoding, delimiter), "a.csv", in_child=False
    )
    assert file.rows[0].customer == "𠮷田"
    assert (file.outlet_code, said(file)) == ("GZ001", [])


def test_old_excel_is_read_with_its_errors() -> None:
    data = xls(month(sheet_row(), sheet_row("B", 用户姓名=None)), extra=biff_error(4, 1))
    file = read_record_sheets(data, "a.xls")
    assert [row.customer for row in file.rows] == ["张三", ""]
    assert said(file) == [("error_value", "B5")]


def test_a_file_named_wrongly_is_read_by_its_content() -> None:
    assert len(read_record_sheets(xlsx(month(sheet_row())), "四月.csv").rows) == 1
    with pytest.raises(Unreadable) as refused:
        read_record_sheets(b"%PDF-1.7 ...", "四月.xlsx")
    assert (
        refused.value.sentence("zh")
        == "这个文件名叫 .xlsx，内容却是 PDF。请用 Excel 打开原表，另存为 .xlsx 再上传。"
    )


# The whole


def test_every_sentence_is_there_in_both_languages() -> None:
    for code, (chinese, english) in SENTENCES.items():
        assert chinese.endswith("。"), code
        assert english.endswith("."), code
        assert set(_names(chinese)) == set(_names(english)), code


def _names(sentence: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name]


def test_an_ordinary_file_is_read_at_once_and_ten_thousand_rows_in_a_moment() -> None:
    """In processor time of this process and the child, so that a busy machine makes no difference."""
    ordinary = xlsx(month(*[sheet_row(f"GZ001-{i}") for i in range(60)]))
    began = _processor_time()
    read_record_sheets(ordinary, "a.xlsx")
    assert _processor_time() - began < 0.3
    large = xlsx(month(*[sheet_row(f"GZ001-{i}") for i in range(10_000)]))
    began = _processor_time()
    assert len(read_record_sheets(large, "a.xlsx").rows) == 10_000
    assert _processor_time() - began < 3


def _processor_time() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


cells = some.one_of(
    some.none(), some.integers(), some.floats(allow_nan=False, allow_infinity=False), some.text(max_size=40), some.booleans(),
    some.sampled_from(["合计", "2026-04-13", "共3单", "单号", "保外", "#N/A", "制表人：", "-", "A"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.lists(cells, max_size=20), max_size=6))
def test_no_table_can_make_the_reading_stumble(rows: list[list[Any]]) -> None:
    text = json.dumps([[cell if not isinstance(cell, bool) else str(cell) for cell in row] for row in rows])
    table_ = [[_plain(cell) for cell in row] for row in json.loads(text)]
    try:
        file = read_record_sheets(
            xlsx(month(*table_)), "a.xlsx", in_child=False, today=date(2026, 5, 20), month=date(2026, 4, 1)
        )
    except Unreadable as unreadable:
        assert unreadable.sentence("zh")
        return
    for problem in file.problems:
        assert problem.sentence("zh")
        assert problem.sentence("en")


def _plain(cell: Any) -> Any:
    """What XML can carry; the rest goes the way Excel writes it."""
    if not isinstance(cell, str):
        return cell
    return "".join(
        c if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff" else f"_x{ord(c):04X}_"
        for c in cell
    )
