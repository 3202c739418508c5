"""What a finding sets going (KA-11.2): whether it counts, its last days, what it changes about a settled month, and what smells.

What a sheet comes to with its findings is `settlement`'s, what a false panel claim costs `panels`'; here are the days around a finding and
the difference it makes afterwards.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of
from sanbao_rules.periods import next_working_day
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.settlement import SheetFacts, SheetOutcome, Terms, decide_sheet
from sanbao_rules.settlement_why import expand
from sanbao_rules.worktime import calendar_of

BOOK = "findings"
COUNTS = "finding.counts"
HINT = "finding.hint"
LAST_DAY = "finding.last_day"
CORRECTION = "finding.correction"
DAYS = {"appeal": "appeal_days", "improvement": "improve_days", "refund": "refund_days"}

Books = Mapping[str, Rulebook]


def counts(on: date, books: Books) -> Decision:
    """Whether a finding counts as soon as it is registered, or once a second person has confirmed it."""
    chosen = books[BOOK].value("confirmation", on)
    at_once = chosen.value == "registered_counts"
    reason = _reason("counts_at_once" if at_once else "second_person", chosen)
    return Decision(COUNTS, at_once, (reason,), books[BOOK].cited)


# Hints whose limit the company sets: the parameter, what is measured against it, and whether more or less of it smells.
LIMITS = {
    "phone_serials": ("hint_serials", "serials", True),
    "same_serial": ("hint_days", "gap", False),
    "short": ("hint_minutes", "minutes", False),
    "too_fast": ("hint_speed", "speed", True),
}


def hint(kind: str, told: Mapping[str, Any], on: date, books: Books) -> Decision:
    """Whether what was seen about a sheet smells, and why. It is a hint for a person to look into, never a verdict."""
    book = books[BOOK]
    if kind not in LIMITS:
        rests_on = book.value("hint_days", on)
        return Decision(HINT, True, (_reason(kind, rests_on, **told),), book.cited)
    parameter, measured, more = LIMITS[kind]
    limit = book.value(parameter, on)
    seen = Decimal(told[measured])
    smells = seen > limit.value if more else seen < limit.value if kind == "short" else seen <= limit.value
    args = dict(told) | ({"days": limit.value} if kind == "same_serial" else {"limit": limit.value})
    if kind == "phone_serials":
        args["days"] = book.value("hint_days", on).value
    reasons = (_reason(kind, limit, **args), _reason("smells" if smells else "no_smell", limit, kind=kind))
    return Decision(HINT, smells, reasons if smells else reasons[1:], book.cited)


def last_day(of: str, start: date, books: Books) -> Decision:
    """The last day to appeal, to improve or to give money back, `start` itself not counted; a rest day moves on (article 203)."""
    book = books[BOOK]
    days, roll = book.value(DAYS[of], start), book.value("roll", start)
    nominal = start + timedelta(days=days.value)
    calendar = calendar_of(books["calendar"], provisional=True)
    last = next_working_day(nominal, calendar) if roll.value == "next_working_day" else nominal
    reasons = [_reason("last_day", days, of=of, days=days.value, start=start, last=nominal)]
    if last != nominal:
        reasons.append(_reason("last_day_rolled", roll, nominal=nominal, last=last))
    if roll.value != "none" and calendar.is_provisional(last):
        reasons.append(_reason("provisional", roll, year=last.year))
    return Decision(LAST_DAY, last, tuple(reasons), book.cited)


def correction(before: SheetFacts, after: SheetFacts, rate: Decimal, terms: Terms) -> Decision:
    """What a finding, or a granted appeal, changes about a sheet whose month is settled, by that month's terms and rate.

    A positive amount is taken from the outlet, a negative one given back.
    """
    book = terms.books[BOOK]
    was, now = decide_sheet(before, terms), decide_sheet(after, terms)
    fee_was, fee_now = _fee(was, terms), _fee(now, terms)
    fee = percent_of(fee_was, rate) - percent_of(fee_now, rate)
    deducted_was, deducted_now = _deducted(was), _deducted(now)
    amount = fee + deducted_now - deducted_was
    rests_on = book.value("confirmation", terms.on)
    reasons = list(expand(now.why, terms.books, terms.month))
    if fee:
        reasons.append(
            _reason("fee_changes", rests_on, before=fee_was, after=fee_now, rate=rate, fee=abs(fee))
        )
    if deducted_was != deducted_now:
        reasons.append(_reason("deduction_changes", rests_on, before=deducted_was, after=deducted_now))
    code = "correction_taken" if amount > 0 else "correction_given" if amount < 0 else "correction_none"
    told: dict[str, Any] = {"amount": abs(amount)} if amount else {}
    reasons.append(_reason(code, rests_on, month=terms.month, **told))
    answer = {"fee": fee, "deductions": deducted_now - deducted_was, "amount": amount}
    return Decision(CORRECTION, answer, tuple(reasons), book.cited)


def _fee(outcome: SheetOutcome, terms: Terms) -> int:
    """What the sheet adds to the month's gross."""
    counts = outcome.outcome == "paid" or (terms.forged_fee_kept and outcome.outcome == "forged")
    return outcome.labour + outcome.travel if counts else 0


def _deducted(outcome: SheetOutcome) -> int:
    return sum(amount for _, amount in outcome.deductions)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, BOOK)
