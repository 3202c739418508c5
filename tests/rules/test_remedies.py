"""What a customer may choose when the appliance does not work: never less than the national rule gives (PV-6)."""

from datetime import date, timedelta

import pytest

from sanbao_rules.rulebook import shipped
from sanbao_rules.warranty import remedies

SOLD = date(2026, 1, 5)
BOOK = shipped("warranty")


@pytest.mark.parametrize(
    ("days", "repairs", "chosen", "article"),
    [
        (0, 0, ["return", "exchange", "repair"], "9"),
        (7, 0, ["return", "exchange", "repair"], "9"),
        (8, 0, ["exchange", "repair"], "10"),
        (15, 0, ["exchange", "repair"], "10"),
        (16, 0, ["repair"], "10"),
        (16, 1, ["repair"], "10"),
        (16, 2, ["exchange", "repair"], "11"),
        (300, 3, ["exchange", "repair"], "11"),
    ],
)
def test_a_solution_follows_the_law_and_names_its_article(
    days: int, repairs: int, chosen: list[str], article: str
) -> None:
    """PV-6: solutions follow product standards and law."""
    made = remedies(SOLD, SOLD + timedelta(days=days), BOOK, repairs=repairs)
    assert made.answer == chosen
    assert [reason.clause for reason in made.reasons] == [f"three-guarantees {article}"]


def test_more_repairs_never_leave_the_customer_less_to_choose_from() -> None:
    """PV-6: the customer's loss is kept small."""
    for days in range(400):
        offered = [
            set(remedies(SOLD, SOLD + timedelta(days=days), BOOK, repairs=repairs).answer)
            for repairs in range(4)
        ]
        assert all(fewer <= more for fewer, more in zip(offered, offered[1:], strict=False)), days
