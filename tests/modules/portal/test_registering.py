"""An appliance is registered by the code on its label; the desk checks it, and then it is a unit."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.intake.models import Request
from sanbao.portal.operations import door
from sanbao.products import operations as products
from sanbao.products import registering
from sanbao.products.models import Model, Registration, Unit
from sanbao.products.personal import Source
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.portal.test_portal import picture
from tests.modules.portal.test_visitors import PHONE, come_in

pytestmark = pytest.mark.usefixtures("set_up")
SERIAL, UNKNOWN = "CXW260A8260000001", "CXW260A8269999999"


@pytest.fixture
def set_up(time_machine, settings) -> None:
    time_machine.move_to(NOW, tick=False)
    settings.SMS_URL = "https://sms.example.com/send"


@pytest.fixture
def typed() -> dict[str, object]:
    """What a customer types."""
    return {
        "serial": SERIAL, "purchased_on": "2026-01-10", "source": "store", "seller": "五星电器", "name": "张三丰", "phone": "138 0000 5678",
        "address": "中山路1号", "agree": "on",
    }  # fmt: skip


def _url(cast: Cast) -> str:
    return reverse("portal:register", args=[cast.company.code])


def _unit(cast: Cast, **known: object) -> Unit:
    model = Model.objects.get(company=cast.company, code="CXW-260-A8")
    return products.register_unit(SERIAL, model, by=cast.access("supervisor"), at=NOW, **known)


def _register(cast: Cast, typed: dict[str, object], client: Client | None = None) -> Registration:
    answer = (client or Client()).post(_url(cast), typed)
    assert answer.status_code == 303, answer.context["form"].errors
    return Registration.objects.latest("id")


def test_the_label_s_code_opens_the_form_with_serial_and_model(cast: Cast) -> None:
    _unit(cast)
    page = Client().get(_url(cast) + f"?serial={SERIAL.lower()}").content.decode()
    assert SERIAL in page and "CXW-260-A8" in page
    for told in ("用途", "保存期限", "3年", "民法典 第188条", "您的权利"):
        assert told in page, told
    assert not re.search(r'name="marketing"[^>]*checked', page), "PIPL: agreeing is the customer's own act"


def test_what_was_registered_shows_the_warranty_with_its_why_at_once_and_no_clear_data(
    cast: Cast, typed
) -> None:
    """clause KA-5.1, clause DP-2."""
    _unit(cast)
    answer = Client().post(_url(cast), typed | {"proof": picture("invoice.jpg")})
    page = Client().get(answer.url).content.decode()
    for told in ("整机", "电机", "2027-01-10", "KA-5.1", "正在核对", "138****5678"):
        assert told in page, told
    assert "张三丰" not in page and PHONE not in page and "中山路" not in page
    row = Registration.objects.get()
    assert (row.state, row.doubts, row.confirmed, row.marketing, row.number) == (
        "waiting",
        ["phone"],
        False,
        False,
        "R1",
    )
    assert row.proof and Event.objects.filter(action="products:registration:made", by=None).count() == 1


def test_a_visitor_s_number_counts_as_confirmed_and_can_not_be_typed_over(cast: Cast, typed) -> None:
    _unit(cast)
    row = _register(cast, typed | {"phone": "13900001111"}, come_in(cast))
    assert (row.phone, row.confirmed) == (PHONE, True)
    assert "phone" not in row.doubts


def test_an_unknown_serial_of_ours_waits_to_be_checked_with_its_model(cast: Cast, typed) -> None:
    row = _register(cast, typed | {"serial": UNKNOWN})
    assert row.model.code == "CXW-260-A8" and "serial" in row.doubts


@pytest.mark.parametrize(
    ("serial", "sentence"),
    [("HAIER20260001", "其他品牌"), ("12345", "至少有6位"), ("机身号码一二三", "机身"), ("", "必填")],
)
def test_a_serial_of_another_maker_or_none_at_all_is_told_at_the_field(
    cast: Cast, typed, serial: str, sentence: str
) -> None:
    answer = Client().post(_url(cast), typed | {"serial": serial})
    assert answer.status_code == 422 and not Registration.objects.exists()
    assert sentence in str(answer.context["form"].errors["serial"])


def test_an_odd_serial_with_one_of_our_models_is_taken_to_be_checked(cast: Cast, typed) -> None:
    row = _register(cast, typed | {"serial": "OLD2019-0001", "model": "jzt-b52"})
    assert row.model.code == "JZT-B52" and "serial" in row.doubts


@pytest.mark.parametrize("day", ["2026-05-21", "2025-11-30", "1980-01-01", "昨日", ""])
def test_a_wrong_day_is_refused_beside_the_field(cast: Cast, typed, day: str) -> None:
    _unit(cast, produced_on=date(2025, 12, 1))
    answer = Client().post(_url(cast), typed | {"purchased_on": day})
    assert answer.status_code == 422 and answer.context["form"].errors["purchased_on"]
    assert not Registration.objects.exists()


def test_without_consent_nothing_is_kept(cast: Cast, typed) -> None:
    """PIPL 13."""
    answer = Client().post(_url(cast), typed | {"agree": ""})
    assert answer.status_code == 422 and not Registration.objects.exists()


def test_the_same_while_it_waits_is_registered_once(cast: Cast, typed) -> None:
    first = _register(cast, typed)
    assert _register(cast, typed) == first


def test_somebody_else_s_unit_is_not_taken_over_and_the_desk_gets_a_request(cast: Cast, typed) -> None:
    """clause DP-2: what is registered changes nothing until a colleague has looked."""
    owner = customers.register("李四", phone="13900001111", by=cast.access("supervisor"), at=NOW)
    unit = _unit(cast, customer=owner, purchased_on=date(2025, 12, 24))
    answer = Client().post(_url(cast), typed)
    row, asked = Registration.objects.get(), Request.objects.get()
    unit.refresh_from_db()
    assert unit.customer == owner and {"owner", "day"} <= set(row.doubts)
    assert asked.unit == unit and row.number in asked.subject and asked.phone == PHONE
    page = Client().get(answer.url).content.decode()
    for hidden in ("李四", "他人", "2025-12-24", "13900001111"):
        assert hidden not in page, hidden
    with pytest.raises(Refusal) as refused:
        registering.accept(row, by=cast.access("agent"), at=NOW)
    assert refused.value.field == "take_over"
    registering.accept(row, take_over=True, by=cast.access("agent"), at=NOW)
    unit.refresh_from_db()
    assert unit.customer.name == "张三丰"


def test_what_the_desk_accepts_is_a_unit_of_the_customer_with_its_warranty_decided(cast: Cast, typed) -> None:
    """clause DP-2, clause KA-5.1."""
    row = _register(cast, typed | {"serial": UNKNOWN, "marketing": "on", "proof": picture()})
    unit = registering.accept(row, by=cast.access("agent"), at=NOW)
    customer = Customer.objects.get(name="张三丰")
    assert (unit.serial, unit.customer, str(unit.address), unit.proof) == (
        UNKNOWN,
        customer,
        "中山路1号",
        row.proof,
    )
    assert unit.covers.get(component="").last_day == date(2027, 1, 10)
    assert customer.consents.get().purpose == "marketing"
    row.refresh_from_db()
    assert (row.state, row.unit, row.checked_by) == ("accepted", unit, cast.people["agent"])
    with pytest.raises(Refusal) as refused:
        registering.refuse(row, "x", by=cast.access("agent"), at=NOW)
    assert refused.value.code == "checked"


def test_a_telephone_of_two_customers_needs_the_number_of_the_right_one(cast: Cast, typed) -> None:
    by = cast.access("supervisor")
    _first, second = (customers.register(name, phone=PHONE, by=by, at=NOW) for name in ("张三丰", "李四"))
    row = _register(cast, typed)
    with pytest.raises(Refusal) as refused:
        registering.accept(row, by=cast.access("agent"), at=NOW)
    assert refused.value.field == "customer"
    assert registering.accept(row, customer=second, by=cast.access("agent"), at=NOW).customer == second


def test_the_desk_s_pages_list_correct_accept_and_refuse(cast: Cast, typed, sign_in) -> None:
    agent, row = sign_in("agent"), _register(cast, typed | {"serial": UNKNOWN})
    assert row.number in agent.get(reverse("products:registrations")).content.decode()
    url = reverse("products:registration", args=[row.pk])
    page = agent.get(url).content.decode()
    assert "2027-01-10" in page and "张三丰" not in page and PHONE not in page
    assert "待核对的产品登记" in agent.get("/").content.decode()
    fixed = {"serial": SERIAL, "model": row.model_id, "purchased_on": "2026-02-01", "source": "online"}
    assert (
        agent.post(reverse("products:registration-correct", args=[row.pk]), fixed | {"purchased_on": "2099-01-01"}).status_code
        == 422
    )  # fmt: skip
    assert agent.post(reverse("products:registration-correct", args=[row.pk]), fixed).status_code == 303
    shown = agent.post(reverse("products:registration-unmask", args=[row.pk]), {"reason": "核实电话"})
    assert "张三丰" in shown.content.decode()
    assert agent.post(reverse("products:registration-accept", args=[row.pk]), {}).status_code == 303
    unit = Unit.objects.get(serial=SERIAL)
    assert unit.purchased_on == date(2026, 2, 1)
    other = _register(cast, typed | {"serial": UNKNOWN})
    refuse = reverse("products:registration-refuse", args=[other.pk])
    assert agent.post(refuse, {"reason": ""}).status_code == 422
    assert agent.post(refuse, {"reason": "发票与型号不符"}).status_code == 303
    assert agent.get(reverse("api:read_registration", args=[other.pk])).json()["reason"] == "发票与型号不符"
    assert (
        agent.get(reverse("api:list_registrations") + "?state=refused").json()["items"][0]["phone"]
        == "138****5678"
    )


def test_an_outlet_does_not_see_what_customers_register(cast: Cast, typed, sign_in) -> None:
    row, owner = _register(cast, typed), sign_in("owner-GZ001")
    assert owner.get(reverse("products:registrations")).status_code == 403
    assert owner.get(reverse("products:registration", args=[row.pk])).status_code == 403


def test_a_person_s_copy_and_erasure_reach_registrations(cast: Cast, typed) -> None:
    """PIPL 45, 47."""
    row = _register(cast, typed)
    with scope.everything("tests"), erasing():
        subject = Subject(cast.company.pk, PHONE)
        assert Source().copy(subject)["registrations"][0]["name"] == "张三丰"
        assert Source().open_matters(subject)
        Source().erase(subject, by=door(cast.company), at=NOW, reason="x")
    row.refresh_from_db()
    assert "张三丰" not in (row.name, row.phone, row.address) and row.phone != PHONE


def test_a_forged_link_opens_nothing(cast: Cast) -> None:
    assert Client().get(reverse("portal:registration", args=[cast.company.code, "1~x~y"])).status_code == 404


def test_labels_are_printed_for_one_and_for_the_ticked_units(cast: Cast, sign_in, settings) -> None:
    """clause KA-5.2: model, serial number, code and hotline."""
    settings.SITE_URL = "https://service.example.com"
    agent, unit = sign_in("agent"), _unit(cast)
    one = agent.get(reverse("products:unit-label", args=[unit.pk]))
    assert one.status_code == 200 and one.content[:5] == b"%PDF-"
    many = agent.post(reverse("products:unit-labels"), {"row": [unit.pk]})
    assert many.content[:5] == b"%PDF-" and "attachment" in many.headers["Content-Disposition"]
    assert Event.objects.filter(action="products:unit:label-printed").count() == 2
    assert agent.post(reverse("products:unit-labels"), {}).status_code == 303
