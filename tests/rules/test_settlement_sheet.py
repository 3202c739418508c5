"""KA-11.2: what one record sheet earns and costs, which outcome comes first, and why."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import settlement, settlement_why
from sanbao_rules.explain import explain_all
from sanbao_rules.settlement import (
    DEDUCTIONS,
    OUTCOMES,
    REQUIRED_FIELDS,
    Terms,
    decide_sheet,
)
from sanbao_rules.settlement_why import HARMLESS, expand
from tests.rules.make import AUGUST, BOOKS, HOB, decide, read, sheet

FORGED = (("forged", 0),)


def told(outcome, books=BOOKS, language="zh", month=AUGUST):
    return [sentence.text for sentence in explain_all(expand(outcome.why, books, month), books, language)]


def test_ka_5_1_and_ka_4_3_a_sheet_in_warranty_is_paid_labour_and_travel():
    made = decide(HOB)
    assert made[:5] == ("paid", 5000, 5600, (), 0)
    assert made.why == (
        "in_warranty(2026-08-03;2027-01-12;whole;2026-01-10;2026-01-12) labour(5000;燃气灶;replace) travel(5600;48;20;2)"
    )
    assert told(made) == [
        "2026年1月10日购买，保修期自安装完成之日2026年1月12日起计算",
        "整机自2026年1月12日起保修1年，到2027年1月12日；2026年8月3日报修，在保修期内",
        "燃气灶换件维修，工时费50.00元",
        "单程48公里，超出20公里的28公里×2元 = 56.00元",
    ]
    assert told(made, language="en")[2:] == [
        "gas hob, part replaced: labour 50.00 yuan",
        "48 km one way; the 28 km over 20 × 2 yuan = 56.00 yuan",
    ]


@pytest.mark.parametrize("field", REQUIRED_FIELDS)
def test_ka_11_2_a_sheet_that_lacks_a_required_field_is_void_and_costs_ten(field):
    made = decide(sheet(missing=(field,)))
    assert made[:5] == ("void", 0, 0, (("void_sheet", 1000),), 0)
    assert made.why == f"void_sheet(1000;{field})"


def test_ka_11_2_a_void_sheet_names_what_is_missing():
    assert told(decide(sheet(missing=("phone", "fault")))) == [
        "缺少联系电话、故障现象，视为无效单，不计维修费，扣罚10.00元"
    ]


def test_the_required_fields_are_a_parameter():
    books = read("settlement", required_fields=["number"])
    assert decide(sheet(missing=("phone",)), books).outcome == "paid"
    assert decide(sheet(missing=("phone",), findings=(("late_service", 0),)), books).outcome == "paid"
    assert decide(sheet(missing=("number",)), books).outcome == "void"


@pytest.mark.parametrize(
    ("kind", "fine"), [("late_service", 3000), ("unimproved", 5000), ("overcharge", 5000)]
)
def test_ka_11_2_a_finding_costs_its_fine_and_the_sheet_is_still_paid(kind, fine):
    made = decide(sheet(findings=((kind, 0),)))
    assert made[:4] == ("paid", 5000, 5600, ((kind, fine),))
    assert expand(made.why, BOOKS, AUGUST)[-1].clause == "appliance KA-11.2"


@pytest.mark.parametrize("kind", HARMLESS)
def test_ka_11_2_what_was_improved_or_not_proven_costs_nothing(kind):
    made = decide(sheet(findings=((kind, 0),)))
    assert made[:5] == ("paid", 5000, 5600, (), 0)
    assert "不扣罚" in told(made)[-1]


def test_ka_11_2_a_refund_is_listed_and_not_subtracted():
    made = decide(sheet(findings=(("overcharge", 8000),)))
    assert (made.deductions, made.refund) == ((("overcharge", 5000),), 8000)
    assert told(made)[-1] == "应退还用户80.00元，由网点退还，不从结算款中扣除"


def test_ka_11_2_a_forged_sheet_earns_nothing_and_costs_ten_times_its_fee():
    made = decide(sheet(findings=FORGED))
    assert made[:4] == ("forged", 5000, 5600, (("forged", 106000),))
    assert told(made)[-1] == "经查为伪造记录单，不计维修费，按本单费用106.00元的10倍罚款1060.00元"


def test_a_66_by_the_other_reading_a_forged_sheet_keeps_its_fee():
    made = decide(sheet(findings=FORGED), read("settlement", forged_fee="kept"))
    assert (made.outcome, made.deductions) == ("forged", (("forged", 106000),))
    assert "仍计入" in told(made)[-1]


def test_a_66_findings_are_independent_and_add_up():
    findings = (("forged", 0), ("late_service", 0), ("unimproved", 0), ("overcharge", 8000))
    made = decide(sheet(findings=findings))
    assert dict(made.deductions) == {
        "forged": 106000,
        "late_service": 3000,
        "unimproved": 5000,
        "overcharge": 5000,
    }


def test_a_66_by_the_other_reading_only_the_heaviest_counts():
    books = read("settlement", several_findings="heaviest")
    made = decide(sheet(findings=(("late_service", 0), ("unimproved", 0))), books)
    assert made.deductions == (("unimproved", 5000),)
    assert "其余30.00元不计" in told(made)[-1]
    assert decide(sheet(findings=(("late_service", 0),)), books).deductions == (("late_service", 3000),)


@pytest.mark.parametrize(
    "changes",
    [
        {"missing": ("phone",)},
        {"purchased_on": date(2023, 1, 1), "installed_on": None},
        {"claimed_out": True},
        {"category": ""},
    ],
)
def test_ka_11_2_findings_count_on_unpaid_sheets_too(changes):
    plain = decide(sheet(**changes))
    made = decide(sheet(**changes, findings=(("late_service", 0),)))
    assert made.outcome == plain.outcome != "paid"
    assert made.deductions == (*plain.deductions, ("late_service", 3000))


def test_an_incomplete_forgery_is_void_and_still_costs_tenfold():
    made = decide(sheet(missing=("address",), findings=FORGED))
    assert made[:4] == ("void", 5000, 5600, (("void_sheet", 1000), ("forged", 106000)))
    only_void = decide(
        sheet(missing=("address",), findings=FORGED), read("settlement", forged_and_void="void")
    )
    assert only_void[:4] == ("void", 0, 0, (("void_sheet", 1000),))
    without_fee = decide(sheet(missing=("model",), category="", findings=FORGED))
    assert without_fee[:4] == ("void", 0, 0, (("void_sheet", 1000),))
    kept = decide(sheet(missing=("address",), findings=FORGED), read("settlement", forged_fee="kept"))
    assert "forged_fee_kept" not in kept.why


def test_the_first_outcome_that_holds_decides_void_forged_out_of_warranty_claimed_out():
    old = {"purchased_on": date(2023, 1, 1), "installed_on": None}
    assert decide(sheet(missing=("phone",), findings=FORGED, claimed_out=True, **old)).outcome == "void"
    assert decide(sheet(findings=FORGED, claimed_out=True, **old)).outcome == "forged"
    assert decide(sheet(claimed_out=True, **old)).outcome == "out_of_warranty"
    assert decide(sheet(claimed_out=True)).outcome == "claimed_out"


def test_ka_5_1_out_of_warranty_is_not_paid_and_the_last_day_still_is():
    assert decide(sheet(reported_on=date(2027, 1, 12))).outcome == "paid"
    made = decide(sheet(reported_on=date(2027, 1, 13)))
    assert made[:4] == ("out_of_warranty", 0, 0, ())
    assert (
        told(made)[-1]
        == "整机自2026年1月12日起保修1年，到2027年1月12日；2027年1月13日报修，已过保修期，不予结算"
    )


def test_the_day_of_completion_counts_where_no_report_is_given():
    made = decide(sheet(reported_on=None, completed_on=date(2027, 1, 12)))
    assert made.outcome == "paid"
    assert told(made)[2] == "未填报修日期，以完成日期为准"
    assert decide(sheet(reported_on=None, completed_on=date(2027, 1, 13))).outcome == "out_of_warranty"


def test_ka_5_1_a_component_with_its_own_cover_outlasts_the_appliance():
    motor = sheet(category="吸油烟机", component="马达", purchased_on=date(2023, 9, 1), installed_on=None)
    made = decide(motor)
    assert (made.outcome, made.labour) == ("paid", 6000)
    assert told(made)[0] == "保修期自购买之日2023年9月1日起计算"
    assert decide(motor._replace(component="灯板")).outcome == "out_of_warranty"
    assert decide(motor._replace(purchased_on=date(2023, 8, 2))).outcome == "out_of_warranty"


def test_ka_5_1_a_component_the_company_covers_longer_needs_no_other_words():
    covers = [{"category": "燃气灶", "component": "炉头", "years": "hood_motor_years"}]
    warranty = BOOKS["warranty"].with_values(
        "own", {"component_covers": [(date(2000, 1, 1), covers, "appliance KA-5.1")]}
    )
    burner = sheet(component="炉头", purchased_on=date(2023, 9, 1), installed_on=None)
    assert decide(burner).outcome == "out_of_warranty"
    assert decide(burner, BOOKS | {"warranty": warranty}).outcome == "paid"


def test_a_43_a_tanks_labour_is_unpaid_after_a_year_by_the_other_reading():
    tank = sheet(category="电热水器", component="内胆", purchased_on=date(2023, 9, 1), installed_on=None)
    assert decide(tank).outcome == "paid"
    assert decide(tank, read("warranty", tank_labour="as_the_whole")).outcome == "out_of_warranty"


def test_a_sheet_that_says_out_of_warranty_itself_is_not_paid():
    made = decide(sheet(claimed_out=True))
    assert made[:4] == ("claimed_out", 0, 0, ())
    assert told(made)[-1] == "单上注明保外，费用由用户承担，不予结算"
    assert decide(sheet(claimed_out=True), read("settlement", claimed_out="settled")).outcome == "paid"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": ""}, "产品型号没有对应的产品类别（未填），不能计费，须先查清"),
        (
            {"category": "集成灶 (大;50%)"},
            "产品型号没有对应的产品类别（集成灶 (大;50%)），不能计费，须先查清",
        ),
        ({"work": ""}, "燃气灶没有作业内容“未填”的收费标准，不能计费，须先查清"),
        ({"km": Decimal("-3")}, "单程-3公里不是有效里程，须先查清"),
        ({"purchased_on": None}, "没有购买日期，不能判断保修期，须先查清"),
        ({"reported_on": None, "completed_on": None}, "没有可用的报修日期，不能判断保修期，须先查清"),
        (
            {"purchased_on": date(2026, 8, 4), "installed_on": None},
            "购买日期2026年8月4日晚于报修日期2026年8月3日，须先查清",
        ),
        (
            {"purchased_on": date(1995, 8, 24), "installed_on": None},
            "1995年8月24日购买时保修制度尚未施行，须先查清",
        ),
    ],
)
def test_a_sheet_that_can_not_be_judged_is_unpriced_never_silently_nothing(changes, words):
    made = decide(sheet(**changes))
    assert made[:5] == ("unpriced", 0, 0, (), 0)
    assert told(made) == [words]
    assert told(made, language="en")


def test_everything_in_the_way_is_said_at_once():
    made = decide(sheet(category="", purchased_on=None))
    assert [reason.code for reason in expand(made.why, BOOKS, AUGUST)] == [
        "unknown_category",
        "no_purchase_date",
    ]


def test_a_forgery_without_a_fee_is_unpriced_until_cleared_up():
    made = decide(sheet(work="", findings=FORGED))
    assert made[:4] == ("unpriced", 0, 0, ())


def test_a_sheet_of_a_century_ago_is_unpriced():
    made = decide(
        sheet(
            purchased_on=date(1900, 1, 1), installed_on=None, reported_on=None, completed_on=date(1901, 1, 1)
        )
    )
    assert made.outcome == "unpriced"
    assert "before_the_rules" in made.why


def test_an_unknown_finding_is_refused():
    with pytest.raises(ValueError, match="unknown finding 'rude'"):
        decide(sheet(findings=(("rude", 0),)))


def test_words_for_category_and_component_are_understood():
    assert decide(sheet(category="抽油烟机")).labour == 6000


def test_a_tariff_that_changes_inside_the_month_goes_by_the_day_of_completion():
    tariff = {"燃气灶": {"replace": 55, "adjust": 30}}
    charges = BOOKS["charges"].with_values(
        "2026.2",
        {
            "labour": [(date(2026, 8, 4), tariff, "own tariff")],
            "yuan_per_km": [(date(2026, 8, 4), 3, "own travel")],
            "free_km": [(date(2026, 8, 4), 10, "own travel")],
        },
    )
    books = BOOKS | {"charges": charges}
    before, after = decide(sheet(completed_on=date(2026, 8, 3)), books), decide(HOB, books)
    assert (before.labour, before.travel) == (5000, 5600)
    assert (after.labour, after.travel) == (5500, 11400)
    assert "replace;2000-01-01)" in before.why and "replace)" in after.why
    reasons = expand(before.why, books, AUGUST)
    assert reasons[2].clause == "appliance KA-4.3"
    assert expand(after.why, books, AUGUST)[2].clause == "own tariff"
    near = decide(sheet(completed_on=date(2026, 8, 3), km=Decimal(5)), books)
    assert near.why.endswith("no_travel(5;20;2000-01-01)")
    assert told(near, books)[-1] == "单程5公里，未超出20公里，不计里程费"


def test_what_is_remembered_stays_bounded(monkeypatch):
    monkeypatch.setattr(settlement, "_REMEMBERED", 3)
    terms = Terms.resolve(BOOKS, AUGUST)
    for n in range(20):
        decide_sheet(sheet(purchased_on=date(2026, 1, 1) + timedelta(days=n), installed_on=None), terms)
    assert len(terms.cover_of) <= 3


def test_a_void_sheet_is_decided_once_for_all_like_it():
    terms = Terms.resolve(BOOKS, AUGUST)
    assert decide_sheet(sheet(missing=("phone",)), terms) is decide_sheet(
        sheet(missing=("phone",), km=Decimal(3)), terms
    )


def test_every_word_of_a_why_has_its_sentence():
    for code in settlement_why._EXPANSIONS:
        book = next(book for book in BOOKS.values() if code in book.reasons)
        assert book.reasons[code]["zh"]


days = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))
sheets = st.builds(
    settlement.SheetFacts,
    missing=st.lists(st.sampled_from(REQUIRED_FIELDS), max_size=2, unique=True).map(tuple),
    category=st.sampled_from(["", "吸油烟机", "燃气灶", "电热水器", "洗衣机"]),
    work=st.sampled_from(["", "replace", "adjust"]),
    km=st.decimals(-5, 500, places=1),
    purchased_on=days,
    installed_on=days,
    reported_on=days,
    completed_on=days,
    component=st.sampled_from(["", "电机", "内胆", "灯板"]),
    claimed_out=st.booleans(),
    findings=st.lists(
        st.tuples(st.sampled_from((*DEDUCTIONS[1:], *HARMLESS)), st.integers(0, 10000)), max_size=3
    ).map(tuple),
)


@given(sheets)
def test_any_sheet_is_decided_and_its_reasons_tell_its_amounts(facts):
    made = decide(facts)
    assert made.outcome in OUTCOMES
    reasons = expand(made.why, BOOKS, AUGUST)
    assert reasons
    for language in ("zh", "en"):
        sentences = explain_all(reasons, BOOKS, language)
        assert all(sentence.text and sentence.clause_text for sentence in sentences)
        assert not any(re.search(r"[{}]", sentence.text) for sentence in sentences)
    if made.outcome == "paid":
        assert made.labour == sum(r.args["amount"] for r in reasons if r.code == "labour")
        assert made.travel == sum(r.args["amount"] for r in reasons if r.code == "travel")
    fined = {r.code: r.args["amount"] for r in reasons if r.code in DEDUCTIONS}
    assert fined == dict(made.deductions)
    assert made.refund == sum(refund for _, refund in facts.findings)


@given(sheets)
def test_a_warm_memory_decides_as_a_cold_one(facts):
    warm = Terms.resolve(BOOKS, AUGUST)
    first = decide_sheet(facts, warm)
    assert decide_sheet(facts, warm) == first == decide(facts)
