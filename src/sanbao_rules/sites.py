"""Whether an appliance may be installed where it is to stand, and whether it is too old to be repaired (KA-4.2, A-41).

A failed safety check is a hard stop: a customer's declaration can't waive injury (Civil Code 506).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_years
from sanbao_rules.rulebook import Dated, Rulebook

SITE = "workorder.site"
AGE = "workorder.age"
RESULTS = ("ok", "bad", "none")
VERDICTS = ("incomplete", "fit", "unfit_refuse", "with_declaration")
AGES = ("repair", "advise", "no_repair")


class UnknownCheck(ValueError):
    """A check or a result the book doesn't know for this product. The message names those it knows."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at before an installation. A critical one that fails stops it."""

    code: str
    label: Mapping[str, str]
    critical: bool
    clause: str


def checks(category: str, book: Rulebook, on: date) -> tuple[Check, ...]:
    """What is to be checked for a product. Parameters of the unit "checks" add up."""
    return tuple(
        Check(
            code,
            {language: book.word(code, language) for language in ("zh", "en")},
            critical,
            rests_on.clause,
        )
        for code, (critical, rests_on) in _checks(category, book, on).items()
    )


def _checks(category: str, book: Rulebook, on: date) -> dict[str, tuple[bool, Dated]]:
    found: dict[str, tuple[bool, Dated]] = {}
    for parameter in book.parameters.values():
        if parameter.unit == "checks":
            listed = book.value(parameter.name, on)
            for row in listed.value:
                if not row["products"] or category in row["products"]:
                    found.setdefault(row["code"], (row["critical"], listed))
    return found


def site(
    category: str, results: Mapping[str, str], book: Rulebook, on: date, *, insists: bool = False
) -> Decision:
    """May it be installed? `results` are {check: ok, bad or none}; none means the check does not apply there."""
    known = _checks(category, book, on)
    for code, result in results.items():
        if code not in known or result not in RESULTS:
            raise UnknownCheck(
                f"{code} = {result!r} is no result of a check; checks are {', '.join(known)}, results {', '.join(RESULTS)}"
            )
    failed = [code for code in known if results.get(code) == "bad"]
    critical = [code for code in failed if known[code][0]]
    minor = [code for code in failed if not known[code][0]]
    unchecked = [code for code in known if code not in results]
    reasons = [
        _reason("check_critical" if code in critical else "check_minor", known[code][1], check=code)
        for code in failed
    ]
    verdict, hard, told = _verdict(critical, minor, unchecked, insists, book, on)
    answer = {
        "verdict": verdict,
        "hard_stop": hard,
        "critical": critical,
        "minor": minor,
        "unchecked": unchecked,
    }
    return Decision(SITE, answer, (*reasons, *told), book.cited)


def _verdict(
    critical: list[str], minor: list[str], unchecked: list[str], insists: bool, book: Rulebook, on: date
) -> tuple[str, bool, list[Reason]]:
    refusal, reading = book.value("site_gates", on), book.value("declaration", on)
    if critical and reading.value == "by_class":
        told = [_reason("site_hard_stop", refusal, checks=tuple(critical))]
        if insists:
            told.append(_reason("declaration_no_permit", reading))
        return "unfit_refuse", True, told
    if unchecked:
        return "incomplete", False, [_reason("site_unchecked", refusal, checks=tuple(unchecked))]
    failed = (*critical, *minor)
    if not failed:
        return "fit", False, [_reason("site_fit", refusal)]
    if not insists:
        return "unfit_refuse", False, [_reason("site_refused", refusal, checks=failed)]
    told = [_reason("site_declaration", refusal, checks=failed)]
    if critical:
        told.append(_reason("void_waiver", reading, checks=tuple(critical)))
    return "with_declaration", False, told


def age(
    category: str,
    sold_on: date | None,
    book: Rulebook,
    on: date,
    *,
    gas: str = "",
    stated_years: int = 0,
    early: Collection[str] = (),
) -> Decision:
    """Whether to repair, to advise a new one, or not to repair: by the scrap age of gas appliances and the safe-use life.

    Years count from the day of sale. `stated_years` are the maker's own; they hold where they are longer than the table.
    `early` are grounds to scrap a gas appliance before its age.
    """
    scrap = book.value("early_scrap", on)
    if unknown := sorted(set(early) - set(scrap.value)):
        raise UnknownCheck(
            f"no ground to scrap is called {', '.join(unknown)}; known are {', '.join(scrap.value)}"
        )
    years, rests_on, gas_life = _life(category, gas, book, on)
    if gas_life and early:
        found = tuple(ground for ground in scrap.value if ground in early)
        return _aged("no_repair", None, years, [_reason("scrap_early", scrap, grounds=found)], book)
    if not years:
        return _aged("repair", None, 0, [_reason("no_life", rests_on, category=category)], book)
    reasons = []
    if stated_years:
        code = "stated_longer" if stated_years > years else "stated_no_longer"
        reasons.append(_reason(code, rests_on, stated=stated_years, years=years))
        years = max(years, stated_years)
    if sold_on is None:
        return _aged("repair", None, years, [*reasons, _reason("sale_unknown", rests_on, years=years)], book)
    limit = add_years(sold_on, years)
    verdict = "repair" if on < limit else "no_repair" if gas_life else "advise"
    code = {"repair": "young_enough", "advise": "life_over", "no_repair": "scrap_age"}[verdict]
    reasons.append(_reason(code, rests_on, category=category, sold=sold_on, years=years, limit=limit))
    return _aged(verdict, limit, years, reasons, book)


def _aged(verdict: str, limit: date | None, years: int, reasons: list[Reason], book: Rulebook) -> Decision:
    answer = {"verdict": verdict, "limit_on": limit, "years": years}
    return Decision(AGE, answer, tuple(reasons), book.cited)


def _life(category: str, gas: str, book: Rulebook, on: date) -> tuple[int, Dated, bool]:
    """The years, what they rest on, and whether they are the scrap age of a gas appliance. The first row that fits rules;
    where the gas is not known the shorter life does, so that nobody is sent to an appliance that may be over its age."""
    scrap, safe = book.value("gas_lives", on), book.value("safe_lives", on)
    fitting = [row for row in scrap.value if row["category"] == category]
    exact = [row for row in fitting if row["gas"] in ("", gas)]
    if fitting:
        return min(row["years"] for row in exact or fitting), scrap, True
    return safe.value.get(category, 0), safe, False


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
