"""What is said of a Word file and of its clauses, in both languages. Used without Django, also in the child."""

from typing import Any

SENTENCES: dict[str, tuple[str, str]] = {
    # The file
    "empty": ("文件是空的，请重新保存后上传。", "The file is empty; save it again and upload that."),
    "no_text": ("文件里没有文字。若内容是图片，请先识别成文字，或直接粘贴正文。", "There is no text in this file. If it holds pictures of text, have them recognised first, or paste the text."),
    "old_word": ("这是旧版 Word 文件（.doc）。请用 Word 打开，另存为 .docx 再上传；也可以直接粘贴正文。", "This is an old Word file (.doc). Open it in Word, save it as .docx and upload that; or paste the text."),
    "password": ("文件有密码保护。请去掉密码后再上传。", "The file is protected by a password. Remove it and upload again."),
    "not_word": ("这个文件的内容是 {kind}，不是 Word 文档。请上传 .docx，或直接粘贴正文。", "This file is {kind} inside, not a Word document. Upload a .docx, or paste the text."),
    "not_what_it_says": ("这个文件名叫 .{ending}，内容却是 {kind}。请用 Word 打开原文，另存为 .docx 再上传。", "This file is called .{ending}, but it is {kind} inside. Open the original in Word, save it as .docx and upload that."),
    "broken": ("文件已损坏或没有传完整，打不开。请在 Word 里重新保存后上传，或直接粘贴正文。", "The file is damaged or incomplete and can't be opened. Save it again in Word and upload that, or paste the text."),
    "too_large": ("文件超过 {megabytes} MB。请删去图片，或直接粘贴正文。", "The file is larger than {megabytes} MB. Take the pictures out, or paste the text."),
    "too_large_inside": ("文件展开后过大，无法读取。请直接粘贴正文。", "The file is too large once unpacked. Paste the text instead."),
    "too_slow": ("文件读取超时，已停止。请直接粘贴正文。", "Reading the file took too long and was stopped. Paste the text instead."),
    "too_long_text": ("正文超过 {most} 字。请分成几份制度。", "The text has more than {most} characters. Divide it into several regulations."),
    # What a person should know of it
    "pictures": ("文件里有 {count} 张图片，没有取入。需要的请作为附件上传。", "The file has {count} pictures; they were not taken over. Attach those that are needed."),
    "notes": ("文件里的脚注、批注没有取入。", "Footnotes and comments were not taken over."),
    "revisions": ("文件带有修订痕迹：按“全部接受”读取。", "The file has tracked changes: it was read as if all were accepted."),
    "tables": ("有 {count} 张表格，按表格取入。表格里的条款不会拆成单独的条款；需要拆开的，请在下面的正文里改。", "{count} tables were kept as tables. Clauses that stand inside a table don't become clauses of their own; where they should, edit the text below."),
    "table_cut": ("有一张表格超过 {rows} 行或 {columns} 列，超出的部分没有取入。请把它作为附件上传。", "A table has more than {rows} rows or {columns} columns; the rest was not taken over. Attach it instead."),
    # The clauses
    "no_clauses": ("没有认出任何条款编号。请检查正文：编号应在行首，例如“第一条”“一、”“1.1”。", "No clause number was recognised. Check the text: numbers stand at the beginning of a line, such as 第一条, 一、 or 1.1."),
    "twice": ("“{number}”出现了两次。请改正其中一个。", "“{number}” stands there twice. Correct one of them."),
    "gap": ("“{before}”后面是“{number}”，中间可能缺了一条。", "“{number}” follows “{before}”: one between them may be missing."),
    "back": ("“{number}”排在“{before}”后面，顺序不对。", "“{number}” stands after “{before}”, out of order."),
    "first": ("这一组从“{number}”开始，前面可能缺了。", "This row begins with “{number}”: the ones before may be missing."),
    "bare": ("“{number}”没有内容。", "“{number}” has no text."),
    "too_many": ("条款超过 {most} 条。请分成几份制度。", "There are more than {most} clauses. Divide it into several regulations."),
    "too_long": ("“{number}”超过 {most} 字。请拆成几条。", "“{number}” has more than {most} characters. Divide it into several clauses."),
    "preamble": ("第一个编号前面有文字，作为没有编号的引言取入。", "There is text before the first number; it was taken as a preamble without a number."),
    "ragged": ("表格各行的列数不同，已补成 {columns} 列。", "The rows of a table differ in length; they were filled up to {columns} columns."),
    "split": ("一行里连着写了几条，已按编号拆开。", "Several clauses stood in one line; they were divided at their numbers."),
}  # fmt: skip


def say(code: str, language: str, **words: Any) -> str:
    """The sentence for a code; `language` is "zh" or "en"."""
    return SENTENCES[code][0 if language == "zh" else 1].format(**words)
