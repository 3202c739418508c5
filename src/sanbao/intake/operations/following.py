"""What becomes of a request while an order for it is on its way: the order's course stands on the request's timeline, and moves it (SC-2, GN-3).

The module of orders, above, calls this in its own transaction and has asked for the permissions; the request may lie with headquarters
while an outlet does the work, so it is written as the owner.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.intake import clocks
from sanbao.intake.models import Entry, Request
from sanbao.intake.states import OPEN, State, Waiting

_WORKED_ON = (State.NEW, State.ASSIGNED, State.WORKING)


@transaction.atomic
def follow_order(request_id: int, what: str, words: str, *, by: Access, at: datetime) -> None:
    """`what` became of an order: made, begun, held_customer, held_part, held_return, resumed, solved, reopened. What does not fit the
    request's state (it was cancelled meanwhile) is written down and moves nothing."""
    with scope.as_owner("the request of an outlet's order may lie with headquarters"):
        found = Request.objects.select_for_update(of=("self",)).select_related("category").get(pk=request_id)
        clock, detail = _moved(found, what, words, at)
        Entry.objects.create(
            request=found, at=at, kind=Entry.Kind.MOVE if clock or what in ("made", "solved") else Entry.Kind.NOTE, clock=clock, clock_detail=detail,
            state=found.state, by_id=by.person_id, handler_id=found.assignee_id, body=_told(what, words), internal=what not in ("solved", "begun"),
        )  # fmt: skip
        if clock:
            clocks.recount(found, by=by, at=at)
        found.version += 1
        found.save()
        audit.record(
            "intake:request:followed",
            found,
            by=by,
            at=at,
            outlet_id=found.outlet_id,
            order=what,
            state=found.state,
        )


def _moved(found: Request, what: str, words: str, at: datetime) -> tuple[str, str]:
    """Set the request's state by what became of the order; the word for its clocks, and what is waited for."""
    waiting = what.removeprefix("held_")
    if what == "made" and found.state in _WORKED_ON:
        found.state = State.WORKING
    elif waiting in Waiting.values and found.state in _WORKED_ON:
        found.state, found.waiting_for = State.WAITING, waiting
        return "paused", f"for_{waiting}"
    elif what in ("resumed", "begun") and found.state == State.WAITING:
        found.state, found.waiting_for = State.WORKING, ""
        return "resumed", ""
    elif what == "solved" and found.state in OPEN:
        found.state, found.waiting_for, found.solution = State.SOLVED, "", words.strip()[:4000]
        found.solved_at = at
        return "solved", ""
    elif what == "reopened" and found.state in (State.SOLVED, State.CLOSED):
        found.state, found.solved_at, found.closed_at = State.WORKING, None, None
        found.reopened += 1
        return "reopened", ""
    return "", ""


def _told(what: str, words: str) -> str:
    said = {
        "made": _("Work order %(words)s made."),
        "begun": _("The engineer has arrived (%(words)s)."),
        "resumed": _("Work goes on (%(words)s)."),
    }
    return (said[what] % {"words": words} if what in said else words)[:8000]
