"""The desk's side of registrations: the list of what is to be checked, and one of them."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.customers.permissions import May
from sanbao.files import operations as files
from sanbao.products import registering
from sanbao.products.forms import AcceptForm, CorrectForm
from sanbao.products.models import Registration, Unit
from sanbao.products.registering import CHECK
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.panels import Panel
from sanbao.ui.refusal import Refusal

TONES = {"waiting": "orange", "accepted": "green", "refused": "secondary"}
_STATE = Registration.State


def doubts_of(row: Registration) -> list[str]:
    """What is to be looked at, in words."""
    return [str(Registration.Doubt(each).label) for each in row.doubts]


REGISTRATIONS = List(
    "registrations",
    columns=(
        Column("number", _("Number"), kind="code", sort="id", link=lambda row: reverse("products:registration", args=[row.pk])),
        Column("serial", _("Serial number"), kind="code"),
        Column("model", _("Model"), value=lambda row: row.model.code if row.model else ""),
        Column("doubts", _("To look at"), value=lambda row: " · ".join(doubts_of(row))),
        Column("name", _("Name"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("purchased_on", _("Purchased on"), kind="date"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda row: TONES[row.state]),
        Column("registered_at", _("Registered on"), kind="date"),
    ),
    filters=(Search("q", _("Number or serial number"), ("number__iexact", "serial__istartswith")), Choice("source", _("Where it was bought"), Unit.Source.choices)),
    tabs=(
        Tab("waiting", _("To be checked"), Q(state=_STATE.WAITING)),
        Tab("accepted", _("Checked and accepted"), Q(state=_STATE.ACCEPTED)),
        Tab("refused", _("Refused"), Q(state=_STATE.REFUSED)),
        Tab("all", _("All")),
    ),
    order="-number",
)  # fmt: skip


def panels(access: Access) -> list[Panel]:
    """How many registrations wait for this person."""
    if not access.may(CHECK):
        return []
    count = registering.registrations(access).filter(state=_STATE.WAITING).count()
    return [Panel(_("Registrations to check"), count, reverse("products:registrations"), "barcode", "orange")]


@page(CHECK, scope=Scope.COMPANY, audit="products:registrations:exported", rate="page")
def registrations(request: HttpRequest) -> HttpResponse:
    """What customers have registered."""
    listing = REGISTRATIONS.of(request, registering.registrations(request.access))
    if listing.wants_export:
        return listing.export(__("Registrations"))
    return show(request, "products/registrations.html", {"list": listing}, parts=["list"])


def _found(request: HttpRequest, pk: int) -> Registration:
    rows = registering.registrations(request.access).select_related("model", "proof", "unit", "checked_by")
    return get_object_or_404(rows, pk=pk)


@page(CHECK, scope=Scope.COMPANY, audit=None, rate="page")
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """One registration, what is to be looked at, and what the warranty would be."""
    return _shown(request, _found(request, pk))


def _shown(
    request: HttpRequest,
    found: Registration,
    *,
    correcting: CorrectForm | None = None,
    accepting: AcceptForm | None = None,
    refusal: Refusal | None = None,
    unmasked: bool = False,
) -> HttpResponse:
    access = request.access
    unit = Unit.objects.visible_to(access, CHECK).filter(serial=found.serial).first()
    context = {
        "registration": found,
        "doubts": doubts_of(found),
        "tone": TONES[found.state],
        "unit": unit,
        "covers": registering.foreseen(found, language()),
        "waits": found.state == _STATE.WAITING,
        "unmasked": unmasked,
        "may_unmask": access.may(May.UNMASK),
        "correcting": correcting or CorrectForm(access=access, initial=_initial(found)),
        "accepting": accepting or AcceptForm(access=access),
        "refusal": refusal,
    }
    wrong = any(form is not None and form.errors for form in (correcting, accepting))
    status = refusal.status if refusal else 422 if wrong else 200
    return show(request, "products/registration.html", context, status=status)


def _initial(found: Registration) -> dict[str, Any]:
    plain = ("serial", "purchased_on", "source", "seller")
    return {name: getattr(found, name) for name in plain} | {"model": found.model_id}


@page(CHECK, "POST", scope=Scope.COMPANY, audit=("products:registration:corrected", ""), rate="write")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right what was mistyped."""
    found, form = _found(request, pk), CorrectForm(request.POST, access=request.access)
    if form.is_valid():
        try:
            registering.correct(found, form.cleaned_data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            if refusal.field not in form.fields:
                return _shown(request, _found(request, pk), refusal=refusal)
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, __("Corrected. What is to be looked at was worked out anew."))
            return go("products:registration", pk)
    return _shown(request, _found(request, pk), correcting=form)


@page(CHECK, "POST", scope=Scope.COMPANY, audit="products:registration:accepted", rate="write")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """It is right: a unit of the customer's from now on."""
    found, form = _found(request, pk), AcceptForm(request.POST, access=request.access)
    if form.is_valid():
        data = form.cleaned_data
        try:
            unit = registering.accept(
                found, customer=data["customer"], take_over=data["take_over"], by=request.access, at=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.field not in form.fields:
                return _shown(request, _found(request, pk), refusal=refusal)
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, __("Accepted: its warranty is decided."))
            return go("products:unit", unit.pk)
    return _shown(request, _found(request, pk), accepting=form)


@page(CHECK, "POST", scope=Scope.COMPANY, audit="products:registration:refused", rate="write")
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not right; the customer reads why."""
    found = _found(request, pk)
    try:
        registering.refuse(found, request.POST.get("reason", ""), by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, _found(request, pk), refusal=refusal)
    messages.success(request, __("Refused. The customer reads why on the page."))
    return go("products:registrations")


@page(May.UNMASK, "POST", scope=Scope.COMPANY, audit="products:registration:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    request.access.require(CHECK)
    found = _found(request, pk)
    try:
        unmasking.unmasked(request, found, "products:registration:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), reverse("products:registration", args=[pk]))


@page(CHECK, scope=Scope.COMPANY, audit="products:registration:proof-taken", rate="page")
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The photograph of the invoice."""
    found = _found(request, pk)
    if found.proof is None:
        raise Http404
    audit.handed_out("products:registration:proof-taken", found, request)
    return files.download(found.proof)
