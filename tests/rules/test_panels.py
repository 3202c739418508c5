"""KA-7.1 to KA-7.3: glass and ceramic panels, and false claims."""

from datetime import date

import pytest

from sanbao_rules import panels
from sanbao_rules.worktime import Calendar
from tests.rules.make import BOOKS, read

BOOK, CALENDAR = BOOKS["returns"], Calendar(BOOKS["calendar"], provisional=True)
CREATED = date(2026, 4, 1)
SOLD = {"present": ["customer_details", "verified"], "returned_on": date(2026, 4, 3)}


def asked(stage="sold", on=date(2026, 4, 3), **facts):
    return panels.panel(stage, CREATED, on, book=BOOK, calendar=CALENDAR, **facts)


def test_a_sold_appliances_panel_is_free_once_verified():
    """KA-7.2."""
    assert asked(**SOLD).answer == {"verdict": "granted", "price": 0, "missing": [], "due": date(2026, 4, 16)}


def test_a_flawed_panel_is_free_against_picture_and_code():
    """KA-7.1, A-57."""
    made = asked("unsold_flawed", present=["product_code", "picture"], returned_on=CREATED, supply_price=120)
    assert (made.answer["verdict"], made.answer["price"]) == ("granted", 0)
    assert asked("unsold_flawed", present=["product_code"], returned_on=CREATED).answer["missing"] == [
        "picture"
    ]


def test_only_glass_and_ceramic_panels_are_provided_for():
    """KA-7.2."""
    assert asked(**SOLD, material="steel").reasons[0].code == "panel_material"


def test_a_form_that_has_not_come_back_is_awaited_and_then_too_late():
    """KA-7.2, A-58."""
    present = {"present": SOLD["present"]}
    assert asked(on=date(2026, 4, 16), **present).answer["verdict"] == "waiting"
    assert asked(on=date(2026, 4, 17), **present).answer["verdict"] == "refused"


def test_no_panels_while_the_benefit_is_cancelled_and_again_from_new_year():
    """KA-7.3, A-56."""
    false = [date(2026, 1, 5), date(2026, 2, 9)]
    assert asked(**SOLD, forgeries=false).reasons[0].code == "panels_cancelled"
    assert asked(**SOLD, forgeries=false[:1]).answer["verdict"] == "granted"
    assert asked(**SOLD, forgeries=[date(2025, 1, 5), date(2025, 2, 9)]).answer["verdict"] == "granted"


@pytest.mark.parametrize(
    ("steps", "days", "count", "fine", "until"),
    [
        ("first_fined", ["2026-01-05"], 1, 120000, None),
        ("first_fined", ["2025-11-05", "2026-01-05"], 1, 120000, None),
        ("first_fined", ["2026-01-05", "2026-02-09"], 2, 0, date(2026, 12, 31)),
        ("second_fined", ["2026-01-05"], 1, 0, None),
        ("second_fined", ["2026-01-05", "2026-02-09", "2026-03-01"], 3, 0, date(2026, 12, 31)),
    ],
)
def test_a_56_false_claims_are_counted_within_the_calendar_year(steps, days, count, fine, until):
    """KA-7.3."""
    book = read("returns", forgery_steps=steps)["returns"]
    found = [date.fromisoformat(day) for day in days]
    made = panels.forgery(found, book=book, panel_value=120)
    assert made.answer == {"count": count, "fine": fine, "cancelled_until": until}
