"""How an order ends: closed, ended incomplete with a follow-up, cancelled; and begun again (SC-2, RP-4, GN-2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.intake import operations as intake
from sanbao.intake.states import OPEN as REQUEST_OPEN
from sanbao.ui.refusal import Refusal
from sanbao.workorders import events, flow, telling
from sanbao.workorders.models import Order, Signature, Visit
from sanbao.workorders.operations import judging
from sanbao.workorders.operations.dispatching import end_visits
from sanbao.workorders.operations.making import Job, make
from sanbao.workorders.operations.reaching import grown, moved, taken_up
from sanbao.workorders.operations.stepping import mark, unmark
from sanbao.workorders.permissions import May
from sanbao.workorders.states import MOVES, OPEN, State


@transaction.atomic
def accept_work(
    order: Order,
    signature: Signature | None,
    *,
    rating: int | None = None,
    words: str = "",
    version: int | None = None,
    by: Access,
    at: datetime,
    device_at: datetime | None = None,
) -> Order:
    """The customer accepts the work, which closes the order (RP-4): with a signature on the glass or the link, or as told by telephone.

    The request is solved when this was its last open order, and whoever listens (settlements, callbacks) is told.
    """
    found = taken_up(order, by, version=version)
    if found.state != State.DONE:
        raise Refusal(_("There is no finished work to accept yet."), code="state")
    if signature is None and not words.strip():
        raise Refusal(
            _("Without a signature, write down how the customer accepted it."), field="words", code="words"
        )
    if rating is not None and not 1 <= rating <= 5:
        raise Refusal(_("A rating is from 1 to 5."), field="rating", code="rating")
    found.rating, found.rating_words = rating or found.rating, words.strip()[:500] or found.rating_words
    also = ("customer_signed",) if words.strip() or signature else ()
    mark(
        found,
        flow.acceptance_step(found.kind),
        by=by,
        at=at,
        words="" if signature else words,
        also=also,
        device_at=device_at,
    )
    found.signed_at = found.closed_at = at
    found.closed_by_id, found.state, found.charged_fen = by.person_id, State.CLOSED, charged(found)
    judging.judge_closed(found, by=by, at=at)
    grown(found)
    audit.record("workorders:order:signed", found, by=by, at=at, outlet_id=found.outlet_id, rating=found.rating, signed=signature is not None)  # fmt: skip
    if found.request_id and not _others_open(found):
        intake.follow_order(
            found.request_id, "solved", found.action or found.get_kind_display(), by=by, at=at
        )
    events.tell(events.CLOSED, found, by=by, at=at)
    return found


def _others_open(order: Order) -> bool:
    with scope.as_owner("orders of one request may lie with several outlets"):
        return Order.objects.filter(request_id=order.request_id, state__in=OPEN).exclude(pk=order.pk).exists()


@transaction.atomic
def care_after(order: Order, words: str, *, rating: int | None = None, by: Access, at: datetime) -> Order:
    """The customer was asked afterwards whether it works and how it was (SC-2, ST-4): the last step of the flow."""
    found = taken_up(order, by, May.WORK)
    if found.state != State.CLOSED:
        raise Refusal(_("First the work is done and accepted."), code="state")
    if not words.strip():
        raise Refusal(_("Write down what the customer says."), field="words", code="empty")
    found.rating, found.rating_words = rating or found.rating, found.rating_words or words.strip()[:500]
    mark(found, flow.AFTERCARE, by=by, at=at, words=words, also=("survey", "effect_confirmed"))
    grown(found)
    audit.record(
        "workorders:order:cared", found, by=by, at=at, outlet_id=found.outlet_id, rating=found.rating
    )
    return found


@transaction.atomic
def hear_from_callback(order: Order, words: str, *, rating: int | None, by: Access, at: datetime) -> None:
    """A callback has reached the customer: the last step of the flow is done, if nobody has done it before (SC-2, ST-4).

    The module of callbacks calls this in its own transaction and has asked for its permission; the order may lie with an outlet.
    """
    with scope.as_owner("an outlet's order is called back by headquarters"):
        found = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        if found.state != State.CLOSED or found.step != flow.AFTERCARE:
            return
        found.rating, found.rating_words = found.rating or rating, found.rating_words or words.strip()[:500]
        mark(found, flow.AFTERCARE, by=by, at=at, words=words, also=("survey", "effect_confirmed"))
        grown(found)
        audit.record(
            "workorders:order:cared", found, by=by, at=at, outlet_id=found.outlet_id, rating=found.rating
        )


def charged(order: Order) -> int:
    """What the confirmed plan charges the customer; without a plan, the parts that were not free."""
    plan = order.plans.filter(state="confirmed").first()
    if plan is not None:
        return int(plan.charged_fen)
    used = order.parts.filter(withdrawn_at__isnull=True, free=False)
    return sum(part.price_fen * part.quantity for part in used)


def end_incomplete(
    order: Order, reason: str, *, again: bool = True, version: int | None = None, by: Access, at: datetime
) -> tuple[Order, Order | None]:
    """The visit ends without the work being done. `again`: a follow-up order is made at once, which takes over request and unit."""

    def effects(thing: Order) -> None:
        thing.waiting_for = ""
        end_visits(thing, at)
        thing.visits.filter(state__in=("planned", "accepted")).update(
            state=Visit.State.DROPPED, reason=reason[:200]
        )

    with transaction.atomic():
        ended: Order = moves.make(
            MOVES["incompletion"], order, version=version, by=by, at=at, reason=reason, effects=effects
        )
        further = follow_up(ended, reason, by=by, at=at) if again else None
        events.tell(events.ENDED_INCOMPLETE, ended, by=by, at=at)
        if further is None:
            telling.incomplete(ended, reason, by=by, at=at)
    return ended, further


@transaction.atomic
def follow_up(order: Order, why: str, *, by: Access, at: datetime) -> Order:
    """One more order for the same matter; it knows the one before it. Whoever may work on an order may ask for its follow-up."""
    job = Job(
        kind=order.kind, mode=order.mode, request=order.request if order.request and order.request.state in REQUEST_OPEN else None, parent=order, outlet=order.outlet, fault=order.fault, note=why.strip(), reported_at=order.reported_at,
    )  # fmt: skip
    further = make(job, by=by, at=at)
    events.tell(events.FOLLOWED_UP, further, by=by, at=at)
    return further


def reopen(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """It was not right after all: the work begins again from its dispatch, and what was settled for it is looked at again."""

    def effects(thing: Order) -> None:
        thing.reopened += 1
        thing.engineer, thing.restored_at, thing.signed_at, thing.waiting_for = None, None, None, ""
        judging.forget_ending(thing)
        unmark(
            thing,
            flow.dispatch_step(thing.kind),
            flow.work_step(thing.kind),
            flow.acceptance_step(thing.kind),
            flow.AFTERCARE,
            at=at,
        )
        if thing.request_id:
            intake.follow_order(thing.request_id, "reopened", reason, by=by, at=at)

    with transaction.atomic():
        opened = moved("reopening", order, version=version, by=by, at=at, reason=reason, effects=effects)
        events.tell(events.REOPENED, opened, by=by, at=at)
    return opened


def cancel(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """Nothing is to be done any more; times that were planned are free again."""

    def effects(thing: Order) -> None:
        if thing.engineer is not None and thing.engineer_id != by.person_id:
            telling.called_off(thing, thing.engineer, reason, by=by, at=at)
        thing.waiting_for = ""
        end_visits(thing, at)
        thing.visits.filter(state__in=("planned", "accepted")).update(
            state=Visit.State.DROPPED, reason=reason[:200]
        )

    with transaction.atomic():
        gone: Order = moves.make(MOVES["cancellation"], order, version=version, by=by, at=at, reason=reason, effects=effects)  # fmt: skip
        events.tell(events.CANCELLED, gone, by=by, at=at)
    return gone
