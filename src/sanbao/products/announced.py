"""What other systems can subscribe to of units (sanbao.hooks)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.hooks.kinds import Kind
from sanbao.products.models import Unit


def _shown(unit: Unit) -> dict[str, Any]:
    """A unit; whose it is stands behind the customer's number."""
    return {
        "type": "unit", "id": unit.pk, "serial": unit.serial, "model": unit.model.code, "customer": unit.customer_id,
        "purchased_on": unit.purchased_on.isoformat() if unit.purchased_on else None,
        "installed_on": unit.installed_on.isoformat() if unit.installed_on else None,
        "path": reverse("products:unit", args=[unit.pk]),
    }  # fmt: skip


KINDS = (
    Kind(
        "unit.registered", _("Unit registered"), ("products:unit:registered",), _shown,
        example={
            "type": "unit", "id": 306, "serial": "CXW260A8260000001", "model": "CXW-260-A8", "customer": 812,
            "purchased_on": "2026-01-10", "installed_on": "2026-01-12", "path": "/products/units/306/",
        },
    ),
)  # fmt: skip
