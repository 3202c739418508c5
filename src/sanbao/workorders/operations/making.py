"""An order is made: from a request, as a follow-up, or by itself; and mended while it is open (SC-2..4, DP-4, SR-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.customers import queries as customer_places
from sanbao.customers.models import Customer
from sanbao.intake import operations as intake
from sanbao.intake.models import Request
from sanbao.intake.states import OPEN as REQUEST_OPEN
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.refusal import Refusal
from sanbao.workorders import covering, letters
from sanbao.workorders.models import Order
from sanbao.workorders.operations import judging
from sanbao.workorders.operations.assigning import assign_if_switched_on
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up
from sanbao.workorders.operations.stepping import mark
from sanbao.workorders.permissions import May
from sanbao.workorders.states import Kind, Mode

AMENDABLE = ("contact", "phone", "address", "coordinates", "model", "serial", "fault", "note", "mode", "wanted_from", "wanted_until", "customer_help", "unit", "customer")  # fmt: skip
LONG_AGO = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done. What is left empty comes from the request, where there is one."""

    kind: str
    mode: str = Mode.ON_SITE
    request: Request | None = None
    parent: Order | None = None
    outlet: Outlet | None = None
    customer: Customer | None = None
    contact: str = ""
    phone: str = ""
    address: str = ""
    coordinates: str = ""
    unit: Unit | None = None
    model: str = ""
    serial: str = ""
    fault: str = ""
    note: str = ""
    customer_help: str = ""
    wanted_from: datetime | None = None
    wanted_until: datetime | None = None
    reported_at: datetime | None = None


@transaction.atomic
def make(job: Job, *, by: Access, at: datetime) -> Order:
    """Make an order. The customer's request is under way from then on; the warranty is decided where the unit is known. Refusals name the field."""
    if job.parent is None:
        by.require(May.MAKE)
    asked = job.request
    told = _told(job)
    reported_at = job.reported_at or (asked.received_at if asked else at)
    _refuse_unless_sound(job, told, reported_at, at)
    order = Order(
        company_id=by.company_id, kind=job.kind, mode=job.mode, request=asked, parent=job.parent, reported_at=reported_at,
        made_at=at, made_by_id=by.person_id, level=asked.level if asked else "", wanted_from=job.wanted_from, wanted_until=job.wanted_until,
        **told,
    )  # fmt: skip
    if by.outlets is not None and order.outlet_id not in by.outlets:
        raise Refusal(_("Choose the outlet that does it."), field="outlet", code="outlet")
    order.pk, order.number = _next(by.company_id, at)
    covering.decide(order, by=by, at=at)
    judging.look_at_age(order, by=by, at=at)
    order.save(force_insert=True)
    mark(order, "application", by=by, at=at)
    judging.look_for_repeat(order, by=by, at=at)
    order.save(update_fields=["step", "repeat_of", "exchange_right", "repeat_decision"])
    if order.customer and order.outlet:
        customers.serve(order.customer, order.outlet, by=by, at=at)
    if asked is not None:
        intake.follow_order(asked.pk, "made", order.number, by=by, at=at)
    audit.record("workorders:order:made", order, by=by, at=at, outlet_id=order.outlet_id, kind=order.kind, request=asked.number if asked else "")  # fmt: skip
    return assign_if_switched_on(order, by=by, at=at)


def _told(job: Job) -> dict[str, Any]:
    """What an order says of customer and product: what is given, else what the request or the earlier order says."""
    earlier = job.request or job.parent
    told: dict[str, Any] = {}
    for name in ("outlet", "customer", "unit", "contact", "phone", "address", "model", "serial"):
        told[name] = getattr(job, name) or (getattr(earlier, name) if earlier else None) or getattr(job, name)
    told["coordinates"] = job.coordinates or _place_of(told, job.parent)
    told["fault"] = (job.fault or (job.request.subject if job.request else "") or (job.parent.fault if job.parent else "")).strip()[:200]  # fmt: skip
    told["note"] = job.note.strip()[:500]
    told["customer_help"] = job.customer_help.strip()[:300]
    if told["unit"]:
        told["model"], told["serial"] = told["unit"].model.code, told["unit"].serial
    if told["customer"] and not told["contact"]:
        told["contact"] = told["customer"].name[:60]
    return told


def _place_of(told: dict[str, Any], parent: Order | None = None) -> str:
    """Where the address lies, as far as it is known: from the customer's own addresses, or the order before it."""
    if parent is not None and parent.coordinates and parent.address == told["address"]:
        return str(parent.coordinates)
    return (
        customer_places.coordinates_of(told["customer"], told["address"])
        if told["customer"] and told["address"]
        else ""
    )


def _refuse_unless_sound(job: Job, told: dict[str, Any], reported_at: datetime, at: datetime) -> None:
    if job.kind not in Kind.values or job.mode not in Mode.values:
        raise Refusal(_("Say what kind of work it is."), field="kind", code="kind")
    if job.request is not None and job.request.state not in REQUEST_OPEN:
        raise Refusal(
            _("Request %(request)s is “%(state)s”; reopen it first.") % {"request": job.request, "state": job.request.get_state_display()},
            field="request", code="request",
        )  # fmt: skip
    if not told["fault"]:
        raise Refusal(_("Say in a few words what is to be done."), field="fault", code="fault")
    if not told["phone"]:
        raise Refusal(
            _("Give a telephone number at which the customer is reached."), field="phone", code="phone"
        )
    if job.mode == Mode.ON_SITE and not told["address"]:
        raise Refusal(_("Give the address: somebody has to go there."), field="address", code="address")
    if reported_at > at + timedelta(minutes=5):
        raise Refusal(_("It can't have been reported in the future."), field="reported_at", code="future")
    if reported_at < at - LONG_AGO:
        raise Refusal(
            _("That is more than a year ago; look at the date."), field="reported_at", code="long_ago"
        )
    _refuse_odd_appointment(job.wanted_from, job.wanted_until)


def _refuse_odd_appointment(first: datetime | None, last: datetime | None) -> None:
    if (first is None) != (last is None):
        raise Refusal(
            _("An appointment has a beginning and an end."), field="wanted_until", code="appointment"
        )
    if first and last and not timedelta(0) < last - first <= timedelta(hours=24):
        raise Refusal(
            _("An appointment ends after it begins, and within a day."),
            field="wanted_until",
            code="appointment",
        )


def _next(company_id: int | None, at: datetime) -> tuple[int, str]:
    """The row's id and the order's number, W260424-1234. Numbers of refused orders are not used again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('workorders_order_id_seq'), edge_next_number('order', %s)", [company_id]
        )
        pk, number = cursor.fetchone()
    return pk, f"W{timezone.localtime(at):%y%m%d}-{number}"


@transaction.atomic
def amend(
    order: Order, changes: dict[str, Any], *, version: int | None = None, by: Access, at: datetime
) -> Order:
    """Mend what was written down; another unit or another day decides the warranty anew."""
    found = taken_up(order, by, May.MAKE, version=version)
    refuse_ended(found)
    said = {
        name: value for name, value in changes.items() if name in AMENDABLE and getattr(found, name) != value
    }
    if not said:
        return found
    for name, value in said.items():
        setattr(found, name, value)
    if ("address" in said and "coordinates" not in said) or said.get("coordinates") == "":
        found.coordinates = _place_of(
            {"customer": found.customer, "address": found.address}
        )  # another house, or what was written is taken back
    _refuse_odd_appointment(found.wanted_from, found.wanted_until)
    if not found.phone:
        raise Refusal(
            _("Give a telephone number at which the customer is reached."), field="phone", code="phone"
        )
    if unit := said.get("unit"):
        found.model, found.serial = unit.model.code, unit.serial
    if {"unit", "model"} & said.keys():
        covering.decide(found, by=by, at=at)
        judging.look_at_age(found, by=by, at=at)
    grown(found)
    if {"wanted_from", "wanted_until"} & said.keys():
        letters.moved(found, by=by, at=at)
    audit.record(
        "workorders:order:amended", found, by=by, at=at, outlet_id=found.outlet_id, fields=sorted(said)
    )
    return found
