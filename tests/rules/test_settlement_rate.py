"""KA-11.1: the share a month is settled at, by the day its record sheets were complete."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.explain import explain
from sanbao_rules.settlement import due_days, rate, rate_state
from sanbao_rules.worktime import YearNotPublished
from tests.rules.make import BOOKS, read

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def of_march(received, books=BOOKS):
    made = rate(MARCH, received, received, books)
    return made.reasons[0].code, made.answer


@pytest.mark.parametrize(
    ("received", "code", "share"),
    [
        (date(2026, 3, 30), "in_time", "1"),
        (date(2026, 4, 10), "in_time", "1"),
        (date(2026, 4, 11), "late", "0.9"),
        (date(2026, 4, 15), "late", "0.9"),
        (date(2026, 4, 16), "late_15", "0.7"),
        (date(2026, 4, 30), "late_15", "0.7"),
        (date(2026, 5, 1), "cross_month", "0.5"),
        (date(2027, 4, 10), "cross_month", "0.5"),
    ],
)
def test_ka_11_1_the_steps_of_the_calendar_day_reading(received, code, share):
    assert of_march(received) == (code, Decimal(share))


@pytest.mark.parametrize(
    ("received", "code", "share"),
    [
        (date(2026, 4, 10), "in_time", "1"),
        (date(2026, 4, 11), "late", "0.9"),
        (date(2026, 4, 20), "late", "0.9"),
        (date(2026, 4, 21), "between", "0.9"),
        (date(2026, 4, 25), "between", "0.9"),
        (date(2026, 4, 26), "late_15", "0.7"),
        (date(2026, 5, 1), "cross_month", "0.5"),
    ],
)
def test_a_63_the_days_late_reading_and_its_hole(received, code, share):
    assert of_march(received, read("settlement", lateness="days_late")) == (code, Decimal(share))


def test_a_63_the_hole_can_be_read_as_the_lower_rate():
    books = read("settlement", lateness="days_late", between="late_15")
    made = rate(MARCH, date(2026, 4, 21), date(2026, 4, 21), books)
    assert (made.reasons[0].code, made.answer) == ("between", Decimal("0.7"))
    assert "未作规定" in explain(made, books["settlement"])[0].text


def test_a_64_the_later_of_paper_and_electronic_copy_counts():
    assert rate(MARCH, date(2026, 4, 8), date(2026, 4, 12), BOOKS).answer == Decimal("0.9")
    assert rate(MARCH, date(2026, 4, 12), date(2026, 4, 8), BOOKS).answer == Decimal("0.9")


def test_a_64_either_copy_can_be_read_to_count():
    paper, electronic = date(2026, 4, 8), date(2026, 4, 17)
    assert rate(MARCH, paper, electronic, read("settlement", arrival="paper")).answer == 1
    assert rate(MARCH, paper, electronic, read("settlement", arrival="electronic")).answer == Decimal("0.7")


@pytest.mark.parametrize(
    ("paper", "electronic", "code", "state", "words"),
    [
        (
            date(2026, 4, 8),
            None,
            "no_electronic",
            "no_electronic",
            "2026年3月纸质记录单于2026年4月8日收到，未收到电子版，不予结算",
        ),
        (
            None,
            date(2026, 4, 8),
            "waiting_paper",
            "waiting_paper",
            "2026年3月电子版于2026年4月8日收到，纸质记录单未到，暂不结算",
        ),
        (None, None, "nothing_received", "no_electronic", "2026年3月的记录单纸质和电子版都未收到，不予结算"),
    ],
)
def test_ka_11_1_a_copy_that_has_not_arrived(paper, electronic, code, state, words):
    made = rate(MARCH, paper, electronic, BOOKS)
    assert (made.answer, made.reasons[0].code, rate_state(made)) == (0, code, state)
    assert explain(made, BOOKS)[0].text == words


def test_a_65_a_due_day_on_a_rest_day_moves_on():
    made = rate(APRIL, date(2026, 5, 11), date(2026, 5, 11), BOOKS)
    assert made.answer == 1
    assert rate_state(made) == "settled"
    assert explain(made, BOOKS)[1].text == "2026年5月10日是休息日，截止日顺延至2026年5月11日"
    assert made.reasons[1].clause == "civil-code 203"
    assert rate(APRIL, date(2026, 5, 12), date(2026, 5, 12), BOOKS).reasons[0].args["days"] == 1
    assert rate(
        APRIL, date(2026, 5, 11), date(2026, 5, 11), read("settlement", roll="none")
    ).answer == Decimal("0.9")


def test_a_65_a_due_day_in_spring_festival_moves_beyond_the_fifteenth():
    # 10 to 17 February 2024 is off, Sunday the 18th is worked.
    january = date(2024, 1, 1)
    assert due_days(january, BOOKS) == (date(2024, 2, 10), date(2024, 2, 18))
    assert rate(january, date(2024, 2, 17), date(2024, 2, 18), BOOKS).answer == 1
    assert rate(january, date(2024, 2, 19), date(2024, 2, 19), BOOKS).answer == Decimal("0.7")


def test_a_due_day_that_moves_into_the_next_month_is_still_in_time():
    books = BOOKS | {
        "settlement": BOOKS["settlement"].with_values(
            "28th", {"due_day": [(date(2012, 1, 1), 28, "appliance KA-11.1")]}
        )
    }
    assert due_days(date(2025, 11, 1), books) == (date(2025, 12, 28), date(2025, 12, 29))
    assert due_days(date(2026, 1, 1), books)[1] == date(2026, 2, 28)  # a worked Saturday


def test_december_settles_into_a_year_not_published_and_says_so():
    made = rate(date(2026, 12, 1), date(2027, 1, 11), date(2027, 1, 11), BOOKS)
    assert made.answer == 1
    assert [reason.code for reason in made.reasons] == ["in_time", "due_rolled", "provisional"]
    assert "2027年的放假安排尚未公布" in explain(made, BOOKS)[2].text


def test_a_due_day_kept_in_a_provisional_year_is_quiet():
    assert [r.code for r in rate(date(2027, 1, 1), date(2027, 2, 10), date(2027, 2, 10), BOOKS).reasons] == [
        "in_time",
        "provisional",
    ]


def test_a_month_no_calendar_reaches_is_said():
    with pytest.raises(YearNotPublished):
        rate(date(2027, 12, 1), date(2028, 1, 5), date(2028, 1, 5), BOOKS)


def test_a_rate_can_change_inside_the_years():
    books = BOOKS | {
        "settlement": BOOKS["settlement"].with_values(
            "own", {"rate_late": [(date(2026, 4, 1), Decimal("0.95"), "appliance KA-11.1")]}
        )
    }
    assert rate(MARCH, date(2026, 4, 13), date(2026, 4, 13), books).answer == Decimal("0.9")
    assert rate(APRIL, date(2026, 5, 13), date(2026, 5, 13), books).answer == Decimal("0.95")


months = st.dates(date(2023, 1, 1), date(2026, 10, 1)).map(lambda day: day.replace(day=1))
delays = st.integers(0, 90)


@given(months, delays, delays, st.sampled_from(["calendar_day", "days_late"]))
def test_a_later_arrival_never_earns_more(month, one, other, reading):
    from datetime import timedelta

    books = read("settlement", lateness=reading)
    early, late = (month + timedelta(days=30 + delay) for delay in sorted((one, other)))
    assert rate(month, early, early, books).answer >= rate(month, late, late, books).answer
