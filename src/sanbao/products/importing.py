"""Units from a file: each with its model, its days and whose it is; their warranty is decided as for a unit that is typed in."""

import copy
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.customers.importing import Known
from sanbao.customers.models import Customer
from sanbao.imports import cells
from sanbao.imports.kinds import Field, Kind, Plan, Row, Say, Step, in_both
from sanbao.products import operations
from sanbao.products.models import Model, Unit
from sanbao.ui.formats import masked_phone
from sanbao.ui.refusal import Refusal

_SOURCES = {
    **dict.fromkeys(("门店", "商场", "专卖店", "卖场", "store", "shop"), "store"),
    **dict.fromkeys(("经销商", "代理商", "dealer"), "dealer"),
    **dict.fromkeys(("网店", "电商", "网上", "线上", "网购", "online"), "online"),
    **dict.fromkeys(("工程", "楼盘", "项目", "工程项目", "buildingproject", "project"), "project"),
    **dict.fromkeys(("其他", "其它", "other"), "other"),
}
_GASES = {
    **dict.fromkeys(("12t", "天然气", "天然气(12t)", "natural", "naturalgas", "naturalgas(12t)"), "12T"),
    **dict.fromkeys(("20y", "液化气", "液化石油气", "液化石油气(20y)", "lpg", "liquefiedpetroleumgas", "liquefiedpetroleumgas(20y)"), "20Y"),
    **dict.fromkeys(("5r", "人工煤气", "煤气", "人工煤气(5r)", "towngas", "towngas(5r)"), "5R"),
}  # fmt: skip
_DAYS = ("produced_on", "purchased_on", "delivered_on", "installed_on")
_KNOWN = (*_DAYS, "source", "seller", "gas", "note")

FIELDS = (
    Field("serial", ("机身编码", "Serial number"), ("序列号", "产品序列号", "机身条码", "出厂编号", "机号", "条码", "sn", "sn码", "s/n", "serial", "serial no", "barcode"), cells.code(60), "CXW260A8260000001", required=True),
    Field("model", ("产品型号", "Model"), ("型号", "机型", "规格型号", "product model"), cells.code(40), "CXW-260-A8", required=True),
    Field("customer", ("客户编号", "Customer number"), ("客户号", "客户代码", "customer", "customer no"), cells.code(20), "K1"),
    Field("phone", ("客户电话", "Customer telephone"), ("电话", "手机", "手机号", "联系电话", "用户电话", "phone", "telephone", "mobile"), cells.phone, personal="phone"),
    Field("produced_on", ("生产日期", "Produced on"), ("出厂日期", "production date", "made on"), cells.day, "2025-11-03"),
    Field("purchased_on", ("购买日期", "Purchased on"), ("购机日期", "销售日期", "发票日期", "purchase date", "bought on"), cells.day, "2026-01-10"),
    Field("delivered_on", ("送货日期", "Delivered on"), ("到货日期", "签收日期", "delivery date"), cells.day, "2026-01-12"),
    Field("installed_on", ("安装日期", "Installed on"), ("装机日期", "installation date"), cells.day, "2026-01-15"),
    Field("source", ("购买渠道", "Where it was bought"), ("渠道", "销售渠道", "channel", "source"), cells.one_of(_SOURCES, "门店、经销商、网店、工程、其他"), "门店"),
    Field("seller", ("销售单位", "Seller"), ("经销商名称", "门店名称", "卖家", "shop name"), cells.text(80)),
    Field("gas", ("气源", "Gas"), ("燃气种类", "气种", "gas type"), cells.one_of(_GASES, "天然气（12T）、液化石油气（20Y）、人工煤气（5R）"), "天然气"),
    Field("note", ("备注", "Note"), ("说明", "remark", "notes"), cells.text(300)),
)  # fmt: skip
SENTENCES = {
    "unknown_model": ("没有型号“{value}”。相近的有：{near}。请改正，或先登记这个型号。", "There is no model “{value}”. Near it are: {near}. Correct it, or add the model first."),
    "unit_known": ("机身编码 {value} 已经登记。请删去这一行，或选择跳过、更新。", "Serial number {value} is registered already. Delete the line, or choose to leave out or update known rows."),
    "unit_left_out": ("机身编码 {value} 已经登记，跳过。", "Serial number {value} is registered already; left out."),
    "odd_serial": ("“{value}”不像机身编码（应有 6 位以上字母和数字），请对照铭牌核对。", "“{value}” does not look like a serial number (six letters and digits or more); check it against the label."),
    "other_model": ("机身编码 {value} 像是型号 {model} 的，请核对型号。", "Serial number {value} looks like one of model {model}; check the model."),
    "no_customer": ("没有客户 {value}，请核对编号，或先导入客户。", "There is no customer {value}; check the number, or import customers first."),
    "no_customer_of_phone": ("没有电话为“{value}”的客户。请先导入客户，或把这一格留空。", "No customer has the telephone “{value}”. Import customers first, or leave the cell empty."),
    "customers_share": ("“{value}”同时属于客户 {numbers}，分不清是哪一位。请填写客户编号。", "“{value}” belongs to customers {numbers}; fill in the customer number to say which."),
}  # fmt: skip


@dataclass(slots=True)
class Work:
    """Units to register, and known ones with what changes and whose they become."""

    new: list[Unit] = field(default_factory=list)
    changed: list[tuple[Unit, dict[str, Any], Customer | None]] = field(default_factory=list)


def examine(rows: Sequence[Row], known: str, by: Access, at: datetime, say: Say) -> Plan:
    """Which units are new, which are known, and what is wrong with them."""
    models = {model.code: model for model in Model.objects.filter(company_id=by.company_id)}
    shapes = {re.sub(r"\W", "", code): code for code in models}
    serials = {row["serial"] for row in rows if row["serial"]}
    units = {
        unit.serial: unit
        for unit in Unit.objects.filter(company_id=by.company_id, serial__in=serials).select_related("model")
    }
    there = Known.of(
        by.company_id,
        {row["customer"] for row in rows if row["customer"]},
        {row["phone"] for row in rows if row["phone"]},
    )
    plan, work, seen = Plan(), Work(), dict[str, Row]()
    for row in rows:
        serial = row["serial"]
        if not serial:
            continue
        if serial in seen:
            say("error", "twice", row, "serial", line=seen[serial].line, value=serial)
        seen.setdefault(serial, row)
        model = _model(row, models, say)
        owner = _owner(row, there, say)
        unit = units.get(serial)
        if unit is not None and known != "update":
            severity, code = ("error", "unit_known") if known == "refuse" else ("warning", "unit_left_out")
            say(severity, code, row, "serial", value=serial)
            plan.left_out += known == "skip" and not row.bad
            continue
        if model is None:
            continue
        _look_at_serial(row, model, shapes, say)
        told = {name: row[name] for name in _KNOWN if row[name] not in (None, "")}
        draft = copy.copy(unit) if unit else Unit(company_id=by.company_id, serial=serial, customer=owner, made_at=at, made_by_id=by.person_id)  # fmt: skip
        for name, value in (told | {"model": model}).items():
            setattr(draft, name, value)
        if not _sound(draft, row, at, say) or row.bad:
            continue
        if unit is None:
            work.new.append(draft)
            plan.adds += 1
        else:
            work.changed.append((unit, told | {"model": model}, owner))
            plan.updates += 1
    plan.work = work
    return plan


def _model(row: Row, models: dict[str, Model], say: Say) -> Model | None:
    code = row["model"]
    if not code:
        return None
    model = models.get(code)
    if model is None:
        near = difflib.get_close_matches(code, models, n=3, cutoff=0.4)
        say("error", "unknown_model", row, "model", value=code, near="、".join(near) or "—")
    return model


def _owner(row: Row, there: Known, say: Say) -> Customer | None:
    """Whose the unit is, by number or else by telephone."""
    if number := row["customer"]:
        customer = there.by_number.get(number)
        if customer is None or customer.merged_into_id:
            say("error", "no_customer", row, "customer", value=number)
            return None
        return customer
    if phone := row["phone"]:
        owners = there.by_phone.get(phone, [])
        if len(owners) > 1:
            numbers = "、".join(owner.number for owner in owners)
            say("error", "customers_share", row, "phone", value=masked_phone(phone), numbers=numbers)
        elif not owners:
            say("error", "no_customer_of_phone", row, "phone", value=masked_phone(phone))
        else:
            return owners[0]
    return None


def _look_at_serial(row: Row, model: Model, shapes: dict[str, str], say: Say) -> None:
    """A serial of another maker, or of another model, is only told: labels differ, and the appliance is there."""
    serial = row["serial"]
    if not re.fullmatch(r"(?=.*\d)[A-Z0-9-]{6,60}", serial):
        say("warning", "odd_serial", row, "serial", value=serial)
        return
    begins = max((shape for shape in shapes if shape and serial.startswith(shape)), key=len, default="")
    if begins and shapes[begins] != model.code and not serial.startswith(re.sub(r"\W", "", model.code)):
        say("warning", "other_model", row, "serial", value=serial, model=shapes[begins])


def _sound(draft: Unit, row: Row, at: datetime, say: Say) -> bool:
    try:
        operations.check_unit(draft, at)
    except Refusal as refusal:
        name = refusal.field if refusal.field in {each.name for each in FIELDS} else "serial"
        say("error", "refused", row, name, **in_both(lambda: operations.check_unit(draft, at)))
        return False
    return True


def take(plan: Plan, by: Access, at: datetime, step: Step) -> list[tuple[str, int]]:
    """Register the new ones, change the known ones; what a cell leaves empty stays as it is."""
    work: Work = plan.work
    operations.register_units(work.new, by=by, at=at, step=step)
    for place, (unit, changes, owner) in enumerate(work.changed):
        if place % 100 == 0:
            step(len(work.new) + place)
        operations.amend_unit(unit, changes, by=by, at=at)
        if owner is not None and owner.pk != unit.customer_id:
            operations.hand_over_unit(unit, owner, by=by, at=at)
    return []


KIND = Kind(
    code="units",
    title=_("Units"),
    what=_("Appliances by serial number with model, days, seller and whose they are. Their warranty is decided at once."),
    permission="products:unit:keep",
    link="products:units",
    fields=FIELDS,
    examine=examine,
    take=take,
    sentences=SENTENCES,
)  # fmt: skip
