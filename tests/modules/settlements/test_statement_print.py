"""The statement on paper and in Excel, and the record sheet's form."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from sanbao.settlements.sheet_print import (
    PrintedSheet,
    SheetsPrint,
    sheet_list_pdf,
    sheet_list_xlsx,
    sheets_pdf,
)
from sanbao.settlements.statement_print import (
    DeductionLine,
    DoesNotAddUp,
    RefundLine,
    masked_name,
    masked_phone,
    percent,
    printed,
    statement_pdf,
)
from sanbao.settlements.statement_workbook import statement_xlsx
from tests.modules.settlements.printed_months import CALLBACK, FORM, statement
from tests.modules.ui.test_printing import chinese_font, text_of  # noqa: F401


def sheets_of(file: bytes) -> dict[str, list[list]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def in_debt():
    """A month whose deductions are larger than its fees."""
    month = statement(1, void=0, forged=1, out=0)
    return replace(
        month, totals=replace(month.totals, brought_forward=5000, payable=0, carried_forward=117400)
    )


def test_the_pdf_says_amounts_in_figures_and_in_chinese_capitals(tmp_path):
    text = text_of(statement_pdf(statement(), "zh"), tmp_path)
    assert "售后服务费月度结算单" in text
    assert "4,640.00" in text
    assert "2,210.00" in text
    assert "人民币贰仟贰佰壹拾元整" in text


def test_the_english_form_keeps_the_chinese_capitals(tmp_path):
    text = text_of(statement_pdf(statement(language="en"), "en"), tmp_path)
    assert "Monthlysettlementofservicefees" in text
    assert "人民币贰仟贰佰壹拾元整" in text


def test_the_form_is_controlled_as_rw_8_asks_on_every_page(tmp_path):
    pages = text_of(statement_pdf(statement(), "zh"), tmp_path).split("\f")[:-1]
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert "编号：SB-QR-07" in page
        assert f"第{number}页共{len(pages)}页" in page
        assert "编制：李娜2026-05-12" in page
        assert "全国服务热线：400-800-3000" in page  # KA-5.2
        assert "打印时间：2026-05-12" in page


def test_every_line_cites_its_clauses_by_number_and_their_text_is_listed(tmp_path):
    data = printed(statement(), "zh")
    assert data["lines"][0]["why"][0]["numbers"] == ["1"]
    assert data["rate_why"]["numbers"] == ["3"]  # KA-11.1
    assert data["deductions"][0]["numbers"] == ["4"]  # KA-11.2
    text = text_of(statement_pdf(statement(), "zh"), tmp_path)
    assert "[4]applianceKA-11.2" in text
    assert "无效单不计维修费并扣罚10元" in text


def test_a_clause_that_is_not_listed_is_named_in_full():
    month = statement()
    data = printed(replace(month, clauses=month.clauses[:2]), "zh")
    assert data["rate_why"]["numbers"] == ["appliance KA-11.1"]


def test_customers_are_masked_unless_asked_otherwise_gn_8(tmp_path):
    masked = text_of(statement_pdf(statement(), "zh"), tmp_path)
    assert "欧阳小明" not in masked
    assert "13800000001" not in masked
    assert "用户信息已脱敏" in masked
    plain = text_of(statement_pdf(statement(unmasked=True), "zh"), tmp_path)
    assert "欧阳小明" in plain
    assert "13800000001" in plain
    for rows in sheets_of(statement_xlsx(statement(), "zh")).values():
        assert not any("欧阳小明" in str(cell) or "13800000001" in str(cell) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", ""), ("王", "*"), ("王芳", "王*"), ("欧阳小明", "欧**"), ("王*", "王*"), ("欧**", "欧**")],
)
def test_a_name_keeps_its_first_character(name, shown):
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("", ""),
        ("123", "***"),
        ("13812345678", "138****5678"),
        ("020-81234567", "****4567"),
        ("138****5678", "138****5678"),
    ],
)
def test_a_telephone_number_keeps_its_tail(phone, shown):
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("state", "mark"), [("draft", "草稿"), ("reversed", "已冲销"), ("approved", ""), ("paid", "")]
)
def test_a_draft_and_a_reversed_statement_are_marked(state, mark):
    assert printed(statement(state=state), "zh")["mark"] == mark


def test_the_english_draft_is_marked_draft():
    assert printed(statement(), "en")["mark"] == "DRAFT"


def test_a_sheet_that_earns_nothing_shows_its_tariff_outside_the_total(tmp_path):
    month = statement(1, void=0, forged=1, out=0)
    forged = printed(month, "zh")["lines"][1]
    assert (forged["counted"], forged["labour"], forged["outcome"]) == (False, "60.00", "伪造")
    assert "(60.00)" in text_of(statement_pdf(month, "zh"), tmp_path)


def test_a_forged_sheet_counts_under_the_reading_that_keeps_its_fee():
    month = statement(1, void=0, forged=1, out=0)
    kept = replace(month.lines[1], fee_kept=True)
    totals = replace(
        month.totals, labour=12000, travel=11200, gross=23200, reduced=23200, net=month.totals.net + 11600
    )
    assert printed(replace(month, lines=(month.lines[0], kept), totals=totals), "zh")["lines"][1]["counted"]


def test_a_negative_net_is_carried_forward_as_debt_and_nothing_is_payable(tmp_path):
    month = in_debt()
    data = printed(month, "zh")
    assert data["totals"]["owes"]
    assert data["totals"]["net"] == "-1,124.00"
    assert data["totals"]["net_capitals"].startswith("人民币负")
    assert data["totals"]["payable_capitals"] == "人民币零元整"
    text = text_of(statement_pdf(month, "zh"), tmp_path)
    assert "结转下期欠款" in text
    assert "1,174.00" in text


def test_deductions_are_summed_by_kind_in_the_order_of_the_clause():
    kinds = printed(statement(), "zh")["kinds"]
    assert [(kind["word"], kind["count"], kind["amount"]) for kind in kinds] == [
        ("无效单", 3, "30.00"),
        ("维修不及时，投诉属实", 1, "30.00"),
        ("乱收费或收费弄虚作假", 1, "50.00"),
        ("伪造记录单，十倍罚款", 2, "2,320.00"),
    ]


def test_a_statement_whose_lines_do_not_come_to_its_totals_is_not_printed():
    month = statement()
    for wrong in (
        replace(month, totals=replace(month.totals, labour=month.totals.labour + 1)),
        replace(month, totals=replace(month.totals, net=month.totals.net + 1)),
        replace(month, lines=month.lines[1:]),
        replace(month, deductions=(*month.deductions, DeductionLine("X", "void_sheet", 1000, CALLBACK))),
        replace(month, refunds=(RefundLine("X", "", 1, CALLBACK),)),
    ):
        with pytest.raises(DoesNotAddUp, match="JS-2604-GZ001-1"):
            statement_pdf(wrong, "zh")
        with pytest.raises(DoesNotAddUp):
            statement_xlsx(wrong, "zh")


def test_a_month_that_waits_for_its_copies_and_has_no_sheets_is_printed_too(tmp_path):
    empty = statement(1, void=0, forged=0, out=0)
    totals = replace(
        empty.totals,
        labour=0,
        travel=0,
        gross=0,
        reduced=0,
        deducted=0,
        net=0,
        refund=0,
        payable=0,
        carried_forward=0,
    )
    empty = replace(
        empty,
        lines=(),
        deductions=(),
        refunds=(),
        clauses=(),
        editions=(),
        rate=Decimal(0),
        paper_on=None,
        arrived_on=None,
        counts=replace(empty.counts, records=0, paid=0),
        totals=totals,
    )
    text = text_of(statement_pdf(empty, "zh"), tmp_path)
    assert "未收到" in text
    assert "本月无此项" in text
    assert "人民币零元整" in text


def test_six_hundred_sheets_repeat_their_heading_on_every_page(tmp_path):
    pages = text_of(statement_pdf(statement(600, state="approved"), "zh"), tmp_path).split("\f")[:-1]
    assert len(pages) > 15
    with_lines = [page for page in pages if "GZ001-2604-0" in page and "A8260400" in page]
    assert len(with_lines) > 15
    assert all("机身编码" in page for page in with_lines)


def test_long_names_and_codes_break_instead_of_running_into_their_neighbours():
    month = statement(2, void=0, forged=0, out=0)
    long = replace(
        month.lines[0], number="N" * 60, model="型" * 40, serial="S" * 80, customer="很长的名字" * 8
    )
    wide = replace(
        month,
        company="有限责任公司" * 12,
        outlet_name="网点" * 40,
        lines=(long, month.lines[1]),
        unmasked=True,
    )
    assert statement_pdf(wide, "zh").startswith(b"%PDF-")


def test_the_workbook_has_four_sheets_with_real_numbers_and_days():
    sheets = sheets_of(statement_xlsx(statement(), "zh"))
    assert list(sheets) == ["结算单", "明细", "扣款", "依据"]

    lines = sheets["明细"]
    head = lines[0]
    first = dict(zip(head, lines[1], strict=True))
    assert first["完成日期"] == date(2026, 4, 2)
    assert (first["工时费"], first["远程费"], first["小计"], first["不计费用"]) == (60.0, 56.0, 116.0, 0.0)
    assert "appliance KA-5.1" in first["条款"]
    assert sum(row[head.index("小计")] for row in lines[1:-1]) == lines[-1][head.index("小计")] == 4640.0

    assert [row[3] for row in sheets["扣款"][1:8]] == [10.0, 10.0, 10.0, 1160.0, 1160.0, 30.0, 50.0]
    assert sheets["扣款"][8][3] == 2430.0
    assert [row[1] for row in sheets["依据"][1:]] == [
        "appliance KA-5.1",
        "appliance KA-4.3",
        "appliance KA-11.1",
        "appliance KA-11.2",
    ]


def test_the_workbook_s_summary_says_what_the_paper_says():
    rows = sheets_of(statement_xlsx(statement(), "zh"))["结算单"]
    said = {row[0]: row for row in rows}
    assert rows[1][0] == "售后服务费月度结算单 （草稿）"
    assert said["三、费用合计"][4] == 4640.0
    assert said["八、本期应付金额"][4] == 2210.0
    assert said["应付金额（大写）"][1] == "人民币贰仟贰佰壹拾元整"
    assert said["结算比例"][1] == 1.0


def test_the_english_workbook_is_english():
    assert list(sheets_of(statement_xlsx(statement(language="en"), "en"))) == [
        "Statement",
        "Sheets",
        "Deductions",
        "Clauses",
    ]


@pytest.mark.parametrize(
    ("rate", "said"), [("1.0000", "100%"), ("0.9", "90%"), ("0.125", "12.5%"), ("0", "0%")]
)
def test_a_rate_is_said_in_percent(rate, said):
    assert percent(Decimal(rate)) == said


SHEET = PrintedSheet(
    number="GZ001-2604-0001",
    outlet="GZ001服务网点",
    month=date(2026, 4, 1),
    engineer="张师傅",
    customer="欧阳小明",
    phone="13800000001",
    address="广东省广州市天河区体育西路191号",
    model="CXW-260-A8",
    category="吸油烟机",
    serial="A82604000001",
    purchased_on=date(2025, 4, 3),
    reported_on=date(2026, 4, 2),
    completed_on=date(2026, 4, 3),
    fault="开机有异响",
    action="更换电机",
    component="电机",
    work="replace",
    km=Decimal("48.00"),
    charged_fen=0,
    claimed_out=False,
)


def month_of(*sheets: PrintedSheet, **changed) -> SheetsPrint:
    data = SheetsPrint(
        "三宝厨卫电器股份有限公司", "400-800-3000", FORM, sheets, "GZ001服务网点", date(2026, 4, 1)
    )
    return replace(data, **changed)


def test_a_record_sheet_is_one_page_each_and_masked(tmp_path):
    text = text_of(sheets_pdf(month_of(SHEET, SHEET), "zh"), tmp_path)
    assert text.count("产品维修记录单") == 2
    assert "第2页共2页" in text
    assert "换件维修" in text
    assert "欧阳小明" not in text
    assert "天河区" not in text


def test_an_incomplete_record_sheet_says_what_is_missing_and_by_which_clause(tmp_path):
    text = text_of(sheets_pdf(month_of(replace(SHEET, phone="", missing=("联系电话",))), "zh"), tmp_path)
    assert "联系电话记录单应填写清晰、内容齐全，否则视为无效单（KA-11.2）" in text


def test_an_empty_record_sheet_is_a_blank_form(tmp_path):
    text = text_of(sheets_pdf(month_of(PrintedSheet()), "zh"), tmp_path)
    assert "用户签字：" in text
    assert "缺填项目" not in text


def test_the_month_s_list_has_a_line_for_every_sheet_and_repeats_its_heading(tmp_path):
    pages = text_of(sheet_list_pdf(month_of(*[SHEET] * 120), "zh"), tmp_path).split("\f")[:-1]
    assert len(pages) > 2
    assert all("机身编码" in page for page in pages)
    assert "合计120份" in pages[0]
    assert sum(page.count("A82604000001") for page in pages) == 120


def test_the_month_s_list_goes_out_to_excel_in_the_headings_of_the_import_ka_13():
    rows = sheets_of(sheet_list_xlsx(month_of(SHEET, unmasked=True), "zh"))["产品维修记录单月度清单"]
    sheet = dict(zip(rows[0], rows[1], strict=True))
    required = (
        "单号",
        "用户姓名",
        "联系电话",
        "地址",
        "产品型号",
        "机身编码",
        "购买日期",
        "完成日期",
        "故障现象",
        "处理措施",
    )
    assert all(sheet[name] for name in required)
    assert (sheet["购买日期"], sheet["单程公里"], sheet["联系电话"]) == (date(2025, 4, 3), 48, "13800000001")
