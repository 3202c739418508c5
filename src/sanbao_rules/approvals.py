"""Who approves what: changes of the rules, exceptions, goodwill, and that nobody approves their own."""

from datetime import date

from sanbao_rules.decision import Decision
from sanbao_rules.rulebook import Dated, Rulebook, because

WHO = "approvals.who"


class UnknownSubject(ValueError):
    """A subject the book names nobody for. The message names those it knows."""


def who(subject: str, on: date, *, book: Rulebook, same_person: bool = False, reason: str = "") -> Decision:
    """{"approver", "allowed"}: not allowed where the one who asks would approve, or where no reason is given."""
    known: dict[str, tuple[str, Dated]] = {}
    for name, parameter in book.parameters.items():
        if parameter.unit == "cases" and parameter.values[0].since <= on:
            listed = book.value(name, on)
            known |= {code: (row["approver"], listed) for code, row in listed.value.items()}
    if subject not in known:
        raise UnknownSubject(f"nobody is named to approve {subject!r}; known are {', '.join(known)}")
    approver, rests_on = known[subject]
    own, written = book.value("own_request", on), book.value("reason_needed", on)
    reasons = [because(rests_on, "approver", subject=subject, who=approver)]
    if same_person:
        reasons.append(because(own, "own_request"))
    needs_reason = subject in written.value
    if needs_reason and not reason.strip():
        reasons.append(because(written, "reason_needed"))
    allowed = not same_person and bool(reason.strip() or not needs_reason)
    return Decision(WHO, {"approver": approver, "allowed": allowed}, tuple(reasons), book.cited)
