"""What the reader says, in both languages: what is wrong, and what to do. Used without Django, also in the child and by the API."""

from typing import Any

from sanbao.files.tables.sentences import SENTENCES as GENERAL
from sanbao.files.tables.sentences import say as say_of_tables

SENTENCES: dict[str, tuple[str, str]] = GENERAL | {
    # The table
    "other_outlet": ("表头写的网点是 {found}，上传时选的是 {expected}。请核对网点。", "The table says outlet {found}, but {expected} was chosen. Check the outlet."),
    "other_month": ("表头写的月份是 {found}，上传时选的是 {expected}。请核对月份。", "The table says month {found}, but {expected} was chosen. Check the month."),
    "no_sheet": ("第 {line} 行“{value}”不是记录单，没有读取。", "Line {line} “{value}” is no record sheet and was not read."),
    "no_rows": ("表头下面没有记录单。如果本月没有维修，不用上传。", "There are no record sheets below the headings. A month without repairs needs no upload."),
    "total_differs": ("合计行写的是 {stated} 单，读到 {counted} 单。请核对是否有漏填或多填。", "The total line says {stated} sheets, {counted} were read. Check for missing or surplus lines."),
    # A cell
    "missing": ("缺少“{field}”，这张单按无效单处理（不计维修费并扣罚）。补填后可重新上传。", "“{field}” is missing: the sheet counts as void (no fee, and a deduction). Fill it in and upload again if you can."),
    "future": ("“{value}”还没有到，请核对日期。", "“{value}” is in the future; check the date."),
    "completed_first": ("完成日期 {completed} 早于报修日期 {reported}，请改正。", "Completed on {completed}, before it was reported on {reported}; correct it."),
    "bought_later": ("购买日期 {purchased} 晚于报修日期 {reported}，请改正。", "Bought on {purchased}, after it was reported on {reported}; correct it."),
    "installed_first": ("安装日期 {installed} 早于购买日期 {purchased}，请核对。", "Installed on {installed}, before it was bought on {purchased}; check it."),
    "other_month_done": ("完成日期 {completed} 不在 {month} 月内，请核对是否属于本月。", "Completed on {completed}, which is not in {month}; check that it belongs to this month."),
    "odd_phone": ("“{value}”不像电话号码，已照原样记下，请核对。", "“{value}” does not look like a telephone number; it is kept as typed, check it."),
    "negative_km": ("里程不能是负数（{value}），请改正。", "Kilometres can't be negative ({value}); correct it."),
    "too_far": ("单程 {value} 公里不合理，请改正。", "{value} km one way is not possible; correct it."),
    "far": ("单程 {value} 公里很远，请核对。", "{value} km one way is very far; check it."),
    "unknown_work": ("服务类型“{value}”认不出来。请写“换件维修”或“检查调试”。", "The kind of work “{value}” is not known. Write 换件维修 (part replaced) or 检查调试 (adjusted or checked)."),
    "unknown_warranty": ("保修性质“{value}”认不出来。请写“保内”或“保外”。", "“{value}” is not known. Write 保内 (in warranty) or 保外 (out of warranty)."),
    "taken_out": ("“{field}”里有看不见的控制字符，已去掉。", "“{field}” held control characters nobody can see; they were taken out."),
    "twice_same": ("单号 {value} 与第 {line} 行重复且内容相同，只计一次。", "Sheet {value} is entered again with the same content as in line {line}; it counts once."),
    "twice_different": ("单号 {value} 与 {first} 重复但内容不同，请改正其中一张。", "Sheet {value} stands in {first} too, with other content; correct one of them."),
    # Findings and receipts
    "unknown_finding": ("问题“{value}”认不出来。请写：伪造记录单、乱收费、维修不及时投诉属实、维修不及时投诉不属实、服务态度差、维修质量差。", "The finding “{value}” is not known. Write 伪造记录单, 乱收费, 维修不及时投诉属实, 维修不及时投诉不属实, 服务态度差 or 维修质量差."),
    "no_refund": ("没有写应退金额，按 0 元登记；说明里提到“{value}”，请核对。", "No refund is given, so it is registered as 0; the text says “{value}”, check it."),
    "refund_unread": ("备注“{value}”不是金额，按 0 元退款登记，请核对。", "The note “{value}” is no amount; the refund is registered as 0, check it."),
    "outcome_unread": ("备注“{value}”没有写明“已改正”或“未改正”，按“责令改正中”登记。", "The note “{value}” does not say 已改正 or 未改正; it is registered as ordered to improve."),
    "unknown_outlet": ("没有网点 {value}，请核对网点编码。", "There is no outlet {value}; check the code."),
}  # fmt: skip

FIELDS: dict[str, tuple[str, str]] = {
    "number": ("单号", "sheet number"),
    "customer": ("用户姓名", "customer"),
    "phone": ("联系电话", "telephone"),
    "address": ("地址", "address"),
    "model": ("产品型号", "model"),
    "serial": ("机身编码", "serial number"),
    "purchased_on": ("购买日期", "purchased on"),
    "installed_on": ("安装日期", "installed on"),
    "reported_on": ("报修日期", "reported on"),
    "completed_on": ("完成日期", "completed on"),
    "fault": ("故障现象", "fault"),
    "action": ("处理措施", "what was done"),
    "component": ("更换件", "part replaced"),
    "work": ("服务类型", "kind of work"),
    "km": ("单程公里", "kilometres one way"),
    "claimed_out": ("保修性质", "warranty"),
    "claimed_out_yes": ("是否保外", "out of warranty"),
    "charged_fen": ("收费金额", "charged"),
    "engineer": ("维修人员", "engineer"),
    "finding": ("问题", "finding"),
    "explanation": ("说明", "explanation"),
    "note": ("备注", "note"),
    "outlet": ("网点编码", "outlet code"),
    "name": ("名称", "name"),
    "region": ("区域", "region"),
    "month": ("月份", "month"),
    "paper_on": ("纸质收到日", "paper received on"),
    "electronic_on": ("电子版收到日", "electronic copy received on"),
    "file": ("文件", "file"),
    "category": ("产品类别", "category"),
    "replace": ("换件维修", "part replaced"),
    "adjust": ("检查调试", "adjusted or checked"),
}


def say(code: str, language: str, **words: Any) -> str:
    """The sentence for a code; `language` is "zh" or "en". Field codes among the words are named in that language."""
    if words.get("field") in FIELDS:
        words["field"] = FIELDS[words["field"]]
    return say_of_tables(code, language, sentences=SENTENCES, **words)
