"""The appliance before the engineer: which it is, and whether it is in warranty (KA-5.1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.products.queries import unit_of_serial
from sanbao.ui.refusal import Refusal
from sanbao.workorders import covering
from sanbao.workorders.models import Order
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up


@transaction.atomic
def identify(order: Order, serial: str, *, by: Access, at: datetime) -> Order:
    """Write down the serial number on the appliance itself. A known one brings its unit, and the warranty is decided anew (KA-5.1)."""
    found = taken_up(order, by)
    refuse_ended(found)
    serial = serial.strip().upper()[:60]
    if not serial:
        raise Refusal(_("Scan the label, or type the serial number."), field="serial", code="serial")
    unit = unit_of_serial(found.company_id, serial)
    known = {"unit": found.unit_id, "serial": found.serial}
    found.unit, found.serial = unit, serial
    if unit is not None:
        found.model = unit.model.code
    if known["unit"] != found.unit_id:
        covering.decide(found, by=by, at=at)
    grown(found)
    audit.record("workorders:order:identified", found, by=by, at=at, outlet_id=found.outlet_id, known=unit is not None)  # fmt: skip
    return found
