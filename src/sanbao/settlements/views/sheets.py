"""Record sheets: the list, one sheet, typing one in."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.settlements import operations, queries
from sanbao.settlements.forms import SheetForm
from sanbao.settlements.models import Line, Sheet
from sanbao.settlements.permissions import May
from sanbao.settlements.reading.sentences import FIELDS
from sanbao.settlements.views.statements import OUTCOMES
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, List, Month, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


def _found(words: str) -> Q:
    """A sheet by the tail of its number or serial, the tail of a telephone, or a customer's name."""
    return (
        Q(number__iendswith=words) | Q(number__istartswith=words) | Q(serial__iendswith=words)
        | Q(phone__endswith=words) | Q(customer__startswith=words)
    )  # fmt: skip


SHEETS = List(
    "sheets",
    columns=(
        Column("number", _("Sheet"), kind="code", value=str, link=lambda s: reverse("settlements:sheet", args=[s.pk])),
        Column("month", _("Month"), kind="month"),
        Column("outlet", _("Outlet"), value="outlet.code"),
        Column("customer", _("Customer"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("address", _("Address"), kind="address", shown=False),
        Column("model", _("Model")),
        Column("serial", _("Serial number"), kind="code", shown=False),
        Column("completed_on", _("Completed"), kind="date"),
        Column("action", _("What the engineer did")),
        Column("km", _("km"), kind="number", shown=False),
        Column("missing", _("Complete"), kind="badge", value=lambda s: __("incomplete: void") if s.missing else __("complete"), tone=lambda s: "orange" if s.missing else "green"),
        Column("pk", _("Newest"), kind="code", value=lambda s: f"#{s.pk}", sort="id", shown=False),
    ),
    filters=(
        Search("q", _("Number, serial, telephone tail or customer"), where_of=_found),
        Month("month", _("Month")),
        Search("outlet", _("Outlet code"), ("outlet__code__istartswith",)),
        Choice("region", _("Region"), lambda request: queries.regions(request.access), "outlet__region_id"),
    ),
    tabs=(Tab("all", _("All")), Tab("incomplete", _("Incomplete"), ~Q(missing=[]))),
    order="-pk",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE_SHEETS, scope=Scope.PLACES, audit="settlements:sheets:exported", rate="page")
def sheets(request: HttpRequest) -> HttpResponse:
    listing = SHEETS.of(request, queries.sheets(request.access))
    if listing.wants_export:
        return listing.export(__("Record sheets"))
    context = {"list": listing, "may_write": request.access.may(May.HAND_IN)}
    return show(request, "settlements/sheets.html", context, parts=["list"])


def _mine(request: HttpRequest, pk: int) -> Sheet:
    rows = Sheet.objects.visible_to(request.access, May.SEE_SHEETS).select_related(
        "outlet__region", "made_by", "hand_in", "order__repeat_of"
    )
    return get_object_or_404(rows, pk=pk)


@page(May.SEE_SHEETS, scope=Scope.PLACES, audit=None, rate="page")
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _mine(request, pk))


def _shown(
    request: HttpRequest, found: Sheet, *, unmasked: bool = False, refusal: Refusal | None = None
) -> HttpResponse:
    line = Line.objects.select_related("statement__decision").filter(sheet=found, live=True).first()
    if line and not request.access.may(May.SEE_STATEMENTS):
        line = None
    column = 0 if language() == "zh" else 1
    context = {
        "sheet": found,
        "unmasked": unmasked,
        "missing": [FIELDS[name][column] for name in found.missing],
        "line": line,
        "outcome": OUTCOMES[line.outcome] if line else None,
        "why": queries.Explainer(line.statement, language()).line(line, str(OUTCOMES[line.outcome][0]))
        if line
        else None,
        "repeats": found.order.repeat_of.number if found.order and found.order.repeat_of else "",
        "findings": queries.findings(request.access).filter(sheet=found),
        "hints": [
            (hint, queries.told_of(hint, language()))
            for hint in queries.hints(request.access).filter(sheet=found)
        ]
        if request.access.may(May.SEE_HINTS)
        else None,
        "may_register": request.access.may(May.REGISTER_FINDING),
        "may_unmask": request.access.may(May.UNMASK),
        "may_withdraw": request.access.may(May.HAND_IN) and found.withdrawn_at is None,
        "refusal": refusal,
    }
    return show(request, "settlements/sheet.html", context, status=refusal.status if refusal else 200)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="settlements:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    found = get_object_or_404(Sheet.objects.visible_to(request.access, May.UNMASK), pk=pk)
    try:
        unmasking.unmasked(request, found, "settlements:customer:unmasked")
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    return unmasking.once(
        _shown(request, _mine(request, pk), unmasked=True), reverse("settlements:sheet", args=[pk])
    )


@page(May.HAND_IN, "POST", scope=Scope.PLACES, audit="settlements:sheet:withdrawn", rate="write")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Sheet.objects.visible_to(request.access, May.HAND_IN).select_related("outlet"), pk=pk
    )
    try:
        operations.withdraw_sheet(found, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal)
    messages.success(request, __("Sheet %(number)s is withdrawn.") % {"number": found})
    return go("settlements:sheets")


@page(May.HAND_IN, "GET", "POST", scope=Scope.PLACES, audit="settlements:sheet:written", rate="write")
def write(request: HttpRequest) -> HttpResponse:
    """Type a sheet in."""
    initial = {name: request.GET[name] for name in ("outlet", "month") if name in request.GET}
    form = SheetForm(request.access, request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = operations.write_sheet(
                    data["outlet"], data["month"], form.sheet(), by=request.access, at=timezone.now()
                )
                messages.success(request, __("Sheet %(number)s is recorded.") % {"number": made})
                if "next" in request.POST:
                    following = reverse("settlements:sheet-write")
                    return go(f"{following}?outlet={data['outlet'].pk}&month={data['month']:%Y-%m}")
                return go("settlements:sheet", made.pk)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return show(request, "settlements/sheet_write.html", {"form": form}, status=status)


@page(May.SEE_SHEETS, scope=Scope.PLACES, audit="settlements:sheet:printed", rate="export")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The controlled form 《产品维修记录单》 (RW-8), with masked customer data (GN-8)."""
    from sanbao.settlements import printing  # with its forms: loaded by who prints

    found = _mine(request, pk)
    content = printing.sheet_pdf(found, language(), at=timezone.now(), by=printing.taker(request.access))
    audit.handed_out("settlements:sheet:printed", found, request)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{found}.pdf") or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
