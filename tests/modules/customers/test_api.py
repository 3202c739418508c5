"""Customers by API: the same operations, the same visibility, clear refusals."""

from datetime import timedelta

import pytest
from django.test import Client

from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from tests.cast import NOW, Cast

API = "/api/v1/customers"
ASKED = {
    "name": "张三丰",
    "phone": "138 0000 5678",
    "email": "zhang@example.com",
    "address": "某市某区中山路1号",
    "vip": True,
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


def test_a_customer_is_registered_read_masked_and_in_clear_with_a_reason(cast: Cast, call) -> None:
    """clause DP-2, GN-8."""
    status, made = call("agent", "post", "", ASKED)
    assert status == 200 and (made["name"], made["vip"], made["same"]) == ("张*", True, []), made
    row = Customer.objects.get(pk=made["id"])
    assert (row.name, row.contacts.get().phone, row.addresses.get().text) == (
        "张三丰",
        "13800005678",
        ASKED["address"],
    )
    _status, read = call("agent", "get", f"/{row.pk}")
    assert (read["contacts"][0]["phone"], read["addresses"][0]["address"][-4:]) == ("138****5678", "****")
    assert call("agent", "get", f"/{row.pk}?reason=x", scopes=(Scope.READ,))[0] == 403
    assert call("agent", "get", f"/{row.pk}?reason=回访")[1]["contacts"][0]["phone"] == "13800005678"
    assert Event.objects.get(action="customers:customer:unmasked").details["reason"] == "回访"


def test_sent_twice_under_one_key_it_is_registered_once_and_a_shared_telephone_is_told(
    cast: Cast, call
) -> None:
    first = call("agent", "post", "", ASKED, **{"Idempotency-Key": "crm-0000001"})
    assert call("agent", "post", "", ASKED, **{"Idempotency-Key": "crm-0000001"}) == first
    assert Customer.objects.count() == 1
    assert call("agent", "post", "", ASKED | {"name": "张翠山"})[1]["same"] == [first[1]["number"]]


def test_a_list_is_paged_and_searched_by_the_last_digits(cast: Cast, call) -> None:
    by = cast.access("supervisor")
    rows = [customers.register(f"客户{n}", phone=f"1380000{n}678", by=by, at=NOW) for n in (1, 2, 3)]
    _status, page = call("agent", "get", "?limit=2")
    assert [item["id"] for item in page["items"]] == [rows[2].pk, rows[1].pk] and page["more"]
    _status, rest = call("agent", "get", f"?limit=2&before={rows[1].pk}")
    assert [item["id"] for item in rest["items"]] == [rows[0].pk] and not rest["more"]
    assert [item["id"] for item in call("agent", "get", "?words=2678")[1]["items"]] == [rows[1].pk]
    assert [item["id"] for item in call("agent", "get", f"?words={rows[2].number}")[1]["items"]] == [
        rows[2].pk
    ]


def test_it_is_changed_and_what_is_left_out_stays(cast: Cast, call) -> None:
    row = customers.register("张三丰", phone="13800005678", note="x", by=cast.access("supervisor"), at=NOW)
    status, told = call(
        "agent", "post", f"/{row.pk}/amendment", {"vip": True, "tags": ["老客户"], "plan": "每季度清洗"}
    )
    assert (status, told["vip"], told["tags"]) == (200, True, ["老客户"])
    row.refresh_from_db()
    assert (row.note, row.plan) == ("x", "每季度清洗")
    status, told = call("agent", "post", f"/{row.pk}/contacts", {"phone": "13900001111"})
    assert status == 200 and row.contacts.count() == 2
    assert call("agent", "post", f"/{row.pk}/contacts", {"phone": "13900001111"})[1]["code"] == "known"


@pytest.mark.parametrize("wrong", [{"phone": "12"}, {"email": "x@"}, {"name": None}, {"kind": "robot"}])
def test_what_does_not_fit_the_declared_fields_is_refused_with_its_place(cast: Cast, call, wrong) -> None:
    status, told = call("agent", "post", "", ASKED | wrong)
    assert (status, told["code"], told["detail"][0]["loc"][-1]) == (422, "invalid", next(iter(wrong)))
    assert not Customer.objects.exists()


def test_bad_input_says_which_field(cast: Cast, call) -> None:
    for wrong, field in (({"name": " "}, "name"), ({"outlet": "XX999"}, "outlet")):
        status, told = call("agent", "post", "", ASKED | wrong)
        assert (status, told["field"]) == (422, field) and told["sentence"]


def test_an_outlet_sees_its_own_customers_only_and_a_reader_changes_nothing(cast: Cast, call) -> None:
    """ASVS 8.2.2."""
    row = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    assert call("owner-GZ001", "get", f"/{row.pk}")[0] == 404
    assert call("owner-GZ001", "get")[1]["items"] == []
    assert call("auditor", "post", f"/{row.pk}/amendment", {"vip": True})[0] == 403
    assert call("agent", "post", "", ASKED, scopes=(Scope.READ,))[0] == 403
