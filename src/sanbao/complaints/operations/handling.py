"""What may be mended in a complaint, what it waits for, and the orders it is about."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.complaints import clocks, telling
from sanbao.complaints.facts import OF_ITSELF, words
from sanbao.complaints.models import Complaint, Entry
from sanbao.complaints.operations.finding import locked
from sanbao.complaints.operations.registering import MOST_ORDERS
from sanbao.complaints.permissions import May
from sanbao.complaints.states import HANDLED, State, Waiting
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order

AMENDABLE = (
    "kind", "harm", "flags", "contact", "phone", "email", "address", "model", "serial", "subject", "description", "wish", "about_outlet", "engineer",
)  # fmt: skip
_GRADED = ("kind", "harm", "flags")


@transaction.atomic
def amend(complaint: Complaint, changes: dict[str, Any], *, version: int | None = None, by: Access, at: datetime) -> Complaint:  # fmt: skip
    """Mend what was written down. Another matter or harm grades it anew, and may give it to another department."""
    found = locked(complaint, May.REGISTER, by, version)
    known = words(found.company_id, timezone.localdate(found.received_at))
    if "flags" in changes:
        changes = changes | {
            "flags": sorted({*changes["flags"]} - {*OF_ITSELF} | {*found.flags} & {*OF_ITSELF})
        }
    said = {
        name: value for name, value in changes.items() if name in AMENDABLE and getattr(found, name) != value
    }
    if not said:
        return found
    if (
        said.get("kind", found.kind) not in known["kinds"]
        or said.get("harm", found.harm) not in known["harms"]
    ):
        raise Refusal(_("Choose what it is about, and what harm was done."), field="kind", code="kind")
    if "about_outlet" in said and found.outlet_id is not None and said["about_outlet"] != found.outlet:
        raise Refusal(
            _("It is handed to %(outlet)s, which reads it: it can't be about another outlet any more.") % {"outlet": found.outlet},
            field="about_outlet", code="handed",
        )  # fmt: skip
    for name, value in said.items():
        setattr(found, name, value)
    if {"phone", "serial", "kind"} & said.keys():
        clocks.look_back(found, by=by, at=at)
    if {*_GRADED, "phone", "serial"} & said.keys():
        clocks.weigh(found, by=by, at=at)
        clocks.own(found, by=by, at=at)
    names = ", ".join(str(Complaint._meta.get_field(name).verbose_name) for name in said)
    telling.wrote(found, Entry.Kind.CHANGED, names, by, at)
    found.version += 1
    found.save()
    audit.record(
        "complaints:complaint:amended", found, by=by, at=at, outlet_id=found.outlet_id, fields=sorted(said)
    )
    return found


@transaction.atomic
def hold(
    complaint: Complaint, waiting_for: str, words_: str, *, version: int | None, by: Access, at: datetime
) -> Complaint:
    """Let it wait for the customer, a test or a part; the clocks that the rulebook names stand still meanwhile."""
    found = locked(complaint, May.VERIFY, by, version)
    if waiting_for not in Waiting.values:
        raise Refusal(_("Say what it waits for."), field="waiting_for", code="waiting_for")
    if found.state not in (State.HANDED, State.JUSTIFIED):
        raise Refusal(_("Only what is being verified or solved waits for something."), code="state")
    if found.waiting_for:
        raise Refusal(_("It waits already."), code="waiting")
    if not words_.strip():
        raise Refusal(_("Say what exactly; the customer is told (A-22)."), field="text", code="text")
    found.waiting_for = waiting_for
    telling.wrote(
        found, Entry.Kind.MOVE, f"{Waiting(waiting_for).label}: {words_.strip()}", by, at, audience=Entry.Audience.CUSTOMER, clock="paused",
        detail=f"for_{waiting_for}",
    )  # fmt: skip
    return _kept(found, "held", by, at, waiting_for=waiting_for)


@transaction.atomic
def go_on(complaint: Complaint, *, version: int | None, by: Access, at: datetime) -> Complaint:
    """What it waited for has come."""
    found = locked(complaint, May.VERIFY, by, version)
    if not found.waiting_for:
        raise Refusal(_("It waits for nothing."), code="not_waiting")
    detail, found.waiting_for = f"for_{found.waiting_for}", ""
    telling.wrote(
        found,
        Entry.Kind.MOVE,
        _("It goes on."),
        by,
        at,
        audience=Entry.Audience.CUSTOMER,
        clock="resumed",
        detail=detail,
    )
    return _kept(found, "resumed", by, at)


def _kept(found: Complaint, verb: str, by: Access, at: datetime, **details: Any) -> Complaint:
    clocks.recount(found, by=by, at=at)
    found.version += 1
    found.save()
    audit.record(f"complaints:complaint:{verb}", found, by=by, at=at, outlet_id=found.outlet_id, **details)
    return found


@transaction.atomic
def link_order(complaint: Complaint, order: Order, *, by: Access, at: datetime) -> Complaint:
    """One more order that the complaint is about; the first says outlet and engineer where nobody has."""
    found = locked(complaint, May.REGISTER, by)
    if found.orders.filter(pk=order.pk).exists():
        raise Refusal(_("%(order)s stands there already.") % {"order": order}, field="order", code="twice")
    if found.orders.count() >= MOST_ORDERS:
        raise Refusal(
            _("At most %(most)d orders belong to one complaint.") % {"most": MOST_ORDERS},
            field="order",
            code="orders",
        )
    found.orders.add(order)
    if found.state in HANDLED:
        found.about_outlet = found.about_outlet or order.outlet
        found.engineer = found.engineer or order.engineer
    telling.wrote(found, Entry.Kind.CHANGED, _("About order %(order)s, too.") % {"order": order}, by, at)
    return _kept(found, "linked", by, at, order=order.number)


@transaction.atomic
def unlink_order(complaint: Complaint, order: Order, *, by: Access, at: datetime) -> Complaint:
    """It is not about that order after all."""
    found = locked(complaint, May.REGISTER, by)
    found.orders.remove(order)
    telling.wrote(found, Entry.Kind.CHANGED, _("Not about order %(order)s.") % {"order": order}, by, at)
    return _kept(found, "unlinked", by, at, order=order.number)
