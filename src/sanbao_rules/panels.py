"""Glass and ceramic panels: what an outlet pays for a new one, and what a false claim costs (KA-7.1 to KA-7.3)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.needs import lacking
from sanbao_rules.periods import add_years
from sanbao_rules.rulebook import Rulebook, because
from sanbao_rules.terms import last_day
from sanbao_rules.worktime import Calendar, provisional

PANEL = "returns.panel"
FORGERY = "returns.forgery"


def panel(
    stage: str,
    created_on: date,
    on: date,
    *,
    book: Rulebook,
    calendar: Calendar,
    supply_price: Decimal | str | int = 0,
    material: str = "glass",
    returned_on: date | None = None,
    present: Collection[str] = (),
    forgeries: Sequence[date] = (),
) -> Decision:
    """{"verdict": granted, waiting or refused, "price": what the outlet pays, "missing", "due"}.

    `stage` is unsold_broken, unsold_flawed or sold; `present` are the papers and checks that are there.
    """
    materials, days = book.value("panel_materials", created_on), book.value("form_return_days", created_on)
    due = last_day(days, created_on, calendar, book.value("roll", created_on))
    missing, needed = lacking(stage, present, book, created_on)
    price, priced = _price(stage, supply_price, created_on, book)
    answer = {"verdict": "refused", "price": 0, "missing": missing, "due": due}
    refusals = []
    if material not in materials.value:
        refusals.append(because(materials, "panel_material", material=material))
    if forgeries:
        until, told = _cancelled(forgeries, book)
        if until is not None and on <= until:
            refusals += told
    if (returned_on or on) > due:
        refusals.append(because(days, "form_late", created=created_on, days=days.value, due=due))
        refusals += provisional(calendar, due)
    if refusals:
        return Decision(PANEL, answer, tuple(refusals), book.cited)
    if returned_on is None:
        awaited = because(days, "form_awaited", created=created_on, days=days.value, due=due)
        needed = [awaited, *provisional(calendar, due), *needed]
    if returned_on is None or missing:
        return Decision(PANEL, answer | {"verdict": "waiting"}, tuple(needed), book.cited)
    answer |= {"verdict": "granted", "price": price}
    return Decision(PANEL, answer, (*needed, priced), book.cited)


def _price(stage: str, supply_price: Decimal | str | int, on: date, book: Rulebook) -> tuple[int, Reason]:
    """A broken panel of an unsold appliance costs half the supply price; a flawed or a sold one nothing (A-57)."""
    if stage == "unsold_broken":
        rate = book.value("broken_rate", on)
        price = percent_of(yuan(supply_price), Decimal(rate.value))
        return price, because(rate, "panel_half", rate=rate.value, price=price)
    if stage == "sold":
        return 0, because(book.value("panel_materials", on), "panel_free")
    return 0, because(book.value("broken_rate", on), "panel_free")


def forgery(found_on: Sequence[date], *, book: Rulebook, panel_value: Decimal | str | int = 0) -> Decision:
    """What the last of an outlet's proven false claims costs: {"count", "fine", "cancelled_until"}. Oldest first."""
    on = found_on[-1]
    steps, multiple = book.value("forgery_steps", on), book.value("fine_multiple", on)
    counted = sum(day.year == on.year for day in found_on)
    fined_at = 1 if steps.value == "first_fined" else 2
    until, told = _cancelled(found_on, book)
    fine = 0
    reasons = [because(steps, "forgery_counted", count=counted, year=on.year)]
    if counted == fined_at:
        fine = yuan(panel_value) * multiple.value
        reasons.append(because(multiple, "forgery_fined", multiple=multiple.value, fine=fine))
    reasons += told if until is not None else []
    answer = {"count": counted, "fine": fine, "cancelled_until": until}
    return Decision(FORGERY, answer, tuple(reasons), book.cited)


def _cancelled(found_on: Sequence[date], book: Rulebook) -> tuple[date | None, list[Reason]]:
    """Until when the last false claim that was one too many in its year takes the panel benefit away."""
    until, told = None, []
    for place, day in enumerate(found_on, 1):
        steps, length = book.value("forgery_steps", day), book.value("cancellation", day)
        allowed = 1 if steps.value == "first_fined" else 2
        if sum(earlier.year == day.year for earlier in found_on[:place]) > allowed:
            until = date(day.year, 12, 31)
            if length.value == "twelve_months":
                until = add_years(day, 1) - timedelta(days=1)
            told = [because(length, "panels_cancelled", at=day, until=until)]
    return until, told
