"""The tick at the end of a text waits until the text was scrolled through; without JavaScript, or with the keyboard alone, it is reached, too."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.modules.documents.make import campaign, regulation

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]
LONG = "一、总则\n" + "\n".join(f"{number}. 第{number}项规定，网点应当按时寄达记录单并核对客户信息。" for number in range(1, 200))  # fmt: skip


@pytest.fixture
def read(cast: Cast, live_server: Any, browser: Any) -> Iterator[Callable[..., Any]]:
    """`read(text)`: the page on which an outlet's owner reads it."""
    contexts = []

    def opened(text: str = LONG, scripts: bool = True) -> Any:
        made = campaign(cast, regulation(cast, text=text))
        client = Client()
        client.force_login(cast.people["owner-GZ001"])
        context = browser.new_context(
            viewport={"width": 390, "height": 800}, locale="en-GB", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{live_server.url}/regulations/campaigns/{made.pk}/reading/")
        return page

    yield opened
    for context in contexts:
        context.close()


def until(page: Any, there: Callable[[float], bool]) -> float:
    """Where the page is scrolled to, once it is where it should be."""
    for _try in range(100):
        if there(y := page.evaluate("window.scrollY")):
            return float(y)
        page.wait_for_timeout(20)
    raise AssertionError(f"scrolled to {y}")


def test_the_tick_waits_for_the_end_and_who_jumps_ahead_is_led_back(cast: Cast, read: Callable[..., Any]) -> None:  # fmt: skip
    """BA-8: read to the end, then confirmed."""
    page = read()
    tick, on = page.locator("input[name=read]"), page.locator("[data-reading-on]")
    assert tick.is_disabled()
    page.keyboard.press("End")
    at_the_end = until(page, lambda y: y > 2000)
    page.wait_for_timeout(500)
    assert tick.is_disabled(), "jumped over"
    assert on.is_visible()
    on.focus()
    page.keyboard.press("Enter")
    until(page, lambda y: y < at_the_end / 2)
    for _page in range(20):  # the keyboard alone
        if tick.is_enabled():
            break
        page.keyboard.press("Enter")
        page.wait_for_timeout(450)
    assert tick.is_enabled()
    assert not on.is_visible()
    assert page.locator("[data-reading-done]").inner_text() != ""
    tick.check()
    page.locator("form[data-read-first] button[type=submit]").click()
    page.wait_for_url("**/regulations/mine/")
    assert page.complaints == []


def test_a_short_text_can_be_confirmed_at_once_and_without_scripts_every_text(cast: Cast, read: Callable[..., Any]) -> None:  # fmt: skip
    page = read("一、总则\n1. 本制度适用于全体人员。")
    assert page.locator("input[name=read]").is_enabled()
    assert not page.locator("[data-reading-hint]").is_visible()


def test_without_scripts_the_tick_is_there(cast: Cast, read: Callable[..., Any]) -> None:
    page = read(scripts=False)
    assert page.locator("input[name=read]").is_enabled()
    assert not page.locator("[data-reading-hint]").is_visible()
