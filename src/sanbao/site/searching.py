"""Search over the desk from any page: requests, customers and units that a few words or digits mean, a handful of each, masked.

The numbers of all three are asked in one statement, each by its own index; the rows are then read in scope, group by group, and only
where something was found.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.finding import each_inside, together
from sanbao.customers.models import Contact
from sanbao.customers.permissions import May as Customers
from sanbao.customers.queries import FEWEST_DIGITS, customers, digits_of, named
from sanbao.edge.search import ends, text_of
from sanbao.intake.models import Request
from sanbao.intake.models.requests import SEARCHED
from sanbao.intake.permissions import May as Desk
from sanbao.intake.queries import requests
from sanbao.products.models import Unit
from sanbao.products.queries import FEWEST, SEE_UNITS, units
from sanbao.ui.filters import Unreadable, clean_text
from sanbao.ui.formats import masked_name, masked_phone

MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    title: str
    hits: list[Hit]


def search(access: Access, typed: str) -> list[Group]:
    """What some words mean to this person; nothing where they say too little or cannot be read."""
    try:
        words = clean_text(typed)
    except Unreadable:
        return []
    pieces = _pieces(access, words)
    if not pieces:
        return []
    with together():
        told = list(pieces[0].union(*pieces[1:], all=True) if len(pieces) > 1 else pieces[0])
    found: dict[str, list[int]] = {}
    for kind, pk in told:
        found.setdefault(kind, []).append(pk)
    groups = [
        Group(_("Requests"), _requests(access, found)),
        Group(_("Customers"), _customers(access, found.get("customer", []))),
        Group(_("Units"), _units(access, found.get("unit", []))),
    ]
    return [group for group in groups if group.hits]


def _pieces(access: Access, words: str) -> list[QuerySet[Any]]:
    """The numbers asked for, each with its kind: by request's number, telephone or its tail, serial number or its tail, name, initials, text."""
    words = digits_of(words) or words
    plain = re.sub(r"[\s\-]", "", words)
    digits = plain if plain.isdigit() and len(plain) >= FEWEST_DIGITS else ""
    pieces = []
    if access.may(Desk.SEE) and len(words) >= 2:
        where = Q(number=words.upper())
        if digits:
            where |= Q(number__endswith=f"-{digits}") | Q(phone=digits)
        if plain.isascii() and len(plain) >= FEWEST:
            where |= Q(serial=plain.upper())
        rows = Request.objects.visible_to(access, Desk.SEE)
        pieces.append(_asked(rows.filter(where), "request"))
        if not plain.isdigit():
            pieces.append(_asked(rows.filter(each_inside(text_of(*SEARCHED), words)), "request"))
    if access.may(Customers.SEE):
        if digits:
            contacts = Contact.objects.visible_to(access, Customers.SEE).filter(
                ends("phone", digits) | Q(phone__startswith=digits), ended_at__isnull=True, customer__merged_into__isnull=True
            )  # fmt: skip
            pieces.append(_asked(contacts, "customer", "customer_id"))
        elif words and not plain.isdigit():
            pieces.append(_asked(customers(access).filter(named(words)), "customer"))
    if access.may(SEE_UNITS) and len(plain) >= FEWEST:
        serial = plain.upper()
        rows = Unit.objects.visible_to(access, SEE_UNITS)
        pieces.append(_asked(rows.filter(Q(serial__startswith=serial) | ends("serial", serial)), "unit"))
    return pieces


def _asked(rows: QuerySet[Any], kind: str, number: str = "pk") -> QuerySet[Any]:
    told = rows.annotate(found_as=Value(kind, output_field=CharField()))
    return told.order_by("-pk").values_list("found_as", number)[:MOST]


def _requests(access: Access, found: dict[str, list[int]]) -> list[Hit]:
    """The requests themselves, and those of the customers and units that were found."""
    if not found or not access.may(Desk.SEE):
        return []
    where = Q(pk__in=found.get("request", []))
    where |= Q(customer__in=found.get("customer", [])) | Q(unit__in=found.get("unit", []))
    return [
        Hit(
            f"{row.number} {row.subject}", f"{row.get_state_display()} · {masked_name(row.contact)} {masked_phone(row.phone)}".rstrip(" ·"),
            reverse("intake:request", args=[row.pk]),
        )
        for row in requests(access).filter(where).order_by("-id")[:MOST]
    ]  # fmt: skip


def _customers(access: Access, found: list[int]) -> list[Hit]:
    rows = customers(access).filter(pk__in=found).order_by("-pk")[:MOST] if found else []
    return [
        Hit(f"{masked_name(row.name)} {row.number}", "VIP" if row.vip else "", reverse("customers:customer", args=[row.pk]))
        for row in rows
    ]  # fmt: skip


def _units(access: Access, found: list[int]) -> list[Hit]:
    rows = units(access).filter(pk__in=found).order_by("-pk")[:MOST] if found else []
    return [Hit(f"{row.serial}", str(row.model), reverse("products:unit", args=[row.pk])) for row in rows]
