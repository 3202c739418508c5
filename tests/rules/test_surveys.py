"""DP-6, SR-7: what the rules of surveys answer at the edges, and what they refuse. What they do day by day: tests/modules/surveys."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules import surveys
from sanbao_rules.examples import with_readings
from sanbao_rules.rulebook import shipped
from sanbao_rules.surveys import Asked

BOOK, ON = shipped("surveys"), date(2026, 6, 2)


@pytest.mark.parametrize("readings", [{"remind_days": 0}, {"remind_days": 30, "lasts_days": 14}])
def test_who_is_not_to_be_reminded_or_only_when_it_is_over_is_asked_once(readings: dict[str, int]) -> None:
    made = surveys.ask(Asked("repair", ON), ON, with_readings(BOOK, readings))
    assert (made.answer["ask"], made.answer["remind_on"]) == (True, None)


def test_who_wants_no_marketing_gets_no_survey_at_intervals_but_the_one_after_the_service() -> None:
    """PIPL 24; the reading of DP-6."""
    told = {"no_marketing": True, "consented": True}
    assert surveys.ask(Asked("repair", ON, campaign=True, **told), ON, BOOK).answer["why"] == "no_marketing"
    assert surveys.ask(Asked("repair", ON, **told), ON, BOOK).answer["ask"]


@pytest.mark.parametrize(
    ("population", "asked", "scores", "told"),
    [(10, 5, {6: 1}, "1 to 5"), (10, 5, {5: -1}, "1 to 5"), (10, 2, {5: 3}, "3 answers of 2 asked"), (1, 2, {5: 1}, "of 1")],
)  # fmt: skip
def test_figures_that_can_not_be_are_refused(population: int, asked: int, scores: dict[int, int], told: str) -> None:  # fmt: skip
    with pytest.raises(ValueError, match=told):
        surveys.result(population, asked, scores, ON, BOOK)


@pytest.mark.parametrize(("population", "margin"), [(0, "0.05"), (100, "0"), (100, "1")])
def test_no_sample_is_drawn_from_nobody_or_for_no_margin(population: int, margin: str) -> None:
    with pytest.raises(ValueError, match="a sample is drawn from somebody"):
        surveys.sample(population, Decimal(margin), ON, BOOK)
