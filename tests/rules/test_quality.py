"""KA-12.2, GN-7: quality feedback, batches and recalls."""

from datetime import date

import pytest

from sanbao_rules import quality
from sanbao_rules.worktime import Calendar
from tests.rules.make import BOOKS

BOOK, CALENDAR = BOOKS["quality"], Calendar(BOOKS["calendar"], provisional=True)
ON = date(2026, 3, 20)


def test_a_report_that_says_it_is_a_batch_is_one():
    """KA-12.2."""
    assert quality.batch([], ON, book=BOOK, stated=True).answer == {"batch": True, "count": 0}


def test_reports_of_later_days_do_not_count_yet():
    days = [date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 21)]
    assert quality.batch(days, ON, book=BOOK).answer == {"batch": False, "count": 2}


@pytest.mark.parametrize(
    ("goods", "step", "due"),
    [
        ("consumer", "report", date(2026, 3, 4)),
        ("consumer", "recall_plan", date(2026, 3, 16)),
        ("consumer", "publish", date(2026, 3, 5)),
        ("consumer", "stage_report", date(2026, 6, 2)),
        ("consumer", "records", date(2031, 3, 2)),
        ("car", "recall_plan", date(2026, 3, 9)),
        ("car", "maker_records", date(2036, 3, 2)),
    ],
)
def test_the_steps_of_a_recall_have_their_last_days(goods, step, due):
    """GN-7, and the two laws of recalls."""
    made = quality.recall(goods, step, date(2026, 3, 2), ON, book=BOOK, calendar=CALENDAR)
    assert made.answer["due"] == due


def test_before_the_measures_a_car_recall_had_only_the_regulations_steps():
    with pytest.raises(quality.UnknownRecall, match="known are objection, maker_records, dealer_records"):
        quality.recall("car", "owners", date(2015, 3, 2), ON, book=BOOK, calendar=CALENDAR)
    with pytest.raises(quality.UnknownRecall, match="known are consumer, car"):
        quality.recall("ship", "report", ON, ON, book=BOOK, calendar=CALENDAR)


def test_a_campaign_without_units_is_not_done_by_anything():
    assert quality.progress(0, 0, 0, ON, book=BOOK).answer == {"of_reachable": 0, "of_all": 0}
