"""A signature together with what it is for: the plan is confirmed by it, the work accepted, the old part handed over (SC-2, RP-4, OP-2)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from sanbao.accounts.access import Access
from sanbao.products.models import Part
from sanbao.workorders.models import Order, Plan, Signature, UsedPart
from sanbao.workorders.operations.ending import accept_work
from sanbao.workorders.operations.papers import account_for, sign
from sanbao.workorders.operations.planning import answer_plan
from sanbao.workorders.states import State

CLOSES = (Signature.Purpose.ACCEPTANCE, Signature.Purpose.TRAINING)


@transaction.atomic
def confirm_on_glass(plan: Plan, name: str, drawn: str, *, by: Access, at: datetime) -> Plan:
    """The customer signs the repair agreement, and so confirms the plan and its price."""
    signature = sign(plan.order, Signature.Purpose.AGREEMENT, name, drawn, by=by, at=at)
    return answer_plan(plan, True, how=Plan.How.GLASS, name=name, signature=signature, by=by, at=at)


@transaction.atomic
def sign_for(
    order: Order, purpose: str, name: str, drawn: str, *, rating: int | None = None, words: str = "", by: Access, at: datetime
) -> Signature:  # fmt: skip
    """Keep the signature, and do what it stands for: an offered plan is confirmed, finished work is accepted and the order closed."""
    signature = sign(order, purpose, name, drawn, by=by, at=at)
    if purpose == Signature.Purpose.AGREEMENT:
        plan = order.plans.filter(state=Plan.State.OFFERED).first()
        if plan is not None:
            answer_plan(plan, True, how=Plan.How.GLASS, name=name, signature=signature, by=by, at=at)
    if purpose in CLOSES and Order.objects.filter(pk=order.pk, state=State.DONE).exists():
        accept_work(order, signature, rating=rating, words=words, by=by, at=at)
    return signature


@transaction.atomic
def fit_part(
    order: Order, part: Part, fate: str, *, name: str = "", drawn: str = "", by: Access, at: datetime, **told: Any
) -> UsedPart:  # fmt: skip
    """A part was fitted; where the customer keeps the old one, the customer signs for it in the same breath (OP-2)."""
    signature = None
    if fate == UsedPart.Fate.CUSTOMER and drawn:
        signature = sign(order, Signature.Purpose.OLD_PARTS, name, drawn, by=by, at=at)
    return account_for(order, part, fate, signature=signature, by=by, at=at, **told)
