"""The event log."""

from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.accounts import scope
from sanbao.audit import coverage, queries, telling, things
from sanbao.audit.history import HIDDEN
from sanbao.audit.models import Change, Event
from sanbao.audit.words import COUNTED, UNSAID, UNSAID_OF, WORDS, detail_word, word
from sanbao.ui.links import page_of
from sanbao.ui.lists import Choice, Column, Days, List, Reference, Search
from sanbao.ui.pages import Scope, page, show

SEE = "audit:event:view"


def _details(event: Event) -> str:
    """The details in a line: amounts in yuan, what is empty left out."""
    told = [
        f"{detail_word(key, event.action)} {_told(event, key, value)}"
        for key, value in event.details.items()
        if key not in UNSAID and (event.action, key) not in UNSAID_OF and value not in ("", None, [], {})
    ]
    return "; ".join(told)[:300]


def _told(event: Event, key: str, value: Any) -> str:
    if isinstance(value, dict):  # {column: [before, after]} of a changed thing
        return ", ".join(
            f"{detail_word(inner)}: {_change(event, inner, both)}" for inner, both in value.items()
        )
    if key == "fields":
        model = telling.model_of(event.action)
        return ", ".join(telling.label(model, str(name)) for name in value)
    if isinstance(value, list) and key in COUNTED:
        return str(len(value))
    if isinstance(value, list):
        return ", ".join(telling.detail(event.action, key, item) for item in value)
    return telling.detail(event.action, key, value)


def _change(event: Event, key: str, value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return " → ".join(telling.detail(event.action, key, part) for part in parts)


def _things(request: HttpRequest) -> list[tuple[str, Any]]:
    """The kinds of things there are events about, in words."""
    found = (
        Event.objects.visible_to(request.access, SEE).order_by().values_list("thing", flat=True).distinct()
    )
    return sorted(((thing, _thing(thing)) for thing in found), key=lambda pair: str(pair[1]))


def _thing(thing: str) -> Any:
    try:
        return apps.get_model(thing)._meta.verbose_name
    except (LookupError, ValueError):
        return thing


EVENTS = List(
    "events",
    columns=(
        Column("at", _("When"), kind="date"),
        Column("by", _("Who"), value=lambda e: e.by.name if e.by else "–"),
        Column("action", _("What happened"), value=lambda e: word(e.action)),
        Column("label", _("To what"), link=lambda e: page_of(e.thing, e.thing_id, scope.current().access)),
        Column("details", _("Details"), value=_details),
        Column("request", _("Request"), kind="code", shown=False),
    ),
    filters=(
        Search("q", _("Search"), ("label__icontains", "by__name__icontains")),
        Choice("action", _("What happened"), list(WORDS.items())),
        Choice("thing", _("Kind of thing"), _things),
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


@page(SEE, scope=Scope.PLACES, audit=None, rate="page")
def history(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Who changed what of one row, from what to what, and when; also of a row that is gone."""
    rows = things.visible(table, request.access)
    if rows is None:
        raise Http404
    thing = rows.filter(pk=pk).first()
    model = things.model_of(table)
    below = request.GET.get("before", "")
    told = queries.changes_of(table, pk, before=int(below) if below.isdecimal() and len(below) < 19 else None, most=MOST + 1)  # fmt: skip
    if thing is None and not _was_ours(request, table, pk):
        raise Http404
    first = _first(model, thing, table, pk) if len(told) <= MOST else {}
    context = {
        "thing": thing,
        "name": str(thing) if thing is not None else f"#{pk}",
        "kind": model._meta.verbose_name if model else table,
        "url": page_of(model._meta.label_lower, pk, request.access) if model and thing is not None else "",
        "changes": [_line(model, each, first) for each in told[:MOST]],
        "older": told[MOST - 1].change.pk if len(told) > MOST else None,
        "crumbs": [(_("Event log"), reverse("audit:events"))],
    }
    return show(request, "audit/history.html", context)


MOST = 50


def _was_ours(request: HttpRequest, table: str, pk: int) -> bool:
    """Whether a row that is gone was of this company, by the image its deletion left; for those who see the whole company."""
    reach = request.access.reach(SEE)
    gone = Change.objects.filter(table=table, row=str(pk), op=Change.Op.DELETE).order_by("-id").first()
    return bool(
        reach.whole
        and gone is not None
        and (gone.before or {}).get("company_id") == request.access.company_id
    )


def _first(model: Any, thing: Any, table: str, pk: int) -> dict[str, Any]:
    """The row as it was made, without what is secret."""
    now = {}
    if thing is not None:
        now = {field.column: getattr(thing, field.attname) for field in model._meta.concrete_fields}
        now |= dict.fromkeys(coverage.secret(table, list(now)), HIDDEN)
    return queries.first_image(table, pk, now)


def _line(model: Any, told: queries.Told, first: dict[str, Any]) -> dict[str, Any]:
    """A change as the page shows it: its columns with before and after; of a row that was made, what it was then."""
    change = told.change
    if change.op == Change.Op.INSERT:
        change.before = {name: value for name, value in first.items() if value not in (None, "", [], {})}
    before, after = change.before or {}, change.after or {}
    columns = [
        (telling.label(model, name), telling.value(model, name, before.get(name)),
         telling.value(model, name, after.get(name)) if change.op == Change.Op.UPDATE else "")
        for name in before
        if name != "id"
    ]  # fmt: skip
    return {
        "at": change.at,
        "who": told.who,
        "what": word(told.event.action) if told.event else change.get_op_display(),
        "op": change.op,
        "columns": columns,
        "address": change.address,
        "request": change.request or (told.event.request if told.event else ""),
    }
