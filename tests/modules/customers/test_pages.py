"""The customers' pages as people meet them."""

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.audit.models import Event
from sanbao.customers import operations
from sanbao.customers.models import Customer
from sanbao.products import operations as products
from sanbao.products.models import Model
from tests.cast import NOW, Cast


@pytest.fixture
def agent(sign_in) -> Client:
    return sign_in("agent")


@pytest.fixture
def zhang(cast: Cast) -> Customer:
    by = cast.access("supervisor")
    return operations.register("张三丰", phone="13800005678", address="中山路1号", by=by, at=NOW)


def _page(client: Client, name: str, *args: int, **query: str) -> str:
    answer = client.get(reverse(f"customers:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def _link(customer: Customer) -> str:
    """The address of the record: a short number could stand anywhere on a page."""
    return f'"{reverse("customers:customer", args=[customer.pk])}"'


@pytest.mark.parametrize("words", ["5678", "zsf", "张三"])
def test_the_list_finds_by_tail_of_telephone_initials_and_name_and_shows_nobody_in_full(
    agent: Client, zhang: Customer, words: str
) -> None:
    """DP-2, GN-8."""
    page = _page(agent, "list", q=words)
    assert _link(zhang) in page
    assert "张三丰" not in page
    assert _link(zhang) not in _page(agent, "list", q="李四")


def test_one_page_shows_what_a_customer_has_bought_and_asked(
    cast: Cast, agent: Client, zhang: Customer
) -> None:
    """DP-2, GN-6: purchases, products, service needs and history."""
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("CXW260A8260000001", model, customer=zhang, by=cast.access("supervisor"), at=NOW)  # fmt: skip
    request = cast.request(customer=zhang)
    page = _page(agent, "customer", zhang.pk)
    assert unit.serial in page and request.number in page
    assert "13800005678" not in page and "张三丰" not in page


def test_in_full_only_with_a_reason_that_is_kept(agent: Client, zhang: Customer) -> None:
    """GN-8."""
    url = reverse("customers:unmask", args=[zhang.pk])
    assert agent.post(url, {"reason": ""}).status_code == 422
    page = agent.post(url, {"reason": "客户要求核对"}).content.decode()
    assert "13800005678" in page and "张三丰" in page and "中山路1号" in page
    event = Event.objects.get(action="customers:customer:unmasked")
    assert event.details["reason"] == "客户要求核对"


def test_registering_somebody_known_is_done_and_said(agent: Client, zhang: Customer) -> None:
    form = {"name": "张三丰", "kind": "person", "phone": "138 0000 5678", "tags": "老客户，工程"}
    page = agent.post(reverse("customers:new"), form, follow=True)
    made = Customer.objects.latest("id")
    assert made.pk != zhang.pk and made.tags == ["老客户", "工程"] and made.initials == "zsf"
    assert made.contacts.get().phone == "13800005678"
    assert "已有客户使用此电话或地址" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "typed"), [("phone", "123"), ("name", ""), ("email", "x@"), ("tags", ",".join("abcdefghijkl"))]
)
def test_bad_input_is_refused_beside_its_field_and_nothing_is_kept(
    agent: Client, field: str, typed: str
) -> None:
    answer = agent.post(reverse("customers:new"), {"name": "n", "kind": "person", field: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not Customer.objects.exists()


def test_a_new_name_gets_new_initials_and_mended_ones_stay(agent: Client, zhang: Customer) -> None:
    url = reverse("customers:edit", args=[zhang.pk])
    agent.post(url, {"name": "单三", "kind": "person", "initials": "zsf"})
    zhang.refresh_from_db()
    assert zhang.initials == "ds"
    agent.post(url, {"name": "单三", "kind": "person", "initials": "SS"})
    zhang.refresh_from_db()
    assert zhang.initials == "ss"


def test_what_somebody_else_changed_meanwhile_is_shown(agent: Client, cast: Cast, zhang: Customer) -> None:
    url = reverse("customers:edit", args=[zhang.pk])
    seen = agent.get(url).context["form"].initial["seen"]
    operations.amend(zhang, {"note": "先联系儿子"}, by=cast.access("supervisor"), at=NOW)
    answer = agent.post(url, {"name": "张三丰", "kind": "person", "note": "x", "seen": seen})
    assert answer.status_code == 409 and "先联系儿子" in answer.content.decode()


def test_contacts_addresses_and_consents_are_added_and_ended_on_the_page(
    agent: Client, zhang: Customer
) -> None:
    def post(page: str, *args: int, **fields: str) -> int:
        return agent.post(reverse(f"customers:{page}", args=[zhang.pk, *args]), fields).status_code

    assert post("contact-new", phone="13900001111", role="儿子", preferred="on") == 303
    assert post("contact-new", phone="13900001111") == 422, "the same number twice"
    assert post("contact-new", name="无") == 422, "nobody is reached by that"
    assert post("address-new", text="人民路2号") == 303
    assert post("consent-new", purpose="photos", how="电话中同意") == 303
    assert post("consent-new", purpose="photos", how="电话中同意") == 422
    first = zhang.contacts.get(phone="13900001111")
    assert first.preferred and zhang.contacts.filter(preferred=True).count() == 1
    assert post("contact-end", first.pk) == 303
    assert post("consent-withdraw", zhang.consents.get().pk) == 303
    assert zhang.contacts.filter(ended_at__isnull=True).count() == 1
    assert zhang.consents.get().withdrawn_at


def test_duplicates_are_compared_merged_and_taken_apart_by_the_supervisor_only(
    cast: Cast, sign_in, agent: Client, zhang: Customer
) -> None:
    twin = operations.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    assert agent.get(reverse("customers:duplicates")).status_code == 403
    supervisor = sign_in("supervisor")
    assert _link(twin) in _page(supervisor, "duplicates")
    url = reverse("customers:merge", args=[zhang.pk, twin.pk])
    assert supervisor.get(url).status_code == 200
    page = supervisor.post(url, follow=True).content.decode()
    assert f"{twin.number} 已并入 {zhang.number}" in page
    led = agent.get(reverse("customers:customer", args=[twin.pk]), follow=True)
    assert led.redirect_chain[-1][0] == reverse("customers:customer", args=[zhang.pk])
    merged = zhang.merges.get()
    supervisor.post(reverse("customers:undo-merge", args=[zhang.pk, merged.pk]))
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_an_outlet_reads_only_the_customers_it_serves(cast: Cast, sign_in, zhang: Customer) -> None:
    """GN-8, ASVS 8.2.2."""
    owner = sign_in("owner-GZ001")
    assert _link(zhang) not in _page(owner, "list")
    assert owner.get(reverse("customers:customer", args=[zhang.pk])).status_code == 404
    operations.serve(zhang, cast.outlets["GZ001"], by=cast.access("supervisor"), at=NOW)
    assert _link(zhang) in _page(owner, "list")
    assert owner.get(reverse("customers:customer", args=[zhang.pk])).status_code == 200


def test_a_customer_from_the_page_is_chosen_on_the_hotline_form(agent: Client, zhang: Customer) -> None:
    url = f"{reverse('intake:call')}?customer={zhang.pk}"
    assert url in _page(agent, "customer", zhang.pk)
    assert agent.get(url).context["who"].customer == zhang
