"""`{% load sanbao %}`: money, days, masks and the small pieces of `cells` for templates."""

from django import template
from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sanbao.ui import cells, formats
from sanbao.ui.version import version

register = template.Library()

register.filter("yuan", formats.yuan)
register.filter("percent", formats.percent)
register.filter("month", formats.month)
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


class CaptureNode(template.Node):
    def __init__(self, nodelist: template.NodeList, name: str):
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        context[self.name] = self.nodelist.render(context).strip()
        return ""


@register.tag
def capture(parser: template.base.Parser, token: template.base.Token) -> CaptureNode:
    """`{% capture name %}…{% endcapture %}`: keep what is inside for saying it twice, as a page's title is."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
