"""A job done in a cellar: the network is cut in the middle, the page is closed and opened again, and everything is sent in order later.

SC-2, SR-4, RP-4; in Chromium at the width of a phone, with the service worker that is shipped.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from sanbao.files import operations as files
from sanbao.workorders import operations
from sanbao.workorders.models import Action, Order
from sanbao.workorders.states import State
from tests.cast import PASSWORD, Cast, assemble
from tests.modules.workorders import crew

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]
# What a browser says by itself of every request that finds no network.
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch")


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def job(cast: Cast) -> Order:
    """A yearly maintenance, given to 小何 for now."""
    now = timezone.now()
    crew.unit(cast)
    made = crew.order(cast, kind="maintenance", fault="年度保养", serial="CXW260A8260000001", at=now)
    he = crew.engineer(cast)
    he.person.set_password(PASSWORD)
    he.person.save()
    return operations.dispatch(made, he, now + timedelta(minutes=5), now + timedelta(hours=2), by=cast.access("agent"), at=now)  # fmt: skip


@pytest.fixture
def phone(live_server: Any, browser: Any) -> Iterator[Callable[..., Any]]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    complaints: list[str] = []

    def opened(path: str) -> Any:
        page = context.new_page()
        page.complaints = complaints
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield opened
    context.close()


def sign_in(page: Any, name: str = "xiaohe") -> None:
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    ready(page)


def ready(page: Any) -> None:
    """The day is on the phone."""
    page.wait_for_selector("html[data-phone-ready]", timeout=30_000)


def jpeg(size: tuple[int, int] = (2400, 1800)) -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def send(page: Any, deed: str) -> None:
    page.locator(f"form[data-deed={deed}] button:not([type=button])").click()


def opened(page: Any, deed: str) -> Any:
    fold = page.locator(f"details[data-deed-of={deed}]")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    return fold


def waiting(page: Any, count: int) -> None:
    page.wait_for_function("count => document.querySelector('#outbox [data-outbox-title]').textContent.includes(`（${count}）`)", arg=count)  # fmt: skip


def signed(page: Any, fold: Any) -> None:
    glass = fold.locator("canvas")
    glass.scroll_into_view_if_needed()
    box = glass.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(box["x"] + 20 + 15 * step, box["y"] + 60 + 25 * (-1) ** step)
    page.mouse.up()


def test_a_job_is_done_without_signal_and_sent_in_order_when_it_is_back(phone: Callable[..., Any], job: Order) -> None:  # fmt: skip
    page = phone(reverse("workorders:day"))
    sign_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator(f"[data-job='{job.pk}'] a.job-open").click()
    ready(page)
    send(page, "accept")
    page.wait_for_selector("#phone[data-state=accepted]")  # the server has it, and the page is shown anew
    ready(page)
    assert Order.objects.get(pk=job.pk).state == "accepted"

    page.context.set_offline(True)
    send(page, "arrive")
    waiting(page, 1)
    fold = opened(page, "photo")
    fold.locator("select[name=purpose]").select_option("after")
    fold.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    send(page, "photo")
    waiting(page, 2)
    fold = opened(page, "checks")
    fold.locator("input[name=said-items_done]").fill("清洗风轮和油网，紧固")
    send(page, "checks")
    waiting(page, 3)
    fold = opened(page, "complete")
    fold.locator("input[name=action]").fill("清洗风轮和油网")
    send(page, "complete")
    waiting(page, 4)

    page.reload()  # the phone was put away and taken out again, still in the cellar
    waiting(page, 4)
    assert Order.objects.get(pk=job.pk).state == "accepted"
    fold = opened(page, "accept_work")
    signed(page, fold)
    fold.locator("input[name=rating][value='5']").check()
    send(page, "accept_work")
    waiting(page, 5)
    page.goto(page.url.rpartition(f"{job.pk}/")[0])
    assert page.locator(f"[data-job='{job.pk}']").is_visible()
    waiting(page, 5)
    with translation.override("zh-hans"):
        assert (
            page.locator(f"[data-job='{job.pk}'] [data-job-state]").inner_text().strip()
            == f"{State.CLOSED.label} · 待发送"
        )
    assert not Action.objects.exclude(name="accept").exists()

    page.context.set_offline(False)
    page.wait_for_function("() => document.getElementById('outbox').hidden || !document.querySelector('[data-outbox-send]:not([hidden])')", timeout=30_000)  # fmt: skip
    for _second in range(30):
        job.refresh_from_db()
        if job.state == "closed":
            break
        page.wait_for_timeout(500)
    assert (job.state, job.rating, job.action) == ("closed", 5, "清洗风轮和油网")
    kept = list(Action.objects.order_by("id"))
    assert [each.name for each in kept] == ["accept", "arrive", "photo", "checks", "complete", "accept_work"]
    assert {each.result for each in kept} == {"applied"}
    assert job.arrived_at < job.restored_at < job.signed_at < max(each.received_at for each in kept)
    with Image.open(BytesIO(files.content(job.photos.get().file))) as photo:
        assert photo.size == (1600, 1200)  # made small before it was kept on the phone
    assert [words for words in page.complaints if not any(said in words for said in NO_NETWORK)] == []


def test_what_another_did_meanwhile_is_shown_and_settled_on_the_screen(cast: Cast, phone: Callable[..., Any], job: Order) -> None:  # fmt: skip
    page = phone(reverse("workorders:job", args=[job.pk]))
    sign_in(page)
    page.context.set_offline(True)
    send(page, "arrive")
    waiting(page, 1)
    operations.call_off(job, "用户改期", by=cast.access("agent"), at=timezone.now())
    page.context.set_offline(False)
    for _second in range(60):  # the page is shown anew as soon as the answer is there, so the server is asked
        if Action.objects.filter(result="conflict").exists():
            break
        page.wait_for_timeout(500)
    page.goto(page.url.rpartition(f"{job.pk}/")[0])
    ready(page)
    assert "已经不是您的工单" in page.locator(".conflict").inner_text()
    page.locator(".conflict form[action$='surrender/'] button").click()
    ready(page)
    page.wait_for_function("() => document.getElementById('outbox').hidden", timeout=30_000)
    assert Action.objects.get().result == "dropped"


def test_signing_out_leaves_nothing_of_the_day_on_the_phone(phone: Callable[..., Any], job: Order) -> None:
    """ASVS 14.3.1: private pages are gone, also for whoever has the phone next."""
    page = phone(reverse("workorders:day"))
    sign_in(page)
    assert page.evaluate("async () => (await caches.keys()).some((name) => name.startsWith('day-'))")
    page.locator(".top details.menu summary").last.click()
    page.locator("form[action$='sign-out/'] button").click()
    page.wait_for_url("**/sign-in/**")
    assert (
        page.evaluate("async () => (await caches.keys()).filter((name) => name.startsWith('day-')).length")
        == 0
    )


# What a phone has and this browser has not: a camera, and a reader of codes. The page's own module does everything else.
CAMERA = """
window.BarcodeDetector = class {
  async detect(seen) { return seen.videoWidth ? [{ rawValue: "https://label.example/u/cxw260a8260000001/" }] : []; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const drawn = document.createElement("canvas");
  drawn.width = 64; drawn.height = 48;
  drawn.getContext("2d").fillRect(0, 0, 64, 48);
  const stream = drawn.captureStream(10);
  window.track = stream.getTracks()[0];
  return stream;
};
"""


def test_the_label_is_read_while_the_camera_looks_and_the_telephoned_yes_is_sent_when_the_signal_is_back(cast: Cast, phone: Callable[..., Any]) -> None:  # fmt: skip
    """SC-2 for what was brought in: the owner is called from the workshop, where there is no signal for data; the plan counts as agreed to from then."""
    now, he = timezone.now(), crew.engineer(cast)
    he.person.set_password(PASSWORD)
    he.person.save()
    crew.unit(cast)
    made = crew.order(cast, mode="carry_in", serial="MISREAD-1", at=now)
    operations.dispatch(made, he, now, now + timedelta(hours=2), by=cast.access("agent"), at=now)
    operations.arrive(made, by=crew.own(cast), at=now)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, crew.own(cast), now)
    operations.offer_plan(crew.planned(cast, made, crew.own(cast), now), by=crew.own(cast), at=now)

    page = phone(reverse("workorders:day"))
    page.add_init_script(CAMERA)
    sign_in(page)
    assert not page.evaluate("document.featurePolicy.allowsFeature('camera')")
    page.locator(f"[data-job='{made.pk}'] a.job-open").click()
    ready(page)
    assert page.evaluate("document.featurePolicy.allowsFeature('camera')")
    fold = opened(page, "unit")
    fold.locator("[data-scan-camera]").click()
    page.wait_for_function("() => document.querySelector('form[data-deed=unit] [name=serial]').value === 'cxw260a8260000001'")  # fmt: skip
    assert (
        page.evaluate("window.track.readyState") == "ended"
    )  # the camera is closed as soon as the code is read
    assert fold.locator("[data-scan-live]").is_hidden()
    send(page, "unit")
    page.wait_for_function("() => document.documentElement.textContent.includes('CXW260A8260000001')")
    ready(page)

    page.context.set_offline(True)
    fold = opened(page, "telephone")
    assert fold.locator("[name=called]").input_value() == "13800005678"
    fold.locator("input[name=answer][value=yes]").check()
    fold.locator("[name=note]").fill("同意更换电机，费用已说明")
    send(page, "telephone")
    waiting(page, 1)
    assert made.plans.get().state == "offered"
    page.context.set_offline(False)
    page.wait_for_function("() => document.getElementById('outbox').hidden || !document.querySelector('[data-outbox-send]:not([hidden])')", timeout=30_000)  # fmt: skip
    for _second in range(30):
        plan = made.plans.get()
        if plan.state == "confirmed":
            break
        page.wait_for_timeout(500)
    assert (plan.state, plan.answered_how, plan.answered_phone) == ("confirmed", "phone", "13800005678")
    kept = Action.objects.get(name="telephone")
    assert plan.answered_at == kept.at < kept.received_at
    assert [words for words in page.complaints if not any(said in words for said in NO_NETWORK)] == []
