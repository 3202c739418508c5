"""Reading units."""

import re

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.finding import numbers
from sanbao.customers.history import MOST, Item
from sanbao.customers.models import Customer
from sanbao.edge.search import ends
from sanbao.products.covering import WHOLE
from sanbao.products.models import Cover, Unit

SEE_UNITS = "products:unit:view"
FEWEST = 4


def units(access: Access) -> QuerySet[Unit]:
    """The units a person may look up, with their model."""
    whole = Cover.objects.filter(unit=OuterRef("pk"), component=WHOLE).values("last_day")
    return (
        Unit.objects.visible_to(access, SEE_UNITS)
        .select_related("model")
        .annotate(covered_until=Subquery(whole))
    )


def found_units(access: Access, words: str, *, most: int = 1_000) -> list[int]:
    """The numbers of the units whose serial begins or ends with some words of four characters or more, newest first."""
    serial = re.sub(r"[\s\-]", "", words).upper()
    if len(serial) < FEWEST:
        return []
    rows = Unit.objects.visible_to(access, SEE_UNITS).filter(
        Q(serial__startswith=serial) | ends("serial", serial)
    )
    return numbers(rows, most=most)


def unit_of_serial(company_id: int, serial: str) -> Unit | None:
    """The unit of exactly this serial number, for whoever holds the appliance's label; it names nobody."""
    return Unit.objects.filter(company_id=company_id, serial=serial).select_related("model").first()


def find_units(access: Access, words: str, *, most: int = 8) -> list[Unit]:
    """The few units that some words mean."""
    order = found_units(access, words, most=most)
    rows = units(access).in_bulk(order)
    return [rows[pk] for pk in order if pk in rows]


def chapter(customer: Customer, access: Access) -> list[Item]:
    """A customer's appliances, for the customer's page."""
    rows = units(access).filter(customer=customer).order_by("-id")[:MOST]
    return [
        Item(
            None, f"{unit.model} {unit.serial}", reverse("products:unit", args=[unit.pk]), *cover_words(unit)
        )
        for unit in rows
    ]


def cover_words(unit: Unit) -> tuple[str, str]:
    """How the warranty of a unit from `units` stands today, in words and with its colour."""
    until = unit.covered_until
    if until is None:
        return _("warranty unknown"), "secondary"
    if until >= timezone.localdate():
        return _("in warranty until %(day)s") % {"day": until.isoformat()}, "green"
    return _("out of warranty since %(day)s") % {"day": until.isoformat()}, "orange"
