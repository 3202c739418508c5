"""{% csrf_token %} also writes the form's key (edge/once.py): a form sent twice is done once, and no form can forget it."""

import secrets
from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from sanbao.edge.once import FIELD

register = template.Library()


class _Node(CsrfTokenNode):
    def render(self, context: Context) -> str:
        token = super().render(context)
        if not token:
            return token
        return token + format_html(
            '<input type="hidden" name="{}" value="{}">', FIELD, secrets.token_urlsafe(12)
        )


@register.tag
def csrf_token(parser: Any, token: Any) -> _Node:
    """The form's two hidden fields: against other sites, and against being done twice."""
    return _Node()
