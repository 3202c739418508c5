"""Units by API: with their warranty and its why, the same operations and refusals."""

from datetime import timedelta

import pytest
from django.test import Client

from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.customers import operations as customers
from sanbao.products import operations as products
from sanbao.products.models import Model, Unit
from tests.cast import NOW, Cast

API = "/api/v1/units"
ASKED = {
    "serial": "cxw260a8260000001",
    "model": "CXW-260-A8",
    "purchased_on": "2026-01-10",
    "source": "store",
}
pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def call(cast: Cast):
    """`call("agent", "get", "/1")`: a request with that person's token; answers (status, JSON)."""

    def request(
        who: str, method: str, path: str = "", body: object = None, scopes=tuple(Scope), **headers: str
    ):
        _token, secret = Token.make(
            cast.people[who], cast.company, "test", at=NOW, expires_at=NOW + timedelta(days=30), scopes=list(scopes)
        )  # fmt: skip
        client = Client(headers={"Authorization": f"Bearer {secret}", **headers})
        answer = getattr(client, method)(API + path, data=body, content_type="application/json")
        return answer.status_code, answer.json()

    return request


def test_a_unit_is_registered_and_read_with_its_warranty_by_component_and_why(cast: Cast, call) -> None:
    """clause KA-5.1, clause DP-2."""
    owner = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    status, made = call("agent", "post", "", ASKED | {"customer": owner.number})
    assert status == 200, made
    assert (made["serial"], made["customer"], made["in_warranty"]) == (
        "CXW260A8260000001",
        owner.number,
        True,
    )
    _status, read = call("agent", "get", f"/{made['id']}?language=en")
    assert {cover["component"] for cover in read["covers"]} >= {""}
    assert all(cover["why"] and cover["why"][0]["clause"] for cover in read["covers"])


def test_sent_twice_under_one_key_it_is_registered_once_and_a_known_serial_is_refused(
    cast: Cast, call
) -> None:
    first = call("agent", "post", "", ASKED, **{"Idempotency-Key": "erp-0000001"})
    assert call("agent", "post", "", ASKED, **{"Idempotency-Key": "erp-0000001"}) == first
    status, told = call("agent", "post", "", ASKED)
    assert (status, told["field"], told["code"]) == (422, "serial", "registered")
    assert Unit.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"model": "NONE-1"}, "model"), ({"customer": "K99999"}, "customer"), ({"purchased_on": "2026-12-31"}, "purchased_on"), ({"serial": ""}, "serial")],
)  # fmt: skip
def test_bad_input_says_which_field(cast: Cast, call, wrong, field) -> None:
    status, told = call("agent", "post", "", ASKED | wrong)
    assert (status, told["field"]) == (422, field) and told["sentence"]
    assert not Unit.objects.exists()


def test_a_list_is_paged_and_searched_by_the_end_of_the_serial_and_by_customer(cast: Cast, call) -> None:
    by = cast.access("supervisor")
    owner = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    model = Model.objects.get(company=cast.company, code="CXW-260-A8")
    rows = [products.register_unit(f"SN2600{n}678", model, customer=owner if n == 2 else None, by=by, at=NOW) for n in (1, 2, 3)]  # fmt: skip
    _status, page = call("agent", "get", "?limit=2")
    assert [item["id"] for item in page["items"]] == [rows[2].pk, rows[1].pk] and page["more"]
    assert [item["id"] for item in call("agent", "get", "?words=2678")[1]["items"]] == [rows[1].pk]
    assert [item["id"] for item in call("agent", "get", f"?customer={owner.number}")[1]["items"]] == [
        rows[1].pk
    ]


def test_other_days_make_another_warranty_and_another_customer_is_handed_the_unit(cast: Cast, call) -> None:
    by = cast.access("supervisor")
    owner = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    unit_id = call("agent", "post", "", ASKED)[1]["id"]
    before = call("agent", "get", f"/{unit_id}")[1]["covered_until"]
    status, told = call(
        "agent", "post", f"/{unit_id}/amendment", {"purchased_on": "2025-01-10", "customer": owner.number}
    )
    assert (status, told["customer"]) == (200, owner.number) and told["covered_until"] < before
    assert (
        call("agent", "post", f"/{unit_id}/amendment", {"emptied": ["purchased_on"]})[1]["covered_until"]
        is None
    )


def test_whose_a_unit_is_is_told_only_to_who_serves_the_customer(cast: Cast, call) -> None:
    """KA-4.1: any outlet may look any unit up; ASVS 8.2.2."""
    owner = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    made = call("agent", "post", "", ASKED | {"customer": owner.number})[1]
    assert call("owner-GZ001", "get", f"/{made['id']}")[1]["customer"] is None
    assert call("auditor", "post", f"/{made['id']}/amendment", {"note": "x"})[0] == 403
