"""Whom to send: who may not go and why, and in what order the others are suggested (PV-8, RP-6, EN-5).

A suggestion, not an order: the dispatcher decides. Facts are codes; no names, and nothing about a person but the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook

QUESTION = "workorder.dispatch"
SUGGESTION = "workorder.suggestion"
RULES = ("certificate", "skill", "area", "outlet", "absent", "overlap", "alone")
FACTORS = ("load", "distance", "customer", "skill")

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Engineer:
    """`certificates` are valid up to and including their day; no `areas` means everywhere; spans leave their end out.

    `distance_km` is the straight line from where the engineer comes from: the job before, else the outlet.
    """

    code: str
    skills: Mapping[str, int] = field(default_factory=dict)
    certificates: Mapping[str, date] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    outlet: str = ""
    absences: tuple[Span, ...] = ()
    jobs: tuple[Span, ...] = ()
    distance_km: Decimal | None = None
    from_job: bool = False
    knows_customer: bool = False
    trained: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done when and where. `together` are trained engineers already on it."""

    start: datetime
    end: datetime
    skill: str = ""
    level: int = 1
    certificates: tuple[str, ...] = ()
    area: str = ""
    outlet: str = ""
    together: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a job ends after it starts, not {self.start} to {self.end}")


def certificates_for(category: str, kind: str, book: Rulebook, on: date) -> tuple[str, ...]:
    """The certificates that work of a kind on a product takes. Parameters of the unit "certificates" add up."""
    certified = _words(book, "certified_work", on)
    if kind not in certified:
        return ()
    needed: dict[str, None] = {}
    for parameter in book.parameters.values():
        if parameter.unit == "certificates":
            needed |= dict.fromkeys(book.value(parameter.name, on).value.get(category, ()))
    return tuple(needed)


def overridable(book: Rulebook, on: date) -> tuple[str, ...]:
    """The rules that somebody who may can set aside with a reason."""
    return _words(book, "may_be_overridden", on)


def _words(book: Rulebook, parameter: str, on: date) -> tuple[str, ...]:
    """A list of words; empty in an edition that was written before the book had it."""
    return tuple(book.value(parameter, on).value) if parameter in book.parameters else ()


def rank(engineers: Sequence[Engineer], job: Job, book: Rulebook, on: date) -> Decision:
    """The engineers, best first, those who may not go last; each with a decision of its own in the parts."""
    judge = _Judge(job, book, on)
    made = [judge.decide(engineer) for engineer in engineers]
    made.sort(
        key=lambda d: (not d.answer["fit"], len(d.answer["broken"]), -d.answer["score"], d.answer["engineer"])
    )
    fit = sum(decision.answer["fit"] for decision in made)
    weights = book.value("dispatch_weights", on)
    code = "suggested" if fit else "nobody_fits"
    reason = _reason(code, weights, fit=fit, count=len(made), best=made[0].answer["engineer"] if fit else "")
    return Decision(QUESTION, [decision.answer for decision in made], (reason,), book.cited, tuple(made))


class _Judge:
    """One job under the book of a day."""

    def __init__(self, job: Job, book: Rulebook, on: date) -> None:
        self.job, self.book = job, book
        self.rules: dict[str, Dated] = {}
        for parameter in ("rules_law", "rules_skill", "rules_roster", "rules_training", "rules_area"):
            dated = book.value(parameter, on)
            self.rules |= dict.fromkeys(dated.value, dated)
        self.weights = book.value("dispatch_weights", on)
        self.full_load = book.value("full_day", on)
        self.bands = book.value("distance_bands", on)

    def decide(self, engineer: Engineer) -> Decision:
        found = {rule: reason for rule, reason in self.broken(engineer) if rule in self.rules}
        score, told = self.score(engineer)
        answer = {
            "engineer": engineer.code,
            "fit": not found,
            "score": score,
            "broken": [rule for rule in RULES if rule in found],
        }
        reasons = tuple(found[rule] for rule in RULES if rule in found) or tuple(told)
        return Decision(SUGGESTION, answer, reasons, self.book.cited)

    def because(self, rule: str, code: str, **args: Any) -> tuple[str, Reason]:
        """A broken rule; one that is in no list of the book is left out by `decide`."""
        return rule, _reason(code, self.rules.get(rule, self.weights), **args)

    def broken(self, engineer: Engineer) -> list[tuple[str, Reason]]:
        job, found = self.job, []
        for certificate in job.certificates:
            until = engineer.certificates.get(certificate)
            if until is None:
                found.append(self.because("certificate", "no_certificate", certificate=certificate))
            elif until < job.end.date():
                found.append(
                    self.because("certificate", "certificate_over", certificate=certificate, until=until)
                )
        level = engineer.skills.get(job.skill, 0)
        if job.skill and level < job.level:
            code = "skill_low" if level else "no_skill"
            found.append(self.because("skill", code, skill=job.skill, level=level, needed=job.level))
        if job.area and engineer.areas and job.area not in engineer.areas:
            found.append(self.because("area", "other_area", area=job.area))
        if job.outlet and engineer.outlet != job.outlet:
            found.append(self.because("outlet", "other_outlet", outlet=job.outlet))
        for rule, code, spans in (
            ("absent", "absent", engineer.absences),
            ("overlap", "overlap", engineer.jobs),
        ):
            for start, end in spans:
                if start < job.end and job.start < end:
                    found.append(self.because(rule, code, start=start, end=end))
        if not engineer.trained and not set(job.together) - {engineer.code}:
            found.append(self.because("alone", "alone"))
        return found

    def score(self, engineer: Engineer) -> tuple[int, list[Reason]]:
        """Points of 100: each factor's share of its weight. What is not known counts half."""
        shares = {
            "load": self.load(engineer),
            "distance": self.distance(engineer),
            "customer": Decimal(1 if engineer.knows_customer else 0),
            "skill": self.skill(engineer),
        }
        weights = {name: Decimal(self.weights.value.get(name, 0)) for name in FACTORS}
        total = sum(weights.values()) or Decimal(1)
        reasons = []
        points = Decimal(0)
        for name in FACTORS:
            own = shares[name] * weights[name] * 100 / total
            points += own
            if weights[name]:
                reasons.append(self.told(name, engineer, int(own.to_integral_value(ROUND_HALF_UP))))
        return int(points.to_integral_value(ROUND_HALF_UP)), reasons

    def told(self, name: str, engineer: Engineer, points: int) -> Reason:
        if name == "load":
            return _reason("score_load", self.weights, minutes=self.minutes(engineer), points=points)
        if name == "distance" and engineer.distance_km is None:
            return _reason("score_distance_unknown", self.weights, points=points)
        if name == "distance":
            code = "score_distance_job" if engineer.from_job else "score_distance"
            return _reason(code, self.weights, km=engineer.distance_km, points=points)
        if name == "customer":
            code = "score_customer" if engineer.knows_customer else "score_no_customer"
            return _reason(code, self.weights, points=points)
        level = engineer.skills.get(self.job.skill, 0)
        return _reason("score_skill", self.weights, level=level, points=points)

    def minutes(self, engineer: Engineer) -> int:
        """Minutes already taken by jobs on the job's day."""
        day = self.job.start.date()
        return sum(
            int((end - start).total_seconds()) // 60 for start, end in engineer.jobs if start.date() == day
        )

    def load(self, engineer: Engineer) -> Decimal:
        full = self.full_load.value or 1
        return max(Decimal(0), 1 - Decimal(self.minutes(engineer)) / full)

    def distance(self, engineer: Engineer) -> Decimal:
        """The bands are kilometres, nearest first: within the first one all points, beyond the last none."""
        if engineer.distance_km is None:
            return Decimal("0.5")
        bands = self.bands.value
        for place, km in enumerate(bands):
            if engineer.distance_km <= km:
                return 1 - Decimal(place) / len(bands)
        return Decimal(0)

    def skill(self, engineer: Engineer) -> Decimal:
        return (
            Decimal(min(engineer.skills.get(self.job.skill, 0), 5)) / 5 if self.job.skill else Decimal("0.5")
        )


def facts_of(engineers: Sequence[Engineer], job: Job, on: date) -> dict[str, Any]:
    """The facts a written-down suggestion keeps."""
    return {"engineers": [asdict(engineer) for engineer in engineers], "job": asdict(job), "on": on}


def from_facts(facts: Mapping[str, Any]) -> tuple[list[Engineer], Job]:
    """Engineers and job from stored facts, where lists may stand for tuples."""
    engineers = []
    for stored in facts["engineers"]:
        known = dict(stored)
        for name in ("absences", "jobs"):
            known[name] = tuple(tuple(span) for span in known.get(name, ()))
        known["areas"] = tuple(known.get("areas", ()))
        if known.get("distance_km") is not None:
            known["distance_km"] = Decimal(known["distance_km"])
        engineers.append(Engineer(**known))
    job = dict(facts["job"])
    for name in ("certificates", "together"):
        job[name] = tuple(job.get(name, ()))
    return engineers, Job(**job)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
