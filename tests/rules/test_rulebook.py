"""Rulebooks: dated, cited, strict; every refusal says where, what is wrong and how to mend it."""

import json
from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules.rulebook import (
    BOOKS as FOLDER,
)
from sanbao_rules.rulebook import (
    NotInForce,
    Rulebook,
    RulebookError,
    load,
    load_path,
    shipped,
    shipped_names,
)
from sanbao_rules.units import UNITS
from tests.rules.make import BOOKS

CHARGES = (FOLDER / "charges.toml").read_text(encoding="utf-8")
WARRANTY = (FOLDER / "warranty.toml").read_text(encoding="utf-8")


def test_every_file_of_the_books_is_shipped_and_read():
    """In the order of their names, and each is called by its file."""
    assert shipped_names() == tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
    assert all(shipped(name).name == name for name in shipped_names())
    assert load_path(FOLDER / "charges.toml") == shipped("charges")
    assert hash(load_path(FOLDER / "charges.toml")) == hash(shipped("charges"))
    assert shipped("charges") != "charges"
    assert repr(shipped("charges")) == "<Rulebook charges 2012.1>"


def test_a_book_not_shipped_is_said_with_a_hint():
    with pytest.raises(KeyError, match="did you mean 'charges'"):
        shipped("charge")


def test_gn_9_every_source_says_when_it_is_effective_who_changes_it_and_who_interprets_it():
    for book in BOOKS.values():
        for source in book.sources.values():
            assert source.effective
            assert source.changed_by["zh"] and source.changed_by["en"]
            assert source.interpreted_by["zh"] and source.interpreted_by["en"]


@pytest.mark.parametrize("book", BOOKS.values(), ids=str)
def test_every_value_rests_on_a_clause_with_a_text_in_both_languages(book):
    for name in book.parameters:
        for dated in book.history(name):
            assert dated.book == book.cited
            assert book.clause_text(dated.clause, "zh") == book.clauses[dated.clause]
            assert book.clause_text(dated.clause, "en")


@pytest.mark.parametrize("book", BOOKS.values(), ids=str)
def test_the_first_reading_allowed_is_not_the_only_one(book):
    for parameter in book.parameters.values():
        if parameter.choices:
            assert parameter.values[-1].value in parameter.choices
            assert len(parameter.choices) >= 2


def test_an_unknown_clause_has_no_text():
    assert shipped("charges").clause_text("appliance KA-99") == ""


def test_a_value_is_the_one_in_force_on_the_day_and_knows_its_clause():
    book = shipped("warranty")
    before, after = book.value("start", date(2024, 6, 30)), book.value("start", date(2024, 7, 1))
    assert (before.value, before.clause) == ("purchase", "appliance KA-5.1")
    assert (after.value, after.clause, after.since) == ("latest", "consumer-regulation 18", date(2024, 7, 1))


def test_before_its_first_date_a_value_is_an_error_never_a_default():
    with pytest.raises(NotInForce, match="in force from 2000-01-01, and was asked for on 1999-12-31"):
        shipped("warranty").value("whole_years", date(1999, 12, 31))


def test_an_unknown_parameter_is_said_with_a_hint():
    with pytest.raises(KeyError, match="did you mean 'due_day'"):
        shipped("settlement").value("dueday", date(2026, 1, 1))


def test_numbers_with_a_point_stay_exact():
    assert shipped("settlement").value("rate_late", date(2026, 1, 1)).value == Decimal("0.9")


@pytest.mark.parametrize("book", BOOKS.values(), ids=str)
def test_a_book_comes_back_from_a_database_that_sorts_keys(book):
    stored = json.loads(json.dumps(book.to_json(), sort_keys=True))
    back = Rulebook.from_json(stored)
    assert back == book
    assert list(back.parameters) == list(book.parameters)
    assert back.to_json() == book.to_json()
    assert back.value(next(iter(book.parameters)), date(2026, 1, 1)) == book.value(
        next(iter(book.parameters)), date(2026, 1, 1)
    )


def test_a_companys_edition_keeps_the_history_and_adds_its_values():
    own = shipped("charges").with_values(
        "GZ.1", {"yuan_per_km": [(date(2026, 5, 1), Decimal("1.5"), "own travel")]}
    )
    assert own.edition == "GZ.1"
    assert own.value("yuan_per_km", date(2026, 4, 30)).value == 2
    assert own.value("yuan_per_km", date(2026, 5, 1)).value == Decimal("1.5")
    assert shipped("charges").value("yuan_per_km", date(2026, 5, 1)).value == 2
    assert own.digest != shipped("charges").digest


def test_an_edition_that_says_the_same_has_the_same_digest():
    same = shipped("charges").with_values("GZ.1", {"yuan_per_km": [(date(2000, 1, 1), 2, "own travel")]})
    assert same.digest == shipped("charges").digest
    assert same != shipped("charges")


def test_a_companys_value_is_checked_like_a_shipped_one():
    with pytest.raises(RulebookError, match="does not fit the unit"):
        shipped("charges").with_values("GZ.1", {"yuan_per_km": [(date(2026, 5, 1), -1, "own travel")]})
    with pytest.raises(
        RulebookError, match=r"charges GZ\.1, .*no clause is called 'own trave'.*did you mean"
    ):
        shipped("charges").with_values("GZ.1", {"yuan_per_km": [(date(2026, 5, 1), 1, "own trave")]})
    with pytest.raises(KeyError, match="no parameter"):
        shipped("charges").with_values("GZ.1", {"petrol": []})


def test_an_older_edition_without_todays_sentences_can_still_be_read():
    document = dict(shipped("charges").document)
    document["reasons"] = {code: text for code, text in document["reasons"].items() if code != "labour"}
    stored = {**shipped("charges").to_json()}
    with pytest.raises(RulebookError, match="the sentence for 'labour' is missing"):
        Rulebook(document, "charges.toml")
    old = Rulebook(document, "old", known=False)
    assert Rulebook.from_json({**stored, **old.to_json()}).reasons == old.reasons


LABOUR_REASON = CHARGES[CHARGES.index("labour           = {") : CHARGES.index("travel           = {")]
KM = '[parameters.free_km]\nlabel  = { zh = "免计里程（单程）", en = "free kilometres one way" }\n'

REFUSALS = {
    "no TOML": ('rulebook = "charges"', "rulebook = charges", "this is not TOML"),
    "unknown key on top": ('edition  = "2012.1"', 'edition = "1"\nedtion = "2"', "unknown key 'edtion' (did you mean 'edition'?)"),
    "missing key": ('edition  = "2012.1"\n', "", "'edition' is missing. Add edition"),
    "empty text": ('edition  = "2012.1"', 'edition = " "', "a text that is not empty is expected"),
    "title without English": ('{ zh = "收费标准", en = "Charges" }', '{ zh = "收费标准" }', "title: 'en' is missing"),
    "title not a table": ('{ zh = "收费标准", en = "Charges" }', '"Charges"', "a table is expected"),
    "unknown book": ('rulebook = "charges"', 'rulebook = "charge"', "no rules read a book called 'charge' (did you mean 'charges'?)"),
    "source date as text": ("effective      = 2000-01-01", 'effective = "2000-01-01"', "a date is expected"),
    "source without interpreter (GN-9)": (
        'interpreted_by = { zh = "公司售后服务部", en = "the company\'s after-sales department" }\nnote', "note",
        "[sources.appliance]: 'interpreted_by' is missing",
    ),
    "clause of no source": ('"own travel"       =', '"ours travel" =', "a clause is called by its source and its number"),
    "clause without number": ('"own travel"       =', '"own" =', "a clause is called by its source and its number"),
    "clause nobody cites": ("[names]", '"own more" = { zh = "a", en = "b" }\n[names]', "no value rests on this clause"),
    "source nobody cites": ("[sources.own]", '[sources.law]\ntitle = {zh="a",en="b"}\neffective=2000-01-01\nchanged_by={zh="a",en="b"}\ninterpreted_by={zh="a",en="b"}\n[sources.own]', "no clause comes from this source"),
    "reason nobody gives": (LABOUR_REASON, LABOUR_REASON + 'labor = { zh = "a", en = "b" }\n', "no rule gives this reason (did you mean 'labour'?)"),
    "reason missing": (LABOUR_REASON, "", "the sentence for 'labour' is missing"),
    "unknown placeholder": ("工时费{amount:yuan}元", "工时费{amout:yuan}元", "unknown placeholder {amout}. The decision gives: amount, category, work"),
    "unknown format": ("工时费{amount:yuan}元", "工时费{amount:euro}元", "unknown format 'euro' of {amount}. Use one of: date"),
    "braces": ("工时费{amount:yuan}元", "工时费{amount:yuan元", "the braces do not match"),
    "unknown key in parameter": (KM, KM + "unti = 3\n", "[parameters.free_km]: unknown key 'unti' (did you mean 'unit'?)"),
    "nothing like a key": (KM, KM + "zzz = 3\n", "known are label, unit, values"),
    "unknown unit": ('unit   = "km"', 'unit = "kms"', "unknown unit 'kms' (did you mean 'km'?)"),
    "no values": ('values = [{ from = 2000-01-01, value = 20, clause = "own travel" }]', "values = []", "there is no value. Add { from"),
    "value without clause": ('value = 20, clause = "own travel"', "value = 20", "[parameters.free_km] values, no. 1: 'clause' is missing"),
    "unknown clause": ('value = 20, clause = "own travel"', 'value = 20, clause = "own travels"', "no clause is called 'own travels' (did you mean 'own travel'?)"),
    "value not fitting": ("value = 20,", 'value = "20",', "does not fit the unit. Write kilometres"),
    "dates unordered": ("value = 20, clause = \"own travel\" }]", "value = 20, clause = \"own travel\" }, { from = 1999-01-01, value = 10, clause = \"own travel\" }]", "1999-01-01 stands after 2000-01-01. Put the oldest first"),
    "same date twice": ("value = 20, clause = \"own travel\" }]", "value = 20, clause = \"own travel\" }, { from = 2000-01-01, value = 10, clause = \"own travel\" }]", "stands after"),
    "own not a switch": ("own    = true\nvalues = [{ from = 2000-01-01, value = 20", 'own = "yes"\nvalues = [{ from = 2000-01-01, value = 20', "true or false is expected"),
    "choice without choices": ('unit   = "km"', 'unit = "choice"', "choices belong together"),
    "one reading only": ('below = { zh = "按“以下”，上浮60%", en = "counts as below: 60 %" }\n', "", "a choice needs two readings or more"),
    "value no reading": ('value = "above"', 'value = "beside"', "'beside' is no reading of this parameter. Use one of: above, below"),
    "empty table": ("[names]", "[names]", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", [case for case in REFUSALS if REFUSALS[case][2]])
def test_a_mistake_in_a_book_is_said_with_its_place_and_its_mending(case):
    old, new, words = REFUSALS[case]
    assert old in CHARGES, "the book has changed: adapt the case"
    with pytest.raises(RulebookError) as refused:
        load(CHARGES.replace(old, new, 1), "charges.toml")
    assert str(refused.value).startswith("charges.toml")
    assert words in str(refused.value)


def test_an_empty_table_is_refused():
    text = CHARGES[: CHARGES.index("[parameters.labour]")] + "[parameters]\n"
    with pytest.raises(RulebookError, match=r"\[parameters\]: the table is empty"):
        load(text, "charges.toml")


GOOD = {
    "yuan": [0, 30, Decimal("12.50")],
    "rate": [0, 1, Decimal("0.9")],
    "times": [10],
    "day-of-month": [1, 28],
    "words": [["a", "b"], []],
    "dates": [[date(2026, 1, 1)], []],
    "spans": [[{"name": "x", "first": date(2026, 1, 1), "last": date(2026, 1, 1)}]],
    "synonyms": [{"a": ["b"]}],
    "tariff": [{"a": {"replace": 60}}],
    "covers": [[{"category": "a", "component": "b", "years": "c"}]],
}
GOOD |= {
    "minutes": [30],
    "hours": [24],
    "workdays": [0, 3],
    "word": ["part"],
    "matrix": [{"other": {"down": "high"}}],
    "raises": [[{"flag": "gas", "at_least": "urgent"}, {"flag": "vip", "steps": 1}], []],
    "lengths": [{}, {"urgent": {"answer": {"length": 10, "unit": "minutes"}}}],
    "warnings": [{}, {"answer": {"minutes": 10}, "response": {"minutes": 1, "share": Decimal("0.2")}}],
    "ladder": [
        [],
        [
            {"code": "a", "promise": "answer", "side": "warn", "to": "handler", "how": ["inbox"]},
            {
                "code": "b", "promise": "answer", "side": "after", "length": 1, "unit": "workdays", "to": "handler", "how": [],
            },
        ],
    ],
}  # fmt: skip
_STEP = {"code": "a", "promise": "answer", "side": "due", "to": "handler", "how": ["inbox"]}
BAD = {
    "minutes": [-1],
    "word": ["", 3],
    "matrix": [
        3,
        {},
        {"fault": {"down": "high"}},
        {"other": {"down": ""}},
        {"other": {"down": "high"}, "fault": {"up": "low"}},
    ],
    "raises": [
        3,
        ["gas"],
        [{"flag": "gas"}],
        [{"flag": "", "steps": 1}],
        [{"flag": "vip", "steps": -1}],
        [{"flag": "vip", "at_least": ""}],
    ],
    "lengths": [
        3,
        {"urgent": 3},
        {"urgent": {"answer": 10}},
        {"urgent": {"answer": {"length": 10, "unit": "moons"}}},
        {"urgent": {"answer": {"length": -1, "unit": "hours"}}},
    ],
    "warnings": [
        3,
        {"answer": 3},
        {"answer": {}},
        {"answer": {"minutes": -1}},
        {"answer": {"share": 2}},
        {"answer": {"hours": 1}},
    ],
    "ladder": [
        3,
        [_STEP, _STEP],
        [{"code": "a"}],
        [_STEP | {"side": "beside"}],
        [_STEP | {"how": "inbox"}],
        [_STEP | {"to": ""}],
        [_STEP | {"side": "after"}],
        [_STEP | {"side": "after", "length": 1, "unit": "moons"}],
        [_STEP | {"side": "before", "length": 1, "unit": "workdays"}],
    ],
    "yuan": [-1, True, 1.5, "30", Decimal("NaN"), Decimal("-0.01")],
    "rate": [Decimal("1.1"), 2],
    "times": [-1, Decimal(1), True],
    "day-of-month": [0, 29],
    "words": ["a", [""], [1]],
    "dates": ["2026-01-01", ["2026-01-01"]],
    "spans": [
        3,
        [{"name": "x", "first": date(2026, 1, 2), "last": date(2026, 1, 1)}],
        [{"name": "x", "first": date(2026, 1, 1)}],
        ["x"],
    ],
    "synonyms": [{}, {"a": "b"}, []],
    "tariff": [{}, {"a": {}}, {"a": {"replace": -1}}, {"a": 3}, []],
    "covers": [3, [{"category": "a"}], [{"category": "a", "component": "", "years": "c"}]],
    "time": ["08:30"],
    "choice": [3],
}


@pytest.mark.parametrize("unit", GOOD)
def test_a_fitting_value_fits(unit):
    assert [UNITS[unit].wrong(value) for value in GOOD[unit]] == [""] * len(GOOD[unit])


@pytest.mark.parametrize("unit", BAD)
def test_a_value_that_does_not_fit_is_said(unit):
    assert all(UNITS[unit].wrong(value) for value in BAD[unit])
    assert UNITS[unit].mend


def test_a_cover_that_names_no_parameter_is_refused_when_asked():
    book = load(WARRANTY.replace('years = "hood_motor_years"', 'years = "hood_years"'), "warranty.toml")
    from sanbao_rules.warranty import cover

    with pytest.raises(KeyError, match="hood_years"):
        cover("吸油烟机", "电机", date(2026, 1, 1), book=book)
