"""KA-10.1, KA-10.2, BA-7, DP-8, SR-8, SR-10: appraisal, awards, discipline."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanbao_rules import appraisal
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS, read

BOOK, ON = BOOKS["appraisal"], date(2026, 12, 31)
SEVENTIES = read("appraisal", active_band="seventies")["appraisal"]


def awarded(scores, book=BOOK):
    outlets = [{"outlet": f"N{n:02}", "score": score} for n, score in enumerate(scores)]
    return appraisal.awards(outlets, ON, book=book).answer


def test_a_60_the_best_three_are_outstanding_and_the_rest_fill_the_next_awards():
    """KA-10.2: the vector of the readings."""
    scores = [97, 95, 92, 91, 88, 85, 84, 83, 82, 81, 80, 79, 70]
    made = awarded(scores)
    assert list(made["awards"].values()) == ["outstanding"] * 3 + ["advanced"] * 4 + ["active"] * 4
    assert sum(made["money"].values()) == (3 * 20000 + 4 * 10000 + 4 * 5000) * 100
    assert made["improve"] == ["N12"]


def test_nobody_high_enough_leaves_every_place_empty():
    made = awarded([79, 75])
    assert (made["awards"], made["money"], made["improve"]) == ({}, {}, [])


def test_a_60_in_the_other_reading_seventy_and_eighty_themselves_are_not_active():
    assert awarded(["80", "79.99", "70.01", "70"], SEVENTIES)["awards"] == {
        "N00": "advanced",
        "N01": "active",
        "N02": "active",
    }


def test_the_sentence_of_an_award_says_between_which_scores_it_lies():
    made = appraisal.awards([{"outlet": "N1", "score": 79}], ON, book=SEVENTIES)
    assert (
        explain(made, SEVENTIES)[-1].text == "积极售后服务单位（高于70分、低于80分，5个，每个5000.00元）：N1"
    )


@given(st.lists(st.integers(0, 100), max_size=30), st.sampled_from([BOOK, SEVENTIES]), st.randoms())
@settings(max_examples=60)
def test_awards_do_not_depend_on_the_order_outlets_come_in_and_keep_their_quota(scores, book, random):
    """KA-10.2, A-61."""
    outlets = [{"outlet": f"N{n:02}", "score": score} for n, score in enumerate(scores)]
    made = appraisal.awards(outlets, ON, book=book).answer
    random.shuffle(outlets)
    assert appraisal.awards(outlets, ON, book=book).answer == made
    won = list(made["awards"].values())
    assert all(won.count(code) <= most for code, most in (("outstanding", 3), ("advanced", 4), ("active", 5)))
    assert not set(made["improve"]) & set(made["awards"])


@pytest.mark.parametrize(
    ("points", "passed", "state", "fine"),
    [
        ("70.01", None, "none", 0),
        (70, None, "improve", 0),
        (60, True, "passed", 0),
        (60, False, "failed", 100000),
    ],
)
def test_a_low_score_is_improved_and_a_failed_re_check_fined(points, passed, state, fine):
    """KA-10.2."""
    assert appraisal.recheck(points, ON, book=BOOK, passed=passed).answer == {"state": state, "fine": fine}


def test_scores_left_out_unknown_or_above_a_hundred_are_refused():
    """A-62."""
    whole = dict.fromkeys(BOOK.value("outlet_weights", ON).value, 80)
    assert appraisal.score(whole, ON, book=BOOK).answer == 80
    for wrong in ({"satisfaction": 80}, whole | {"charm": 1}, whole | {"feedback": 101}):
        with pytest.raises(appraisal.UnknownCriterion, match="is scored from 0 to 100"):
            appraisal.score(wrong, ON, book=BOOK)


@pytest.mark.parametrize(
    ("gravity", "earlier", "step"),
    [
        ("minor", [], "warning"),
        ("minor", [date(2026, 3, 1)], "demerit"),
        ("minor", [date(2025, 12, 30)], "warning"),
        ("grave", [date(2026, 3, 1)], "dismissal"),
        ("extreme", [date(2026, 3, 1)], "dismissal"),
    ],
)
def test_discipline_follows_the_gravity_and_a_repeat_goes_one_step_up(gravity, earlier, step):
    """SR-10."""
    made = appraisal.discipline(gravity, ON, book=BOOK, earlier=earlier, present=["facts"])
    assert made.answer["step"] == step
    assert made.answer["missing"] == ["heard", "decision_written", "told"]
    assert made.answer["appeal_until"] == date(2027, 1, 7)


def test_an_unknown_gravity_is_refused():
    with pytest.raises(appraisal.UnknownCriterion, match="known are minor, serious, grave, extreme"):
        appraisal.discipline("funny", ON, book=BOOK)
