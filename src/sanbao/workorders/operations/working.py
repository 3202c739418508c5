"""What happens at the customer's: accepted, on the way, arrived, checked, waited, done, looked over, signed (SC-2..4, RP-4, SR-4)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.documents.reading_first import require_read
from sanbao.intake import operations as intake
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, letters, telling
from sanbao.workorders.models import Check, CheckResult, Order, Visit
from sanbao.workorders.operations import judging
from sanbao.workorders.operations.dispatching import end_visits, give_back
from sanbao.workorders.operations.reaching import grown, moved, refuse_ended, taken_up
from sanbao.workorders.operations.stepping import mark, unmark
from sanbao.workorders.permissions import May
from sanbao.workorders.states import Mode, State, Waiting


def _move(
    noun: str, order: Order, version: int | None, by: Access, at: datetime, effects: Any, reason: str = "", details: Any = None
) -> Order:  # fmt: skip
    return moved(noun, order, version=version, by=by, at=at, reason=reason, effects=effects, details=details or (lambda thing: {}))  # fmt: skip


def accept(order: Order, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """The engineer says yes. Only here something unread holds them up: nobody is sent away from a customer's door, and what is begun is finished."""
    require_read(May.OWN, by=by, at=at)

    def effects(thing: Order) -> None:
        thing.visits.filter(engineer_id=thing.engineer_id, state="planned").update(state=Visit.State.ACCEPTED)

    return _move("acceptance", order, version, by, at, effects)


def refuse(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """The engineer says no and why; the order waits for another, and whoever dispatched it is told."""

    def effects(thing: Order) -> None:
        thing.visits.filter(engineer_id=thing.engineer_id, state__in=("planned", "accepted")).update(
            state=Visit.State.REFUSED, reason=reason.strip()[:200]
        )
        telling.refused(thing, reason, by=by, at=at)
        give_back(thing, reason, at)

    return _move("refusal", order, version, by, at, effects, reason)


def arrive(
    order: Order,
    *,
    place: tuple[Decimal, Decimal] | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
    device_at: datetime | None = None,
) -> Order:
    """The engineer is there and begins. `place` (latitude, longitude) only where it was agreed to (PIPL 28).

    Where nobody knew where the address lies, the place is kept with order and address, so that the next way there can be reckoned.
    """

    def effects(thing: Order) -> None:
        thing.arrived_at = thing.arrived_at or at
        if place is not None and thing.mode == Mode.ON_SITE and not thing.coordinates:
            thing.coordinates = ",".join(f"{round(each, 3):f}" for each in place)
            if thing.customer is not None:
                customers.note_place(thing.customer, thing.address, thing.coordinates, by=by, at=at)
        judging.look_at_age(thing, by=by, at=at)
        here = thing.visits.filter(engineer_id=thing.engineer_id, state__in=("planned", "accepted")).order_by("during").first()  # fmt: skip
        if here is not None:
            here.state, here.arrived_at = Visit.State.ARRIVED, at
            if place is not None:
                here.latitude, here.longitude = (round(each, 3) for each in place)
            here.save()
        if thing.request_id:
            intake.follow_order(thing.request_id, "begun", thing.number, by=by, at=at)

    return _move("arrival", order, version, by, at, effects)


def hold(
    order: Order, waiting_for: str, why: str, *, version: int | None = None, by: Access, at: datetime
) -> Order:
    """Wait for the customer, a part or goods under way; the request's promises stand still as the rulebook says (A-22)."""
    if waiting_for not in Waiting.values:
        raise Refusal(_("Say what it waits for."), field="waiting_for", code="waiting_for")

    def effects(thing: Order) -> None:
        thing.waiting_for, thing.reason = waiting_for, why.strip()[:200]
        end_visits(thing, at)
        if thing.request_id:
            intake.follow_order(
                thing.request_id, f"held_{waiting_for}", why.strip() or thing.number, by=by, at=at
            )

    return _move("hold", order, version, by, at, effects, details=lambda thing: {"waiting_for": waiting_for})


def resume(order: Order, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """What was waited for is there."""

    def effects(thing: Order) -> None:
        thing.waiting_for = ""
        if thing.request_id:
            intake.follow_order(thing.request_id, "resumed", thing.number, by=by, at=at)

    return _move("resumption", order, version, by, at, effects)


@transaction.atomic
def write_checks(order: Order, results: Mapping[str | int, tuple[bool | None, str]], *, by: Access, at: datetime) -> Order:  # fmt: skip
    """What was found, check by check: by the code of a check of the rulebook, or the number of a line of the company's list."""
    found = taken_up(order, by)
    refuse_ended(found)
    known = {check.pk: check for check in Check.objects.filter(company_id=found.company_id, kind=found.kind, retired_at__isnull=True)}  # fmt: skip
    for key, (passed, value) in results.items():
        line = known.get(key) if isinstance(key, int) else None
        if isinstance(key, int) and line is None:
            raise Refusal(_("The check list has changed; load the page anew."), code="check")
        if line is None and key not in (
            *flow.TICKED,
            *flow.WRITTEN,
        ):  # the site is judged by `check_site` alone
            raise Refusal(_("The check list has changed; load the page anew."), code="check")
        CheckResult.objects.update_or_create(
            order=found, check_line=line, code="" if line else str(key)[:30],
            defaults={"passed": passed, "value": value.strip()[:120], "at": at, "by_id": by.person_id},
        )  # fmt: skip
    grown(found)
    audit.record(
        "workorders:order:checked-off", found, by=by, at=at, outlet_id=found.outlet_id, checks=len(results)
    )
    return found


def complete(
    order: Order,
    *,
    action: str,
    cause: str = "",
    component: str = "",
    work: str = "",
    km: Decimal | None = None,
    restored: bool = True,
    version: int | None = None,
    by: Access,
    at: datetime,
    device_at: datetime | None = None,
) -> Order:
    """The work is done. `restored`: the product is in normal use again, from this moment (SR-4)."""

    def effects(thing: Order) -> None:
        if not action.strip():
            raise Refusal(_("Write down what was done (SR-5)."), field="action", code="action")
        thing.action = action.strip()[:200]
        thing.cause = cause.strip()[:200] or thing.cause
        thing.component, thing.work = component.strip()[:60] or thing.component, work or thing.work
        if km is not None:
            thing.km = km
        if restored:
            thing.restored_at = at
        mark(thing, flow.work_step(thing.kind), by=by, at=at, device_at=device_at)
        end_visits(thing, at)
        letters.done(thing, by=by, at=at)

    return _move("completion", order, version, by, at, effects)


@transaction.atomic
def check_quality(
    order: Order, words: str = "", *, version: int | None = None, by: Access, at: datetime
) -> Order:
    """Somebody else of the department has looked it over and finds it right (RP-4). Whoever did the work does not check it."""
    by.require(May.CHECK)
    found = taken_up(order, by, May.CHECK, version=version)
    if found.state != State.DONE:
        raise Refusal(_("There is no finished work to check."), code="state")
    if by.person_id == found.engineer_id or by.person_id == found.done_by_id:
        raise Refusal(_("You have done this work yourself; another person must check it."), code="four_eyes")
    found.checked_at, found.checked_by_id = at, by.person_id
    grown(found)
    audit.record(
        "workorders:order:checked", found, by=by, at=at, outlet_id=found.outlet_id, words=words.strip()[:200]
    )
    return found


def return_work(order: Order, reason: str, *, version: int | None = None, by: Access, at: datetime) -> Order:
    """Not right yet: back to the engineer."""

    def effects(thing: Order) -> None:
        thing.restored_at = None
        unmark(thing, flow.work_step(thing.kind), flow.acceptance_step(thing.kind), at=at)
        thing.signatures.filter(purpose="acceptance", withdrawn_at__isnull=True).update(withdrawn_at=at)

    return _move("return", order, version, by, at, effects, reason)
