"""Which papers there are of an order, and what they are called. Drawing them is printing.py, which only a print loads."""

from typing import Any

from django.utils.translation import gettext_lazy

from sanbao.workorders.models import Order
from sanbao.workorders.states import Kind, State

PAPERS = {
    "dispatch-order": gettext_lazy("Dispatch order"),
    "agreement": gettext_lazy("Repair agreement"),
    "quotation": gettext_lazy("Quotation"),
    "record": gettext_lazy("Service record"),
    "installation-record": gettext_lazy("Installation record"),
    "receipt": gettext_lazy("Receipt"),
    "training-record": gettext_lazy("Training record"),
    "refusal": gettext_lazy("Refusal to install"),
    "declaration": gettext_lazy("Declaration on an unsuitable site"),
}
MOST_IN_LIST = 2_000  # orders in a workbook


def papers_of(order: Order) -> list[tuple[str, Any]]:
    """The papers that there are of an order by now: (code, name)."""
    refused = order.site == Order.Site.REFUSED
    worked = order.done_at is not None or order.state == State.CLOSED
    offered = order.plans.filter(offered_at__isnull=False).exists()
    there = {
        "dispatch-order": order.engineer_id is not None,
        "agreement": offered,
        "quotation": offered,
        "record": worked and order.kind not in (Kind.TRAINING, Kind.INSTALLATION),
        "installation-record": worked and order.kind == Kind.INSTALLATION,
        "receipt": order.state == State.CLOSED and order.charged_fen > 0,
        "training-record": order.kind == Kind.TRAINING and order.engineer_id is not None,
        "refusal": refused,
        "declaration": refused or order.site == Order.Site.DECLARED,
    }
    return [(code, words) for code, words in PAPERS.items() if there[code]]


def file_name(order: Order, code: str) -> str:
    """What a paper is called on disk."""
    return f"{order.number} {PAPERS[code]}.pdf"
