"""Units come by Excel, with the warranty decided as for one that is typed in."""

from datetime import date

import pytest
from django.test import Client

from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.imports.models import Import
from sanbao.products import operations as products
from sanbao.products.models import Cover, Model, Unit
from tests.cast import NOW, Cast
from tests.modules.imports.make import read, said, taken

ROW = {"机身编码": "CXW260A8260000001", "型号": "CXW-260-A8", "客户电话": "13800005678", "购买日期": "2026年1月10日", "安装日期": "2026/1/15", "渠道": "门店", "销售单位": "某电器城", "气源": ""}  # fmt: skip


@pytest.fixture(autouse=True)
def known(cast: Cast):
    return customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)


def test_a_unit_comes_with_model_owner_days_and_its_warranty_as_if_typed_in(cast: Cast, known) -> None:
    """clause KA-5.1, DP-2: the covers and their decisions are equal to those of a unit registered alone."""
    work = taken(cast, "units", [ROW])
    assert (work.state, work.counts["adds"]) == (Import.State.TAKEN, 1), work.report
    unit = Unit.objects.get()
    assert (unit.customer, unit.purchased_on, unit.installed_on, unit.source, unit.seller) == (known, date(2026, 1, 10), date(2026, 1, 15), "store", "某电器城")  # fmt: skip
    alone = products.register_unit(
        "CXW260A8260000002", unit.model, purchased_on=date(2026, 1, 10), installed_on=date(2026, 1, 15),
        by=cast.access("supervisor"), at=NOW,
    )  # fmt: skip

    def told(which: Unit) -> list[object]:
        rows = Cover.objects.filter(unit=which).select_related("decision").order_by("component")
        return [(row.component, row.last_day, row.decision.facts, row.decision.answer, row.decision.reasons) for row in rows]  # fmt: skip

    assert told(unit) == told(alone) and told(unit)
    assert Decision.objects.filter(thing="products.unit", thing_id=unit.pk).count() == len(told(unit))


def test_a_registered_serial_is_refused_left_out_or_updated_as_chosen(cast: Cast, known) -> None:
    model = Model.objects.get(company=cast.company, code="CXW-260-A8")
    unit = products.register_unit(ROW["机身编码"], model, by=cast.access("supervisor"), at=NOW)
    ((cell, sentence),) = said(read(cast, "units", [ROW]))
    assert cell == "A2" and "已经登记" in sentence
    assert taken(cast, "units", [ROW], known="skip").counts["left_out"] == 1
    assert taken(cast, "units", [ROW], known="update").counts["updates"] == 1
    unit.refresh_from_db()
    assert (unit.customer, unit.purchased_on) == (known, date(2026, 1, 10)) and unit.covers.exists()


@pytest.mark.parametrize(
    ("wrong", "cell", "piece"),
    [
        ({"型号": "CXW-260-A9"}, "B2", "相近的有：CXW-260-A8"),
        ({"客户电话": "13900001111"}, "C2", "139****1111"),
        ({"客户电话": "13800005678", "客户编号": "K999"}, "I2", "没有客户 K999"),
        ({"购买日期": "2026-12-31"}, "D2", "还没有到"),
        ({"生产日期": "2026-03-01"}, "D2", "2026-03-01"),
        ({"渠道": "火星"}, "F2", "请写：门店"),
        ({"气源": "沼气"}, "H2", "天然气"),
        ({"机身编码": ""}, "A2", "缺少"),
    ],
)  # fmt: skip
def test_every_wrong_cell_has_a_sentence(cast: Cast, wrong, cell, piece) -> None:
    work = read(cast, "units", [ROW | wrong])
    assert [(at, piece in sentence) for at, sentence in said(work)] == [(cell, True)], work.report


@pytest.mark.parametrize(("serial", "piece"), [("JZTB52260000001", "JZT-B52"), ("甲乙丙", "不像机身编码")])
def test_a_serial_of_another_model_or_of_no_known_shape_is_told_and_taken(cast: Cast, serial, piece) -> None:
    work = taken(cast, "units", [ROW | {"机身编码": serial}])
    assert work.state == Import.State.TAKEN and piece in said(work, "warning")[0][1]


def test_an_exported_list_can_be_imported_again(cast: Cast, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    taken(cast, "units", [ROW])
    client = Client()
    client.force_login(cast.people["supervisor"])
    exported = client.get("/products/units/?export=xlsx").content
    unit = Unit.objects.get()
    before = {name: getattr(unit, name) for name in ("model_id", "customer_id", "purchased_on", "installed_on", "source", "gas", "seller")}  # fmt: skip
    work = taken(cast, "units", exported, known="update")
    assert (work.state, work.counts["updates"], work.counts["errors"]) == (Import.State.TAKEN, 1, 0), (
        work.report
    )
    unit.refresh_from_db()
    assert {name: getattr(unit, name) for name in before} == before
