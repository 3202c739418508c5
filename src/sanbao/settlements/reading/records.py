"""A month's repair record sheets from a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao.settlements.reading import values
from sanbao.settlements.reading.tabular import Heading, Problem, Table, find_table, month_in, raw_tables

REQUIRED = (
    "number", "customer", "phone", "address", "model", "serial", "purchased_on", "completed_on", "fault", "action",
)  # fmt: skip

HEADINGS: dict[str, tuple[str, ...]] = {
    "number": ("单号", "记录单号", "维修单号", "工单号", "服务单号", "单据号", "单据编号", "编号", "维修记录单号", "派工单号", "sheet number", "sheet no", "order number", "number", "no"),
    "customer": ("用户姓名", "客户姓名", "姓名", "用户", "客户", "用户名称", "客户名称", "顾客姓名", "customer", "customer name", "name"),
    "phone": ("联系电话", "电话", "用户电话", "客户电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "telephone", "phone", "phone number", "mobile"),
    "address": ("地址", "用户地址", "客户地址", "详细地址", "住址", "服务地址", "上门地址", "address"),
    "model": ("产品型号", "型号", "机型", "规格型号", "产品规格", "model", "product model"),
    "serial": ("机身编码", "机身条码", "出厂编码", "出厂编号", "条码", "条形码", "产品编码", "产品条码", "机身号", "机号", "序列号", "sn", "serial", "serial number"),
    "purchased_on": ("购买日期", "购机日期", "购买时间", "购机时间", "销售日期", "购货日期", "purchased on", "purchase date", "date of purchase"),
    "installed_on": ("安装日期", "安装时间", "装机日期", "installed on", "installation date"),
    "reported_on": ("报修日期", "报修时间", "受理日期", "接单日期", "来电日期", "报障日期", "reported on", "report date"),
    "completed_on": ("完成日期", "完工日期", "完成时间", "完工时间", "维修日期", "维修完成日期", "服务日期", "completed on", "completion date"),
    "fault": ("故障现象", "故障", "故障描述", "故障原因", "报修内容", "问题描述", "fault"),
    "action": ("处理措施", "处理方法", "处理结果", "维修措施", "维修内容", "维修情况", "处理情况", "解决措施", "action", "what was done"),
    "component": ("更换件", "更换配件", "更换零件", "更换部件", "配件名称", "换件名称", "零件", "配件", "part replaced", "component", "part"),
    "work": ("服务类型", "维修类型", "作业类型", "服务类别", "维修类别", "维修方式", "kind of work", "work", "service type"),
    "km": ("单程公里", "里程(单程km)", "单程公里数", "里程", "单程里程", "公里", "公里数", "距离", "单程km", "km", "kilometres", "kilometres one way", "distance"),
    "claimed_out": ("保修性质", "保内保外", "保内/保外", "是否保内", "保修类型", "保修", "保修状态", "warranty"),
    "charged_fen": ("收费金额", "收费", "实收金额", "收费(元)", "收费元", "已收金额", "收取费用", "charged", "amount charged"),
    "engineer": ("维修人员", "维修工", "维修员", "工程师", "服务人员", "师傅", "维修师傅", "技师", "engineer", "technician"),
}  # fmt: skip
_TEXTS = {"customer": 60, "address": 200, "fault": 200, "action": 200, "component": 60, "engineer": 60}
_DATES = ("purchased_on", "installed_on", "reported_on", "completed_on")
_REPLACE = ("换件维修", "换件", "更换", "更换配件", "换配件", "replace", "part replaced")
_ADJUST = (
    "检查调试",
    "调试",
    "检查",
    "检修",
    "调整",
    "清洗调试",
    "检查维修",
    "adjust",
    "adjusted or checked",
    "check",
)
_IN = ("保内", "是", "保修内", "三包内", "内", "in", "yes", "in warranty", "")
_OUT = ("保外", "否", "保修外", "三包外", "超保", "过保", "外", "out", "no", "out of warranty")
_TOTALS = re.compile(r"^(?:合\s*计|小\s*计|总\s*计|共\s*计|本月合计|total)")


@dataclass(slots=True)
class Row:
    """One sheet as it stands in the file; fields as in models.Sheet."""

    line: int
    number: str = ""
    customer: str = ""
    phone: str = ""
    address: str = ""
    model: str = ""
    serial: str = ""
    purchased_on: date | None = None
    installed_on: date | None = None
    reported_on: date | None = None
    completed_on: date | None = None
    fault: str = ""
    action: str = ""
    component: str = ""
    work: str = ""
    km: Decimal = Decimal(0)
    claimed_out: bool = False
    charged_fen: int = 0
    engineer: str = ""
    missing: tuple[str, ...] = ()

    def content(self) -> tuple[Any, ...]:
        """What makes two rows of one number the same sheet."""
        return tuple(getattr(self, name) for name in HEADINGS)


@dataclass(slots=True)
class RecordFile:
    """What a file of record sheets holds: rows to take over, rows left out as entered twice, and all there is to say."""

    headings: list[Heading]
    columns: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outlet_code: str = ""
    month: date | None = None


def read_record_sheets(
    data: bytes,
    filename: str,
    *,
    month: date | None = None,
    outlet_code: str = "",
    heading_choice: Mapping[str, int] | None = None,
    today: date | None = None,
    in_child: bool = False,
) -> RecordFile:
    """Read a month's sheets. Raises Unreadable for the whole file; what is wrong with a cell is a Problem.

    `month` and `outlet_code` are what the sender chose, to be compared with what the file says; `heading_choice` gives columns
    (0 for A; -1 for none) by field where the sender corrected them.
    """
    raw = raw_tables(data, filename, in_child=in_child)
    table = find_table(raw, HEADINGS, at_least=4, chosen=heading_choice, named=REQUIRED[:6])
    read = RecordFile(table.headings, table.columns, problems=list(table.problems))
    _compare_top(read, table, month, outlet_code)
    _columns_missing(read, table)
    first: dict[str, Row] = {}
    stated: tuple[int, str] | None = None
    for line, cells in table.lines:
        if _total(cells):
            stated = _stated(cells, line) or stated
            continue
        row = _row(table, line, cells, read.problems, today, month)
        earlier = first.get(row.number) if row.number else None
        if earlier is None:
            first[row.number] = row
            read.rows.append(row)
        elif earlier.content() == row.content():
            read.duplicates.append(row)
            _say(
                read.problems,
                table,
                "warning",
                "twice_same",
                "number",
                line,
                value=row.number,
                line=earlier.line,
            )
        else:
            read.rows.append(row)
            _say(
                read.problems,
                table,
                "error",
                "twice_different",
                "number",
                line,
                value=row.number,
                line=earlier.line,
            )
    if stated and stated[0] not in (len(read.rows), len(read.rows) + len(read.duplicates)):
        words = {"stated": stated[0], "counted": len(read.rows)}
        read.problems.append(Problem("warning", "total_differs", stated[1], words=words))
    return read


def _say(
    problems: list[Problem], table: Table, severity: str, code: str, field_name: str, at: int, **words: Any
) -> None:
    problems.append(Problem(severity, code, table.cell(field_name, at), field_name, words))


def _compare_top(read: RecordFile, table: Table, month: date | None, outlet_code: str) -> None:
    words = " ".join(table.above)
    if found := re.search(r"网点(?:编码|代码|编号)?\s*[:：]\s*([A-Za-z0-9\-]+)", values.half_width(words)):
        read.outlet_code = found[1].upper()
        if outlet_code and read.outlet_code != outlet_code.upper():
            read.problems.append(
                Problem("error", "other_outlet", words={"found": read.outlet_code, "expected": outlet_code})
            )
    title = next((line for line in table.above if "填报" not in line and month_in(line)), "")
    read.month = month_in(title)
    if month and read.month and read.month != month:
        expected = f"{month:%Y-%m}"
        read.problems.append(
            Problem("error", "other_month", words={"found": f"{read.month:%Y-%m}", "expected": expected})
        )


def _columns_missing(read: RecordFile, table: Table) -> None:
    for field_name in HEADINGS:
        if field_name in table.columns:
            continue
        if field_name in REQUIRED:
            words = {"field": field_name, "found": list(table.columns)}
            read.problems.append(Problem("error", "no_column", "", field_name, words))
        elif field_name in ("reported_on", "work", "km", "installed_on"):
            read.problems.append(Problem("warning", "optional_column", "", field_name, {"field": field_name}))


def _total(cells: Mapping[str, Any]) -> bool:
    return any(isinstance(cell, str) and _TOTALS.match(cell.strip().lower()) for cell in cells.values())


def _stated(cells: Mapping[str, Any], line: int) -> tuple[int, str] | None:
    for cell in cells.values():
        if isinstance(cell, str) and (match := re.search(r"共?\s*(\d+)\s*[单张份条]", cell)):
            return int(match[1]), str(line)
    return None


def _row(
    table: Table,
    line: int,
    cells: Mapping[str, Any],
    problems: list[Problem],
    today: date | None,
    month: date | None,
) -> Row:
    row = Row(line)
    wrong: set[str] = set()

    def read(field_name: str, reader: Any, *more: Any) -> Any:
        """The field's value, or None with a problem at its cell."""
        cell = cells.get(field_name)
        where = table.cell(field_name, line)
        if cell in (None, "") and where in table.unvalued:
            problems.append(Problem("error", "unvalued", where, field_name))
            wrong.add(field_name)
            return None
        try:
            return reader(cell, *more)
        except values.Bad as bad:
            words = {
                name: value[:40] if isinstance(value, str) else value for name, value in bad.words.items()
            }
            problems.append(Problem("error", bad.code, where, field_name, words))
            wrong.add(field_name)
            return None

    row.number = read("number", values.code, 40) or ""
    row.serial = read("serial", values.code, 60) or ""
    row.model = (read("model", values.code, 40) or "").upper()
    for field_name, longest in _TEXTS.items():
        setattr(row, field_name, read(field_name, values.text, longest) or "")
    number, plausible = read("phone", values.phone) or ("", True)
    row.phone = number
    if not plausible:
        _say(problems, table, "warning", "odd_phone", "phone", line, value=number)
    for field_name in _DATES:
        setattr(row, field_name, read(field_name, values.day))
    row.km = read("km", values.kilometres) or Decimal(0)
    if row.km > 300:
        _say(problems, table, "warning", "far", "km", line, value=str(row.km))
    row.charged_fen = read("charged_fen", values.fen) or 0
    row.work = _one_of(table, line, problems, read("work", values.text, 40) or "", "work")
    row.claimed_out = (
        _one_of(table, line, problems, read("claimed_out", values.text, 40) or "", "claimed_out") == "out"
    )
    _check_days(table, row, problems, today, month)
    row.missing = tuple(name for name in REQUIRED if name not in wrong and getattr(row, name) in ("", None))
    for field_name in row.missing:
        if field_name in table.columns:
            _say(problems, table, "warning", "missing", field_name, line, field=field_name)
    return row


def _one_of(table: Table, line: int, problems: list[Problem], words: str, field_name: str) -> str:
    """The code of a word with few values; an unknown one is an error at its cell."""
    plain = values.half_width(words).strip().lower()
    if field_name == "work":
        if not plain:
            return ""
        if plain in _REPLACE:
            return "replace"
        if plain in _ADJUST:
            return "adjust"
        _say(problems, table, "error", "unknown_work", "work", line, value=words)
        return ""
    if plain in _OUT:
        return "out"
    if plain not in _IN:
        _say(problems, table, "error", "unknown_warranty", "claimed_out", line, value=words)
    return "in"


def _check_days(
    table: Table, row: Row, problems: list[Problem], today: date | None, month: date | None
) -> None:
    for field_name in _DATES:
        day = getattr(row, field_name)
        if day and today and day > today:
            _say(problems, table, "error", "future", field_name, row.line, value=day.isoformat())
    reported, completed, purchased = row.reported_on, row.completed_on, row.purchased_on
    if reported and completed and completed < reported:
        _say(
            problems,
            table,
            "error",
            "completed_first",
            "completed_on",
            row.line,
            completed=completed,
            reported=reported,
        )
    asked = reported or completed
    if asked and purchased and purchased > asked:
        _say(
            problems,
            table,
            "error",
            "bought_later",
            "purchased_on",
            row.line,
            purchased=purchased,
            reported=asked,
        )
    if purchased and row.installed_on and row.installed_on < purchased:
        _say(problems, table, "warning", "installed_first", "installed_on", row.line, installed=row.installed_on, purchased=purchased)  # fmt: skip
    if month and completed and (completed.year, completed.month) != (month.year, month.month):
        _say(problems, table, "warning", "other_month_done", "completed_on", row.line, completed=completed, month=f"{month:%Y-%m}")  # fmt: skip
