"""A closed order in warranty writes its record sheet by itself (KA-11.1): the month is settled without Excel. Whoever hands in files still can.

The module of orders announces what becomes of them; nobody in person does this, so the permission is not asked.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.callbacks import operations as callbacks
from sanbao.outlets.models import Outlet
from sanbao.settlements import telling
from sanbao.settlements.models import Receipt, Sheet
from sanbao.settlements.operations.closing import open_month
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.states import Kind
from sanbao_rules.periods import add_months
from sanbao_rules.settlement import REQUIRED_FIELDS

# Repairs, and what else is done in warranty for a fee of the tariff. Training and inspections have none.
PAID = (Kind.REPAIR, Kind.REPLACEMENT, Kind.MAINTENANCE)


@transaction.atomic
def write(order: Order, *, by: Access, at: datetime) -> Sheet | None:
    """Write the sheet of an order that was closed; None where there is none to write: out of warranty, headquarters' own work, no repair.

    A repeat repair's sheet is written as every other: what the outlet is paid for it is the settlement book's, which says nothing of
    repeats. The sheet's page says that it is one, for who checks the month.

    It belongs to the month in which the work was done; if that is settled already, to the first open month after it.
    """
    if order.outlet is None or order.cover != Order.Cover.IN or order.kind not in PAID:
        return None
    with scope.as_owner("an order closed by headquarters or by the customer writes a sheet of its outlet"):
        outlet = Outlet.objects.select_related("region").get(pk=order.outlet_id)
        month = _month(outlet, order, at)
        fields = _told(order)
        sheet = Sheet.objects.create(
            company_id=order.company_id, outlet=outlet, month=month, order=order, made_at=at, made_by_id=by.person_id,
            missing=[name for name in REQUIRED_FIELDS if not fields.get(name)], **fields,
        )  # fmt: skip
        _note_electronic_copy(outlet, month, by, at)
        callbacks.join_sheet(order, sheet.pk, by=by, at=at)
        audit.record(
            "settlements:sheet:written", sheet, by=by, at=at, outlet_id=outlet.pk, order=order.number, missing=sheet.missing,
            repeat_of=order.repeat_of.number if order.repeat_of else "",
        )  # fmt: skip
    return sheet


def _month(outlet: Outlet, order: Order, at: datetime) -> date:
    """The month of the work, or the first one after it that is not settled; locked for the change."""
    month = timezone.localdate(order.done_at or at).replace(day=1)
    while True:
        try:
            open_month(outlet, month)
        except Refusal as refusal:
            if refusal.code != "closed":
                raise
            month = add_months(month, 1)
        else:
            return month


def _told(order: Order) -> dict[str, object]:
    unit = order.unit
    times = order.sheets.count()
    return {
        "number": order.number if not times else f"{order.number}-{times + 1}",
        "customer": order.contact[:60],
        "phone": order.phone,
        "address": order.address,
        "model": order.model.upper(),
        "serial": order.serial,
        "purchased_on": unit.purchased_on if unit else None,
        "installed_on": unit.installed_on if unit else None,
        "reported_on": timezone.localdate(order.reported_at),
        "completed_on": timezone.localdate(order.done_at or order.signed_at),
        "fault": order.fault,
        "action": order.action,
        "component": order.component,
        "work": order.work or Sheet.Work.ADJUST,
        "km": order.km,
        "charged_fen": order.charged_fen,
        "engineer": order.engineer.name[:60] if order.engineer else "",
    }


def _note_electronic_copy(outlet: Outlet, month: date, by: Access, at: datetime) -> None:
    """The month's electronic copy is there from the first sheet on that the program writes."""
    receipt, _made = Receipt.objects.get_or_create(
        outlet=outlet,
        month=month,
        defaults={"company_id": outlet.company_id, "made_at": at, "made_by_id": by.person_id},
    )
    if receipt.electronic_on is None:
        receipt.electronic_on = max(timezone.localdate(at), month)
        receipt.save(update_fields=["electronic_on"])
        audit.record("settlements:receipt:registered", receipt, by=by, at=at, outlet_id=outlet.pk, electronic_on=receipt.electronic_on.isoformat())  # fmt: skip


@transaction.atomic
def take_back(order: Order, *, by: Access, at: datetime) -> None:
    """An order was reopened: its sheet is withdrawn while the month is open; in a settled month whoever settles is told, and decides on a reversal."""
    with scope.as_owner("an order reopened by headquarters takes back a sheet of its outlet"):
        for sheet in Sheet.objects.filter(order=order, withdrawn_at__isnull=True).select_related("outlet"):
            try:
                open_month(sheet.outlet, sheet.month)
            except Refusal as refusal:
                if refusal.code != "closed":
                    raise
                telling.reopened(sheet, by=by, at=at)
                continue
            if sheet.findings.live().exists():
                telling.reopened(sheet, by=by, at=at)
                continue
            sheet.withdrawn_at = at
            sheet.save(update_fields=["withdrawn_at"])
            audit.record(
                "settlements:sheet:withdrawn",
                sheet,
                by=by,
                at=at,
                outlet_id=sheet.outlet_id,
                order=order.number,
            )
            callbacks.withdraw_sheet(sheet.pk, by=by, at=at)
            telling.withdrawn(sheet, by=by, at=at)
