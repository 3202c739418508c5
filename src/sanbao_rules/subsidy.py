"""Subsidies for estates that meet the service standard: score, level, share, amount (HK-1).

The notice stops before scores and amounts; checklist, weights, levels and amounts are the company's own (A-36).
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.rulebook import Rulebook, because

ASSESSMENT = "subsidy.assessment"

Scores = Mapping[str, Mapping[str, Decimal | str | int]]


class UnknownScore(ValueError):
    """An assessor or an item the book doesn't have, one left out, or too many points. The message says which are known."""


def assessment(
    scores: Scores, on: date, *, book: Rulebook, households: int = 0, area: Decimal | str | int = 0
) -> Decision:
    """{"total", "level", "share", "subsidy"}. `scores` are {assessor: {item: points}}; the subsidy is fen for the period."""
    items, assessors = book.value("item_points", on), book.value("assessor_weights", on)
    if set(scores) != set(assessors.value):
        raise UnknownScore(f"all of {', '.join(assessors.value)} assess, and nobody else")
    whole = Decimal(0)
    for who, given in scores.items():
        whole += _points(given, items.value) * assessors.value[who]
    total = (whole / sum(assessors.value.values())).quantize(Decimal("0.01"), ROUND_HALF_UP)
    levels, shares, mark = (book.value(name, on) for name in ("levels", "shares", "pass_mark"))
    level = next(row["code"] for row in levels.value if total >= row["least"])
    share = Decimal(shares.value[level]) if total >= mark.value else Decimal(0)
    full, told = _full(households, Decimal(area), book, on)
    subsidy = percent_of(full, share)
    reasons = [
        because(book.value("joint_meeting", on), "assessed", total=total),
        because(levels, "level", level=level, share=share),
        told,
        because(shares, "subsidy", full=full, share=share, subsidy=subsidy),
    ]
    if total < mark.value:
        reasons.append(because(mark, "not_reached", total=total, mark=mark.value))
    answer = {"total": total, "level": level, "share": share, "subsidy": subsidy}
    return Decision(ASSESSMENT, answer, tuple(reasons), book.cited)


def _points(given: Mapping[str, Decimal | str | int], items: Mapping[str, int]) -> Decimal:
    if set(given) != set(items) or any(not 0 <= Decimal(given[item]) <= items[item] for item in items):
        known = ", ".join(f"{item} (0 to {most})" for item, most in items.items())
        raise UnknownScore(f"an estate is scored in {known}, and nothing else")
    return sum((Decimal(points) for points in given.values()), Decimal(0))


def _full(households: int, area: Decimal, book: Rulebook, on: date) -> tuple[int, Reason]:
    """The whole subsidy of a period in fen: so much a household, or a square metre, and month."""
    basis, months = book.value("basis", on), book.value("period_months", on)
    if basis.value == "household":
        rate = book.value("amount_per_household", on)
        full = yuan(rate.value * households * months.value)
        return full, because(
            basis, "by_household", count=households, rate=rate.value, months=months.value, full=full
        )
    rate = book.value("amount_per_m2", on)
    full = yuan(rate.value * area * months.value)
    return full, because(basis, "by_area", area=area, rate=rate.value, months=months.value, full=full)
