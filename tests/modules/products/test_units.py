"""Units: one appliance with its serial number."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.decisions.queries import replay
from sanbao.products import covering, operations, queries
from sanbao.products.models import Model, Unit
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

SERIAL = "CXW260A8260000001"


def _unit(cast: Cast, serial: str = SERIAL, **known: object) -> Unit:
    model = Model.objects.filter(company=cast.company).earliest("id")
    return operations.register_unit(serial, model, by=cast.access("supervisor"), at=NOW, **known)


@pytest.mark.parametrize("words", [SERIAL, "CXW260", "0001", "cxw 260a8", "000001"])
def test_a_unit_is_found_by_the_beginning_or_the_end_of_its_serial(cast: Cast, words: str) -> None:
    unit = _unit(cast)
    _unit(cast, "JZT-2")
    access = cast.access("owner-GZ001")
    with scope.opened(access):
        assert queries.find_units(access, words) == [unit]
        assert queries.find_units(access, "001") == [], "three characters mean too many"


def test_a_serial_is_registered_once(cast: Cast) -> None:
    _unit(cast)
    with pytest.raises(Refusal) as refused:
        _unit(cast, SERIAL.lower())
    assert refused.value.code == "registered"


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"purchased_on": date(2026, 5, 21)}, "purchased_on"),
        ({"produced_on": date(2026, 3, 1), "purchased_on": date(2026, 2, 1)}, "purchased_on"),
    ],
)
def test_a_day_to_come_or_before_it_was_made_is_refused(
    cast: Cast, known: dict[str, date], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        _unit(cast, **known)
    assert refused.value.field == field


def test_a_unit_handed_on_leaves_its_address_behind(cast: Cast) -> None:
    by = cast.access("supervisor")
    old = customers.register("张三", phone="13800005678", address="中山路1号", by=by, at=NOW)
    new = customers.register("李四", phone="13900001234", by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = operations.register_unit("X-1", model, customer=old, address=old.addresses.get(), by=by, at=NOW)
    operations.hand_over_unit(unit, new, by=by, at=NOW)
    unit.refresh_from_db()
    assert (unit.customer, unit.address) == (new, None)


def test_another_customers_address_is_refused(cast: Cast) -> None:
    by = cast.access("supervisor")
    old = customers.register("张三", phone="13800005678", address="中山路1号", by=by, at=NOW)
    with pytest.raises(Refusal) as refused:
        _unit(cast, address=old.addresses.get())
    assert refused.value.field == "address"


def _covers(unit: Unit) -> dict[str, date]:
    return dict(unit.covers.order_by("id").values_list("component", "last_day"))


def test_a_hood_is_covered_for_a_year_and_its_motor_for_longer_each_with_its_decision(cast: Cast) -> None:
    """clause KA-5.1: from purchase or installation, whichever is later; the motor of a hood has a cover of its own."""
    unit = _unit(cast, purchased_on=date(2026, 1, 10), installed_on=date(2026, 1, 17))
    covers = _covers(unit)
    assert covers[""] == date(2027, 1, 17)
    assert covers["电机"] > covers[""]
    decisions = [cover.decision for cover in unit.covers.all()]
    assert {decision.question for decision in decisions} == {"warranty.cover"}
    assert all("KA-5.1" in str(decision.reasons) for decision in decisions)


def test_without_a_day_of_purchase_nothing_is_decided(cast: Cast) -> None:
    """clause KA-5.1: nothing is guessed."""
    unit = _unit(cast, produced_on=date(2025, 12, 1))
    assert _covers(unit) == {}
    operations.amend_unit(unit, {"purchased_on": date(2026, 1, 10)}, by=cast.access("supervisor"), at=NOW)
    assert _covers(unit)[""] == date(2027, 1, 10)
    operations.amend_unit(unit, {"purchased_on": None}, by=cast.access("supervisor"), at=NOW)
    assert _covers(unit) == {}


def test_another_day_is_decided_anew_and_the_old_decision_stays(cast: Cast) -> None:
    """clause KA-5.1, and the house's rule: a decision is never changed, it is superseded."""
    unit = _unit(cast, purchased_on=date(2026, 1, 10))
    first = unit.covers.get(component="").decision
    operations.amend_unit(unit, {"note": "x"}, by=cast.access("supervisor"), at=NOW)
    assert unit.covers.get(component="").decision == first, "what changes no day decides nothing anew"
    operations.amend_unit(unit, {"installed_on": date(2026, 2, 1)}, by=cast.access("supervisor"), at=NOW)
    second = unit.covers.get(component="").decision
    assert second.supersedes == first
    assert first.answer != second.answer
    assert replay(first).same and replay(second).same


def test_a_model_of_another_category_is_covered_anew(cast: Cast) -> None:
    unit = _unit(cast, purchased_on=date(2026, 1, 10))
    assert "电机" in _covers(unit)
    operations.keep_model(unit.model.code, "燃气灶", by=cast.access("admin"), at=NOW)
    assert set(_covers(unit)) == {""}


def test_units_from_before_covers_were_kept_are_decided_by_the_job(cast: Cast) -> None:
    """clause KA-5.1."""
    unit, bare = _unit(cast, purchased_on=date(2026, 1, 10)), _unit(cast, "BARE-1")
    unit.covers.all().delete()
    with scope.everything("tests"):
        assert covering.decide_what_is_open(NOW) == 1
        assert covering.decide_what_is_open(NOW) == 0
    assert _covers(unit)[""] == date(2027, 1, 10)
    assert _covers(bare) == {}


# The pages


@pytest.fixture
def agent(sign_in) -> Client:
    return sign_in("agent")


def test_the_page_tells_each_component_with_its_why(cast: Cast, agent: Client) -> None:
    """clause KA-5.1."""
    unit = _unit(cast, purchased_on=date(2026, 1, 10))
    page = agent.get(reverse("products:unit", args=[unit.pk])).content.decode()
    for told in ("整机", "电机", "2027-01-10", "KA-5.1"):
        assert told in page
    bare = agent.get(reverse("products:unit", args=[_unit(cast, "X-0002").pk])).content.decode()
    assert "缺少购买日期" in bare


def test_the_list_finds_by_the_end_of_the_serial_and_sorts_out_by_warranty(cast: Cast, agent: Client) -> None:
    old = _unit(cast, "OLD-0001", purchased_on=date(2020, 1, 10))
    bare = _unit(cast, "BARE-0002")
    url = reverse("products:units")

    def shown(**query: str) -> set[str]:
        page = agent.get(url, query).content.decode()
        return {unit.serial for unit in (old, bare) if unit.serial in page}

    assert shown() == {old.serial, bare.serial}
    assert shown(q="0001") == {old.serial}
    assert shown(warranty="out") == {old.serial}
    assert shown(warranty="unknown") == {bare.serial}
    assert shown(warranty="in") == set()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("serial", ""), ("serial", SERIAL), ("model", "999999"), ("purchased_on", "2099-01-01"), ("purchased_on", "昨天"), ("customer", "K999")],
)  # fmt: skip
def test_bad_input_is_refused_beside_its_field(cast: Cast, agent: Client, field: str, typed: str) -> None:
    """Unknown customer, a serial there is already, another maker's model, a day to come."""
    known = _unit(cast)
    form = {"serial": "NEW-0001", "model": known.model_id, field: typed}
    answer = agent.post(reverse("products:add-unit"), form)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert Unit.objects.count() == 1


def test_bought_before_it_was_made_is_refused(cast: Cast, agent: Client) -> None:
    model = Model.objects.filter(company=cast.company).earliest("id")
    form = {"serial": "N-1", "model": model.pk, "produced_on": "2026-03-01", "purchased_on": "2026-02-01"}
    answer = agent.post(reverse("products:add-unit"), form)
    assert answer.status_code == 422
    assert "2026-03-01" in str(answer.context["form"].errors["purchased_on"])


def test_a_unit_is_registered_with_its_proof_handed_over_and_both_are_written_down(
    cast: Cast, agent: Client
) -> None:
    by = cast.access("supervisor")
    first, second = (
        customers.register(name, phone="13800005678", by=by, at=NOW) for name in ("张三丰", "李四")
    )
    model = Model.objects.filter(company=cast.company).earliest("id")
    proof = SimpleUploadedFile("发票.pdf", b"%PDF-1.4 x")
    form = {
        "serial": "new-0001",
        "model": model.pk,
        "customer": first.number,
        "purchased_on": "2026-01-10",
        "proof": proof,
    }
    agent.post(reverse("products:add-unit"), form)
    unit = Unit.objects.get(serial="NEW-0001")
    assert unit.customer == first and unit.proof is not None
    taken = agent.get(reverse("products:unit-proof", args=[unit.pk]))
    assert b"".join(taken.streaming_content) == b"%PDF-1.4 x"
    agent.post(reverse("products:hand-over", args=[unit.pk]), {"customer": second.number})
    unit.refresh_from_db()
    assert unit.customer == second
    actions = ["products:unit:registered", "products:unit:proof-taken", "products:unit:handed-over"]
    assert (
        list(Event.objects.filter(action__in=actions).order_by("id").values_list("action", flat=True))
        == actions
    )


def test_who_takes_a_call_sees_whether_the_unit_is_in_warranty(cast: Cast, agent: Client) -> None:
    """clause KA-5.1, ST-1."""
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    unit = _unit(cast, customer=customer, purchased_on=date(2020, 1, 10))
    request = cast.request(customer=customer, unit=unit)
    for url in (f"{reverse('intake:call')}?q=5678", reverse("intake:request", args=[request.pk])):
        assert "已过保（2021-01-10 止）" in agent.get(url).content.decode()
    assert request.number in agent.get(reverse("products:unit", args=[unit.pk])).content.decode()
