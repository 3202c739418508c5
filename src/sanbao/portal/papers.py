"""A customer's own papers of an order, to keep: quotation, agreement, record sheet, receipt (SC-2, KA-4.3, RW-8).

By the link alone they are masked like the page, for a link may be passed on; whoever has come in by a code to the order's telephone gets
them in full. Never on them: an engineer's own telephone, and of a certificate's number more than its end.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest

from sanbao.accounts.access import Access
from sanbao.workorders import links
from sanbao.workorders import papers as of_orders
from sanbao.workorders.models import Order

if TYPE_CHECKING:
    from sanbao.workorders.prints.common import Engineer

FOR_CUSTOMERS = ("quotation", "agreement", "record", "installation-record", "receipt")


def papers_of(order: Order) -> list[tuple[str, Any]]:
    """The papers the customer may take by now: (code, name)."""
    return [(code, name) for code, name in of_orders.papers_of(order) if code in FOR_CUSTOMERS]


def paper(order: Order, code: str, request: HttpRequest, *, unmasked: bool, language: str, by: Access, at: datetime) -> bytes:  # fmt: skip
    """One of them as PDF; the code on it leads back to the customer's page."""
    from sanbao.workorders import printing
    from sanbao.workorders.prints.record_sheet import record_pdf

    root = settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
    frame = printing.frame_of(order.company, by, at, link=root + links.path(order.company, order), unmasked=unmasked)  # fmt: skip
    if code not in ("record", "installation-record"):
        return printing.paper_pdf(order, code, frame, language)
    record = printing.service_record(order)
    return record_pdf(replace(record, engineers=[_outside(each) for each in record.engineers]), frame, language)  # fmt: skip


def _outside(engineer: "Engineer") -> "Engineer":
    number = f"…{engineer.certificate[-4:]}" if engineer.certificate else ""
    return replace(engineer, phone="", certificate=number)
