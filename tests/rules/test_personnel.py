"""SR-6, BA-6, EN-5, CS-5, GN-6, SC-5: training and certificates."""

from datetime import date

import pytest

from sanbao_rules import personnel
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["personnel"], date(2026, 11, 1)


@pytest.mark.parametrize("post", ["hotline", "clerk", "manager", "engineer", "support", "trainer"])
def test_every_post_has_its_hours(post):
    made = personnel.training(post, 40, ON, book=BOOK)
    assert made.answer["met"] and made.answer["missing"] == 0
    assert not personnel.training(post, "7.5", ON, book=BOOK).answer["met"]


def test_the_pass_mark_itself_passes():
    assert personnel.result(80, ON, book=BOOK).answer == {"passed": True, "again_by": None}
    assert not personnel.result("79.5", ON, book=BOOK).answer["passed"]


@pytest.mark.parametrize(
    ("on", "state"),
    [(date(2026, 10, 20), "valid"), (date(2026, 10, 21), "expiring"), (date(2026, 11, 20), "expiring"), (date(2026, 11, 21), "expired")],
)  # fmt: skip
def test_a_certificate_is_warned_about_thirty_days_before_its_last_day(on, state):
    made = personnel.certificate("gas", date(2023, 11, 20), on, book=BOOK)
    assert made.answer == {"until": date(2026, 11, 20), "state": state}


def test_unknown_posts_and_certificates_are_refused():
    with pytest.raises(personnel.UnknownPost, match="known are hotline, clerk"):
        personnel.training("guest", 1, ON, book=BOOK)
    with pytest.raises(personnel.UnknownPost, match="known are gas, electrician"):
        personnel.certificate("driving", ON, ON, book=BOOK)


def test_an_assessment_after_its_day_is_late():
    assert personnel.assessment(date(2026, 4, 1), ON, book=BOOK).answer == {
        "due": date(2026, 10, 1),
        "state": "late",
    }
