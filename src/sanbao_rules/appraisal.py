"""Appraisal of outlets and staff, awards by rank, and discipline by gravity (KA-10.1, KA-10.2, BA-7, SR-8, SR-10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import yuan
from sanbao_rules.needs import lacking
from sanbao_rules.periods import add_months
from sanbao_rules.rulebook import Dated, Rulebook, because
from sanbao_rules.terms import state

SCORE = "appraisal.score"
AWARDS = "appraisal.awards"
RECHECK = "appraisal.recheck"
STAFF = "appraisal.staff"
DUE = "appraisal.due"
DISCIPLINE = "appraisal.discipline"
_CENT = Decimal("0.01")


class UnknownCriterion(ValueError):
    """A criterion, or a gravity, the book doesn't have, or one that was left out. The message names those it knows."""


def score(scores: Mapping[str, Decimal | str | int], on: date, *, book: Rulebook) -> Decision:
    """An outlet's score of the year: each criterion out of a hundred, by its weight (KA-10.1, A-62)."""
    weights = book.value("outlet_weights", on)
    scale = book.value("scale", on)
    total = weighted(scores, weights, scale.value)
    reasons = (
        because(weights, "score", criteria=tuple(weights.value), total=total),
        because(scale, "scale", full=scale.value),
    )
    return Decision(SCORE, total, reasons, book.cited)


def weighted(scores: Mapping[str, Decimal | str | int], weights: Dated, full: Decimal | int) -> Decimal:
    """The mean by weights, to two places. Every criterion must be there, none besides, none above the full score."""
    if set(scores) != set(weights.value) or any(
        not 0 <= Decimal(points) <= full for points in scores.values()
    ):
        raise UnknownCriterion(
            f"each of {', '.join(weights.value)} is scored from 0 to {full}, and nothing else"
        )
    whole = sum((Decimal(points) * weights.value[name] for name, points in scores.items()), Decimal(0))
    return (whole / int(sum(weights.value.values()))).quantize(_CENT, ROUND_HALF_UP)


def awards(outlets: Sequence[Mapping[str, Any]], on: date, *, book: Rulebook) -> Decision:
    """{"awards": outlet to award, "money": outlet to fen, "improve": outlets}. Ranked by score (A-60, A-61).

    Each outlet is {outlet, score, complaints, satisfaction}; who finds no place falls to the next award.
    """
    listed, band, improve = (book.value(name, on) for name in ("awards", "active_band", "improve_at_most"))
    waiting = _ranked(outlets, book.value("tie_break", on))
    given: dict[str, str] = {}
    money: dict[str, int] = {}
    reasons = []
    for award in listed.value:
        fitting = [one for one in waiting if _fits(Decimal(one["score"]), award, band, improve)]
        winners = [str(one["outlet"]) for one in fitting[: award["places"]]]
        waiting = [one for one in waiting if one["outlet"] not in winners]
        given |= dict.fromkeys(winners, award["code"])
        money |= {outlet: yuan(award["amount"]) for outlet in winners}
        rests_on = band if award["code"] == "active" and band.value == "seventies" else listed
        reasons.append(_award(award, winners, rests_on, improve))
    low = [str(one["outlet"]) for one in waiting if Decimal(one["score"]) <= improve.value]
    if low:
        reasons.append(because(improve, "improve", outlets=tuple(low), limit=improve.value))
    answer = {"awards": given, "money": money, "improve": low}
    return Decision(AWARDS, answer, tuple(reasons), book.cited)


def _award(award: Mapping[str, Any], winners: Sequence[str], rests_on: Dated, improve: Dated) -> Reason:
    between = rests_on.parameter == "active_band"
    return because(
        rests_on,
        "award_between" if between and winners else "award" if winners else "no_award",
        above=improve.value,
        award=award["code"],
        least=award["least"],
        places=award["places"],
        amount=yuan(award["amount"]),
        outlets=tuple(winners),
    )


def _fits(points: Decimal, award: Mapping[str, Any], band: Dated, improve: Dated) -> bool:
    """By the other reading the last award is for those between 70 and 80, the likely intended text (A-60)."""
    if award["code"] == "active" and band.value == "seventies":
        return bool(improve.value < points < award["least"])
    return bool(points >= award["least"])


def _ranked(outlets: Sequence[Mapping[str, Any]], tie: Dated) -> list[Mapping[str, Any]]:
    """Best first; ties by fewer proven complaints and higher satisfaction, in the order of the reading, then by code."""

    def place(one: Mapping[str, Any]) -> tuple[Any, ...]:
        complaints, satisfaction = Decimal(one.get("complaints", 0)), -Decimal(one.get("satisfaction", 0))
        ties = (complaints, satisfaction) if tie.value == "complaints" else (satisfaction, complaints)
        return (-Decimal(one["score"]), *ties, str(one["outlet"]))

    return sorted(outlets, key=place)


def recheck(points: Decimal | str | int, on: date, *, book: Rulebook, passed: bool | None = None) -> Decision:
    """An outlet at 70 or below improves; failing the re-check is criticised publicly and fined: {"state", "fine"}."""
    limit, fine = book.value("improve_at_most", on), book.value("recheck_fine", on)
    if Decimal(points) > limit.value:
        how, told = "none", because(limit, "no_recheck", points=Decimal(points), limit=limit.value)
    elif passed is None:
        how, told = "improve", because(limit, "must_improve", points=Decimal(points), limit=limit.value)
    elif passed:
        how, told = "passed", because(limit, "recheck_passed")
    else:
        how, told = "failed", because(fine, "recheck_failed", fine=yuan(fine.value))
    owed = yuan(fine.value) if how == "failed" else 0
    return Decision(RECHECK, {"state": how, "fine": owed}, (told,), book.cited)


def staff(scores: Mapping[str, Decimal | str | int], on: date, *, book: Rulebook) -> Decision:
    """A person's appraisal: {"total", "level", "measures"}; each measure with the clause that asks for it."""
    weights, levels = book.value("staff_weights", on), book.value("staff_levels", on)
    total = weighted(scores, weights, book.value("scale", on).value)
    level = next(row["code"] for row in levels.value if total >= row["least"])
    reasons = [
        because(weights, "score", criteria=tuple(weights.value), total=total),
        because(levels, "level", total=total, level=level),
    ]
    measures = []
    for name, parameter in book.parameters.items():
        if name.endswith("_measures") and parameter.values[0].since <= on:
            taken = book.value(name, on)
            fresh = [measure for measure in taken.value.get(level, ()) if measure not in measures]
            measures += fresh
            reasons += [because(taken, "measure", measure=measure) for measure in fresh]
    answer = {"total": total, "level": level, "measures": measures}
    return Decision(STAFF, answer, tuple(reasons), book.cited)


def due(last_on: date, on: date, *, book: Rulebook) -> Decision:
    """By when staff are appraised again (DP-8)."""
    months = book.value("staff_months", on)
    last = add_months(last_on, months.value)
    how, told = state(last, months, on)
    reasons = (because(months, "appraisal_due", last=last_on, months=months.value, due=last), told)
    return Decision(DUE, {"due": last, "state": how}, reasons, book.cited)


def discipline(
    gravity: str,
    on: date,
    *,
    book: Rulebook,
    earlier: Sequence[date] = (),
    present: Collection[str] = (),
) -> Decision:
    """{"step", "missing", "appeal_until"}: the step by gravity, one more for a repeat, and what the record still lacks.

    `earlier` are the days of earlier decisions about the same person; `on` is the day of this one.
    """
    steps, gravities, months = (
        book.value(name, on) for name in ("discipline_steps", "gravities", "repeat_months")
    )
    if gravity not in gravities.value:
        raise UnknownCriterion(f"no gravity is called {gravity!r}; known are {', '.join(gravities.value)}")
    place = steps.value.index(gravities.value[gravity]["step"])
    reasons = [because(gravities, "gravity", gravity=gravity, step=steps.value[place])]
    if any(day <= on <= add_months(day, months.value) for day in earlier) and place + 1 < len(steps.value):
        place += 1
        reasons.append(because(months, "repeated", months=months.value, step=steps.value[place]))
    missing, lack = lacking("discipline", present, book, on)
    days = book.value("appeal_days", on)
    until = on + timedelta(days=days.value)
    reasons += [*lack, because(days, "appeal", days=days.value, until=until)]
    answer = {"step": steps.value[place], "missing": missing, "appeal_until": until}
    return Decision(DISCIPLINE, answer, tuple(reasons), book.cited)
