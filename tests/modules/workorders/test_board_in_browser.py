"""The dispatch board as Chromium draws it: time is as wide as it lasts."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, assemble
from tests.modules.workorders import crew
from tests.modules.workorders.test_board import ahead

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    return assemble()


def test_a_job_of_two_hours_lies_under_its_two_hours(cast: Cast, live_server: Any, browser: Any) -> None:
    first = ahead(10)
    crew.dispatched(cast, crew.order(cast, fault="漏油"), crew.engineer(cast), first)
    client = Client()
    client.force_login(cast.people["agent"])
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('workorders:board')}?day={first:%Y-%m-%d}")
    job = page.locator("td:has(.board-visit)").bounding_box()
    hours = [
        page.locator("thead th", has_text=f"{hour}:00").bounding_box()
        for hour in (first.hour, first.hour + 1)
    ]
    assert job["x"] == pytest.approx(hours[0]["x"], abs=2)
    assert job["width"] == pytest.approx(hours[0]["width"] + hours[1]["width"], abs=3)
    context.close()
