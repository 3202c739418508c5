"""The rulebooks callbacks are decided by, and the hand that stores a decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from sanbao.accounts.access import Access
from sanbao.decisions import operations as decisions
from sanbao.decisions.models import Decision
from sanbao.regulations.queries import book_in_force, editions_in_force
from sanbao_rules import decision as kernel
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.worktime import Calendar, calendar_of

BOOK = "callbacks"
BOOKS = (BOOK, "calendar")


def book(company_id: int | None) -> Rulebook:
    """The rulebook of callbacks that a company goes by."""
    return book_in_force(company_id, BOOK)


def calendar(company_id: int | None) -> Calendar:
    """The company's working days; of years not published yet provisionally."""
    return calendar_of(book_in_force(company_id, "calendar"), provisional=True)


def written(
    made: kernel.Decision, facts: Mapping[str, Any], about: Model, *, by: Access, at: datetime, outlet_id: int | None = None
) -> Decision:  # fmt: skip
    """The decision stored, with its facts and the editions that decided."""
    return decisions.write_down(
        made, facts=facts, editions=editions_in_force(by.company_id, *BOOKS), about=about, by=by, at=at, outlet_id=outlet_id
    )  # fmt: skip
