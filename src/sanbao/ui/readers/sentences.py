"""What the readers say, in both languages: what is wrong, and what to do. Without Django, so that a child process may say it too."""

from typing import Any

SENTENCES: dict[str, tuple[str, str]] = {
    "no_date": ("“{value}”不是日期。请写成 2026-08-31 这样。", "“{value}” is no date. Write it like 2026-08-31."),
    "no_such_day": ("没有“{value}”这一天，请改正。", "There is no day “{value}”; correct it."),
    "ambiguous_date": ("“{value}”分不清年月日。请写成 2026-08-31 这样。", "“{value}” may mean several days. Write it like 2026-08-31."),
    "unlikely_year": ("“{value}”不像{field}，请填写 {first} 年至 {last} 年的日期。", "“{value}” is no likely date for “{field}”; give one from {first} to {last}."),
    "no_month": ("“{value}”不是月份。请写成 2026-08 这样。", "“{value}” is no month. Write it like 2026-08."),
    "no_phone": ("“{value}”不是电话号码。手机写 11 位，座机写区号，如 0760-22345678。", "“{value}” is no telephone number. A mobile has 11 digits; write a land line with its area code, like 0760-22345678."),
    "mobile_digits": ("手机号应为 11 位，“{value}”有 {count} 位，请核对。", "A mobile number has 11 digits, “{value}” has {count}; check it."),
    "area_code": ("“{value}”缺少区号，请写成 0760-22345678 这样。", "“{value}” lacks its area code; write it like 0760-22345678."),
    "several_phones": ("“{value}”有几个号码，这里只写一个。", "“{value}” holds several numbers; only one belongs here."),
    "no_number": ("“{value}”不是数字，请改正。", "“{value}” is no number; correct it."),
    "odd_commas": ("“{value}”里的逗号分不清是千分位还是小数点，请写成 1234.50 这样。", "The comma in “{value}” may stand for thousands or for decimals; write it like 1234.50."),
    "negative_money": ("金额不能是负数（{value}），请改正。", "An amount can't be negative ({value}); correct it."),
    "more_than_fen": ("“{value}”精确到了分以下，请改正。", "“{value}” has more than two decimals; correct it."),
    "too_much_money": ("金额最多 {most} 元，请核对“{value}”。", "At most {most} yuan; check “{value}”."),
    "ten_thousands": ("请不要用“万”，把“{value}”写成 {whole}。", "Don't write in ten thousands: write “{value}” as {whole}."),
    "ten_thousands_mixed": ("“{value}”分不清是多少，请写成完整的数字，如 35000。", "“{value}” may be read in several ways; write the whole number, like 35000."),
    "negative_quantity": ("数量不能是负数（{value}），请改正。", "A quantity can't be negative ({value}); correct it."),
    "not_whole": ("“{value}”不是整数，请改正。", "“{value}” is no whole number; correct it."),
    "too_fine": ("“{value}”最多 {decimals} 位小数，请改正。", "“{value}” has more than {decimals} decimals; correct it."),
    "too_much": ("“{value}”过大，最多 {most}，请核对。", "“{value}” is too large, at most {most}; check it."),
    "error_value": ("单元格里是错误值 {value}，请改正公式或填写数值。", "The cell holds the error {value}; correct the formula or type the value."),
    "unvalued": ("单元格里是公式，但文件没有保存它的结果。请在 Excel 中打开并保存一次，或填写数值。", "The cell holds a formula whose result was not saved. Open and save the file in Excel, or type the value."),
    "too_long_text": ("有 {length} 个字，最多 {longest} 个，请缩短。", "{length} characters, at most {longest} fit; shorten it."),
    "private_character": ("第 {place} 个字是自造字，别的电脑显示不了。请用新的输入法重新输入，或用同音字代替并备注。", "Character {place} belongs to one font only and other machines can't show it. Type it anew with a current input method, or write another of the same sound and note it."),
    "lost_character": ("第 {place} 个字在复制时丢失了（显示为“�”）。请重新输入。", "Character {place} was lost in copying (shown as “�”). Type it anew."),
    "no_name": ("“{value}”里没有文字，请填写名称。", "“{value}” holds no letters; write a name."),
    "no_coordinates": ("“{value}”不是经纬度。请写成“纬度,经度”，如 23.12911,113.26436，或粘贴地图链接。", "“{value}” is no pair of coordinates. Write “latitude,longitude”, like 23.12911,113.26436, or paste a map's link."),
    "no_coordinates_in_link": ("这个链接里没有经纬度（短链接看不出位置）。请在地图上复制“纬度,经度”。", "There are no coordinates in this link (a short link does not tell them). Copy “latitude,longitude” from the map."),
    "coarse_coordinates": ("“{value}”太粗略，至少要 {decimals} 位小数。", "“{value}” is too coarse: at least {decimals} decimals are needed."),
    "no_value": ("缺少“{field}”，请填写。", "“{field}” is missing; fill it in."),
}  # fmt: skip


def say(code: str, language: str, **words: Any) -> str:
    """The sentence for a code; `language` is "zh" or "en". `field` is the field's name in that language."""
    words.setdefault("field", {"zh": "这一项", "en": "this"}[language])
    return SENTENCES[code][0 if language == "zh" else 1].format(**words)
