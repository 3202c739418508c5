"""A sheet's facts as one line, and back (KA-11.2: what was decided can be decided again)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import packing
from sanbao_rules.packing import Decider, pack, unpack
from sanbao_rules.questions import QUESTIONS, sheet_facts
from sanbao_rules.rulebook import shipped, shipped_names
from sanbao_rules.settlement import SheetFacts, Terms, decide_sheet
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


_DAY = st.dates(date(2024, 5, 1), date(2026, 8, 31))
_LIKE_SHEETS = st.builds(
    SheetFacts,
    missing=st.sampled_from([(), (), (), ("address",)]),
    category=st.sampled_from(["吸油烟机", "电热水器", "抽油烟机", "飞机"]),
    work=st.sampled_from(["replace", "adjust", ""]),
    km=st.sampled_from([Decimal(3), Decimal("26.5"), Decimal(48)]),
    purchased_on=st.sampled_from([date(2024, 6, 5), date(2025, 8, 10), date(2026, 8, 20), None]),
    installed_on=st.sampled_from([None, date(2025, 8, 14), date(2024, 6, 9)]),
    reported_on=st.sampled_from([date(2026, 8, 9), date(2026, 8, 10), date(2026, 8, 15), None]),
    completed_on=st.sampled_from([date(2026, 8, 16), date(2026, 8, 20), None]),
    component=st.sampled_from(["", "电机", "内胆"]),
    claimed_out=st.booleans(),
    findings=st.sampled_from([(), (), (("forged", 0),), (("overcharge", 8000),)]),
)


@given(st.lists(_LIKE_SHEETS, max_size=40))
def test_remembered_answers_are_those_of_the_long_way(sheets: list[SheetFacts]) -> None:
    """KA-11.1: a sheet like an earlier one comes to the same, to the word, as if it had been decided alone."""
    terms = Terms.resolve({name: shipped(name) for name in shipped_names()}, date(2026, 8, 1))
    decide = Decider(terms)

    for facts in sheets * 2:
        assert decide(pack(facts)) == decide_sheet(facts, terms)


def test_what_a_decider_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = Terms.resolve({name: shipped(name) for name in shipped_names()}, date(2026, 8, 1))
    decide = Decider(terms)
    decide.fees = {("", "", "", str(number)): (0, 0, "") for number in range(200_001)}
    line = "|吸油烟机|replace|3|2026-01-10||2026-08-09|2026-08-10||0|"

    assert decide(line).outcome == "paid"
    assert (len(decide.fees), len(decide.covers)) == (1, 1)
