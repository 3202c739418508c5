"""Accounts, their postings, and entries. Reading only: entries are written by what happens elsewhere."""

from typing import Any

from django.apps import apps
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.ledger.models import Account, Entry, Posting
from sanbao.ledger.words import account_word, kind_word
from sanbao.ui.links import page_of
from sanbao.ui.lists import Choice, Column, Days, List, Reference, Search
from sanbao.ui.pages import Scope, page, show

SEE = "ledger:account:view"


def _place() -> Any:
    """The outlet an account is kept for, by name. Looked up by the app registry: outlets stand above the ledger."""
    outlets = apps.get_model("outlets", "Outlet").objects.filter(pk=OuterRef("outlet_id"))
    said = outlets.annotate(said=Concat("code", Value(" "), "name")).values("said")
    return Coalesce(Subquery(said, output_field=CharField()), Value(""))


def _visible(request: HttpRequest) -> Any:
    return Account.objects.visible_to(request.access, SEE).annotate(place=_place())


def _codes(request: HttpRequest) -> list[tuple[str, Any]]:
    codes = (
        Account.objects.visible_to(request.access, SEE)
        .order_by("code")
        .values_list("code", flat=True)
        .distinct()
    )
    return [(code, account_word(code)) for code in codes]


ACCOUNTS = List(
    "accounts",
    columns=(
        Column(
            "code", _("Account"), value=lambda a: account_word(a.code), sort="code",
            link=lambda a: reverse("ledger:account", args=[a.pk]),
        ),
        Column("place", _("Outlet"), value=lambda a: a.place or _("the company")),
        Column("balance", _("Balance"), kind="amount", sort="balance", total="balance"),
    ),
    filters=(
        Search("q", _("Search"), ("place__icontains",)),
        Choice("code", _("Account"), _codes),
        Reference("outlet", _("Outlet"), field="outlet_id"),
    ),
    order="code",
)  # fmt: skip

POSTINGS = List(
    "postings",
    columns=(
        Column("at", _("When"), kind="date", value="entry.at"),
        Column(
            "entry",
            _("Entry"),
            value=lambda p: kind_word(p.entry.kind),
            link=lambda p: reverse("ledger:entry", args=[p.entry_id]),
        ),
        Column("debit", _("Debit"), kind="amount", value=lambda p: p.amount if p.amount > 0 else None),
        Column("credit", _("Credit"), kind="amount", value=lambda p: -p.amount if p.amount < 0 else None),
        Column("by", _("Who"), value="entry.by"),
        Column("key", _("Key"), kind="code", value="entry.key", shown=False),
    ),
    filters=(Days("at", _("When"), field="entry__at", moments=True),),
)


@page(SEE, scope=Scope.PLACES, audit="ledger:accounts:exported", rate="page")
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts one may see, with their balances."""
    listing = ACCOUNTS.of(request, _visible(request))
    if listing.wants_export:
        return listing.export(gettext("Ledger"))
    return show(request, "ledger/accounts.html", {"list": listing}, parts=["list"])


@page(SEE, scope=Scope.PLACES, audit="ledger:postings:exported", rate="page")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its balance and its postings, newest first."""
    found = get_object_or_404(_visible(request), pk=pk)
    listing = POSTINGS.of(request, Posting.objects.filter(account=found).select_related("entry__by"))
    if listing.wants_export:
        return listing.export(gettext("Ledger"))
    context = {
        "account": found, "name": account_word(found.code), "list": listing,
        "crumbs": [(gettext("Ledger"), reverse("ledger:accounts"))],
    }  # fmt: skip
    return show(request, "ledger/account.html", context, parts=["list"])


@page(SEE, scope=Scope.PLACES, audit=None, rate="page")
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its postings. It is seen by whoever may see one of its accounts; others' accounts stay unlinked."""
    mine = Account.objects.visible_to(request.access, SEE)
    seen = Posting.objects.filter(account__in=mine).values("entry_id")
    found = get_object_or_404(
        Entry.objects.filter(company_id=request.access.company_id, pk__in=seen).select_related(
            "by", "reverses"
        ),
        pk=pk,
    )
    own = set(mine.filter(postings__entry=found).values_list("pk", flat=True))
    lines = [
        {
            "name": account_word(posting.account.code),
            "place": posting.account.place,
            "url": reverse("ledger:account", args=[posting.account_id]) if posting.account_id in own else "",
            "debit": posting.amount if posting.amount > 0 else None,
            "credit": -posting.amount if posting.amount < 0 else None,
        }
        for posting in _lines(found)
    ]
    context = {
        "entry": found, "kind": kind_word(found.kind), "lines": lines,
        "source_url": page_of(found.source, found.source_id, request.access),
        "reversed_by": Entry.objects.filter(reverses=found).first(),
        "total": sum(line["debit"] or 0 for line in lines),
        "crumbs": [(gettext("Ledger"), reverse("ledger:accounts"))],
    }  # fmt: skip
    return show(request, "ledger/entry.html", context)


def _lines(found: Entry) -> list[Posting]:
    postings = list(found.postings.order_by("-amount"))
    accounts = Account.objects.annotate(place=_place()).in_bulk([posting.account_id for posting in postings])
    for posting in postings:
        posting.account = accounts[posting.account_id]
    return postings
