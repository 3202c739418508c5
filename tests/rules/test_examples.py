"""The worked examples beside the books hold; they are written in the documents' words."""

import pytest

from sanbao_rules.examples import ask, clauses_of, differences, load_examples, shipped_examples
from sanbao_rules.rulebook import RulebookError, shipped_names
from tests.rules.make import BOOKS

ALL = [(book, example) for book in shipped_names() for example in shipped_examples(book)]


@pytest.mark.parametrize(
    "example", [example for _, example in ALL], ids=[f"{b}: {e.name['en']}" for b, e in ALL]
)
def test_the_example_holds(example):
    """KA-4.3, KA-5.1, KA-6.2, KA-11.1, KA-11.2, RG-1: see each example's own clauses."""
    assert differences(example, ask(example, BOOKS)) == []


@pytest.mark.parametrize("book", shipped_names())
def test_every_other_reading_of_a_book_has_an_example(book):
    shown = {(name, value) for _, e in ALL for name, value in e.readings.get(book, {}).items()}
    for parameter in BOOKS[book].parameters.values():
        for choice in parameter.choices or ():
            in_force = {dated.value for dated in parameter.values}
            assert choice in in_force or (parameter.name, choice) in shown, (parameter.name, choice)


@pytest.mark.parametrize("book", shipped_names())
def test_every_clause_of_a_book_decides_an_example(book):
    clauses = set().union(*(clauses_of(ask(example, BOOKS)) for _, example in ALL))
    assert set(BOOKS[book].clauses) <= clauses


def test_an_example_that_does_not_hold_says_what_is_different():
    by_name = {example.name["en"]: example for _, example in ALL}
    rate = by_name["On 11 April: 90 %"]
    wrong = type(rate)(rate.name, rate.question, rate.facts, 1, ("civil-code 203",), {})
    assert differences(wrong, ask(wrong, BOOKS)) == [
        "the answer is 0.9, not 1",
        "civil-code 203 is not named",
    ]
    sheet = by_name["In warranty, part replaced, 48 km one way"]
    wrong = type(sheet)(sheet.name, sheet.question, sheet.facts, {"labour": 60}, (), {})
    assert differences(wrong, ask(wrong, BOOKS)) == ["labour: 50.00, not 60"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[examples]]\nquestion = "settlement.rate"', "answer, facts, name, rests_on missing"),
        ('[[examples]]\nname="a"\nquestion="x"\nfacts={}\nanswer=1\nrests_on=[]\nnote=1', "unknown key note"),
        ('[[examples]]\nname="a"\nquestion="x"\nfacts={}\nanswer=1\nrests_on=[]', "no question 'x'"),
    ],
)
def test_a_faulty_example_is_refused(tmp_path, text, words):
    path = tmp_path / "settlement.toml"
    path.write_text(text)
    with pytest.raises(RulebookError, match=words):
        load_examples(path)
