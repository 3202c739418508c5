"""Warranty: from which day, for how long, to which last day an appliance or its part is repaired free (KA-5.1).

The rules in force on the day of purchase decide. The corresponding day itself is still covered.
"""

from datetime import date, timedelta
from typing import NamedTuple

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_months, add_years
from sanbao_rules.rulebook import Dated, Rulebook

QUESTION = "warranty.cover"
REMEDIES = "warranty.remedies"


class CoverTerms(NamedTuple):
    """The values in force for what was bought on one day. `covers` is {(category, component): its years}."""

    start: Dated
    whole: Dated
    covers: dict[tuple[str, str], Dated]
    tank_labour: Dated
    replaced_months: Dated
    replaced_cover: Dated
    repair_time: Dated

    @classmethod
    def resolve(cls, book: Rulebook, purchased_on: date) -> "CoverTerms":
        on = purchased_on
        rows = book.value("component_covers", on).value
        return cls(
            book.value("start", on),
            book.value("whole_years", on),
            {(row["category"], row["component"]): book.value(row["years"], on) for row in rows},
            book.value("tank_labour", on),
            book.value("replaced_part_months", on),
            book.value("replaced_part_cover", on),
            book.value("repair_time", on),
        )


def start_of(
    terms: CoverTerms, purchased_on: date, installed_on: date | None, delivered_on: date | None = None
) -> tuple[date, str]:
    """The day the warranty starts, and what happened on it: purchase, delivery or installation."""
    if terms.start.value == "purchase":
        return purchased_on, "purchase"
    days = [(purchased_on, "purchase")]
    days += [(delivered_on, "delivery")] if delivered_on else []
    days += [(installed_on, "installation")] if installed_on else []
    return max(days, key=lambda pair: pair[0])


def years_of(terms: CoverTerms, category: str, component: str, *, labour: bool = False) -> tuple[str, Dated]:
    """What the cover is called (whole, or the component) and its years; the longer one where both hold.

    With `labour` the question is the work, not the part: by one reading of "保用" a tank's labour is free only as long as
    the whole appliance (A-43).
    """
    own = terms.covers.get((category, component))
    if own is None or own.value <= terms.whole.value:
        return "whole", terms.whole
    if labour and own.parameter == "water_heater_tank_years" and terms.tank_labour.value == "as_the_whole":
        return "whole", terms.whole
    return component, own


def cover(
    category: str,
    component: str,
    purchased_on: date,
    installed_on: date | None = None,
    delivered_on: date | None = None,
    *,
    book: Rulebook,
    repair_days: int = 0,
    replaced_on: date | None = None,
    labour: bool = False,
) -> Decision:
    """The last covered day of an appliance, or of a component with a cover of its own.

    `repair_days` are days the appliance was away for repair; `replaced_on` asks for a part fitted on that day.
    """
    terms = CoverTerms.resolve(book, purchased_on)
    start, basis = start_of(terms, purchased_on, installed_on, delivered_on)
    covered, years = years_of(terms, category, component, labour=labour)
    last = add_years(start, years.value)
    reasons = [_start(terms, start, basis, purchased_on)]
    reasons.append(_reason("covered", years, cover=covered, years=years.value, start=start, last=last))
    if repair_days and terms.repair_time.value == "extends":
        last += timedelta(days=repair_days)
        reasons.append(_reason("repair_days", terms.repair_time, days=repair_days, last=last))
    if not labour:
        labour_cover, labour_years = years_of(terms, category, component, labour=True)
        if labour_cover != covered:
            until = add_years(start, labour_years.value)
            reasons.append(
                _reason("part_only", terms.tank_labour, cover=covered, last=last, labour_last=until)
            )
    if replaced_on:
        last, reason = _replaced(terms, replaced_on, last)
        reasons.append(reason)
    return Decision(QUESTION, last, tuple(reasons), book.cited)


def _replaced(terms: CoverTerms, replaced_on: date, own_last: date) -> tuple[date, Reason]:
    """A replaced part is covered for three months, or for the rest of its own cover where that is longer (A-44)."""
    months = terms.replaced_months.value
    last = add_months(replaced_on, months)
    if terms.replaced_cover.value == "longer" and own_last > last:
        reason = _reason(
            "replaced_part_longer",
            terms.replaced_cover,
            replaced=replaced_on,
            months=months,
            own=last,
            last=own_last,
        )
        return own_last, reason
    return last, _reason(
        "replaced_part", terms.replaced_months, replaced=replaced_on, months=months, last=last
    )


def in_warranty(
    asked_on: date,
    category: str,
    component: str,
    purchased_on: date,
    installed_on: date | None = None,
    delivered_on: date | None = None,
    *,
    book: Rulebook,
    repair_days: int = 0,
    replaced_on: date | None = None,
    labour: bool = False,
) -> Decision:
    """Whether what was reported on `asked_on` is still covered; its part is the cover decision."""
    made = cover(
        category, component, purchased_on, installed_on, delivered_on,
        book=book, repair_days=repair_days, replaced_on=replaced_on, labour=labour,
    )  # fmt: skip
    terms = CoverTerms.resolve(book, purchased_on)
    start, _ = start_of(terms, purchased_on, installed_on, delivered_on)
    covered, years = years_of(terms, category, component, labour=labour)
    reason = verdict(asked_on, made.answer, covered, years, purchased_on, start)
    return Decision("warranty.in_warranty", asked_on <= made.answer, (reason,), book.cited, (made,))


def verdict(asked: date, last: date, covered: str, years: Dated, purchased: date, start: date) -> Reason:
    """In or out of warranty, as one sentence."""
    code = "in_warranty" if asked <= last else "out_of_warranty"
    return _reason(
        code,
        years,
        asked=asked,
        last=last,
        cover=covered,
        purchased=purchased,
        start=start,
        years=years.value,
    )


def remedies(sold_on: date, on: date, book: Rulebook, *, repairs: int = 0) -> Decision:
    """What a consumer may choose of return, exchange and repair when the appliance does not work (the national rule of 1995).

    The day of sale is not counted (Civil Code 201). `repairs` are those after which it still did not work.
    """
    days = (on - sold_on).days
    returning, exchanging = book.value("return_days", sold_on), book.value("exchange_days", sold_on)
    enough = book.value("exchange_after_repairs", sold_on)
    told: dict[str, object] = {"sold": sold_on, "days": days}
    if days <= returning.value:
        chosen, reason = (
            ["return", "exchange", "repair"],
            _reason("may_return", returning, limit=returning.value, **told),
        )
    elif days <= exchanging.value:
        chosen, reason = (
            ["exchange", "repair"],
            _reason("may_exchange", exchanging, limit=exchanging.value, **told),
        )
    elif repairs >= enough.value:
        chosen, reason = (
            ["exchange", "repair"],
            _reason("repaired_enough", enough, repairs=repairs, limit=enough.value),
        )
    else:
        chosen, reason = ["repair"], _reason("only_repair", exchanging, limit=exchanging.value, **told)
    return Decision(REMEDIES, chosen, (reason,), book.cited)


def _start(terms: CoverTerms, start: date, basis: str, purchased: date) -> Reason:
    if terms.start.value == "purchase":
        return _reason("from_purchase", terms.start, start=start)
    return _reason("from_latest", terms.start, start=start, basis=basis, purchased=purchased)


def _reason(code: str, rests_on: Dated, **args: object) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "warranty")
