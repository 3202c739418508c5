"""Editions derived change by change, and written as TOML again with the comments of the file."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules import writing
from sanbao_rules.amending import Amendment, amended, as_amendments, differences, wrongs
from sanbao_rules.rulebook import BOOKS, Rulebook, load, shipped, shipped_names

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


def test_a_value_is_taken_out_but_never_the_first() -> None:
    old = shipped("settlement")
    later = amended(old, "a", [Amendment("rate_late", "add", JUNE, Decimal("0.8"), LADDER)])
    assert wrongs(later, Amendment("rate_late", "remove", JUNE)) == []
    first = old.history("rate_late")[0].since
    assert [one.code for one in wrongs(old, Amendment("rate_late", "remove", first))] == ["gap"]

    back = amended(later, old.edition, [Amendment("rate_late", "remove", JUNE)])
    assert back.digest == old.digest
    assert as_amendments(later, back) == [Amendment("rate_late", "remove", JUNE)]


def test_a_parameter_the_older_edition_does_not_have_is_no_change_of_it() -> None:
    """A release may bring parameters; an edition that came as a file is compared by those both have."""
    new = shipped("workorder")
    fewer = {name: table for name, table in new.document["parameters"].items() if name != "travel_speed"}
    assert as_amendments(Rulebook({**new.document, "parameters": fewer}, "older", known=False), new) == []


MODEL = (BOOKS / "settlement.toml").read_text(encoding="utf-8")
LINE = '[{ from = 2012-01-01, value = 0.9, clause = "appliance KA-11.1" }]'


def _more(model: str) -> Rulebook:
    return amended(load(model, "settlement"), "m", [Amendment("rate_late", "add", JUNE, Decimal("0.8"), LADDER)])  # fmt: skip


def test_a_clause_that_is_no_longer_there_goes_from_the_file_too() -> None:
    clause = '"own 1" = { zh = "自定", en = "own" }\n'
    model = MODEL.replace("[clauses]\n", f"[clauses]\n{clause}", 1)
    text = writing.written(shipped("settlement"), model)
    assert "own 1" not in text
    assert text == MODEL


def test_a_single_value_on_one_line_stays_on_it() -> None:
    book = amended(shipped("settlement"), "s", [Amendment("rate_late", "correct", date(2012, 1, 1), Decimal("0.85"), LADDER)])  # fmt: skip
    text = writing.written(book)
    assert 'values = [{ from = 2012-01-01, value = 0.85, clause = "appliance KA-11.1" }]' in text


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (f"[parameters.rate_late]\n", '[parameters."rate_late"] # 晚交\n'),  # noqa: F541
        (f"values = {LINE}", f"'values' = {LINE}"),  # another way to say the same key
        (LINE, LINE.replace('"appliance KA-11.1"', "'appliance KA-11.1'")),
        (LINE, LINE.replace('"appliance KA-11.1"', '"""appliance KA-11.1"""')),
        ("[clauses]\n", "[ 'clauses' ]\n"),
        ("[clauses]\n", "[ clauses ]\n"),
        (
            "[parameters.rate_late]\n",
            '[parameters.rate_late]\nnote = { zh = """见\nvalues = [ ]\n""", en = "see" }\n',
        ),
    ],
)
def test_a_layout_nobody_here_writes_is_read_and_never_written_wrong(was: str, now: str) -> None:
    """Where the place of a value can't be found, the whole is written without its comments: it says the same."""
    assert was in MODEL
    model = MODEL.replace(was, now, 1)
    own = {"ours 1": {"zh": "自定", "en": "own"}}
    source = {"ours": {"title": {"zh": "自", "en": "o"}, "effective": JUNE, "changed_by": {"zh": "自", "en": "o"}, "interpreted_by": {"zh": "自", "en": "o"}}}  # fmt: skip
    for book in (_more(model), amended(load(model, "settlement"), "m", [Amendment("rate_late", "add", JUNE, Decimal("0.8"), "ours 1")], own, source)):  # fmt: skip
        assert load(writing.written(book, model), "m").digest == book.digest


def test_what_no_change_of_a_value_explains_is_written_as_a_whole() -> None:
    """Say, another title: what the patched file would say is read back, and not given out where it is something else."""
    book = shipped("settlement")
    other = Rulebook({**book.document, "title": {"zh": "另一个", "en": "another"}}, "other", known=False)
    text = writing.written(other)
    assert load(text, "other").title["zh"] == "另一个"
    assert not text.startswith("#")
