"""What the reader says, in both languages: what is wrong, and what to do. Used without Django, also in the child and by the API."""

from typing import Any

from sanbao.ui.readers.sentences import SENTENCES as GENERAL

SENTENCES: dict[str, tuple[str, str]] = GENERAL | {
    # The file
    "empty": ("文件是空的，请重新导出后上传。", "The file is empty; export it again and upload that."),
    "empty_sheet": ("表里没有内容，请检查是否选错了文件。", "The workbook has no content; check that it is the right file."),
    "only_hidden": ("只有隐藏的工作表里有内容。请取消隐藏要上报的工作表再上传。", "Only hidden sheets have content. Unhide the one to hand in and upload again."),
    "not_a_table": ("这个文件的内容是 {kind}，不是表格。请用 Excel 打开原表，另存为 .xlsx 再上传。", "This file is {kind} inside, not a table. Open the table in Excel, save it as .xlsx and upload that."),
    "not_what_it_says": ("这个文件名叫 .{ending}，内容却是 {kind}。请用 Excel 打开原表，另存为 .xlsx 再上传。", "This file is called .{ending}, but it is {kind} inside. Open the table in Excel, save it as .xlsx and upload that."),
    "zip": ("这是压缩包。请解压后上传里面的表格。", "This is a ZIP archive. Unpack it and upload the table inside."),
    "quotes": ("引号没有配对，后面的内容连成了一格。请在 Excel 中另存为 .xlsx 再上传。", "A quotation mark is not closed, so all that follows runs into one cell. Save it as .xlsx in Excel and upload that."),
    "binary_workbook": ("这是二进制格式（.xlsb）的工作簿。请在 Excel 中另存为 .xlsx 再上传。", "This is a binary workbook (.xlsb). Save it as .xlsx in Excel and upload that."),
    "web_page": ("这是网页格式的“表格”，不是真正的 Excel 文件。请用 Excel 打开后另存为 .xlsx 再上传。", "This is a web page that calls itself a table. Open it in Excel, save it as .xlsx and upload that."),
    "password": ("文件有密码保护。请去掉密码后再上传。", "The file is protected by a password. Remove it and upload again."),
    "broken": ("文件已损坏或没有传完整，打不开。请重新保存后上传。", "The file is damaged or incomplete and can't be opened. Save it again and upload that."),
    "too_large": ("文件超过 {megabytes} MB。请只保留要上报的一张表再上传。", "The file is larger than {megabytes} MB. Keep only the sheet to hand in and upload again."),
    "too_large_inside": ("文件展开后过大，无法读取。请新建一个工作簿，只粘贴要上报的内容再上传。", "The file is too large once unpacked. Paste what you hand in into a new workbook and upload that."),
    "too_long": ("表格超过 {rows} 行。请按月、按网点分开上传。", "The table has more than {rows} rows. Upload it by month and outlet."),
    "too_wide": ("表格超过 {columns} 列。请删去右边多余的列再上传。", "The table has more than {columns} columns. Delete the surplus ones on the right and upload again."),
    "far_cell": ("单元格 {cell} 离表格太远（最多 {rows} 行、{columns} 列）。请删去表格外的内容，或另存为 .xlsx 再上传。", "Cell {cell} lies too far out (at most {rows} rows and {columns} columns). Delete what stands outside the table, or save it as .xlsx, and upload again."),
    "encoding": ("文字编码认不出来。请在 Excel 中另存为 .xlsx，或存为“CSV UTF-8”。", "The text encoding is not recognised. Save it as .xlsx, or as “CSV UTF-8”."),
    "no_columns": ("只读到一列文字，没有列分隔。请另存为 .xlsx 或用逗号分隔的 CSV。", "Only one column of text was found. Save it as .xlsx or as CSV with commas."),
    "too_slow": ("文件读取超时，已停止。请新建工作簿，只粘贴要上报的内容再上传。", "Reading the file took too long and was stopped. Paste the content into a new workbook and upload that."),
    "no_headings": ("没有找到表头。表头一行至少要有{fields}等栏目；前 30 行里没有这样的一行。", "No heading row was found. It should have columns such as {fields}; none of the first 30 rows does."),
    # The table
    "no_column": ("表里没有“{field}”一栏。表头有：{found}。请在上方指定它是哪一列，或补上这一列。", "There is no column “{field}”. The headings are: {found}. Say above which column it is, or add it."),
    "optional_column": ("表里没有“{field}”一栏，按空白处理。", "There is no column “{field}”; it is taken as empty."),
    "two_columns": ("“{field}”有两列（{first} 和 {second}），采用了 {first} 列。若不对请在上方另选。", "Two columns, {first} and {second}, claim to be “{field}”; {first} was used. Choose the other above if that is wrong."),
    "guessed_column": ("第 {column} 列“{heading}”按“{field}”读取，若不对请在上方另选。", "Column {column} “{heading}” was read as “{field}”. Choose another above if that is wrong."),
    "unknown_column": ("第 {column} 列“{heading}”没有用到。", "Column {column} “{heading}” was not used."),
    "other_outlet": ("表头写的网点是 {found}，上传时选的是 {expected}。请核对网点。", "The table says outlet {found}, but {expected} was chosen. Check the outlet."),
    "other_month": ("表头写的月份是 {found}，上传时选的是 {expected}。请核对月份。", "The table says month {found}, but {expected} was chosen. Check the month."),
    "hidden_sheet": ("隐藏的工作表“{sheet}”没有读取。", "The hidden sheet “{sheet}” was not read."),
    "other_sheet": ("工作表“{sheet}”没有读取，读取的是“{read}”。如需上报请单独上传。", "The sheet “{sheet}” was not read, “{read}” was. Upload it by itself if it belongs to the month."),
    "other_table": ("工作表“{sheet}”里也有记录单，没有读取，这次读取的是“{read}”。请把它另存后单独上传。", "The sheet “{sheet}” has record sheets too; it was not read, “{read}” was. Save it by itself and upload it as well."),
    "formulas": ("有 {count} 个单元格是公式，采用了文件里保存的结果。", "{count} cells hold formulas; their stored results were used."),
    "hidden_rows": ("有 {count} 行被隐藏或筛选掉，也已读取。", "{count} rows are hidden or filtered out; they were read too."),
    "no_sheet": ("第 {line} 行“{value}”不是记录单，没有读取。", "Line {line} “{value}” is no record sheet and was not read."),
    "no_rows": ("表头下面没有记录单。如果本月没有维修，不用上传。", "There are no record sheets below the headings. A month without repairs needs no upload."),
    "stray": ("单元格 {cell} 离表格很远，没有读取。", "Cell {cell} lies far outside the table and was not read."),
    "macros": ("文件带有宏，没有运行，只读取了数据。", "The file has macros; they were not run, only the data was read."),
    "total_differs": ("合计行写的是 {stated} 单，读到 {counted} 单。请核对是否有漏填或多填。", "The total line says {stated} sheets, {counted} were read. Check for missing or surplus lines."),
    # A cell
    "missing": ("缺少“{field}”，这张单按无效单处理（不计维修费并扣罚）。补填后可重新上传。", "“{field}” is missing: the sheet counts as void (no fee, and a deduction). Fill it in and upload again if you can."),
    "future": ("“{value}”还没有到，请核对日期。", "“{value}” is in the future; check the date."),
    "completed_first": ("完成日期 {completed} 早于报修日期 {reported}，请改正。", "Completed on {completed}, before it was reported on {reported}; mend it."),
    "bought_later": ("购买日期 {purchased} 晚于报修日期 {reported}，请改正。", "Bought on {purchased}, after it was reported on {reported}; mend it."),
    "installed_first": ("安装日期 {installed} 早于购买日期 {purchased}，请核对。", "Installed on {installed}, before it was bought on {purchased}; check it."),
    "other_month_done": ("完成日期 {completed} 不在 {month} 月内，请核对是否属于本月。", "Completed on {completed}, which is not in {month}; check that it belongs to this month."),
    "odd_phone": ("“{value}”不像电话号码，已照原样记下，请核对。", "“{value}” does not look like a telephone number; it is kept as typed, check it."),
    "negative_km": ("里程不能是负数（{value}），请改正。", "Kilometres can't be negative ({value}); mend it."),
    "too_far": ("单程 {value} 公里不合理，请改正。", "{value} km one way is not possible; mend it."),
    "far": ("单程 {value} 公里很远，请核对。", "{value} km one way is very far; check it."),
    "unknown_work": ("服务类型“{value}”认不出来。请写“换件维修”或“检查调试”。", "The kind of work “{value}” is not known. Write 换件维修 (part replaced) or 检查调试 (adjusted or checked)."),
    "unknown_warranty": ("保修性质“{value}”认不出来。请写“保内”或“保外”。", "“{value}” is not known. Write 保内 (in warranty) or 保外 (out of warranty)."),
    "taken_out": ("“{field}”里有看不见的控制字符，已去掉。", "“{field}” held control characters nobody can see; they were taken out."),
    "twice_same": ("单号 {value} 与第 {line} 行重复且内容相同，只计一次。", "Sheet {value} is entered again with the same content as in line {line}; it counts once."),
    "twice_different": ("单号 {value} 与 {first} 重复但内容不同，请改正其中一张。", "Sheet {value} stands in {first} too, with other content; mend one of them."),
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
    column = 0 if language == "zh" else 1
    for name in ("field",):
        if words.get(name) in FIELDS:
            words[name] = FIELDS[words[name]][column]
    for name in ("fields", "found"):
        if isinstance(words.get(name), list | tuple):
            names = [FIELDS[word][column] if word in FIELDS else str(word) for word in words[name]]
            words[name] = ("、" if column == 0 else ", ").join(names) or "—"
    return SENTENCES[code][column].format(**words)
