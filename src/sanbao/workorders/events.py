"""What becomes of orders, for the modules above: plain lists of functions, called in the caller's transaction with (order, by=, at=)."""

from collections.abc import Callable
from datetime import datetime

from sanbao.accounts.access import Access
from sanbao.workorders.models import Order

Listener = Callable[..., None]

CLOSED: list[Listener] = []
ENDED_INCOMPLETE: list[Listener] = []
FOLLOWED_UP: list[Listener] = []
REOPENED: list[Listener] = []
CANCELLED: list[Listener] = []


def tell(listeners: list[Listener], order: Order, *, by: Access, at: datetime) -> None:
    """Tell everybody who listens."""
    for listener in listeners:
        listener(order, by=by, at=at)
