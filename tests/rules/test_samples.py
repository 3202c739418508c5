"""KA-4.3, KA-5.1, KA-11.1, KA-11.2: the rules alone give expected.json from the sample workbooks.

The product reads workbooks with all their oddities elsewhere; here a short reading of these very files is enough. They are
not copied into the repository: without them the test is skipped and says so.
"""

import csv
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sanbao_rules import charges
from sanbao_rules.money import yuan
from sanbao_rules.settlement import REQUIRED_FIELDS, SheetFacts, Terms, decide_month
from tests.rules.make import BOOKS

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "appliance"
TODAY = date(2026, 4, 1)
HEADINGS = {
    "number": "单号",
    "customer": "用户姓名",
    "phone": "联系电话 电话 用户电话",
    "address": "地址",
    "model": "产品型号",
    "serial": "机身编码 出厂编码 机身条码",
    "purchased_on": "购买日期 购机日期",
    "installed_on": "安装日期",
    "reported_on": "报修日期",
    "completed_on": "完成日期 完工日期",
    "fault": "故障现象",
    "action": "处理措施",
    "component": "更换件",
    "work": "服务类型",
    "km": "单程公里 里程(单程km)",
    "claimed": "保修性质",
}
COLUMNS = {word: field for field, words in HEADINGS.items() for word in words.split()}
FINDINGS = {"伪造记录单": "forged", "乱收费": "overcharge", "维修不及时投诉属实": "late_service"}
WHY = {"in_time": "按期", "late": "逾期", "late_15": "15日以后", "cross_month": "跨月"}


def rows_of(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = re.match(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", str(value))
    return date(*map(int, found.groups())) if found else None


def findings() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows_of("callback-findings.csv"):
        kind = FINDINGS.get(row["问题"]) or ("unimproved" if row["备注"] == "未改正" else "improved")
        refund = yuan(row["备注"]) if row["备注"].isdigit() else 0
        found.setdefault(row["单号"], []).append((kind, refund))
    return found


def sheets_in(name: str) -> tuple[list[SheetFacts], int]:
    """The sheets of a workbook, and how many were entered twice."""
    calamine = pytest.importorskip("python_calamine", reason="python-calamine reads the sample workbooks")
    rows = calamine.CalamineWorkbook.from_path(SAMPLES / name).get_sheet_by_index(0).to_python()
    heading = next(n for n, row in enumerate(rows) if "单号" in row)
    categories = {row["产品型号"]: row["产品类别"] for row in rows_of("models.csv")}
    found, seen, sheets, twice = findings(), set(), [], 0
    for row in rows[heading + 1 :]:
        cells = dict(zip((COLUMNS.get(word, word) for word in rows[heading]), row, strict=True))
        number = str(cells["number"]).strip()
        if not any(str(cell).strip() for cell in row) or row[0] == "合计":
            continue
        if number and number in seen:
            twice += 1
            continue
        seen.add(number)
        sheets.append(
            SheetFacts(
                tuple(field for field in REQUIRED_FIELDS if not str(cells[field]).strip()),
                categories.get(cells["model"], ""),
                charges.work(cells["work"], BOOKS["charges"], TODAY),
                Decimal(str(cells["km"] or 0)),
                *(
                    day(cells[field])
                    for field in ("purchased_on", "installed_on", "reported_on", "completed_on")
                ),
                cells["component"],
                cells["claimed"] == "保外",
                tuple(found.get(number, ())),
            )
        )
    return sheets, twice


@pytest.mark.skipif(
    not SAMPLES.exists(), reason=f"the sample months are not at {SAMPLES}; see the mission's samples"
)
def test_the_sample_months_come_to_what_is_expected():
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    for receipt in rows_of("receipts.csv"):
        key = f"{receipt['网点编码']} {receipt['月份']}"
        month = date.fromisoformat(f"{receipt['月份']}-01")
        paper, electronic = (
            date.fromisoformat(receipt["纸质收到日"]),
            date.fromisoformat(receipt["电子版收到日"]),
        )
        sheets, twice = sheets_in(receipt["文件"])
        made = decide_month(month, paper, electronic, sheets, Terms.resolve(BOOKS, month), BOOKS)
        totals, should = made.totals, expected.pop(key)
        for name in ("records", "paid", "void", "forged", "out_of_warranty", "claimed_out"):
            assert getattr(totals, name) == should[name], (key, name)
        assert (totals.gross, totals.net) == (yuan(should["gross"]), yuan(should["net"])), key
        assert (totals.rate, WHY[made.code]) == (Decimal(should["rate"]), should["why"]), key
        assert totals.refund == yuan(should["deductions"].pop("refund_to_customer")), key
        assert totals.deductions == {kind: yuan(amount) for kind, amount in should["deductions"].items()}, key
        assert twice == should["duplicates"], key
        assert not made.blocked
    assert not expected
