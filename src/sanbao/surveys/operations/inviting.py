"""Whether the customer of a closed job is asked, decided by the rulebook when the order closes (DP-6, GN-2, SC-2, SC-4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers.models import Consent, Customer
from sanbao.decisions.operations import write_down
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao.surveys.models import Campaign, Invitation, Questionnaire, Response, Version
from sanbao.workorders import flow
from sanbao.workorders.models import Order
from sanbao_rules import surveys as rules

ALIVE = (Invitation.State.PLANNED, Invitation.State.SENT, Invitation.State.ANSWERED)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a company decides by."""

    editions: Mapping[str, Edition]

    @classmethod
    def of(cls, company_id: int | None) -> "Basis":
        return cls(editions_in_force(company_id, rules.BOOK))

    @property
    def book(self) -> Any:
        return rulebook(self.editions[rules.BOOK])


def plan(order: Order, *, by: Access, at: datetime) -> Invitation | None:
    """An order has closed: plan to ask its customer, or keep why not. Listens to workorders.events.CLOSED.

    Nothing where the company has no questionnaire for after the service, or where the job is asked about already.
    """
    with scope.as_owner("whether a customer is asked does not hang on who closes the order"):
        version = Version.objects.filter(
            company_id=order.company_id, state=Version.State.PUBLISHED, questionnaire__purpose=Questionnaire.Purpose.SERVICE
        ).first()  # fmt: skip
        if version is None or Invitation.objects.filter(order=order, state__in=ALIVE).exists():
            return None
        return invite(order, version, None, Basis.of(order.company_id), by=by, at=at)


def take_back(order: Order, *, by: Access, at: datetime) -> None:
    """The work began again: whoever has not answered is asked when it is done. Listens to workorders.events.REOPENED."""
    with scope.as_owner("whether a customer is asked does not hang on who reopens the order"):
        waiting = Invitation.objects.select_for_update(of=("self",)).filter(
            order=order, state__in=[Invitation.State.PLANNED, Invitation.State.SENT]
        )
        for invitation in waiting:
            skip(invitation, Invitation.Why.REOPENED)


def invite(
    order: Order, version: Version, campaign: Campaign | None, basis: Basis, *, by: Access, at: datetime
) -> Invitation:
    """One invitation, planned or skipped, with the decision that says so."""
    today = timezone.localdate(at)
    facts = facts_of(order, campaign=campaign is not None)
    decided = rules.ask(rules.Asked(**facts), today, basis.book)
    answer = decided.answer
    made = Invitation(
        company_id=order.company_id, order=order, campaign=campaign, version=version, customer_id=order.customer_id, outlet_id=order.outlet_id,
        engineer_id=order.engineer_id, category=category_of(order), kind=order.kind, made_at=at,
    )  # fmt: skip
    if answer["ask"]:
        made.send_on, made.remind_on, made.last_day = answer["on"], answer["remind_on"], answer["last"]
    else:
        made.state, made.why = Invitation.State.SKIPPED, answer["why"]
    made.save(force_insert=True)
    made.decision = write_down(
        decided, facts={**facts, "on": today}, editions=basis.editions, about=made, by=by, at=at, outlet_id=order.outlet_id
    )  # fmt: skip
    made.save(update_fields=["decision"])
    audit.record(
        "surveys:invitation:planned" if answer["ask"] else "surveys:invitation:skipped", made, by=by, at=at,
        outlet_id=order.outlet_id, why=made.why,
    )  # fmt: skip
    return made


def facts_of(order: Order, *, campaign: bool) -> dict[str, Any]:
    """What the rule asks about a job and its customer."""
    customer = Customer.objects.filter(pk=order.customer_id).first() if order.customer_id else None
    facts: dict[str, Any] = {
        "kind": order.kind,
        "closed_on": timezone.localdate(order.closed_at)
        if order.closed_at
        else timezone.localdate(order.made_at),
        "campaign": campaign,
        "told": _told(order),
        "no_contact": bool(customer and customer.do_not_call),
        "no_marketing": bool(customer and customer.no_marketing),
        "consented": bool(campaign and customer and _agrees(customer)),
        "last_asked_on": _last_asked(order),
    }
    return facts


def _told(order: Order) -> str:
    """How the customer was asked about this job already; empty where nobody has."""
    if order.rating is not None:
        return "rated"
    if order.steps.filter(code=flow.AFTERCARE, undone_at__isnull=True, skipped=False).exists():
        return "called"
    if Response.objects.filter(order=order).exists():
        return "surveyed"
    answered = Invitation.objects.filter(order=order, state=Invitation.State.ANSWERED)
    return "surveyed" if answered.exists() else ""


def _agrees(customer: Customer) -> bool:
    return Consent.objects.filter(
        customer=customer, purpose=Consent.Purpose.SURVEY, withdrawn_at__isnull=True
    ).exists()


def _last_asked(order: Order) -> date | None:
    if not order.customer_id:
        return None
    asked = Invitation.objects.filter(customer_id=order.customer_id, sent_at__isnull=False).exclude(
        order=order
    )
    last = asked.order_by("-sent_at").values_list("sent_at", flat=True).first()
    return timezone.localdate(last) if last else None


def category_of(order: Order) -> str:
    """The product category of an order: its unit's model's; empty where no unit is known."""
    return order.unit.model.category if order.unit_id and order.unit and order.unit.model_id else ""


def skip(invitation: Invitation, why: str) -> None:
    """Nobody is asked after all."""
    invitation.state, invitation.why = Invitation.State.SKIPPED, why
    invitation.save(update_fields=["state", "why"])
