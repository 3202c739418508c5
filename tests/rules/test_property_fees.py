"""PF-1 to PF-8: monthly fees of sold public housing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import property_fees
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["property_fees"], date(2012, 6, 1)


def month(storeys=6, area="50", management="8", **facts):
    return property_fees.household(storeys, area, management, ON, book=BOOK, **facts)


def test_the_household_of_the_notices_example_pays_36_53_and_the_fund_25_40():
    """PF-2, PF-3, PF-4."""
    made = month(18, "63.50", "12", lift=True)
    assert made.answer == {"accepted": True, "owner": 3653, "tenant": 0, "fund": 2540}
    assert explain(made, BOOK)[-2].text == "业主每月36.53元，维修资金列支25.40元"


@pytest.mark.parametrize(
    ("management", "storeys", "accepted"),
    [
        ("5", 6, True),
        ("9", 6, True),
        ("9.01", 6, False),
        ("4.99", 6, False),
        ("12", 8, True),
        ("12.01", 8, False),
    ],
)
def test_the_management_fee_lies_within_its_band(management, storeys, accepted):
    """PF-2, A-33."""
    assert month(storeys, "50", management).answer["accepted"] is accepted


def test_a_fee_above_the_standard_needs_the_assemblys_resolution_and_one_below_has_none():
    """PF-7."""
    assert not month(cleaning="8").answer["accepted"]
    assert month(cleaning="8", resolution=True).answer["owner"] == 2500
    assert month(management="20", resolution=True).answer["accepted"]
    assert [reason.code for reason in month(security="5", resolution=True).reasons] == ["below_standard"]


def test_other_premises_pay_a_share_of_the_rent_and_cleaning_within_its_band():
    """PF-8."""
    assert property_fees.premises(1200, 40, "0.5", ON, book=BOOK).answer == {
        "accepted": True,
        "owner": 30000,
        "user": 2000,
    }
    assert not property_fees.premises(1200, 40, "0.51", ON, book=BOOK).answer["accepted"]


def test_one_estate_charges_the_same_for_the_same_service():
    """PF-1."""
    assert property_fees.equal(["6", "6.00"], ON, book=BOOK).answer is True
    assert property_fees.equal(["6", "8"], ON, book=BOOK).answer is False


def test_an_item_nobody_pays_for_is_refused():
    """PF-5."""
    assert property_fees.payer("common_parts", ON, book=BOOK).answer == "fund"
    with pytest.raises(property_fees.UnknownFee, match="nobody is named"):
        property_fees.payer("parking", ON, book=BOOK)


@given(st.decimals(1, 500, places=2), st.booleans())
def test_owner_and_tenant_together_pay_the_same_whoever_lives_there(area, lift):
    """PF-4, PF-6: and the owner's and the fund's share of the lift are 0.55 yuan a square metre, to a fen."""
    own, let = month(18, area, "12", lift=lift).answer, month(18, area, "12", lift=lift, tenant=True).answer
    assert own["owner"] == let["owner"] + let["tenant"]
    whole = (own["owner"] - 2700) + own["fund"]
    assert abs(whole - area * 55 * lift) <= Decimal(1)
