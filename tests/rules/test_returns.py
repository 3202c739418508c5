"""KA-1.1, KA-3, KA-8, KA-12.3, KA-12.4: parts and products sent back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import returns
from sanbao_rules.explain import explain
from sanbao_rules.worktime import Calendar
from tests.rules.make import BOOKS, read

BOOK, CALENDAR = BOOKS["returns"], Calendar(BOOKS["calendar"], provisional=True)
MADE, ON = date(2024, 3, 1), date(2026, 3, 1)


@pytest.mark.parametrize(
    ("applied", "rate"),
    [
        (date(2026, 3, 1), "1"), (date(2026, 3, 2), "0.8"), (date(2027, 3, 1), "0.8"),
        (date(2027, 3, 2), "0.5"), (date(2029, 3, 1), "0.5"), (date(2029, 3, 2), "0"),
    ],
)  # fmt: skip
def test_a_52_exactly_two_three_and_five_years_are_in_the_better_band(applied, rate):
    """KA-8.2."""
    assert returns.goods(MADE, applied, 1000, book=BOOK).answer["rate"] == Decimal(rate)


def test_a_53_a_return_without_a_quality_problem_earns_half_at_most():
    """KA-8.2: the lower of the band and the share its condition is judged at."""
    made = returns.goods(MADE, ON, 1000, book=BOOK, cause="other", share="0.3")
    assert made.answer["credit"] == 30000
    old = returns.goods(MADE, date(2029, 3, 2), 1000, book=BOOK, cause="other")
    assert old.answer["credit"] == 0


def test_what_was_not_bought_officially_or_can_be_repaired_is_refused_with_every_reason():
    """KA-8.1."""
    made = returns.goods(MADE, ON, 1000, book=BOOK, official=False, repairable=True, sample=True)
    assert made.answer == {"verdict": "refused", "rate": 0, "credit": 0}
    assert [sentence.clause for sentence in explain(made, BOOK)] == [
        "appliance KA-8.2",
        "appliance KA-8.1",
        "appliance KA-8.1",
    ]


def test_a_part_that_is_refused_names_every_ground():
    """KA-3.4, KA-3.5."""
    made = returns.part("oil_cup", MADE, ON, book=BOOK, in_warranty=False, own_make=False, approved=True)
    assert made.answer["verdict"] == "refused"
    assert [reason.code for reason in made.reasons] == [
        "not_returnable",
        "other_make",
        "part_out_of_warranty",
    ]


def test_a_part_from_its_repair_has_thirty_days_and_no_time_without_one():
    """KA-3.4, A-49."""
    for repaired, late in ((None, False), (date(2026, 1, 30), False), (date(2026, 1, 29), True)):
        assert returns.part("ignition", MADE, ON, book=BOOK, repaired_on=repaired).answer["late"] is late


@pytest.mark.parametrize(
    ("units", "approvers"),
    [(5, ["after_sales"]), (6, ["after_sales", "head"]), (10, ["after_sales", "head"]), (11, ["after_sales", "head", "deputy_gm"])],
)  # fmt: skip
def test_a_68_larger_batches_need_higher_approval(units, approvers):
    """KA-12.4."""
    assert returns.approvals(units, ON, book=BOOK).answer == approvers


def test_counts_that_agree_are_said_to_agree():
    """KA-3.6."""
    assert returns.count(9, 9, ON, book=BOOK).reasons[0].code == "count_same"


def test_the_pick_up_is_a_target_and_no_deadline():
    """KA-12.4, A-69."""
    made = returns.answer("pickup", ON, date(2026, 3, 20), book=BOOK, calendar=CALENDAR)
    assert made.answer == {"due": date(2026, 3, 9), "state": "late"}
    assert "only_a_target" in [reason.code for reason in made.reasons]
    with pytest.raises(returns.UnknownReturn, match="known are part, goods, pickup"):
        returns.answer("panel", ON, ON, book=BOOK, calendar=CALENDAR)


def test_a_false_reason_costs_what_the_approver_picks_within_the_range():
    """KA-8.4, A-55."""
    assert returns.false_reason(ON, book=BOOK).answer == {"allowed": True, "fine": 10000}
    assert returns.false_reason(ON, book=BOOK, amount=1000).answer["fine"] == 100000
    assert not returns.false_reason(ON, book=BOOK, amount="99.99").answer["allowed"]
    assert returns.false_reason(ON, book=BOOK, serious=False).answer == {"allowed": False, "fine": 0}


@given(st.dates(date(2018, 1, 1), date(2026, 1, 1)), st.integers(0, 3000), st.integers(0, 3000))
def test_an_older_product_never_earns_more(made, one, other):
    """KA-8.2, in both readings of the edge."""
    sooner, later = (made + timedelta(days=days) for days in sorted((one, other)))
    for edge in ("better", "worse"):
        book = read("returns", band_edge=edge)["returns"]
        first, second = (returns.goods(made, day, 100, book=book).answer["rate"] for day in (sooner, later))
        assert first >= second


def test_a_last_day_in_a_year_without_published_holidays_is_said_to_be_provisional():
    made = returns.answer("goods", date(2027, 4, 8), date(2027, 4, 8), book=BOOK, calendar=CALENDAR)
    assert explain(made, BOOKS)[-1].clause.startswith("holidays")
    assert [reason.code for reason in made.reasons][-1] == "provisional"
    assert "provisional" not in [
        reason.code for reason in returns.answer("goods", ON, ON, book=BOOK, calendar=CALENDAR).reasons
    ]
