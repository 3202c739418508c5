"""《拒装单》 and 《安装现场不合格用户声明》: an unsuitable site (KA-4.2, reading A-41, RW-8).

Gas, flue and electrical earth are a hard stop: the declaration is then evidence that the customer was told, never a permit.
A waiver cannot remove liability for injury, and the form says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sanbao.ui.printing import moment, pdf
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Customer, Engineer, Frame, Signed, Unit

TEMPLATE = "refusal"
NUMBERS = {"refusal": "SB-WX-08", "declaration": "SB-WX-09"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Why the site is unsuitable: the item, what was found, what is demanded and by which rule."""

    item: str
    found: str = ""
    demand: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused installation. `hazard` is "hard_stop" for gas, flue and earth, "other" for what may be installed on a declaration."""

    number: str = ""
    order: str = ""
    outlet: str = ""
    refused_at: datetime | None = None
    customer: Customer = Customer()
    unit: Unit = Unit()
    hazard: Literal["", "hard_stop", "other"] = ""
    engineers: Sequence[Engineer] = ()
    findings: Sequence[Finding] = ()
    danger: str = ""
    measures: str = ""
    photos: int = 0
    again_from: datetime | None = None
    again_to: datetime | None = None
    own_words: str = ""
    customer_signed: Signed = Signed()
    engineer_signed: Signed = Signed()
    witness_signed: Signed = Signed()
    supervisor_signed: Signed = Signed()


def refusal_pdf(refusal: Refusal, frame: Frame, language: str) -> bytes:
    """The refusal as PDF; one without an order is a blank form."""
    return pdf(TEMPLATE, printed(refusal, frame, "refusal"), language)


def declaration_pdf(refusal: Refusal, frame: Frame, language: str) -> bytes:
    """The customer's declaration about the same site as PDF; without an order a blank form."""
    return pdf(TEMPLATE, printed(refusal, frame, "declaration"), language)


def printed(refusal: Refusal, frame: Frame, sheet: Literal["refusal", "declaration"]) -> dict[str, Any]:
    """The refusal as the forms show it: every value a finished text."""
    if refusal.order and not refusal.hazard:
        raise ValueError(f"refusal {refusal.number}: whether the site is a hard stop must be said (A-41)")
    return common.framed(frame, NUMBERS[sheet], refusal.number or refusal.order) | {
        "sheet": sheet,
        "refusal": {
            "blank": not refusal.order,
            "number": refusal.number,
            "order": refusal.order,
            "outlet": refusal.outlet,
            "refused_at": moment(refusal.refused_at),
            "customer": common.customer(refusal.customer, frame),
            "unit": common.unit(refusal.unit),
            "class": refusal.hazard,
            "engineers": [common.engineer(one) for one in refusal.engineers],
            "findings": [_finding(one) for one in refusal.findings],
            "danger": refusal.danger,
            "measures": refusal.measures,
            "photos": str(refusal.photos or ""),
            "again": common.slot(refusal.again_from, refusal.again_to),
            "own_words": refusal.own_words,
            "signed": {
                "customer": common.customer_signed(refusal.customer_signed, frame),
                "engineer": common.signed(refusal.engineer_signed),
                "witness": common.customer_signed(refusal.witness_signed, frame),
                "supervisor": common.signed(refusal.supervisor_signed),
            },
        },
    }


def _finding(one: Finding) -> dict[str, str]:
    return {"item": one.item, "found": one.found, "demand": one.demand, "basis": one.basis}
