"""A sheet's facts as one line, and back (KA-11.2: what was decided can be decided again)."""

import pytest
from hypothesis import given

from sanbao_rules import packing
from sanbao_rules.packing import pack, unpack
from sanbao_rules.questions import QUESTIONS, sheet_facts
from tests.rules.make import AUGUST, BOOKS, HOB, sheet
from tests.rules.test_settlement_month import LATE, SMALL_MONTH
from tests.rules.test_settlement_sheet import sheets


def test_a_line_says_everything():
    assert pack(HOB) == "|燃气灶|replace|48|2026-01-10|2026-01-12|2026-08-03|2026-08-04|热电偶|0|"
    line = pack(
        sheet(missing=("phone", "fault"), claimed_out=True, findings=(("overcharge", 8000), ("forged", 0)))
    )
    assert line.startswith("phone,fault|") and line.endswith("|1|overcharge:8000,forged:0")


@given(sheets)
def test_facts_come_back_from_their_line(facts):
    assert unpack(pack(facts)) == facts


def test_a_bar_in_a_text_becomes_a_blank():
    assert unpack(pack(sheet(category="a|b", component="c|d")))[1:9:7] == ("a b", "c d")


@pytest.mark.parametrize(
    "line", ["", "a|b", "|燃气灶|replace|x|||||0|0|", "|燃气灶|replace|1|2026-13-01|||||0|"]
)
def test_a_line_pack_never_made_is_refused(line):
    with pytest.raises((ValueError, ArithmeticError)):
        unpack(line)


def test_a_month_stored_as_lines_is_decided_the_same():
    facts = {"month": AUGUST, "paper_on": LATE[0], "electronic_on": LATE[1]}
    plain = QUESTIONS["settlement.month"]({**facts, "sheets": SMALL_MONTH}, BOOKS)
    assert QUESTIONS["settlement.month"]({**facts, "sheets": [pack(s) for s in SMALL_MONTH]}, BOOKS) == plain
    assert sheet_facts(pack(HOB)) == HOB


def test_what_is_remembered_stays_bounded(monkeypatch):
    monkeypatch.setattr(packing, "_DAYS", dict.fromkeys(range(100_001)))
    monkeypatch.setattr(packing, "_DISTANCES", dict.fromkeys(range(100_001)))
    assert unpack(pack(HOB)) == HOB
    assert len(packing._DAYS) == 5 and len(packing._DISTANCES) == 1
