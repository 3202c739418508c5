"""《维修协议》: the repair plan, its price and its terms, signed before work starts (SC-2, RP-3, KA-4.3, KA-6.2, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sanbao.ui.printing import figures, moment, pdf, words
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Charge, Cover, Customer, Frame, Part, Signed, Unit

TEMPLATE = "repair-agreement"
NUMBER = "SB-WX-02"


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures of the terms, from the rulebooks that decide: the cap on parts (KA-6.2), the warranty of a replaced part (KA-5.1)."""

    cap_threshold: int
    markup_from_threshold: Decimal
    markup_below: Decimal
    replaced_part_months: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Content, method, steps, material and time (RP-3)."""

    content: str = ""
    method: str = ""
    steps: Sequence[str] = ()
    materials: Sequence[Part] = ()
    hours: Decimal | None = None
    begins_at: datetime | None = None
    finished_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both sides sign; a new `version` of the plan needs a new confirmation. `own_terms` follow the printed ones."""

    terms: Terms
    number: str = ""
    version: int | None = None
    outlet: str = ""
    customer: Customer = Customer()
    unit: Unit = Unit()
    cover: Cover = Cover()
    fault: str = ""
    diagnosis: str = ""
    plan: Plan = Plan()
    charges: Sequence[Charge] = ()
    own_terms: Sequence[str] = ()
    customer_signed: Signed = Signed()
    outlet_signed: Signed = Signed()
    engineer_signed: Signed = Signed()


def agreement_pdf(agreement: Agreement, frame: Frame, language: str) -> bytes:
    """The agreement as PDF; one without a number is a blank form. Raises DoesNotAddUp."""
    return pdf(TEMPLATE, printed(agreement, frame, language), language)


def printed(agreement: Agreement, frame: Frame, language: str) -> dict[str, Any]:
    """The agreement as the form shows it: every value a finished text."""
    plan = agreement.plan
    return common.framed(frame, NUMBER, agreement.number) | {
        "agreement": {
            "blank": not agreement.number,
            "number": agreement.number,
            "version": "" if agreement.version is None else str(agreement.version),
            "outlet": agreement.outlet,
            "customer": common.customer(agreement.customer, frame),
            "unit": common.unit(agreement.unit),
            "cover": common.cover(agreement.cover),
            "fault": agreement.fault,
            "diagnosis": agreement.diagnosis,
            "plan": {
                "content": plan.content,
                "method": plan.method,
                "steps": list(plan.steps),
                "materials": [common.part(one) for one in plan.materials],
                "hours": "" if plan.hours is None else common.counted(plan.hours),
                "begins_at": moment(plan.begins_at),
                "finished_by": moment(plan.finished_by),
            },
            "bill": common.bill(agreement.charges, words(common.WORDS, language)),
            "terms": terms_said(agreement, frame, language),
            "signed": {
                "customer": common.customer_signed(agreement.customer_signed, frame),
                "outlet": common.signed(agreement.outlet_signed),
                "engineer": common.signed(agreement.engineer_signed),
            },
        }
    }


def terms_said(agreement: Agreement, frame: Frame, language: str) -> list[str]:
    """The terms with their figures: what the customer signs on paper is read to him on the phone as well."""
    terms = agreement.terms
    said: list[str] = words(TEMPLATE, language)["terms"]
    figures_said = {
        "threshold": figures(terms.cap_threshold).removesuffix(".00"),
        "markup_from": common.percent(terms.markup_from_threshold),
        "markup_below": common.percent(terms.markup_below),
        "months": terms.replaced_part_months,
        "hotline": frame.hotline,
    }
    return [*(term.format(**figures_said) for term in said), *agreement.own_terms]
