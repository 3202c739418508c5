"""Priority: how urgent a request is by its nature and severity, and what raises it (BA-3, SR-3).

A rule table, not a free pick: nature × severity gives a level, flags such as gas or a VIP raise it, each with its own rule.
"""

from datetime import date
from typing import Any, NamedTuple

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook

QUESTION = "service.priority"
OTHER = "other"


class UnknownWord(ValueError):
    """A severity or a flag the book has no rule for. The message names those it knows."""


class PriorityFacts(NamedTuple):
    """What decides a request's level. `severity` is empty as long as nobody has judged it; `on` is the day it was made."""

    nature: str
    severity: str
    flags: tuple[str, ...]
    on: date


def priority(facts: PriorityFacts, book: Rulebook) -> Decision:
    """The level's code, one of the book's `levels`, with the table's row and everything that raised it."""
    on = facts.on
    table, levels = book.value("priorities", on), book.value("levels", on).value
    severity, reasons = _severity(facts, book)
    nature = facts.nature
    if nature not in table.value:
        nature = OTHER
        reasons.append(_reason("unknown_nature", book.value("classes", on), nature=facts.nature))
    level = table.value[nature][severity]
    reasons.append(_reason("by_table", table, nature=nature, severity=severity, level=level))
    raising = book.value("raises", on)
    known = {rule["flag"] for rule in raising.value}
    if unknown := sorted(set(facts.flags) - known):
        raise UnknownWord(
            f"no rule says what {', '.join(unknown)} raises; known are {', '.join(sorted(known))}"
        )
    for rule in raising.value:
        if rule["flag"] in facts.flags:
            raised = _raised(rule, level, levels)
            code = "raised" if raised != level else "high_enough"
            reasons.append(_reason(code, raising, flag=rule["flag"], before=level, level=raised))
            level = raised
    return Decision(QUESTION, level, tuple(reasons), book.cited)


def _severity(facts: PriorityFacts, book: Rulebook) -> tuple[str, list[Reason]]:
    severities = book.value("severities", facts.on)
    if not facts.severity:
        instead = book.value("severity_unjudged", facts.on)
        return instead.value, [_reason("severity_unjudged", instead, severity=instead.value)]
    if facts.severity not in severities.value:
        raise UnknownWord(f"unknown severity {facts.severity!r}; known are {', '.join(severities.value)}")
    return facts.severity, []


def _raised(rule: Any, level: str, levels: Any) -> str:
    """`at_least` lifts to a level, `steps` by that many; never above the highest."""
    now = levels.index(level)
    lifted = levels.index(rule["at_least"]) if "at_least" in rule else now + rule["steps"]
    return str(levels[min(max(now, lifted), len(levels) - 1)])


def words(book: Rulebook, on: date) -> dict[str, tuple[str, ...]]:
    """The codes that may be chosen from on a day: natures, severities, flags, levels. `book.word` says them."""
    return {
        "natures": tuple(book.value("priorities", on).value),
        "severities": tuple(book.value("severities", on).value),
        "flags": tuple(rule["flag"] for rule in book.value("raises", on).value),
        "levels": tuple(book.value("levels", on).value),
    }


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "service")
