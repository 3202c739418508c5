"""People's requests about their data, the second person's decision, and what is due to be erased."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scope import as_owner
from sanbao.audit import personal
from sanbao.audit.personal import SOURCES, Subject
from sanbao.complaints import personal as complaints
from sanbao.customers import personal as customers
from sanbao.imports import personal as imports
from sanbao.intake import personal as intake
from sanbao.notices import personal as notices
from sanbao.privacy import operations, queries
from sanbao.privacy.forms import SubjectForm
from sanbao.privacy.models import Request
from sanbao.privacy.permissions import HANDLE
from sanbao.settlements import personal as settlements
from sanbao.ui import formats, workbooks
from sanbao.ui.lists import XLSX, Choice, Column, Days, List
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.views import personal as saved_views

KINDS = (
    saved_views.KINDS
    | customers.KINDS
    | imports.KINDS
    | intake.KINDS
    | complaints.KINDS
    | settlements.KINDS
    | notices.KINDS
)
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
TONES = {"asked": "orange", "done": "green", "declined": "secondary"}

REQUESTS = List(
    "requests",
    columns=(
        Column("asked_at", _("Asked at"), kind="date"),
        Column("kind", _("Request"), value="get_kind_display", link=lambda r: reverse("privacy:request", args=[r.pk])),
        Column("shown", _("About")),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda r: TONES[r.state]),
        Column("asked_by", _("Asked by"), value="asked_by.name"),
        Column("decided_by", _("Decided by"), value=lambda r: r.decided_by.name if r.decided_by else ""),
        Column("reason", _("Reason"), shown=False),
    ),
    filters=(
        Choice("state", _("State"), Request.State.choices),
        Choice("kind", _("Request"), Request.Kind.choices),
        Days("asked_at", _("Asked at"), moments=True),
    ),
)  # fmt: skip


def _mine(request: HttpRequest) -> Any:
    return Request.objects.visible_to(request.access, HANDLE).select_related("asked_by", "decided_by", "person")  # fmt: skip


@page(HANDLE, scope=Scope.COMPANY, audit="privacy:requests:exported", rate="page")
def requests(request: HttpRequest) -> HttpResponse:
    """Every request, and the form for another."""
    listing = REQUESTS.of(request, _mine(request))
    if listing.wants_export:
        return listing.export(gettext("Requests about personal data"))
    return _listed(request, SubjectForm(), listing=listing)


def _listed(request: HttpRequest, form: SubjectForm, *, listing: Any = None, status: int = 200) -> HttpResponse:  # fmt: skip
    context = {
        "list": listing or REQUESTS.of(request, _mine(request)),
        "form": form,
        "former": queries.without_post(request.access.company_id),
    }
    return show(request, "privacy/requests.html", context, status=status, parts=["list"])


def _asked(request: HttpRequest) -> tuple[SubjectForm, Subject | None, str]:
    form = SubjectForm(request.POST)
    if not form.is_valid():
        return form, None, ""
    data = form.cleaned_data
    return (
        form,
        Subject(request.access.company_id, data["phone"], data["customer"].strip()),
        data["reason"],
    )


@page(HANDLE, "POST", scope=Scope.COMPANY, audit="privacy:copy:given", rate="export")
def copy(request: HttpRequest) -> HttpResponse:
    """A person's copy of their data as Excel or JSON. It is handed to the person; the event says who made it and why."""
    form, subject, reason = _asked(request)
    if subject is not None:
        try:
            made, data = operations.copy(subject, reason, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _file(request, made, data)
    return _listed(request, form, status=422)


def _file(request: HttpRequest, made: Request, data: dict[str, Any]) -> HttpResponse:
    as_json = request.POST.get("format") == "json"
    if as_json:
        head = {"company": made.company.name, "made_at": made.asked_at.isoformat(), "made_by": request.access.name,
                "request": request.access.request}  # fmt: skip
        content, kind = (
            json.dumps(head | data, ensure_ascii=False, indent=1, default=str).encode(),
            "application/json",
        )
    else:
        content, kind = _workbook(request, made, data), XLSX
    name = f"{gettext('Personal data')}-{made.pk}.{'json' if as_json else 'xlsx'}"
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Location"] = reverse(
        "privacy:request", args=[made.pk]
    )  # where the same form leads if sent again
    return response


def _workbook(request: HttpRequest, made: Request, data: dict[str, Any]) -> bytes:
    """A worksheet for each kind of record, with who made the copy below."""
    mark = gettext("Copy made by %(who)s on %(when)s, request %(request)s") % {
        "who": request.access.name,
        "when": formats.short_date(made.asked_at),
        "request": request.access.request,
    }
    tabs = []
    for kind, rows in sorted(data.items(), key=lambda found: _ORDER.get(found[0], len(_ORDER))):
        columns = [workbooks.Column(operations.copied_word(name)) for name in (rows[0] if rows else {"": ""})]
        cells = [
            [workbooks.Cell("" if value is None else str(value)) for value in row.values()] for row in rows
        ]
        below = [[workbooks.Cell(mark)]]
        tabs.append(workbooks.Tab(gettext(KINDS.get(kind, kind)), columns, cells, below=below, footer=mark))
    language = "zh" if formats.chinese() else "en"
    return workbooks.workbook(tabs, title=str(made), language=language, made_at=made.asked_at)


@page(HANDLE, "POST", scope=Scope.COMPANY, audit="privacy:request:asked", rate="write")
def erase(request: HttpRequest) -> HttpResponse:
    """Ask for a customer's erasure; a second person decides."""
    form, subject, reason = _asked(request)
    if subject is not None:
        try:
            made = operations.ask_to_erase(subject, reason, by=request.access, at=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, gettext("Asked. Another person has to decide about it."))
            return go("privacy:request", made.pk)
    return _listed(request, form, status=422)


@page(HANDLE, "POST", scope=Scope.COMPANY, audit="privacy:request:asked", rate="write")
def erase_staff(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a former colleague's name to be taken out."""
    held = queries.without_post(request.access.company_id)
    person = get_object_or_404(Person.objects.filter(pk__in=[each.pk for each in held]), pk=pk)
    try:
        made = operations.ask_to_erase_staff(
            person, request.POST.get("reason", ""), by=request.access, at=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _listed(request, SubjectForm(), status=refusal.status)
    messages.success(request, gettext("Asked. Another person has to decide about it."))
    return go("privacy:request", made.pk)


@page(HANDLE, scope=Scope.COMPANY, audit=None, rate="page")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: about whom, what it touches, what stands against it."""
    return _shown(request, get_object_or_404(_mine(request), pk=pk))


def _shown(request: HttpRequest, found: Request, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "request_": found,
        "tone": TONES[found.state],
        "counts": [(gettext(KINDS.get(kind, kind)), count) for kind, count in found.counts.items()],
        "may_decide": found.state == Request.State.ASKED and found.asked_by_id != request.access.person_id,
        "own": found.state == Request.State.ASKED and found.asked_by_id == request.access.person_id,
        "refusal": refusal,
        "crumbs": [(gettext("Requests about personal data"), reverse("privacy:requests"))],
    }
    if found.state == Request.State.ASKED and found.kind == Request.Kind.ERASE:
        subject = personal.known(Subject(found.company_id, found.phone, found.customer))
        touched: dict[str, int] = {}
        for source in SOURCES:
            touched |= {kind: len(rows) for kind, rows in source.copy(subject).items()}
        context["counts"] = [(gettext(KINDS.get(kind, kind)), count) for kind, count in touched.items()]
        context["matters"] = operations.standing_against(subject, timezone.now())
    return show(request, "privacy/request.html", context, status=refusal.status if refusal else 200)


@page(HANDLE, "POST", scope=Scope.COMPANY, audit="privacy:request:done", rate="write")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person approves, and the data are erased."""
    found = get_object_or_404(_mine(request), pk=pk)
    try:
        with as_owner("an erasure reaches the history and the logs, which the web's role may not change"):
            operations.approve(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        found.refresh_from_db()
        return _shown(request, found, refusal)
    messages.success(request, gettext("Erased. The books stay as they were; they hold no names."))
    return go("privacy:request", pk)


@page(HANDLE, "POST", scope=Scope.COMPANY, audit="privacy:request:declined", rate="write")
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person declines and says why."""
    found = get_object_or_404(_mine(request), pk=pk)
    try:
        with as_owner("the closed request's telephone leaves the history too"):
            operations.decline(found, request.POST.get("reason", ""), by=request.access, at=timezone.now())
    except Refusal as refusal:
        found.refresh_from_db()
        return _shown(request, found, refusal)
    messages.success(request, gettext("Declined."))
    return go("privacy:request", pk)


@page(HANDLE, "GET", "POST", scope=Scope.COMPANY, audit=("privacy:retention:switched", ""), rate="page")
def retention(request: HttpRequest) -> HttpResponse:
    """How long each kind of record is kept, by which clause, what is due; and the switch of the nightly erasure."""
    if request.method == "POST":
        operations.switch(request.POST.get("erases") == "1", by=request.access, at=timezone.now())
        return go("privacy:retention")
    company = request.access.company_id
    context = {
        "records": queries.overview(company, timezone.localdate()),
        "erases": queries.erases(company),
        "crumbs": [(gettext("Requests about personal data"), reverse("privacy:requests"))],
    }
    return show(request, "privacy/retention.html", context)
