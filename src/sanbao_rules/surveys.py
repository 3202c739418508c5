"""Satisfaction surveys: who is asked and when, what a low score sets off, who is drawn, and what the answers are worth.

DP-6, SR-7, GN-2, GN-5. Pure: days and counts in, decisions out.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook

ASK, SCORE, RESULT, SAMPLE = "surveys.ask", "surveys.score", "surveys.result", "surveys.sample"
CORRECTION, FLOW, SENDING = "surveys.correction", "surveys.flow_end", "surveys.sending"
BOOK = "surveys"
# The quantile of the normal distribution for each level of confidence the book may choose.
QUANTILES = {"90": Decimal("1.645"), "95": Decimal("1.960"), "99": Decimal("2.576")}
_SHARE = Decimal("0.001")


class Asked(NamedTuple):
    """What is known of a job and its customer when it is asked whether they are asked. No names.

    `campaign`: a survey at intervals, not the one after the service. `told` is how the customer has been asked about this job already:
    "rated" on the order's page, "called" by telephone, "surveyed", or nothing. `last_asked_on` is of any of the customer's jobs.
    """

    kind: str
    closed_on: date
    campaign: bool = False
    told: str = ""
    no_contact: bool = False
    no_marketing: bool = False
    consented: bool = False
    last_asked_on: date | None = None


def ask(job: Asked, on: date, book: Rulebook) -> Decision:
    """Whether the customer of a job is asked, when the question goes out, when it is repeated and until when it can be answered."""
    for refused in (_contact, _twice, _kinds, _rest, _consent):
        if (reason := refused(job, on, book)) is not None:
            return Decision(ASK, {"ask": False, "why": reason.code}, (reason,), book.cited)
    wait, remind, lasts = (book.value(name, on) for name in ("wait_days", "remind_days", "lasts_days"))
    first = on if job.campaign else max(on, job.closed_on + timedelta(days=wait.value))
    again = first + timedelta(days=remind.value) if remind.value else None
    last = first + timedelta(days=lasts.value)
    reasons = [_why("asked", wait, kind=job.kind, closed=job.closed_on, days=wait.value, first=first)]
    if again is not None and again < last:
        reasons.append(_why("reminded", remind, days=remind.value, day=again))
    else:
        again = None
    reasons.append(_why("lasts", lasts, days=lasts.value, last=last))
    answer = {"ask": True, "why": "", "on": first, "remind_on": again, "last": last}
    return Decision(ASK, answer, tuple(reasons), book.cited)


def _contact(job: Asked, on: date, book: Rulebook) -> Reason | None:
    """Who does not want to be called gets nothing at all; by the other reading, still the link after the service."""
    reading = book.value("no_contact", on)
    if not job.no_contact or (reading.value == "by_link" and not job.campaign):
        return None
    return _why("no_contact", reading)


def _twice(job: Asked, on: date, book: Rulebook) -> Reason | None:
    return _why("asked_before", book.value("kinds", on), how=job.told) if job.told else None


def _kinds(job: Asked, on: date, book: Rulebook) -> Reason | None:
    kinds = book.value("kinds", on)
    return None if job.kind in kinds.value else _why("not_this_kind", kinds, kind=job.kind)


def _rest(job: Asked, on: date, book: Rulebook) -> Reason | None:
    rest = book.value("rest_days", on)
    if job.last_asked_on is None or not rest.value:
        return None
    free = job.last_asked_on + timedelta(days=rest.value)
    return _why("asked_lately", rest, last=job.last_asked_on, days=rest.value) if on < free else None


def _consent(job: Asked, on: date, book: Rulebook) -> Reason | None:
    """The survey after the service is part of it; one at intervals is not."""
    if not job.campaign:
        return None
    reading = book.value("campaign_consent", on)
    if job.no_marketing:
        return _why("no_marketing", reading)
    return _why("no_consent", reading) if reading.value == "agreed" and not job.consented else None


def sending(now: datetime, book: Rulebook) -> Decision:
    """Whether a message may go out now: from the first time of the day on, before the last."""
    first, last = (book.value(name, now.date()) for name in ("send_from", "send_until"))
    may = first.value <= now.time() < last.value
    late = first if may or now.time() < first.value else last
    told = _why("send_now" if may else "send_waits", late, now=now, first=first.value, last=last.value)
    return Decision(SENDING, bool(may), (told,), book.cited)


def score(stars: int, on: date, book: Rulebook) -> Decision:
    """What a score sets off: whether a comment must come with it, and whether colleagues look into it."""
    comment, low, what = (book.value(name, on) for name in ("comment_below", "low_at_most", "low_leads_to"))
    answer = {
        "comment": stars < comment.value,
        "low": stars <= low.value,
        "request": stars <= low.value and what.value == "request",
    }
    reasons = []
    if answer["comment"]:
        reasons.append(_why("comment_asked", comment, stars=stars, below=comment.value))
    if answer["low"]:
        reasons.append(_why("low", low, stars=stars, limit=low.value))
        reasons.append(_why(f"leads_to_{what.value}", what))
    if not reasons:
        reasons.append(_why("fine", low, stars=stars))
    return Decision(SCORE, answer, tuple(reasons), book.cited)


def correction(answered_on: date, on: date, book: Rulebook) -> Decision:
    """Whether an answer may still be put right."""
    reading = book.value("correction", on)
    may = reading.value == "same_day" and answered_on == on
    code = "correction_never" if reading.value == "never" else "correction_open" if may else "correction_over"
    return Decision(CORRECTION, may, (_why(code, reading, answered=answered_on),), book.cited)


def flow_end(works: bool, on: date, book: Rulebook) -> Decision:
    """Whether an answer completes the last step of the order's flow: one that says the work is in order."""
    reading = book.value("flow_end", on)
    ends = works and reading.value == "aftercare"
    code = "flow_apart" if reading.value == "apart" else "flow_ends" if ends else "flow_open"
    return Decision(FLOW, ends, (_why(code, reading),), book.cited)


def result(population: int, asked: int, scores: Mapping[int, int], on: date, book: Rulebook) -> Decision:
    """What the answers say: the share of satisfied, the mean, the response rate, and the margin of error of the share.

    `population` are the jobs the answers stand for, `asked` those that were asked, `scores` how many gave each number of stars.
    """
    answers = sum(scores.values())
    if any(stars not in range(1, 6) or count < 0 for stars, count in scores.items()):
        raise ValueError("scores are from 1 to 5 stars, each given by nobody or more")
    if not 0 <= answers <= asked <= population:
        raise ValueError(f"{answers} answers of {asked} asked of {population}: each must be within the next")
    limit = book.value("satisfied_from", on)
    glad = sum(count for stars, count in scores.items() if stars >= limit.value)
    share = rate(glad, answers)
    mean = Decimal(sum(stars * count for stars, count in scores.items())) / answers if answers else None
    margin, reasons = _margin(population, answers, share, on, book)
    answer = {
        "answers": answers,
        "satisfied": glad,
        "rate": share,
        "mean": None if mean is None else mean.quantize(Decimal("0.01"), ROUND_HALF_UP),
        "response": rate(answers, asked),
        "margin": margin,
    }
    told = _why("satisfied", limit, count=glad, answers=answers, stars=limit.value)
    return Decision(RESULT, answer, (told, *reasons), book.cited)


def rate(part: int, whole: int) -> Decimal | None:
    """A share to a tenth of a per cent; of nothing there is none."""
    return (Decimal(part) / whole).quantize(_SHARE, ROUND_HALF_UP) if whole else None


def _margin(
    population: int, answers: int, share: Decimal | None, on: date, book: Rulebook
) -> tuple[Decimal | None, list[Reason]]:
    """z × √(p(1−p)/n) × √((N−n)/(N−1)): the finite population's margin. Who has asked everybody has none."""
    confidence, reading = book.value("confidence", on), book.value("margin_share", on)
    if share is None:
        return None, [_why("no_answers", confidence)]
    if answers == population:
        return Decimal(0), [_why("everybody", confidence, population=population)]
    p = share if reading.value == "observed" else Decimal("0.5")
    spread = (p * (1 - p) / answers).sqrt() * (Decimal(population - answers) / (population - 1)).sqrt()
    margin = min(Decimal(1), QUANTILES[confidence.value] * spread).quantize(_SHARE, ROUND_HALF_UP)
    args = {
        "z": QUANTILES[confidence.value],
        "share": p,
        "answers": answers,
        "population": population,
        "margin": margin,
    }
    return margin, [_why("margin", confidence, **args), _why(f"share_{reading.value}", reading)]


def sample(population: int, margin: Decimal, on: date, book: Rulebook) -> Decision:
    """How many answers a margin needs: n = N·x / (N − 1 + x) with x = z²·¼ / e², rounded up."""
    if population < 1 or not 0 < margin < 1:
        raise ValueError("a sample is drawn from somebody, for a margin between 0 and 1")
    confidence = book.value("confidence", on)
    x = QUANTILES[confidence.value] ** 2 * Decimal("0.25") / margin**2
    needed = int((population * x / (population - 1 + x)).to_integral_value(ROUND_CEILING))
    args = {"population": population, "margin": margin, "needed": needed, "z": QUANTILES[confidence.value]}
    return Decision(SAMPLE, needed, (_why("needed", confidence, **args),), book.cited)


def draw(jobs: Iterable[int], size: int, seed: str) -> list[int]:
    """The jobs that are drawn: those with the smallest SHA-256 of "seed:number". The same seed draws the same again, in whatever order they come."""
    ranked = sorted(jobs, key=lambda job: hashlib.sha256(f"{seed}:{job}".encode()).hexdigest())
    return ranked[: max(0, size)]


def hidden(counts: Sequence[int], least: int) -> set[int]:
    """Which groups (by their place) are too small to be shown. Where only one is, so is the next smallest: else the sum would give it away."""
    small = {place for place, count in enumerate(counts) if 0 < count < least}
    if len(small) == 1:
        others = sorted((count, place) for place, count in enumerate(counts) if count >= least)
        small |= {place for _count, place in others[:1]}
    return small


def _why(code: str, dated: Dated, **args: object) -> Reason:
    return Reason(code, args, dated.parameter, dated.clause, BOOK)
