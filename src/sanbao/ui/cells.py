"""The small pieces of HTML that stand in tables by the hundred: icon, state, amount, date, link.

Python rather than components, because a list of two hundred rows has thousands of them; the components of the same names call
these, so a thing looks the same wherever it stands.
"""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.ui import formats

_CURRENT = ' aria-current="step"'
TONES = frozenset(
    ("blue", "azure", "indigo", "purple", "green", "teal", "yellow", "orange", "red", "secondary")
)
_SPECIAL = re.compile("[&<>\"']").search  # what hardly any cell holds
NOTHING = mark_safe('<span class="soft">–</span>')


def escaped(value: object) -> SafeString:
    """What Django's `conditional_escape` answers, without its looking for lazy words each time: a list has a thousand cells."""
    if type(value) is not str:
        if hasattr(value, "__html__"):
            return SafeString(value.__html__())
        value = str(value)
    return SafeString(html.escape(value) if _SPECIAL(value) else value)


def icon(name: str, label: str = "") -> SafeString:
    """A drawing from the sprite. Without a label it is decoration and hidden from screen readers."""
    return _icon(name, str(label))


@lru_cache(maxsize=1024)
def _icon(name: str, label: str) -> SafeString:
    sprite = static("ui/build/icons.svg")
    if not label:
        return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, sprite, name
    )


def badge(label: object, tone: str = "secondary") -> SafeString:
    """A state: words and a colour. An unknown tone is grey rather than an error."""
    return SafeString(
        f'<span class="tone tone-{tone if tone in TONES else "secondary"}">{escaped(label)}</span>'
    )


def amount(fen: int | None, *, word: str = "", mark: bool = False, large: bool = False) -> SafeString:
    """Money from fen. A negative amount has its sign, its colour and a word (`word`, else "minus" for screen readers)."""
    if fen is None or str(fen) == "":
        return NOTHING
    text = f"¥ {formats.yuan(fen)}" if mark else formats.yuan(fen)
    size = " amount-large" if large else ""
    if int(fen) >= 0:
        return format_html('<span class="amount{}">{}</span>', size, text)
    said = format_html(
        '<span class="{}">{}</span>', "amount-word" if word else "visually-hidden", word or _("minus")
    )
    return format_html('<span class="amount amount-negative{}">{}{}</span>', size, text, said)


def day(value: date | datetime | None, *, words: bool = False) -> SafeString:
    """A day or a moment, short for tables or in words for sentences."""
    if not value:
        return NOTHING
    text = formats.civil_date(value) if words else formats.short_date(value)
    return SafeString(f'<time datetime="{value.isoformat()}">{text}</time>')


def month(first: date | None) -> SafeString:
    """A month with its machine-readable name."""
    if not first:
        return NOTHING
    return format_html('<time datetime="{}">{}</time>', f"{first:%Y-%m}", formats.month(first))


def personal(value: object, kind: str, shown: object = False) -> SafeString:
    """A person's datum: masked unless it was asked for in full, with a reason (GN-8)."""
    return escaped((value if shown else formats.masked(kind, value)) or "–")


def link(url: str, text: object) -> SafeString:
    """A link, or the bare text where there is nowhere to go."""
    shown = escaped(text)
    return SafeString(f'<a href="{html.escape(url)}">{shown}</a>') if url else shown


def swap(url: str, more: str = "") -> SafeString:
    """The attributes of a link that changes the list: the same address with and without a script."""
    address, more = html.escape(url), html.escape(f" {more}" if more else "")
    return SafeString(
        f'href="{address}" hx-get="{address}" hx-target="#list" hx-swap="outerHTML{more}" hx-push-url="true"'
    )


def why_space() -> SafeString:
    """As wide as a "why" and unseen: keeps a sum under its amounts."""
    return format_html('<span class="why-word why-space" aria-hidden="true">{}</span>', _("why"))


def lazy_why(url: str) -> SafeString:
    """A "why" that is fetched when it is opened; without a script its panel holds a link to the page."""
    return format_html(
        '<details class="why why-inline" hx-get="{0}" hx-trigger="toggle once" hx-target="find .why-panel" '
        'hx-swap="innerHTML"><summary>{1}</summary><div class="why-panel"><a href="{0}">{2}</a></div></details>',
        url, _("why"), _("Open the explanation"),
    )  # fmt: skip


def dropzone(control: object) -> SafeString:
    """A file's control as a place to drop the file into; the names of the chosen files are read out."""
    return SafeString(
        f'<div class="dropzone">{icon("file-upload")}<div>{_("Drop the file here or click to choose it")}</div>'
        f'<div class="dropzone-names" data-names aria-live="polite"></div>{escaped(control)}</div>'
    )


STEP_WORDS = {"done": gettext_lazy("done"), "now": gettext_lazy("now"), "stopped": gettext_lazy("stopped")}


def steps(of: Iterable[Mapping[str, Any]], label: object = "") -> SafeString:
    """The states of a thing in their order: `of` = [{label, state: done|now|todo|stopped, who, at}, …]."""
    each = "".join(_step(number, step) for number, step in enumerate(of, 1))
    return SafeString(f'<ol class="state-steps" aria-label="{escaped(label or _("State"))}">{each}</ol>')


def _step(number: int, step: Mapping[str, Any]) -> str:
    state, who, at = step["state"], step.get("who"), step.get("at")
    drawn = {"done": icon("check"), "stopped": icon("x")}.get(state, number)
    by = f'<div class="state-who">{escaped(who or "")} {day(at) if at else ""}</div>' if who or at else ""
    return (
        f'<li class="state-step state-{state}"{_CURRENT if state == "now" else ""}>'
        f'<span class="state-dot" aria-hidden="true">{drawn}</span>'
        f'<div class="state-name">{escaped(step["label"])}<span class="visually-hidden"> – {escaped(STEP_WORDS.get(state) or _("to come"))}</span></div>'
        f"{by}</li>"
    )


def card(slot: object, attrs: object, title: object, note: object, actions: object, flush: bool, level: str) -> SafeString:  # fmt: skip
    """A part of a page, with its title as a heading of this level."""
    head = ""
    if title or actions:
        below = f'<div class="soft">{escaped(note)}</div>' if note else ""
        beside = f'<div class="card-actions">{escaped(actions)}</div>' if actions else ""
        head = f'<div class="card-header"><div><h{level} class="card-title">{escaped(title)}</h{level}>{below}</div>{beside}</div>'
    body = escaped(slot) if flush else f'<div class="card-body">{escaped(slot)}</div>'
    return SafeString(f'<section class="card" {attrs}>{head}{body}</section>')


def button(slot: object, attrs: object, href: object, tone: str, drawing: str, small: bool, type_: str) -> SafeString:  # fmt: skip
    """A button, or a link that looks like one."""
    dress = f"btn{f' btn-{escaped(tone)}' if tone else ''}{' btn-sm' if small else ''}"
    inside = f"{icon(drawing)} {escaped(slot)}" if drawing else escaped(slot)
    if href:
        return SafeString(f'<a href="{escaped(href)}" class="{dress}" {attrs}>{inside}</a>')
    return SafeString(f'<button type="{type_}" class="{dress}" {attrs}>{inside}</button>')
