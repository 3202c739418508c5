"""Models and parts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.products import operations
from sanbao.products.facts import Caps, categories
from sanbao.products.forms import ModelForm, PartForm
from sanbao.products.models import Model, Part
from sanbao.ui import cells
from sanbao.ui.formats import language
from sanbao.ui.lists import Choice, Column, List, Search
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held
from sanbao.ui.why import answer_why

SEE, MANAGE = "products:product:view", "products:product:manage"


def _categories(request: HttpRequest) -> list[tuple[str, str]]:
    return categories(request.access.company_id, timezone.localdate(), language())


def _model_list(request: HttpRequest) -> List:
    names = dict(_categories(request))
    link: Callable[[Model], str] | None = (
        (lambda m: reverse("products:model", args=[m.pk])) if request.access.may(MANAGE) else None
    )
    return List(
        "models",
        columns=(
            Column("code", _("Model"), kind="code", sort="code", link=link),
            Column("name", _("Product name"), sort="name"),
            Column(
                "category", _("Category"), value=lambda m: names.get(m.category, m.category), sort="category"
            ),
            Column("parts", _("Parts"), kind="number", value=lambda m: len(m.parts.all())),
        ),
        filters=(
            Search("q", _("Search"), ("code__icontains", "name__icontains")),
            Choice("category", _("Category"), _categories),
        ),
        order="code",
    )


@page(SEE, scope=Scope.COMPANY, audit="products:models:exported", rate="page")
def models(request: HttpRequest) -> HttpResponse:
    """The models the company makes."""
    rows = Model.objects.visible_to(request.access, SEE).prefetch_related("parts")
    listing = _model_list(request).of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Models"))
    return show(
        request,
        "products/models.html",
        {"list": listing, "may_manage": request.access.may(MANAGE)},
        parts=["list"],
    )


def _part_list(request: HttpRequest) -> List:
    caps = Caps(request.access.company_id, timezone.localdate())
    link: Callable[[Part], str] | None = (
        (lambda p: reverse("products:part", args=[p.pk])) if request.access.may(MANAGE) else None
    )
    return List(
        "parts",
        columns=(
            Column("code", _("Part number"), kind="code", sort="code", link=link),
            Column("name", _("Part name"), sort="name"),
            Column("supply_price", _("Supply price"), kind="amount", value="supply_price_fen", sort="supply_price_fen"),
            Column(
                "cap", _("Highest price out of warranty"), kind="amount", value=caps.cap,
                why=lambda p: reverse("products:part-why", args=[p.pk]),
            ),
            Column("component", _("Component"), sort="component"),
            Column("fits", _("Fits"), value=lambda p: ", ".join(m.code for m in p.fits.all())),
        ),
        filters=(Search("q", _("Search"), ("code__icontains", "name__icontains", "component__icontains", "fits__code__iexact")),),
        order="code",
    )  # fmt: skip


@page(SEE, scope=Scope.COMPANY, audit="products:parts:exported", rate="page")
def parts(request: HttpRequest) -> HttpResponse:
    """Spare parts with the outlet's price and the most a customer may be charged out of warranty (KA-6.2)."""
    rows = Part.objects.visible_to(request.access, SEE).prefetch_related("fits")
    listing = _part_list(request).of(request, rows)
    if listing.wants_export:
        return listing.export(gettext("Parts"))
    return show(
        request,
        "products/parts.html",
        {"list": listing, "may_manage": request.access.may(MANAGE)},
        parts=["list"],
    )


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def cap_why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a part may cost no more than it may (KA-6.2)."""
    part = get_object_or_404(Part.objects.visible_to(request.access, SEE), pk=pk)
    caps = Caps(request.access.company_id, timezone.localdate())
    why = caps.why(
        part, language(), answer=cells.amount(caps.cap(part), mark=True),
        edition_url=reverse("regulations:book", args=["charges"]),
    )  # fmt: skip
    return answer_why(request, why, title=gettext("Highest price out of warranty"))


def _beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@page(MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="products:model:*", rate="write")
def keep_model(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a model, or change one."""
    models = Model.objects.visible_to(request.access, MANAGE)
    model = get_object_or_404(held(models, request), pk=pk) if pk else None
    initial = {"code": model.code, "name": model.name, "category": model.category} if model else {}
    form = ModelForm(request.POST or None, initial=initial, categories=_categories(request))
    if model:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        if (
            model is None
            and Model.objects.filter(
                company_id=request.access.company_id, code=fields["code"].strip().upper()
            ).exists()
        ):
            form.add_error("code", gettext("There is already a model with this name."))
        else:
            operations.keep_model(
                fields["code"], fields["category"], name=fields["name"], by=request.access, at=timezone.now()
            )
            return go("products:models")
    context = {"form": form, "model": model, "crumbs": [(gettext("Models"), reverse("products:models"))]}
    return show(request, "products/model_form.html", context, status=form.status)


@page(MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="products:part:*", rate="write")
def keep_part(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a part, or change one."""
    parts = Part.objects.visible_to(request.access, MANAGE)
    part = get_object_or_404(held(parts, request), pk=pk) if pk else None
    initial: dict[str, Any] = {}
    if part:
        initial = {
            "code": part.code, "name": part.name, "component": part.component,
            "supply_price": f"{part.supply_price_fen / 100:.2f}", "fits": part.fits.all(),
        }  # fmt: skip
    form = PartForm(request.POST or None, initial=initial, company_id=request.access.company_id)
    if part:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        if (
            part is None
            and Part.objects.filter(
                company_id=request.access.company_id, code=fields["code"].strip().upper()
            ).exists()
        ):
            form.add_error("code", gettext("There is already a part with this number."))
        else:
            try:
                operations.keep_part(
                    fields["code"], fields["name"], int(fields["supply_price"] * 100), component=fields["component"],
                    fits=fields["fits"], by=request.access, at=timezone.now(),
                )  # fmt: skip
            except Refusal as refusal:
                _beside(form, refusal)
            else:
                return go("products:parts")
    context = {"form": form, "part": part, "crumbs": [(gettext("Parts"), reverse("products:parts"))]}
    return show(request, "products/part_form.html", context, status=form.status)
