"""Handing in a month: choose a file, see what was understood, mend or take over whole."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.audit import unmasking
from sanbao.files import operations as files
from sanbao.settlements import operations, queries
from sanbao.settlements.forms import HandInForm
from sanbao.settlements.models import HandIn
from sanbao.settlements.permissions import May
from sanbao.settlements.reading import HEADINGS, Row, Unreadable, letters, read_record_sheets_in_child
from sanbao.settlements.reading.sentences import FIELDS
from sanbao.ui.formats import language, masked_name
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

PREVIEW = (
    "number",
    "customer",
    "model",
    "serial",
    "purchased_on",
    "reported_on",
    "completed_on",
    "action",
    "work",
    "km",
)


@page(May.HAND_IN, "GET", "POST", scope=Scope.PLACES, audit="settlements:hand-in:read", rate="upload")
def hand_in(request: HttpRequest) -> HttpResponse:
    form = HandInForm(request.access, request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data, file = form.cleaned_data, form.cleaned_data["file"]
            try:
                made = operations.read_hand_in(
                    data["outlet"],
                    data["month"],
                    file.read(),
                    file.name,
                    by=request.access,
                    at=timezone.now(),
                )
                return go("settlements:hand-in-report", made.pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    recent = queries.hand_ins(request.access).order_by("-id")[:30]
    return show(request, "settlements/hand_in.html", {"form": form, "recent": recent}, status=status)


def _mine(request: HttpRequest, pk: int) -> HandIn:
    return get_object_or_404(queries.hand_ins(request.access), pk=pk)


@page(
    May.HAND_IN,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit=("settlements:hand-in:read", "settlements:hand-in:dropped"),
    rate="upload",
)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file says. POST reads it again with the columns the sender has chosen."""
    found = _mine(request, pk)
    if request.method == "POST" and found.state == HandIn.State.READ:
        headings = {
            name: int(request.POST[name])
            for name in HEADINGS
            if re.fullmatch(r"-1|\d{1,3}", request.POST.get(name, ""), re.ASCII)
        }
        try:
            again = operations.read_hand_in(
                found.outlet, found.month, files.content(found.file), found.file.name,
                headings=headings, by=request.access, at=timezone.now(),
            )  # fmt: skip
            operations.drop_hand_in(found, by=request.access, at=timezone.now())
            return go("settlements:hand-in-report", again.pk)
        except Refusal as refusal:
            return _shown(request, found, refusal)
    return _shown(request, found)


def _shown(request: HttpRequest, found: HandIn, refusal: Refusal | None = None) -> HttpResponse:
    column = 0 if language() == "zh" else 1
    order = {"error": 0, "warning": 1, "note": 2}
    lines = [
        {"severity": line["severity"], "cell": line["cell"], "text": line["zh" if column == 0 else "en"]}
        for line in sorted(found.report, key=lambda line: order.get(line["severity"], 3))
    ]
    context: dict[str, Any] = {
        "hand_in": found,
        "report": lines,
        "refusal": refusal,
        "erased": files.is_erased(found.file),
        "may_unmask": request.access.may(May.UNMASK),
        **_preview(found, column),
    }
    return show(
        request, "settlements/hand_in_report.html", context, status=refusal.status if refusal else 200
    )


def _preview(found: HandIn, column: int) -> dict[str, Any]:
    """The columns as recognised and the first rows; nothing for a file that is done with."""
    if found.state != HandIn.State.READ:
        return {}
    try:
        read = read_record_sheets_in_child(
            files.content(found.file),
            found.file.name,
            heading_choice=found.headings or None,
            today=timezone.localdate(),
        )
    except Unreadable:
        return {}
    at = read.columns
    choices = [(heading.column, f"{letters(heading.column)} {heading.text}") for heading in read.headings]
    return {
        "fields": [(name, FIELDS[name][column], at.get(name, -1)) for name in HEADINGS],
        "columns": choices,
        "headings": [FIELDS[name][column] for name in PREVIEW],
        "rows": [(row.line, [_cell(row, name, column) for name in PREVIEW]) for row in read.rows[:8]],
    }


def _cell(row: Row, name: str, column: int) -> str:
    """A value as the preview shows it; names are masked as everywhere (GN-8)."""
    value = getattr(row, name)
    if name == "customer":
        return masked_name(value)
    if value in ("replace", "adjust"):
        return FIELDS[value][column]
    return "" if value is None else f"{value:f}" if name == "km" else str(value)


@page(May.HAND_IN, "POST", scope=Scope.PLACES, audit="settlements:hand-in:taken", rate="write")
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    try:
        done = operations.take_over(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        found.refresh_from_db()  # somebody else may have taken it over
        if report := refusal.details.get("report"):  # what stands against it now, not when it was read
            found.report = report
            found.counts["errors"] = sum(1 for line in report if line["severity"] == "error")
        return _shown(request, found, refusal)
    messages.success(request, __("%(sheets)d sheets of %(outlet)s are taken over.") % {"sheets": done.counts["sheets"], "outlet": done.outlet.code})  # fmt: skip
    return go("settlements:hand-in-report", pk)


@page(May.HAND_IN, "POST", scope=Scope.PLACES, audit="settlements:hand-in:dropped", rate="write")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    try:
        operations.drop_hand_in(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        found.refresh_from_db()
        return _shown(request, found, refusal)
    messages.success(request, __("The file is put aside; nothing was taken over."))
    return go("settlements:hand-in")


@page(May.HAND_IN, "POST", scope=Scope.PLACES, audit="settlements:hand-in:downloaded", rate="export")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came: customers' data in full, so it takes the permission, a reason, and leaves an event (GN-8)."""
    found = _mine(request, pk)
    request.access.require(May.UNMASK)
    try:
        unmasking.reason_in(request)
        response = files.download(found.file)
    except Refusal as refusal:
        return _shown(request, found, refusal)
    unmasking.unmasked(request, found, "settlements:hand-in:downloaded", file=found.file.name)
    return unmasking.once(response, reverse("settlements:hand-in-report", args=[pk]))
