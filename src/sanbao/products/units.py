"""Units: the appliances that were sold, with their days, whose they are, and until when they are repaired free, with the why."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.customers.queries import customers
from sanbao.decisions.queries import whys
from sanbao.files import operations as files
from sanbao.imports.permissions import May as Imports
from sanbao.products import history, operations, queries
from sanbao.products import labels as printed
from sanbao.products.forms import HandOverForm, UnitForm
from sanbao.products.models import Model, Unit
from sanbao.ui.formats import language
from sanbao.ui.lists import Bulk, Choice, Column, Days, List, Search, chosen
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

SEE, KEEP = "products:unit:view", "products:unit:keep"
_PLAIN = ("purchased_on", "delivered_on", "installed_on", "produced_on", "source", "seller", "gas", "note")


def _link(row: Unit) -> str:
    return reverse("products:unit", args=[row.pk])


def _searched(request: HttpRequest, words: str) -> Q:
    return Q(pk__in=queries.found_units(request.access, words))


def _models(request: HttpRequest) -> list[tuple[int, str]]:
    rows = Model.objects.visible_to(request.access, SEE).order_by("code")
    return list(rows.values_list("pk", "code")[:300])


def _standing(values: list[str]) -> Q:
    today, where = timezone.localdate(), Q(pk__in=[])
    if "in" in values:
        where |= Q(covered_until__gte=today)
    if "out" in values:
        where |= Q(covered_until__lt=today)
    if "unknown" in values:
        where |= Q(covered_until__isnull=True)
    return where


UNITS = List(
    "units",
    columns=(
        Column("serial", _("Serial number"), kind="code", sort="id", link=_link),
        Column("model", _("Model"), value="model.code"),
        Column("warranty", _("Warranty"), kind="badge", value=lambda row: queries.cover_words(row)[0], tone=lambda row: queries.cover_words(row)[1]),
        Column("purchased_on", _("Purchased on"), kind="date"),
        Column("installed_on", _("Installed on"), kind="date"),
        Column("source", _("Where it was bought"), value="get_source_display"),
        Column("gas", _("Gas"), value="get_gas_display", shown=False),
        Column("produced_on", _("Produced on"), kind="date", shown=False),
    ),
    filters=(
        Search("q", _("Serial number, or its beginning or end (4 characters)"), by=_searched),
        Choice("model", _("Model"), _models, "model_id"),
        Choice("warranty", _("Warranty"), [("in", _("in warranty")), ("out", _("out of warranty")), ("unknown", _("unknown"))], where_of=_standing),
        Choice("source", _("Where it was bought"), Unit.Source.choices),
        Days("purchased", _("Purchased on"), field="purchased_on"),
    ),
    order="-serial",
)  # fmt: skip


@page(SEE, scope=Scope.COMPANY, audit="products:units:exported", rate="page")
def units(request: HttpRequest) -> HttpResponse:
    """The units that are known."""
    bulk = [Bulk(__("Print labels"), reverse("products:unit-labels"), icon="qrcode")]
    listing = UNITS.of(request, queries.units(request.access), bulk=bulk)
    if listing.wants_export:
        return listing.export(__("Units"))
    access = request.access
    context = {"list": listing, "may_keep": access.may(KEEP), "may_import": access.may(Imports.TAKE_OVER)}
    return show(request, "products/units.html", context, parts=["list"])


def _found(request: HttpRequest, pk: int, permission: str = SEE) -> Unit:
    rows = (
        queries.units(request.access)
        if permission == SEE
        else Unit.objects.visible_to(request.access, permission)
    )
    return get_object_or_404(rows.select_related("model", "proof"), pk=pk)


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: its days, its warranty component by component with the why (KA-5.1), what was done for it."""
    return _shown(request, _found(request, pk))


def _shown(
    request: HttpRequest, found: Unit, *, form: HandOverForm | None = None, status: int = 200
) -> HttpResponse:
    access, today = request.access, timezone.localdate()
    covers = list(found.covers.select_related("decision").order_by("id"))
    told = whys([cover.decision for cover in covers], language(), access)
    owner = customers(access).filter(pk=found.customer_id).first() if found.customer_id else None
    context = {
        "unit": found,
        "covers": [(cover, why, cover.last_day >= today) for cover, why in zip(covers, told, strict=True)],
        "owner": owner,
        "elsewhere": found.customer_id is not None and owner is None,
        "chapters": history.of(found, access),
        "may_keep": access.may(KEEP),
        "may_call": access.may("intake:request:register"),
        "form": form or HandOverForm(access=access),
    }
    return show(request, "products/unit.html", context, status=status)


@page(KEEP, "GET", "POST", scope=Scope.COMPANY, audit="products:unit:registered", rate="upload")
def add(request: HttpRequest) -> HttpResponse:
    """Register a unit; the address may bring what is known already."""
    known = {name: request.GET.get(name, "").replace("\0", "")[:60] for name in ("serial", "customer")}
    form = UnitForm(request.POST or None, request.FILES or None, access=request.access, initial=known)
    if request.method == "POST" and form.is_valid():
        data, by, at = form.cleaned_data, request.access, timezone.now()
        try:
            made = operations.register_unit(
                data["serial"], data["model"], customer=data["customer"], proof=_proof(data, by, at),
                **{name: data[name] for name in _PLAIN}, by=by, at=at,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go("products:unit", made.pk)
    return show(request, "products/unit_form.html", {"form": form}, status=form.status)


@page(KEEP, "GET", "POST", scope=Scope.COMPANY, audit=("products:unit:amended", ""), rate="upload")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of a unit; other days make another warranty."""
    rows = Unit.objects.visible_to(request.access, KEEP).select_related("model")
    found = get_object_or_404(held(rows, request), pk=pk)
    initial = {name: getattr(found, name) for name in (*_PLAIN, "serial")} | {"model": found.model_id}
    form = UnitForm(
        request.POST or None, request.FILES or None, initial=initial, access=request.access, unit=found
    )
    if request.method == "POST" and form.is_valid():
        data, by, at = form.cleaned_data, request.access, timezone.now()
        changes: dict[str, Any] = {name: data[name] for name in (*_PLAIN, "model")}
        if data["proof"]:
            changes["proof"] = _proof(data, by, at)
        try:
            operations.amend_unit(found, changes, by=by, at=at)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return go("products:unit", pk)
    return show(request, "products/unit_form.html", {"form": form, "unit": found}, status=form.status)


def _proof(data: dict[str, Any], by: Any, at: Any) -> Any:
    upload = data["proof"]
    return files.keep(upload.read(), upload.name, by=by, at=at) if upload else None


@page(KEEP, "POST", scope=Scope.COMPANY, audit="products:unit:handed-over", rate="write")
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit is another customer's from now on."""
    found, form = _found(request, pk, KEEP), HandOverForm(request.POST, access=request.access)
    if not form.is_valid():
        return _shown(request, _found(request, pk), form=form, status=422)
    operations.hand_over_unit(found, form.cleaned_data["customer"], by=request.access, at=timezone.now())
    messages.success(request, __("The warranty stays the unit's."))
    return go("products:unit", pk)


@page(SEE, scope=Scope.COMPANY, audit="products:unit:proof-taken", rate="page")
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of purchase."""
    found = _found(request, pk)
    if found.proof is None:
        raise Http404
    audit.handed_out("products:unit:proof-taken", found, request, file=found.proof.name)
    return files.download(found.proof)


@page(SEE, scope=Scope.COMPANY, audit="products:unit:label-printed", rate="export")
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit's label with its code, to stick on."""
    return _labels(request, [_found(request, pk)])


@page(SEE, "POST", scope=Scope.COMPANY, audit=("products:unit:label-printed", ""), rate="export")
def labels(request: HttpRequest) -> HttpResponse:
    """The labels of the chosen units, ten to a sheet."""
    rows = list(chosen(request, queries.units(request.access)).order_by("serial"))
    if not rows:
        messages.warning(request, __("Tick the units whose labels you want."))
        return go("products:units")
    return _labels(request, rows)


def _labels(request: HttpRequest, rows: list[Unit]) -> HttpResponse:
    company = Company.objects.get(pk=request.access.company_id)
    at = timezone.now()
    content = printed.pdf(rows, company, printed.root_of(request), language(), at=at)
    for row in rows:
        audit.record("products:unit:label-printed", row, by=request.access, at=at)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{__('Labels')}-{rows[0].serial if len(rows) == 1 else len(rows)}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
