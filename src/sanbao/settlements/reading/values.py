"""Cells into dates, telephone numbers, kilometres, money and texts, in any shape that people type.

Each reader returns the value or raises Bad with a code of `sentences`; none raises anything else for any cell.
"""

import datetime
import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

FIRST_YEAR, LAST_YEAR = 2000, 2100


class Bad(ValueError):
    """A cell that can't be read as what it should be."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words


def text(cell: Any, longest: int = 200) -> str:
    """Text without control characters and outer blanks; full-width letters and digits stay as they were typed."""
    if isinstance(cell, dict):
        if "e" in cell:
            raise Bad("error_value", value=str(cell["e"]))
        return str(cell.get("d", ""))[:10]
    if cell is None or cell is False:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    clean = "".join(" " if c in "\t\r\n\x0b\x0c\u2028\u2029" else c for c in str(cell) if _printable(c))
    clean = re.sub(r"\s+", " ", clean).strip()
    if len(clean) > longest:
        raise Bad("too_long_text", longest=longest, length=len(clean))
    return clean


def _printable(character: str) -> bool:
    category = unicodedata.category(character)
    return category not in ("Cs", "Cf", "Cn") and (category != "Cc" or character in "\t\r\n\x0b\x0c")


def half_width(words: str) -> str:
    """Full-width letters, digits and signs as ordinary ones."""
    return unicodedata.normalize("NFKC", words)


def code(cell: Any, longest: int = 60) -> str:
    """A number or code: half width, no blanks inside."""
    return re.sub(r"\s+", "", half_width(text(cell, longest)))


_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_AMBIGUOUS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def day(cell: Any) -> date | None:
    """A civil date from a date cell, an Excel serial or a text; None for an empty cell."""
    if isinstance(cell, dict) and "d" in cell:
        try:
            found = date.fromisoformat(cell["d"][:10])
        except ValueError:
            raise Bad("no_date", value=cell["d"]) from None
        return _likely(found, cell["d"][:10])
    if isinstance(cell, bool):
        raise Bad("no_date", value=str(cell))
    words = half_width(text(cell, 60))
    if not words or words in ("-", "/", "无", "—"):
        return None
    try:
        if match := _DATE.fullmatch(words):
            return _likely(date(*map(int, match.groups())), words)
        if match := _COMPACT.fullmatch(words):
            return _likely(date(*map(int, match.groups())), words)
        if _SERIAL.fullmatch(words):
            return _likely(date(1899, 12, 30) + datetime.timedelta(days=int(float(words))), words)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Bad):
            raise
        raise Bad("no_such_day", value=words) from None
    if _AMBIGUOUS.fullmatch(words):
        raise Bad("ambiguous_date", value=words)
    if re.fullmatch(r"\d{1,4}(?:\.\d+)?", words):
        raise Bad("unlikely_year", value=words, first=FIRST_YEAR)
    raise Bad("no_date", value=words)


def _likely(found: date, words: str) -> date:
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise Bad("unlikely_year", value=words, first=FIRST_YEAR)
    return found


def phone(cell: Any) -> tuple[str, bool]:
    """A telephone number as digits, and whether it looks like one; an odd one is kept as typed."""
    words = half_width(text(cell, 40))
    digits = re.sub(r"[\s\-—–()（）.+]", "", words)
    digits = re.sub(r"^(?:0086|86)(?=1\d{10}$)", "", digits)
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits, True
    if re.fullmatch(r"(?:0\d{9,11}|[2-9]\d{6,7}|400\d{7}|800\d{7})(?:(?:转|ext|x)\d{1,6})?", digits):
        return re.sub(r"\s", "", words), True
    return words, not words


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?|[+-]?\.\d+")


def number(cell: Any, units: str = "") -> Decimal | None:
    """A plain number, with its unit if people wrote one; None for an empty cell."""
    if isinstance(cell, bool):
        raise Bad("no_number", value=str(cell))
    if isinstance(cell, int | float):
        return _bounded(Decimal(str(cell)), str(cell))
    words = half_width(text(cell, 60)).lower()
    bare = (
        re.sub(rf"(?:{units})$", "", words.replace(",", "").replace(" ", ""))
        if units
        else words.replace(",", "")
    )
    bare = bare.lstrip("¥￥")
    if not bare or bare in ("-", "/", "无"):
        return None
    if not _NUMBER.fullmatch(bare):
        raise Bad("no_number", value=words)
    try:
        return _bounded(Decimal(bare), words)
    except InvalidOperation:
        raise Bad("no_number", value=words) from None


def _bounded(found: Decimal, words: str) -> Decimal:
    if not found.is_finite() or abs(found) >= Decimal(10) ** 9:
        raise Bad("no_number", value=words[:40])
    return found


def kilometres(cell: Any) -> Decimal:
    """Kilometres one way; an empty cell is none."""
    found = number(cell, "公里|千米|km|公里/单程")
    if found is None:
        return Decimal(0)
    if found < 0:
        raise Bad("negative_km", value=str(found))
    if found > 5000:
        raise Bad("too_far", value=str(found))
    return found.quantize(Decimal("0.01")).normalize() + Decimal(0)


def fen(cell: Any) -> int:
    """Money in yuan as fen; an empty cell is none."""
    found = number(cell, "元|圆|yuan|rmb")
    if found is None:
        return 0
    if found < 0:
        raise Bad("negative_money", value=str(found))
    if found != found.quantize(Decimal("0.01")):
        raise Bad("more_than_fen", value=str(found))
    return int(found * 100)
