"""BA-3, SR-3: the level follows from nature and severity by a table, and only what the book names raises it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.explain import explain
from sanbao_rules.priority import PriorityFacts, UnknownWord, priority, words
from tests.rules.make import BOOKS

BOOK = BOOKS["service"]
TODAY = date(2026, 3, 4)
KNOWN = words(BOOK, TODAY)


def level(nature: str, severity: str = "", *flags: str) -> str:
    return priority(PriorityFacts(nature, severity, flags, TODAY), BOOK).answer


def test_ba_3_the_table_decides():
    assert level("fault", "down") == "high"
    assert level("advice", "slight") == "low"
    assert level("complaint", "part") == "high"


def test_ba_3_danger_is_urgent_whatever_it_is_about():
    assert {level(nature, "danger") for nature in KNOWN["natures"]} == {"urgent"}


def test_flags_raise_and_say_so():
    made = priority(PriorityFacts("fault", "part", ("vip", "water"), TODAY), BOOK)
    assert made.answer == "urgent"
    assert [sentence.text for sentence in explain(made, BOOK)] == [
        "产品故障，部分功能受影响：优先级为普通",
        "漏水：由普通提高为高",
        "重要客户：由高提高为紧急",
    ]
    assert [reason.clause for reason in made.reasons] == ["basic BA-3", "own raising", "own raising"]


def test_what_is_high_enough_is_not_raised_and_it_is_said():
    made = priority(PriorityFacts("fault", "danger", ("media", "vip"), TODAY), BOOK)
    assert made.answer == "urgent"
    assert [reason.code for reason in made.reasons] == ["by_table", "high_enough", "high_enough"]


def test_a_nature_the_table_does_not_have_counts_as_something_else_and_it_is_said():
    made = priority(PriorityFacts("warehouse", "down", (), TODAY), BOOK)
    assert made.answer == level("other", "down")
    assert made.reasons[0].code == "unknown_nature"


def test_a_severity_nobody_judged_is_taken_as_the_book_says():
    assert level("fault") == level("fault", BOOK.value("severity_unjudged", TODAY).value)


@pytest.mark.parametrize(("severity", "flags"), [("terrible", ()), ("down", ("moonlight",))])
def test_a_word_without_a_rule_is_refused_with_the_known_ones(severity, flags):
    with pytest.raises(UnknownWord, match="known are"):
        level("fault", severity, *flags)


@given(
    st.sampled_from(KNOWN["natures"]),
    st.sampled_from(KNOWN["severities"]),
    st.sets(st.sampled_from(KNOWN["flags"])),
    st.sampled_from(KNOWN["flags"]),
)
def test_a_flag_never_lowers_the_level(nature, severity, flags, more):
    rank = KNOWN["levels"].index
    assert rank(level(nature, severity, *flags, more)) >= rank(level(nature, severity, *flags))


@given(st.sampled_from(KNOWN["natures"]), st.data())
def test_a_graver_severity_is_never_less_urgent(nature, data):
    graver, milder = sorted(data.draw(st.tuples(*[st.integers(0, len(KNOWN["severities"]) - 1)] * 2)))
    rank = KNOWN["levels"].index
    assert rank(level(nature, KNOWN["severities"][graver])) >= rank(
        level(nature, KNOWN["severities"][milder])
    )


def test_every_word_has_a_name_in_both_languages():
    assert all(code in BOOK.names for codes in KNOWN.values() for code in codes)
