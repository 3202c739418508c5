"""`{% load sanbao %}`: money, days, masks and the small pieces of `cells` for templates."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.forms.boundfield import BoundField, BoundWidget
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanbao.ui import cells, formats
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
register.filter("masked_as", lambda value, kind: formats.masked(kind, value))

register.simple_tag(cells.icon, name="icon")
register.simple_tag(cells.badge, name="badge")
register.simple_tag(cells.amount, name="amount")
register.simple_tag(cells.day, name="day")
register.simple_tag(cells.month, name="month_of")
register.simple_tag(cells.lazy_why, name="lazy_why")
register.simple_tag(version, name="version")


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field's control in Tabler's clothes, marked when it has an error."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        dress = "form-check-input"
    else:
        dress = "form-select" if isinstance(widget, Select) else "form-control"
    classes = [dress, widget.attrs.get("class", ""), "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def choices(field: BoundField) -> list[BoundWidget]:
    """The field's choices one by one, each control in Tabler's clothes."""
    field.field.widget.attrs.setdefault("class", "form-check-input")
    return field.subwidgets


@register.filter
def control(field: BoundField) -> str:
    """What kind of control the field is, for the template that lays it out: "check", "group", "file" or "line"."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "group"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "file" if isinstance(widget, FileInput) else "line"


@register.simple_tag
def swap(url: str, more: str = "") -> SafeString:
    """The attributes of a link that changes the list: the same address with and without a script."""
    return format_html(
        'href="{0}" hx-get="{0}" hx-target="#list" hx-swap="outerHTML{1}" hx-push-url="true"',
        url,
        f" {more}" if more else "",
    )


@register.simple_tag
def side(groups: Iterable[Any]) -> SafeString:
    """The groups of the side bar. Made once for each sight of it: most pages of a person show the same."""
    told = tuple(
        (
            str(group.title), group.folded,
            tuple((str(item.label), item.url, item.icon, item.active, item.count) for item in group.items),
        )
        for group in groups or ()
    )  # fmt: skip
    return _side(told)


@lru_cache(maxsize=512)
def _side(
    groups: tuple[tuple[str, bool, tuple[tuple[str, str, str, bool, int | None], ...]], ...],
) -> SafeString:
    parts = []
    for number, (title, folded, items) in enumerate(groups, 1):
        links = format_html_join(
            "\n",
            '<li><a class="side-link" href="{}" data-go="{}"{}>{} {}{}</a></li>',
            (
                (url, label, mark_safe(' aria-current="page"') if active else "", cells.icon(icon), label,
                 format_html('<span class="side-count">{}</span>', count) if count else "")
                for label, url, icon, active, count in items
            ),
        )  # fmt: skip
        parts.append(
            format_html(
                '<details class="side-part"{3}><summary class="side-fold"><h2 class="side-title" id="side-{0}">{1}</h2></summary>\n'
                '<ul class="side-group" aria-labelledby="side-{0}">{2}</ul></details>',
                number, title, links, "" if folded else mark_safe(" open"),
            )
        )  # fmt: skip
    return mark_safe("\n".join(parts))  # noqa: S308 — every piece is made by format_html


class SteadyNode(template.Node):
    """Text that depends on the language alone: rendered once for each."""

    def __init__(self, nodelist: template.NodeList):
        self.nodelist = nodelist
        self.made: dict[str | None, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        language = get_language()
        if language not in self.made:
            self.made[language] = self.nodelist.render(template.Context(autoescape=context.autoescape))
        return self.made[language]


@register.tag
def steady(parser: template.base.Parser, _token: template.base.Token) -> SteadyNode:
    """`{% steady %}…{% endsteady %}`: what is the same for everybody who reads the language; no variables inside."""
    nodelist = parser.parse(("endsteady",))
    parser.delete_first_token()
    return SteadyNode(nodelist)


class CaptureNode(template.Node):
    def __init__(self, nodelist: template.NodeList, name: str):
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        context[self.name] = self.nodelist.render(context).strip()
        return ""


@register.simple_tag(takes_context=True)
def clause_link(context: template.Context, clause: str) -> SafeString:
    """The way from a cited clause ("appliance KA-11.1") to its text in the company's regulations, for whoever may read them."""
    access = context.get("access")
    source, _space, ref = clause.partition(" ")
    if not ref or access is None or not access.may("documents:document:view"):
        return mark_safe("")
    return _clause_link(source, ref, get_language())


@lru_cache(maxsize=1024)
def _clause_link(source: str, ref: str, _language: str | None) -> SafeString:
    try:
        url = reverse("documents:clause", args=[source, ref])
    except NoReverseMatch:  # no slug, or a house without regulations
        return mark_safe("")
    return format_html('<a class="why-read" href="{}">{}</a>', url, _("Read it in the regulation"))


@register.tag
def capture(parser: template.base.Parser, token: template.base.Token) -> CaptureNode:
    """`{% capture name %}…{% endcapture %}`: keep what is inside for saying it twice, as a page's title is."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
