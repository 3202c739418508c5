"""《维修服务记录单》 and 《安装服务记录单》: the work done and the customer's acceptance (SC-2, SC-4, KA-4.2, KA-11.1, OP-2, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sanbao.ui.printing import moment, pdf, words
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import (
    Charge,
    Cover,
    Customer,
    Engineer,
    Frame,
    OldPart,
    Part,
    Signed,
    Unit,
)

TEMPLATE = "service-record"
NUMBERS = {"repair": "SB-WX-03", "installation": "SB-WX-04"}

Kind = Literal["repair", "installation"]


@dataclass(frozen=True, slots=True)
class Check:
    """One item of the check list: what is demanded, what was found, and pass, fail or not applicable."""

    name: str
    demand: str = ""
    value: str = ""
    result: Literal["", "pass", "fail", "na"] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What an installation must keep on record of its place; for gas appliances all of it (KA-4.2)."""

    gas_on_site: str = ""
    location: str = ""
    ventilation: str = ""
    flue: str = ""
    hose: str = ""
    valve: str = ""
    electric: str = ""
    tightness: str = ""
    carbon_monoxide: str = ""
    trial_run: str = ""
    instructed: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """One visit's or order's record. `service` is the word for the kind of service, `rating` is 1 (very poor) to 5 (very good)."""

    kind: Kind = "repair"
    number: str = ""
    service: str = ""
    outlet: str = ""
    customer: Customer = Customer()
    unit: Unit = Unit()
    cover: Cover = Cover()
    registered_at: datetime | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    arrived_at: datetime | None = None
    finished_at: datetime | None = None
    restored_at: datetime | None = None
    km: Decimal | None = None
    fault: str = ""
    fault_code: str = ""
    cause: str = ""
    action: str = ""
    customer_part: str = ""
    site: Site = Site()
    engineers: Sequence[Engineer] = ()
    checks: Sequence[Check] = ()
    overall: Literal["", "pass", "fail", "refused"] = ""
    parts: Sequence[Part] = ()
    old_parts: Sequence[OldPart] = ()
    charges: Sequence[Charge] = ()
    method: str = ""
    inspected_by: str = ""
    inspected_at: datetime | None = None
    photos: int = 0
    rating: int | None = None
    opinion: str = ""
    customer_signed: Signed = Signed()
    engineer_signed: Signed = Signed()
    outlet_signed: Signed = Signed()


def record_pdf(record: ServiceRecord, frame: Frame, language: str) -> bytes:
    """The record as PDF; one without a number is a blank form. Raises DoesNotAddUp."""
    return pdf(TEMPLATE, printed(record, frame, language), language)


def printed(record: ServiceRecord, frame: Frame, language: str) -> dict[str, Any]:
    """The record as the form shows it: every value a finished text."""
    plain = {name: getattr(record, name) for name in _TEXTS}
    moments = {name: moment(getattr(record, name)) for name in _MOMENTS}
    return common.framed(frame, NUMBERS[record.kind], record.number) | {
        "record": plain
        | moments
        | {
            "blank": not record.number,
            "appointment": common.slot(record.begins_at, record.ends_at),
            "customer": common.customer(record.customer, frame),
            "unit": common.unit(record.unit),
            "cover": common.cover(record.cover),
            "km": "" if record.km is None else common.counted(record.km),
            "site": {name: getattr(record.site, name) for name in Site.__dataclass_fields__},
            "engineers": [common.engineer(one) for one in record.engineers],
            "checks": [_check(one) for one in record.checks],
            "parts": [common.part(one) for one in record.parts],
            "old_parts": [common.old_part(one) for one in record.old_parts],
            "bill": common.bill(record.charges, words(common.WORDS, language)),
            "photos": str(record.photos or ""),
            "rating": str(record.rating or ""),
            "signed": {
                "customer": common.customer_signed(record.customer_signed, frame),
                "engineer": common.signed(record.engineer_signed),
                "outlet": common.signed(record.outlet_signed),
            },
        }
    }


_TEXTS = (
    "kind", "number", "service", "outlet", "fault", "fault_code", "cause", "action", "customer_part",
    "overall", "method", "inspected_by", "opinion",
)  # fmt: skip
_MOMENTS = ("registered_at", "arrived_at", "finished_at", "restored_at", "inspected_at")


def _check(one: Check) -> dict[str, str]:
    return {
        "name": one.name,
        "demand": one.demand,
        "value": one.value,
        "result": one.result,
        "note": one.note,
    }
