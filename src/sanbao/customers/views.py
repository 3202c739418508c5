"""Customers: who they are, how to reach them, what they have had from us; duplicates merged and taken apart."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts import finding
from sanbao.audit import unmasking
from sanbao.customers import history, merging, operations, queries
from sanbao.customers.forms import (
    AddressForm,
    ConsentForm,
    ContactForm,
    CoordinatesForm,
    CustomerForm,
    NewCustomerForm,
)
from sanbao.customers.models import Address, Customer, Merge
from sanbao.customers.permissions import May
from sanbao.imports.permissions import May as Imports
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import outlet_choices
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held


def _link(row: Customer) -> str:
    return reverse("customers:customer", args=[row.pk])


def _searched(request: HttpRequest, words: str) -> Q:
    return finding.searched(queries.found, request.access, words)


def _outlets(request: HttpRequest) -> list[tuple[int, str]]:
    return outlet_choices(request.access, May.SEE)


def _served(values: list[str]) -> Q:
    return Q(places__overlap=[int(value) for value in values])


CUSTOMERS = List(
    "customers",
    columns=(
        Column("number", _("Customer number"), kind="code", sort="id", link=_link),
        Column("name", _("Name"), kind="name", link=_link),
        Column("kind", _("Kind"), value="get_kind_display"),
        Column("vip", _("VIP"), kind="badge", value=lambda row: "VIP" if row.vip else "", tone=lambda row: "purple"),
        Column("tags", _("Tags"), value=lambda row: ", ".join(row.tags)),
        Column("reach_by", _("Prefers"), value="get_reach_by_display", shown=False),
        Column("initials", _("Pinyin initials"), shown=False),
        Column("made_at", _("Registered on"), kind="date"),
    ),
    filters=(
        Search("q", _("Telephone or its end, name, initials, number"), by=_searched),
        Choice("kind", _("Kind"), Customer.Kind.choices),
        Choice("outlet", _("Served by"), _outlets, where_of=_served),
        Days("since", _("Registered on"), field="made_at", moments=True),
    ),
    tabs=(
        Tab("all", _("All")),
        Tab("vip", _("VIP"), Q(vip=True)),
        Tab("plan", _("With a service plan"), ~Q(plan="")),
        Tab("quiet", _("Not to be called"), Q(do_not_call=True)),
    ),
    order="-number",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="customers:customers:exported", rate="page")
def customers(request: HttpRequest) -> HttpResponse:
    """The customers one serves (DP-2)."""
    listing = CUSTOMERS.of(request, queries.customers(request.access))
    if listing.wants_export:
        return listing.export(__("Customers"))
    context = {
        "list": listing,
        "may_keep": request.access.may(May.KEEP),
        "may_merge": request.access.may(May.MERGE),
        "may_import": request.access.may(Imports.TAKE_OVER),
    }
    return show(request, "customers/customers.html", context, parts=["list"])


def _found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.access, permission), pk=pk)


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer with everything there is about them; a merged one leads to the one that was kept."""
    found = _found(request, pk)
    if found.merged_into_id and queries.customers(request.access).filter(pk=found.merged_into_id).exists():
        messages.info(request, __("%(number)s was a duplicate of this customer.") % {"number": found.number})
        return go("customers:customer", found.merged_into_id)
    return _shown(request, found)


def _shown(
    request: HttpRequest,
    found: Customer,
    *,
    unmasked: bool = False,
    refusal: Refusal | None = None,
    forms: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    access = request.access
    may_keep = access.may(May.KEEP) and not found.merged_into_id and not found.erased_at
    may_merge = access.may(May.MERGE)
    merges = Merge.objects.filter(kept=found).select_related("gone", "made_by").order_by("-id")
    context = {
        "customer": found,
        "unmasked": unmasked,
        "refusal": refusal,
        "contacts": list(found.contacts.order_by("ended_at", "-preferred", "id")),
        "addresses": list(found.addresses.order_by("ended_at", "-preferred", "id")),
        "consents": list(found.consents.select_related("given_to").order_by("withdrawn_at", "id")),
        "served_by": list(
            Outlet.objects.visible_to(access, May.SEE).filter(pk__in=found.places).order_by("code")
        ),
        "chapters": history.of(found, access),
        "may_keep": may_keep,
        "may_unmask": access.may(May.UNMASK) and not found.erased_at,
        "may_call": access.may("intake:request:register"),
        "same": merging.same_as(found, access) if may_merge and not found.merged_into_id else [],
        "merges": list(merges) if may_merge else [],
        "contact_form": ContactForm(),
        "address_form": AddressForm(),
        "consent_form": ConsentForm(),
    } | (forms or {})
    return show(request, "customers/customer.html", context, status=refusal.status if refusal else status)


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="customers:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    found = _found(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, found, "customers:customer:unmasked")
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return unmasking.once(_shown(request, found, unmasked=True), _link(found))


_DETAILS = ("vip", "tags", "reach_by", "language", "do_not_call", "no_marketing", "plan")


@page(May.KEEP, "GET", "POST", scope=Scope.PLACES, audit=("customers:customer:registered", "customers:customer:amended"), rate="write")  # fmt: skip
def add(request: HttpRequest) -> HttpResponse:
    """Register a customer."""
    form = NewCustomerForm(request.access, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, by, at = form.cleaned_data, request.access, timezone.now()
        try:
            made = operations.register(
                data["name"], kind=data["kind"], phone=data["phone"], email=data["email"], address=data["address"],
                outlet=data["outlet"], note=data["note"], by=by, at=at,
            )  # fmt: skip
            operations.amend(made, {name: data[name] for name in _DETAILS}, by=by, at=at)
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            if merging.same_as(made, by):
                messages.warning(request, __("Somebody with this telephone or address is known already; see below."))  # fmt: skip
            return go("customers:customer", made.pk)
    return show(request, "customers/customer_form.html", {"form": form}, status=form.status)


@page(May.KEEP, "GET", "POST", scope=Scope.PLACES, audit=("customers:customer:amended", ""), rate="write")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known."""
    found = get_object_or_404(held(Customer.objects.visible_to(request.access, May.KEEP), request), pk=pk)
    initial = {name: getattr(found, name) for name in operations.AMENDABLE}
    form = CustomerForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if not data["initials"] or (data["name"] != found.name and data["initials"] == found.initials):
            data.pop("initials")  # made anew from the name
        try:
            operations.amend(found, data, by=request.access, at=timezone.now())
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go("customers:customer", pk)
    return show(
        request, "customers/customer_form.html", {"form": form, "customer": found}, status=form.status
    )


def _beside(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _said(
    request: HttpRequest, pk: int, name: str, form: Any, do: Callable[[Customer, dict[str, Any]], Any]
) -> HttpResponse:
    """One of the small forms on the record page."""
    found = _found(request, pk, May.KEEP)
    if form.is_valid():
        try:
            do(found, form.cleaned_data)
        except Refusal as refusal:
            _beside(form, refusal)
        else:
            return go(f"{_link(found)}#{name}s")
    return _shown(request, found, forms={f"{name}_form": form}, status=422)


@page(May.KEEP, "POST", scope=Scope.PLACES, audit="customers:contact:added", rate="write")
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    """One more way to reach the customer."""
    by, at = request.access, timezone.now()
    return _said(
        request, pk, "contact", ContactForm(request.POST), lambda who, data: operations.add_contact(who, **data, by=by, at=at)
    )  # fmt: skip


@page(May.KEEP, "POST", scope=Scope.PLACES, audit="customers:address:added", rate="write")
def address_new(request: HttpRequest, pk: int) -> HttpResponse:
    """One more address."""
    by, at = request.access, timezone.now()
    return _said(
        request, pk, "address", AddressForm(request.POST), lambda who, data: operations.add_address(who, **data, by=by, at=at)
    )  # fmt: skip


@page(May.KEEP, "POST", scope=Scope.PLACES, audit="customers:consent:given", rate="write")
def consent_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer agrees to something."""
    by, at = request.access, timezone.now()
    return _said(
        request, pk, "consent", ConsentForm(request.POST), lambda who, data: operations.give_consent(who, **data, by=by, at=at)
    )  # fmt: skip


def _ended(request: HttpRequest, pk: int, kind: str, number: int, do: Callable[..., Any]) -> HttpResponse:
    found = _found(request, pk, May.KEEP)
    thing = get_object_or_404(getattr(found, kind), pk=number)
    try:
        do(thing, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    return go(f"{_link(found)}#{kind}")


@page(May.KEEP, "POST", scope=Scope.PLACES, audit="customers:contact:ended", rate="write")
def contact_end(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """It no longer reaches the customer."""
    return _ended(request, pk, "contacts", number, operations.end_contact)


@page(May.KEEP, "POST", scope=Scope.PLACES, audit=("customers:address:located", ""), rate="write")
def address_locate(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Where it lies, or that this is forgotten."""
    form = CoordinatesForm(request.POST)
    if not form.is_valid():
        return _shown(request, _found(request, pk, May.KEEP), refusal=Refusal(form.errors["coordinates"][0]))

    def locate(address: Address, **now: Any) -> None:
        operations.locate_address(address, form.cleaned_data["coordinates"], **now)

    return _ended(request, pk, "addresses", number, locate)


@page(May.KEEP, "POST", scope=Scope.PLACES, audit="customers:address:ended", rate="write")
def address_end(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """It is no longer the customer's."""
    return _ended(request, pk, "addresses", number, operations.end_address)


@page(May.KEEP, "POST", scope=Scope.PLACES, audit=("customers:consent:withdrawn", ""), rate="write")
def consent_withdraw(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The customer takes it back."""
    return _ended(request, pk, "consents", number, operations.withdraw_consent)


@page(May.MERGE, scope=Scope.COMPANY, audit=None, rate="page")
def duplicates(request: HttpRequest) -> HttpResponse:
    """Records that look like one customer."""
    context = {"pairs": merging.pairs(request.access), "looked_at": merging.LOOKED_AT}
    return show(request, "customers/duplicates.html", context)


@page(May.MERGE, "GET", "POST", scope=Scope.COMPANY, audit="customers:customer:merged", rate="write")
def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two records side by side; `other` was the duplicate if they are merged."""
    kept, gone = _found(request, pk, May.MERGE), _found(request, other, May.MERGE)
    refusal = None
    if request.method == "POST":
        try:
            merging.merge(gone, kept, by=request.access, at=timezone.now())
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, __("%(gone)s is merged into %(kept)s; it can be undone for %(days)d days.") % {"gone": gone.number, "kept": kept.number, "days": merging.UNDO_DAYS})  # fmt: skip
            return go("customers:customer", kept.pk)
    sides = [
        {
            "customer": each,
            "contacts": list(each.contacts.filter(ended_at__isnull=True).order_by("-preferred", "id")),
            "addresses": list(each.addresses.filter(ended_at__isnull=True).order_by("-preferred", "id")),
            "chapters": [(title, len(items)) for _key, title, items in history.of(each, request.access)],
        }
        for each in (kept, gone)
    ]
    context = {"kept": kept, "gone": gone, "sides": sides, "refusal": refusal, "days": merging.UNDO_DAYS}
    return show(request, "customers/merge.html", context, status=refusal.status if refusal else 200)


@page(May.MERGE, "POST", scope=Scope.COMPANY, audit="customers:customer:unmerged", rate="write")
def undo_merge(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take two records apart again."""
    kept = _found(request, pk, May.MERGE)
    done = get_object_or_404(Merge.objects.filter(kept=kept), pk=number)
    try:
        gone = merging.undo(done, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return _shown(request, kept, refusal=refusal)
    messages.success(request, __("%(number)s stands by itself again.") % {"number": gone.number})
    return go("customers:customer", gone.pk)
