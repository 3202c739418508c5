"""What stands behind an amount or a deadline, ready to be shown: the answer, its sentences, its clauses.

The modules that keep decisions make a `Why`; the component `<c-why :why="…"/>` shows it beside the amount, and `answer_why`
answers the address from which `<c-why url="…"/>` fetches it. Nothing here knows what a rule is.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanbao.ui.cells import escaped, icon, link
from sanbao.ui.formats import clause_words


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


def panel(why: Why, *, bare: bool, access: Any, fields: str) -> SafeString:
    """What stands in the panel of a "why": its sentences with their clauses, what it rests on, and deciding again (`fields`: the form's).

    Python as the cells are: a page of a thing explains half a dozen decisions, folded.
    """
    head = "" if bare else _head(why)
    sentences = "".join(_sentence(sentence, access) for sentence in why.sentences)
    edition = escaped(why.edition)
    if why.edition:
        edition = f"{escaped(_('Edition'))} {link(why.edition_url, edition)}"
    decision = link(why.decision_url, _("The decision")) if why.decision_url else ""
    again = ""
    if why.replay_url:
        again = f'<form action="{escaped(why.replay_url)}" method="post">{fields}<button class="btn btn-sm">{escaped(_("Decide again"))}</button></form>'
    return SafeString(
        f'{head}<ol class="why-sentences">{sentences}</ol><div class="why-foot"><span>{edition}</span> {decision} {again}</div>'
    )


def _head(why: Why) -> str:
    return (
        f'<div class="why-head"><span class="why-answer">{escaped(why.answer)}</span>'
        f'<button class="top-button only-js" type="button" data-close aria-label="{escaped(_("Close"))}">{icon("x")}</button></div>'
    )


def _sentence(sentence: WhySentence, access: Any) -> str:
    """A sentence, and the clause it rests on: unfolded to its text where we have that."""
    if not sentence.clause:
        return f"<li>{escaped(sentence.text)}</li>"
    words = escaped(clause_words(sentence.clause))
    if not sentence.clause_text:
        return f'<li>{escaped(sentence.text)}<div class="soft">{words}</div></li>'
    cited = f"<cite>{escaped(sentence.source_title)}</cite>" if sentence.source_title else ""
    return (
        f'<li>{escaped(sentence.text)}<details class="why-clause"><summary>{words}</summary>'
        f"<blockquote>{escaped(sentence.clause_text)}{cited}{clause_link(sentence.clause, access)}</blockquote></details></li>"
    )


def clause_link(clause: str, access: Any) -> SafeString:
    """The way from a cited clause ("appliance KA-11.1") to its text in the company's regulations, for whoever may read them."""
    source, _space, ref = clause.partition(" ")
    if not ref or access is None or not access.may("documents:document:view"):
        return SafeString()
    return _clause_link(source, ref, get_language())


@lru_cache(maxsize=1024)
def _clause_link(source: str, ref: str, _language: str | None) -> SafeString:
    try:
        url = reverse("documents:clause", args=[source, ref])
    except NoReverseMatch:  # no slug, or a house without regulations
        return SafeString()
    return format_html('<a class="why-read" href="{}">{}</a>', url, _("Read it in the regulation"))


def answer_why(request: HttpRequest, why: Any, title: str = "") -> HttpResponse:
    """The panel's content for HTMX, else a page of its own: the view behind `<c-why url="…"/>` ends with this."""
    template = "ui/why_part.html" if getattr(request, "htmx", False) else "ui/why_page.html"
    response = render(request, template, {"why": why, "title": title})
    response.headers["Vary"] = "Cookie, HX-Request"
    return response
