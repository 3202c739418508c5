"""The story of a request as its page shows it, drawn in Python as the cells are: up to two hundred entries of ten pieces each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.safestring import SafeString

from sanbao.intake.models import Request
from sanbao.ui.cells import badge, day, escaped, icon


def story(request: Request, entries: Iterable[Mapping[str, Any]]) -> SafeString:
    """The entries of `queries.timeline`, in the order they come."""
    return SafeString(f'<ol class="story">{"".join(_event(request, entry) for entry in entries)}</ol>')


def _event(request: Request, entry: Mapping[str, Any]) -> str:
    tone = f" story-{entry['tone']}" if entry["tone"] else ""
    merged = f' <span class="soft">{entry["merged"]}</span>' if entry["merged"] else ""
    delivery = f" {badge(entry['delivery'].words, entry['delivery'].tone)}" if entry["delivery"] else ""
    text = f'<div class="said soft">{linebreaksbr(entry["text"])}</div>' if entry["text"] else ""
    files = "".join(
        f'<div><a href="{reverse("intake:file", args=[request.pk, file.pk])}">{icon("paperclip")} {escaped(file.name)}</a></div>'
        for file in entry["files"]
    )
    who = f" · {escaped(entry['who'])}" if entry["who"] else ""
    return (
        f'<li class="story-event{tone}"><span class="story-mark">{icon(entry["icon"])}</span><div class="story-body">'
        f'<div class="story-what">{escaped(entry["what"])}{merged}{delivery}{text}{files}</div></div>'
        f'<div class="story-when">{day(entry["at"])}{who}</div></li>'
    )
