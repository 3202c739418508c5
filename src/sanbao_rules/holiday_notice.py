"""The State Council's yearly notice on holidays, read from its text: "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"

What is read is only proposed; a person looks at it. What does not agree with itself (the stated number of days, the weekdays, days that
overlap, a statutory day that is worked) is found with a code and the words a sentence needs.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
_WEEKDAYS = "一二三四五六日"
_ITEM = re.compile(r"(?:^|[\n。;；])\s*(?:[一二三四五六七八九十]{1,2}|\d{1,2})\s*[、.．]\s*")
_DAY = re.compile(r"(?:(\d{4})\s*年\s*)?(?:(\d{1,2})\s*月\s*)?(\d{1,2})\s*日\s*(?:[(（]([^)）]*)[)）])?")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_COUNT = re.compile(r"(?:共|放假)\s*(\d{1,2})\s*天")
_NUMBER = re.compile(r"国办发明电\s*[〔\[(（]\s*\d{4}\s*[〕\])）]\s*\d{1,3}\s*号")


@dataclass(frozen=True, slots=True)
class Holiday:
    """A festival from its first to its last day off; `count` and `weekdays` as the notice states them."""

    name: str
    first: date
    last: date
    count: int | None = None
    weekdays: Mapping[date, int] = field(default_factory=dict)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Notice:
    """A year's holidays and make-up workdays; `number` is the notice's, empty where it is not in the text."""

    year: int
    holidays: tuple[Holiday, ...]
    workdays: tuple[date, ...]
    number: str = ""
    weekdays: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What does not agree: `code` names the sentence, `words` fill it, `place` is the holiday's (None: the workdays or the whole)."""

    code: str
    words: Mapping[str, Any]
    place: int | None = None


def recognised(text: str, year: int) -> Notice:
    """The notice in a text, for a year. What is no festival is left out; nothing recognised gives no holidays."""
    plain = unicodedata.normalize("NFKC", text).replace("(", "（").replace(")", "）").replace(":", "：")
    number = _NUMBER.search(text) or _NUMBER.search(plain)
    found = re.search(r"(\d{4})\s*年\s*部分节假日", plain)
    year = int(found[1]) if found and 2000 <= int(found[1]) <= 2100 else year
    holidays: list[Holiday] = []
    workdays: dict[date, int | None] = {}
    for item in _ITEM.split("\n" + plain):
        name, colon, rest = item.partition("：")
        name = re.sub(r"\s+", "", name)
        if not colon or not any(festival.removesuffix("节") in name for festival in FESTIVALS):
            continue
        off, _sign, worked = rest.partition("放假")
        if not (days := _days(off, year)):
            continue
        count = _COUNT.search(rest)
        told = {day: weekday for day, weekday in days[:2] if weekday is not None}
        holidays.append(
            Holiday(name, days[0][0], days[min(1, len(days) - 1)][0], int(count[1]) if count else None, told)
        )
        for sentence in worked.split("。"):
            if "上班" in sentence:
                workdays |= dict(_days(sentence, year, days[0][0].month))
    return Notice(
        year, tuple(holidays), tuple(sorted(workdays)), re.sub(r"\s+", "", number[0]) if number else "",
        {day: weekday for day, weekday in workdays.items() if weekday is not None},
    )  # fmt: skip


def _days(text: str, year: int, month: int = 0) -> list[tuple[date, int | None]]:
    """The days named in a text, with the weekday that stands behind each; a month counts on until another is named."""
    found: list[tuple[date, int | None]] = []
    at_year = year
    for said_year, said_month, said_day, beside in _DAY.findall(text):
        if said_year:
            at_year = int(said_year)
        month = int(said_month or month or 1)
        try:
            day = date(at_year, month, int(said_day))
        except ValueError:
            continue
        weekday = _WEEKDAY.findall(beside)
        found.append((day, _WEEKDAYS.index(weekday[-1].replace("天", "日")) if weekday else None))
    if len(found) == 2 and found[0][0] > found[1][0] and found[0][0].month == 12:
        # "12月31日至1月2日": the first day lies in the year before.
        found[0] = (found[0][0].replace(year=found[0][0].year - 1), found[0][1])
    return found


def doubts(
    notice: Notice, statutory: Collection[date] = (), known: Iterable[tuple[date, date]] = ()
) -> list[Doubt]:
    """What does not agree with itself, with the calendar, or with holidays known from other years (`known`: first and last days)."""
    found: list[Doubt] = []
    for place, holiday in enumerate(notice.holidays):
        found += _of_holiday(holiday, place, notice.year)
    found += _between(notice.holidays, list(known))
    off = {day for holiday in notice.holidays for day in _each(holiday.first, holiday.last)}
    for day in notice.workdays:
        if day in off:
            found.append(Doubt("worked_and_off", {"day": day}))
        elif day.weekday() < 5:
            found.append(Doubt("worked_anyway", {"day": day, "weekday": day.weekday()}))
        if not (date(notice.year - 1, 12, 1) <= day <= date(notice.year, 12, 31)):
            found.append(Doubt("other_year", {"day": day, "year": notice.year}))
        if notice.weekdays.get(day, day.weekday()) != day.weekday():
            found.append(
                Doubt("weekday", {"day": day, "stated": notice.weekdays[day], "weekday": day.weekday()})
            )
    missing = [
        festival for festival in FESTIVALS
        if not any(festival.removesuffix("节") in holiday.name for holiday in notice.holidays)
    ]  # fmt: skip
    if missing:
        found.append(Doubt("missing", {"names": "、".join(missing)}))
    found += [
        Doubt("statutory_worked", {"day": day})
        for day in statutory
        if day.year == notice.year and day not in off
    ]
    return found


def _of_holiday(holiday: Holiday, place: int, year: int) -> list[Doubt]:
    found: list[Doubt] = []
    if holiday.last < holiday.first:
        return [Doubt("backwards", {"name": holiday.name}, place)]
    if holiday.count is not None and holiday.count != holiday.days:
        found.append(
            Doubt("count", {"name": holiday.name, "stated": holiday.count, "days": holiday.days}, place)
        )
    for day, weekday in holiday.weekdays.items():
        if weekday != day.weekday():
            found.append(Doubt("weekday", {"day": day, "stated": weekday, "weekday": day.weekday()}, place))
    if holiday.last.year != year or holiday.first < date(year - 1, 12, 1):
        found.append(Doubt("other_year", {"day": holiday.last, "year": year}, place))
    if holiday.days > 15:
        found.append(Doubt("long", {"name": holiday.name, "days": holiday.days}, place))
    return found


def _between(holidays: Sequence[Holiday], known: Sequence[tuple[date, date]]) -> list[Doubt]:
    found = []
    for place, one in enumerate(holidays):
        for other in holidays[:place]:
            if one.first <= other.last and other.first <= one.last:
                found.append(Doubt("overlap", {"one": other.name, "other": one.name}, place))
        if any(one.first <= last and first <= one.last for first, last in known):
            found.append(Doubt("overlap_known", {"name": one.name}, place))
    return found


def _each(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range(max((last - first).days + 1, 0)))
