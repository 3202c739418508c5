"""The plan and its price: written, offered, answered; a change needs a new yes (RP-3, SC-2, KA-4.3, KA-6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.products.models import Part
from sanbao.ui.refusal import Refusal
from sanbao.workorders import letters, pricing, queries
from sanbao.workorders.models import Fault, Order, Plan, PlanLine, Signature
from sanbao.workorders.operations import judging
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up
from sanbao.workorders.operations.stepping import mark, unmark
from sanbao.workorders.permissions import May
from sanbao.workorders.states import State

MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the engineer writes it. Labour and travel are priced by the tariff; a part has its price, at most the cap (KA-6.2)."""

    kind: str
    text: str = ""
    part: Part | None = None
    component: str = ""
    work: str = ""
    quantity: Decimal = Decimal(1)
    price_fen: int | None = None
    goodwill: bool = False


@transaction.atomic
def draft_plan(
    order: Order,
    *,
    cause: str,
    content: str,
    lines: Sequence[Line],
    method: str = "",
    steps: str = "",
    minutes: int = 60,
    diagnosis: Fault | None = None,
    misuse: bool = False,
    km: Decimal | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Plan:
    """Write the plan, or the next one where there is one already: what was offered or confirmed no longer counts then.

    Every line's price, and whether the customer pays it, is decided by the rulebooks; a price over the cap is refused with its arithmetic.
    """
    found = taken_up(order, by, version=version)
    refuse_ended(found)
    if found.state not in (State.WORKING, State.HELD, State.ACCEPTED, State.DISPATCHED):
        raise Refusal(_("A plan is made once an engineer has the order."), code="state")
    if not cause.strip():
        raise Refusal(_("Write down the cause."), field="cause", code="cause")
    if not content.strip():
        raise Refusal(_("Write down what is to be done."), field="content", code="content")
    if not lines:
        raise Refusal(
            _("A plan has at least one line: labour, a part or travel."), field="lines", code="lines"
        )
    if len(lines) > MOST_LINES:
        raise Refusal(
            _("A plan has at most %(most)d lines.") % {"most": MOST_LINES}, field="lines", code="lines"
        )
    _refuse_goodwill(found, lines, by)
    if km is not None:
        found.km = km
    components = [line.component or (line.part.component if line.part else "") for line in lines]
    judging.look_for_repeat(found, diagnosis=diagnosis, components=components, by=by, at=at)
    earlier = found.plans.order_by("-number").first()
    found.plans.filter(state__in=("draft", "offered", "confirmed")).update(state=Plan.State.SUPERSEDED)
    unmark(found, "agreement", at=at)
    plan = Plan(
        order=found, number=(earlier.number if earlier else 0) + 1, diagnosis=diagnosis, cause=cause.strip()[:200], content=content.strip()[:500],
        method=method.strip()[:500], steps=steps.strip()[:2000], minutes=minutes, misuse=misuse, made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    rows = pricing.price(found, plan, lines, by=by, at=at)
    plan.save()
    for row in rows:
        row.plan = plan
    PlanLine.objects.bulk_create(rows)
    found.cause = plan.cause
    grown(found)
    audit.record("workorders:plan:drafted", found, by=by, at=at, outlet_id=found.outlet_id, plan=plan.number, free=plan.free_fen, charged=plan.charged_fen)  # fmt: skip
    return plan


def _refuse_goodwill(order: Order, lines: Sequence[Line], by: Access) -> None:
    """What is given away beyond the warranty is approved by whoever may (ST-7, A-32), by writing it into the plan."""
    for number, line in enumerate(lines, 1):
        if line.goodwill and not queries.may(order, by, May.GOODWILL):
            raise Refusal(
                _("Line %(number)d: goodwill is approved by headquarters (ST-7). Ask for it, or charge the line.") % {"number": number},
                field="lines", code="goodwill", details={"line": number},
            )  # fmt: skip


@transaction.atomic
def offer_plan(plan: Plan, *, by: Access, at: datetime, device_at: datetime | None = None) -> Plan:
    """Show the customer plan and price, with the tariff, before anything is done (KA-4.3)."""
    found = taken_up(plan.order, by)
    refuse_ended(found)
    plan = _locked(plan, found)
    if plan.state != Plan.State.DRAFT:
        raise Refusal(_("This plan was offered already."), code="state")
    if found.age == Order.Age.NO_REPAIR:
        raise Refusal(
            _("This appliance has reached its scrap age and is not repaired. Advise a new one, write down what the customer says, and end the order."),
            code="age",
        )  # fmt: skip
    plan.state, plan.offered_at = Plan.State.OFFERED, at
    plan.save()
    mark(found, "diagnosis", by=by, at=at, device_at=device_at)
    grown(found)
    letters.offered(found, plan, by=by, at=at)
    audit.record("workorders:plan:offered", found, by=by, at=at, outlet_id=found.outlet_id, plan=plan.number)
    return plan


@transaction.atomic
def answer_plan(
    plan: Plan,
    yes: bool,
    *,
    how: str,
    name: str = "",
    note: str = "",
    called: str = "",
    signature: Signature | None = None,
    by: Access,
    at: datetime,
    device_at: datetime | None = None,
) -> Plan:
    """The customer's answer: signed on the glass or on the link, or by telephone with a note of who said what.

    `called` is the number at which the customer was reached, the order's own where no other is told. Whether a word by telephone
    stands for the signature is the step's own need (flow): not where the engineer stands before the customer.
    """
    found = taken_up(plan.order, by)
    refuse_ended(found)
    plan = _locked(plan, found)
    if plan.state != Plan.State.OFFERED:
        raise Refusal(
            _("There is a later plan, or this one was answered already. Look at the order again."),
            code="state",
        )
    if how == Plan.How.PHONE and not note.strip():
        raise Refusal(_("Write down who agreed on the telephone, and to what."), field="note", code="note")
    if yes and how in (Plan.How.GLASS, Plan.How.LINK) and signature is None:
        raise Refusal(_("Have the repair agreement signed (SC-2)."), field="drawn", code="unsigned")
    plan.state = Plan.State.CONFIRMED if yes else Plan.State.DECLINED
    plan.answered_at, plan.answered_how, plan.heard_by_id = at, how, by.person_id
    plan.answered_by, plan.answer_note, plan.signature = (
        (name or found.contact)[:60],
        note.strip()[:300],
        signature,
    )
    if how == Plan.How.PHONE and (yes or called.strip()):
        plan.answered_phone = (called.strip() or found.phone)[:40]
    plan.save()
    if yes:
        mark(found, "agreement", by=by, at=at, words=note, device_at=device_at)
    grown(found)
    audit.record(
        "workorders:plan:confirmed" if yes else "workorders:plan:declined", found, by=by, at=at, outlet_id=found.outlet_id, plan=plan.number,
        how=how, charged=plan.charged_fen,
    )  # fmt: skip
    return plan


def _locked(plan: Plan, order: Order) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk, order=order)  # type: ignore[no-any-return]
