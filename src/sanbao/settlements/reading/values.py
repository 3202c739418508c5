"""Cells into dates, telephone numbers, kilometres, money and texts, in any shape that people type.

Each reader returns the value or raises Bad with a code of `sentences`; none raises anything else for any cell.
"""

import datetime
import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

FIRST_YEAR, LAST_YEAR = 2000, 2100
_NOTHING = frozenset(("", "-", "--", "/", "\\", "无", "—", "——", "n/a", "none", "没有", "不详", "空"))


class Bad(ValueError):
    """A cell that can't be read as what it should be."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words


# What no text should hold: control characters, halves of surrogate pairs, non-characters. Rare Chinese characters stay, also those
# newer than this Python's tables.
_HARMFUL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def harmful(cell: Any) -> bool:
    """Whether a text holds characters that are taken out."""
    return isinstance(cell, str) and _HARMFUL.search(cell) is not None


def is_empty(cell: Any) -> bool:
    """Whether there is nothing in a cell to read."""
    return cell is None or (isinstance(cell, str) and (not cell or (len(cell) < 40 and not text(cell))))


def text(cell: Any, longest: int = 200) -> str:
    """Text without control characters and outer blanks; full-width letters and digits stay as they were typed."""
    if isinstance(cell, str):
        words = cell
    elif isinstance(cell, dict):
        if "e" in cell:
            raise Bad("error_value", value=str(cell["e"]))
        if "u" in cell:
            raise Bad("unvalued")
        words = str(cell.get("d", ""))[:10]
    elif cell is None or cell is False:
        return ""
    elif isinstance(cell, float) and cell.is_integer():
        words = str(int(cell))
    else:
        words = str(cell)
    if not words.isprintable() or (words and (words[0] == " " or words[-1] == " " or "  " in words)):
        words = " ".join(_UNSEEN.sub("", _HARMFUL.sub("", words)).split())
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return words


def half_width(words: str) -> str:
    """Full-width letters, digits and signs as ordinary ones."""
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


_DASHES = re.compile(r"[‐‑‒–—―−－﹣]")


def code(cell: Any, longest: int = 60) -> str:
    """A number or code: half width, no blanks inside, plain dashes; a "/" or a dash alone stands for an empty cell."""
    words = _DASHES.sub("-", re.sub(r"\s+", "", half_width(text(cell, longest * 4))))
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return "" if words.lower() in _NOTHING else words


_TIME = r"(?:[ T]*(?:上午|下午|中午|晚上|早上|am|pm)?\s*\d{1,2}\s*[:时点]\s*(?:\d{1,2}\s*(?:[:分]\s*(?:\d{1,2}(?:\.\d+)?\s*秒?)?)?)?\s*(?:am|pm|z)?)?"
_DATE = re.compile(rf"(\d{{4}})\s*[-/.年、]\s*(\d{{1,2}})\s*[-/.月、]\s*(\d{{1,2}})\s*[日号]?{_TIME}", re.I)
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\d{{4}}|\d{{6}})?{_TIME}", re.I)
_AMBIGUOUS = re.compile(rf"\d{{1,2}}[-/.年]\d{{1,2}}[-/.月]\d{{2,4}}日?{_TIME}", re.I)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def day(cell: Any) -> date | None:
    """A civil date from a date cell, an Excel serial or a text; None for an empty cell.

    Years outside 2000–2099 are refused: they are Excel's 1900 or a slip of the hand. 03/04/2026 is never guessed.
    """
    if isinstance(cell, dict) and "d" in cell:
        try:
            found = date.fromisoformat(cell["d"][:10])
        except ValueError:
            raise Bad("no_date", value=cell["d"]) from None
        return _likely(found, cell["d"][:10])
    if isinstance(cell, bool):
        raise Bad("no_date", value="TRUE" if cell else "FALSE")
    return _day_of(text(cell, 60))


@lru_cache(maxsize=4096)
def _day_of(typed: str) -> date | None:
    """A civil date from a text; a month's days come again and again."""
    words = _DASHES.sub("-", half_width(typed)).strip("'’‘`\"“” 。.,;")
    if words.lower() in _NOTHING:
        return None
    if not words.isascii():  # digits of other scripts
        words = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in words)
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


_LONGEST_PHONE = 40


def phone(cell: Any) -> tuple[str, bool]:
    """A telephone number, and whether it looks like one. Mobile numbers come out as eleven digits, landlines as 0760-1234567-12;
    of several in one cell the first readable form of all is kept; an odd one stays as it was typed."""
    words = _DASHES.sub("-", half_width(text(cell, 200)))
    if words.lower() in _NOTHING:
        return "", True
    parts = [part for part in re.split(r"[/、,;|]|\s或\s?|(?<=\d{11})\s+(?=1\d{2})", words) if part.strip()]
    numbers = [_phone(part) for part in parts]
    if numbers and all(numbers) and len(whole := "/".join(dict.fromkeys(numbers))) <= _LONGEST_PHONE:
        return whole, True
    if len(words) > _LONGEST_PHONE:
        raise Bad("too_long_text", longest=_LONGEST_PHONE, length=len(words))
    return words, False


def _phone(words: str) -> str:
    """One number in its plain form; empty where it is none."""
    words = re.sub(r"\.0+$", "", words.strip().lstrip("'’"))
    main, _, extension = re.sub(r"转|ext\.?|x|#", "*", words, flags=re.I).partition("*")
    digits = re.sub(r"[\s\-().+_]", "", main)
    extension = re.sub(r"[\s\-().:]", "", extension)
    if not (digits.isascii() and digits.isdigit()) or (
        extension and not re.fullmatch(r"[0-9]{1,6}", extension)
    ):
        return ""
    digits = re.sub(r"^(?:0086|86)(?=1\d{10}$|0?[2-9]\d{8,10}$)", "", digits)
    tail = f"-{extension}" if extension else ""
    if re.fullmatch(r"1[3-9]\d{9}", digits):
        return digits + tail
    if match := re.fullmatch(
        r"(1[3-9]\d{9})-(\d{3,4})", main.strip()
    ):  # a platform's number that hides the customer's
        return f"{match[1]}-{match[2]}"
    if match := re.fullmatch(r"(010|02\d|0[3-9]\d{2})([2-9]\d{6,7})", digits):
        return f"{match[1]}-{match[2]}{tail}"
    if (
        match := re.fullmatch(r"(010|02\d|0[3-9]\d{2})([2-9]\d{6,7})(\d{1,6})", digits)
        if main.count("-") >= 2
        else None
    ):
        return _with_written_extension(main) or f"{match[1]}-{match[2]}-{match[3]}"
    if re.fullmatch(r"[2-9]\d{6,7}|[48]00\d{7}", digits):
        return digits + tail
    return ""


def _with_written_extension(words: str) -> str:
    """0760-2345678-12 as it was written, where its dashes stand right."""
    match = re.fullmatch(r"\(?(0\d{2,3})\)?\s*-\s*([2-9]\d{6,7})\s*-\s*(\d{1,6})", words.strip())
    return "-".join(match.groups()) if match else ""


_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")


def number(cell: Any, units: str = "", nothing: frozenset[str] = _NOTHING) -> Decimal | None:
    """A plain number, with its unit if people wrote one; None for an empty cell."""
    if isinstance(cell, bool):
        raise Bad("no_number", value="TRUE" if cell else "FALSE")
    if isinstance(cell, int | float):
        return _bounded(Decimal(str(cell)), str(cell))
    words = half_width(text(cell, 60)).lower()
    if words in nothing:
        return None
    bare = re.sub(r"[,\s'’]|\((?:单程(?:公里|km)?|人民币|含税)\)", "", _DASHES.sub("-", words))
    if units:
        bare = re.sub(rf"(?:{units})$", "", bare)
        bare = re.sub(rf"^(?:{units}|[¥￥]|rmb|单程|约)+", "", bare)
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
    found = number(cell, "公里/单程|公里|千米|km|里程")
    if found is None:
        return Decimal(0)
    if found < 0:
        raise Bad("negative_km", value=f"{found:f}")
    if found > 5000:
        raise Bad("too_far", value=f"{found:f}")
    return found.quantize(Decimal("0.01")).normalize() + Decimal(0)


_FREE = _NOTHING | {"免费", "免收", "未收", "未收费", "不收费", "free"}


def fen(cell: Any) -> int:
    """Money in yuan as fen; an empty cell is none."""
    found = number(cell, "元整|元|圆|块|yuan|rmb|cny", _FREE)
    if found is None:
        return 0
    if found < 0:
        raise Bad("negative_money", value=f"{found:f}")
    exact = found.quantize(Decimal("0.01"))
    if abs(found - exact) > Decimal("0.000001"):  # 0.1 + 0.2 of a formula is no third decimal
        raise Bad("more_than_fen", value=f"{found:f}")
    return int(exact * 100)
