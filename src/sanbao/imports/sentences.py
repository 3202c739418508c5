"""What is said of rows whatever they bring, in both languages: what is wrong, and what to do."""

SENTENCES: dict[str, tuple[str, str]] = {
    "masked": ("“{field}”是打了码的（含 *），不是真实内容。请从原始资料填写，或申请完整导出后再导入。", "“{field}” is masked (it holds *), not the real thing. Fill it in from the original, or export it in full before importing."),
    "unknown_choice": ("“{field}”没有“{value}”，请写：{choices}。", "“{field}” can't be “{value}”; write {choices}."),
    "no_yes_no": ("“{value}”分不清是还是否，请写“是”或“否”。", "“{value}” is neither yes nor no; write 是 (yes) or 否 (no)."),
    "scientific": ("电话被 Excel 变成了科学计数（{shown}），末几位已经丢失。请把这一列设为“文本”后重新填写。", "Excel has turned the number into {shown} and its last digits are lost. Format the column as text and type it anew."),
    "no_email": ("“{value}”不是邮箱地址，请改正。", "“{value}” is no e-mail address; correct it."),
    "no_moment": ("“{value}”不是日期时间。请写成 2026-08-31 09:30 这样。", "“{value}” is no date and time. Write it like 2026-08-31 09:30."),
    "taken_out": ("“{field}”里有看不见的控制字符，已去掉。", "“{field}” held control characters nobody can see; they were taken out."),
    "twice": ("与第 {line} 行重复（{value}）。请删去其中一行。", "The same as in line {line} ({value}). Delete one of them."),
    "example": ("第 {line} 行是模板里的示例，没有读取。", "Line {line} is the template's example and was not read."),
    "footer": ("第 {line} 行是表格下面的说明，没有读取。", "Line {line} is a remark below the table and was not read."),
    "no_rows_here": ("表头下面没有内容。请填写后再上传。", "There is nothing below the headings. Fill it in and upload again."),
    "more_problems": ("还有 {count} 处没有列出。请先改正上面的，再上传。", "{count} more are not listed. Correct those above first and upload again."),
    "refused": ("{zh}", "{en}"),
}  # fmt: skip
