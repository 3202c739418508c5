"""The hotline's journey in a real browser, with the keyboard alone: a call taken, the customer found, the request registered and handed on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from sanbao.customers import operations as customers
from sanbao.intake.models import Request
from sanbao.outlets.models import Outlet
from sanbao.products import operations as products
from sanbao.products.models import Model
from tests.cast import NOW, Cast

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

# Everything an agent presses for the whole journey: the four digits and what is written down count, too. A person who types quickly
# makes five presses a second, so sixty leave most of the minute for talking.
MOST_PRESSES = 60


@pytest.fixture
def known(cast: Cast) -> dict[str, Any]:
    """Two customers whose numbers end alike; the first has a hood with a serial number and a request that is still open."""
    by = cast.access("supervisor")
    first = customers.register("张三丰", phone="13800005678", address="中山路1号", by=by, at=NOW)
    customers.register("李四光", phone="13911115678", by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    products.register_unit("CXW260A8260000001", model, customer=first, by=by, at=NOW)
    return {"first": first, "open": cast.request(customer=first)}


class Keyboard:
    """Presses keys, and counts them."""

    def __init__(self, page: Any):
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def type(self, words: str) -> None:
        for letter in words:
            self.page.keyboard.insert_text(letter)
            self.count += 1

    @property
    def at(self) -> str:
        """The name, or else the text, of what has the focus."""
        return str(self.page.evaluate("document.activeElement.name || document.activeElement.innerText"))


@pytest.fixture
def desk(cast: Cast, live_server: Any, browser: Any) -> Iterator[Callable[[int], Any]]:
    """`desk(width)`: a browser in which the agent has signed in, at the page of the hotline."""
    contexts = []

    def opened(width: int) -> Any:
        client = Client()
        client.force_login(cast.people["agent"])
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
        contexts.append(context)
        context.add_cookies(
            [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda told: page.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{live_server.url}/intake/call/")
        return page

    yield opened
    for context in contexts:
        context.close()


def chosen(page: Any, keys: Keyboard, text: str) -> None:
    """Arrow down in the list that has the focus until the choice says so."""
    for _ in range(40):
        if text in page.evaluate("document.activeElement.selectedOptions[0].text"):
            return
        keys.press("ArrowDown")
    raise AssertionError(f"no choice says {text}")


def fits(page: Any) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_call_is_taken_registered_and_handed_on_with_the_keyboard_alone(
    cast: Cast, known: dict[str, Any], desk: Callable[[int], Any], width: int, record_property: Any
) -> None:
    """clause ST-1, clause CS-2, clause DP-3: found by the last four digits, registered and handed on within a minute."""
    page = desk(width)
    keys = Keyboard(page)
    assert keys.at == "q"
    assert fits(page)

    keys.type("5678")
    keys.press("Enter")
    page.wait_for_url("**/intake/call/?q=5678")
    assert page.locator("#who [data-key]").count() == 3  # two customers, and somebody else
    assert fits(page)
    digit = page.locator("#who [data-key]", has_text="张").get_attribute("data-key")
    keys.press(digit)
    page.wait_for_url("**customer=*")
    told = page.locator("#who").inner_text()
    assert ("CXW260A8260000001" in told, known["open"].number in told) == (True, True)
    assert keys.at == "category"
    assert fits(page)

    chosen(page, keys, "异响")
    keys.press("Tab")
    assert keys.at == "subject"
    keys.type("开机有异响")
    keys.press("Enter")
    page.wait_for_url("**/intake/requests/*/")
    assert "首次答复" in page.locator(".promise").first.inner_text()
    assert fits(page)

    keys.press("g")
    page.wait_for_selector("select[name=outlet]")
    assert keys.at == "outlet"
    assert fits(page)
    chosen(page, keys, "NB011")
    keys.press("Control+Enter")
    page.wait_for_selector(".promise")

    made = Request.objects.latest("pk")
    assert (made.customer, made.subject, made.outlet) == (known["first"], "开机有异响", Outlet.objects.get(code="NB011"))  # fmt: skip
    assert made.due_at is not None and made.due_promise
    assert made.serial == "CXW260A8260000001"
    record_property("key presses", keys.count)
    assert keys.count <= MOST_PRESSES, keys.count
    assert page.complaints == []


def test_somebody_unknown_is_registered_by_the_keyboard_too(cast: Cast, desk: Callable[[int], Any]) -> None:
    """clause ST-1: the whole number typed, nobody found; the form begins with whoever is calling."""
    page = desk(1440)
    keys = Keyboard(page)
    keys.type("13700009999")
    keys.press("Enter")
    page.wait_for_url("**q=13700009999")
    assert keys.at == "contact"
    keys.type("王五")
    assert page.locator("[name=phone]").input_value() == "13700009999"
    for _ in range(8):
        keys.press("Tab")
        if keys.at == "category":
            break
    chosen(page, keys, "异响")
    keys.press("Tab")
    keys.type("响")
    keys.press("Control+Enter")
    page.wait_for_url("**/intake/requests/*/")
    made = Request.objects.latest("pk")
    assert (made.customer.name, made.phone) == ("王五", "13700009999")
    assert page.complaints == []
