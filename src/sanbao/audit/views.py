"""The event log."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from sanbao.audit.models import Event
from sanbao.audit.words import AMOUNTS, WORDS, detail_word, word
from sanbao.ui import formats
from sanbao.ui.links import page_of
from sanbao.ui.lists import Choice, Column, Days, List, Reference, Search
from sanbao.ui.pages import Scope, page, show

SEE = "audit:event:view"


def _details(event: Event) -> str:
    """The details in a line: amounts in yuan, what is empty left out."""
    told = [
        f"{detail_word(key)} {_told(key, value)}"
        for key, value in event.details.items()
        if key != "state" and value not in ("", None, [], {})
    ]
    return "; ".join(told)[:300]


def _told(key: str, value: Any) -> str:
    if key in AMOUNTS and isinstance(value, int):
        return formats.yuan(value)
    if isinstance(value, dict):
        return ", ".join(f"{detail_word(inner)}: {_change(old_new)}" for inner, old_new in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _change(value: Any) -> str:
    return " → ".join(str(part or "–") for part in value) if isinstance(value, list) else str(value)


EVENTS = List(
    "events",
    columns=(
        Column("at", _("When"), kind="date"),
        Column("by", _("Who"), value=lambda e: e.by.name if e.by else "–"),
        Column("action", _("What happened"), value=lambda e: word(e.action)),
        Column("label", _("To what"), link=lambda e: page_of(e.thing, e.thing_id)),
        Column("details", _("Details"), value=_details),
        Column("request", _("Request"), kind="code", shown=False),
    ),
    filters=(
        Search("q", _("Search"), ("label__icontains", "by__name__icontains")),
        Choice("action", _("What happened"), list(WORDS.items())),
        Days("at", _("When"), moments=True),
        Reference("by", _("Who")),
    ),
)


@page(SEE, scope=Scope.PLACES, audit="audit:events:exported", rate="page")
def events(request: HttpRequest) -> HttpResponse:
    """Who did what to what, newest first. An export is itself an event (GN-8)."""
    listing = EVENTS.of(request, Event.objects.visible_to(request.access, SEE).select_related("by"))
    if listing.wants_export:
        return listing.export(_("Event log"))
    return show(request, "audit/events.html", {"list": listing}, parts=["list"])
