"""What kinds of values a parameter of a rulebook can have, and how each is checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Unit:
    """`check` says whether a value fits; `mend` is the advice when it does not; `zh` and `en` name the unit on pages."""

    check: Callable[[Any], bool]
    mend: str
    zh: str = ""
    en: str = ""

    def wrong(self, value: Any) -> str:
        return "" if self.check(value) else f"the value {value!r} does not fit the unit"


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _amount(value: Any) -> bool:
    return (_count(value) or type(value) is Decimal) and Decimal(value).is_finite() and value >= 0


def _rate(value: Any) -> bool:
    return _amount(value) and value <= 1


def _words(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) and word for word in value)


def _dates(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(type(day) is date for day in value)


def _spans(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(span, Mapping)
        and set(span) == {"name", "first", "last"}
        and isinstance(span["name"], str)
        and type(span["first"]) is type(span["last"]) is date
        and span["first"] <= span["last"]
        for span in value
    )


def _synonyms(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(_words(words) for words in value.values())


def _tariff(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(
            isinstance(row, Mapping) and bool(row) and all(_amount(fee) for fee in row.values())
            for row in value.values()
        )
    )


def _covers(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(row, Mapping)
        and set(row) == {"category", "component", "years"}
        and all(isinstance(word, str) and word for word in row.values())
        for row in value
    )


_WHOLE = "Write a whole number, 0 or more."

UNITS: dict[str, Unit] = {
    "yuan": Unit(_amount, "Write an amount in yuan, 0 or more, such as 30 or 12.50.", "元", "yuan"),
    "yuan-per-km": Unit(_amount, "Write an amount in yuan, 0 or more.", "元/公里", "yuan a kilometre"),
    "rate": Unit(_rate, "Write a share between 0 and 1, such as 0.90.", "", ""),
    "times": Unit(_count, _WHOLE, "倍", "times"),
    "day-of-month": Unit(
        lambda v: _count(v) and 1 <= v <= 28, "Write a day from 1 to 28.", "日", "day of the month"
    ),
    "days": Unit(_count, _WHOLE, "日", "days"),
    "months": Unit(_count, _WHOLE, "个月", "months"),
    "years": Unit(_count, _WHOLE, "年", "years"),
    "km": Unit(_amount, "Write kilometres, 0 or more.", "公里", "km"),
    "time": Unit(lambda v: type(v) is time, "Write a time without quotes: 08:30:00."),
    "choice": Unit(lambda v: isinstance(v, str), "Write the code of a reading in quotes."),
    "words": Unit(_words, 'Write a list of texts: ["…", "…"].'),
    "dates": Unit(_dates, "Write a list of dates: [2026-01-04, …]."),
    "spans": Unit(_spans, 'Write a list of { name = "…", first = date, last = date }, first not after last.'),
    "synonyms": Unit(
        _synonyms, 'Write a table from a word to the words that mean the same: { 电机 = ["马达"] }.'
    ),
    "tariff": Unit(_tariff, "Write a table from category to { replace = yuan, adjust = yuan }."),
    "covers": Unit(
        _covers, 'Write a list of { category = "…", component = "…", years = "name of a parameter" }.'
    ),
}
