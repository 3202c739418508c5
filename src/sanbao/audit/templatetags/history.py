"""`{% load history %}{% history thing %}`: the button to a thing's history, for those who may read it."""

from typing import Any

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sanbao.ui import cells

register = template.Library()


@register.simple_tag(takes_context=True, name="history")
def history_button(context: dict[str, Any], thing: Model) -> SafeString:
    access = context.get("access")
    if access is None or not thing.pk or not access.may("audit:event:view"):
        return mark_safe("")
    url = reverse("audit:history", args=[thing.pk, thing._meta.db_table])
    return format_html('<a class="btn" href="{}">{} {}</a>', url, cells.icon("history"), _("History"))
