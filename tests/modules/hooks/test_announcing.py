"""What is announced to other systems: with the change or not at all, the kinds subscribed to, and nobody's data."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from sanbao.accounts.access import Access
from sanbao.audit.models import Change, Event
from sanbao.customers import operations as customers
from sanbao.hooks import operations
from sanbao.hooks.kinds import KINDS, OF_ACTION
from sanbao.hooks.models import Delivery, Subscription
from sanbao.intake import alarms
from sanbao.intake import operations as desk
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, assemble
from tests.modules.hooks import stub

Subscribed = tuple[Subscription, str]


def kinds() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


def test_what_happens_to_a_request_is_announced_in_its_order(cast: Cast, subscribed: Subscribed) -> None:
    """clause CO-3: other departments' systems are told at once."""
    by = cast.access("supervisor")
    request = cast.request(email="a@example.com")
    request = desk.take(request, version=None, by=by, at=NOW)
    desk.reply(request, "我们明天上门。", by=by, at=NOW)
    desk.receive_message(request, "好的", channel="email", external_id="1", by=by, at=NOW)
    desk.move(request, "start", version=None, by=by, at=NOW)
    assert kinds() == ["request.registered", "request.assigned", "message.out", "message.in", "request.moved"]
    assert len(set(Delivery.objects.values_list("thing", flat=True))) == 1
    body = Delivery.objects.latest("pk").body
    assert body["object"]["number"] == request.number
    assert body["change"] == {"state": "working"}
    assert body["company"] == "maker"


def test_a_change_that_is_undone_announces_nothing(cast: Cast, subscribed: Subscribed) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cast.request()
        assert kinds() == ["request.registered"]
        _ = 1 / 0
    assert kinds() == []


def test_a_missed_promise_is_announced_once_for_its_due_moment(cast: Cast, subscribed: Subscribed) -> None:
    """clause GN-3."""
    cast.request(channel="web")
    for minutes in (0, 1, 60, 600):
        alarms.sound(NOW + timedelta(days=1, minutes=minutes))
    told = [(d.body["change"]["promise"], d.body["change"]["due_at"]) for d in Delivery.objects.filter(kind="promise.missed")]  # fmt: skip
    assert told and len(told) == len(set(told))


def test_only_what_was_subscribed_to_is_announced_and_only_to_its_company(cast: Cast, other: stub.Other) -> None:  # fmt: skip
    second = assemble("second", "b-", "恒准")
    operations.subscribe("A", other.url, ["request.assigned"], by=cast.access("admin"), at=NOW)
    operations.subscribe("B", other.url, ["request.registered"], by=second.access("admin"), at=NOW)
    cast.request()
    assert kinds() == []
    second.request()
    assert kinds() == ["request.registered"]


def test_bodies_hold_no_persons_data(cast: Cast, subscribed: Subscribed) -> None:
    """PIPL 6: no more than is needed."""
    cast.request(contact="欧阳测试", phone="13812345678", address="秘密路8号", description="我叫欧阳测试", subject="欧阳家异响")  # fmt: skip
    text = json.dumps(Delivery.objects.get().body, ensure_ascii=False)
    for word in ("欧阳", "13812345678", "秘密路"):
        assert word not in text


def test_every_kind_has_an_example_with_the_fields_that_are_sent(cast: Cast, subscribed: Subscribed) -> None:
    """What the documentation shows is what is sent."""
    request = cast.request()
    assert set(KINDS["request.registered"].describe(request)) == set(KINDS["request.registered"].example)
    assert all(kind.example for kind in KINDS.values())
    assert OF_ACTION["settlements:statement:payment"].code == "statement.moved"


def test_statements_customers_and_units_are_announced_too(cast: Cast, other: stub.Other) -> None:
    from sanbao.products import operations as products
    from sanbao.products.models import Model

    operations.subscribe("ERP", other.url, ["statement.moved", "customer.registered", "customer.amended", "unit.registered"], by=cast.access("admin"), at=NOW)  # fmt: skip
    by = cast.access("agent")
    customer = customers.register("张三", phone="13800005678", by=by, at=NOW)
    customers.amend(customer, {"vip": True}, by=by, at=NOW)
    products.register_unit("X1", Model.objects.first(), customer=customer, by=by, at=NOW)
    cast.sheet()
    cast.received()
    cast.statement(upto="checked")
    assert kinds() == ["customer.registered", "customer.amended", "unit.registered", "statement.moved", "statement.moved"]  # fmt: skip
    for delivery in Delivery.objects.all():
        kind = KINDS[delivery.kind]
        assert set(delivery.body["object"]) == set(kind.example), kind.code
        assert "张三" not in json.dumps(delivery.body, ensure_ascii=False)


def test_many_at_once_are_announced_each(cast: Cast, other: stub.Other) -> None:
    """What comes by Excel is told like what comes by hand."""
    from sanbao.audit.operations import record_all

    operations.subscribe("ERP", other.url, ["customer.registered"], by=cast.access("admin"), at=NOW)
    by = cast.access("agent")
    people = [
        customers.register(name, phone=f"1380000{n:04}", by=by, at=NOW) for n, name in enumerate("赵钱孙")
    ]
    Delivery.objects.all().delete()
    record_all("customers:customer:registered", people, by=by, at=NOW, details=lambda each: {})
    assert [d.body["object"]["id"] for d in Delivery.objects.order_by("pk")] == [each.pk for each in people]


def test_announcing_many_takes_as_few_statements_as_announcing_one(
    cast: Cast, subscribed: Subscribed, django_assert_num_queries
) -> None:
    """performance.md: no statement per row. A large file's rows were announced one by one once, each with three statements."""
    from sanbao.audit.operations import record_all

    by, request = cast.access("agent"), cast.request()
    Delivery.objects.all().delete()
    with django_assert_num_queries(4):  # subscriptions, the company's code, events, calls
        record_all("intake:request:registered", [request] * 200, by=by, at=NOW, details=lambda each: {})
    assert Delivery.objects.values("number").distinct().count() == 200


# Subscribing


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://10.0.0.1/x", "address"),
        ("https://127.0.0.1/x", "address"),
        ("https://[::1]/x", "address"),
        ("ftp://example.com/", "address"),
        ("https://user:pw@example.com/", "address"),
        ("https://localhost/", "address"),
        ("", "address"),
    ],
)
def test_an_address_of_ones_own_house_is_refused(cast: Cast, url: str, code: str) -> None:
    """ASVS 1.3.6."""
    with pytest.raises(Refusal) as refused:
        operations.subscribe("ERP", url, ["request.registered"], by=cast.access("admin"), at=NOW)
    assert refused.value.code == code


def test_events_that_are_not_there_are_refused(cast: Cast) -> None:
    for wrong in ([], ["request.exploded"]):
        with pytest.raises(Refusal):
            operations.subscribe("E", "https://example.com/", wrong, by=cast.access("admin"), at=NOW)


def test_peoples_data_take_a_permission_a_reason_and_leave_an_event(cast: Cast) -> None:
    """clause GN-8."""
    by = cast.access("admin")
    with pytest.raises(Refusal):
        operations.subscribe("E", "https://example.com/", ["request.registered"], personal=True, by=by, at=NOW)  # fmt: skip
    made, _secret = operations.subscribe("E", "https://example.com/", ["request.registered"], personal=True, reason="ERP 开票", by=by, at=NOW)  # fmt: skip
    event = Event.objects.get(action="hooks:subscription:opened")
    assert (event.thing_id, event.details["reason"]) == (made.pk, "ERP 开票")
    operations.change(made, "E", made.url, made.kinds, personal=False, by=by, at=NOW)
    assert Event.objects.filter(action="hooks:subscription:closed").exists()


def test_only_administrators_subscribe(cast: Cast) -> None:
    """clause CO-1."""
    for name in ("supervisor", "head", "owner-GZ001", "auditor"):
        with pytest.raises(PermissionDenied):
            operations.subscribe("E", "https://example.com/", ["request.registered"], by=cast.access(name), at=NOW)  # fmt: skip


def test_the_secret_stands_neither_in_the_row_nor_in_its_history(cast: Cast, subscribed: Subscribed) -> None:
    """ASVS 13.3.1, 16.2.5."""
    row, secret = subscribed
    _row, renewed = operations.renew_secret(row, by=cast.access("admin"), at=NOW)
    row.refresh_from_db()
    assert secret not in row.secret + row.secret_before and renewed not in row.secret
    history = json.dumps([[c.before, c.after] for c in Change.objects.filter(table="hooks_subscription")])
    assert history != "[]"
    for sealed in (row.secret, row.secret_before):
        assert sealed not in history


def test_one_that_has_ended_is_announced_nothing_and_its_waiting_calls_are_discarded(
    cast: Cast, subscribed: Subscribed
) -> None:
    row, by = subscribed[0], cast.access("admin")
    cast.request()
    operations.move(row, "pause", version=None, by=by, at=NOW)
    operations.move(row, "retirement", version=None, by=by, at=NOW)
    cast.request()
    assert list(Delivery.objects.values_list("state", flat=True)) == ["discarded"]
    with pytest.raises(Refusal):
        operations.ping(row, by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.move_delivery(Delivery.objects.get(), "retry", version=None, by=by, at=NOW)


def test_nobody_at_work_in_no_company_announces_nothing(cast: Cast, subscribed: Subscribed) -> None:
    assert operations.announce("request.registered", cast.company, by=Access(None, None), at=NOW) == 0
