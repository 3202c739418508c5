"""What may be read of subscriptions and calls."""

from django.db.models import Count, Max, Q, QuerySet

from sanbao.accounts.access import Access
from sanbao.audit.moves import Move
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.hooks.states import CALL_MOVES, MOVES


def subscriptions(access: Access) -> QuerySet[Subscription]:
    """The subscriptions a person may see, the living ones first, with how many calls wait and were given up."""
    rows: QuerySet[Subscription] = Subscription.objects.visible_to(access, May.SEE)
    return rows.order_by("state", "name", "pk").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state__in=("waiting", "sending"))),
        dead=Count("deliveries", filter=Q(deliveries__state="dead")),
        last_at=Max("deliveries__ended_at", filter=Q(deliveries__state="sent")),
    )


def deliveries(access: Access) -> QuerySet[Delivery]:
    """The calls a person may see."""
    rows: QuerySet[Delivery] = Delivery.objects.visible_to(access, May.SEE)
    return rows.select_related("subscription")


def legal_moves(subscription: Subscription, access: Access) -> list[Move]:
    return [m for m in MOVES.values() if subscription.state in m.sources and access.may(m.permission)]


def legal_call_moves(delivery: Delivery, access: Access) -> list[Move]:
    if delivery.subscription.state == Subscription.State.RETIRED:
        return []
    return [m for m in CALL_MOVES.values() if delivery.state in m.sources and access.may(m.permission)]
