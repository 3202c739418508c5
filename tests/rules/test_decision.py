"""Decisions are stored as JSON and come back as they were."""

import json
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.decision import Decision, Reason, from_json, to_json, to_text, written
from sanbao_rules.worktime import CHINA

REASON = Reason(
    "late",
    {"received": date(2026, 5, 12), "rate": Decimal("0.90")},
    "rate_late",
    "appliance KA-11.1",
    "settlement",
)
DECISION = Decision("settlement.rate", Decimal("0.90"), (REASON,), "settlement 2012.1")


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, "三包", Decimal("1.50"), date(2026, 2, 14), datetime(2026, 2, 14, 8, 30, tzinfo=CHINA), time(8, 30),
        (1, (2, 3)), [1, [2]], {"a": (date(2026, 1, 1),)}, {}, REASON, DECISION,
        Decision("x", {"gross": 1}, (), "b", parts=(DECISION,)),
    ],
)  # fmt: skip
def test_what_a_decision_holds_comes_back_as_it_was(value):
    back = from_json(json.loads(json.dumps(to_json(value))))
    assert back == value
    assert type(back) is type(value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.times() | st.datetimes()
    | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), inner),
    max_leaves=10,
)  # fmt: skip


@given(values)
def test_json_loses_nothing(value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@given(values)
def test_the_text_is_the_same_json(value):
    assert json.loads(to_text(value)) == to_json(value)


def test_reasons_and_decisions_in_text_are_the_same_json():
    from tests.rules.make import HOB

    for value in (
        REASON,
        DECISION,
        Decision("x", {"gross": 1, 'a"b': HOB}, (REASON,), "b", parts=(DECISION,)),
    ):
        assert json.loads(to_text(value)) == to_json(value)


def test_a_part_that_is_written_already_stands_in_the_text_as_it_is():
    facts = {
        "history": [(datetime(2026, 5, 12, 9, tzinfo=CHINA), "received", "“急”")],
        "on": date(2026, 5, 12),
    }
    assert json.loads(to_text(written(facts, to_text) | {"promise": "answer"})) == to_json(
        facts | {"promise": "answer"}
    )


def test_decimals_keep_their_zeros():
    assert str(from_json(to_json(Decimal("0.90")))) == "0.90"


def test_a_named_tuple_comes_back_as_a_plain_tuple():
    from tests.rules.make import HOB

    assert from_json(to_json(HOB)) == tuple(HOB)


@pytest.mark.parametrize("value", [1.5, {1}, object()])
def test_what_json_has_no_word_for_is_refused(value):
    for way in (to_json, to_text):
        with pytest.raises(TypeError, match="can't hold"):
            way(value)


@pytest.mark.parametrize("key", [1, "$date"])
def test_a_key_that_could_be_mistaken_is_refused(key):
    for way in (to_json, to_text):
        with pytest.raises(TypeError, match="keys"):
            way({key: 1})


def test_an_unknown_kind_of_value_is_refused():
    with pytest.raises(ValueError, match=r"\$money"):
        from_json({"$money": 1})
