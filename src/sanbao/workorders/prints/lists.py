"""Dispatch orders and repair records as Excel files, a line each, or empty to be filled in (KA-13).

What goes out as repair records comes in again by the import of record sheets: the headings are those it knows. Customers are masked as
on paper (GN-8).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sanbao.ui.printing import SHANGHAI, moment, words
from sanbao.ui.workbooks import Column, Tab, workbook
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Cover, Frame
from sanbao.workorders.prints.dispatch_order import DispatchOrder
from sanbao.workorders.prints.record_sheet import ServiceRecord

WORDS = "work-lists"
EMPTY_LINES = 30


def dispatch_orders_xlsx(orders: Iterable[DispatchOrder], frame: Frame, language: str, note: str = "") -> bytes:  # fmt: skip
    """The orders, a line each; `note` below them."""
    said = words(WORDS, language)
    rows = (_order(one, frame, said) for one in orders)
    return _file("orders", _order_columns(said), rows, frame, language, note)


def blank_dispatch_orders_xlsx(frame: Frame, language: str) -> bytes:
    """The same columns over empty lines."""
    columns = _order_columns(words(WORDS, language))
    return _file("orders", columns, _empty(columns), frame, language)


def repair_records_xlsx(records: Iterable[ServiceRecord], frame: Frame, language: str) -> bytes:
    """The records, a line each and nothing below: the file comes in again as it is. Who took it stands in the foot of the page."""
    said = words(WORDS, language)
    rows = (_record(one, frame, said) for one in records)
    return _file("records", _record_columns(said), rows, frame, language)


def blank_repair_records_xlsx(frame: Frame, language: str) -> bytes:
    """The same columns over empty lines."""
    columns = _record_columns(words(WORDS, language))
    return _file("records", columns, _empty(columns), frame, language)


def _file(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], frame: Frame, language: str, note: str = ""
) -> bytes:  # fmt: skip
    said = words(WORDS, language)
    footer = f"{frame.company}  {said['printed_at']} {moment(frame.printed_at)} {frame.printed_by}".strip()
    return workbook(
        [Tab(said[title], columns, rows, below=[[note]] if note else (), footer=footer)],
        title=said[title],
        language=language,
        author=frame.company,
        made_at=frame.printed_at,
    )


def _empty(columns: Sequence[Column]) -> Iterable[Sequence[None]]:
    return ([None] * len(columns) for _ in range(EMPTY_LINES))


def _order_columns(said: dict[str, Any]) -> list[Column]:
    return [
        Column(said["number"], width=20),
        Column(said["request"], width=20),
        Column(said["kind"]),
        Column(said["way"]),
        Column(said["priority"]),
        Column(said["outlet"], width=24),
        Column(said["dispatcher"], width=12),
        *(Column(said[name], "moment") for name in ("dispatched_at", "begins_at", "ends_at")),
        Column(said["customer"], width=12),
        Column(said["phone"], width=14),
        Column(said["address"], width=34),
        Column(said["category"]),
        Column(said["model"], width=16),
        Column(said["serial"], width=20),
        *(Column(said[name], "date") for name in ("purchased_on", "installed_on")),
        Column(said["warranty"], width=8),
        Column(said["fault"], width=34),
        Column(said["engineer"], width=16),
        Column(said["certificate"], width=24),
        Column(said["access"], width=28),
    ]


def _order(order: DispatchOrder, frame: Frame, said: dict[str, Any]) -> list[Any]:
    who, unit = common.customer(order.customer, frame), order.unit
    return [
        order.number,
        order.request,
        order.kind,
        order.way,
        order.priority,
        order.outlet,
        order.dispatcher,
        order.dispatched_at,
        order.begins_at,
        order.ends_at,
        who["name"],
        who["phone"],
        who["address"],
        unit.category,
        unit.model,
        unit.serial,
        unit.purchased_on,
        unit.installed_on,
        _warranty(order.cover, said),
        order.fault,
        said["and"].join(one.name for one in order.engineers),
        said["and"].join(one.certificate for one in order.engineers if one.certificate),
        order.access,
    ]


def _record_columns(said: dict[str, Any]) -> list[Column]:
    return [
        Column(said["number"], width=20),
        Column(said["customer"], width=12),
        Column(said["phone"], width=14),
        Column(said["address"], width=34),
        Column(said["model"], width=16),
        Column(said["serial"], width=20),
        *(
            Column(said[name], "date")
            for name in ("purchased_on", "installed_on", "reported_on", "completed_on")
        ),
        Column(said["fault"], width=28),
        Column(said["action"], width=28),
        Column(said["component"], width=18),
        Column(said["work"], width=12),
        Column(said["km"], "number"),
        Column(said["warranty"], width=8),
        Column(said["charged"], "money", 18),
        Column(said["engineer"], width=16),
    ]


def _record(record: ServiceRecord, frame: Frame, said: dict[str, Any]) -> list[Any]:
    who, unit = common.customer(record.customer, frame), record.unit
    return [
        record.number,
        who["name"],
        who["phone"],
        who["address"],
        unit.model,
        unit.serial,
        unit.purchased_on,
        unit.installed_on,
        day_of(record.registered_at),
        day_of(record.finished_at),
        record.fault,
        record.action,
        said["and"].join(one.name for one in record.parts),
        said["replace" if record.parts else "adjust"],
        record.km,
        _warranty(record.cover, said),
        common.payable_of(record.charges),
        said["and"].join(one.name for one in record.engineers),
    ]


def _warranty(cover: Cover, said: dict[str, Any]) -> str:
    return {"in": said["in_warranty"], "out": said["out_of_warranty"]}.get(cover.state, "")


def day_of(at: datetime | None) -> date | None:
    """The day in China on which a moment falls."""
    return None if at is None else (at.astimezone(SHANGHAI) if at.tzinfo else at).date()
