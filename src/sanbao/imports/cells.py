"""Readers of cells that files of many rows need besides those of `ui.readers`. Plain Python; each raises `Bad` for what it can't read."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sanbao.ui.readers import values
from sanbao.ui.readers.values import Bad

_YES = frozenset("是 有 对 y yes true t 1 √ ✓ ✔ v vip".split())
_NO = frozenset("否 无 不 非 没有 n no false f 0 × x - -- / \\ — —— 不是".split())
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d{1,2}", re.I)
_MOMENT = re.compile(r"(.*?\d)(?:\s*日)?(?:[T\s]+|(?<=日))(上午|下午|中午|晚上|早上)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})(?:\.\d+)?\s*秒?)?\s*(?:分)?\s*(Z|[+-]\d\d:\d\d)?")  # fmt: skip
SHANGHAI = ZoneInfo("Asia/Shanghai")


def text(longest: int) -> Callable[[Any], str]:
    """One line of text; a stroke alone is an empty cell."""

    def read(cell: Any) -> str:
        words = values.text(cell, longest)
        return "" if len(words) <= 2 and words in values.NOTHING else words

    return read


def paragraphs(longest: int) -> Callable[[Any], str]:
    """A longer text with its line ends."""

    def read(cell: Any) -> str:
        return values.paragraphs(cell, longest) if isinstance(cell, str) else values.text(cell, longest)

    return read


def name(longest: int) -> Callable[[Any], str]:
    """A name."""
    return lambda cell: values.name(cell, longest)


def code(longest: int) -> Callable[[Any], str]:
    """A number or code in capitals."""
    return lambda cell: values.code(cell, longest).upper()


def day(cell: Any) -> Any:
    """A day, whatever its shape; None where there is none."""
    return values.day(cell, 1990)


def phone(cell: Any) -> str:
    """One telephone number. What Excel has made of a long one is refused, for its last digits may be gone."""
    if isinstance(cell, str) and _SCIENTIFIC.fullmatch(values.half_width(cell).strip()):
        raise Bad("scientific", shown=cell.strip()[:12])
    if isinstance(cell, float) and not cell.is_integer():
        raise Bad("no_phone", value=str(cell)[:20])
    return values.telephone(cell)


def phones(cell: Any) -> tuple[str, ...]:
    """Telephone numbers divided by strokes, commas or blanks between whole numbers."""
    if isinstance(cell, str):
        parts = re.split(r"[/、,，;；|\n]|(?<=\d{11})\s+(?=\d)", cell)
        return tuple(dict.fromkeys(found for part in parts if part.strip() and (found := phone(part))))
    found = phone(cell)
    return (found,) if found else ()


def email(cell: Any) -> str:
    """An e-mail address in small letters."""
    words = values.half_width(values.text(cell, 254)).replace(" ", "").lower()
    if words in values.NOTHING:
        return ""
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+", words):
        raise Bad("no_email", value=words[:3] + "…")
    return words


def yes_no(cell: Any) -> bool | None:
    """Yes or no; None for an empty cell."""
    if isinstance(cell, bool):
        return cell
    words = values.half_width(values.text(cell, 20)).lower()
    if not words:
        return None
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise Bad("no_yes_no", value=words)


def one_of(known: Mapping[str, str], choices: str) -> Callable[[Any], str]:
    """The code of one of few words; `choices` are the words to write, for the sentence."""

    def read(cell: Any) -> str:
        words = values.text(cell, 60)
        shape = re.sub(r"\s", "", values.half_width(words)).lower()
        if shape in values.NOTHING:
            return ""
        if shape not in known:
            raise Bad("unknown_choice", value=words[:40], choices=choices)
        return known[shape]

    return read


def words_of(known: Mapping[str, str], choices: str) -> Callable[[Any], tuple[str, ...]]:
    """Several of few words, divided by commas, strokes or semicolons."""
    one = one_of(known, choices)

    def read(cell: Any) -> tuple[str, ...]:
        parts = re.split(r"[/、,，;；|\n]", values.text(cell, 200))
        return tuple(dict.fromkeys(found for part in parts if (found := one(part))))

    return read


def moment(cell: Any) -> datetime | None:
    """A moment on the company's clock; a day alone counts from its first minute. None for an empty cell."""
    if isinstance(cell, dict) and "d" in cell:
        try:
            found = datetime.fromisoformat(cell["d"])
        except ValueError:
            raise Bad("no_moment", value=str(cell["d"])[:20]) from None
        values.day(cell)
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    if isinstance(cell, float) and 36_000 < cell < 80_000:  # Excel's own number, unformatted
        cell = {"d": (datetime(1899, 12, 30) + timedelta(days=cell)).replace(microsecond=0).isoformat()}  # noqa: DTZ001 - the company's clock
        return moment(cell)
    words = values.half_width(values.text(cell, 60)) if isinstance(cell, str) else values.text(cell, 60)
    match = _MOMENT.fullmatch(words)
    on = values.day(match[1] + ("日" if "月" in match[1] else "") if match else words)
    if on is None:
        return None
    if not match:
        return datetime.combine(on, time(), SHANGHAI)
    hour, minute, second = (int(part or 0) for part in (match[3], match[4], match[5]))
    if match[2] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        at = datetime.combine(on, time(hour, minute, second))
    except ValueError:
        raise Bad("no_moment", value=words[:30]) from None
    zone = match[6]
    return datetime.fromisoformat(f"{at.isoformat()}{zone}") if zone else at.replace(tzinfo=SHANGHAI)
