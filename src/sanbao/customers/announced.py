"""What other systems can subscribe to of customers (sanbao.hooks)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.customers.models import Customer
from sanbao.hooks.kinds import Kind


def _shown(customer: Customer) -> dict[str, Any]:
    """A customer without people's data."""
    return {
        "type": "customer", "id": customer.pk, "number": customer.number, "kind": customer.kind, "vip": customer.vip,
        "merged_into": customer.merged_into_id, "path": reverse("customers:customer", args=[customer.pk]),
    }  # fmt: skip


def _person(number: int) -> dict[str, Any]:
    customer = Customer.objects.filter(pk=number).first()
    if customer is None:
        return {}
    contacts = customer.contacts.filter(ended_at__isnull=True).order_by("-preferred", "id")
    addresses = customer.addresses.filter(ended_at__isnull=True).order_by("-preferred", "id")
    return {
        "name": customer.name,
        "contacts": list(contacts.values("name", "phone", "email")[:20]),
        "addresses": list(addresses.values_list("text", flat=True)[:20]),
    }


_EXAMPLE = {"type": "customer", "id": 812, "number": "C-1024", "kind": "person", "vip": False, "merged_into": None, "path": "/customers/812/"}  # fmt: skip

KINDS = (
    Kind("customer.registered", _("Customer registered"), ("customers:customer:registered",), _shown, person=_person, example=_EXAMPLE),
    Kind(
        "customer.amended", _("Customer amended"),
        (
            "customers:customer:amended", "customers:customer:merged", "customers:customer:unmerged", "customers:contact:added",
            "customers:contact:ended", "customers:address:added", "customers:address:ended",
        ),
        _shown, ("fields", "gone"), person=_person, example=_EXAMPLE,
    ),
)  # fmt: skip
