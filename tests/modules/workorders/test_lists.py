"""Dispatch orders and repair records as Excel files (KA-13)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sanbao.settlements.reading import read_record_sheets
from sanbao.ui import printing
from sanbao.workorders.prints import lists
from sanbao.workorders.prints.lists import (
    blank_dispatch_orders_xlsx,
    blank_repair_records_xlsx,
    dispatch_orders_xlsx,
    repair_records_xlsx,
)
from tests.modules.settlements.test_statement_print import sheets_of
from tests.modules.ui.test_printing import keys_of
from tests.modules.workorders.printed_orders import FRAME, ORDER, RECORD, at

OPEN = replace(FRAME, unmasked=True)


def test_dispatch_orders_go_out_with_real_days_and_moments():
    rows = sheets_of(dispatch_orders_xlsx([ORDER, ORDER], OPEN, "zh"))["派工单"]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert len(rows) == 3
    assert first["单号"] == "WX-2612-000017"
    assert first["预约开始"] == datetime(2026, 12, 3, 9)
    assert first["购买日期"] == date(2025, 4, 3)
    assert (first["用户姓名"], first["联系电话"]) == ("欧阳小明", "13800000001")
    assert first["证书编号"] == "YR-4401-2024-00731、DG-4401-2023-10442"
    assert first["保修"] == "保外"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_repair_records_that_went_out_come_in_again_by_the_import_of_record_sheets_ka_13(language):
    read = read_record_sheets(repair_records_xlsx([RECORD], OPEN, language), "records.xlsx", in_child=False)
    (row,) = read.rows
    assert not read.errors
    assert (row.number, row.customer, row.phone) == ("WX-2612-000017", "欧阳小明", "13800000001")
    assert (row.model, row.serial) == ("JSQ25-13A8", "A82604000001")
    assert (row.purchased_on, row.installed_on) == (date(2025, 4, 3), date(2025, 4, 6))
    assert (row.reported_on, row.completed_on) == (date(2026, 12, 1), date(2026, 12, 3))
    assert (row.work, row.km, row.claimed_out, row.charged_fen) == ("replace", Decimal(48), True, 25040)
    assert row.fault == RECORD.fault
    assert row.engineer == "张师傅"
    assert not row.missing


def test_the_lists_are_masked_unless_asked_otherwise_gn_8():
    for file in (dispatch_orders_xlsx([ORDER], FRAME, "zh"), repair_records_xlsx([RECORD], FRAME, "zh")):
        for rows in sheets_of(file).values():
            cells = "".join(str(cell) for row in rows for cell in row)
            assert "欧阳小明" not in cells
            assert "13800000001" not in cells
            assert "体育西路" not in cells


def test_an_empty_list_is_a_template_with_the_same_headings():
    pairs = (
        (blank_dispatch_orders_xlsx, dispatch_orders_xlsx, ORDER),
        (blank_repair_records_xlsx, repair_records_xlsx, RECORD),
    )
    for blank, filled, one in pairs:
        for language in ("zh", "en"):
            ((template,), (full,)) = (
                sheets_of(file).values() for file in (blank(FRAME, language), filled([one], FRAME, language))
            )
            assert template[0] == full[0]
            assert not any(cell for row in template[1:] for cell in row)


def test_formulas_stay_text():
    hostile = replace(ORDER, fault='=HYPERLINK("http://x")', access="+1+1")
    rows = sheets_of(dispatch_orders_xlsx([hostile], OPEN, "zh"))["派工单"]
    assert '=HYPERLINK("http://x")' in rows[1]
    assert "+1+1" in rows[1]


def test_a_day_is_the_day_in_china():
    assert lists.day_of(datetime(2026, 12, 2, 17, tzinfo=UTC)) == date(2026, 12, 3)
    assert lists.day_of(at(3, 23)) == date(2026, 12, 3)
    assert lists.day_of(None) is None


def test_both_languages_have_the_same_headings_and_no_heading_stands_twice():
    chinese, english = printing.words(lists.WORDS, "zh"), printing.words(lists.WORDS, "en")
    assert keys_of(chinese) == keys_of(english)
    for language in ("zh", "en"):
        for rows in sheets_of(blank_dispatch_orders_xlsx(FRAME, language)).values():
            assert len(set(rows[0])) == len(rows[0])
