"""Months to decide again, and editions to decide them by."""

from datetime import date
from decimal import Decimal

from sanbao.backtests import operations, running
from sanbao.backtests.models import BackTest
from sanbao.regulations.models import Edition
from sanbao.regulations.operations import pin
from sanbao.regulations.queries import edition_in_force, rulebook
from tests.cast import NOW, Cast

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)
CLAUSE = "appliance KA-11.1"


def march_of_three(cast: Cast) -> None:
    """In time (100 %), late (90 %) and across the month (50 %), each with two sheets of 80 yuan: 160, 144 and 80 yuan."""
    for outlet, day in (
        ("GZ001", date(2026, 4, 9)),
        ("NB011", date(2026, 4, 13)),
        ("SZ021", date(2026, 5, 6)),
    ):
        for _ in range(2):
            cast.sheet(outlet=outlet, month=MARCH)
        cast.received(outlet=outlet, month=MARCH, on=day)
        cast.statement(outlet=outlet, month=MARCH)


def ladder(
    cast: Cast, *, since: date = JUNE, edition: str = "2026.9", late: str = "0.95", cross: str = "0.60"
) -> Edition:
    """The late ladder, milder: 95 % instead of 90, and 60 % across the month instead of 50."""
    base = rulebook(edition_in_force(cast.company.pk, "settlement"))
    changes = {
        "rate_late": [(since, Decimal(late), CLAUSE)],
        "rate_cross_month": [(since, Decimal(cross), CLAUSE)],
    }
    book = base.with_values(edition, changes)
    return pin(book, at=NOW, company_id=cast.company.pk, by=cast.access("admin"))


def tried(
    cast: Cast, edition: Edition | None, *, run: bool = True, by: str = "head", **asked: object
) -> BackTest:
    """A back-test of March by an edition (a replay without one), as the worker does it."""
    candidate = operations.Candidate.of_edition(edition, cast.company.pk) if edition else None
    given: dict[str, object] = {"first": MARCH, "last": MARCH} | asked
    test = operations.begin(candidate, **given, by=cast.access(by), at=NOW)
    return running.run(test, by=cast.access(by), at=lambda: NOW) if run else test
