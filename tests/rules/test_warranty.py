"""KA-5.1: how long what is repaired free, by the text and, for what was bought since July 2024, by the law above it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.explain import explain
from sanbao_rules.warranty import cover, in_warranty
from tests.rules.make import BOOKS, read

BOOK = BOOKS["warranty"]


def test_ka_5_1_before_the_law_the_warranty_runs_from_purchase():
    made = cover("燃气灶", "", date(2024, 6, 30), date(2024, 8, 1), book=BOOK)
    assert made.answer == date(2025, 6, 30)
    assert made.reasons[0].clause == "appliance KA-5.1"


def test_ka_5_1_since_the_law_it_runs_from_the_latest_of_purchase_delivery_and_installation():
    assert cover("燃气灶", "", date(2024, 7, 1), date(2024, 7, 15), book=BOOK).answer == date(2025, 7, 15)
    assert cover("燃气灶", "", date(2024, 7, 1), None, date(2024, 7, 9), book=BOOK).answer == date(2025, 7, 9)
    assert cover("燃气灶", "", date(2024, 7, 1), book=BOOK).answer == date(2025, 7, 1)
    made = cover("燃气灶", "", date(2024, 7, 1), date(2024, 7, 15), book=BOOK)
    assert made.reasons[0].clause == "consumer-regulation 18"


def test_an_installation_before_the_purchase_does_not_shorten_the_warranty():
    assert cover("燃气灶", "", date(2026, 1, 10), date(2026, 1, 5), book=BOOK).answer == date(2027, 1, 10)


@pytest.mark.parametrize(
    ("category", "component", "years"),
    [
        ("吸油烟机", "电机", 3),
        ("电热水器", "内胆", 5),
        ("吸油烟机", "内胆", 1),
        ("消毒柜", "电机", 1),
        ("", "", 1),
    ],
)
def test_ka_5_1_a_hoods_motor_has_three_years_and_a_water_heaters_tank_five(category, component, years):
    assert cover(category, component, date(2023, 5, 25), book=BOOK).answer == date(2023 + years, 5, 25)


def test_a_component_never_has_less_than_the_whole():
    book = BOOK.with_values("generous", {"whole_years": [(date(2000, 1, 1), 4, "appliance KA-5.1")]})
    assert cover("吸油烟机", "电机", date(2023, 5, 25), book=book).answer == date(2027, 5, 25)


def test_days_under_repair_extend_the_warranty_since_the_law():
    made = cover(
        "燃气热水器", "", date(2026, 1, 10), date(2026, 1, 20), date(2026, 1, 15), book=BOOK, repair_days=9
    )
    assert made.answer == date(2027, 1, 29)
    assert made.reasons[-1].code == "repair_days"
    assert cover("燃气热水器", "", date(2024, 1, 10), book=BOOK, repair_days=9).answer == date(2025, 1, 10)


def test_ka_5_1_a_replaced_part_has_three_months_or_the_rest_of_its_own_cover():
    late = cover("燃气灶", "", date(2025, 3, 1), book=BOOK, replaced_on=date(2026, 2, 10))
    assert (late.answer, late.reasons[-1].code) == (date(2026, 5, 10), "replaced_part")
    early = cover("燃气灶", "", date(2025, 3, 1), book=BOOK, replaced_on=date(2025, 6, 10))
    assert (early.answer, early.reasons[-1].code) == (date(2026, 3, 1), "replaced_part_longer")
    months = read("warranty", replaced_part_cover="months")["warranty"]
    assert cover("燃气灶", "", date(2025, 3, 1), book=months, replaced_on=date(2025, 6, 10)).answer == date(
        2025, 9, 10
    )


def test_a_43_the_tanks_labour_is_free_five_years_or_one_by_the_reading():
    tank = ("电热水器", "内胆", date(2023, 4, 28))
    assert cover(*tank, book=BOOK, labour=True).answer == date(2028, 4, 28)
    other = read("warranty", tank_labour="as_the_whole")["warranty"]
    assert cover(*tank, book=other, labour=True).answer == date(2024, 4, 28)
    part = cover(*tank, book=other)
    assert (part.answer, part.reasons[-1].code) == (date(2028, 4, 28), "part_only")
    motor = ("吸油烟机", "电机", date(2023, 4, 28))
    assert cover(*motor, book=other, labour=True).answer == date(2026, 4, 28)


def test_ka_5_1_the_corresponding_day_itself_is_still_covered():
    for asked, covered in ((date(2026, 8, 10), True), (date(2026, 8, 11), False)):
        made = in_warranty(asked, "吸油烟机", "", date(2025, 8, 10), book=BOOK)
        assert made.answer is covered
        assert made.parts[0].answer == date(2026, 8, 10)


def test_a_cover_explains_itself_in_both_languages():
    made = cover("吸油烟机", "电机", date(2026, 3, 16), date(2026, 3, 21), book=BOOK)
    zh, en = (explain(made, BOOK, language) for language in ("zh", "en"))
    assert [sentence.text for sentence in zh] == [
        "2026年3月16日购买，保修期自安装完成之日2026年3月21日起计算",
        "吸油烟机电机保修3年，自2026年3月21日到2029年3月21日，当日仍在保修期内",
    ]
    assert (
        en[1].text
        == "cooker hood's motor: 3-year cover from 21 March 2026 to 21 March 2029, that day included"
    )
    assert en[0].clause_text.startswith("The period runs from delivery")


days = st.dates(date(2001, 1, 1), date(2030, 12, 31))


@given(days, st.none() | days, st.none() | days)
def test_the_law_never_shortens_a_warranty(bought, installed, delivered):
    book = read("warranty", start="purchase")["warranty"]
    by_text = cover("吸油烟机", "", bought, installed, delivered, book=book).answer
    assert cover("吸油烟机", "", bought, installed, delivered, book=BOOK).answer >= by_text
