"""Keys on the real pages: a list is walked, ticked, searched and arranged, and a record worked on, without a mouse."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from sanbao.views import operations
from sanbao.views.models import Habit, View
from tests.cast import NOW, Cast

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

LIST = "/intake/requests/"


@pytest.fixture
def visit(cast: Cast, live_server: Any, browser: Any) -> Iterator[Callable[..., Any]]:
    """`visit(path, width)`: the agent's browser, signed in; what the console complains of is kept."""
    contexts = []

    def opened(path: str = LIST, width: int = 1440, scripts: bool = True) -> Any:
        client = Client()
        client.force_login(cast.people["agent"])
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="en-GB", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda told: page.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_list_is_walked_ticked_searched_and_opened_by_keys_and_the_record_too(
    cast: Cast, visit: Callable[..., Any]
) -> None:
    """interface.md "Keys": j and k, Enter, x, /, ?, Ctrl K, single keys on a record's page."""
    for number in range(3):
        cast.request(subject=f"油烟机异响 {number}")
    page = visit()
    press(page, "j", "j", "k", "j", "x")
    assert page.locator("[data-rows] > tr:nth-child(2) input[name=row]").is_checked()
    assert page.locator(".selection").is_visible()

    press(page, "?")
    assert page.locator("dialog#keys").is_visible()
    press(page, "j", "Escape")
    assert not page.locator("dialog#keys").is_visible()

    press(page, "/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.insert_text("异响 2")
    press(page, "Enter")
    page.wait_for_url(re.compile("q="))
    page.wait_for_function("document.querySelectorAll('[data-rows] > tr').length === 1")
    page.evaluate("document.activeElement.blur()")
    press(page, "j", "Enter")
    page.wait_for_url(re.compile(r"/intake/requests/\d+/"))
    assert "异响 2" in page.locator("h1").inner_text()

    press(page, "e")
    page.wait_for_url(re.compile(r"/intake/requests/\d+/.+"))
    assert page.complaints == []


def test_the_palette_finds_pages_and_what_is_searched_for(cast: Cast, visit: Callable[..., Any]) -> None:
    """interface.md "Keys": Ctrl K goes to a page, and to a request by its words."""
    cast.request(subject="蒸箱漏水")
    page = visit()
    press(page, "j", "Control+k")
    assert page.locator("dialog#palette").is_visible()
    page.keyboard.insert_text("漏水")
    page.wait_for_selector("#palette a[role=option][href*='/intake/requests/']")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/intake/requests/\d+/"))
    press(page, "Control+k")
    page.keyboard.insert_text("Customers")
    press(page, "Enter")
    page.wait_for_url(re.compile(r"/customers/"))
    assert page.complaints == []


@pytest.mark.parametrize("many", [1, 6])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_views_fit_the_window_and_are_kept_and_opened(
    cast: Cast, visit: Callable[..., Any], width: int, many: int
) -> None:
    """interface.md "List page": saved views, also on a phone."""
    cast.request()
    for number in range(many):
        operations.save(
            "intake:requests",
            f"张江路网点紧急未派 {number}",
            {"tab": ["all"]},
            by=cast.access("agent"),
            at=NOW,
        )
    page = visit(f"{LIST}?tab=all&level=normal", width)
    page.locator("#list-views").click()
    page.locator(".views-menu input[name=name]").fill("Ordinary")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator(".views-menu .menu-panel").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    press(page, "Enter")
    page.wait_for_url(re.compile(r"in=\d+"))
    assert page.locator(".pill-view[aria-current]").inner_text().strip() == "Ordinary"
    page.locator("#list-view-all").click()
    page.wait_for_url(re.compile("in=all"))
    assert page.locator("#list-view-all").get_attribute("aria-current") == "page"
    assert View.objects.count() == many + 1
    assert page.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_columns_are_put_in_order_with_and_without_a_script(
    cast: Cast, visit: Callable[..., Any], scripts: bool
) -> None:
    """interface.md "List page": columns a person chooses, and their order."""
    cast.request()
    page = visit(scripts=scripts)
    page.locator("summary", has_text="Columns").click()
    if scripts:
        page.locator(".column-entry:nth-child(3) [data-column=up]").click()
        page.locator(".column-entry:nth-child(2) [data-column=up]").click()
    else:
        page.locator(".column-entry:nth-child(3) .column-place").fill("1")
    page.locator(".column-menu button.btn-primary").click()
    page.wait_for_load_state()
    heads = [text.strip() for text in page.locator("thead th:not(.row-choice)").all_inner_texts()]
    assert heads[:3] == ["Matter", "Request", "Priority"]
    assert Habit.objects.get().columns[:2] == ["subject", "number"]
    page.locator("summary", has_text="Columns").click()
    page.locator(".column-menu button[name=reset]").click()
    page.wait_for_load_state()
    heads = [text.strip() for text in page.locator("thead th:not(.row-choice)").all_inner_texts()]
    assert heads[:3] == ["Request", "Priority", "Matter"]
