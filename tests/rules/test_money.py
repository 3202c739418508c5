"""Money: fen inside, yuan outside, capitals on paper."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.money import capitals, fen_to_yuan, percent_of, yuan


@pytest.mark.parametrize(
    ("amount", "fen"),
    [
        ("0", 0),
        ("12.34", 1234),
        (30, 3000),
        (Decimal("0.005"), 1),
        ("0.004", 0),
        ("-0.005", -1),
        ("1e2", 10000),
    ],
)
def test_yuan_become_fen_rounded_half_up_once(amount, fen):
    assert yuan(amount) == fen


@pytest.mark.parametrize("amount", [1.5, True])
def test_a_float_is_no_money(amount):
    with pytest.raises(TypeError, match="never"):
        yuan(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_is_not_finite_is_no_money(amount):
    with pytest.raises(ValueError, match="not an amount"):
        yuan(amount)


def test_fen_become_yuan_with_two_places():
    assert str(fen_to_yuan(5000)) == "50.00"
    assert str(fen_to_yuan(-13820)) == "-138.20"


@pytest.mark.parametrize(
    ("fen", "rate", "result"), [(190200, "0.9", 171180), (5, "0.9", 5), (5, "0.7", 4), (-5, "0.9", -5)]
)
def test_a_share_is_rounded_half_up(fen, rate, result):
    assert percent_of(fen, Decimal(rate)) == result


@given(st.integers(-(10**12), 10**12))
def test_fen_and_yuan_round_trip(fen):
    assert yuan(fen_to_yuan(fen)) == fen


# The table of facts/china.md section 10, and the groups around it.
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("10000", "壹万元整"),
        ("110", "壹佰壹拾元整"),
        ("100001", "壹拾万零壹元整"),
        ("20030000", "贰仟零叁万元整"),
        ("100000001.10", "壹亿零壹元壹角"),
        ("0.35", "叁角伍分"),
        ("0.05", "伍分"),
        ("0", "零元整"),
        ("-138.20", "负壹佰叁拾捌元贰角"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("1234500000000", "壹万贰仟叁佰肆拾伍亿元整"),
        ("10000000010000", "壹拾万亿零壹万元整"),
        ("1001.00", "壹仟零壹元整"),
    ],
)
def test_amounts_in_capitals(amount, words):
    assert capitals(yuan(amount)) == words


def test_more_than_can_be_written_is_refused():
    with pytest.raises(ValueError, match="more than"):
        capitals(10**18)


_DIGITS = {digit: number for number, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}


def read_capitals(words: str) -> int:
    """The other way round, for the test: reads capitals digit by digit."""
    sign = -1 if words.startswith("负") else 1
    whole, _, rest = words.lstrip("负").rpartition("元")
    total = section = digit = 0
    for character in whole:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in "拾佰仟":
            section += digit * 10 ** ("拾佰仟".index(character) + 1)
            digit = 0
        elif character == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    fen = (total + section + digit) * 100
    for place, unit in ((10, "角"), (1, "分")):
        if unit in rest:
            fen += _DIGITS[rest[rest.index(unit) - 1]] * place
    return sign * fen


@given(st.integers(-(10**14), 10**14))
def test_capitals_say_the_amount(fen):
    words = capitals(fen)
    assert read_capitals(words) == fen
    assert "零零" not in words
