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


_LENGTHS = ("minutes", "hours", "days", "working_minutes", "working_hours", "workdays")


def _rows(value: Any, check: Callable[[Mapping[str, Any]], bool]) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) and check(row) for row in value)


def _tables(value: Any, check: Callable[[Any], bool]) -> bool:
    """A table of tables, each of whose entries passes."""
    return isinstance(value, Mapping) and all(
        isinstance(row, Mapping) and all(check(entry) for entry in row.values()) for row in value.values()
    )


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matrix(value: Any) -> bool:
    """Every row has the same columns, and there is a row for everything else."""
    return _tables(value, _word) and "other" in value and len({frozenset(row) for row in value.values()}) == 1


def _raise(row: Mapping[str, Any]) -> bool:
    if set(row) == {"flag", "at_least"}:
        return _word(row["flag"]) and _word(row["at_least"])
    return set(row) == {"flag", "steps"} and _word(row["flag"]) and _count(row["steps"])


def _length(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and set(entry) == {"length", "unit"}
        and _count(entry["length"])
        and entry["unit"] in _LENGTHS
    )


def _warning(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and bool(entry)
        and set(entry) <= {"minutes", "share"}
        and _count(entry.get("minutes", 0))
        and _rate(entry.get("share", 0))
    )


def _warnings(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_warning(entry) for entry in value.values())


def _rung(row: Mapping[str, Any]) -> bool:
    """Steps at the due moment, or at its warning, have no length; of those before it, none is in working days."""
    own = {"length", "unit"} if row.get("side") in ("before", "after") else set()
    return (
        set(row) == {"code", "promise", "side", "to", "how"} | own
        and all(_word(row[name]) for name in ("code", "promise", "to"))
        and row["side"] in ("warn", "before", "due", "after")
        and _words(row["how"])
        and (not own or _length({"length": row["length"], "unit": row["unit"]}))
        and not (row["side"] == "before" and row["unit"] == "workdays")
    )


def _ladder(value: Any) -> bool:
    return _rows(value, _rung) and len({row["code"] for row in value}) == len(value)


def _said(value: Any) -> bool:
    """A sentence in both languages."""
    return isinstance(value, Mapping) and set(value) == {"zh", "en"} and all(map(_word, value.values()))


def _flow(value: Any) -> bool:
    return (
        _rows(
            value,
            lambda row: (
                set(row) == {"code", "instruction"} and _word(row["code"]) and _said(row["instruction"])
            ),
        )
        and bool(value)
        and len({row["code"] for row in value}) == len(value)
    )


def _check(row: Mapping[str, Any]) -> bool:
    return (
        set(row) == {"code", "products", "critical"}
        and _word(row["code"])
        and _words(row["products"])
        and isinstance(row["critical"], bool)
    )


def _life(row: Mapping[str, Any]) -> bool:
    return (
        set(row) == {"category", "gas", "years"}
        and _word(row["category"])
        and isinstance(row["gas"], str)
        and _count(row["years"])
    )


def _table(value: Any, check: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(check(entry) for entry in value.values())


_TERMS = ("minutes", "hours", "days", "workdays", "months", "years")


def _term(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and set(entry) == {"length", "unit"}
        and _count(entry["length"])
        and entry["unit"] in _TERMS
    )


def _fate(row: Mapping[str, Any]) -> bool:
    return (
        set(row) == {"case", "kinds", "fate", "place"}
        and isinstance(row["case"], str)
        and _words(row["kinds"])
        and _word(row["fate"])
        and _word(row["place"])
    )


def _bands(value: Any) -> bool:
    """Rows from the lowest limit to the highest, each limit once."""
    return (
        _rows(
            value, lambda row: set(row) == {"up_to", "rate"} and _amount(row["up_to"]) and _rate(row["rate"])
        )
        and bool(value)
        and all(one["up_to"] < other["up_to"] for one, other in zip(value, value[1:], strict=False))
    )


def _levels(value: Any) -> bool:
    """Rows from the highest score to the lowest, each score once."""
    return (
        _rows(
            value, lambda row: set(row) == {"code", "least"} and _word(row["code"]) and _amount(row["least"])
        )
        and bool(value)
        and all(one["least"] > other["least"] for one, other in zip(value, value[1:], strict=False))
    )


def _range(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"least", "most"}
        and _amount(value["least"])
        and _amount(value["most"])
        and value["least"] <= value["most"]
    )


def _award(row: Mapping[str, Any]) -> bool:
    return (
        set(row) == {"code", "least", "amount", "places"}
        and _word(row["code"])
        and _amount(row["least"])
        and _amount(row["amount"])
        and _count(row["places"])
    )


def _item(row: Mapping[str, Any]) -> bool:
    """A thing to look at: which of the six S, what must be so, whether a photo is needed."""
    return (
        set(row) == {"code", "s", "text", "photo"}
        and _word(row["code"])
        and _word(row["s"])
        and _said(row["text"])
        and isinstance(row["photo"], bool)
    )


def _checklist(value: Any) -> bool:
    return _rows(value, _item) and bool(value) and len({row["code"] for row in value}) == len(value)


def _dress(row: Mapping[str, Any]) -> bool:
    return (
        set(row) == {"post", "season", "sex", "items"}
        and all(_word(row[name]) for name in ("post", "season", "sex"))
        and _words(row["items"])
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
    "stars": Unit(lambda v: _count(v) and 1 <= v <= 5, "Write a whole number from 1 to 5.", "星", "stars"),
    "answers": Unit(_count, _WHOLE, "份", "answers"),
    "repairs": Unit(_count, _WHOLE, "次", "repairs"),
    "calls": Unit(_count, _WHOLE, "次", "calls"),
    "minutes": Unit(_count, _WHOLE, "分钟", "minutes"),
    "hours": Unit(_count, _WHOLE, "小时", "hours"),
    "workdays": Unit(_count, _WHOLE, "个工作日", "working days"),
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
    "word": Unit(_word, "Write a code in quotes."),
    "matrix": Unit(
        _matrix,
        'Write a table of rows with the same columns each, one of them called other: { other = { minor = "low" } }.',
    ),
    "raises": Unit(
        lambda v: _rows(v, _raise),
        'Write a list of { flag = "…", at_least = "level" } or { flag = "…", steps = 1 }.',
    ),
    "lengths": Unit(
        lambda v: _tables(v, _length),
        'Write a table: { urgent = { response = { length = 4, unit = "hours" } } }; units are '
        + ", ".join(_LENGTHS)
        + ".",
    ),
    "warnings": Unit(
        _warnings,
        "Write a table: { response = { share = 0.25 } }, or minutes = 30 of the promise's own time.",
    ),
    "ladder": Unit(
        _ladder,
        'Write a list of { code = "…", promise = "…", side = "after", length = 4, unit = "working_hours", to = "…", how = ["…"] }; '
        "a side is warn, before, due or after; each code once.",
    ),
    "flow": Unit(
        _flow,
        'Write a list of { code = "…", instruction = { zh = "…", en = "…" } } in the order of the steps; each code once.',
    ),
    "gates": Unit(
        lambda v: _tables(v, _words),
        'Write a table: { repair = { acceptance = ["customer_signed"] } }.',
    ),
    "fees": Unit(lambda v: _table(v, _amount), "Write a table from a fee to yuan: { drilling = 50 }."),
    "checks": Unit(
        lambda v: _rows(v, _check),
        'Write a list of { code = "…", products = ["…"], critical = true }; no products means all.',
    ),
    "lives": Unit(
        lambda v: _rows(v, _life),
        'Write a list of { category = "…", gas = "…", years = 8 }; an empty gas means any.',
    ),
    "years-table": Unit(
        lambda v: _table(v, _count), "Write a table from a category to whole years.", "年", "years"
    ),
    "minutes-table": Unit(
        lambda v: _tables(v, _count) and bool(v),
        "Write a table: { 燃气灶 = { repair = 60 } }, in whole minutes.",
        "分钟",
        "minutes",
    ),
    "certificates": Unit(
        lambda v: _table(v, _words),
        'Write a table from a product to kinds of certificate: { 燃气灶 = ["gas"] }.',
    ),
    "weights": Unit(
        lambda v: _table(v, _count) and any(v.values()),
        "Write a table of whole numbers, not all 0: { load = 35 }.",
    ),
    "occasions": Unit(_count, _WHOLE, "次", "times"),
    "units": Unit(_count, _WHOLE, "台", "units"),
    "storeys": Unit(_count, _WHOLE, "层", "storeys"),
    "points": Unit(_amount, "Write points, 0 or more.", "分", "points"),
    "yuan-per-month": Unit(_amount, "Write an amount in yuan, 0 or more.", "元/月", "yuan a month"),
    "yuan-per-m2": Unit(
        _amount,
        "Write an amount in yuan, 0 or more.",
        "元/平方米·月",
        "yuan a square metre and month",
    ),
    "yuan-range": Unit(
        _range, "Write { least = 100, most = 1000 } in yuan, least not above most.", "元", "yuan"
    ),
    "month-days": Unit(
        lambda v: (
            isinstance(v, (list, tuple)) and bool(v) and all(_count(day) and 1 <= day <= 28 for day in v)
        ),
        "Write a list of days from 1 to 28: [5, 20].",
        "日",
        "of the month",
    ),
    "lists": Unit(
        lambda v: isinstance(v, Mapping) and all(map(_words, v.values())),
        'Write a table from a code to a list of codes: { application = ["serial"] }.',
    ),
    "cases": Unit(
        lambda v: _tables(v, _word) and bool(v),
        'Write a table from a case to what becomes of it: { misuse = { bears = "customer" } }.',
    ),
    "fates": Unit(
        lambda v: _rows(v, _fate) and bool(v),
        'Write a list of { case = "…", kinds = ["…"], fate = "…", place = "…" }; an empty case and no kinds mean any.',
    ),
    "bands": Unit(_bands, "Write a list of { up_to = 2, rate = 0.8 }, the lowest limit first, each once."),
    "rates": Unit(lambda v: _table(v, _rate), "Write a table from a code to a share between 0 and 1."),
    "hours-table": Unit(
        lambda v: _table(v, _count), "Write a table from a post to whole hours.", "小时", "hours"
    ),
    "levels": Unit(_levels, 'Write a list of { code = "…", least = 90 }, the highest first, each once.'),
    "terms": Unit(
        lambda v: _table(v, _term),
        'Write a table from a step to its time: { report = { length = 2, unit = "workdays" } }; units are '
        + ", ".join(_TERMS)
        + ".",
    ),
    "awards": Unit(
        lambda v: _rows(v, _award) and bool(v),
        'Write a list of { code = "…", least = 90, amount = 20000, places = 3 }, the best first.',
    ),
    "checklist": Unit(
        _checklist,
        'Write a list of { code = "…", s = "…", text = { zh = "…", en = "…" }, photo = false }; each code once.',
    ),
    "dress": Unit(
        lambda v: _rows(v, _dress) and bool(v),
        'Write a list of { post = "…", season = "…", sex = "…", items = ["…"] }.',
    ),
    "numbers": Unit(
        lambda v: isinstance(v, (list, tuple)) and bool(v) and all(_amount(number) for number in v),
        "Write a list of numbers, 0 or more: [5, 10].",
    ),
}
