"""Improvement measures: when somebody is told that one is due, and on which day its effect is reviewed (DP-6, ST-5, GN-5)."""

from datetime import date, timedelta

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Rulebook

STEP = "improvements.step"
REVIEW = "improvements.review_day"
# The steps of the ladder in their order; "" is before any of them.
STEPS = ("", "warned", "overdue", "escalated")


def step(due_on: date, on: date, book: Rulebook) -> Decision:
    """How far the ladder of an unfinished measure has come on a day: one of STEPS."""
    before, after = book.value("warn_days", on), book.value("escalate_days", on)
    args = {"due": due_on, "before": before.value, "after": after.value}
    if on > due_on + timedelta(days=after.value):
        reached, dated = "escalated", after
    elif on > due_on:
        reached, dated = "overdue", after
    elif on >= due_on - timedelta(days=before.value):
        reached, dated = "warned", before
    else:
        reached, dated = "", before
    reason = Reason(reached or "in_time", args, dated.parameter, dated.clause, "improvements")
    return Decision(STEP, reached, (reason,), book.cited)


def review_day(done_on: date, book: Rulebook) -> Decision:
    """The day on which the effect of what was done on `done_on` is looked at."""
    wait = book.value("review_days", done_on)
    day = done_on + timedelta(days=wait.value)
    args = {"done": done_on, "days": wait.value, "day": day}
    reason = Reason("review_day", args, wait.parameter, wait.clause, "improvements")
    return Decision(REVIEW, day, (reason,), book.cited)
