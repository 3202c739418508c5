"""Questionnaires and closed jobs for the stories of this module."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.surveys import operations
from sanbao.surveys.models import Invitation, Version
from sanbao.surveys.operations import Told
from sanbao.workorders import operations as orders
from sanbao.workorders.models import Order
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

HEAD = {"title_zh": "服务满意度调查", "title_en": "How was our service?"}
YES_NO = [{"code": "yes", "zh": "正常", "en": "yes"}, {"code": "no", "zh": "不正常", "en": "no"}]


def questionnaire(
    cast: Cast, purpose: str = "service", *, works: bool = False, name: str = "服务后调查"
) -> Version:
    """A questionnaire in use: the score, and if wanted whether it works."""
    by = cast.access("supervisor")
    draft = operations.found_questionnaire(name, purpose, **HEAD, by=by, at=NOW)
    if works:
        operations.keep_question(
            draft, None, code="works", kind="choice", text_zh="使用正常吗？", text_en="Does it work?", options=YES_NO, by=by, at=NOW
        )  # fmt: skip
    return operations.publish_version(draft, by=by, at=NOW)


def customer(cast: Cast, phone: str = "13900002222", **told: Any) -> Customer:
    made = customers.register("李四", phone=phone, by=cast.access("agent"), at=NOW)
    if told:
        Customer.objects.filter(pk=made.pk).update(**told)
    return made


def closed(cast: Cast, outlet: str = "GZ001", at: datetime = NOW, **fields: Any) -> Order:
    """A job that is over. Its course is told elsewhere (tests/modules/workorders)."""
    made = crew.order(cast, outlet=cast.outlets[outlet])
    Order.objects.filter(pk=made.pk).update(state="closed", closed_at=at, **fields)
    return Order.objects.select_related("unit__model", "company", "outlet").get(pk=made.pk)


def planned(cast: Cast, order: Order | None = None, at: datetime = NOW) -> Invitation:
    found = operations.plan(order or closed(cast), by=cast.access("agent"), at=at)
    assert found is not None
    return found


def sent(cast: Cast, order: Order | None = None, at: datetime = NOW) -> Invitation:
    """An invitation whose link a colleague has handed over."""
    made = planned(cast, order, at)
    operations.hand_over(made, by=cast.access("agent"), at=at)
    made.refresh_from_db()
    return made


def answered(cast: Cast, stars: int, order: Order | None = None, at: datetime = NOW, **told: Any) -> Any:
    words = told.pop("words", "太慢" if stars < 3 else "")
    said = Told({"overall": str(stars)}, words=words, **told)
    return operations.answer(sent(cast, order, at), said, by=operations.door(cast.company), at=at)


def served(cast: Cast, at: datetime = NOW) -> Order:
    """A maintenance from dispatch to the customer's signature, without a rating."""
    he = crew.engineer(cast)
    made = crew.order(cast, at=at - timedelta(hours=4), kind="maintenance", unit=crew.unit(cast))
    first = at - timedelta(hours=2)
    made = orders.dispatch(
        made, he, first, first + timedelta(hours=2), by=cast.access("agent"), at=made.made_at
    )
    by = crew.own(cast)
    made = orders.arrive(made, by=by, at=first)
    orders.write_checks(made, {"items_done": (None, "风道清洗")}, by=by, at=at)
    made = orders.complete(made, action="清洗保养", work="adjust", km=Decimal(30), by=by, at=at)
    return orders.accept_work(made, crew.signed(made, "acceptance", by, at), by=by, at=at)
