"""`{% load sanbao %}`: money, days, masks and the small pieces of `cells` for templates."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sanbao.ui import cells, form_dress, formats, typed, why
from sanbao.ui.templatetags import once
from sanbao.ui.version import version

register = template.Library()

register.filter("yuan", formats.yuan)
register.filter("percent", formats.percent)
register.filter("month", formats.month)
register.filter("clause_words", formats.clause_words)
register.filter("civil_date", formats.civil_date)
register.filter("short_date", formats.short_date)
register.filter("masked_phone", formats.masked_phone)
register.filter("masked_name", formats.masked_name)
register.filter("masked_address", formats.masked_address)
register.filter("dressed", form_dress.dressed)
register.filter("refilled", typed.refilled)
register.filter("masked_as", lambda value, kind: formats.masked(kind, value))

register.simple_tag(cells.icon, name="icon")
register.simple_tag(cells.badge, name="badge")
register.simple_tag(cells.amount, name="amount")
register.simple_tag(cells.day, name="day")
register.simple_tag(cells.month, name="month_of")
register.simple_tag(cells.lazy_why, name="lazy_why")
register.simple_tag(cells.dropzone, name="dropzone")
register.simple_tag(cells.personal, name="personal")
register.simple_tag(cells.steps, name="steps")
register.simple_tag(cells.card, name="card")
register.simple_tag(cells.button, name="button")
register.simple_tag(cells.swap, name="swap")
register.simple_tag(version, name="version")


@register.simple_tag
def side(groups: Iterable[Any]) -> SafeString:
    """The groups of the side bar. Made once for each sight of it: most pages of a person show the same."""
    return _side(tuple(groups or ()))


@lru_cache(maxsize=1024)
def _side(groups: tuple[Any, ...]) -> SafeString:
    parts = []
    for number, group in enumerate(groups, 1):
        links = format_html_join(
            "\n",
            '<li><a class="side-link" href="{}" data-go="{}"{}>{} {}{}</a></li>',
            (
                (item.url, item.label, mark_safe(' aria-current="page"') if item.active else "", cells.icon(item.icon), item.label,
                 format_html('<span class="side-count">{}</span>', item.count) if item.count else "")
                for item in group.items
            ),
        )  # fmt: skip
        parts.append(
            format_html(
                '<details class="side-part"{3}><summary class="side-fold"><h2 class="side-title" id="side-{0}">{1}</h2></summary>\n'
                '<ul class="side-group" aria-labelledby="side-{0}">{2}</ul></details>',
                number, group.title, links, "" if group.folded else mark_safe(" open"),
            )
        )  # fmt: skip
    return mark_safe("\n".join(parts))  # noqa: S308 — every piece is made by format_html


class CaptureNode(template.Node):
    def __init__(self, nodelist: template.NodeList, name: str):
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        context[self.name] = self.nodelist.render(context).strip()
        return ""


@register.simple_tag(takes_context=True)
def why_panel(context: template.Context, shown: why.Why, bare: bool = False) -> SafeString:
    """What stands in the panel of a "why"."""
    return why.panel(shown, bare=bare, access=context.get("access"), fields=once.fields(context))


@register.simple_tag(takes_context=True)
def typed_into(context: template.Context, action: str) -> Any:
    """What was typed into the form of this address, if it was refused just now."""
    return typed.typed_into(context.get("request"), action) if context.get("refusal") else {}


@register.simple_tag(takes_context=True)
def clause_link(context: template.Context, clause: str) -> SafeString:
    """The way from a cited clause to its text in the company's regulations, for whoever may read them."""
    return why.clause_link(clause, context.get("access"))


@register.tag
def capture(parser: template.base.Parser, token: template.base.Token) -> CaptureNode:
    """`{% capture name %}…{% endcapture %}`: keep what is inside for saying it twice, as a page's title is."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
