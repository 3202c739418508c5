"""An outlet's orders of parts: on which days, how often, by when they go out, what the prepaid account allows.

KA-1.1, KA-1.2, KA-2.1, KA-2.2 and KA-12.1. Amounts are fen.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import yuan
from sanbao_rules.periods import add_months, next_working_day
from sanbao_rules.rulebook import Dated, Rulebook, because
from sanbao_rules.terms import last_day, state
from sanbao_rules.worktime import Calendar, provisional

ORDER = "parts_orders.order"
DUE = "parts_orders.due"
PREPAID = "parts_orders.prepaid"
STATEMENT = "parts_orders.statement"
STEPS = {"review": "review_workdays", "ship": "ship_days"}
KINDS = ("regular", "urgent")


class UnknownOrder(ValueError):
    """A kind of order or a step the rules don't know. The message names those they know."""


def order(
    on: date,
    *,
    book: Rulebook,
    calendar: Calendar,
    kind: str = "regular",
    regular: int = 0,
    urgent: int = 0,
    reason: str = "",
    approved: bool = False,
) -> Decision:
    """May this order be made today? {"verdict": accepted, waiting or refused, "next_day"}.

    `regular` and `urgent` are the outlet's orders of the month so far (A-47).
    """
    if kind not in KINDS:
        raise UnknownOrder(f"no order is called {kind!r}; known are {', '.join(KINDS)}")
    if kind == "urgent":
        return _urgent(on, book, urgent, reason, approved)
    days, reading = book.value("order_days", on), book.value("order_day_rest", on)
    most = book.value("regular_per_month", on)
    if regular >= most.value:
        following = add_months(on.replace(day=1), 1)
        next_day = _next(following, days, reading, calendar)
        told = because(most, "regular_used_up", count=regular, most=most.value, next=next_day)
        return _ordered("refused", next_day, [told, *provisional(calendar, next_day)], book)
    if _is_order_day(on, days, reading, calendar):
        reasons = [because(days, "order_day", on=on, days=tuple(f"{day}" for day in days.value))]
        if on.day not in days.value:
            reasons.append(because(reading, "order_day_moved", on=on))
        return _ordered("accepted", None, reasons, book)
    next_day = _next(on + timedelta(days=1), days, reading, calendar)
    told = because(days, "no_order_day", days=tuple(f"{day}" for day in days.value), next=next_day)
    return _ordered("refused", next_day, [told, *provisional(calendar, next_day)], book)


def _urgent(on: date, book: Rulebook, urgent: int, reason: str, approved: bool) -> Decision:
    most, approval = book.value("urgent_per_month", on), book.value("urgent_approval", on)
    if urgent >= most.value:
        next_month = add_months(on.replace(day=1), 1)
        told = because(most, "urgent_used_up", count=urgent, most=most.value, next=next_month)
        return _ordered("refused", next_month, [told], book)
    if not reason.strip():
        return _ordered("refused", None, [because(most, "urgent_reason")], book)
    reasons = [because(most, "urgent_count", count=urgent + 1, most=most.value)]
    if not approved:
        reasons.append(because(approval, "urgent_waits", who=approval.value))
    return _ordered("accepted" if approved else "waiting", None, reasons, book)


def _ordered(verdict: str, next_day: date | None, reasons: Iterable[Reason], book: Rulebook) -> Decision:
    return Decision(ORDER, {"verdict": verdict, "next_day": next_day}, tuple(reasons), book.cited)


def _is_order_day(day: date, days: Dated, reading: Dated, calendar: Calendar) -> bool:
    """By the reading of order days that are rest days (A-46): also the next working day, only the day, or moved to it."""
    if day.day in days.value and (reading.value != "moves" or calendar.is_workday(day)):
        return True
    if reading.value == "strict" or not calendar.is_workday(day):
        return False
    before = day - timedelta(days=1)
    while not calendar.is_workday(before):
        if before.day in days.value and next_working_day(before, calendar) == day:
            return True
        before -= timedelta(days=1)
    return False


def _next(day: date, days: Dated, reading: Dated, calendar: Calendar) -> date:
    while not _is_order_day(day, days, reading, calendar):
        day += timedelta(days=1)
    return day


def due(
    step: str, applied_on: date, on: date, *, book: Rulebook, calendar: Calendar, done_on: date | None = None
) -> Decision:
    """By when an order is entered (two working days), and by when its regular parts are sent (seven days)."""
    if step not in STEPS:
        raise UnknownOrder(f"an order has no step {step!r}; known are {', '.join(STEPS)}")
    length, roll = book.value(STEPS[step], applied_on), book.value("roll", applied_on)
    last = last_day(length, applied_on, calendar, roll)
    reasons = [because(length, f"{step}_due", applied=applied_on, days=length.value, due=last)]
    if length.unit == "days" and last != applied_on + timedelta(days=length.value):
        reasons.append(
            because(roll, "due_rolled", nominal=applied_on + timedelta(days=length.value), due=last)
        )
    how, told = state(last, length, on, done_on)
    reasons += [told, *provisional(calendar, last)]
    return Decision(DUE, {"due": last, "state": how}, tuple(reasons), book.cited)


def prepaid(
    balance: Decimal | str | int,
    amount: Decimal | str | int,
    on: date,
    *,
    book: Rulebook,
    frozen: Decimal | str | int = 0,
) -> Decision:
    """May an order of this amount be taken from the prepaid account? It never goes below nothing (A-72)."""
    limit = book.value("credit_limit", on)
    available = yuan(balance) - yuan(frozen) + yuan(limit.value)
    left = available - yuan(amount)
    code = "paid_in_advance" if left >= 0 else "not_enough"
    reason = because(limit, code, available=available, amount=yuan(amount), left=left, short=max(-left, 0))
    answer = {"accepted": left >= 0, "available": available, "left": max(left, 0), "short": max(-left, 0)}
    return Decision(PREPAID, answer, (reason,), book.cited)


def statement(
    sent_on: date,
    on: date,
    *,
    book: Rulebook,
    calendar: Calendar,
    shipped: int = 0,
    received: int = 0,
    confirmed_on: date | None = None,
) -> Decision:
    """The month's reconciliation of parts: by when the outlet confirms or disputes it, and whether the counts agree (KA-1.2)."""
    days, rule = book.value("confirm_days", sent_on), book.value("reconciliation", sent_on)
    last = last_day(days, sent_on, calendar, book.value("roll", sent_on))
    how, told = state(last, days, on, confirmed_on)
    code = "counts_agree" if shipped == received else "counts_differ"
    reasons = (
        because(rule, code, shipped=shipped, received=received, difference=received - shipped),
        because(days, "confirm_due", sent=sent_on, days=days.value, due=last),
        told,
        *provisional(calendar, last),
    )
    answer = {"due": last, "state": how, "difference": received - shipped}
    return Decision(STATEMENT, answer, reasons, book.cited)
