"""Retention: until when a record must be kept, and from which day a person's data in it may be erased.

The periods in force on the day of asking decide, whatever held when the record was made: the law on keeping looks at today. The
corresponding day itself still counts, so the first free day is the one after it.
"""

from datetime import date, timedelta

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_months, add_years
from sanbao_rules.rulebook import Rulebook

QUESTION = "retention.erasable_from"


def erasable_from(record: str, since: date, on: date, book: Rulebook) -> Decision:
    """The first day on which a `record` (a parameter of the book) that counts from `since` may be erased, as of the day `on`.

    KeyError for a kind of record the book does not know: an unknown record is never free by default.
    """
    period = book.value(record, on)
    if period.unit == "years":
        last = add_years(since, period.value)
    elif period.unit == "months":
        last = add_months(since, period.value)
    else:
        last = since + timedelta(days=period.value)
    free = last + timedelta(days=1)
    args = {"record": record, "since": since, "period": period.value, "last": last, "free": free}
    reason = Reason(f"kept_{period.unit}", args, period.parameter, period.clause, "retention")
    return Decision(QUESTION, free, (reason,), book.cited)
