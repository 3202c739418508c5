"""Editions derived change by change, and written as TOML again with the comments of the file."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules import writing
from sanbao_rules.amending import Amendment, amended, as_amendments, differences, wrongs
from sanbao_rules.rulebook import BOOKS, load, shipped, shipped_names

JUNE = date(2026, 6, 1)
LADDER = "appliance KA-11.1"


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_book_is_written_as_its_file_says_to_the_letter(name: str) -> None:
    """GN-9."""
    assert writing.written(shipped(name)) == (BOOKS / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", shipped_names())
def test_without_a_model_the_whole_is_written_and_says_the_same(name: str) -> None:
    assert load(writing.written(shipped(name), ""), name).digest == shipped(name).digest


@pytest.mark.parametrize("book", shipped_names())
def test_a_value_more_in_every_parameter_keeps_the_file_s_comments(book: str) -> None:
    """Comments and layout survive a change, however the values are laid out."""
    old = shipped(book)
    last = {parameter: old.history(parameter)[-1] for parameter in old.parameters}
    new = amended(
        old,
        "2099.1",
        [Amendment(name, "add", date(2099, 1, 1), value.value, value.clause) for name, value in last.items()],
    )
    before = (BOOKS / f"{book}.toml").read_text(encoding="utf-8")
    after = writing.written(new)

    assert load(after, book).digest == new.digest
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments
    assert len(after.splitlines()) > len(before.splitlines())


def test_an_own_clause_comes_into_the_file_with_its_source() -> None:
    book = amended(
        shipped("calendar"), "x", [Amendment("opening", "add", JUNE, shipped("calendar").value("opening", JUNE).value.replace(8, 0), "own 1")],
        {"own 1": {"zh": "自定", "en": "own"}},
        {"own": {"title": {"zh": "自", "en": "o"}, "effective": JUNE, "changed_by": {"zh": "自", "en": "o"}, "interpreted_by": {"zh": "自", "en": "o"}}},
    )  # fmt: skip
    text = writing.written(book)
    assert load(text, "calendar").digest == book.digest
    assert text.startswith("# Which days are worked")


def test_a_comment_between_two_values_stays_where_it_was() -> None:
    model = (BOOKS / "settlement.toml").read_text(encoding="utf-8").replace(
        '[{ from = 2012-01-01, value = 0.9, clause = "appliance KA-11.1" }]',
        '[\n  # 原制度\n  { from = 2012-01-01, value = 0.9, clause = "appliance KA-11.1" }, # 九折\n]',
    )  # fmt: skip
    book = amended(
        load(model, "settlement"), "y", [Amendment("rate_late", "add", JUNE, Decimal("0.8"), LADDER)]
    )
    text = writing.written(book, model)
    assert "  # 原制度\n  { from = 2012-01-01" in text
    assert "# 九折" in text
    assert load(text, "y").digest == book.digest


def test_the_differences_lead_back_to_the_changes() -> None:
    old = shipped("settlement")
    new = amended(
        old,
        "z",
        [
            Amendment("rate_late", "add", JUNE, Decimal("0.8"), LADDER),
            Amendment("due_day", "correct", date(2012, 1, 1), 12, LADDER),
        ],
    )
    said = [
        (one.parameter, one.before.value, one.after.value)
        for one in differences(old, new)
        if one.before and one.after
    ]
    assert said == [("due_day", 10, 12), ("rate_late", Decimal("0.9"), Decimal("0.8"))]
    assert amended(old, "z", as_amendments(old, new)).digest == new.digest


def test_a_year_may_not_be_left_out_and_holidays_may_not_overlap() -> None:
    """RG-1: days behind an unknown year can't be counted."""
    book = shipped("calendar")
    spans = [{"name": "元旦", "first": date(2028, 1, 1), "last": date(2028, 1, 3)}]
    assert [
        w.code for w in wrongs(book, Amendment("holidays", "add", date(2028, 1, 1), spans, "notice 2026"))
    ] == ["year_gap"]
    spans = [
        {"name": "元旦", "first": date(2027, 1, 1), "last": date(2027, 1, 3)},
        {"name": "春节", "first": date(2027, 1, 3), "last": date(2027, 1, 9)},
    ]
    assert [
        w.code for w in wrongs(book, Amendment("holidays", "add", date(2027, 1, 1), spans, "notice 2026"))
    ] == ["overlap"]
