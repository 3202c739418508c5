"""Outlets and regions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.roles import ROLES
from sanbao.audit import unmasking
from sanbao.audit.queries import about
from sanbao.audit.words import word
from sanbao.outlets import operations
from sanbao.outlets.forms import OutletForm, RegionForm, dress_refusal
from sanbao.outlets.models import Outlet, Posting, Region
from sanbao.ui.lists import Choice, Column, List, Search
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held

SEE, MANAGE = "outlets:outlet:view", "outlets:outlet:manage"
UNMASK = "outlets:contact:unmask"


def _region_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return list(
        Region.objects.filter(outlets__in=_visible(request))
        .order_by("name")
        .values_list("pk", "name")
        .distinct()
    )


def _visible(request: HttpRequest) -> Any:
    return Outlet.objects.visible_to(request.access, SEE).select_related("region")


OUTLETS = List(
    "outlets",
    columns=(
        Column(
            "code",
            _("Outlet code"),
            kind="code",
            sort="code",
            link=lambda o: reverse("outlets:outlet", args=[o.pk]),
        ),
        Column("name", _("Outlet"), sort="name"),
        Column("region", _("Region"), value="region.name", sort="region__name"),
        Column("contact", _("Contact"), kind="name"),
        Column("phone", _("Telephone"), kind="phone"),
        Column("contract_from", _("Contract from"), kind="date", shown=False),
        Column("contract_until", _("Contract until"), kind="date"),
        Column("address", _("Address"), kind="address", shown=False),
    ),
    filters=(
        Search("q", _("Search"), ("code__icontains", "name__icontains", "contact__icontains")),
        Choice("region", _("Region"), _region_choices, field="region_id"),
    ),
    order="code",
    unmask=UNMASK,
)


@page(SEE, scope=Scope.PLACES, audit="outlets:outlets:exported", rate="page")
def outlets(request: HttpRequest) -> HttpResponse:
    """The outlets one may see."""
    listing = OUTLETS.of(request, _visible(request))
    if listing.wants_export:
        return listing.export(gettext("Outlets"))
    return show(
        request,
        "outlets/outlets.html",
        {"list": listing, "may_manage": request.access.may(MANAGE)},
        parts=["list"],
    )


@page(SEE, scope=Scope.PLACES, audit=None, rate="page")
def outlet(request: HttpRequest, pk: int) -> HttpResponse:
    """One outlet: its profile, its people, its story."""
    return _shown(request, pk)


@page(UNMASK, "POST", scope=Scope.PLACES, audit="outlets:contact:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the outlet's contact once; the reason goes to the event log (GN-8)."""
    found = get_object_or_404(Outlet.objects.visible_to(request.access, UNMASK), pk=pk)
    try:
        unmasking.unmasked(request, found, "outlets:contact:unmasked")
    except Refusal as refusal:
        return _shown(request, pk, refusal=refusal)
    return unmasking.once(_shown(request, pk, unmasked=True), reverse("outlets:outlet", args=[pk]))


def _shown(
    request: HttpRequest, pk: int, *, unmasked: bool = False, refusal: Refusal | None = None
) -> HttpResponse:
    found = get_object_or_404(_visible(request), pk=pk)
    staff = (
        Posting.objects.filter(outlet=found, ended_on__isnull=True)
        .select_related("person")
        .order_by("role", "id")
    )
    story = [
        {
            "what": word(event.action),
            "who": event.by.name if event.by else "",
            "at": event.at,
            "icon": "point",
        }
        for event in about(found)[:30]
    ]
    context = {
        "outlet": found,
        "unmasked": unmasked,
        "refusal": refusal,
        "may_unmask": request.access.may(UNMASK),
        "staff": [(posting, ROLES[posting.role].title) for posting in staff],
        "story": story,
        "may_manage": Outlet.objects.visible_to(request.access, MANAGE).filter(pk=pk).exists(),
        "may_see_people": request.access.may("accounts:person:view"),
        "statements_url": _listed("settlements:statements", pk, request, "settlements:statement:view"),
        "sheets_url": _listed("settlements:sheets", pk, request, "settlements:sheet:view"),
        "crumbs": [(gettext("Outlets"), reverse("outlets:list"))],
    }
    return show(request, "outlets/outlet.html", context, status=refusal.status if refusal else 200)


def _listed(name: str, pk: int, request: HttpRequest, permission: str) -> str:
    return f"{reverse(name)}?outlet={pk}" if request.access.may(permission) else ""


@page(MANAGE, "GET", "POST", scope=Scope.PLACES, audit="outlets:outlet:opened", rate="write")
def add(request: HttpRequest) -> HttpResponse:
    """Add an outlet."""
    form = OutletForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            made = operations.open_outlet(
                fields.pop("region"),
                fields.pop("code"),
                fields.pop("name"),
                by=request.access,
                at=timezone.now(),
                **fields,
            )
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            return go("outlets:outlet", made.pk)
    context = {
        "form": form,
        "regions": Region.objects.filter(company_id=request.access.company_id).exists(),
        "crumbs": [(gettext("Outlets"), reverse("outlets:list"))],
    }
    return show(request, "outlets/outlet_form.html", context, status=422 if form.errors else 200)


@page(MANAGE, "GET", "POST", scope=Scope.PLACES, audit="outlets:outlet:changed", rate="write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an outlet's name, region, contact and contract."""
    found = get_object_or_404(held(Outlet.objects.visible_to(request.access, MANAGE), request), pk=pk)
    form = OutletForm(request.POST or None, instance=found, access=request.access)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        fields.pop("code")
        try:
            operations.change_outlet(
                found,
                fields.pop("region"),
                fields.pop("name"),
                by=request.access,
                at=timezone.now(),
                **fields,
            )
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            return go("outlets:outlet", pk)
    crumbs = [
        (gettext("Outlets"), reverse("outlets:list")),
        (str(found.code), reverse("outlets:outlet", args=[pk])),
    ]
    context = {"form": form, "outlet": found, "regions": True, "crumbs": crumbs}
    return show(request, "outlets/outlet_form.html", context, status=form.status)


@page(MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="outlets:region:opened", rate="write")
def regions(request: HttpRequest) -> HttpResponse:
    """The company's regions, and a form for another."""
    form = RegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.open_region(form.cleaned_data["name"], by=request.access, at=timezone.now())
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            return go("outlets:regions")
    context = {
        "form": form,
        "regions": Region.objects.filter(company_id=request.access.company_id)
        .prefetch_related("outlets")
        .order_by("name"),
        "crumbs": [(gettext("Outlets"), reverse("outlets:list"))],
    }
    return show(request, "outlets/regions.html", context, status=422 if form.errors else 200)
