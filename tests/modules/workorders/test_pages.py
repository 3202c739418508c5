"""The desktop pages of orders: made from a request, mended, dispatched, moved; every refusal stands beside its field."""

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.workorders.models import Order
from tests.cast import NOW, Cast
from tests.modules.workorders import crew


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


pytestmark = pytest.mark.usefixtures("frozen")


def _post(client: Client, name: str, *args: object, **body: object) -> object:
    return client.post(reverse(f"workorders:{name}", args=args), body)


def test_the_desk_makes_an_order_of_a_request_and_what_the_request_says_stands_in_it(
    cast: Cast, sign_in
) -> None:
    """SC-2: from the application to the registration of the order, without typing anything again."""
    request = cast.request(outlet=cast.outlets["GZ001"], unit=crew.unit(cast))
    desk = sign_in("agent")
    form = desk.get(f"{reverse('workorders:order-new')}?request={request.pk}").context["form"]
    assert (form.initial["phone"], form.initial["fault"], form.initial["unit"]) == (
        "13800005678",
        "油烟机异响",
        request.unit_id,
    )
    body = {
        "kind": "repair",
        "mode": "on_site",
        "fault": "油烟机异响",
        "phone": "13800005678",
        "address": "中山路1号",
        "outlet": cast.outlets["GZ001"].pk,
    }
    answer = desk.post(
        f"{reverse('workorders:order-new')}?request={request.pk}",
        body | {"unit": request.unit_id, "customer_help": "腾空灶台"},
    )
    made = Order.objects.get()
    assert answer.status_code == 303
    assert (made.request, made.cover, made.customer_help, made.state) == (
        request,
        "in",
        "腾空灶台",
        "waiting",
    )


def test_an_order_without_telephone_or_address_is_refused_beside_the_field(cast: Cast, sign_in) -> None:
    desk = sign_in("agent")
    answer = _post(
        desk, "order-new", kind="repair", mode="on_site", fault="x", outlet=cast.outlets["GZ001"].pk
    )
    assert answer.status_code == 422
    assert "phone" in answer.context["form"].errors
    answer = _post(
        desk,
        "order-new",
        kind="repair",
        mode="on_site",
        fault="x",
        phone="13800005678",
        outlet=cast.outlets["GZ001"].pk,
    )
    assert "address" in answer.context["form"].errors
    assert not Order.objects.exists()


def test_dispatched_and_moved_on_its_page_and_every_step_explains_itself(cast: Cast, sign_in) -> None:
    """CO-2: the page says what comes next, what it needs, and by which clause."""
    he = crew.engineer(cast)
    made = crew.order(cast)
    desk = sign_in("owner-GZ001")
    answer = _post(
        desk,
        "dispatch",
        made.pk,
        engineer=he.pk,
        first="2026-05-20T14:00",
        last="2026-05-20T16:00",
        version=made.version,
    )
    assert answer.status_code == 303
    page = desk.get(reverse("workorders:order", args=[made.pk])).content.decode()
    assert "SC-2" in page
    assert "RP-3" in page
    made.refresh_from_db()
    _post(desk, "move", made.pk, "arrival", version=made.version)
    made.refresh_from_db()
    assert made.state == "working"
    refused = _post(desk, "move", made.pk, "completion", action="换了电机", version=made.version)
    assert refused.status_code == 422
    assert "SC-2" in refused.content.decode()


def test_a_second_job_at_the_same_time_is_refused_beside_the_engineer(cast: Cast, sign_in) -> None:
    """EN-5."""
    he = crew.engineer(cast)
    crew.dispatched(cast, crew.order(cast), he)
    other = crew.order(cast, phone="13900001111")
    answer = _post(
        sign_in("agent"),
        "dispatch",
        other.pk,
        engineer=he.pk,
        first="2026-05-20T11:30",
        last="2026-05-20T12:30",
        version=other.version,
    )
    assert answer.status_code == 422
    assert "engineer" in answer.context["form"].errors


def test_two_who_press_at_once_the_second_is_told_who_was_faster(cast: Cast, sign_in) -> None:
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    seen = made.version
    desk = sign_in("agent")
    assert _post(desk, "move", made.pk, "acceptance", version=seen).status_code == 303
    assert _post(desk, "move", made.pk, "arrival", version=seen).status_code == 409


def test_another_outlets_order_is_not_there(cast: Cast, sign_in) -> None:
    """GN-8."""
    made = crew.order(cast)
    assert sign_in("owner-NB011").get(reverse("workorders:order", args=[made.pk])).status_code == 404


def test_the_customers_data_are_masked_until_somebody_says_what_for(cast: Cast, sign_in) -> None:
    """GN-8."""
    made = crew.order(cast)
    desk = sign_in("agent")
    url = reverse("workorders:order", args=[made.pk])
    assert "13800005678" not in desk.get(url).content.decode()
    assert "13800005678" in _post(desk, "unmask", made.pk, reason="回访").content.decode()


def test_orders_are_found_by_tail_serial_name_and_words(cast: Cast, sign_in) -> None:
    made = crew.order(cast, unit=crew.unit(cast))
    desk = sign_in("agent")
    for words in (made.number, "13800005678", "0001", "异响"):
        assert (
            made.number in desk.get(reverse("workorders:orders"), {"q": words, "tab": "all"}).content.decode()
        ), words


def test_the_api_makes_dispatches_and_moves_an_order(cast: Cast, sign_in) -> None:
    crew.engineer(cast)
    desk = sign_in("agent")
    body = {
        "kind": "repair",
        "fault": "异响",
        "phone": "13800005678",
        "address": "中山路1号",
        "outlet": "GZ001",
    }
    made = desk.post("/api/v1/orders", body, content_type="application/json").json()
    sent = desk.post(
        f"/api/v1/orders/{made['id']}/dispatch", {"version": made["version"], "engineer": "xiaohe", "first": "2026-05-20T14:00:00", "last": "2026-05-20T16:00:00"},
        content_type="application/json",
    ).json()  # fmt: skip
    assert (sent["state"], sent["engineer"]) == ("dispatched", "xiaohe")
    read = desk.get(f"/api/v1/orders/{made['id']}").json()
    assert [step["code"] for step in read["steps"]][:3] == ["application", "registration", "diagnosis"]
    assert any("RP-3" in need["clause"] for need in read["missing"])
    stale = desk.post(
        f"/api/v1/orders/{made['id']}/moves/arrival", {"version": 1}, content_type="application/json"
    )
    assert stale.status_code == 409
