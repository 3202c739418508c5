"""The nineteen shipped regulations: every clause of the mission in exactly one, read strictly, and taken over through operations."""

import re
from collections import Counter
from datetime import date

import pytest

from sanbao.documents import operations, shipping
from sanbao.site import clauses
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.documents.make import moved


def test_every_clause_of_the_mission_stands_in_exactly_one_of_nineteen_texts() -> None:
    found = Counter(
        clause.id
        for name in shipping.shipped_names()
        for clause in shipping.shipped(name).clauses
        if clause.id
    )
    assert len(shipping.shipped_names()) == 19
    assert found == Counter(clauses.ids())


def test_numbers_and_dates_are_those_of_the_texts() -> None:
    """SX-1, RW-8, HK-1: what the texts say of themselves."""
    told = {name: shipping.shipped(name) for name in shipping.shipped_names()}
    assert (told["six-s"].number, told["six-s"].effective) == ("HCBM-CD-01-007/02", date(2012, 8, 8))
    assert (told["rework"].number, told["rework"].issued, told["rework"].label) == (
        "QR-MK-03",
        date(2011, 12, 1),
        "A版",
    )
    assert told["fee-notice"].number == "沪房管规范物[2012]29号"
    assert (told["hongkou"].issued, told["hongkou"].effective) == (date(2012, 4, 26), date(2012, 5, 1))


def test_every_text_is_written_in_both_languages() -> None:
    han = re.compile(r"[一-鿿]")
    for name in shipping.shipped_names():
        for clause in shipping.shipped(name).clauses:
            assert han.search(clause.zh), (name, clause.number)
            assert not han.search(clause.en), (name, clause.number)


GOOD = (
    'source = "x"\nlabel = "1"\nkind = "regulation"\ntitle = {zh = "甲", en = "A"}\ndepartment = "d"\nchanged_by = "c"\n'
    'interpreted_by = "i"\nclauses = [[0, "一、", "KA-1.1", "甲", "A"]]\n'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "no TOML"),
        (GOOD + "colour = 1", "colour"),
        (GOOD.replace('label = "1"\n', ""), "label"),
        (GOOD.replace('source = "x"', 'source = "y"'), "source"),
        (GOOD.replace("KA-1.1", "KA"), "no clause's id"),
        (GOOD.replace('"甲", "A"]]', '"甲", " "]]'), "both languages"),
        (GOOD.replace("]]", '], [0, "二、", "KA-1.1", "乙", "B"]]'), "twice"),
        (GOOD + 'effective = "2012"', "no day"),
    ],
)
def test_a_shipped_file_that_is_wrong_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(shipping.ShippedError, match=said):
        shipping.read(text, "x")


def test_a_shipped_text_becomes_a_draft_and_is_approved_like_any_other(cast: Cast) -> None:
    """SX-1: the car dealer's six S, in force since 2012 on paper."""
    version = operations.adopt_shipped("six-s", by=cast.access("admin"), at=NOW)
    assert version.document.number == "HCBM-CD-01-007/02"
    version = moved(cast, version, "in_force")
    assert version.effective_on == date(2012, 8, 8)
    assert version.clauses.get(ref="SX-3").table[0] == ["序号", "部门"]
    with pytest.raises(Refusal) as refused:
        operations.adopt_shipped("six-s", by=cast.access("admin"), at=NOW)
    assert refused.value.code == "adopted"
