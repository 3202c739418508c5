"""What somebody typed into a box that was refused stands in it again: nobody writes the same sentence twice.

The fields of a confirmation's box (`c-confirm`) belong to no form of Django's, so they are filled here, in the markup of our own templates.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_FIELD = re.compile(r"<(textarea|input)\b[^>]*?\bname=\"([a-z_]+)\"[^>]*>")
_VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")
_CHECKED = re.compile(r"\s+checked(?:=\"[^\"]*\")?(?=[\s>])")
_UNTOUCHED = ('type="hidden"', 'type="file"', 'type="password"', 'type="submit"')


def typed_into(request: HttpRequest | None, action: str) -> Mapping[str, Any]:
    """What was sent to this address by the request that is being answered; nothing where another form was sent."""
    if request is None or request.method != "POST" or request.path != action:
        return QueryDict()
    return request.POST


def refilled(markup: str, typed: QueryDict) -> SafeString:
    """The fields of a box with what was typed into them. What is hidden keeps the page's newest values, so that a second try counts."""

    def fill(found: re.Match[str]) -> str:
        tag, kind, name = found[0], found[1], found[2]
        if any(each in tag for each in _UNTOUCHED):
            return tag
        if kind == "textarea":
            return f"{tag}{escape(typed[name])}" if typed.get(name) else tag
        if 'type="radio"' in tag or 'type="checkbox"' in tag:
            value = _VALUE.search(tag)
            chosen = (value[1] if value else "on") in {str(escape(each)) for each in typed.getlist(name)}
            plain = _CHECKED.sub("", tag)
            return f"{plain[:-1]} checked>" if chosen else plain
        return f'{_VALUE.sub("", tag)[:-1]} value="{escape(typed[name])}">' if typed.get(name) else tag

    return mark_safe(_FIELD.sub(fill, markup))  # noqa: S308 — our own markup; what was typed is escaped
