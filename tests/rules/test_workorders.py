"""Flows and gates of work orders: which steps there are, what to do at each, what it needs."""

from datetime import date

import pytest

from sanbao_rules.explain import explain
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.rulebook import RulebookError, load
from sanbao_rules.workorders import KINDS, UnknownStep, comment_asked, flow, gates, missing
from tests.rules.make import BOOKS
from tests.rules.test_rulebook import FOLDER

BOOK = BOOKS["workorder"]
DAY = date(2026, 11, 2)
TEXT = (FOLDER / "workorder.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "codes", "clause"),
    [
        ("repair", "application registration diagnosis agreement repairing acceptance aftercare", "SC-2"),
        ("training", "application arrangement teaching asking answering summary", "SC-3"),
        ("replacement", "application arrangement replacing acceptance aftercare", "SC-4"),
        ("installation", "application arrangement site_check installing acceptance aftercare", "work"),
        ("maintenance", "application arrangement maintaining acceptance aftercare", "work"),
        ("inspection", "application arrangement inspecting acceptance aftercare", "work"),
    ],
)
def test_a_flow_has_the_documents_steps_in_order(kind, codes, clause):
    """SC-2, SC-3, SC-4: seven, six and five steps."""
    steps = flow(kind, BOOK, DAY)
    assert [step.code for step in steps] == codes.split()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert {step.clause.rpartition(" ")[2] for step in steps} == {clause}


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_says_what_to_do_in_both_languages_and_needs_something(kind):
    """CO-2: instructions at every step."""
    for step in flow(kind, BOOK, DAY):
        assert set(step.label) == set(step.instruction) == {"zh", "en"}
        assert step.label["zh"] != step.code
        assert len(step.instruction["zh"]) >= 8
        assert step.gates, step.code


def test_every_gate_and_mode_has_a_name():
    for kind in KINDS:
        for step in flow(kind, BOOK, DAY):
            assert set(step.gates) <= BOOK.names.keys()
    assert set(BOOK.value("modes", DAY).value) <= BOOK.names.keys()


def test_no_gate_stands_at_a_step_that_does_not_exist():
    for parameter in BOOK.parameters.values():
        if parameter.unit == "gates":
            for kind, steps in parameter.values[0].value.items():
                assert set(steps) <= {step.code for step in flow(kind, BOOK, DAY)}, parameter.name


def test_a_missing_gate_is_told_with_its_own_clause():
    """RP-3, KA-4.3."""
    made = missing("repair", "agreement", ["agreement_signed"], BOOK, DAY)
    assert made.answer == {"done": False, "missing": ["plan_confirmed", "prices_shown"]}
    told = explain(made, BOOK)
    assert [(s.text, s.clause) for s in told] == [
        ("“确认方案、签协议”还缺：客户确认方案和价格", "service-centre SC-2"),
        ("“确认方案、签协议”还缺：收费标准已出示", "appliance KA-4.3"),
    ]


def test_a_step_that_has_all_it_needs_says_so():
    made = missing("repair", "agreement", gates("repair", "agreement", BOOK, DAY), BOOK, DAY)
    assert made.answer == {"done": True, "missing": []}
    assert explain(made, BOOK, "en")[0].text == (
        "everything “plan confirmed, agreement signed” needs is there"
    )


def test_a_companys_edition_may_ask_for_less_and_without_any_gate_a_step_is_done():
    own = BOOK.with_values("own", {"effect_gates": [(date(2023, 1, 1), {}, "practice ST-4")]})
    assert missing("repair", "aftercare", ["survey"], own, DAY).answer["done"]
    asked = {p.name: [(date(2023, 1, 1), {}, p.values[0].clause)] for p in BOOK.parameters.values()}
    bare = BOOK.with_values("bare", {n: v for n, v in asked.items() if BOOK.parameters[n].unit == "gates"})
    made = missing("repair", "aftercare", [], bare, DAY)
    assert made.answer["done"] and made.reasons[0].parameter == "repair_flow"


@pytest.mark.parametrize(
    ("kind", "step", "words"),
    [
        ("repairs", "diagnosis", "known are repair, training"),
        ("training", "diagnosis", "known are application, arrangement"),
    ],
)
def test_an_unknown_kind_or_step_is_refused_with_those_known(kind, step, words):
    with pytest.raises(UnknownStep, match=words):
        missing(kind, step, [], BOOK, DAY)
    with pytest.raises(UnknownStep, match="known are repair"):
        flow("repairs", BOOK, DAY)


def test_a_stored_gate_decision_is_decided_again():
    facts = {"kind": "repair", "step": "agreement", "present": ["agreement_signed"], "on": DAY}
    assert QUESTIONS["workorder.gate"](facts, BOOKS) == missing(
        "repair", "agreement", ["agreement_signed"], BOOK, DAY
    )


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        ('{ code = "asking", instruction = {', '{ code = "teaching", instruction = {'),
        ('{ code = "asking", instruction = {', '{ code = "asking", instructions = {'),
        ('{ code = "asking", instruction = { zh = "留出提问时间，逐条记下用户的问题。",', '{ code = "asking", instruction = { zh = "",'),
        ('asking      = ["questions_noted"]', "asking = 1"),
        ("drilling = 50", "drilling = -50"),
        ('code = "flue", products', 'code = "flue", product'),
        ('gas = "人工煤气", years = 6', 'gas = "人工煤气", years = "6"'),
        ('"消毒柜" = 8 }', '"消毒柜" = 7.5 }'),
        ("repair = 90, replacement = 90, installation = 120", "repair = 1.5, replacement = 90, installation = 120"),
        ("load = 35, distance = 30, customer = 15, skill = 20", "load = 0"),
        ("[5, 10, 20, 40]", "[]"),
    ],
)  # fmt: skip
def test_a_faulty_flow_or_gate_is_refused_with_advice(was, instead):
    assert was in TEXT
    with pytest.raises(RulebookError, match=r"does not fit the unit\. Write a"):
        load(TEXT.replace(was, instead), "workorder.toml")


def test_a_comment_is_asked_for_below_the_companys_stars_and_not_by_an_edition_without_them():
    """The limit is the company's own parameter, dated like any other."""
    assert [comment_asked(stars, BOOK, DAY).answer for stars in (1, 2, 3, 4, 5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    limit = (
        'unit   = "stars"\nown    = true\nvalues = [{ from = 2023-01-01, value = 3, clause = "own page" }]'
    )
    assert limit in TEXT
    stricter = load(TEXT.replace(limit, limit.replace("= 3", "= 5")), "workorder.toml")
    assert comment_asked(4, stricter, DAY).answer and not comment_asked(5, stricter, DAY).answer
    before, _mark, after = TEXT.partition("[parameters.comment_below]")
    older = load(before + after[after.index("[parameters.") :], "workorder.toml")
    assert comment_asked(1, older, DAY) is None
