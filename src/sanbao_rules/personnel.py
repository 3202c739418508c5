"""Training and certificates of staff: hours a year, assessments, pass mark, how long a certificate counts.

SR-6, BA-6, EN-5, CS-5, GN-6, SC-5. The texts say "regularly" and give no figures; the figures are the company's own.
"""

from datetime import date, timedelta
from decimal import Decimal

from sanbao_rules.decision import Decision
from sanbao_rules.periods import add_months, add_years
from sanbao_rules.rulebook import Dated, Rulebook, because
from sanbao_rules.terms import state

TRAINING = "personnel.training"
ASSESSMENT = "personnel.assessment"
RESULT = "personnel.result"
CERTIFICATE = "personnel.certificate"


class UnknownPost(ValueError):
    """A post, or a kind of certificate, the book doesn't have. The message names those it knows."""


def training(post: str, hours: Decimal | str | int, on: date, *, book: Rulebook) -> Decision:
    """Whether the year's hours of training are done: {"needed", "missing", "met"}. `hours` are those of the year so far."""
    known: dict[str, tuple[int, Dated]] = {}
    for name, parameter in book.parameters.items():
        if parameter.unit == "hours-table":
            listed = book.value(name, on)
            known |= {code: (needed, listed) for code, needed in listed.value.items()}
    if post not in known:
        raise UnknownPost(f"no hours are set for {post!r}; known are {', '.join(known)}")
    needed, rests_on = known[post]
    missing = max(Decimal(needed) - Decimal(hours), Decimal(0))
    code = "hours_missing" if missing else "hours_done"
    reason = because(
        rests_on, code, post=post, year=on.year, needed=needed, hours=Decimal(hours), missing=missing
    )
    answer = {"needed": needed, "missing": missing, "met": not missing}
    return Decision(TRAINING, answer, (reason,), book.cited)


def assessment(last_on: date, on: date, *, book: Rulebook) -> Decision:
    """By when somebody is assessed again."""
    months = book.value("assessment_months", on)
    due = add_months(last_on, months.value)
    how, told = state(due, months, on)
    reasons = (because(months, "assessment_due", last=last_on, months=months.value, due=due), told)
    return Decision(ASSESSMENT, {"due": due, "state": how}, reasons, book.cited)


def result(points: Decimal | str | int, on: date, *, book: Rulebook) -> Decision:
    """Whether an examination is passed, and by when it is taken again: {"passed", "again_by"}."""
    mark, days = book.value("pass_mark", on), book.value("again_days", on)
    passed = Decimal(points) >= mark.value
    if passed:
        reason = because(mark, "passed", points=Decimal(points), mark=mark.value)
        return Decision(RESULT, {"passed": True, "again_by": None}, (reason,), book.cited)
    again = on + timedelta(days=days.value)
    reasons = (
        because(mark, "not_passed", points=Decimal(points), mark=mark.value),
        because(days, "take_again", days=days.value, by=again),
    )
    return Decision(RESULT, {"passed": False, "again_by": again}, reasons, book.cited)


def certificate(kind: str, issued_on: date, on: date, *, book: Rulebook) -> Decision:
    """{"until", "state": valid, expiring or expired}. The last day itself still counts."""
    years, warning = book.value("certificate_years", on), book.value("warning_days", on)
    if kind not in years.value:
        raise UnknownPost(f"no certificate is called {kind!r}; known are {', '.join(years.value)}")
    until = add_years(issued_on, years.value[kind])
    left = (until - on).days
    how = "expired" if left < 0 else "expiring" if left <= warning.value else "valid"
    reason = because(
        warning if how == "expiring" else years,
        how,
        kind=kind,
        issued=issued_on,
        years=years.value[kind],
        until=until,
        days=abs(left),
    )
    return Decision(CERTIFICATE, {"until": until, "state": how}, (reason,), book.cited)
