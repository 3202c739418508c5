"""Retention: the day after the last day a record must be kept, by the law in force today."""

from datetime import date

import pytest

from sanbao_rules.retention import erasable_from
from sanbao_rules.rulebook import NotInForce, shipped

BOOK = shipped("retention")
TODAY = date(2026, 11, 23)


def test_a_repair_record_is_kept_three_years_from_completion():
    """ASVS 14.2.7: data is kept as long as its retention says; the last day itself still counts."""
    made = erasable_from("repair_records", date(2026, 4, 9), TODAY, BOOK)
    assert made.answer == date(2029, 4, 10)
    assert made.reasons[0].clause == "civil-code 188"
    assert made.reasons[0].args["last"] == date(2029, 4, 9)


def test_the_law_of_today_decides_and_is_cited_by_its_number_of_today():
    assert (
        erasable_from("logs", date(2025, 6, 1), date(2025, 6, 2), BOOK).reasons[0].clause
        == "cyber-security 21"
    )
    assert erasable_from("logs", date(2025, 6, 1), TODAY, BOOK).reasons[0].clause == "cyber-security 23"


def test_a_kind_of_record_nobody_knows_is_never_free():
    with pytest.raises(KeyError):
        erasable_from("love letters", date(2000, 1, 1), TODAY, BOOK)


def test_before_a_law_was_in_force_there_is_no_answer():
    with pytest.raises(NotInForce):
        erasable_from("repair_records", date(2019, 1, 1), date(2020, 12, 31), BOOK)


def test_logs_are_kept_longer_than_the_six_months_the_law_asks():
    assert BOOK.parameters["logs"].own
    assert BOOK.value("logs", TODAY).value >= 6
