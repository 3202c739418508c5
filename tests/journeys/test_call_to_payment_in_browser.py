"""The whole thread in Chromium: the hotline at 1440, the engineer's phone at 390 with the network cut once on the way, the settlement at 1440.

Every price, date and gate explains itself where it stands. SC-2, GN-3, RP-3, RP-4, KA-4.3, KA-5.1, KA-6.2, KA-11.1.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.settlements.models import Sheet, Statement
from sanbao.workorders.models import Order
from tests.cast import PASSWORD, Cast, assemble
from tests.modules.workorders import crew
from tests.modules.workorders.test_phone_in_browser import (
    NO_NETWORK,
    jpeg,
    opened,
    ready,
    send,
    signed,
    waiting,
)

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def desk(cast: Cast, live_server: Any, browser: Any) -> Iterator[Callable[[str, str], Any]]:
    """`desk(who, path)`: that person's browser at a desk."""
    contexts = []

    def at(who: str, path: str) -> Any:
        client = Client()
        client.force_login(cast.people[who])
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        contexts.append(context)
        context.add_cookies(
            [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda told: page.complaints.append(told.text) if told.type == "error" else None)
        page.goto(live_server.url + path)
        return page

    yield at
    for context in contexts:
        context.close()


@pytest.fixture
def phone(live_server: Any, browser: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda told: page.complaints.append(told.text) if told.type == "error" else None)
    page.goto(live_server.url + reverse("workorders:day"))
    yield page
    context.close()


def _fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _local(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def _reached(order: Order, state: str, page: Any) -> Order:
    for _second in range(60):
        order.refresh_from_db()
        if order.state == state:
            return order
        page.wait_for_timeout(500)
    raise AssertionError(f"{order} is {order.state}, not {state}")


def test_from_the_call_to_the_payment_with_the_network_cut_on_the_way(
    cast: Cast, desk: Callable[[str, str], Any], phone: Any, time_machine: Any
) -> None:
    """SC-2: seven steps; KA-11.1: no Excel."""
    now = timezone.now()
    he = crew.engineer(cast)
    he.person.set_password(PASSWORD)
    he.person.save()
    unit = crew.unit(cast, at=now, purchased_on=(now - timedelta(days=100)).date())
    hood = Model.objects.get(company=cast.company, code="CXW-260-A8")
    motor = products.keep_part(
        "M-260", "电机总成", 12000, component="电机", fits=[hood], by=cast.access("admin"), at=now
    )

    # The hotline
    page = desk("agent", f"{reverse('intake:call')}?q=5678")
    assert unit.serial in page.locator("#who").inner_text()
    page.locator("select[name=category]").select_option(label="　异响、振动")
    page.locator("input[name=subject]").fill("开机有异响")
    page.locator("select[name=outlet]").select_option(value=str(cast.outlets["GZ001"].pk))
    page.locator("input[name=subject]").press("Enter")
    page.wait_for_url("**/intake/requests/*/")
    assert _fits(page)
    page.locator(".promise .why summary, .promise details.why summary").first.click()
    assert "GN-3" in page.content()
    page.locator("a[href*='/workorders/new/?request=']").click()
    page.wait_for_url("**/workorders/new/**")
    first = now + timedelta(minutes=10)
    page.locator("input[name=wanted_from]").fill(_local(first))
    page.locator("input[name=wanted_until]").fill(_local(first + timedelta(hours=2)))
    page.locator("form.form-narrow button[type=submit], form.form-narrow button:not([type])").first.click()
    page.wait_for_url("**/workorders/*/")
    order = Order.objects.get()
    assert (order.unit, order.cover) == (unit, "in")
    page.locator(f"a[href='{reverse('workorders:dispatch', args=[order.pk])}'].btn").click()
    page.locator("select[name=engineer]").select_option(value=str(he.pk))
    page.locator("form.form-narrow button[type=submit], form.form-narrow button:not([type])").first.click()
    page.wait_for_url(f"**{reverse('workorders:order', args=[order.pk])}")
    assert "RP-3" in page.content() and _fits(page)
    _reached(order, "dispatched", page)

    # The engineer's phone
    phone.locator("input[name=username]").fill("xiaohe")
    phone.locator("input[name=password]").fill(PASSWORD)
    phone.keyboard.press("Enter")
    ready(phone)
    phone.locator(f"[data-job='{order.pk}'] a.job-open").click()
    ready(phone)
    send(phone, "accept")
    phone.wait_for_selector("#phone[data-state=accepted]")
    ready(phone)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": 23.1234567, "longitude": 113.7654321})
    phone.locator("form[data-deed=arrive] [data-place]").check()
    send(phone, "arrive")
    phone.wait_for_selector("#phone[data-state=working]")
    ready(phone)
    for purpose in ("plate", "fault"):
        fold = opened(phone, "photo")
        fold.locator("select[name=purpose]").select_option(purpose)
        fold.locator("input[type=file]").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg((640, 480))}
        )
        count = order.photos.count()
        send(phone, "photo")
        for _second in range(60):
            if order.photos.count() > count:
                break
            phone.wait_for_timeout(500)
        ready(phone)
    fold = opened(phone, "plan")
    for name, value in {
        "cause": "电机轴承磨损", "content": "更换电机总成", "method": "拆下更换", "component": "电机", "part_1": motor.code, "price_1": "160", "km": "30",
    }.items():  # fmt: skip
        fold.locator(f"input[name={name}]").fill(value)
    fold.locator("textarea[name=steps]").fill("断电；换电机；试机")
    fold.locator("select[name=labour]").select_option("replace")
    fold.locator("input[name=travel]").check()
    send(phone, "plan")
    phone.wait_for_selector("form[data-deed=offer]", state="attached")
    opened(phone, "offer")
    send(phone, "offer")
    phone.wait_for_selector("form[data-deed=answer_plan]", state="attached")
    ready(phone)
    assert "KA-5.1" in phone.content() and "KA-4.3" in phone.content() and _fits(phone)
    fold = opened(phone, "answer_plan")
    fold.locator("input[name=answer][value=yes]").check()
    fold.locator("input[name=name]").fill("张三丰")
    signed(phone, fold)
    send(phone, "answer_plan")
    phone.wait_for_selector("form[data-deed=complete]", state="attached")
    for _second in range(60):
        if order.plans.filter(state="confirmed").exists():
            break
        phone.wait_for_timeout(500)
    ready(phone)

    phone.context.set_offline(True)  # into the cellar
    fold = opened(phone, "part")
    fold.locator("input[name=part]").fill(motor.code)
    fold.locator("select[name=fate]").select_option("returned")
    send(phone, "part")
    waiting(phone, 1)
    fold = opened(phone, "photo")
    fold.locator("select[name=purpose]").select_option("after")
    fold.locator("input[type=file]").set_input_files(
        {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg((640, 480))}
    )
    send(phone, "photo")
    waiting(phone, 2)
    fold = opened(phone, "complete")
    fold.locator("input[name=action]").fill("更换电机总成，试机正常")
    send(phone, "complete")
    waiting(phone, 3)
    fold = opened(phone, "accept_work")
    signed(phone, fold)
    fold.locator("input[name=rating][value='5']").check()
    send(phone, "accept_work")
    waiting(phone, 4)
    assert Order.objects.get(pk=order.pk).state == "working"
    phone.context.set_offline(False)  # and out again
    _reached(order, "closed", phone)
    assert [words for words in phone.complaints if not any(said in words for said in NO_NETWORK)] == []
    assert (order.charged_fen, order.rating) == (0, 5)
    assert [str(each) for each in order.visits.values_list("latitude", "longitude").get()] == [
        "23.123",
        "113.765",
    ]

    # The month, after its end
    sheet = Sheet.objects.get(order=order)
    time_machine.move_to(timezone.now() + timedelta(days=33), tick=True)
    clerk = desk("clerk", reverse("settlements:months"))
    body = {
        "outlet": sheet.outlet_id,
        "month": f"{sheet.month:%Y-%m}",
        "paper_on": f"{sheet.completed_on}",
        "electronic_on": f"{sheet.completed_on}",
    }
    by_client = Client()
    by_client.force_login(cast.people["clerk"])
    assert by_client.post(reverse("settlements:receipt"), body).status_code == 302
    assert by_client.post(reverse("settlements:make"), {"month": f"{sheet.month:%Y-%m}"}).status_code in (
        302,
        303,
    )
    assert _fits(clerk)
    statement = Statement.objects.get(outlet=sheet.outlet)
    address = reverse("settlements:statement", args=[statement.pk])
    for noun, who, state in (("submission", "clerk", "submitted"), ("check", "supervisor", "checked"), ("approval", "head", "approved"), ("payment", "finance", "paid")):  # fmt: skip
        page = desk(who, address)
        form = page.locator(f"form[action='{reverse('settlements:move', args=[statement.pk, noun])}']")
        if not form.locator("button").first.is_visible():
            page.locator("details.confirm", has=form).locator("summary").click()
        form.locator("button:not([data-cancel])").first.click()
        for _second in range(40):
            statement.refresh_from_db()
            if statement.state == state:
                break
            page.wait_for_timeout(500)
        assert statement.state == state
    assert statement.net == 8000
    page = desk("owner-GZ001", address)
    assert "已付款" in page.content() and "80.00" in page.content()
