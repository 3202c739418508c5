"""Cells and typed texts into dates, telephone numbers, money, quantities, names, codes and texts, in any shape that people type.

Each reader returns the value or raises Bad with a code of `sentences`; none raises anything else for any cell. A cell is a text, a
number, None, or what the reader of spreadsheets makes of the rest: {"d": day}, {"e": error}, {"u": formula without a result}.
Nothing is guessed: what may mean two things is refused by name.
"""

import datetime
import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

FIRST_YEAR, LAST_YEAR = 2000, 2100
NOTHING = frozenset(("", "-", "--", "/", "\\", "无", "—", "——", "n/a", "none", "没有", "不详", "空"))


class Bad(ValueError):
    """A cell that can't be read as what it should be."""

    def __init__(self, code: str, **words: Any):
        super().__init__(code)
        self.code, self.words = code, words


# What no text should hold: control characters, halves of surrogate pairs, non-characters. Rare Chinese characters stay, also those
# newer than this Python's tables.
_HARMFUL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# What nobody sees, but what makes two equal texts differ or turns their order round: blanks of no width, marks of direction, fillers,
# selectors of variants, tags.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2065-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def harmful(cell: Any) -> bool:
    """Whether a text holds characters that are taken out."""
    return isinstance(cell, str) and _HARMFUL.search(cell) is not None


def is_empty(cell: Any) -> bool:
    """Whether there is nothing in a cell to read."""
    return cell is None or (isinstance(cell, str) and (not cell or (len(cell) < 40 and not text(cell))))


def text(cell: Any, longest: int = 200) -> str:
    """Text without control characters, unseen ones and outer blanks, composed (NFC); full-width letters stay as they were typed."""
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
    if not words.isascii():
        words = _UNSEEN.sub("", words)
    if not words.isprintable() or (words and (words[0] == " " or words[-1] == " " or "  " in words)):
        words = " ".join(_HARMFUL.sub("", words).split())
    if not words.isascii():
        words = unicodedata.normalize("NFC", words)
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return words


def paragraphs(cell: str, longest: int = 2000) -> str:
    """A longer text with its line ends; each line is read as `text` does."""
    lines = [text(line, 10**6) for line in re.split(r"\r\n|[\r\n\x0b\x0c\u2028\u2029]", cell)]
    words = "\n".join(lines).strip("\n")
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return words


def half_width(words: str) -> str:
    """Full-width letters, digits and signs as ordinary ones."""
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


_DASHES = re.compile(r"[‐‑‒–—―−－﹣]")


def code(cell: Any, longest: int = 60) -> str:
    """A number or code: half width, no blanks inside, plain dashes; a "/" or a dash alone stands for an empty cell."""
    words = half_width(_DASHES.sub("-", re.sub(r"\s+", "", half_width(text(cell, longest * 4)))))
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return "" if words.lower() in NOTHING else words


# Names

# Characters in the private areas of old Chinese fonts that have had a public place since (GB 18030-2005 and -2022).
_FORMERLY_PRIVATE = str.maketrans(
    {
        "\ue81e": "\u9fb4", "\ue826": "\u9fb5", "\ue82b": "\u9fb6", "\ue82c": "\u9fb7", "\ue832": "\u9fb8", "\ue843": "\u9fb9",
        "\ue854": "\u9fba", "\ue864": "\u9fbb", "\ue863": "\u4dae", "\ue816": "\U00020087", "\ue817": "\U00020089", "\ue818": "\U000200cc",
        "\ue831": "\U000215d7", "\ue83b": "\U0002298f", "\ue855": "\U000241fe",
    }
)  # fmt: skip
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# Radicals look like characters and come out of PDF files in their place.
_RADICALS = re.compile(r"[\u2e80-\u2fdf]")
_NAME_DOTS = re.compile(r"(?<=\w)\s*[·‧•・∙⋅．•･]\s*(?=\w)")


def name(cell: Any, longest: int = 60) -> str:
    """A person's, firm's or place's name: any character there is, also rare ones; the dot of 买买提·艾力 is always the same one.

    Refused: characters of one font only (nobody else would see them), and what holds no letter at all.
    """
    words = text(cell, longest * 4).translate(_FORMERLY_PRIVATE)
    if not words.isascii():
        words = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), words)
        words = unicodedata.normalize("NFC", _NAME_DOTS.sub("·", words))
    if found := _PRIVATE.search(words):
        raise Bad("private_character", place=found.start() + 1)
    if "\ufffd" in words:
        raise Bad("lost_character", place=words.index("\ufffd") + 1)
    if words and not any(character.isalnum() or character > "\u2fff" for character in words):
        raise Bad("no_name", value=words[:20])
    if len(words) > longest:
        raise Bad("too_long_text", longest=longest, length=len(words))
    return words


# Days

_TIME = r"(?:[ T]*(?:上午|下午|中午|晚上|早上|am|pm)?\s*\d{1,2}\s*[:时点]\s*(?:\d{1,2}\s*(?:[:分]\s*(?:\d{1,2}(?:\.\d+)?\s*秒?)?)?)?\s*(?:am|pm|z)?)?"
_DATE = re.compile(rf"(\d{{4}})\s*[-/.年、]\s*(\d{{1,2}})\s*[-/.月、]\s*(\d{{1,2}})\s*[日号]?{_TIME}", re.I)
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\d{{4}}|\d{{6}})?{_TIME}", re.I)
_AMBIGUOUS = re.compile(rf"\d{{1,2}}[-/.年]\d{{1,2}}[-/.月]\d{{2,4}}日?{_TIME}", re.I)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{4})(\d{2})")


def day(
    cell: Any, first: int = FIRST_YEAR, last: int = LAST_YEAR - 1, *, serials: bool = True
) -> date | None:
    """A civil date from a date cell, an Excel serial or a text; None for an empty cell.

    Years outside `first`–`last` are refused: they are Excel's 1900 or a slip of the hand. 03/04/2026 is never guessed. Where a person
    types, a number of five digits is no day (`serials=False`).
    """
    if isinstance(cell, dict) and "d" in cell:
        try:
            found = date.fromisoformat(cell["d"][:10])
        except ValueError:
            raise Bad("no_date", value=cell["d"]) from None
        return _likely(found, cell["d"][:10], first, last)
    if isinstance(cell, bool):
        raise Bad("no_date", value="TRUE" if cell else "FALSE")
    return _day_of(text(cell, 60), first, last, serials)


@lru_cache(maxsize=4096)
def _day_of(typed: str, first: int, last: int, serials: bool) -> date | None:
    """A civil date from a text; a month's days come again and again."""
    words = _ascii_digits(_DASHES.sub("-", half_width(typed)).strip("'’‘`\"“” 。.,;"))
    if words.lower() in NOTHING:
        return None
    try:
        if match := _DATE.fullmatch(words):
            return _likely(date(*map(int, match.groups())), words, first, last)
        if match := _COMPACT.fullmatch(words):
            return _likely(date(*map(int, match.groups())), words, first, last)
        if serials and _SERIAL.fullmatch(words):
            return _likely(
                date(1899, 12, 30) + datetime.timedelta(days=int(float(words))), words, first, last
            )
    except (ValueError, OverflowError) as error:
        if isinstance(error, Bad):
            raise
        raise Bad("no_such_day", value=words) from None
    if _AMBIGUOUS.fullmatch(words):
        raise Bad("ambiguous_date", value=words)
    if serials and re.fullmatch(r"\d{1,4}(?:\.\d+)?", words):
        raise Bad("unlikely_year", value=words, first=first, last=last)
    raise Bad("no_date", value=words)


def _ascii_digits(words: str) -> str:
    """Digits of other scripts as ordinary ones."""
    if words.isascii():
        return words
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in words)


def _likely(found: date, words: str, first: int, last: int) -> date:
    if not first <= found.year <= last:
        raise Bad("unlikely_year", value=words, first=first, last=last)
    return found


def month(cell: Any, first: int = FIRST_YEAR, last: int = LAST_YEAR - 1) -> date | None:
    """A month as its first day: 2026-04, 2026/4, 202604, 2026年4月; None for an empty text."""
    words = _ascii_digits(_DASHES.sub("-", half_width(text(cell, 60))).strip("'’‘`\"“” 。.,;"))
    if words.lower() in NOTHING:
        return None
    if not (match := _MONTH.fullmatch(words)):
        raise Bad("no_month", value=words)
    year, number_ = (int(part) for part in match.groups() if part is not None)
    if not 1 <= number_ <= 12:
        raise Bad("no_month", value=words)
    if not first <= year <= last:
        raise Bad("unlikely_year", value=words, first=first, last=last)
    return date(year, number_, 1)


# Telephone numbers

_LONGEST_PHONE = 40


def phone(cell: Any) -> tuple[str, bool]:
    """A telephone number, and whether it looks like one. Mobile numbers come out as eleven digits, landlines as 0760-1234567-12;
    of several in one cell the first readable form of all is kept; an odd one stays as it was typed."""
    words = _DASHES.sub("-", half_width(text(cell, 200)))
    if words.lower() in NOTHING:
        return "", True
    parts = [part for part in re.split(r"[/、,;|]|\s或\s?|(?<=\d{11})\s+(?=1\d{2})", words) if part.strip()]
    numbers = [_phone(part) for part in parts]
    if numbers and all(numbers) and len(whole := "/".join(dict.fromkeys(numbers))) <= _LONGEST_PHONE:
        return whole, True
    if len(words) > _LONGEST_PHONE:
        raise Bad("too_long_text", longest=_LONGEST_PHONE, length=len(words))
    return words, False


def telephone(cell: Any) -> str:
    """One telephone number that can be called from anywhere, in its plain form; refused with the reason where it can't.

    Mobile numbers as eleven digits, land lines with their area code as 0760-22345678-102, 400 and 800 numbers and 95xxx as digits,
    numbers of other countries and regions as +85261234567.
    """
    words = _ascii_digits(_DASHES.sub("-", half_width(text(cell, 200)))).strip()
    if words.lower() in NOTHING:
        return ""
    if len(words) > _LONGEST_PHONE:
        raise Bad("too_long_text", longest=_LONGEST_PHONE, length=len(words))
    digits = re.sub(r"[\s\-().]", "", words)
    if re.fullmatch(r"(?:\+|00)(?!86)[1-9]\d{6,14}", digits):
        return "+" + re.sub(r"^(?:\+|00)", "", digits)
    if re.fullmatch(r"9[56]\d{3,6}|1(?:0[01]\d{2,3}|2\d{3})", digits):
        return digits
    # From abroad an area code has lost its 0.
    found = _phone(re.sub(r"^(?:\+86|0086)[\s-]?(?=(?:10|2\d|[3-9]\d\d)[\s-])(?![48]00)", "0", words))
    if re.fullmatch(r"[2-9]\d{6,7}(?:-\d{1,6})?", found):
        raise Bad("area_code", value=words)
    if found:
        return found
    if len([part for part in re.split(r"[/、,;|]", words) if part.strip()]) > 1:
        raise Bad("several_phones", value=words)
    bare = re.sub(r"^(?:\+?86|0086)", "", digits)
    if re.fullmatch(r"1\d+", bare) and len(bare) != 11:
        raise Bad("mobile_digits", value=words, count=len(bare))
    raise Bad("no_phone", value=words)


def _phone(words: str) -> str:
    """One number in its plain form; empty where it is none."""
    words = re.sub(r"\.0+$", "", words.strip().lstrip("'’"))
    main, _, extension = re.sub(r"转|分机|ext\.?|x|#", "*", words, flags=re.I).partition("*")
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


# Numbers, quantities and money

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+")
_GROUPED = re.compile(r"[^0-9,]*[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9,]*)?[^0-9,]*")
_LARGEST = Decimal(10) ** 9


def number(cell: Any, units: str = "", nothing: frozenset[str] = NOTHING) -> Decimal | None:
    """A plain number, with its unit if people wrote one; None for an empty cell."""
    if isinstance(cell, bool):
        raise Bad("no_number", value="TRUE" if cell else "FALSE")
    if isinstance(cell, int | float):
        return _bounded(Decimal(str(cell)), str(cell))
    words = half_width(text(cell, 60)).lower()
    if words in nothing:
        return None
    if "," in words and not _GROUPED.fullmatch(words):
        raise Bad("odd_commas", value=words)
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
    if not found.is_finite() or abs(found) >= _LARGEST:
        raise Bad("no_number", value=words[:40])
    return found


YUAN = "元整|元|圆|块|yuan|rmb|cny"
_TEN_THOUSANDS = re.compile(r"[^0-9.,]*([0-9][0-9,]*(?:\.[0-9]+)?)万(?:元|圆|块)?整?")


def money(cell: Any, nothing: frozenset[str] = NOTHING) -> Decimal | None:
    """An amount in yuan with at most two decimals, not negative; None for an empty cell.

    ¥, 元, RMB and separators of thousands are read. 1.2万 is refused with the number to write: a slip of the hand there is worth
    ten thousand times a slip anywhere else, and 3万5 means 35 000 to one reader and 30 005 to another.
    """
    if isinstance(cell, str) and "万" in (words := half_width(text(cell, 60)).replace(" ", "")):
        if match := _TEN_THOUSANDS.fullmatch(words):
            whole = (Decimal(match[1].replace(",", "")) * 10_000).normalize()
            raise Bad("ten_thousands", value=words, whole=f"{whole:f}")
        raise Bad("ten_thousands_mixed", value=words)
    found = number(cell, YUAN, nothing)
    if found is None:
        return None
    if found < 0:
        raise Bad("negative_money", value=f"{found:f}")
    exact = found.quantize(Decimal("0.01"))
    if abs(found - exact) > Decimal("0.000001"):  # 0.1 + 0.2 of a formula is no third decimal
        raise Bad("more_than_fen", value=f"{found:f}")
    return exact


UNITS = (
    "个|件|只|台|套|箱|盒|包|条|支|根|块|片|张|把|瓶|卷|对|双|副|组|米|次|人|天|小时|pcs|pc|kg|千克|公斤|升"
)


def quantity(cell: Any, decimals: int = 0, most: Decimal = _LARGEST) -> Decimal | None:
    """How many or how much: not negative, with at most `decimals` decimals, its unit if people wrote one; None for an empty cell."""
    found = number(cell, UNITS)
    if found is None:
        return None
    if found < 0:
        raise Bad("negative_quantity", value=f"{found:f}")
    if found > most:
        raise Bad("too_much", value=f"{found:f}", most=f"{most:f}")
    exact = found.quantize(Decimal(1).scaleb(-decimals))
    if abs(found - exact) > Decimal("0.000001"):
        raise Bad("not_whole" if decimals == 0 else "too_fine", value=f"{found:f}", decimals=decimals)
    return exact
