"""The smaller files: callback findings, receipts, outlets, models, tariff. Columns in any order and wording."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sanbao.files.tables import Table, month_in, open_table
from sanbao.settlements.reading import values
from sanbao.settlements.reading.problems import Problem, find_table
from sanbao.settlements.reading.records import HEADINGS

_OUTLET = ("网点编码", "网点代码", "网点编号", "网点", "编码", "outlet", "outlet code")


@dataclass(slots=True)
class ListFile:
    """Rows of a small file as {field: value} with their line numbers, and what is wrong with it."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    table: Table | None = None

    def cell(self, field_name: str, line: int) -> str:
        return self.table.cell(field_name, line) if self.table else str(line)


def _open(data: bytes, filename: str, words: Mapping[str, tuple[str, ...]], required: tuple[str, ...], in_child: bool) -> ListFile:  # fmt: skip
    table = find_table(
        open_table(data, filename, in_child=in_child), words, at_least=len(required), named=required
    )
    read = ListFile(problems=list(table.problems), table=table)
    table.lines = [
        (line, cells) for line, cells in table.lines if not all(map(values.is_empty, cells.values()))
    ]
    for name in required:
        if name not in table.columns:
            found = [heading.text[:20] for heading in table.headings]
            read.problems.append(Problem("error", "no_column", "", name, {"found": found}))
    return read


def _take(
    read: ListFile, line: int, cells: Mapping[str, Any], name: str, reader: Any, *, required: bool = False
) -> Any:
    try:
        value = reader(cells.get(name))
    except values.Bad as bad:
        read.problems.append(Problem("error", bad.code, read.cell(name, line), name, bad.words))
        return None
    if required and value in (None, ""):
        read.problems.append(Problem("error", "no_value", read.cell(name, line), name, {"field": name}))
    return value


FINDINGS = {
    "number": HEADINGS["number"],
    "finding": ("问题", "问题类型", "发现问题", "检查结果", "回访结果", "finding", "kind"),
    "explanation": ("说明", "情况说明", "问题说明", "explanation"),
    "note": ("备注", "处理结果", "整改结果", "退款金额", "应退金额", "note", "refund"),
}


def read_findings(data: bytes, filename: str, *, in_child: bool = True) -> ListFile:
    """What callbacks found: rows {number, kind, note, refund_fen, suggested_fen}; kinds as in models.Finding (KA-11.2).

    `suggested_fen` is a refund that only the explanation mentions. Whether there is such a sheet is for the application to say.
    """
    read = _open(data, filename, FINDINGS, ("number", "finding"), in_child)
    assert read.table
    for line, cells in read.table.lines:
        number = _take(read, line, cells, "number", values.code, required=True)
        words = _take(read, line, cells, "finding", values.text, required=True) or ""
        explanation = _take(read, line, cells, "explanation", values.text) or ""
        note = _take(read, line, cells, "note", values.text) or ""
        kind = _kind(read, line, words, note, explanation) if words else ""
        refund, suggested = _refund(read, line, note, explanation) if kind == "overcharge" else (0, None)
        if number and kind:
            row = {
                "number": number,
                "kind": kind,
                "note": " ".join(filter(None, (explanation, note)))[:200],
                "refund_fen": refund,
                "suggested_fen": suggested,
            }
            read.rows.append((line, row))
    return read


def _kind(read: ListFile, line: int, words: str, note: str, explanation: str) -> str:
    """The kind of a finding by its words; one that is not known is an error at its cell."""
    plain = re.sub(r"\s", "", values.half_width(words)).lower()
    if re.search(r"伪造|作假单|假单|虚假记录|虚假单|forged", plain):
        return "forged"
    if re.search(r"不及时|超时|延误|late", plain):
        unproven = re.search(r"不属实|未属实|未查实|查无|不成立|unproven", plain + note + explanation)
        return "late_unproven" if unproven else "late_service"
    if re.search(r"乱收费|多收|弄虚作假|overcharg|falsecharge", plain):
        return "overcharge"
    if re.search(r"态度|质量|attitude|quality|unimproved|improved", plain):
        return _outcome(read, line, plain, note, explanation)
    read.problems.append(
        Problem("error", "unknown_finding", read.cell("finding", line), "finding", {"value": words[:40]})
    )
    return ""


def _outcome(read: ListFile, line: int, plain: str, note: str, explanation: str) -> str:
    """Whether an order to improve was followed; without a word it is still open (KA-11.2)."""
    for said in (note, plain, explanation):
        bare = said.lower()
        if re.search(
            r"未(?:能)?(?:按期|及时)?(?:改|整改)|没有?改|[仍拒]不改|不整改|unimproved|not improved", bare
        ):
            return "unimproved"
        if re.search(r"已(?:按期|经|及时)?(?:改|整改)|改正完成|整改完成|improved", bare):
            return "improved"
    if note:
        read.problems.append(
            Problem("warning", "outcome_unread", read.cell("note", line), "note", {"value": note[:40]})
        )
    return "ordered"


_AMOUNT = r"[¥￥]?\s*(\d+(?:,\d{3})*(?:\.\d+)?)\s*(?:元|块|圆|yuan)?"


def _refund(read: ListFile, line: int, note: str, explanation: str) -> tuple[int, int | None]:
    """The refund in the note, and the one that only the explanation mentions: that is proposed, never taken."""
    where = read.cell("note", line)
    bare = values.half_width(note).rstrip("。.;")
    stated = re.fullmatch(
        rf"(?:应|已|需|须)?(?:退款|退还|退回|退费|退|refund)?(?:金额|用户|客户)?\s*:?\s*{_AMOUNT}", bare, re.I
    )
    try:
        if found := values.fen(stated[1] if stated else note):
            return found, None
    except values.Bad as bad:
        if bad.code != "no_number":
            read.problems.append(Problem("error", bad.code, where, "note", bad.words))
            return 0, None
        read.problems.append(Problem("warning", "refund_unread", where, "note", {"value": note[:40]}))
    amounts = re.findall(rf"(?:收费?|退款?)\D{{0,6}}?{_AMOUNT}", values.half_width(explanation))
    if not note and re.search(r"\d", explanation):
        read.problems.append(Problem("warning", "no_refund", where, "note", {"value": explanation[:40]}))
    try:
        return 0, values.fen(amounts[0]) if len(amounts) == 1 else None
    except values.Bad:
        return 0, None


RECEIPTS = {
    "outlet": _OUTLET,
    "month": ("月份", "所属月份", "结算月份", "month"),
    "paper_on": ("纸质收到日", "纸质收到日期", "纸质收单日", "纸质到达日期", "纸质", "paper received on", "paper"),
    "electronic_on": ("电子版收到日", "电子版收到日期", "邮件收到日", "邮件收到日期", "电子版", "electronic copy received on", "electronic"),
    "file": ("文件", "文件名", "file"),
}  # fmt: skip


def read_receipts(data: bytes, filename: str, *, in_child: bool = True) -> ListFile:
    """When months arrived: rows {outlet, month, paper_on, electronic_on, file} (KA-11.1)."""
    read = _open(data, filename, RECEIPTS, ("outlet", "month"), in_child)
    assert read.table
    for line, cells in read.table.lines:
        row = {
            "outlet": (_take(read, line, cells, "outlet", values.code, required=True) or "").upper(),
            "month": _take(read, line, cells, "month", _month, required=True),
            "paper_on": _take(read, line, cells, "paper_on", values.day),
            "electronic_on": _take(read, line, cells, "electronic_on", values.day),
            "file": _take(read, line, cells, "file", values.text) or "",
        }
        if row["outlet"] and row["month"]:
            read.rows.append((line, row))
    return read


def _month(cell: Any) -> date | None:
    if isinstance(cell, dict) and "d" in cell:
        found = values.day(cell)
        return found.replace(day=1) if found else None
    words = values.text(cell, 40)
    if not words:
        return None
    # 2026.1 as a number may have been 2026.10.
    if isinstance(cell, float) or (found := month_in(words)) is None:
        raise values.Bad("no_month", value=words)
    return found


def read_outlets(data: bytes, filename: str, *, in_child: bool = True) -> ListFile:
    """Outlets: rows {outlet, name, region}."""
    words = {
        "outlet": _OUTLET,
        "name": ("名称", "网点名称", "name"),
        "region": ("区域", "大区", "所属区域", "region"),
    }
    return _texts(data, filename, words, ("outlet",), in_child)


def read_models(data: bytes, filename: str, *, in_child: bool = True) -> ListFile:
    """Models: rows {model, category}."""
    words = {"model": HEADINGS["model"], "category": ("产品类别", "类别", "品类", "产品分类", "category")}
    return _texts(data, filename, words, ("model", "category"), in_child)


def _texts(data: bytes, filename: str, words: Mapping[str, tuple[str, ...]], required: tuple[str, ...], in_child: bool) -> ListFile:  # fmt: skip
    read = _open(data, filename, words, required, in_child)
    assert read.table
    for line, cells in read.table.lines:
        row = {
            name: _take(read, line, cells, name, values.text, required=name in required) or ""
            for name in words
        }
        if all(row[name] for name in required):
            read.rows.append((line, row))
    return read


def read_tariff(data: bytes, filename: str, *, in_child: bool = True) -> ListFile:
    """Labour fees: rows {category, replace, adjust}, fees in fen (KA-4.3)."""
    words = {
        "category": ("产品类别", "类别", "品类", "category"),
        "replace": ("换件维修", "换件", "更换配件", "replace", "part replaced"),
        "adjust": ("检查调试", "调试", "检查", "adjust", "adjusted or checked"),
    }
    read = _open(data, filename, words, ("category", "replace", "adjust"), in_child)
    assert read.table
    for line, cells in read.table.lines:
        category = _take(read, line, cells, "category", values.text, required=True)
        fees = {name: _take(read, line, cells, name, values.fen) for name in ("replace", "adjust")}
        if category and None not in fees.values():
            read.rows.append((line, {"category": category, **fees}))
    return read
