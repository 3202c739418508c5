"""What the rules' tests are made of: the shipped books, and the same few sheets in every story."""

from datetime import date
from decimal import Decimal
from typing import Any

from sanbao_rules.examples import with_readings
from sanbao_rules.rulebook import Rulebook, shipped, shipped_names
from sanbao_rules.settlement import SheetFacts, SheetOutcome, Terms, decide_sheet

BOOKS: dict[str, Rulebook] = {name: shipped(name) for name in shipped_names()}
AUGUST = date(2026, 8, 1)

# Mrs Wu's gas hob in Guangzhou, 48 km out, bought in January, repaired in August: 50 yuan labour, 56 yuan travel.
HOB = SheetFacts(
    missing=(),
    category="燃气灶",
    work="replace",
    km=Decimal(48),
    purchased_on=date(2026, 1, 10),
    installed_on=date(2026, 1, 12),
    reported_on=date(2026, 8, 3),
    completed_on=date(2026, 8, 4),
    component="热电偶",
    claimed_out=False,
    findings=(),
)


def sheet(**changes: Any) -> SheetFacts:
    """Mrs Wu's sheet with something else about it."""
    return HOB._replace(**changes)


def read(book: str, **readings: Any) -> dict[str, Rulebook]:
    """The shipped books with other readings in one of them."""
    return BOOKS | {book: with_readings(BOOKS[book], readings)}


def decide(facts: SheetFacts, books: dict[str, Rulebook] = BOOKS, month: date = AUGUST) -> SheetOutcome:
    return decide_sheet(facts, Terms.resolve(books, month))
