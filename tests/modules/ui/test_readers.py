"""Names, telephone numbers, days, money and quantities in every shape people type, and sentences for what is refused."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError

from sanbao.ui.readers import fields, types, values
from sanbao.ui.readers.sentences import SENTENCES, say

DAY = date(2026, 1, 5)


def bad(code: str, reader: Any, *arguments: Any) -> dict[str, Any]:
    """The reader refuses with this code, and both sentences can be said."""
    with pytest.raises(values.Bad) as refused:
        reader(*arguments)
    assert refused.value.code == code
    for language in ("zh", "en"):
        assert "{" not in say(code, language, **refused.value.words)
    return refused.value.words


@pytest.mark.parametrize(
    "typed",
    [
        "2026-1-5", "2026年1月5日", "20260105", "2026/1/5", "2026.01.05", "２０２６－０１－０５", "２０２６年１月５日", "2026 年 1 月 5 日", "2026-01-05 08:30",
        "'2026-01-05", "2026—1—5", "2026年1月5号", "٢٠٢٦-١-٥",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_shape(typed: str) -> None:
    """ASVS 1.1.1, 2.2.1: one canonical form."""
    assert values.day(typed, serials=False) == DAY


def test_an_excel_serial_is_a_day_only_where_it_comes_from_a_sheet() -> None:
    assert values.day(46027) == DAY
    assert values.day("46027") == DAY
    bad("no_date", lambda: values.day("46027", serials=False))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("5/1/2026", "ambiguous_date"), ("2026-02-30", "no_such_day"), ("2026-13-01", "no_such_day"), ("1899-12-31", "unlikely_year"),
        ("2101-01-01", "unlikely_year"), ("9999-12-31", "unlikely_year"), ("0000-01-01", "no_such_day"), ("昨天", "no_date"), ("2026-01-05x", "no_date"),
    ],
)  # fmt: skip
def test_a_doubtful_day_is_refused_by_name(typed: str, code: str) -> None:
    bad(code, lambda: values.day(typed, 1900, 2100, serials=False))


@pytest.mark.parametrize("typed", ["2026-01", "2026/1", "202601", "2026年1月", "２０２６年１月"])
def test_a_month_is_read_in_any_shape(typed: str) -> None:
    assert values.month(typed) == date(2026, 1, 1)


@pytest.mark.parametrize(("typed", "code"), [("2026-13", "no_month"), ("2026-00", "no_month"), ("1月", "no_month"), ("0001-01", "unlikely_year")])  # fmt: skip
def test_a_doubtful_month_is_refused(typed: str, code: str) -> None:
    bad(code, values.month, typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800005678", "13800005678"), ("+86 138-0000-5678", "13800005678"), ("0086 13800005678", "13800005678"), ("86 13800005678", "13800005678"),
        ("１３８０００００５６７８"[:11], "13800000567"), ("(0760) 2234 5678", "0760-22345678"), ("0760-22345678转102", "0760-22345678-102"),
        ("0760－22345678 转 102", "0760-22345678-102"), ("010-62345678 分机 8", "010-62345678-8"), ("+86-21-6234 5678", "021-62345678"),
        ("400-830-1234", "4008301234"), ("95598", "95598"), ("12315", "12315"), ("+852 6123 4567", "+85261234567"), ("00853-6612 3456", "+85366123456"),
        ("+1 (212) 555-0100", "+12125550100"), ("", ""), ("无", ""), ("13800005678-1234", "13800005678-1234"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_read_in_any_shape(typed: str, number: str) -> None:
    assert values.telephone(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1380000567", "mobile_digits"), ("138000056789", "mobile_digits"), ("22345678", "area_code"), ("13800005678/13900005678", "several_phones"),
        ("138xxxx5678", "no_phone"), ("见附页", "no_phone"), ("12800005678", "no_phone"), ("0760-1234567", "no_phone"), ("+86", "no_phone"),
        ("9" * 41, "too_long_text"), ("²²²²²²²²²²²", "no_phone"),
    ],
)  # fmt: skip
def test_what_cannot_be_called_is_refused_with_the_reason(typed: str, code: str) -> None:
    bad(code, values.telephone, typed)


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("1280.5", "1280.50"), ("¥1,280.50", "1280.50"), ("￥１，２８０．５０", "1280.50"), ("1280元", "1280.00"), ("人民币", None), ("1 280 元", "1280.00"),
        ("RMB 80", "80.00"), (".5", "0.50"), ("0", "0.00"), ("1,234,567.89", "1234567.89"), ("80元整", "80.00"), ("80.", "80.00"),
    ],
)  # fmt: skip
def test_money_is_read_in_any_shape(typed: str, yuan: str | None) -> None:
    if yuan is None:
        bad("no_number", values.money, typed)
    else:
        assert values.money(typed) == Decimal(yuan)
        assert str(values.money(typed)) == yuan


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e3", "no_number"), ("1E3", "no_number"), ("NaN", "no_number"), ("Infinity", "no_number"), ("-5", "negative_money"), ("－5", "negative_money"),
        ("0.005", "more_than_fen"), ("1,5", "odd_commas"), ("12,34.5", "odd_commas"), ("1,2345", "odd_commas"), ("1.2万", "ten_thousands"),
        ("３万元", "ten_thousands"), ("3万5", "ten_thousands_mixed"), ("1_000", "no_number"), ("0x10", "no_number"), ("9" * 30, "no_number"),
        ("壹仟元", "no_number"), ("(12.50)", "no_number"), ("12.5.0", "no_number"), ("½", "no_number"), ("١٢", "no_number"),
    ],
)  # fmt: skip
def test_doubtful_money_is_refused_by_name(typed: str, code: str) -> None:
    """ASVS 2.2.1: no exponent, no third decimal, nothing that may be read twice."""
    words = bad(code, values.money, typed)
    if typed == "1.2万":
        assert words["whole"] == "12000"


@pytest.mark.parametrize(("typed", "decimals", "found"), [("3", 0, "3"), ("３个", 0, "3"), ("1,200 件", 0, "1200"), ("2.5米", 1, "2.5"), ("3.0", 0, "3")])  # fmt: skip
def test_a_quantity_is_read_with_its_unit(typed: str, decimals: int, found: str) -> None:
    assert values.quantity(typed, decimals) == Decimal(found)


@pytest.mark.parametrize(("typed", "code"), [("-1", "negative_quantity"), ("2.5", "not_whole"), ("1e2", "no_number"), ("几个", "no_number"), ("10000", "too_much")])  # fmt: skip
def test_a_doubtful_quantity_is_refused(typed: str, code: str) -> None:
    bad(code, lambda: values.quantity(typed, 0, Decimal(9999)))


def test_a_quantity_with_too_many_decimals_is_refused() -> None:
    bad("too_fine", values.quantity, "1.25", 1)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("𠮷田太郎", "𠮷田太郎"), ("\U0003134a\U000323af", "\U0003134a\U000323af"), ("㼆䶮", "㼆䶮"), ("刘\ue863", "刘䶮"), ("张\u200b三\ufeff", "张三"),
        ("\u202e张三\u202c", "张三"), ("张\u2066三\u2069", "张三"), (" 张  三　", "张 三"), ("e\u0301", "é"), ("买买提•艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"), ("⼭⽥", "山田"), ("\uf9d1", "六"), ("张三\U000e0041\ufe00", "张三"), ("O'Brien-Müller", "O'Brien-Müller"),
        ("李\u3164四", "李四"), ("<b>张三</b>", "<b>张三</b>"),
    ],
)  # fmt: skip
def test_names_keep_rare_characters_and_lose_unseen_ones(typed: str, name: str) -> None:
    """ASVS 1.1.1, 2.2.1: composed, without marks of direction; what looks like markup is text and is escaped where it is shown."""
    assert values.name(typed) == name


@pytest.mark.parametrize(("typed", "code"), [("张\ue123", "private_character"), ("张\ufffd", "lost_character"), ("???", "no_name"), ("—·—", "no_name"), ("字" * 61, "too_long_text")])  # fmt: skip
def test_names_nobody_else_could_read_are_refused(typed: str, code: str) -> None:
    bad(code, values.name, typed)


def test_a_name_is_measured_after_what_is_unseen_is_gone() -> None:
    assert values.name("\u200b" * 100 + "张三") == "张三"


def test_paragraphs_keep_their_lines() -> None:
    assert values.paragraphs("一\r\n\u200b二 \x0b三\n\n") == "一\n二\n三"


anything = some.one_of(some.text(), some.text(alphabet="0123456789-/.,年月日: ０１２元万¥+()转·\u200b\ue123"))


@given(anything)
def test_no_text_makes_a_reader_stumble(typed: str) -> None:
    readers = (
        values.name, values.telephone, values.money, values.quantity, values.month, values.paragraphs, values.code,
        lambda words: values.day(words, serials=False),
    )  # fmt: skip
    for reader in readers:
        try:
            found = reader(typed)
        except values.Bad as refused:
            assert say(refused.code, "zh", **refused.words)
        else:
            assert reader(str(found or "")) == (found or reader("")), "reading twice changes nothing"


def test_every_sentence_is_said_in_both_languages() -> None:
    words = dict.fromkeys(("value", "field", "first", "last", "count", "most", "whole", "decimals", "longest", "length", "place"), "x")  # fmt: skip
    for code in SENTENCES:
        chinese, english = say(code, "zh", **words), say(code, "en", **words)
        assert any(character > "\u4dff" for character in chinese)
        assert english.isascii() or "“" in english


class Sample(forms.Form):
    name = fields.NameField(label="姓名")
    phone = fields.PhoneField(label="电话", required=False)
    day = fields.DayField(label="日期", required=False)
    month = fields.MonthField(label="月份", required=False)
    price = fields.MoneyField(label="单价", required=False)
    count = fields.QuantityField(label="数量", required=False)
    number = fields.CodeField(label="编号", required=False, upper=True)


GOOD = {"name": "𠮷田", "phone": "+86 138 0000 5678", "day": "2026年1月5日", "month": "2026/1", "price": "￥1,280.50", "count": "３个", "number": "ｇｚ００１"}  # fmt: skip


def test_a_form_reads_all_of_it() -> None:
    form = Sample(GOOD)
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "name": "𠮷田", "phone": "13800005678", "day": DAY, "month": date(2026, 1, 1), "price": Decimal("1280.50"), "count": Decimal(3), "number": "GZ001",
    }  # fmt: skip


def test_a_form_says_beside_each_field_why_not() -> None:
    typed = {"name": "???", "phone": "138", "day": "5/1/2026", "month": "x", "price": "1.2万", "count": "2.5"}
    with translation.override("zh-hans"):
        form = Sample(typed)
        assert set(form.errors) == set(typed)
        assert "12000" in form.errors["price"][0]
    with translation.override("en"):
        assert "11 digits" in Sample(typed).errors["phone"][0]


def test_a_required_field_of_unseen_characters_is_empty() -> None:
    assert "name" in Sample({"name": "\u200b\u202e "}).errors


def test_another_spelling_is_no_change() -> None:
    form = Sample(GOOD, initial={"name": "𠮷田", "phone": "13800005678", "day": DAY, "month": date(2026, 1, 1), "price": Decimal("1280.50"), "count": Decimal(3), "number": "GZ001"})  # fmt: skip
    assert form.changed_data == []


def test_a_bound_form_shows_what_was_typed_and_an_unbound_one_the_value() -> None:
    assert 'value="2026-01-05"' in str(Sample(initial={"day": DAY})["day"])
    assert 'value="2026-01"' in str(Sample(initial={"month": DAY})["month"])


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        (types.Phone, "+86 138 0000 5678", "13800005678"), (types.Day, "2026年1月5日", DAY), (types.Yuan, "¥1,280.50", Decimal("1280.50")),
        (Annotated[str, types.name()], "𠮷田\u200b", "𠮷田"), (Annotated[str, types.code()], "ＧＺ 001", "GZ001"), (types.Yuan, 12, Decimal(12)),
    ],
)  # fmt: skip
def test_the_api_reads_the_same(kind: Any, given: Any, found: Any) -> None:
    assert TypeAdapter(kind).validate_python(given) == found


@pytest.mark.parametrize(
    ("kind", "given"),
    [(types.Phone, "138"), (types.Day, 1), (types.Day, 1.5), (types.Day, True), (types.Day, "46027"), (types.Yuan, "1e3"), (types.Yuan, True), (Annotated[str, types.name()], "???"), (Annotated[str, types.code(5)], "123456"), (Annotated[str, types.text(3)], 5)],
)  # fmt: skip
def test_the_api_refuses_the_same(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)
