"""Units: one appliance with its serial number."""

from datetime import date

import pytest

from sanbao.accounts import scope
from sanbao.customers import operations as customers
from sanbao.products import operations, queries
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
