"""An order taken up for a change: locked, in reach, as the person saw it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit.moves import refuse_stale
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May
from sanbao.workorders.states import ENDED, MOVES


def taken_up(order: Order, by: Access, permission: str = May.OWN, *, version: int | None = None) -> Order:
    """The order's row, locked. DoesNotExist out of reach, Stale where another was faster.

    The door of a company (nobody in person) has no reach of its own: whoever opens it has made sure that it is the customer.
    """
    rows = Order.objects.all() if is_door(by) else Order.objects.visible_to(by, permission)
    locked = Order.objects.filter(pk__in=rows.filter(pk=order.pk).values("pk"))
    found: Order = (
        locked.select_for_update(of=("self",))
        .select_related("outlet", "request", "unit__model", "customer", "engineer", "company")
        .get()
    )
    refuse_stale(found, version)
    return found


def is_door(by: Access) -> bool:
    """Whether a company's own work does it for somebody outside."""
    return by.person_id is None and any(grant.role == "door" for grant in by.grants)


@transaction.atomic
def moved(noun: str, order: Order, *, version: int | None, by: Access, at: datetime, **options: Any) -> Order:
    """One move of the table; by the door without a permission, for whoever opens it has made sure that it is the customer's own."""
    step, make = MOVES[noun], moves.make
    if is_door(by):
        order, make = taken_up(order, by), moves.carry_out
    done: Order = make(step, order, version=version, by=by, at=at, **options)
    return done


def refuse_ended(order: Order) -> None:
    """Nothing is added to what has ended; it is reopened first."""
    if order.state in ENDED:
        raise Refusal(
            _("%(order)s is “%(state)s”; reopen it first.") % {"order": order, "state": order.get_state_display()},
            code="ended",
        )  # fmt: skip


def grown(order: Order) -> Order:
    """Save an order that has changed."""
    order.version += 1
    order.save()
    return order
