"""What is said of a file and of its table, in both languages: what is wrong, and what to do. Used without Django, also in the child."""

from collections.abc import Mapping
from typing import Any

from sanbao.ui.readers.sentences import SENTENCES as GENERAL

SENTENCES: dict[str, tuple[str, str]] = GENERAL | {
    # The file
    "empty": ("文件是空的，请重新导出后上传。", "The file is empty; export it again and upload that."),
    "empty_sheet": ("表里没有内容，请检查是否选错了文件。", "The workbook has no content; check that it is the right file."),
    "only_hidden": ("只有隐藏的工作表里有内容。请取消隐藏要上传的工作表再上传。", "Only hidden sheets have content. Unhide the one that is meant and upload again."),
    "not_a_table": ("这个文件的内容是 {kind}，不是表格。请用 Excel 打开原表，另存为 .xlsx 再上传。", "This file is {kind} inside, not a table. Open the table in Excel, save it as .xlsx and upload that."),
    "not_what_it_says": ("这个文件名叫 .{ending}，内容却是 {kind}。请用 Excel 打开原表，另存为 .xlsx 再上传。", "This file is called .{ending}, but it is {kind} inside. Open the table in Excel, save it as .xlsx and upload that."),
    "zip": ("这是压缩包。请解压后上传里面的表格。", "This is a ZIP archive. Unpack it and upload the table inside."),
    "quotes": ("引号没有配对，后面的内容连成了一格。请在 Excel 中另存为 .xlsx 再上传。", "A quotation mark is not closed, so all that follows runs into one cell. Save it as .xlsx in Excel and upload that."),
    "binary_workbook": ("这是二进制格式（.xlsb）的工作簿。请在 Excel 中另存为 .xlsx 再上传。", "This is a binary workbook (.xlsb). Save it as .xlsx in Excel and upload that."),
    "web_page": ("这是网页格式的“表格”，不是真正的 Excel 文件。请用 Excel 打开后另存为 .xlsx 再上传。", "This is a web page that calls itself a table. Open it in Excel, save it as .xlsx and upload that."),
    "password": ("文件有密码保护。请去掉密码后再上传。", "The file is protected by a password. Remove it and upload again."),
    "broken": ("文件已损坏或没有传完整，打不开。请重新保存后上传。", "The file is damaged or incomplete and can't be opened. Save it again and upload that."),
    "too_large": ("文件超过 {megabytes} MB。请只保留要上传的一张表再上传。", "The file is larger than {megabytes} MB. Keep only the sheet that is meant and upload again."),
    "too_large_inside": ("文件展开后过大，无法读取。请新建一个工作簿，只粘贴要上传的内容再上传。", "The file is too large once unpacked. Paste what is meant into a new workbook and upload that."),
    "too_long": ("表格超过 {rows} 行。请分成几个文件上传。", "The table has more than {rows} rows. Divide it among several files."),
    "too_wide": ("表格超过 {columns} 列。请删去右边多余的列再上传。", "The table has more than {columns} columns. Delete the surplus ones on the right and upload again."),
    "far_cell": ("单元格 {cell} 离表格太远（最多 {rows} 行、{columns} 列）。请删去表格外的内容，或另存为 .xlsx 再上传。", "Cell {cell} lies too far out (at most {rows} rows and {columns} columns). Delete what stands outside the table, or save it as .xlsx, and upload again."),
    "encoding": ("文字编码认不出来。请在 Excel 中另存为 .xlsx，或存为“CSV UTF-8”。", "The text encoding is not recognised. Save it as .xlsx, or as “CSV UTF-8”."),
    "no_columns": ("只读到一列文字，没有列分隔。请另存为 .xlsx 或用逗号分隔的 CSV。", "Only one column of text was found. Save it as .xlsx or as CSV with commas."),
    "too_slow": ("文件读取超时，已停止。请新建工作簿，只粘贴要上传的内容再上传。", "Reading the file took too long and was stopped. Paste the content into a new workbook and upload that."),
    "no_headings": ("没有找到表头。表头一行至少要有{fields}等栏目；前 30 行里没有这样的一行。", "No heading row was found. It should have columns such as {fields}; none of the first 30 rows does."),
    # The table
    "no_column": ("表里没有“{field}”一栏。表头有：{found}。请在上方指定它是哪一列，或补上这一列。", "There is no column “{field}”. The headings are: {found}. Say above which column it is, or add it."),
    "optional_column": ("表里没有“{field}”一栏，按空白处理。", "There is no column “{field}”; it is taken as empty."),
    "two_columns": ("“{field}”有两列（{first} 和 {second}），采用了 {first} 列。若不对请在上方另选。", "Two columns, {first} and {second}, claim to be “{field}”; {first} was used. Choose the other above if that is wrong."),
    "guessed_column": ("第 {column} 列“{heading}”按“{field}”读取，若不对请在上方另选。", "Column {column} “{heading}” was read as “{field}”. Choose another above if that is wrong."),
    "unknown_column": ("第 {column} 列“{heading}”没有用到。", "Column {column} “{heading}” was not used."),
    "hidden_sheet": ("隐藏的工作表“{sheet}”没有读取。", "The hidden sheet “{sheet}” was not read."),
    "other_sheet": ("工作表“{sheet}”没有读取，读取的是“{read}”。如需要请单独上传。", "The sheet “{sheet}” was not read, “{read}” was. Upload it by itself if it is meant too."),
    "other_table": ("工作表“{sheet}”里也有这样的表，没有读取，这次读取的是“{read}”。请把它另存后单独上传。", "The sheet “{sheet}” holds such a table too; it was not read, “{read}” was. Save it by itself and upload it as well."),
    "formulas": ("有 {count} 个单元格是公式，采用了文件里保存的结果。", "{count} cells hold formulas; their stored results were used."),
    "hidden_rows": ("有 {count} 行被隐藏或筛选掉，也已读取。", "{count} rows are hidden or filtered out; they were read too."),
    "stray": ("单元格 {cell} 离表格很远，没有读取。", "Cell {cell} lies far outside the table and was not read."),
    "macros": ("文件带有宏，没有运行，只读取了数据。", "The file has macros; they were not run, only the data was read."),
}  # fmt: skip


def say(
    code: str, language: str, *, sentences: Mapping[str, tuple[str, str]] = SENTENCES, **words: Any
) -> str:
    """The sentence for a code; `language` is "zh" or "en". A pair among the words is said in that language, a list is strung together."""
    column = 0 if language == "zh" else 1
    for name, word in words.items():
        if isinstance(word, list):
            said = [str(one[column] if isinstance(one, tuple) else one) for one in word]
            words[name] = ("、" if column == 0 else ", ").join(said) or "—"
        elif isinstance(word, tuple):
            words[name] = word[column]
    return sentences[code][column].format(**words)
