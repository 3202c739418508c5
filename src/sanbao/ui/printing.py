"""Printed forms: a Typst template of `forms/` and plain data become a PDF.

Nothing here knows a module or a clock: the caller passes every word, day and amount. The same data give
the same bytes.
"""

import json
import re
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from sanbao.ui.refusal import Refusal

if TYPE_CHECKING:
    import typst

Language = Literal["zh", "en"]

ROOT = Path(__file__).resolve().parents[3]
FORMS = ROOT / "forms"
SHANGHAI = ZoneInfo("Asia/Shanghai")

_NPM_FONT = ROOT / "frontend" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
_NPM_WEIGHTS = ("400Regular", "700Bold")
_FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC")

_NO_FONT = {
    "zh": "无法打印：本机没有中文字体。请安装系统字体 fonts-noto-cjk，或在 frontend 目录运行 "
    "npm install --no-save @expo-google-fonts/noto-sans-sc 后重试。",
    "en": "Nothing can be printed: this machine has no Chinese font. Install the system package fonts-noto-cjk, "
    "or run npm install --no-save @expo-google-fonts/noto-sans-sc in the folder frontend, and try again.",
}
_NO_TEMPLATE = {
    "zh": "没有名为“{name}”的打印格式，请检查 forms 目录。",
    "en": "There is no printed form called “{name}”: look into the folder forms.",
}


class CannotPrint(Refusal):
    """The machine lacks something that printing needs; the sentence says what to install."""

    status = 503


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed and on which day; both empty while nobody has."""

    name: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ControlledForm:
    """What every printed form carries (RW-8). The page x of y is counted by the template."""

    number: str
    version: str
    issued_on: date
    prepared: Signature = Signature()
    reviewed: Signature = Signature()
    approved: Signature = Signature()

    def as_words(self) -> dict[str, Any]:
        people = {"prepared": self.prepared, "reviewed": self.reviewed, "approved": self.approved}
        return {
            "number": self.number,
            "version": self.version,
            "issued_on": day(self.issued_on),
            "people": {role: {"name": who.name, "on": day(who.on)} for role, who in people.items()},
        }


def pdf(template: str, data: Mapping[str, Any], language: str) -> bytes:
    """Print `forms/<template>.typ` with `data` (anything JSON can carry) in "zh" or "en".

    Texts are shown as they are: nothing in them is read as markup or code. Raises CannotPrint when the font or
    the template is missing.
    """
    language = form_language(language)
    if not re.fullmatch(r"[a-z][a-z-]*", template) or not (FORMS / f"{template}.typ").is_file():
        raise CannotPrint(_NO_TEMPLATE[language].format(name=template), code="no_such_form")
    folders, family = _font()
    if not family:
        _system_family.cache_clear()  # so that an installed font is found without a restart
        raise CannotPrint(_NO_FONT[language], code="no_chinese_font")

    inputs = {"data": json.dumps(_cleaned(data), ensure_ascii=False), "language": language, "font": family}
    with _press:
        made = _compiler(folders).compile(
            input=str(FORMS / f"{template}.typ"), format="pdf", sys_inputs=inputs
        )
    assert isinstance(made, bytes)  # one PDF; only images come as a list of pages
    return made


@cache
def words(template: str, language: str) -> dict[str, Any]:
    """The fixed words of a form, from `forms/<template>.toml`: the PDF and the Excel file say the same."""
    both: dict[str, dict[str, Any]] = tomllib.loads((FORMS / f"{template}.toml").read_text(encoding="utf-8"))
    return both[form_language(language)]


def form_language(language: str) -> Language:
    """ "zh-hans", "zh" … are Chinese, "en" … English; anything else is Chinese, the product's default."""
    return "en" if language.lower().startswith("en") else "zh"


def figures(fen: int) -> str:
    """Fen as yuan in figures: 152400 -> "1,524.00"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def month_words(value: date, language: str) -> str:
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    if form_language(language) == "en":
        return f"{names[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月"


def moment(value: datetime | None) -> str:
    """A moment as people in China read it. A moment without a zone is taken as it stands."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI) if value.tzinfo else value
    return f"{local:%Y-%m-%d %H:%M}"


# One compiler for the process keeps fonts and parsed templates warm. One thread may use it at a time.
_press = threading.Lock()


@cache
def _compiler(folders: tuple[Path, ...]) -> "typst.Compiler":
    import typst  # eighty megabytes of library: loaded with the first print

    return typst.Compiler(root=FORMS, font_paths=list(folders))


def _font() -> tuple[tuple[Path, ...], str]:
    """Folders to read fonts from, and the family to print in: the front end's, else the system's.

    The system's fonts stay available behind it for the rare characters of names.
    """
    folders = tuple(_NPM_FONT / weight for weight in _NPM_WEIGHTS)
    if all(any(folder.glob("*.ttf")) for folder in folders):
        return folders, _FAMILIES[0]
    return (), _system_family()


@cache
def _system_family() -> str:
    import typst

    installed = set(typst.Fonts(include_embedded_fonts=False).families())
    return next((family for family in _FAMILIES if family in installed), "")


# Controls and lone surrogates: no font shows them, and they make a PDF's text unreadable for other programs.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without control characters and halves of characters."""
    return _UNPRINTABLE.sub("", text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value
