"""A month's repair record sheets from a file."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao.files.tables import Heading, Table, month_in, open_table, plain
from sanbao.settlements.reading import values
from sanbao.settlements.reading.problems import Problem, find_table

REQUIRED = (
    "number", "customer", "phone", "address", "model", "serial", "purchased_on", "completed_on", "fault", "action",
)  # fmt: skip

# The most common wording comes first: where two columns could be a field, it has the better claim.
HEADINGS: dict[str, tuple[str, ...]] = {
    "number": ("单号", "记录单号", "维修单号", "维修记录单号", "工单号", "服务单号", "派工单号", "报修单号", "单据号", "单据编号", "单据号码", "凭证号", "工单编号", "记录单编号", "编号", "sheet number", "sheet no", "record number", "order number", "order no", "work order", "job number", "number", "no"),
    "customer": ("用户姓名", "客户姓名", "顾客姓名", "姓名", "用户名称", "客户名称", "用户名", "客户名", "联系人", "用户", "客户", "顾客", "消费者", "customer", "customer name", "client", "name"),
    "phone": ("联系电话", "用户电话", "客户电话", "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "用户联系电话", "客户联系电话", "用户手机", "联系手机", "用户联系方式", "telephone", "phone", "phone number", "mobile", "contact", "tel"),
    "address": ("地址", "用户地址", "客户地址", "详细地址", "联系地址", "家庭住址", "住址", "服务地址", "上门地址", "安装地址", "address", "customer address"),
    "model": ("产品型号", "型号", "机型", "规格型号", "产品规格", "产品机型", "机器型号", "model", "product model", "model number"),
    "serial": ("机身编码", "机身条码", "出厂编码", "出厂编号", "机身编号", "机身号", "机号", "机编", "机器编码", "机器编号", "产品条码", "产品编码", "产品编号", "条码", "条形码", "序列号", "产品序列号", "sn", "sn码", "s/n", "serial", "serial number", "serial no", "barcode"),
    "purchased_on": ("购买日期", "购机日期", "购买时间", "购机时间", "购货日期", "销售日期", "发票日期", "购买日", "purchased on", "purchase date", "date of purchase", "bought on"),
    "installed_on": ("安装日期", "安装时间", "装机日期", "装机时间", "安装日", "installed on", "installation date", "date of installation"),
    "reported_on": ("报修日期", "报修时间", "受理日期", "受理时间", "接单日期", "接单时间", "来电日期", "报障日期", "报修日", "reported on", "report date", "date reported"),
    "completed_on": ("完成日期", "完工日期", "完成时间", "完工时间", "维修完成日期", "维修日期", "维修时间", "服务日期", "上门日期", "完成日", "completed on", "completion date", "date completed", "repair date"),
    "fault": ("故障现象", "故障描述", "故障情况", "报修故障", "问题现象", "报修内容", "问题描述", "故障", "故障原因", "fault", "symptom", "fault description"),
    "action": ("处理措施", "处理方法", "处理结果", "处理情况", "维修措施", "维修方法", "维修内容", "维修情况", "维修结果", "解决措施", "解决方法", "处理意见", "action", "action taken", "what was done", "remedy"),
    "component": ("更换件", "更换配件", "更换零件", "更换部件", "更换件名称", "更换配件名称", "换件名称", "所换配件", "配件名称", "零件名称", "零件", "配件", "part replaced", "replaced part", "component", "part"),
    "work": ("服务类型", "维修类型", "作业类型", "作业内容", "服务类别", "维修类别", "维修方式", "服务项目", "维修性质", "kind of work", "work", "service type", "type of work"),
    "km": ("单程公里", "里程(单程km)", "单程公里数", "单程里程", "单程km", "单程距离", "里程", "里程数", "公里", "公里数", "距离", "路程", "km", "kilometres", "kilometres one way", "kilometers", "distance"),
    "claimed_out": ("保修性质", "保内保外", "保内/保外", "是否保内", "是否在保", "是否在保修期内", "保修类型", "保修状态", "质保状态", "保修情况", "保修", "warranty", "in warranty"),
    "claimed_out_yes": ("是否保外", "是否过保", "是否超保", "out of warranty"),
    "charged_fen": ("收费金额", "实收金额", "收费", "收费(元)", "收费元", "已收金额", "收取费用", "收费金额(元)", "用户付费", "收款金额", "charged", "amount charged", "amount"),
    "engineer": ("维修人员", "维修工", "维修员", "工程师", "服务人员", "维修师傅", "师傅", "技师", "服务工程师", "上门人员", "处理人", "engineer", "technician", "repairer"),
}  # fmt: skip
_TEXTS = {"customer": 60, "address": 200, "fault": 200, "action": 200, "component": 60, "engineer": 60}
_DATES = ("purchased_on", "installed_on", "reported_on", "completed_on")
_WORK = {
    **dict.fromkeys(map(plain, (
        "换件维修", "维修换件", "换件", "更换", "更换配件", "更换零件", "更换部件", "换配件", "更换件", "维修(换件)", "replace",
        "replaced", "part replaced", "replacement",
    )), "replace"),
    **dict.fromkeys(map(plain, (
        "检查调试", "调试检查", "调试", "检查", "检修", "检测", "调整", "维护", "保养", "清洗", "清洗调试", "检查维修", "未换件", "不换件",
        "免换件", "无换件", "未更换配件", "维修(未换件)", "维修(不换件)", "adjust", "adjusted", "adjusted or checked", "check", "checked",
    )), "adjust"),
}  # fmt: skip
_WARRANTY = {
    **dict.fromkeys(map(plain, (
        "保内", "是", "保修内", "保修期内", "质保内", "质保期内", "三包内", "三包期内", "在保", "内", "免费", "保内维修", "保内免费", "y", "√",
        "in", "yes", "in warranty", "true",
    )), "in"),
    **dict.fromkeys(map(plain, (
        "保外", "否", "保修外", "保修期外", "质保外", "质保期外", "三包外", "三包期外", "超保", "过保", "脱保", "不在保", "外", "收费", "保外维修",
        "保外收费", "n", "×", "out", "no", "out of warranty", "false",
    )), "out"),
}  # fmt: skip
_TOTALS = re.compile(
    r"^(?:合\s*计|小\s*计|总\s*计|共\s*计|总\s*数|本[月页]?[合小总]计|total|sub-?total|grand total|sum)(?![\u4e00-\u9fffa-z])",
    re.I,
)
_SIGNATURES = re.compile(
    r"^(?:制\s*表|填\s*表|填\s*报|审\s*核|复\s*核|负责人|经办|主管|签\s*[字名章]|盖\s*章|打印|第\s*\d+\s*页|备\s*注\s*[:：]|注\s*[:：]|说\s*明\s*[:：]|prepared by|checked by|page \d)",
    re.I,
)


@dataclass(slots=True)
class Row:
    """One sheet as it stands in the file; fields as in models.Sheet.

    `missing` are the required fields left empty, which make a sheet void (KA-11.2); `raw` shows what stands in the cells that could
    not be read.
    """

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
    raw: dict[str, str] = field(default_factory=dict)

    def content(self) -> tuple[Any, ...]:
        """What makes two rows of one number the same sheet, whatever blanks and widths they were typed in."""
        return tuple(_even(getattr(self, name)) for name in FIELDS)


def _even(value: Any) -> Any:
    if not isinstance(value, str) or value.isascii():
        return value.upper().replace(" ", "").replace("-", "") if isinstance(value, str) else value
    return re.sub(r"[\s,.，。、\-—]", "", unicodedata.normalize("NFKC", value)).upper()


FIELDS = tuple(name for name in HEADINGS if name != "claimed_out_yes")


@dataclass(slots=True)
class RecordFile:
    """What a file of record sheets holds: rows to take over, rows left out as entered twice, and all there is to say.

    `outlet_code`, `month` and `filled_on` are what stands over the table, if anything does; `stated` is the number of sheets its total
    line names; `others` are lines that are no sheets, such as signatures.
    """

    headings: list[Heading]
    columns: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outlet_code: str = ""
    month: date | None = None
    filled_on: date | None = None
    stated: int | None = None
    others: list[int] = field(default_factory=list)
    sheet: str = ""

    @property
    def notes(self) -> list[Problem]:
        """What need not be mended, only known."""
        return [problem for problem in self.problems if problem.severity == "note"]

    @property
    def errors(self) -> list[Problem]:
        """What must be mended before the file can be taken over."""
        return [problem for problem in self.problems if problem.severity == "error"]


def read_record_sheets(
    data: bytes,
    filename: str,
    *,
    month: date | None = None,
    outlet_code: str | None = "",
    heading_choice: Mapping[str, int] | None = None,
    sheet: str = "",
    today: date | None = None,
    in_child: bool = True,
) -> RecordFile:
    """Read a month's sheets. Raises Unreadable for the whole file; what is wrong with a cell is a Problem.

    `month` and `outlet_code` are what the sender chose, to be compared with what the file says; `heading_choice` gives columns
    (0 for A; -1 for none) by field where the sender corrected them; `sheet` chooses one of several worksheets.
    """
    raw = open_table(data, filename, in_child=in_child)
    table = find_table(raw, HEADINGS, at_least=4, chosen=heading_choice, named=REQUIRED[:6], sheet=sheet)
    read = RecordFile(table.headings, table.columns, problems=list(table.problems), sheet=table.sheet)
    _compare_top(read, table, month, outlet_code or "")
    _columns_missing(read, table)
    heading_line = {heading.column: plain(heading.text) for heading in table.headings}
    first: dict[str, Row] = {}
    stated_at = ""
    for line, cells in table.lines:
        whole = table.whole[line]
        if words := _total(whole, cells):
            if (count := _stated(whole)) is not None:
                read.stated, stated_at = count, str(line)
            continue
        if words := _no_sheet(whole, cells, heading_line):
            read.others.append(line)
            read.problems.append(
                Problem("warning", "no_sheet", str(line), words={"line": line, "value": words[:40]})
            )
            continue
        _keep(read, table, _row(table, line, cells, read.problems, today, month), first)
    _compare_total(read, stated_at)
    if not read.rows:
        read.problems.append(Problem("warning", "no_rows"))
    return read


def _keep(read: RecordFile, table: Table, row: Row, first: dict[str, Row]) -> None:
    """Take a row in; the same sheet entered twice counts once, and two different ones of one number can't both stand."""
    key = row.number.upper()
    earlier = first.setdefault(key, row) if key else row
    words = {"value": row.number, "line": earlier.line, "first": table.cell("number", earlier.line)}
    if earlier is row:
        read.rows.append(row)
    elif earlier.content() == row.content() and not earlier.raw and not row.raw:
        read.duplicates.append(row)
        _say(read.problems, table, "warning", "twice_same", "number", row.line, **words)
    else:
        read.rows.append(row)
        _say(read.problems, table, "error", "twice_different", "number", row.line, **words)


def _say(
    problems: list[Problem], table: Table, severity: str, code: str, field_name: str, at: int, **words: Any
) -> None:
    problems.append(Problem(severity, code, table.cell(field_name, at), field_name, words))


def _compare_top(read: RecordFile, table: Table, month: date | None, outlet_code: str) -> None:
    """Compare what stands over the table with what the sender chose."""
    lines = [values.half_width(line) for line in table.above]
    for at, line in enumerate(lines):
        if found := re.search(
            r"(?:网点|服务站)(?:编码|代码|编号|号)?\s*[::]?\s*([A-Za-z0-9][A-Za-z0-9\-]*)", line, re.I
        ):
            read.outlet_code = found[1].upper()
            break
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if re.fullmatch(r"(?:网点|服务站)(?:编码|代码|编号|号)\s*:?", line) and re.fullmatch(
            r"[A-Za-z0-9\-]+", following
        ):
            read.outlet_code = following.upper()
            break
    if outlet_code and read.outlet_code and read.outlet_code != outlet_code.upper():
        read.problems.append(
            Problem("error", "other_outlet", words={"found": read.outlet_code, "expected": outlet_code})
        )
    about_filling = [line for line in lines if _FILLING.search(line)]
    read.filled_on = next((day for line in about_filling if (day := _day_in(line))), None)
    titles = (_FILLING.split(line)[0] for line in lines)
    read.month = next((month_ for title in titles if (month_ := month_in(title))), None)
    if month and read.month and read.month != month:
        words = {"found": f"{read.month:%Y-%m}", "expected": f"{month:%Y-%m}"}
        read.problems.append(Problem("error", "other_month", words=words))


_FILLING = re.compile(r"填报|制表|打印|填表|上报")


def _day_in(line: str) -> date | None:
    match = re.search(r"20\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}", line)
    try:
        return values.day(match[0]) if match else None
    except values.Bad:
        return None


def _columns_missing(read: RecordFile, table: Table) -> None:
    """A required column that is not there at all is a matter of the file, not of each sheet."""
    for field_name in FIELDS:
        if field_name in table.columns or (
            field_name == "claimed_out" and "claimed_out_yes" in table.columns
        ):
            continue
        if field_name in REQUIRED:
            found = [heading.text[:20] for heading in table.headings]
            read.problems.append(Problem("error", "no_column", "", field_name, {"found": found}))
        elif field_name in ("reported_on", "work", "km", "installed_on"):
            read.problems.append(Problem("warning", "optional_column", "", field_name))


def _filled_texts(whole: list[Any], at_most: int = 200) -> list[str]:
    """The texts of a line's first filled cells."""
    texts: list[str] = []
    for cell in whole:
        if cell is not None and (text := str(cell).strip()):
            texts.append(text)
            if len(texts) == at_most:
                break
    return texts


def _count_filled(cells: Mapping[str, Any], names: Iterable[str]) -> int:
    return sum(1 for name in names if (cell := cells.get(name)) is not None and not values.is_empty(cell))


def _total(whole: list[Any], cells: Mapping[str, Any]) -> str:
    """The word of a total line, or nothing. A sheet has a customer and a serial number; a total line has neither."""
    words = next((text for text in _filled_texts(whole, 3) if _TOTALS.match(text)), "")
    return (
        words
        if words and _count_filled(cells, ("customer", "serial", "phone", "address", "model")) <= 2
        else ""
    )


def _stated(whole: list[Any]) -> int | None:
    """How many sheets a total line says there are."""
    line = values.half_width(" ".join(text for text in _filled_texts(whole)))
    match = re.search(r"(\d{1,6})\s*(?:[单张份条笔]|sheets|records)", line)
    return int(match[1]) if match else None


def _no_sheet(whole: list[Any], cells: Mapping[str, Any], heading_line: Mapping[int, str]) -> str:
    """The words of a line that is no sheet: signatures, a heading repeated on the next page, prefilled lines; or nothing."""
    first = next(iter(_filled_texts(whole, 1)), "")
    filled = _count_filled(cells, REQUIRED)
    prefilled = filled == 0
    signed = filled <= 3 and _SIGNATURES.match(first) is not None
    return (
        " ".join(_filled_texts(whole, 8))
        if prefilled or signed or _repeats(whole, first, heading_line)
        else ""
    )


def _repeats(whole: list[Any], first: str, heading_line: Mapping[int, str]) -> bool:
    """Whether a line says the headings again."""
    if len(first) > 30 or plain(first) not in heading_line.values():
        return False
    same = sum(
        1
        for column, text in heading_line.items()
        if column < len(whole) and plain(str(whole[column] or "")[:60]) == text
    )
    return same >= 4 and same * 2 > len(heading_line)


def _compare_total(read: RecordFile, at: str) -> None:
    if read.stated is not None and read.stated not in (len(read.rows), len(read.rows) + len(read.duplicates)):
        words = {"stated": read.stated, "counted": len(read.rows)}
        read.problems.append(Problem("warning", "total_differs", at, words=words))


def _row(
    table: Table,
    line: int,
    cells: Mapping[str, Any],
    problems: list[Problem],
    today: date | None,
    month: date | None,
) -> Row:
    """One sheet. What can't be read is an error at its cell; what is missing makes the sheet void and is only told."""
    row = Row(line)

    def read(field_name: str, reader: Callable[..., Any], *more: Any) -> Any:
        cell = cells.get(field_name)
        if cell is None:
            return None
        try:
            value = reader(cell, *more)
        except values.Bad as bad:
            words = {
                name: value[:40] if isinstance(value, str) else value for name, value in bad.words.items()
            }
            problems.append(Problem("error", bad.code, table.cell(field_name, line), field_name, words))
            row.raw[field_name] = _shown(cell)
            return None
        if values.harmful(cell):
            _say(problems, table, "warning", "taken_out", field_name, line)
        return value

    row.number = read("number", values.code, 40) or ""
    row.serial = read("serial", values.code, 60) or ""
    row.model = (read("model", values.code, 40) or "").upper()
    for field_name, longest in _TEXTS.items():
        setattr(row, field_name, _nothing(read(field_name, values.text, longest)))
    row.phone, plausible = read("phone", values.phone) or ("", True)
    if not plausible:
        _say(problems, table, "warning", "odd_phone", "phone", line, value=_hinted(row.phone))
    for field_name in _DATES:
        setattr(row, field_name, read(field_name, values.day))
    row.km = read("km", values.kilometres) or Decimal(0)
    if row.km > 300:
        _say(problems, table, "warning", "far", "km", line, value=f"{row.km:f}")
    row.charged_fen = read("charged_fen", values.fen) or 0
    row.work = _one_of(table, row, problems, "work", read("work", values.text, 200), _WORK)
    claimed = _one_of(table, row, problems, "claimed_out", read("claimed_out", values.text, 200), _WARRANTY)
    turned = _one_of(
        table, row, problems, "claimed_out_yes", read("claimed_out_yes", values.text, 200), _WARRANTY
    )
    said_out = values.half_width(str(cells.get("claimed_out_yes") or "")).strip() in ("保外", "过保", "超保")
    row.claimed_out = claimed == "out" or turned == "in" or said_out
    _check_days(table, row, problems, today, month)
    row.missing = tuple(name for name in REQUIRED if name not in row.raw and getattr(row, name) in ("", None))
    for field_name in row.missing:
        if field_name in table.columns:
            _say(problems, table, "warning", "missing", field_name, line)
    return row


def _shown(cell: Any) -> str:
    """A cell as a preview may show it."""
    if isinstance(cell, dict):
        return str(cell.get("e") or cell.get("d") or "")
    return values.text(str(cell), 10**6)[:60]


def _nothing(words: str | None) -> str:
    """A stroke in a cell is an empty cell."""
    return "" if words is None or (len(words) <= 2 and words in ("-", "--", "/", "—", "——", "\\")) else words


def _one_of(
    table: Table,
    row: Row,
    problems: list[Problem],
    field_name: str,
    words: str | None,
    known: Mapping[str, str],
) -> str:
    """The code of a word with few values; an unknown one is an error at its cell, an empty one is nothing."""
    if not (shape := plain(words or "")):
        return ""
    if shape in known:
        return known[shape]
    code = "unknown_work" if field_name == "work" else "unknown_warranty"
    row.raw[field_name] = (words or "")[:60]
    _say(problems, table, "error", code, field_name, row.line, value=(words or "")[:40])
    return ""


def _check_days(
    table: Table, row: Row, problems: list[Problem], today: date | None, month: date | None
) -> None:
    """Days that can't be in this order are errors, for they decide warranty and money; days that only look odd are warnings."""

    def say(severity: str, code: str, field_name: str, **words: Any) -> None:
        _say(problems, table, severity, code, field_name, row.line, **words)

    for field_name in _DATES:
        day = getattr(row, field_name)
        if day and today and day > today:
            say("error", "future", field_name, value=day.isoformat())
    reported, completed, purchased, installed = (
        row.reported_on,
        row.completed_on,
        row.purchased_on,
        row.installed_on,
    )
    if reported and completed and completed < reported:
        say("error", "completed_first", "completed_on", completed=completed, reported=reported)
    asked = reported or completed
    if asked and purchased and purchased > asked:
        say("error", "bought_later", "purchased_on", purchased=purchased, reported=asked)
    if purchased and installed and installed < purchased:
        say("warning", "installed_first", "installed_on", installed=installed, purchased=purchased)
    if month and completed and (completed.year, completed.month) != (month.year, month.month):
        say("warning", "other_month_done", "completed_on", completed=completed, month=f"{month:%Y-%m}")


def _hinted(phone: str) -> str:
    """A number enough to find it again in the file and not enough to call: the report is kept and shown (GN-8)."""
    digits = sum(letter.isdigit() for letter in phone)
    if digits < 6:
        return phone
    seen, shown = 0, []
    for letter in phone:
        seen += letter.isdigit()
        shown.append("*" if letter.isdigit() and 3 < seen <= digits - 2 else letter)
    return "".join(shown)
