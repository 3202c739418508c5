"""What the address of a list may say, and what is answered to what it may not."""

from datetime import date

import pytest
from django.db.models import Q
from django.http import QueryDict

from sanbao.ui.filters import (
    Choice,
    Days,
    Month,
    Reference,
    Search,
    Unreadable,
    read_day,
    read_id,
    read_month,
)

NUMBER = Search("q", "Search", ("number__icontains", "name__icontains"))
STATE = Choice("state", "State", [("draft", "Draft"), ("paid", "Paid")])


def read(filter_, address):
    return filter_.read(QueryDict(address), None)


@pytest.mark.parametrize(
    "text",
    ["2026-04-03", "2026/4/3", "2026.4.3", "20260403", "2026年4月3日", "２０２６－０４－０３", " 2026-4-3 "],
)
def test_a_day_is_read_in_any_usual_shape(text):
    assert read_day(text) == date(2026, 4, 3)


@pytest.mark.parametrize("text", ["2026-04", "2026/4", "202604", "2026年4月", "2026年4"])
def test_a_month_is_read_in_any_usual_shape(text):
    assert read_month(text) == date(2026, 4, 1)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "1899-12-31", "2101-01-01", "tomorrow", "2026-04-03\0", "9" * 400, ""]
)
def test_what_is_not_a_day_is_refused_with_a_sentence(text):
    with pytest.raises(Unreadable, match=r"\w"):
        read_day(text)


@pytest.mark.parametrize("text", ["0", "-1", "9223372036854775808", "9" * 5000, "1e3", "1.0", "\0", "x"])
def test_what_is_not_the_number_of_a_row_is_refused(text):
    with pytest.raises(Unreadable):
        read_id(text)


def test_the_greatest_number_of_the_database_is_read():
    assert read_id("9223372036854775807") == 2**63 - 1


def test_text_is_searched_as_it_is_meant():
    assert read(NUMBER, "q=%EF%BC%A1%EF%BC%91+").value == "A1"
    assert NUMBER.where("A1") == Q(number__icontains="A1") | Q(name__icontains="A1")


@pytest.mark.parametrize("typed", ["a%00b", "a%0Ab", "x" * 101])
def test_text_that_cannot_be_searched_is_ignored_with_a_sentence(typed):
    reading = read(NUMBER, f"q={typed}")
    assert reading.value is None
    assert reading.error
    assert "\0" not in reading.typed


def test_a_choice_that_does_not_exist_is_left_out_with_a_sentence():
    reading = read(STATE, "state=paid&state=stolen")
    assert reading.value == ["paid"]
    assert reading.error


def test_days_that_lie_the_wrong_way_round_are_ignored_with_a_sentence():
    made = Days("made", "Made")
    assert read(made, "made_from=2026-05-01&made_to=2026-04-01").error
    assert read(made, "made_from=2026-04-01").value == (date(2026, 4, 1), None)
    assert made.where((date(2026, 4, 1), date(2026, 4, 30))) == Q(made__gte=date(2026, 4, 1)) & Q(
        made__lte=date(2026, 4, 30)
    )


def test_the_last_day_is_included_where_the_column_keeps_a_time():
    (_, since), (_, until) = (
        Days("at", "At", moments=True).where((date(2026, 4, 1), date(2026, 4, 30))).children
    )
    assert (since.isoformat(), until.isoformat()) == (
        "2026-04-01T00:00:00+08:00",
        "2026-05-01T00:00:00+08:00",
    )


@pytest.mark.parametrize("filter_", [NUMBER, STATE, Month("m", "M"), Days("d", "D"), Reference("r", "R")])
@pytest.mark.parametrize(
    "value", ["", "%00", "%FF%FE", "%ED%A0%80", "9" * 3000, "-1", "2026-13", "null", "%F0%A0%AE%B7", "'; --"]
)
def test_no_value_makes_a_filter_fail(filter_, value):
    reading = read(filter_, "&".join(f"{key}={value}" for key in filter_.keys))
    assert reading.value is None or filter_.where(reading.value) is not None
