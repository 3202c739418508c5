"""What stands behind an amount or a deadline, ready to be shown: the answer, its sentences, its clauses.

The modules that keep decisions make a `Why`; the component `<c-why :why="…"/>` shows it beside the amount, and `answer_why`
answers the address from which `<c-why url="…"/>` fetches it. Nothing here knows what a rule is.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class WhySentence:
    """One step of the reasoning, with its arithmetic, and the clause it rests on."""

    text: str
    clause: str = ""
    clause_text: str = ""
    source_title: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """An explained answer. `answer` is text, or HTML made by `cells`; addresses left empty are not shown."""

    answer: str
    sentences: tuple[WhySentence, ...]
    edition: str = ""
    edition_url: str = ""
    decision_url: str = ""
    replay_url: str = ""


def answer_why(request: HttpRequest, why: Any, title: str = "") -> HttpResponse:
    """The panel's content for HTMX, else a page of its own: the view behind `<c-why url="…"/>` ends with this."""
    template = "ui/why_part.html" if getattr(request, "htmx", False) else "ui/why_page.html"
    response = render(request, template, {"why": why, "title": title})
    response.headers["Vary"] = "Cookie, HX-Request"
    return response
