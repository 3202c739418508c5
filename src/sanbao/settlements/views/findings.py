"""Findings of callbacks, and files of findings and of receipts."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.files import operations as files
from sanbao.outlets.models import Outlet
from sanbao.settlements import operations, queries
from sanbao.settlements.finding_states import FindingState
from sanbao.settlements.forms import FileForm, FindingForm
from sanbao.settlements.models import Finding, Receipt, Sheet
from sanbao.settlements.permissions import May
from sanbao.settlements.reading import ListFile, Unreadable, read_findings, read_receipts
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, List, Month, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

# How many cells to check are told once a file is registered.
SHOWN = 20

FINDINGS = List(
    "findings",
    columns=(
        Column("sheet", _("Sheet"), kind="code", value="sheet.number", link=lambda f: reverse("settlements:finding", args=[f.pk])),
        Column("outlet", _("Outlet"), value="outlet.code"),
        Column("month", _("Month"), kind="month", value="sheet.month"),
        Column("kind", _("Finding"), value="get_kind_display"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda f: f.tone),
        Column("appeal_until", _("Appeal until"), kind="date"),
        Column("refund_fen", _("Refund"), kind="amount"),
        Column("refund_by", _("Refund by"), kind="date", shown=False),
        Column("improve_by", _("Improve by"), kind="date", shown=False),
        Column("source", _("Found by"), value="get_source_display", shown=False),
        Column("note", _("Note")),
        Column("made_by", _("Registered by"), value=lambda f: f.made_by.name if f.made_by else ""),
        Column("pk", _("Newest"), kind="code", value=lambda f: f"#{f.pk}", sort="id", shown=False),
    ),
    filters=(
        Search("q", _("Sheet number"), ("sheet__number__icontains",)),
        Month("month", _("Month"), "sheet__month"),
        Choice("kind", _("Finding"), Finding.Kind.choices),
        Choice("state", _("State"), FindingState.choices),
        Search("outlet", _("Outlet code"), ("outlet__code__istartswith",)),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("proposed", _("To confirm"), Q(state=FindingState.PROPOSED)),
        Tab("open", _("With the outlet"), lambda _request: Q(state=FindingState.CONFIRMED, appeal_until__gte=timezone.localdate())),
        Tab("appeals", _("Appeals to decide"), Q(state=FindingState.APPEALED)),
        Tab("rechecks", _("To look at again"), lambda _request: queries.recheck_is_due(timezone.localdate())),
        Tab("refunds", _("Refunds due"), queries.REFUND_OPEN),
        Tab("overdue", _("Refunds overdue"), lambda _request: queries.REFUND_OPEN & Q(refund_by__lt=timezone.localdate())),
    ),
    order="-pk",
)  # fmt: skip


@page(May.SEE_FINDINGS, scope=Scope.PLACES, audit="settlements:findings:exported", rate="page")
def findings(request: HttpRequest) -> HttpResponse:
    listing = FINDINGS.of(request, queries.findings(request.access))
    if listing.wants_export:
        return listing.export(__("Findings"))
    context = {"list": listing, "may_register": request.access.may(May.REGISTER_FINDING)}
    return show(request, "settlements/findings.html", context, parts=["list"])


@page(
    May.REGISTER_FINDING,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit="settlements:finding:registered",
    rate="write",
)
def register(request: HttpRequest) -> HttpResponse:
    form = FindingForm(
        request.POST or None, request.FILES or None, initial={"number": request.GET.get("number", "")[:40]}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            rows = Sheet.objects.visible_to(request.access, May.REGISTER_FINDING).filter(
                withdrawn_at__isnull=True
            )
            sheet = rows.filter(number=data["number"]).select_related("outlet").first()
            try:
                if sheet is None:
                    raise Refusal(
                        __("There is no sheet %(number)s.") % {"number": data["number"]}, field="number"
                    )
                with transaction.atomic():
                    finding = operations.register_finding(
                        sheet,
                        data["kind"],
                        note=data["note"],
                        refund_fen=data["refund"] or 0,
                        panel_fen=data["panel"] or 0,
                        evidence=said(request, data["evidence"], data["file"]),
                        source=data["source"],
                        by=request.access,
                        at=timezone.now(),
                    )
                messages.success(
                    request, __("The finding about %(number)s is registered.") % {"number": sheet.number}
                )
                return go("settlements:finding", finding.pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return show(request, "settlements/finding_register.html", {"form": form}, status=status)


def said(request: HttpRequest, text: str, file: Any) -> list[Any]:
    """A text and an uploaded file as evidence; the file is kept. Inside the transaction of what they belong to."""
    kept = [files.keep(file.read(), file.name or "", by=request.access, at=timezone.now())] if file else []
    return [*([text] if text and text.strip() else []), *kept]


@page(
    May.SEE_FINDINGS,
    "POST",
    scope=Scope.PLACES,
    audit=("settlements:finding:withdrawn", ""),
    rate="write",
)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal is taken back by whoever registers, what was confirmed by whoever confirms."""
    found = get_object_or_404(queries.findings(request.access).live(), pk=pk)
    try:
        operations.withdraw_finding(found, by=request.access, at=timezone.now())
        messages.success(request, __("The finding is withdrawn."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("settlements:sheet", found.sheet_id)


@page(
    May.REGISTER_FINDING,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit="settlements:finding:registered",
    rate="upload",
)
def findings_file(request: HttpRequest) -> HttpResponse:
    """A file of findings: registered whole, or not at all with a sentence for every bad row."""

    def keep(read: ListFile) -> int:
        rows = [(row["number"], row["kind"], row["note"], row["refund_fen"]) for _line, row in read.rows]
        return len(operations.register_findings(rows, by=request.access, at=timezone.now()))

    return _file(request, read_findings, keep, __("Findings from a file"), "settlements:findings")


@page(
    May.REGISTER_RECEIPT,
    "GET",
    "POST",
    scope=Scope.PLACES,
    audit="settlements:receipt:registered",
    rate="upload",
)
def receipts_file(request: HttpRequest) -> HttpResponse:
    """A file of receipts: registered whole, or not at all."""

    def keep(read: ListFile) -> int:
        places = {
            outlet.code: outlet for outlet in Outlet.objects.visible_to(request.access, May.REGISTER_RECEIPT)
        }
        bad = []
        with transaction.atomic():
            for index, (_line, row) in enumerate(read.rows):
                try:
                    if row["outlet"] not in places:
                        raise Refusal(__("There is no outlet %(code)s.") % {"code": row["outlet"]})
                    outlet, month = places[row["outlet"]], row["month"]
                    days = {name: row[name] for name in ("paper_on", "electronic_on")}
                    if kept := Receipt.objects.filter(outlet=outlet, month=month).first():
                        # An empty cell does not take back a day that is registered.
                        days = {name: day or getattr(kept, name) for name, day in days.items()}
                    operations.register_receipt(outlet, month, **days, by=request.access, at=timezone.now())
                except Refusal as refusal:
                    bad.append({"index": index, "sentence": str(refusal)})
            if bad:
                sentence = __(
                    "%(count)d rows can't be registered, so nothing was. Correct them and hand in the file again."
                )
                raise Refusal(sentence % {"count": len(bad)}, details={"rows": bad})
        return len(read.rows)

    return _file(request, read_receipts, keep, __("Receipts from a file"), "settlements:months")


def _file(request: HttpRequest, read_file: Any, keep: Any, title: str, back: str) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    report: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            read = read_file(file.read(), file.name, in_child=True)
            report = [
                {"severity": problem.severity, "cell": problem.cell, "text": problem.sentence(language())}
                for problem in read.problems
            ]
            if any(line["severity"] == "error" for line in report):
                raise Refusal(
                    __("Nothing was registered. Correct the cells named below and hand in the file again.")
                )
            if not read.rows:
                raise Refusal(__("There are no rows in this file."))
            count = keep(read)
            messages.success(request, __("%(count)d rows registered.") % {"count": count})
            for line in report[:SHOWN]:
                messages.warning(request, f"{line['cell']} {line['text']}".strip())
            return go(back)
        except Unreadable as unreadable:
            form.add_error("file", unreadable.sentence(language()))
        except Refusal as refusal:
            form.add_error("file", str(refusal))
            for bad in refusal.details.get("rows", []):
                line = read.rows[bad["index"]][0]
                report.append({"severity": "error", "cell": str(line), "text": bad["sentence"]})
    status = 422 if request.method == "POST" else 200
    return show(
        request, "settlements/list_file.html", {"form": form, "report": report, "title": title}, status=status
    )
