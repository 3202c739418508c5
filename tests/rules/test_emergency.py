"""CO-7: emergencies."""

from datetime import date, datetime

import pytest

from sanbao_rules import emergency
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["emergency"], date(2026, 4, 1)


def test_without_a_listed_sign_there_is_no_incident():
    assert emergency.level([], ON, book=BOOK).answer == ""


def test_every_level_tells_somebody_and_the_graver_one_no_later():
    at = datetime(2026, 4, 1, 22, 10)
    levels = list(BOOK.value("incident_levels", ON).value)
    told = [emergency.notify(level, at, book=BOOK).answer["commander"] for level in levels]
    assert told == sorted(told)


def test_unknown_signs_and_levels_are_refused():
    with pytest.raises(emergency.UnknownIncident, match="no level has the sign rain"):
        emergency.level(["rain", "fire"], ON, book=BOOK)
    with pytest.raises(emergency.UnknownIncident, match="known are major, serious, minor"):
        emergency.notify("tiny", datetime(2026, 4, 1), book=BOOK)


def test_a_drill_within_half_a_year_is_in_time():
    assert emergency.drill(date(2025, 10, 1), ON, book=BOOK).answer["state"] == "open"
