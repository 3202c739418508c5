"""Dates, telephone numbers, kilometres and money in every shape people type."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from sanbao.settlements.reading import values

APRIL_13 = date(2026, 4, 13)


@pytest.mark.parametrize(
    "cell",
    [
        {"d": "2026-04-13"}, {"d": "2026-04-13T09:30:00"}, "2026-04-13", "2026/4/13", "2026.4.13", "2026年4月13日", "2026 年 4 月 13 日",
        "20260413", 20260413, 20260413.0, 46125, 46125.4, "46125", "２０２６年４月１３日", "２０２６－０４－１３", "2026-4-13 09:30", "2026-04-13 9:30:05",
        "2026-04-13T09:30:00Z", "2026/4/13 上午 9:30", "2026年4月13日 9时30分", "2026年4月13日下午3点", "2026-04-13 ", "'2026-04-13", "2026.04.13.",
        "2026年4月13号", "20260413093000", "2026—4—13",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_shape(cell: object) -> None:
    assert values.day(cell) == APRIL_13


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"d": "1900-01-05"}, "unlikely_year"),
        ("1900/1/5", "unlikely_year"),
        ("1999-12-31", "unlikely_year"),
        ("2100-01-01", "unlikely_year"),
        (5, "unlikely_year"),
        (60, "unlikely_year"),
        (20000, "unlikely_year"),
        ("2026-02-30", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("20261301", "no_such_day"),
        ("03/04/2026", "ambiguous_date"),
        ("3-4-26", "ambiguous_date"),
        ("26年4月13日", "ambiguous_date"),
        ("4月13日", "no_date"),
        ("2026-04", "no_date"),
        ("上周五", "no_date"),
        (True, "no_date"),
        ({"d": "08:30:00"}, "no_date"),
        ({"e": "#N/A"}, "error_value"),
        ({"u": True}, "unvalued"),
        (-5, "no_date"),
        (1e300, "no_date"),
        (float("nan"), "no_date"),
    ],
)
def test_a_doubtful_day_is_refused_by_name_and_never_guessed(cell: object, said: str) -> None:
    with pytest.raises(values.Bad) as bad:
        values.day(cell)
    assert bad.value.code in (said, "too_long_text")


@pytest.mark.parametrize("cell", [None, "", " ", "　", "-", "/", "无", "—", "\u200b"])
def test_an_empty_day_is_none(cell: object) -> None:
    assert values.day(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (18574911862, "18574911862"), (18574911862.0, "18574911862"), ("18574911862.0", "18574911862"), ("185 7491 1862", "18574911862"),
        ("185-7491-1862", "18574911862"), ("１８５７４９１１８６２", "18574911862"), ("+86 185 7491 1862", "18574911862"),
        ("0086-18574911862", "18574911862"), ("'18574911862", "18574911862"), ("86-0760-22345678", "0760-22345678"),
        ("0760-22345678", "0760-22345678"), ("（0760）22345678", "0760-22345678"), ("076022345678", "0760-22345678"),
        ("010-62345678", "010-62345678"), ("0760-2234567-12", "0760-2234567-12"), ("0760-22345678转102", "0760-22345678-102"),
        ("021 62345678 ext.8", "021-62345678-8"), ("22345678", "22345678"), ("400-830-1234", "4008301234"),
        ("18574911862/13800005678", "18574911862/13800005678"), ("18574911862、0760-22345678", "18574911862/0760-22345678"),
        ("18574911862-1234", "18574911862-1234"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_read_in_any_shape(cell: object, number: str) -> None:
    assert values.phone(cell) == (number, True)


@pytest.mark.parametrize(
    "cell", ["1857491186", "138xxxx5678", "见附页", 12, 1.85e10 + 0.5, "18574911862 张先生"]
)
def test_an_unreadable_telephone_number_is_kept_as_typed(cell: object) -> None:
    kept, plausible = values.phone(cell)
    assert kept == values.text(cell)
    assert not plausible


@pytest.mark.parametrize(
    ("cell", "km"),
    [
        (48, "48"), (48.5, "48.5"), ("48公里", "48"), ("48 km", "48"), ("４８ＫＭ", "48"), ("48㎞", "48"), ("1,048", "1048"), (None, "0"), ("", "0"),
        ("无", "0"), ("单程48公里", "48"), ("48(单程)", "48"), (100, "100"), (0.1 + 0.2, "0.3"),
    ],
)  # fmt: skip
def test_kilometres_are_read_in_any_shape(cell: object, km: str) -> None:
    assert str(values.kilometres(cell)) == km


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (-3, "negative_km"), ("-3公里", "negative_km"), ("－3", "negative_km"), ("很远", "no_number"), (6000, "too_far"), ("NaN", "no_number"),
        (float("inf"), "no_number"), ({"e": "#VALUE!"}, "error_value"), (True, "no_number"), ("1e3", "no_number"), ("48公里(往返)", "no_number"),
        ("20-30", "no_number"),
    ],
)  # fmt: skip
def test_impossible_kilometres_are_refused(cell: object, said: str) -> None:
    with pytest.raises(values.Bad) as bad:
        values.kilometres(cell)
    assert bad.value.code == said


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        (80, 8000), (80.5, 8050), ("80元", 8000), ("¥80.00", 8000), ("￥ 1,280.50", 128050), ("人民币80", None), ("免费", 0), ("未收", 0),
        ("８０", 8000), (0.1 + 0.2, 30), (None, 0), ("80元整", 8000),
    ],
)  # fmt: skip
def test_money_is_read_as_fen(cell: object, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(values.Bad):
            values.fen(cell)
    else:
        assert values.fen(cell) == fen


def test_a_third_decimal_is_refused() -> None:
    with pytest.raises(values.Bad, match="more_than_fen"):
        values.fen("80.005")


def test_rare_characters_stay_and_harmful_ones_go() -> None:
    assert values.text("𠮷田\U0003134a \U000323af") == "𠮷田\U0003134a \U000323af"
    assert values.text("张\x00三\ud800\x07\ufffe") == "张三"
    assert values.text("\u202e张三\u200b") == "张三"
    assert values.text(" 张\r\n三　四 ") == "张 三 四"
    assert values.text("=1+1") == "=1+1"
    assert values.harmful("张\x00三")
    assert not values.harmful("张三\U000323af")


def test_codes_are_half_width_without_blanks() -> None:
    assert values.code("ＧＺ００１－２６０４ －0001") == "GZ001-2604-0001"
    assert values.code(202604001.0) == "202604001"
    assert values.code("/") == ""


def test_a_text_that_is_too_long_is_refused_by_its_length() -> None:
    with pytest.raises(values.Bad) as bad:
        values.text("长" * 201, 200)
    assert bad.value.words == {"longest": 200, "length": 201}


anything = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(), some.text(alphabet="0123456789-/.年月日: ０１２x元公里km,"),
    some.builds(lambda text: {"d": text}, some.text(max_size=30)), some.just({"e": "#REF!"}), some.just({"u": True}),
)  # fmt: skip


@given(anything)
@example("²²²²-²-²")
@example("٢٠٢٦-٠٤-١٣")
@example("9" * 400)
def test_no_cell_can_make_a_reader_stumble(cell: object) -> None:
    for reader in (
        values.day,
        values.phone,
        values.kilometres,
        values.fen,
        values.text,
        values.code,
        values.is_empty,
    ):
        try:
            reader(cell)
        except values.Bad as bad:
            assert bad.code


@given(some.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_shape(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    noon = datetime(day.year, day.month, day.day) + timedelta(hours=12)
    shapes = (
        {"d": day.isoformat()}, {"d": noon.isoformat()}, day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", serial, serial + 0.5, str(serial), str(noon),
    )  # fmt: skip
    assert {values.day(shape) for shape in shapes} == {day}


@given(some.integers(0, 499_999))
def test_kilometres_keep_two_decimals(hundredths: int) -> None:
    km = Decimal(hundredths) / 100
    assert values.kilometres(float(km)) == values.kilometres(f"{km} 公里") == km


@given(some.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_number_is_the_same_however_it_is_written(number: str) -> None:
    shapes = (
        number,
        int(number),
        float(number),
        f"+86{number}",
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"{number[:3]} {number[3:7]} {number[7:]}",
    )
    assert {values.phone(shape) for shape in shapes} == {(number, True)}
