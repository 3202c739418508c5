"""{% csrf_token %} also writes the form's key (edge/once.py): a form sent twice is done once, and no form can forget it."""

import secrets
from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.safestring import SafeString

from sanbao.edge.once import FIELD

register = template.Library()


def fields(context: Context) -> str:
    """The hidden fields of a form; "" where the page has no token, as a letter has none."""
    token = CsrfTokenNode().render(context)
    return token and f'{token}<input type="hidden" name="{FIELD}" value="{secrets.token_urlsafe(12)}">'


class _Node(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        return SafeString(fields(context))


@register.tag
def csrf_token(parser: Any, token: Any) -> _Node:
    """The form's two hidden fields: against other sites, and against being done twice."""
    return _Node()
