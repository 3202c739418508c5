"""`{% load units %}{% warranty unit %}`: how a unit's warranty stands today, as a badge."""

from django import template
from django.utils.safestring import SafeString

from sanbao.products import queries
from sanbao.products.models import Unit
from sanbao.ui import cells

register = template.Library()


@register.simple_tag
def warranty(unit: Unit) -> SafeString:
    """The unit comes from `queries.units`."""
    return cells.badge(*queries.cover_words(unit))
