"""A month's sheets as the workbook an outlet would send."""

from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from sanbao.site.demo.people import Place

HEADINGS = {
    "单号": "number", "用户姓名": "customer", "联系电话": "phone", "地址": "address", "产品型号": "model", "机身编码": "serial",
    "购买日期": "purchased_on", "安装日期": "installed_on", "报修日期": "reported_on", "完成日期": "completed_on",
    "故障现象": "fault", "处理措施": "action", "更换配件": "component", "服务类型": "work", "单程公里": "km",
    "保内/保外": "claimed_out", "维修人员": "engineer",
}  # fmt: skip
WORK = {"replace": "换件维修", "adjust": "检查调试"}


def as_workbook(place: Place, month: date, rows: list[dict[str, Any]]) -> bytes:
    """An .xlsx with a title, the outlet's line, headings and one row a sheet."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("记录单")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 0, "产品维修记录单")
        sheet.write(1, 0, f"网点：{place.code} {place.name}　月份：{month:%Y-%m}")
        sheet.write_row(2, 0, list(HEADINGS))
        for line, row in enumerate(rows, start=3):
            for column, name in enumerate(HEADINGS.values()):
                value = _cell(name, row.get(name))
                if isinstance(value, date):
                    sheet.write_datetime(line, column, value, day)
                else:
                    sheet.write(line, column, value)
    return buffer.getvalue()


def _cell(name: str, value: Any) -> Any:
    if name == "work":
        return WORK.get(value, "")
    if name == "claimed_out":
        return "保外" if value else "保内"
    return float(value) if name == "km" else value
