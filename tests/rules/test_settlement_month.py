"""KA-11.1 and KA-11.2: what an outlet's month comes to, in a small month told whole."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.explain import explain
from sanbao_rules.settlement import SheetFacts, Tally, Terms, add_up, decide_month, tally
from tests.rules.make import AUGUST, BOOKS, HOB, read, sheet
from tests.rules.test_settlement_sheet import sheets as any_sheet

LATE = (date(2026, 9, 8), date(2026, 9, 15))
OLD = {"purchased_on": date(2024, 1, 1), "installed_on": None}

# A small August: what an outlet's month looks like when everything happens in it.
SMALL_MONTH = [
    HOB,  # 50 + 56
    sheet(category="吸油烟机", component="电机", km=Decimal(20), **OLD),  # 60, the motor is still covered
    sheet(
        category="电热水器", work="adjust", km=Decimal("26.5"), findings=(("late_service", 0),)
    ),  # 40 + 13, −30
    sheet(
        category="消毒柜", km=Decimal(5), findings=(("overcharge", 8000), ("improved", 0))
    ),  # 60, −50, 80 back
    sheet(category="燃气热水器", km=Decimal(5), findings=(("unimproved", 0),)),  # 70, −50
    sheet(missing=("fault",)),  # −10
    sheet(findings=(("forged", 0),)),  # −1060
    sheet(category="燃气灶", **OLD),  # out of warranty
    sheet(claimed_out=True),
]


def settle(sheets: list[SheetFacts], paper: date | None, electronic: date | None, books=BOOKS):
    terms = Terms.resolve(books, AUGUST)
    return decide_month(AUGUST, paper, electronic, sheets, terms, books)


def test_ka_11_1_and_ka_11_2_a_small_month_told_whole():
    made = settle(SMALL_MONTH, *LATE)
    totals = made.totals
    assert (
        totals.records,
        totals.paid,
        totals.void,
        totals.forged,
        totals.out_of_warranty,
        totals.claimed_out,
    ) == (9, 5, 1, 1, 1, 1)
    assert (totals.labour, totals.travel, totals.gross) == (28000, 6900, 34900)
    assert (totals.rate, totals.reduced) == (Decimal("0.9"), 31410)
    assert totals.deductions == {
        "void_sheet": 1000,
        "late_service": 3000,
        "unimproved": 5000,
        "overcharge": 5000,
        "forged": 106000,
    }
    assert (totals.deducted, totals.refund, totals.net) == (120000, 8000, -88590)
    assert (made.code, made.state, made.blocked, totals.unpriced) == ("late", "settled", False, 0)
    assert [outcome.outcome for outcome in made.outcomes][-4:] == [
        "void",
        "forged",
        "out_of_warranty",
        "claimed_out",
    ]


def test_a_month_explains_its_arithmetic():
    texts = [sentence.text for sentence in explain(settle(SMALL_MONTH, *LATE).decision, BOOKS)]
    assert texts == [
        "2026年8月记录单于2026年9月15日收齐，截止日为2026年9月10日，逾期5日，按90%结算",
        "共9单，计费5单：工时费280.00元＋里程费69.00元 = 349.00元",
        "349.00元×90% = 314.10元",
        "无效单1项，扣10.00元",
        "维修不及时投诉属实1项，扣30.00元",
        "责令改正后仍未改正1项，扣50.00元",
        "乱收费1项，扣50.00元",
        "伪造记录单1项，扣1060.00元",
        "另有80.00元由网点退还用户，不从结算款中扣除",
        "314.10元－扣罚1200.00元 = -885.90元，为网点欠款，结转下期",
    ]


def test_a_month_in_credit_is_paid_out():
    made = settle([HOB], *LATE)
    assert made.totals.net == 9540
    assert explain(made.decision, BOOKS)[-1].text == "95.40元－扣罚0.00元 = 应付95.40元"


def test_ka_11_1_paper_without_an_electronic_copy_is_not_settled_but_deductions_stand():
    made = settle(SMALL_MONTH, date(2026, 9, 8), None)
    assert (made.totals.rate, made.totals.reduced, made.totals.net, made.state) == (
        0,
        0,
        -120000,
        "no_electronic",
    )
    assert settle(SMALL_MONTH, None, date(2026, 9, 8)).state == "waiting_paper"


def test_a_month_without_sheets_comes_to_nothing():
    assert settle([], *LATE).totals.net == 0


def test_a_sheet_without_a_fee_blocks_the_month_until_it_is_cleared_up():
    made = settle([HOB, sheet(category="")], *LATE)
    assert (made.blocked, made.totals.unpriced, made.totals.gross) == (True, 1, 10600)
    assert explain(made.decision, BOOKS)[-1].text == "有1单不能计费，查清以前结算单不得提交"
    listed = settle([HOB, sheet(category="")], *LATE, read("settlement", no_fee="list"))
    assert (listed.blocked, listed.totals.unpriced) == (False, 1)


def test_a_66_a_forged_sheet_that_keeps_its_fee_is_in_the_gross():
    made = settle([HOB, sheet(findings=(("forged", 0),))], *LATE, read("settlement", forged_fee="kept"))
    assert (made.totals.paid, made.totals.gross) == (1, 21200)


def test_the_rate_is_taken_of_the_gross_once_and_never_of_deductions():
    made = settle([sheet(km=Decimal("20.35"), findings=(("late_service", 0),))], *LATE)
    assert made.totals.gross == 5070
    assert (made.totals.reduced, made.totals.net) == (4563, 1563)


def test_totals_are_the_sum_of_outcomes_counted_apart():
    terms = Terms.resolve(BOOKS, AUGUST)
    made = settle(SMALL_MONTH, *LATE)
    counted = tally(made.outcomes, terms)
    again = add_up(AUGUST, *LATE, counted, terms, BOOKS)
    assert again.totals == made.totals
    assert again.outcomes == []
    assert add_up(AUGUST, *LATE, Tally(), terms, BOOKS).totals.net == 0


@given(st.lists(any_sheet, max_size=12))
def test_totals_equal_the_sum_of_the_sheets(facts):
    made = settle(facts, *LATE)
    totals, outcomes = made.totals, made.outcomes
    paid = [outcome for outcome in outcomes if outcome.outcome == "paid"]
    assert totals.gross == sum(outcome.labour + outcome.travel for outcome in paid)
    assert totals.deducted == sum(amount for outcome in outcomes for _, amount in outcome.deductions)
    assert totals.refund == sum(outcome.refund for outcome in outcomes)
    assert totals.net == totals.reduced - totals.deducted
    assert (
        totals.records
        == len(facts)
        == sum(
            getattr(totals, name)
            for name in ("paid", "void", "forged", "out_of_warranty", "claimed_out", "unpriced")
        )
    )


@given(st.lists(any_sheet, max_size=8), any_sheet)
def test_another_sheet_without_findings_never_lowers_the_gross(facts, one_more):
    before, after = settle(facts, *LATE), settle([*facts, one_more._replace(findings=())], *LATE)
    assert after.totals.gross >= before.totals.gross


@given(st.permutations(SMALL_MONTH))
def test_the_order_of_the_sheets_does_not_matter(shuffled):
    assert settle(shuffled, *LATE).totals == settle(SMALL_MONTH, *LATE).totals
