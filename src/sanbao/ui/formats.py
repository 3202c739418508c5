"""How values are written for people: money, days, months, shares, and phones and names without giving them away (GN-8).

Plain functions of their arguments and the active language; the template tags, the list cells and the exports use the same ones.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone, translation

MINUS = "\N{MINUS SIGN}"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# Family names of two characters, so that 欧阳某 is masked 欧阳* and not 欧*.
_SURNAMES = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 "
    "慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 令狐 百里 呼延 东郭 南门 羊舌 微生 左丘 西门 第五 拓跋 轩辕"
)
_LONG_SURNAMES = frozenset(_SURNAMES.split())


def chinese() -> bool:
    """Whether the page is being written in Chinese."""
    return (translation.get_language() or "zh-hans").startswith("zh")


def language() -> str:
    """The reader's language as rulebooks and their sentences name it: "zh" or "en"."""
    return "zh" if chinese() else "en"


def yuan(fen: int | str | None) -> str:
    """Money in fen as yuan with separators: 123450 → "1,234.50"; nothing stays nothing."""
    if fen in (None, ""):  # a template's missing variable is ""
        return ""
    fen = int(fen or 0)
    sign = MINUS if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def percent(rate: Decimal | float | str | None) -> str:
    """A share as per cent, without idle zeros: Decimal("0.925") → "92.5%"."""
    if rate is None or rate == "":
        return ""
    value = (Decimal(str(rate)) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{abs(value):f}".rstrip("0").rstrip(".")
    return f"{MINUS if value < 0 else ''}{text}%"


def local(moment: datetime) -> datetime:
    """The moment on the company's clock; a moment without a zone is left as it is."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def month(first: date | None) -> str:
    """A month: "2026年4月", "April 2026"."""
    if not first:
        return ""
    return f"{first.year}年{first.month}月" if chinese() else f"{_MONTHS[first.month - 1]} {first.year}"


def civil_date(day: date | None) -> str:
    """A day in a sentence: "2026年4月3日", "3 April 2026"."""
    if not day:
        return ""
    if isinstance(day, datetime):
        day = local(day)
    if chinese():
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date | None) -> str:
    """A day or a moment in a table: "2026-04-03", "2026-04-03 14:05"."""
    if not day:
        return ""
    if isinstance(day, datetime):
        return local(day).replace(tzinfo=None).isoformat(" ", "minutes")
    return day.isoformat()


def masked_phone(phone: str | None) -> str:
    """A phone one can recognise but not call: "138****5678"; a short number keeps its last two digits only."""
    digits = re.sub(r"\D", "", str(phone or ""))
    if not digits:
        return "****" if phone else ""
    if len(digits) >= 10:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 6 else "****"


def masked_address(address: str | None) -> str:
    """The first six characters, province and city as a rule; the house is nobody's business (GN-8)."""
    address = str(address or "").strip()
    return f"{address[:6]}****" if len(address) > 6 else "*" * len(address)


def masked_coordinates(coordinates: str | None) -> str:
    """The town, not the house: one decimal is some ten kilometres."""
    north, comma, east = str(coordinates or "").strip().partition(",")
    return f"{_one_decimal(north)},{_one_decimal(east)}" if comma else "*" * len(north)


def _one_decimal(degrees: str) -> str:
    whole, point, decimals = degrees.partition(".")
    return f"{whole}{point}{decimals[:1]}**"


def masked_plate(plate: str | None) -> str:
    """A number plate: where it is from and its last two characters."""
    plate = str(plate or "").strip()
    return f"{plate[:2]}***{plate[-2:]}" if len(plate) > 4 else "*" * len(plate)


def masked_email(email: str | None) -> str:
    """The first letter and the provider: "w***@example.com"."""
    who, at, where = str(email or "").strip().rpartition("@")
    return f"{who[:1]}***@{where}" if at else "***" if where else ""


def masked_contact(address: str | None) -> str:
    """Where a message goes, by its shape: an e-mail address, a telephone, or a name in another system ("zh***01")."""
    address = str(address or "").strip()
    if "@" in address:
        return masked_email(address)
    if re.fullmatch(r"[+\d-]+", address):
        return masked_phone(address)
    return f"{address[:2]}***{address[-2:]}" if len(address) > 5 else "***" if address else ""


def masked(kind: str, value: object) -> str:
    """A person's datum as everybody sees it. An unknown kind is hidden altogether: a new one is not shown by mistake."""
    text = "" if value is None else str(value)
    return MASKS.get(kind, lambda value: "***" if value else "")(text)


def masked_name(name: str | None) -> str:
    """The family name and a star: "王*", "欧阳*"; other names keep their first letter."""
    name = str(name or "").strip()
    if not name:
        return ""
    return f"{name[:2]}*" if name[:2] in _LONG_SURNAMES and len(name) > 2 else f"{name[0]}*"


MASKS: dict[str, Callable[[str], str]] = {
    "phone": masked_phone,
    "name": masked_name,
    "address": masked_address,
    "coordinates": masked_coordinates,
    "plate": masked_plate,
    "email": masked_email,
    "contact": masked_contact,
}


def clause_words(clause: str) -> str:
    """A cited clause as people name it: "appliance KA-11.1" is KA-11.1, "consumer-regulation 18" article 18, "own travel" the company's own."""
    source, _space, ref = clause.partition(" ")
    if not ref:
        return clause
    if source == "own":
        return translation.gettext("the company's own practice")
    return translation.gettext("article %(number)s") % {"number": ref} if ref[0].isdigit() else ref
