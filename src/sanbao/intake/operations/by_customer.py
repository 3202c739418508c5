"""What a customer does with a request of their own: says whether it is solved, or that nothing more is needed.

Nobody signs in for it. Whoever calls these has made sure that it is the customer (the portal's links, sanbao.portal.links).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.intake import clocks
from sanbao.intake.models import Entry, Request
from sanbao.intake.states import OPEN, State
from sanbao.ui.refusal import Refusal, Stale


@transaction.atomic
def confirm(request: Request, words: str, *, by: Access, at: datetime) -> Request:
    """The customer says that it is solved: the words are kept with the solution, and the request is closed (ST-4, BA-5)."""
    found = _locked(request)
    if found.state != State.SOLVED:
        raise Stale(
            _("This is “%(state)s”: there is nothing to confirm. Look at it again.")
            % {"state": found.get_state_display()},
            code="stale",
        )
    found.state, found.closed_at = State.CLOSED, at
    found.feedback = words.strip()[:500] or _("Confirmed by the customer as solved.")
    return _ended(found, found.feedback, "confirmed", "", by, at)


@transaction.atomic
def withdraw(request: Request, reason: str, *, by: Access, at: datetime) -> Request:
    """The customer needs it no more; nothing is promised any longer."""
    found = _locked(request)
    if found.state not in OPEN:
        raise Stale(
            _("This is “%(state)s”: there is nothing to withdraw. Look at it again.")
            % {"state": found.get_state_display()},
            code="stale",
        )
    if not reason.strip():
        raise Refusal(_("Say in a few words why."), field="reason", code="reason")
    found.state, found.waiting_for, found.reason = State.CANCELLED, "", reason.strip()[:200]
    return _ended(found, found.reason, "withdrawn", "cancelled", by, at)


def _locked(request: Request) -> Request:
    return Request.objects.select_for_update(of=("self",)).select_related("category").get(pk=request.pk)


def _ended(found: Request, words: str, verb: str, clock: str, by: Access, at: datetime) -> Request:
    found.version += 1
    Entry.objects.create(
        request=found, at=at, kind=Entry.Kind.MOVE, clock=clock, state=found.state, handler_id=found.assignee_id,
        channel="web", body=words, internal=False,
    )  # fmt: skip
    if clock:
        clocks.recount(found, by=by, at=at)
    found.save()
    audit.record(
        f"intake:request:{verb}", found, by=by, at=at, outlet_id=found.outlet_id, state=found.state, reason=words[:200] if clock else "",
    )  # fmt: skip
    return found
