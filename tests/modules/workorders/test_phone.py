"""The engineer's phone without a script: my day, one job, each deed by its form; one's own jobs only (SC-2, SC-4, KA-4.2, KA-4.3, OP-2)."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from sanbao.notices import about
from sanbao.notices.models import Notice
from sanbao.workorders import operations
from sanbao.workorders.models import Order
from tests.cast import Cast
from tests.modules.workorders import crew


@pytest.fixture
def given(cast: Cast) -> Order:
    """A repair of a hood in warranty, given to 小何 for today."""
    now = timezone.now()
    made = crew.order(cast, unit=crew.unit(cast), at=now)
    return operations.dispatch(made, crew.engineer(cast), now + timedelta(minutes=5), now + timedelta(hours=2), by=cast.access("agent"), at=now)  # fmt: skip


@pytest.fixture
def do(given: Order, sign_in: Callable[[str], Client]) -> Callable[..., Any]:
    client = sign_in("xiaohe")

    def do(name: str, /, **typed: Any) -> Any:
        return client.post(reverse("workorders:deed", args=[given.pk, name]), typed)

    return do


def jpeg() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", crew.JPEG_SIZE, "white").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def text(client: Client, name: str, *arguments: Any) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_repair_is_done_from_the_phone_by_its_forms_alone(
    cast: Cast, given: Order, do: Callable[..., Any], sign_in: Callable[[str], Client]
) -> None:
    """SC-2 in seven steps, with the tariff before the signature (KA-4.3) and the old part accounted for (OP-2)."""
    crew.planned(
        cast, operations.arrive(given, by=crew.own(cast), at=timezone.now()), crew.own(cast), timezone.now()
    )
    part = given.plans.get().lines.get(kind="part").part
    client = sign_in("xiaohe")
    for purpose in ("plate", "fault"):
        assert do("photo", purpose=purpose, file=jpeg()).status_code == 303
    plan = {
        "cause": "电机轴承磨损", "content": "更换电机总成", "method": "拆下更换", "steps": "断电；换电机；试机", "minutes": "60",
        "labour": "replace", "component": "电机", "part_1": f"{part.code} 电机总成", "price_1": "160", "travel": "on", "km": "5",
    }  # fmt: skip
    assert do("plan", **plan).status_code == 303
    assert do("offer", plan="2").status_code == 303
    shown = text(client, "workorders:job", given.pk)
    assert shown.index('class="tariff"') < shown.index('data-deed="answer_plan"')
    assert (
        do("answer_plan", plan="2", charged="0", answer="yes", name="张三丰", drawn=crew.SCRAWL).status_code
        == 303
    )
    used = {"part": part.code, "quantity": "1", "fate": "customer", "name": "张三丰", "drawn": crew.SCRAWL}
    assert do("part", **used).status_code == 303
    assert do("photo", purpose="after", file=jpeg()).status_code == 303
    assert do("complete", action="更换电机总成", restored="on").status_code == 303
    assert do("accept_work", name="张三丰", drawn=crew.SCRAWL, rating="5").status_code == 303
    given.refresh_from_db()
    assert (given.state, given.rating, given.step) == ("closed", 5, "aftercare")
    record = client.get(reverse("workorders:job-paper", args=[given.pk, "record"]))
    assert (record.status_code, record.content[:4]) == (200, b"%PDF")
    assert (
        client.get(reverse("workorders:job-paper", args=[given.pk, "receipt"])).status_code == 404
    )  # nothing was charged
    assert set(given.signatures.values_list("purpose", flat=True)) == {"agreement", "old_parts", "acceptance"}


def test_a_deed_that_is_refused_comes_back_with_what_was_typed(do: Callable[..., Any], given: Order) -> None:
    answer = do("refuse", reason="")
    assert answer.status_code == 422
    do("arrive")
    answer = do("complete", action="换了电机")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "换了电机" in page and "SC-2" in page


def test_another_makers_part_is_not_used(do: Callable[..., Any]) -> None:
    """KA-6.1."""
    do("arrive")
    answer = do("part", part="XYZ-1", quantity="1", fate="returned")
    assert answer.status_code == 422
    assert "KA-6.1" in answer.content.decode()


def test_the_label_on_the_appliance_brings_its_unit_and_its_warranty(cast: Cast, do: Callable[..., Any], given: Order, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    """KA-5.1: the answer stands with its reasons."""
    do("accept")
    do("unit", serial="someone-else-s-1")
    given.refresh_from_db()
    assert (given.unit, given.serial, given.cover) == (None, "SOMEONE-ELSE-S-1", "")
    do("unit", serial=" cxw260a8260000001 ")
    given.refresh_from_db()
    assert (given.unit.serial, given.cover) == ("CXW260A8260000001", "in")
    assert "KA-5.1" in text(sign_in("xiaohe"), "workorders:job", given.pk)


def test_the_day_shows_ones_own_jobs_in_their_order_with_call_and_map(cast: Cast, given: Order, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    now = timezone.now()
    other = crew.engineer(cast, "other")
    theirs = operations.dispatch(crew.order(cast, fault="别人的", at=now), other, now + timedelta(hours=1), now + timedelta(hours=2), by=cast.access("agent"), at=now)  # fmt: skip
    page = text(sign_in("xiaohe"), "workorders:day")
    assert given.number in page and theirs.number not in page
    assert 'href="tel:13800005678"' in page
    assert "geo:0,0?q=%E4%B8%AD%E5%B1%B1%E8%B7%AF1%E5%8F%B7" in page


def test_nobody_elses_job_opens(cast: Cast, given: Order, sign_in: Callable[[str], Client]) -> None:
    """CO-1: not even for the desk, which has its own page of it."""
    crew.engineer(cast, "other")
    for who in ("other", "agent", "owner-GZ001"):
        assert sign_in(who).get(reverse("workorders:job", args=[given.pk])).status_code == 404


def test_a_notice_leads_the_engineer_to_the_phone_and_the_desk_to_its_page(cast: Cast, given: Order) -> None:
    told = Notice.objects.get(kind="workorders:given")
    assert about.url(told, crew.own(cast)) == reverse("workorders:job", args=[given.pk])
    assert about.url(told, cast.access("agent")) == reverse("workorders:order", args=[given.pk])
    assert about.path(told.about, "workorders:own:work") == reverse("workorders:job", args=[given.pk])


def test_an_engineers_home_is_the_day(cast: Cast, given: Order, sign_in: Callable[[str], Client]) -> None:
    assert sign_in("xiaohe").get("/").headers["Location"] == reverse("workorders:day")
    assert sign_in("agent").get("/").status_code == 200


def test_the_app_can_be_installed_and_its_worker_answers_below_the_day_only(db: None, client: Client) -> None:
    told = client.get(reverse("workorders:manifest")).json()
    assert told["scope"] == told["start_url"] == reverse("workorders:day")
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}
    worker = client.get(reverse("workorders:worker"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert reverse("workorders:worker").startswith(told["scope"])
    assert reverse("workorders:offline") in worker.content.decode()
    assert "worker-src 'self'" in worker.headers["Content-Security-Policy"]


def offered(cast: Cast, mode: str) -> Order:
    """A repair whose plan waits for the customer's word: brought in, or at the customer's."""
    now, he = timezone.now(), crew.engineer(cast)
    made = crew.order(cast, mode=mode, unit=crew.unit(cast), at=now)
    operations.dispatch(made, he, now, now + timedelta(hours=2), by=cast.access("agent"), at=now)
    operations.arrive(made, by=crew.own(cast), at=now)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, crew.own(cast), now)
    operations.offer_plan(crew.planned(cast, made, crew.own(cast), now), by=crew.own(cast), at=now)
    return made


def test_what_was_brought_in_is_agreed_to_by_telephone_from_the_engineers_phone(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    """SC-2, RP-3: which number was called, who answered and what was said stay with the plan; the agreement on paper says so."""
    made, client = offered(cast, "carry_in"), sign_in("xiaohe")
    page = text(client, "workorders:job", made.pk)
    assert 'data-deed="telephone"' in page
    do = reverse("workorders:deed", args=[made.pk, "telephone"])
    typed = {
        "plan": "1",
        "charged": "0",
        "answer": "yes",
        "called": "138 0000 5678",
        "name": "李四",
        "note": "同意更换电机",
    }
    assert client.post(do, typed | {"note": ""}).status_code == 422
    assert client.post(do, typed | {"charged": "100"}).status_code == 409  # another price than was shown
    assert client.post(do, typed).status_code == 303
    plan = made.plans.get()
    assert (plan.state, plan.answered_how, plan.answered_phone, plan.answered_by) == ("confirmed", "phone", "13800005678", "李四")  # fmt: skip
    assert plan.heard_by == cast.people["xiaohe"]
    made.refresh_from_db()
    assert made.step == "repairing"
    desk = sign_in("agent").get(reverse("workorders:order", args=[made.pk])).content.decode()
    assert "138****5678" in desk and "同意更换电机" in desk and "13800005678" not in desk


def test_before_the_customer_the_agreement_is_signed_and_no_telephone_stands_for_it(cast: Cast, sign_in: Callable[[str], Client]) -> None:  # fmt: skip
    """SC-2, as at the desk: neither page offers it, and the step refuses it, whoever sends it."""
    made, client = offered(cast, "on_site"), sign_in("xiaohe")
    assert 'data-deed="telephone"' not in text(client, "workorders:job", made.pk)
    typed = {
        "plan": "1",
        "charged": "0",
        "answer": "yes",
        "called": "13800005678",
        "name": "李四",
        "note": "同意",
    }
    told = client.post(reverse("workorders:deed", args=[made.pk, "telephone"]), typed)
    assert told.status_code == 422 and "SC-2" in told.content.decode()
    assert made.plans.get().state == "offered"


def test_only_the_page_of_a_job_may_ask_for_the_camera(
    given: Order, sign_in: Callable[[str], Client]
) -> None:
    """ASVS 3.4: the label of the appliance is read there, and nowhere else."""
    client = sign_in("xiaohe")
    allowed = client.get(reverse("workorders:job", args=[given.pk])).headers["Permissions-Policy"]
    assert "camera=(self)" in allowed and "microphone=()" in allowed
    assert "camera=()" in client.get(reverse("workorders:day")).headers["Permissions-Policy"]
