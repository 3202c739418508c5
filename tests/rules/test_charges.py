"""KA-4.3 and KA-6.2: the tariff, travel, and the cap on parts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import charges
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS, read

BOOK, TODAY = BOOKS["charges"], date(2026, 4, 1)


@pytest.mark.parametrize(
    ("price", "cap"), [("10.00", 1600), ("99.99", 15998), ("100.00", 14000), ("100.01", 14001)]
)
def test_ka_6_2_the_cap_on_a_part_sold_out_of_warranty(price, cap):
    assert charges.part_price_cap(Decimal(price), BOOK, TODAY).answer == cap


def test_a_45_exactly_a_hundred_yuan_can_be_read_the_other_way():
    below = read("charges", at_threshold="below")["charges"]
    assert charges.part_price_cap(Decimal(100), below, TODAY).answer == 16000
    assert charges.part_price_cap(Decimal("100.01"), below, TODAY).answer == 14001


def test_ka_6_2_the_jump_at_the_threshold_is_said_and_not_corrected():
    told = explain(charges.part_price_cap(Decimal(100), BOOK, TODAY), BOOK)
    assert [sentence.text for sentence in told] == [
        "供货价100.00元，最多上浮40%，最高收费140.00元",
        "请注意：供货价100.00元的最高收费为140.00元，低于供货价99.99元的配件；制度如此，未作修正",
    ]
    assert len(charges.part_price_cap(Decimal(99), BOOK, TODAY).reasons) == 1
    assert len(charges.part_price_cap(Decimal(115), BOOK, TODAY).reasons) == 1


def test_ka_4_3_labour_by_category_and_work():
    assert charges.labour("燃气热水器", "replace", BOOK, TODAY).answer == 7000
    assert charges.labour("燃气热水器", "adjust", BOOK, TODAY).answer == 3000


def test_ka_4_3_what_the_tariff_does_not_know_is_not_priced_in_silence():
    with pytest.raises(charges.NoFee, match="unknown_category") as refused:
        charges.labour("集成灶", "replace", BOOK, TODAY)
    assert explain(refused.value.reason, BOOK)[0].text == "收费标准中没有产品类别“集成灶”，不能计费"
    with pytest.raises(charges.NoFee, match="unknown_work") as refused:
        charges.labour("燃气灶", "install", BOOK, TODAY)
    assert (
        explain(refused.value.reason, BOOK, "en")[0].text
        == "the tariff has no work “install” for gas hob: no fee can be set"
    )


def test_travel_counts_the_kilometres_over_the_free_ones():
    made = charges.travel(Decimal(48), BOOK, TODAY)
    assert made.answer == 5600
    assert explain(made, BOOK)[0].text == "单程48公里，超出20公里的28公里×2元 = 56.00元"
    assert explain(made, BOOK, "en")[0].text == "48 km one way; the 28 km over 20 × 2 yuan = 56.00 yuan"
    assert charges.travel(Decimal("26.5"), BOOK, TODAY).answer == 1300
    assert charges.travel(Decimal(20), BOOK, TODAY).answer == 0


def test_negative_kilometres_are_refused():
    with pytest.raises(ValueError, match="no distance"):
        charges.travel(Decimal(-1), BOOK, TODAY)


def test_words_people_use_are_understood():
    assert charges.category("抽油烟机", BOOK, TODAY) == "吸油烟机"
    assert charges.category(" 燃气灶 ", BOOK, TODAY) == "燃气灶"
    assert charges.category("洗衣机", BOOK, TODAY) == ""
    assert charges.component("马达", BOOK, TODAY) == "电机"
    assert charges.component("电机电容", BOOK, TODAY) == "电机电容"
    assert charges.work("换件维修", BOOK, TODAY) == "replace"
    assert charges.work("检查调试", BOOK, TODAY) == "adjust"
    assert charges.work("安装", BOOK, TODAY) == ""


@given(st.decimals(0, 99999, places=2), st.decimals(0, 99999, places=2))
def test_ka_6_2_within_a_band_a_dearer_part_never_has_a_lower_cap(one, other):
    low, high = sorted((one, other))
    if (low < 100) == (high < 100):
        assert (
            charges.part_price_cap(low, BOOK, TODAY).answer
            <= charges.part_price_cap(high, BOOK, TODAY).answer
        )


@given(st.decimals(0, 2000, places=1), st.decimals(0, 2000, places=1))
def test_a_longer_way_never_costs_less(one, other):
    low, high = sorted((one, other))
    assert charges.travel(low, BOOK, TODAY).answer <= charges.travel(high, BOOK, TODAY).answer
