"""HK-1: subsidies for estates that meet the service standard."""

from datetime import date

import pytest

from sanbao_rules.subsidy import UnknownScore, assessment
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["subsidy"], date(2012, 6, 30)
ITEMS = BOOK.value("item_points", ON).value
ASSESSORS = BOOK.value("assessor_weights", ON).value


def by_all(points):
    return dict.fromkeys(ASSESSORS, points)


def test_the_full_score_earns_the_full_subsidy():
    made = assessment(by_all(dict(ITEMS)), ON, book=BOOK, households=100)
    assert made.answer == {"total": 100, "level": "full", "share": 1, "subsidy": 60000}


def test_a_company_that_asks_for_more_pays_nothing_below_its_mark():
    own = BOOK.with_values("own", {"pass_mark": [(date(2012, 5, 1), 75, "own scheme")]})
    points = dict(ITEMS) | {"cleaning": 0, "residents_satisfaction": 8}
    assert (
        assessment(by_all(points), ON, book=BOOK, households=100).answer["share"]
        == BOOK.value("shares", ON).value["half"]
    )
    made = assessment(by_all(points), ON, book=own, households=100)
    assert (made.answer["level"], made.answer["subsidy"]) == ("half", 0)
    assert made.reasons[-1].code == "not_reached"


@pytest.mark.parametrize(
    "scores",
    [
        {"residents": dict(ITEMS)},
        by_all({"cleaning": 20}),
        by_all(dict(ITEMS) | {"cleaning": 26}),
        by_all(dict(ITEMS) | {"cleaning": -1}),
    ],
)
def test_scores_left_out_or_out_of_range_are_refused(scores):
    with pytest.raises(UnknownScore, match="and nob|and nothing else"):
        assessment(scores, ON, book=BOOK)
