"""Whether an order is in warranty, decided by the rulebook `warranty` from the unit's days (KA-5.1); the decision stands beside the answer."""

from datetime import datetime

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.decisions.operations import drafted
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.workorders.models import Order
from sanbao_rules import warranty

BOOK = "warranty"


def decide(order: Order, *, by: Access, at: datetime) -> None:
    """Set `cover` and its decision; unknown where no day of purchase is known. The caller saves the order."""
    unit = order.unit
    if unit is None or unit.purchased_on is None:
        order.cover, order.cover_decision = Order.Cover.UNKNOWN, None
        return
    edition = edition_in_force(order.company_id, BOOK)
    asked_on = timezone.localdate(order.reported_at)
    facts = {
        "asked_on": asked_on, "category": unit.model.category, "component": order.component,
        "purchased_on": unit.purchased_on, "installed_on": unit.installed_on, "delivered_on": unit.delivered_on,
    }  # fmt: skip
    if asked_on < unit.purchased_on:
        order.cover, order.cover_decision = Order.Cover.UNKNOWN, None
        return
    made = warranty.in_warranty(**facts, book=rulebook(edition))
    decision = drafted(
        made, facts=facts, editions={BOOK: edition}, about=order, by=by, at=at, outlet_id=order.outlet_id
    )
    decision.supersedes_id = order.cover_decision_id
    decision.save(force_insert=True)
    order.cover, order.cover_decision = (Order.Cover.IN if made.answer else Order.Cover.OUT), decision
