"""Bringing a file: choose it, see what was understood, correct it or take it over whole."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __

from sanbao.audit import operations as audit
from sanbao.files import operations as files
from sanbao.files.tables import Unreadable, letters
from sanbao.imports import operations, queries, workbooks
from sanbao.imports.forms import FileForm
from sanbao.imports.kinds import KINDS, Kind, Row, offered
from sanbao.imports.models import Import
from sanbao.imports.permissions import May
from sanbao.imports.reading import Read, read, unmasked
from sanbao.ui import formats
from sanbao.ui.formats import language
from sanbao.ui.lists import XLSX
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_LINES = 8, 10, 200


def _kind(request: HttpRequest, code: str) -> Kind:
    kind = KINDS.get(code)
    if kind is None or not request.access.may(kind.permission):
        raise Http404
    return kind


def _found(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(queries.imports(request.access), pk=pk)


@page(May.TAKE_OVER, scope=Scope.COMPANY, audit=None, rate="page")
def home(request: HttpRequest) -> HttpResponse:
    """What can be brought, and what has been."""
    recent = queries.imports(request.access).order_by("-id")[:30]
    return show(
        request, "imports/home.html", {"kinds": offered(request.access), "recent": _named(list(recent))}
    )


def _named(recent: list[Import]) -> list[tuple[Import, Any]]:
    return [(each, KINDS[each.kind].title) for each in recent]


@page(May.TAKE_OVER, "GET", "POST", scope=Scope.COMPANY, audit="imports:import:read", rate="upload")
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose a file of a kind; nothing is taken over before one has seen what was understood."""
    chosen = _kind(request, kind)
    form = FileForm(chosen, request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = operations.read_file(
                    chosen, file.read(), file.name, known=form.cleaned_data.get("known", ""),
                    by=request.access, at=timezone.now(),
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return go("imports:import", made.pk)
    recent = queries.imports(request.access).filter(kind=chosen.code).order_by("-id")[:20]
    context = {
        "kind": chosen,
        "form": form,
        "recent": _named(list(recent)),
        "columns": _columns(chosen, request),
    }
    return show(request, "imports/start.html", context, status=status)


def _columns(kind: Kind, request: HttpRequest) -> list[tuple[str, bool, str]]:
    at = 0 if language() == "zh" else 1
    return [(each.words[at], each.required, kind.example(each, request.access)) for each in kind.fields]


@page(May.TAKE_OVER, scope=Scope.COMPANY, audit=None, rate="export")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty table to fill in."""
    chosen = _kind(request, kind)
    return _workbook(workbooks.template(chosen, request.access), f"{chosen.title}.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@page(
    May.TAKE_OVER, "GET", "POST", scope=Scope.COMPANY, audit=("imports:import:read", "imports:import:dropped"), rate="upload"
)  # fmt: skip
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file says. POST reads it again with the columns, and the choice for known rows, that the sender has made."""
    found = _found(request, pk)
    if request.method == "POST" and found.state == Import.State.READ:
        kind, by, at = KINDS[found.kind], request.access, timezone.now()
        columns = {
            name: int(request.POST[f"column-{name}"])
            for name in kind.by_name
            if re.fullmatch(r"-1|\d{1,3}", request.POST.get(f"column-{name}", ""), re.ASCII)
        }
        known = request.POST.get("known") or found.known
        try:
            again = operations.read_file(
                kind, files.content(found.file), found.file.name, known=known, columns=columns or found.columns, by=by, at=at
            )  # fmt: skip
            operations.drop(found, by=by, at=at)
        except Refusal as refusal:
            return _shown(request, found, refusal)
        return go("imports:import", again.pk)
    if request.htmx and found.state != Import.State.WAITING:
        response = HttpResponse()
        response.headers["HX-Refresh"] = "true"  # the worker is through: the page shows how it went
        return response
    return _shown(request, found)


def _shown(request: HttpRequest, found: Import, refusal: Refusal | None = None) -> HttpResponse:
    kind, mine = KINDS[found.kind], found.made_by_id == request.access.person_id
    progress = found.progress
    told = _told(found, kind)
    context: dict[str, Any] = {
        "work": found,
        "kind": kind,
        "report": _report(found, told if mine else None),
        "more": max(len(found.report) - SHOWN_LINES, 0),
        "refusal": refusal,
        "percent": 100 * progress.done // max(progress.total, 1),
        "may_take_rows": mine and not files.is_erased(found.file),
        "known": [(code, Import.Known(code).label) for code in kind.known] if len(kind.known) > 1 else [],
        "leads_to": reverse(kind.link),
        **(_preview(told, kind) if told else {}),
    }
    return show(
        request, "imports/import.html", context, status=refusal.status if refusal else 200, parts=["progress"]
    )


def _told(found: Import, kind: Kind) -> Read | None:
    """What the file holds; nothing for one that is done with."""
    if found.state != Import.State.READ:
        return None
    try:
        return read(kind, files.content(found.file), found.file.name, found.columns or None)
    except (Unreadable, Refusal):
        return None


def _report(found: Import, told: Read | None) -> list[dict[str, Any]]:
    """The sentences of the first lines; `told` for who sent the file, who must see which value is wrong."""
    lines = found.report[:SHOWN_LINES]
    if told:
        lines = unmasked(told, lines)
    return [line | {"text": line[language()]} for line in lines]


def _preview(told: Read, kind: Kind) -> dict[str, Any]:
    """The columns as recognised and the first rows."""
    at = 0 if language() == "zh" else 1
    shown = [each for each in kind.fields if each.name in told.columns][:SHOWN_COLUMNS]
    return {
        "fields": [(each.name, each.words[at], told.columns.get(each.name, -1)) for each in kind.fields],
        "columns": [
            (heading.column, f"{letters(heading.column)} {heading.text}") for heading in told.headings
        ],
        "headings": [each.words[at] for each in shown],
        "rows": [(row.line, [_cell(row, each) for each in shown]) for row in told.rows[:SHOWN_ROWS]],
    }


def _cell(row: Row, each: Any) -> str:
    """A value as the preview shows it; people's data are masked as everywhere (GN-8)."""
    value = row[each.name]
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return __("yes") if value else __("no")
    parts = value if isinstance(value, tuple) else (value,)
    said = [formats.masked(each.personal, part) if each.personal else _plain(part) for part in parts]
    return "、".join(said)


def _plain(value: Any) -> str:
    """A moment to the minute, anything else as it is."""
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else str(value)


@page(
    May.TAKE_OVER, "POST", scope=Scope.COMPANY, audit=("imports:import:taken", "imports:import:begun"), rate="write"
)  # fmt: skip
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the file over, or let the worker do it."""
    found = _found(request, pk)
    try:
        done = operations.begin(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        found = _found(request, pk)  # somebody else may have taken it over
        if told := refusal.details.get("report"):  # what stands against it now, not when it was read
            found.report, found.counts = told, refusal.details["counts"]
        return _shown(request, found, refusal)
    if done.state == Import.State.TAKEN:
        messages.success(request, __("%(adds)d rows are added, %(updates)d updated, %(left_out)d left out.") % done.counts)  # fmt: skip
    return go("imports:import", pk)


@page(May.TAKE_OVER, "POST", scope=Scope.COMPANY, audit="imports:import:stopped", rate="write")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End the worker's taking over before it is through; nothing is taken over then."""
    return _ended(request, pk, operations.stop, __("It ends, and nothing is taken over."))


@page(May.TAKE_OVER, "POST", scope=Scope.COMPANY, audit="imports:import:dropped", rate="write")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the file aside."""
    return _ended(request, pk, operations.drop, __("The file is put aside; nothing was taken over."))


def _ended(request: HttpRequest, pk: int, do: Any, said: str) -> HttpResponse:
    found = _found(request, pk)
    try:
        do(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal)
    messages.success(request, said)
    return go("imports:import", pk)


@page(May.TAKE_OVER, scope=Scope.COMPANY, audit="imports:import:downloaded", rate="export")
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The sender's own rows with the sentences beside them. Only who sent the file gets it back: it holds people's data in full (GN-8)."""
    found = _found(request, pk)
    if found.made_by_id != request.access.person_id:
        raise Http404
    try:
        content = workbooks.mended(found)
    except Refusal as refusal:
        return _shown(request, found, refusal)
    audit.handed_out("imports:import:downloaded", found, request, file=found.file.name)
    return _workbook(
        content, f"{found.file.name.rpartition('.')[0] or found.file.name} – {__('to correct')}.xlsx"
    )
