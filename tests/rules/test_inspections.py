"""SX-1 to SX-4: 6S audits and the dress code."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules import inspections
from sanbao_rules.document import value_text
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["inspections"], date(2026, 4, 1)
DEPARTMENTS = BOOK.value("departments", ON).value
MARKETING = {"old_material": 2, "event_material": 2, "outdoor": 2, "temporary_structures": 2}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_department_has_a_checklist_of_named_items_with_a_photo_for_safety(department):
    """SX-2, SX-3."""
    listed = inspections.checklist(department, BOOK, ON)
    assert {item["code"] for item in listed.value} <= BOOK.names.keys()
    assert {item["s"] for item in listed.value} <= set(BOOK.value("six_s", ON).value)
    assert all(item["photo"] for item in listed.value if item["s"] == "safety")
    assert "（须拍照）" in value_text(listed, BOOK, "zh") and "photo needed" in value_text(listed, BOOK, "en")


def test_a_full_score_is_a_hundred_and_what_does_not_apply_is_left_out():
    full = inspections.score("marketing", MARKETING, ON, book=BOOK).answer
    assert (full["score"], full["level"], full["findings"]) == (100, "excellent", [])
    less = inspections.score(
        "marketing", MARKETING | {"outdoor": None, "old_material": 1}, ON, book=BOOK
    ).answer
    assert (less["score"], less["level"]) == (Decimal("83.33"), "good")
    none = inspections.score("marketing", dict.fromkeys(MARKETING), ON, book=BOOK).answer
    assert none["score"] == 0


def test_a_photo_clears_a_safety_finding_of_its_reproach():
    points = MARKETING | {"temporary_structures": 0}
    made = inspections.score("marketing", points, ON, book=BOOK, photos=["temporary_structures"])
    assert made.answer["photos_missing"] == [] and made.answer["lost"] == {"safety": 2}


@pytest.mark.parametrize(
    ("points", "words"), [({}, "every item gets points"), (MARKETING | {"outdoor": 3}, "gets 0 to 2 points")]
)
def test_points_left_out_or_out_of_range_are_refused(points, words):
    with pytest.raises(inspections.UnknownItem, match=words):
        inspections.score("marketing", points, ON, book=BOOK)


def test_unknown_departments_items_and_posts_are_refused():
    with pytest.raises(inspections.UnknownItem, match="known are sales, after_sales"):
        inspections.checklist("kitchen", BOOK, ON)
    with pytest.raises(inspections.UnknownItem, match="has no item"):
        inspections.finding("sales", "extinguishers", ON, ON, book=BOOK)
    with pytest.raises(inspections.UnknownItem, match="no dress is set for kitchen"):
        inspections.dress("kitchen", "man", ON, book=BOOK)


@pytest.mark.parametrize("post", ["showroom", "office"])
@pytest.mark.parametrize("sex", ["man", "woman"])
@pytest.mark.parametrize("on", [date(2026, 4, 30), date(2026, 5, 1), date(2026, 10, 31), date(2026, 11, 1)])
def test_everybody_has_a_dress_on_every_day_and_who_wears_it_lacks_nothing(post, sex, on):
    """SX-4, A-38."""
    made = inspections.dress(post, sex, on, book=BOOK).answer
    assert made["season"] == ("summer_autumn" if on.month in (5, 10) else "spring_winter")
    assert inspections.dress(post, sex, on, book=BOOK, worn=made["items"]).answer["missing"] == []


def test_a_safety_finding_is_put_right_the_same_day():
    made = inspections.finding("sales", "show_car_power", ON, ON, book=BOOK)
    assert [reason.code for reason in made.reasons] == ["recheck_same_day", "term_today"]


def test_a_finding_checked_after_its_day_is_late():
    made = inspections.finding("sales", "show_cars", ON, ON, book=BOOK, rechecked_on=date(2026, 4, 6))
    assert made.answer == {"due": date(2026, 4, 4), "state": "done_late"}
