"""Who does it, and when: given to an engineer for a stretch of time, to an outlet, called off, handed up (SC-2, SR-3, EN-5, KA-4.1)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.documents.reading_first import require_read
from sanbao.outlets.models import Outlet
from sanbao.ui.refusal import Refusal
from sanbao.workorders import fitness, flow, letters, telling
from sanbao.workorders.models import Engineer, Order, Visit
from sanbao.workorders.models.visits import HELD_TIME
from sanbao.workorders.operations.reaching import grown, taken_up
from sanbao.workorders.operations.stepping import mark, unmark
from sanbao.workorders.permissions import May
from sanbao.workorders.states import State

LONGEST = timedelta(hours=16)
DISPATCHABLE = (State.WAITING, State.DISPATCHED, State.ACCEPTED, State.HELD)


@transaction.atomic
def dispatch(
    order: Order,
    engineer: Engineer,
    first: datetime,
    last: datetime,
    *,
    helpers: Iterable[Engineer] = (),
    note: str = "",
    because: str = "",
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Order:
    """Give the order to an engineer from one moment to another, with whoever helps. Given again, the earlier time is called off.

    Refused with the rule that is broken: away, certificate, not alone yet (PV-8), another outlet's, a time that overlaps.
    `because`: why a rule is set aside, by somebody who may, where the rulebook allows it.
    """
    by.require(May.DISPATCH)
    require_read(May.DISPATCH, by=by, at=at)
    found = taken_up(order, by, May.DISPATCH, version=version)
    _refuse_unless_dispatchable(found, first, last, at)
    party = [engineer, *(each for each in helpers if each.pk != engineer.pk)]
    aside = fitness.refuse_unless_fit(found, party, first, last, by=by, because=because)
    before, again = found.engineer_id, found.visits.exists()
    _drop(found, _("planned anew"), at)
    for each in party:
        _plan(found, each, first, last, each.pk != engineer.pk, by, at)
    found.engineer, found.state, found.waiting_for = engineer.person, State.DISPATCHED, ""
    found.dispatched_at, found.dispatched_by_id = at, by.person_id
    found.accepted_at = found.accepted_by_id = None
    mark(found, flow.dispatch_step(found.kind), by=by, at=at)
    if note.strip():
        found.note = note.strip()[:500]
    grown(found)
    telling.given(found, [each.person for each in party], first, by=by, at=at)
    letters.coming(found, first, last, again=again, by=by, at=at)
    audit.record(
        "workorders:order:dispatched", found, by=by, at=at, outlet_id=found.outlet_id, person=engineer.person_id, before=before,
        first=first.isoformat(), last=last.isoformat(), helpers=[each.person_id for each in party[1:]],
        **({"aside": aside, "reason": because.strip()[:200]} if aside else {}),
    )  # fmt: skip
    return found


def _refuse_unless_dispatchable(order: Order, first: datetime, last: datetime, at: datetime) -> None:
    if order.state not in DISPATCHABLE:
        raise Refusal(
            _("%(order)s is “%(state)s” and can't be dispatched.") % {"order": order, "state": order.get_state_display()},
            code="state",
        )  # fmt: skip
    _refuse_odd_time(first, last, at)


def _refuse_odd_time(first: datetime, last: datetime, at: datetime) -> None:
    if last <= first:
        raise Refusal(_("It ends before it begins."), field="last", code="time")
    if last - first > LONGEST:
        raise Refusal(
            _("That is longer than a day's work; plan a visit for each day."), field="last", code="time"
        )
    if last < at:
        raise Refusal(_("That time is over. Choose a later one."), field="first", code="past")


def _plan(order: Order, engineer: Engineer, first: datetime, last: datetime, helps: bool, by: Access, at: datetime) -> None:  # fmt: skip
    try:
        with transaction.atomic():
            Visit.objects.create(
                company_id=order.company_id, outlet_id=order.outlet_id, order=order, engineer=engineer.person, helps=helps,
                during=DateTimeTZRange(first, last, "[)"), made_at=at, made_by_id=by.person_id,
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(
            _("%(who)s has another job in that time (%(other)s). Choose another time or another engineer.")
            % {"who": engineer.person.name, "other": _other(engineer, first, last)},
            field="engineer", code="overlap",
        ) from None  # fmt: skip


def _other(engineer: Engineer, first: datetime, last: datetime) -> str:
    """What lies in the way, as far as the reader may see it."""
    other = (
        Visit.objects.filter(engineer=engineer.person, state__in=HELD_TIME, during__overlap=DateTimeTZRange(first, last, "[)"))
        .select_related("order").order_by("during").first()
    )  # fmt: skip
    if other is None:
        return _("of another outlet")
    begins, ends = (timezone.localtime(moment) for moment in (other.during.lower, other.during.upper))
    return f"{other.order.number} {begins:%m-%d %H:%M}–{ends:%H:%M}"


def _drop(order: Order, reason: str, at: datetime) -> None:
    """Call off what is planned; what has begun ends now."""
    order.visits.filter(state__in=("planned", "accepted")).update(
        state=Visit.State.DROPPED, reason=reason[:200]
    )
    end_visits(order, at)


def end_visits(order: Order, at: datetime) -> None:
    """Whoever is on site has left; the time behind that moment is free again."""
    for visit in order.visits.filter(state=Visit.State.ARRIVED):
        visit.state, visit.left_at = Visit.State.LEFT, max(at, visit.arrived_at or at)
        if visit.during.lower < at < visit.during.upper:
            visit.during = DateTimeTZRange(visit.during.lower, at, "[)")
        visit.save()


@transaction.atomic
def call_off(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """Take the order back from its engineer; it waits to be dispatched again."""
    by.require(May.DISPATCH)
    found = taken_up(order, by, May.DISPATCH, version=version)
    if found.state not in (State.DISPATCHED, State.ACCEPTED):
        raise Refusal(_("%(order)s is with nobody who could be called off.") % {"order": found}, code="state")
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    engineer = found.engineer
    give_back(found, reason, at)
    grown(found)
    if engineer is not None and engineer.pk != by.person_id:
        telling.called_off(found, engineer, reason, by=by, at=at)
    audit.record("workorders:order:called-off", found, by=by, at=at, outlet_id=found.outlet_id, person=engineer.pk if engineer else None, reason=reason.strip()[:200])  # fmt: skip
    return found


def give_back(order: Order, reason: str, at: datetime) -> None:
    """The order is with nobody again and waits; the caller saves it."""
    _drop(order, reason, at)
    order.engineer, order.state, order.waiting_for = None, State.WAITING, ""
    order.dispatched_at = order.dispatched_by_id = order.accepted_at = order.accepted_by_id = None
    unmark(order, flow.dispatch_step(order.kind), at=at)


@transaction.atomic
def place_with(order: Order, outlet: Outlet, *, note: str = "", version: int | None = None, by: Access, at: datetime) -> Order:  # fmt: skip
    """Headquarters gives an order to an outlet, which finds the engineer; the outlet sees the customer from then on."""
    by.require(May.DISPATCH)
    found = taken_up(order, by, May.DISPATCH, version=version)
    if found.state != State.WAITING:
        raise Refusal(_("Call the engineer off first."), code="state")
    before = found.outlet_id
    found.outlet = outlet
    if note.strip():
        found.note = note.strip()[:500]
    with scope.as_owner("an order moves from one place to another, which is seen from neither alone"):
        grown(found)
    if found.customer is not None:
        customers.serve(found.customer, outlet, by=by, at=at)
    telling.placed(found, by=by, at=at)
    audit.record("workorders:order:placed", found, by=by, at=at, outlet_id=outlet.pk, before=before)
    return found


@transaction.atomic
def hand_up(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """An outlet gives the order back to headquarters and says why: it may not refuse service (KA-4.1), so headquarters decides."""
    by.require(May.WORK)
    found = taken_up(order, by, May.WORK, version=version)
    if found.outlet_id is None:
        raise Refusal(_("Headquarters has it already."), code="at_headquarters")
    if found.state not in (State.WAITING, State.DISPATCHED, State.ACCEPTED):
        raise Refusal(_("Work on it has begun: end it as incomplete instead."), code="state")
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    outlet_id = found.outlet_id
    if found.state != State.WAITING:
        give_back(found, reason, at)
    audit.record("workorders:order:handed-up", found, by=by, at=at, outlet_id=outlet_id, reason=reason.strip()[:200])  # fmt: skip
    telling.handed_up(found, reason, by=by, at=at)
    found.outlet, found.reason = None, reason.strip()[:200]
    with scope.as_owner("the order leaves the outlet's rows, which the outlet itself may not do otherwise"):
        Visit.objects.filter(order=found).update(outlet=None)
        grown(found)
    return found


@transaction.atomic
def help_out(
    order: Order, engineer: Engineer, first: datetime, last: datetime, *, by: Access, at: datetime
) -> Visit:
    """One more engineer for a while."""
    by.require(May.DISPATCH)
    found = taken_up(order, by, May.DISPATCH)
    if found.engineer_id is None:
        raise Refusal(_("Dispatch the order first; who helps is added then."), code="state")
    _refuse_unless_dispatchable_help(found, engineer)
    _refuse_odd_time(first, last, at)
    fitness.refuse_unless_fit(found, [engineer], first, last, by=by, helps=True)
    _plan(found, engineer, first, last, True, by, at)
    grown(found)
    telling.given(found, [engineer.person], first, by=by, at=at)
    audit.record(
        "workorders:order:helped", found, by=by, at=at, outlet_id=found.outlet_id, person=engineer.person_id
    )
    return found.visits.filter(engineer=engineer.person).latest("pk")  # type: ignore[no-any-return]


def _refuse_unless_dispatchable_help(order: Order, engineer: Engineer) -> None:
    if order.engineer_id == engineer.person_id:
        raise Refusal(
            _("%(who)s has it already.") % {"who": engineer.person.name}, field="engineer", code="twice"
        )
