"""RW-1 to RW-7: an instrument maker's returns, exchanges and rework."""

from datetime import date

import pytest

from sanbao_rules import exchanges
from sanbao_rules.returns import UnknownReturn
from tests.rules.make import BOOKS

BOOK, ON = BOOKS["returns"], date(2026, 4, 1)
YEAR = {"delivered_on": date(2025, 4, 1)}
AGREED = {"agrees": ["price_difference", "repair_fee", "freight"]}


@pytest.mark.parametrize(
    ("wish", "ground", "facts", "verdict"),
    [
        ("return", "beyond_repair", YEAR, "granted"),
        ("exchange", "beyond_repair", YEAR, "granted"),
        ("return", "beyond_repair", {"delivered_on": date(2025, 3, 31)}, "refused"),
        ("return", "beyond_repair", {}, "refused"),
        ("return", "beyond_repair", {**YEAR, "special_order": True}, "granted"),
        ("return", "late_delivery", {"special_order": True}, "needs_approval"),
        ("return", "late_delivery", {"special_order": True, "exception_approved": True}, "granted"),
        ("return", "major_repairable", YEAR, "rework"),
        ("exchange", "major_repairable", {**YEAR, **AGREED}, "granted"),
        ("exchange", "major_repairable", YEAR, "needs_agreement"),
        ("exchange", "wrong_type", {"exception_approved": True}, "granted"),
        ("exchange", "department_error", {}, "granted"),
        ("exchange", "use_damage", {}, "rework"),
        ("return", "misuse", {}, "explain"),
    ],
)
def test_when_an_instrument_is_returned_or_exchanged(wish, ground, facts, verdict):
    """RW-1, RW-2, RW-3, RW-4, RW-6, RW-7, A-15 to A-18."""
    assert exchanges.instrument(wish, ground, ON, book=BOOK, **facts).answer["verdict"] == verdict


def test_every_ground_has_an_answer_and_every_case_somebody_who_bears_it():
    grounds = BOOK.value("grounds", ON).value
    assert all(exchanges.instrument("exchange", ground, ON, book=BOOK) for ground in grounds)
    for cause in ("wrong_type", "transport_damage", "use_damage", "misuse", "department_error"):
        assert set(exchanges.cost(cause, ON, book=BOOK).answer.values()) <= BOOK.names.keys()


def test_the_customers_cost_says_nothing_of_wages():
    """A-20: only a person's share is bounded by the rule on wages."""
    told = {
        cause: len(exchanges.cost(cause, ON, book=BOOK).reasons)
        for cause in ("use_damage", "department_error")
    }
    assert told == {"use_damage": 1, "department_error": 2}


def test_a_ground_the_book_does_not_know_is_refused_with_those_it_knows():
    with pytest.raises(UnknownReturn, match="known are beyond_repair, late_delivery"):
        exchanges.instrument("exchange", "dislike", ON, book=BOOK)
    with pytest.raises(UnknownReturn, match="exchange"):
        exchanges.instrument("gift", "misuse", ON, book=BOOK)
    with pytest.raises(UnknownReturn, match="known are wrong_type"):
        exchanges.cost("dislike", ON, book=BOOK)
