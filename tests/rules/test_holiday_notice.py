"""The yearly notice on holidays read from its text. The texts of past years are the published ones; that of 2027 is made up."""

from datetime import date

import pytest

from sanbao_rules.holiday_notice import doubts, recognised
from sanbao_rules.rulebook import shipped

Y2026 = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。"""
Y2025 = (
    "一、元旦：1月1日（周三）放假1天，不调休。二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。"
    "1月26日（周日）、2月8日（周六）上班。三、清明节：4月4日（周五）至6日（周日）放假，共3天。四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。"
    "4月27日（周日）上班。五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。"
    "9月28日（周日）、10月11日（周六）上班。"
)
Y2023 = """一、元旦:2022年12月31日至2023年1月2日放假调休,共3天。
二、春节:1月21日至27日放假调休,共7天。1月28日(星期六)、1月29日(星期日)上班。
三、清明节:4月5日放假,共1天。
四、劳动节:4月29日至5月3日放假调休,共5天。4月23日(星期日)、5月6日(星期六)上班。
五、端午节:6月22日至24日放假调休,共3天。6月25日(星期日)上班。
六、中秋节、国庆节:9月29日至10月6日放假调休,共8天。10月7日(星期六)、10月8日(星期日)上班。"""


@pytest.mark.parametrize(("text", "year"), [(Y2026, 2026), (Y2025, 2025), (Y2023, 2023)])
def test_the_notices_of_past_years_are_read_as_the_calendar_has_them(text: str, year: int) -> None:
    """RG-1."""
    calendar = shipped("calendar")
    notice = recognised(text, year)

    spans = [{"name": one.name, "first": one.first, "last": one.last} for one in notice.holidays]
    assert spans == list(calendar.value("holidays", date(year, 6, 1)).value)
    assert list(notice.workdays) == list(calendar.value("make_up_workdays", date(year, 6, 1)).value)
    assert [doubt.code for doubt in doubts(notice)] == []


def test_the_notice_s_number_is_read_and_full_width_digits_too() -> None:
    assert recognised(Y2026, 2000).number == "国办发明电〔2025〕7号"
    assert recognised(Y2026, 2000).year == 2026
    assert (
        recognised("一、元旦：１月１日（周四）至３日（周六）放假调休，共３天。", 2026).holidays[0].days == 3
    )


@pytest.mark.parametrize(
    ("change", "to", "code"),
    [
        ("共3天。1月4日", "共4天。1月4日", "count"),
        ("1月1日（周四）", "1月1日（周五）", "weekday"),
        ("1月4日（周日）上班", "1月5日（周一）上班", "worked_anyway"),
        ("1月4日（周日）上班", "1月3日（周六）上班", "worked_and_off"),
        (
            "9月25日（周五）至27日（周日）放假，共3天",
            "9月25日（周五）至10月1日（周四）放假，共7天",
            "overlap",
        ),
        ("六、中秋节", "六、团圆日", "missing"),
        ("10月1日（周四）至7日", "10月9日（周五）至7日", "backwards"),
    ],
)
def test_what_does_not_agree_is_found(change: str, to: str, code: str) -> None:
    """RG-1: counts as stated, weekdays right, no overlap."""
    assert change in Y2026
    assert code in [doubt.code for doubt in doubts(recognised(Y2026.replace(change, to), 2026))]


def test_a_statutory_day_that_is_worked_is_found() -> None:
    """RG-1. The dates are made up."""
    made_up = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。"
    found = doubts(
        recognised(made_up, 2027), shipped("calendar").value("statutory_days", date(2027, 1, 1)).value
    )
    assert date(2027, 2, 6) in [doubt.words["day"] for doubt in found if doubt.code == "statutory_worked"]


def test_anything_else_is_no_notice() -> None:
    assert recognised("今天下雨。", 2027).holidays == ()
    assert recognised("一、元旦：2月31日放假", 2027).holidays == ()


def test_new_year_s_day_from_december_on_begins_in_the_year_before() -> None:
    """RG-1. As in the notice for 2023, with no year in the text."""
    (one,) = recognised("一、元旦：12月31日至1月2日放假调休，共3天。", 2023).holidays
    assert (one.first, one.last) == (date(2022, 12, 31), date(2023, 1, 2))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("一、元旦：1月1日（周四）至3日（周六）放假，共3天。2028年1月8日（周六）上班。", "other_year"),
        ("一、元旦：1月1日（周四）至3日（周六）放假，共3天。1月4日（周六）上班。", "weekday"),
        ("一、元旦：2027年1月1日至2027年1月3日放假，共3天。", "other_year"),
        ("一、春节：2月1日至2月20日放假，共20天。", "long"),
    ],
)
def test_what_can_hardly_be_meant_is_found(text: str, code: str) -> None:
    """RG-1. The texts are made up."""
    assert code in [doubt.code for doubt in doubts(recognised(text, 2026))]


def test_days_off_that_the_calendar_has_already_are_found() -> None:
    """RG-1."""
    notice = recognised("一、元旦：1月1日（周四）至3日（周六）放假，共3天。", 2026)
    found = doubts(notice, known=[(date(2026, 1, 3), date(2026, 1, 5))])
    assert [doubt.words for doubt in found if doubt.code == "overlap_known"] == [{"name": "元旦"}]
