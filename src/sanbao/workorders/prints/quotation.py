"""《维修报价单》: the itemised price, shown before the work and before any payment (KA-4.3, KA-6.2, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sanbao.ui.printing import day, moment, pdf, words
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Charge, Cover, Customer, Frame, Signed, Unit

TEMPLATE = "quotation"
NUMBER = "SB-WX-05"


@dataclass(frozen=True, slots=True)
class Quotation:
    """A price with its lines, split in and out of warranty; a changed price is a new version."""

    number: str = ""
    order: str = ""
    version: int | None = None
    outlet: str = ""
    made_at: datetime | None = None
    valid_to: date | None = None
    customer: Customer = Customer()
    unit: Unit = Unit()
    cover: Cover = Cover()
    fault: str = ""
    diagnosis: str = ""
    charges: Sequence[Charge] = ()
    answer: Literal["", "agreed", "declined"] = ""
    answer_note: str = ""
    customer_signed: Signed = Signed()
    engineer_signed: Signed = Signed()


def quotation_pdf(quotation: Quotation, frame: Frame, language: str) -> bytes:
    """The quotation as PDF; one without a number is a blank form. Raises DoesNotAddUp."""
    return pdf(TEMPLATE, printed(quotation, frame, language), language)


def printed(quotation: Quotation, frame: Frame, language: str) -> dict[str, Any]:
    """The quotation as the form shows it: every value a finished text."""
    return common.framed(frame, NUMBER, quotation.number) | {
        "quotation": {
            "blank": not quotation.number,
            "number": quotation.number,
            "order": quotation.order,
            "version": "" if quotation.version is None else str(quotation.version),
            "outlet": quotation.outlet,
            "made_at": moment(quotation.made_at),
            "valid_to": day(quotation.valid_to),
            "customer": common.customer(quotation.customer, frame),
            "unit": common.unit(quotation.unit),
            "cover": common.cover(quotation.cover),
            "fault": quotation.fault,
            "diagnosis": quotation.diagnosis,
            "bill": common.bill(quotation.charges, words(common.WORDS, language)),
            "answer": quotation.answer,
            "answer_note": quotation.answer_note,
            "signed": {
                "customer": common.customer_signed(quotation.customer_signed, frame),
                "engineer": common.signed(quotation.engineer_signed),
            },
        }
    }
