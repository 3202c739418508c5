"""The service desk by API: the same operations, the same visibility, clear refusals."""

from datetime import timedelta

import pytest
from django.test import Client

from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.intake.models import Category, Request
from sanbao.notices.models import Message
from sanbao.products import operations as products
from sanbao.products.models import Model
from tests.cast import NOW, Cast

API = "/api/v1/requests"
ASKED = {
    "class": "repair-noise",
    "subject": "油烟机异响",
    "severity": "part",
    "phone": "138 0000 5678",
    "contact": "张三丰",
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
            cast.people[who],
            cast.company,
            "test",
            at=NOW,
            expires_at=NOW + timedelta(days=30),
            scopes=list(scopes),
        )
        client = Client(headers={"Authorization": f"Bearer {secret}", **headers})
        answer = getattr(client, method)(API + path, data=body, content_type="application/json")
        return answer.status_code, answer.json()

    return request


def test_a_request_is_registered_by_another_system_weighed_promised_and_put_where_it_belongs(
    cast: Cast, call
) -> None:
    """clause BA-2, clause BA-3, DP-3: every channel is registered and given to someone."""
    status, made = call("agent", "post", "", ASKED | {"external_id": "CRM-1"})
    assert status == 200, made
    row = Request.objects.get(pk=made["id"])
    assert (row.channel, row.phone, made["phone"], made["contact"]) == (
        "api",
        "13800005678",
        "138****5678",
        "张*",
    )
    assert row.promises.count() == 3 and row.priority_decision and row.team
    _status, read = call("agent", "get", f"/{row.pk}")
    assert {promise["kind"] for promise in read["promises"]} == {"answer", "response", "resolution"}
    assert all(promise["why"] for promise in read["promises"]) and read["level_why"]
    assert row.entries.earliest("id").external_id == "CRM-1"


def test_what_is_answered_to_who_registers_is_what_a_list_says_of_it(cast: Cast, call) -> None:
    for who, more in (("agent", {}), ("owner-GZ001", {"outlet": "GZ001"})):
        _status, made = call(who, "post", "", ASKED | more)
        assert call(who, "get")[1]["items"][0] == made


def test_sent_twice_under_one_key_it_is_registered_once(cast: Cast, call) -> None:
    first = call("agent", "post", "", ASKED, **{"Idempotency-Key": "crm-0000001"})
    assert call("agent", "post", "", ASKED, **{"Idempotency-Key": "crm-0000001"}) == first
    assert Request.objects.count() == 1


def test_a_key_that_cannot_be_kept_is_refused_rather_than_not_heeded(cast: Cast, call) -> None:
    status, told = call("agent", "post", "", ASKED, **{"Idempotency-Key": "short"})
    assert (status, told["code"]) == (422, "key_unfit")
    assert not Request.objects.exists()


def test_customer_and_serial_are_looked_up_and_an_unknown_serial_is_kept(cast: Cast, call) -> None:
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", vip=True, by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("A1234567", model, customer=customer, by=by, at=NOW)
    _status, made = call("agent", "post", "", ASKED | {"customer": customer.number, "serial": "a1234567"})
    row = Request.objects.get(pk=made["id"])
    assert (row.customer, row.unit, made["model"], "vip" in made["flags"]) == (
        customer,
        unit,
        model.code,
        True,
    )
    _status, made = call("agent", "post", "", ASKED | {"serial": "zz-99"})
    row = Request.objects.get(pk=made["id"])
    assert (row.unit, row.serial) == (None, "ZZ-99")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"class": "none"}, "class"), ({"customer": "K99999"}, "customer"), ({"outlet": "XX999"}, "outlet"), ({"phone": "", "contact": ""}, "phone"), ({"subject": " "}, "subject")],
)  # fmt: skip
def test_bad_input_says_which_field_and_registers_nothing(
    cast: Cast, call, wrong: dict[str, str], field: str
) -> None:
    status, told = call("agent", "post", "", ASKED | wrong)
    assert (status, told["field"]) == (422, field)
    assert told["sentence"]
    assert not Request.objects.exists()


def test_a_class_no_longer_used_is_refused_by_its_name(cast: Cast, call) -> None:
    Category.objects.filter(company=cast.company, code=ASKED["class"]).update(retired_at=NOW)
    status, told = call("agent", "post", "", ASKED)
    assert (status, told["code"]) == (422, "retired")
    assert not Request.objects.exists()


@pytest.mark.parametrize("wrong", [{"phone": "12"}, {"email": "x@"}, {"subject": None}, {"flags": "gas"}])
def test_what_does_not_fit_the_declared_fields_is_refused_with_its_place(
    cast: Cast, call, wrong: dict[str, object]
) -> None:
    status, told = call("agent", "post", "", ASKED | wrong)
    assert (status, told["code"]) == (422, "invalid")
    assert told["detail"][0]["loc"][-1] == next(iter(wrong))


def test_a_list_is_cut_paged_and_searched(cast: Cast, call) -> None:
    rows = [cast.request(subject=f"{word}异响") for word in ("油烟机", "热水器", "燃气灶")]
    _status, page = call("agent", "get", "?limit=2")
    assert [item["id"] for item in page["items"]] == [rows[2].pk, rows[1].pk] and page["more"]
    _status, rest = call("agent", "get", f"?limit=2&before={rows[1].pk}")
    assert [item["id"] for item in rest["items"]] == [rows[0].pk] and not rest["more"]
    assert [item["id"] for item in call("agent", "get", "?words=热水器")[1]["items"]] == [rows[1].pk]
    assert call("agent", "get", "?state=closed")[1]["items"] == []


def test_in_clear_only_with_a_reason_and_a_token_that_may(cast: Cast, call) -> None:
    """GN-8."""
    row = cast.request()
    assert call("agent", "get", f"/{row.pk}")[1]["phone"] == "138****5678"
    assert call("agent", "get", f"/{row.pk}?reason=x", scopes=(Scope.READ,))[0] == 403
    assert call("agent", "get", f"/{row.pk}?reason=回访")[1]["phone"] == "13800005678"
    assert Event.objects.get(action="intake:customer:unmasked").details["reason"] == "回访"


def test_an_outlet_reads_and_registers_its_own_only(cast: Cast, call) -> None:
    """ASVS 8.2.2."""
    row = cast.request()
    assert call("owner-GZ001", "get", f"/{row.pk}")[0] == 404
    assert call("owner-GZ001", "get")[1]["items"] == []
    assert call("owner-GZ001", "post", "", ASKED)[1]["field"] == "outlet"
    status, made = call("owner-GZ001", "post", "", ASKED | {"outlet": "GZ001"})
    assert (status, made["outlet"]) == (200, "GZ001")


def test_a_request_goes_its_way_by_api_and_who_comes_too_late_is_told(cast: Cast, call) -> None:
    """clause CS-3, ST-4: solution and the customer's word stay with it."""
    row = cast.request()
    given = {"version": row.version, "person": cast.people["support"].username}
    status, row_ = call("agent", "post", f"/{row.pk}/assignment", given)
    assert status == 200, row_
    assert call("agent", "post", f"/{row.pk}/assignment", given)[0] == 409, "the version has been seen"
    assert (
        call("agent", "post", f"/{row.pk}/assignment", {"version": row_["version"], "person": "nobody"})[1][
            "field"
        ]
        == "person"
    )
    by_person = [call("agent", "get", f"?assignee={name}")[1]["items"] for name in ("support", "nobody")]
    assert [[item["id"] for item in items] for items in by_person] == [[row.pk], []]
    version = row_["version"]
    for noun, more in (("start", {}), ("solution", {"text": "已指导清理"}), ("closure", {"text": "满意"})):
        status, shown = call("support", "post", f"/{row.pk}/moves/{noun}", {"version": version, **more})
        assert status == 200, shown
        version = shown["version"]
    _status, read = call("agent", "get", f"/{row.pk}")
    assert (read["state"], read["solution"], read["feedback"]) == ("closed", "已指导清理", "满意")
    assert call("support", "post", f"/{row.pk}/moves/start", {"version": version})[0] in (409, 422)
    assert call("support", "post", f"/{row.pk}/moves/flying", {"version": version})[0] == 404


def test_notes_calls_and_letters_stand_in_the_timeline(cast: Cast, call) -> None:
    """clause DP-5."""
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", email="zhang@example.com", by=by, at=NOW)
    row = cast.request(customer=customer)
    for kind in ("note", "called", "reply"):
        assert call("agent", "post", f"/{row.pk}/timeline", {"kind": kind, "text": f"{kind}!"})[0] == 200
    told = [each["text"] for each in call("agent", "get", f"/{row.pk}")[1]["timeline"]]
    assert {"note!", "called!", "reply!"} <= set(told)
    assert Message.objects.get(about=f"intake.request:{row.pk}").address == "zhang@example.com", (
        "the customer's own address"
    )


def test_nobody_to_write_to_is_a_refusal_and_no_fault(cast: Cast, call) -> None:
    row = cast.request(
        customer=customers.register("李四", phone="13900001111", by=cast.access("supervisor"), at=NOW)
    )
    status, told = call("agent", "post", f"/{row.pk}/timeline", {"kind": "reply", "text": "x"})
    assert (status, told["code"]) == (422, "no_address")


def test_classes_are_told_as_a_tree(cast: Cast, call) -> None:
    items = {item["code"]: item for item in call("agent", "get", "/classes")[1]["items"]}
    assert items["repair"]["depth"] == 0 and items["repair-noise"]["depth"] == 1
