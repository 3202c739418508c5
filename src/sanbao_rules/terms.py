"""Whether something that has a last day was done in time, told in the same sentences in every book."""

from datetime import date

from sanbao_rules.decision import Reason
from sanbao_rules.periods import Period, Workdays, last_day_of
from sanbao_rules.rulebook import Dated, because

STATES = ("done", "done_late", "open", "late")


def state(due: date, rests_on: Dated, on: date, done_on: date | None = None) -> tuple[str, Reason]:
    """How it stands on a day, and the sentence; the last day itself is still in time."""
    if done_on is not None:
        if done_on <= due:
            return "done", because(rests_on, "term_done", due=due, at=done_on)
        return "done_late", because(
            rests_on, "term_done_late", due=due, at=done_on, days=(done_on - due).days
        )
    if on == due:
        return "open", because(rests_on, "term_today", due=due)
    if on < due:
        return "open", because(rests_on, "term_open", due=due, days=(due - on).days)
    return "late", because(rests_on, "term_late", due=due, days=(on - due).days)


def last_day(length: Dated, start: date, calendar: Workdays, roll: Dated | None = None) -> date:
    """The last day of a term whose unit is the unit of its value; working days end on one, others move on by the reading."""
    rule = "none" if roll is None else roll.value
    return last_day_of(Period(length.value, length.unit), start, calendar, roll=rule)
