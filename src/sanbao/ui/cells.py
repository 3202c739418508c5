"""The small pieces of HTML that stand in tables by the hundred: icon, state, amount, date, link.

Python rather than components, because a list of two hundred rows has thousands of them; the components of the same names call
these, so a thing looks the same wherever it stands.
"""

import html
from datetime import date, datetime
from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sanbao.ui import formats

TONES = frozenset(
    ("blue", "azure", "indigo", "purple", "green", "teal", "yellow", "orange", "red", "secondary")
)
NOTHING = mark_safe('<span class="soft">–</span>')


def escaped(value: object) -> SafeString:
    """What Django's `conditional_escape` answers, without its looking for lazy words each time: a list has a thousand cells."""
    if hasattr(value, "__html__"):
        return SafeString(value.__html__())
    return SafeString(html.escape(value if isinstance(value, str) else str(value)))


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


def link(url: str, text: object) -> SafeString:
    """A link, or the bare text where there is nowhere to go."""
    shown = escaped(text)
    return SafeString(f'<a href="{html.escape(url)}">{shown}</a>') if url else shown


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
