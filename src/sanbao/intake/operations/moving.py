"""The moves of a request, and what may be mended in it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.edge.storing import ToStore, fresh
from sanbao.intake import clocks
from sanbao.intake.facts import both
from sanbao.intake.models import Entry, Request
from sanbao.intake.operations.assigning import _locked
from sanbao.intake.operations.marking import tell_followers
from sanbao.intake.permissions import May
from sanbao.intake.queries import reading
from sanbao.intake.states import BY_ACCOUNT, MOVES, State, Waiting
from sanbao.ui.refusal import Refusal

# What a move means to the clocks.
_CLOCK = {
    "start": "",
    "wait": "paused",
    "resumption": "resumed",
    "solution": "solved",
    "closure": "",
    "reopening": "reopened",
    "cancellation": "cancelled",
}
AMENDABLE = (
    "contact",
    "phone",
    "email",
    "address",
    "model",
    "serial",
    "subject",
    "description",
    "customer_help",
)


def move(
    request: Request,
    noun: str,
    *,
    version: int | None,
    by: Access,
    at: datetime,
    reason: str = "",
    waiting_for: str = "",
    text: str = "",
    first_contact: bool = False,
) -> Request:
    """Make one move of states.MOVES, in the transaction of `audit.moves.make`. `text`: the solution, what is waited for, or what the customer says at closing.

    Stale, Refusal and PermissionDenied as `audit.moves.make`.
    """
    step = MOVES[noun]
    text = text.strip()

    def obstacles(thing: Request) -> None:
        if thing.merged_into_id:
            raise Refusal(_("It is merged into another request; undo that first."), code="merged")
        if noun == "wait" and waiting_for not in Waiting.values:
            raise Refusal(_("Say what it waits for."), field="waiting_for", code="waiting_for")
        if noun == "solution" and not text:
            raise Refusal(_("Write down how it was solved (CS-3)."), field="text", code="solution")
        if noun == "closure" and not text:
            raise Refusal(
                _("Write down what the customer says to it, or that nobody was reached (ST-4)."),
                field="text",
                code="feedback",
            )

    def effects(thing: Request) -> ToStore:
        thing.waiting_for = waiting_for if noun == "wait" else ""
        if noun == "solution":
            thing.solution, thing.first_contact = text[:4000], first_contact
        if noun == "closure":
            thing.feedback = text[:500]
        if noun == "reopening":
            thing.reopened += 1
        entry = fresh(
            Entry, request_id=thing.pk, at=at, kind=Entry.Kind.MOVE, clock=_CLOCK[noun],
            clock_detail=f"for_{thing.waiting_for}" if thing.waiting_for else "", state=step.target, by_id=by.person_id,
            handler_id=thing.assignee_id, body=(text or reason.strip())[:8000], internal=noun not in ("solution", "reopening"),
        )  # fmt: skip
        if noun == "start" and thing.assignee_id is None:
            thing.assignee_id = by.person_id
        thing.state = step.target
        made = clocks.recounted(thing, entry, by=by, at=at) if _CLOCK[noun] else ToStore([entry])
        tell_followers(thing, both(State(step.target).label), f"move {thing.version}", by=by, at=at)
        return made

    return moves.make(
        step, request, version=version, by=by, at=at, reason=reason, obstacles=obstacles, effects=effects,
        details=lambda thing: {"waiting_for": thing.waiting_for} if thing.waiting_for else {},
        along=("category", "outlet", "assignee"), shaped_by=reading(by, step.permission),
    )  # fmt: skip


@transaction.atomic
def amend(request: Request, changes: dict[str, Any], *, by: Access, at: datetime) -> Request:
    """Mend what was written down: whom to call, where, which product, what about; class and severity weigh the request anew."""
    by.require(May.WORK)
    found = _locked(request, None, by, May.WORK)
    weighed = {name: changes[name] for name in ("category", "severity", "flags") if name in changes}
    said = {
        name: value
        for name, value in changes.items()
        if name in (*AMENDABLE, "customer", "unit", *weighed) and getattr(found, name) != value
    }
    if not said:
        return found
    if (category := said.get("category")) is not None and category.retired_at:
        raise Refusal(
            _("The class “%(class)s” is no longer used; choose another.") % {"class": category},
            field="category", code="retired",
        )  # fmt: skip
    for name, value in said.items():
        setattr(found, name, value)
    if said.get("customer") and found.writer and found.channel in BY_ACCOUNT:
        customers.tie(found.customer, **{found.channel: found.writer}, by=by, at=at)
    if unit := said.get("unit"):
        found.model, found.serial = unit.model.code, unit.serial
    Entry.objects.create(
        request=found, at=at, kind=Entry.Kind.CHANGED, by_id=by.person_id, handler_id=found.assignee_id,
        body=", ".join(str(Request._meta.get_field(name).verbose_name) for name in said),
    )  # fmt: skip
    if weighed.keys() & said.keys():
        return clocks.weigh_again(found, _("class or severity changed"), by=by, at=at)
    found.version += 1
    found.save()
    audit.record(
        "intake:request:amended", found, by=by, at=at, outlet_id=found.outlet_id, fields=sorted(said)
    )
    return found
