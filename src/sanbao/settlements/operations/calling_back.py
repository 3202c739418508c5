"""Sheets that arrive are called back (KA-9.1, KA-11.2): settlements hand them down to callbacks the same day; withdrawn ones are taken back."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.callbacks import operations as callbacks
from sanbao.callbacks.operations import Paper
from sanbao.settlements.models import Sheet


def sheets_arrived(sheets: Sequence[Sheet], *, by: Access, at: datetime) -> None:
    """Plan their callbacks, once for each job."""
    callbacks.plan_for_sheets([_paper(sheet, at) for sheet in sheets], by=by, at=at)


def sheet_withdrawn(sheet: Sheet, *, by: Access, at: datetime) -> None:
    """Nobody is called about a sheet that counts no more."""
    callbacks.withdraw_sheet(sheet.pk, by=by, at=at)


def _paper(sheet: Sheet, at: datetime) -> Paper:
    return Paper(
        number=sheet.number, kind="repair", outlet=sheet.outlet, completed_on=sheet.completed_on, arrived_on=timezone.localdate(at),
        sheet=sheet.pk, contact=sheet.customer, phone=sheet.phone.partition("/")[0], address=sheet.address, model=sheet.model,
        serial=sheet.serial, fault=sheet.fault, action=sheet.action, component=sheet.component, engineer=sheet.engineer,
        charged_fen=sheet.charged_fen, cover="out" if sheet.claimed_out else "",
    )  # fmt: skip
