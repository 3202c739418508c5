"""From a customer's call to the outlet's payment, on the real pages: call, request, order, the engineer's phone, signature, sheet, statement, paid.

Nobody types anything twice, and no Excel is needed. SC-2, GN-3, RP-3, RP-4, KA-4.3, KA-5.1, KA-11.1, OP-2, CO-1.
"""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from sanbao.intake.models import Category, Request
from sanbao.ledger.queries import broken_invariants
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.settlements.models import Sheet, Statement
from sanbao.settlements.queries import INVARIANTS
from sanbao.workorders.models import Order
from tests.cast import NOW, Cast, moment
from tests.modules.workorders import crew

CALLED = moment(2026, 4, 20, 9, 5)
THERE = moment(2026, 4, 20, 14, 10)
DONE = moment(2026, 4, 20, 15, 20)
PAID = moment(2026, 5, 9, 10)


def _jpeg() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", crew.JPEG_SIZE, "white").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def _went(answer: Any) -> Any:
    assert answer.status_code in (302, 303), answer.content.decode()[:3000]
    return answer


def test_a_call_becomes_a_request_an_order_a_signature_a_sheet_and_money(
    cast: Cast, sign_in: Any, time_machine: Any
) -> None:
    """The whole thread, by the people whose work each step is."""
    he = crew.engineer(cast)
    unit = crew.unit(cast)
    hood = Model.objects.get(company=cast.company, code="CXW-260-A8")
    motor = products.keep_part(
        "M-260", "电机总成", 12000, component="电机", fits=[hood], by=cast.access("admin"), at=NOW
    )

    # The hotline: found by the last four digits, registered for the outlet, with its promise.
    time_machine.move_to(CALLED, tick=False)
    agent: Client = sign_in("agent")
    assert unit.serial in agent.get(reverse("intake:call"), {"q": "5678"}).content.decode()
    noise = Category.objects.get(company=cast.company, code="repair-noise")
    asked = {
        "customer": unit.customer_id, "unit": unit.pk, "contact": "张三丰", "phone": "13800005678", "address": "中山路1号", "category": noise.pk,
        "subject": "油烟机异响", "severity": "part", "channel": "phone", "outlet": cast.outlets["GZ001"].pk,
    }  # fmt: skip
    _went(agent.post(reverse("intake:call"), asked))
    request = Request.objects.get()
    page = agent.get(reverse("intake:request", args=[request.pk])).content.decode()
    assert "GN-3" in page
    assert f"{reverse('workorders:order-new')}?request={request.pk}" in page

    # The order is made of what the request says, and dispatched.
    new = f"{reverse('workorders:order-new')}?request={request.pk}"
    form = {
        name: value for name, value in agent.get(new).context["form"].initial.items() if value is not None
    }
    _went(agent.post(new, form | {"wanted_from": "2026-04-20T14:00", "wanted_until": "2026-04-20T16:00"}))
    order = Order.objects.get()
    assert (order.request, order.unit, order.cover) == (request, unit, "in")
    send = {
        "engineer": he.pk,
        "first": "2026-04-20T14:00",
        "last": "2026-04-20T16:00",
        "version": order.version,
    }
    _went(agent.post(reverse("workorders:dispatch", args=[order.pk]), send))

    # The engineer's phone, on site.
    time_machine.move_to(THERE, tick=False)
    phone: Client = sign_in("xiaohe")

    def do(deed: str, **typed: Any) -> None:
        _went(phone.post(reverse("workorders:deed", args=[order.pk, deed]), typed))

    assert order.number in phone.get(reverse("workorders:day")).content.decode()
    do("accept")
    do("arrive")
    for purpose in ("plate", "fault"):
        do("photo", purpose=purpose, file=_jpeg())
    do(
        "plan", cause="电机轴承磨损", content="更换电机总成", method="拆下更换", steps="断电；换电机；试机", minutes="60", labour="replace", component="电机",
        part_1=motor.code, price_1="160", travel="on", km="30",
    )  # fmt: skip
    do("offer", plan="1")
    assert "KA-5.1" in phone.get(reverse("workorders:job", args=[order.pk])).content.decode()
    do("answer_plan", plan="1", charged="0", answer="yes", name="张三丰", drawn=crew.SCRAWL)

    time_machine.move_to(DONE, tick=False)
    phone = sign_in("xiaohe")
    do("part", part=motor.code, quantity="1", fate="returned", new_code="N1", old_code="O1")
    do("photo", purpose="after", file=_jpeg())
    do("complete", action="更换电机总成，试机正常", work="replace", restored="on")
    do("accept_work", name="张三丰", drawn=crew.SCRAWL, rating="5", words="很好")

    # The order is closed, the request solved within its promise, the month's sheet written by itself.
    order.refresh_from_db()
    request.refresh_from_db()
    assert (order.state, order.step, order.charged_fen) == ("closed", "aftercare", 0)
    assert (request.state, request.promises.get(kind="resolution").state) == ("solved", "met")
    sheet = Sheet.objects.get(order=order)
    assert (sheet.month.isoformat(), sheet.component, sheet.engineer, sheet.missing) == (
        "2026-04-01",
        "电机",
        "xiaohe",
        [],
    )

    # The month: paper arrives, settled, checked, approved, paid by four people.
    time_machine.move_to(PAID, tick=False)
    clerk: Client = sign_in("clerk")
    receipt = {
        "outlet": cast.outlets["GZ001"].pk,
        "month": "2026-04",
        "paper_on": "2026-05-08",
        "electronic_on": "2026-04-20",
    }
    _went(clerk.post(reverse("settlements:receipt"), receipt))
    _went(clerk.post(reverse("settlements:make"), {"month": "2026-04"}))
    statement = Statement.objects.get(outlet=cast.outlets["GZ001"])
    assert (statement.records, statement.labour, statement.travel) == (1, 6000, 2000)
    for noun, who in (
        ("submission", "clerk"),
        ("check", "supervisor"),
        ("approval", "head"),
        ("payment", "finance"),
    ):
        statement.refresh_from_db()
        _went(
            sign_in(who).post(
                reverse("settlements:move", args=[statement.pk, noun]), {"version": statement.version}
            )
        )
    statement.refresh_from_db()
    assert (statement.state, statement.net) == ("paid", 8000)
    assert broken_invariants(INVARIANTS) == {}
    owner: Client = sign_in("owner-GZ001")
    why = owner.get(reverse("settlements:statement-line-why", args=[statement.pk, sheet.pk])).content.decode()
    assert "KA-5.1" in why


@pytest.mark.parametrize("who", ["owner-NB011", "auditor"])
def test_on_the_way_nobody_acts_who_does_not_belong_there(cast: Cast, sign_in: Any, who: str) -> None:
    """CO-1: another outlet sees none of it, the auditor changes none of it."""
    made = crew.order(cast)
    answer = sign_in(who).post(reverse("workorders:move", args=[made.pk, "cancellation"]), {"reason": "x"})
    assert answer.status_code in (403, 404)
