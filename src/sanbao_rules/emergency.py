"""Emergencies: how grave an incident is, who is told by when, and when the next drill is due (CO-7)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sanbao_rules.decision import Decision
from sanbao_rules.periods import add_months
from sanbao_rules.rulebook import Rulebook, because
from sanbao_rules.terms import state

LEVEL = "emergency.level"
NOTIFY = "emergency.notify"
DRILL = "emergency.drill"


class UnknownIncident(ValueError):
    """A sign of an incident, or a level, the book doesn't have. The message names those it knows."""


def level(signs: Collection[str], on: date, *, book: Rulebook) -> Decision:
    """The gravest level one of whose signs is there; without any sign there is no incident ("")."""
    levels = book.value("incident_levels", on)
    known = {sign for listed in levels.value.values() for sign in listed}
    if unknown := sorted(set(signs) - known):
        raise UnknownIncident(
            f"no level has the sign {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    for code, listed in levels.value.items():
        if found := tuple(sign for sign in listed if sign in signs):
            return Decision(LEVEL, code, (because(levels, "incident", level=code, signs=found),), book.cited)
    return Decision(LEVEL, "", (because(levels, "no_incident"),), book.cited)


def notify(level: str, at: datetime, *, book: Rulebook) -> Decision:
    """By when each role is told after an incident of this level was noticed."""
    minutes = book.value("notice_minutes", at.date())
    if level not in minutes.value:
        raise UnknownIncident(f"no level is called {level!r}; known are {', '.join(minutes.value)}")
    due = {role: at + timedelta(minutes=length) for role, length in minutes.value[level].items()}
    reasons = tuple(
        because(minutes, "told_by", role=role, minutes=minutes.value[level][role], at=moment)
        for role, moment in due.items()
    )
    return Decision(NOTIFY, due, reasons, book.cited)


def drill(last_on: date, on: date, *, book: Rulebook) -> Decision:
    """By when the plan is drilled again."""
    months = book.value("drill_months", on)
    due = add_months(last_on, months.value)
    how, told = state(due, months, on)
    reasons = (because(months, "drill_due", last=last_on, months=months.value, due=due), told)
    return Decision(DRILL, {"due": due, "state": how}, reasons, book.cited)
