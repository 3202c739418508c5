"""`{% load knowledge %}{% likely words model code %}`: the articles that fit, fetched when the page is there (ST-3).

`{% likely watching="subject description" %}` asks again while one writes into these fields of a form. Whoever may not read the
knowledge base sees nothing of it; without JavaScript there is a link.
"""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from sanbao.knowledge.permissions import May

register = template.Library()


@register.inclusion_tag("knowledge/likely.html", takes_context=True)
def likely(
    context: dict[str, Any], words: str = "", model: str = "", code: str = "", watching: str = ""
) -> dict[str, Any]:
    access = context.get("access")
    if access is None or not access.may(May.SEE):
        return {"url": ""}
    asked = {"words": words[:600], "model": model or "", "code": code or ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("knowledge:suggestions")
    fields = [f"#id_{name}" for name in watching.split()]
    return {
        "url": f"{url}?{query}" if query else url,
        "from": ", ".join(f"input changed delay:600ms from:{field}" for field in fields) or "load",
        "include": ",".join(fields),
        "watching": bool(fields),
    }
