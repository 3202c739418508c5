"""Stored facts and answers as people read them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from sanbao.ui import formats
from sanbao_rules import decision as kernel
from sanbao_rules.document import CODE_WORDS, FACT_WORDS
from sanbao_rules.questions import AMOUNTS
from sanbao_rules.rulebook import Rulebook

LONG = 20
# Each answers (code, name) of what a company names itself, such as its classes of requests; the modules above add theirs.
NAMERS: list[Callable[[int | None], Iterable[tuple[str, str]]]] = []
_NONE: Mapping[str, str] = MappingProxyType({})


def told(
    stored: Any,
    question: str = "",
    *,
    answer: bool = False,
    books: Iterable[Rulebook] = (),
    company_id: int | None = None,
) -> list[tuple[str, str]]:
    """The entries of stored facts (or an answer) as (name, value): amounts of the answer in yuan, codes by the words of the rulebooks."""
    value = kernel.from_json(stored)
    amounts = AMOUNTS.get(question, ()) if answer else ()
    language = "zh" if formats.chinese() else "en"
    said = CODE_WORDS[language] | {
        code: words[language] for book in books for code, words in book.names.items()
    }
    said |= {code: name for names_of in NAMERS for code, name in names_of(company_id)}
    if not isinstance(value, Mapping):
        return [(_("Answer"), formats.yuan(value) if amounts is True else _value(value, said=said))]
    names = FACT_WORDS[language]
    order = list(FACT_WORDS["zh"])
    pairs = []
    for key in sorted(value, key=lambda key: order.index(key) if key in order else len(order)):
        inner = value[key]
        if key == "sheets":
            continue
        if key == "rate":
            pairs.append((names.get(key, key), formats.percent(inner)))
            continue
        is_money = isinstance(amounts, tuple) and key in amounts
        pairs.append(
            (
                names.get(key, key.replace("_", " ")),
                _money(inner, names) if is_money else _value(inner, names, said),
            )
        )
    return pairs


def sheets(stored: Any) -> list[str]:
    """The packed lines of the sheets a month was decided from; [] where there are none."""
    lines = stored.get("sheets", []) if isinstance(stored, Mapping) else []
    return [line if isinstance(line, str) else _value(kernel.from_json(line)) for line in lines]


def _money(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{names.get(k, k)} {formats.yuan(v)}" for k, v in value.items()) or "–"
    return formats.yuan(value)


def _value(value: Any, names: Mapping[str, str] = _NONE, said: Mapping[str, str] = _NONE) -> str:
    match value:
        case None | "" | () | []:
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return formats.short_date(value)
        case time():
            return f"{value:%H:%M}"
        case date():
            return formats.short_date(value)
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case Mapping():
            return "; ".join(f"{names.get(k, k)}: {_value(v, names, said)}" for k, v in value.items())
        case list() | tuple() if len(value) > LONG:
            return _("%(count)d of them") % {"count": len(value)}
        case list() | tuple():
            return ", ".join(_value(item, names, said) for item in value)
    return said.get(str(value), str(value))
