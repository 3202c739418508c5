"""What an outlet gets for what it sends back: parts, finished products, counts, who approves, by when it is answered.

KA-1.1, KA-3.1 to KA-3.6, KA-8.1 to KA-8.5, KA-12.3, KA-12.4. Amounts are fen; the application's day decides (A-54).
"""

from datetime import date, timedelta
from decimal import Decimal

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.periods import add_months, add_years
from sanbao_rules.rulebook import Rulebook, because
from sanbao_rules.terms import last_day, state
from sanbao_rules.worktime import Calendar, provisional

PART = "returns.part"
GOODS = "returns.goods"
COUNT = "returns.count"
APPROVALS = "returns.approvals"
ANSWER = "returns.answer"
FALSE_REASON = "returns.false_reason"
ANSWERS = {"part": "review_workdays", "goods": "answer_days", "pickup": "pickup_days"}


class UnknownReturn(ValueError):
    """A word for a return the rules don't know. The message names those they know."""


def part(
    kind: str,
    made_on: date,
    applied_on: date,
    *,
    book: Rulebook,
    in_warranty: bool = True,
    own_make: bool = True,
    repaired_on: date | None = None,
    approved: bool = False,
    supply_price: Decimal | str | int = 0,
) -> Decision:
    """A defective part sent back: {"verdict": refused, waiting or accepted, "rate", "credit", "late"}."""
    on = applied_on
    kinds, origin = book.value("not_returnable", on), book.value("origin", on)
    refusals = []
    if kind in kinds.value:
        refusals.append(because(kinds, "not_returnable", kind=kind))
    if not own_make:
        refusals.append(because(origin, "other_make"))
    if not in_warranty:
        refusals.append(because(origin, "part_out_of_warranty"))
    rate, aged, too_old = _part_age(made_on, on, book)
    if refusals or too_old:
        told = tuple(refusals) or (aged,)
        answer = {"verdict": "refused", "rate": Decimal(0), "credit": 0, "late": False}
        return Decision(PART, answer, told, book.cited)
    credit = percent_of(yuan(supply_price), rate)
    reasons = [aged]
    late, told_late = _late(repaired_on, on, book)
    reasons += told_late
    if not approved:
        reasons.append(because(book.value("part_approval", on), "part_waits"))
    answer = {"verdict": "accepted" if approved else "waiting", "rate": rate, "credit": credit, "late": late}
    return Decision(PART, answer, tuple(reasons), book.cited)


def _part_age(made_on: date, on: date, book: Rulebook) -> tuple[Decimal, Reason, bool]:
    """What an old part earns: all of it within three years of production, the third anniversary included."""
    years, older = book.value("return_years", on), book.value("older_part", on)
    last = add_years(made_on, years.value)
    if on <= last:
        full = book.value("part_credit", on)
        return (
            Decimal(full.value),
            because(full, "part_in_time", made=made_on, last=last, rate=full.value),
            False,
        )
    code = "older_refused" if older.value == "refused" else "older_zero"
    return (
        Decimal(0),
        because(years, code, made=made_on, last=last, years=years.value),
        code == "older_refused",
    )


def _late(repaired_on: date | None, on: date, book: Rulebook) -> tuple[bool, list[Reason]]:
    """In-warranty parts come back within the company's time from the repair (A-49)."""
    if repaired_on is None:
        return False, []
    days, start = book.value("in_warranty_days", on), book.value("in_warranty_from", on)
    since = repaired_on
    if start.value == "month_end":
        since = add_months(repaired_on.replace(day=1), 1) - timedelta(days=1)
    last = since + timedelta(days=days.value)
    if on <= last:
        return False, []
    return True, [because(days, "part_late", since=since, days=days.value, last=last)]


def goods(
    made_on: date,
    applied_on: date,
    supply_price: Decimal | str | int,
    *,
    book: Rulebook,
    cause: str = "quality",
    sample: bool = False,
    official: bool = True,
    repairable: bool = False,
    approved: bool = False,
    share: Decimal | str | None = None,
    received_on: date | None = None,
) -> Decision:
    """A finished product: {"verdict", "rate", "credit"}. `share` is what its condition is judged to be worth (not quality)."""
    on = applied_on
    terms = book.value("conditions", on)
    refusals = [because(book.value("credit_bands", on), "sample_refused")] if sample else []
    refusals += [because(terms, "not_official")] if not official else []
    refusals += [because(terms, "repair_locally")] if repairable else []
    if refusals:
        answer = {"verdict": "refused", "rate": Decimal(0), "credit": 0}
        return Decision(GOODS, answer, tuple(refusals), book.cited)
    rate, aged = _band(made_on, on, received_on, book)
    reasons = [aged]
    if cause != "quality":
        most = book.value("non_quality_max", on)
        rate = min(rate, Decimal(most.value), Decimal(share if share is not None else 1))
        reasons.append(because(most, "not_quality", most=most.value, rate=rate))
    price = yuan(supply_price)
    credit = percent_of(price, rate)
    reasons.append(
        because(book.value("credit_bands", on), "goods_credit", price=price, rate=rate, credit=credit)
    )
    if not approved:
        reasons.append(because(book.value("goods_approval", on), "goods_wait"))
    answer = {"verdict": "accepted" if approved else "waiting", "rate": rate, "credit": credit}
    return Decision(GOODS, answer, tuple(reasons), book.cited)


def _band(made_on: date, on: date, received_on: date | None, book: Rulebook) -> tuple[Decimal, Reason]:
    bands, edge, until = (book.value(name, on) for name in ("credit_bands", "band_edge", "age_until"))
    day = received_on if until.value == "receipt" and received_on is not None else on
    for row in bands.value:
        limit = add_years(made_on, int(row["up_to"]))
        if day < limit or (day == limit and edge.value == "better"):
            return Decimal(row["rate"]), because(
                bands, "band", made=made_on, at=day, years=row["up_to"], rate=row["rate"]
            )
    return Decimal(0), because(bands, "band_over", made=made_on, at=day, years=bands.value[-1]["up_to"])


def count(declared: int, counted: int, on: date, *, book: Rulebook) -> Decision:
    """The company's count stands; a difference is recorded and shown to the outlet (KA-3.6, A-51)."""
    rule = book.value("count_rule", on)
    code = "count_same" if declared == counted else "count_differs"
    reason = because(rule, code, declared=declared, counted=counted, difference=counted - declared)
    return Decision(COUNT, {"stands": counted, "difference": counted - declared}, (reason,), book.cited)


def approvals(units: int, on: date, *, book: Rulebook) -> Decision:
    """Who approves a batch, in order: after-sales; over five units the head, over ten the deputy general manager (A-68)."""
    base = book.value("goods_approval", on)
    approvers, reasons = ["after_sales"], [because(base, "approver", units=units, who="after_sales")]
    for parameter, who in (("head_over_units", "head"), ("deputy_gm_over_units", "deputy_gm")):
        limit = book.value(parameter, on)
        if units > limit.value:
            approvers.append(who)
            reasons.append(because(limit, "approver_over", units=units, limit=limit.value, who=who))
    return Decision(APPROVALS, approvers, tuple(reasons), book.cited)


def answer(
    what: str, since: date, on: date, *, book: Rulebook, calendar: Calendar, answered_on: date | None = None
) -> Decision:
    """By when an application is answered, or what has arrived is fetched (a target only, A-69)."""
    if what not in ANSWERS:
        raise UnknownReturn(f"nothing called {what!r} is answered; known are {', '.join(ANSWERS)}")
    length, roll = book.value(ANSWERS[what], since), book.value("roll", since)
    due = last_day(length, since, calendar, roll)
    code = "answer_due" if length.unit == "days" else "answer_workdays"
    reasons = [because(length, code, what=what, since=since, days=length.value, due=due)]
    if length.unit == "days" and due != since + timedelta(days=length.value):
        reasons.append(because(roll, "due_rolled", nominal=since + timedelta(days=length.value), due=due))
    if what == "pickup":
        reasons.append(because(length, "only_a_target"))
    how, told = state(due, length, on, answered_on)
    reasons += [told, *provisional(calendar, due)]
    return Decision(ANSWER, {"due": due, "state": how}, tuple(reasons), book.cited)


def false_reason(
    on: date, *, book: Rulebook, serious: bool = True, amount: Decimal | str | int | None = None
) -> Decision:
    """The fine for a seriously untrue reason: whoever approves picks it within the range (KA-8.4, A-55)."""
    fines = book.value("false_reason_fine", on)
    least, most = yuan(fines.value["least"]), yuan(fines.value["most"])
    if not serious:
        reason = because(fines, "reason_not_serious")
        return Decision(FALSE_REASON, {"allowed": False, "fine": 0}, (reason,), book.cited)
    fine = yuan(amount) if amount is not None else least
    allowed = least <= fine <= most
    code = "fine_in_range" if allowed else "fine_out_of_range"
    reason = because(fines, code, fine=fine, least=least, most=most)
    return Decision(FALSE_REASON, {"allowed": allowed, "fine": fine if allowed else 0}, (reason,), book.cited)
