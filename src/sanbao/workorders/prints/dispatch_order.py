"""《派工单》: the engineer's order on paper, with the owner's signature for the old parts (SC-2, CO-2, OP-2, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanbao.ui.printing import moment, pdf
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Cover, Customer, Engineer, Frame, OldPart, Part, Signed, Unit

TEMPLATE = "dispatch-order"
NUMBER = "SB-WX-01"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the flow with its instruction; `note` says why it was skipped."""

    name: str
    instruction: str = ""
    done: bool = False
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class DispatchOrder:
    """An order as it is given out. Kind, manner and priority are words in the reader's language."""

    number: str = ""
    request: str = ""
    kind: str = ""
    way: str = ""
    priority: str = ""
    outlet: str = ""
    registered_at: datetime | None = None
    dispatched_at: datetime | None = None
    dispatcher: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    access: str = ""
    customer: Customer = Customer()
    unit: Unit = Unit()
    cover: Cover = Cover()
    fault: str = ""
    caution: str = ""
    engineers: Sequence[Engineer] = ()
    steps: Sequence[Step] = ()
    parts: Sequence[Part] = ()
    old_parts: Sequence[OldPart] = ()
    old_parts_signed: Signed = Signed()
    keeper_signed: Signed = Signed()
    dispatcher_signed: Signed = Signed()
    engineer_signed: Signed = Signed()


def dispatch_order_pdf(order: DispatchOrder, frame: Frame, language: str) -> bytes:
    """The order as PDF; an order without a number is a blank form."""
    return pdf(TEMPLATE, printed(order, frame), language)


def printed(order: DispatchOrder, frame: Frame) -> dict[str, Any]:
    """The order as the form shows it: every value a finished text."""
    return common.framed(frame, NUMBER, order.number) | {
        "order": {
            "blank": not order.number,
            "number": order.number,
            "request": order.request,
            "kind": order.kind,
            "way": order.way,
            "priority": order.priority,
            "outlet": order.outlet,
            "registered_at": moment(order.registered_at),
            "dispatched_at": moment(order.dispatched_at),
            "dispatcher": order.dispatcher,
            "appointment": common.slot(order.begins_at, order.ends_at),
            "access": order.access,
            "customer": common.customer(order.customer, frame),
            "unit": common.unit(order.unit),
            "cover": common.cover(order.cover),
            "fault": order.fault,
            "caution": order.caution,
            "engineers": [common.engineer(one) for one in order.engineers],
            "steps": [_step(step) for step in order.steps],
            "parts": [common.part(one) for one in order.parts],
            "old_parts": [common.old_part(one) for one in order.old_parts],
            "signed": {
                "old_parts": common.customer_signed(order.old_parts_signed, frame),
                "keeper": common.signed(order.keeper_signed),
                "dispatcher": common.signed(order.dispatcher_signed),
                "engineer": common.signed(order.engineer_signed),
            },
        }
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "instruction": step.instruction,
        "done": step.done,
        "at": moment(step.at),
        "note": step.note,
    }
