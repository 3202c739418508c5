"""Settled months are closed: whatever feeds a statement asks here first."""

from datetime import date

from django.utils.translation import gettext as _

from sanbao.outlets.models import Outlet
from sanbao.settlements.models import Statement
from sanbao.settlements.states import State
from sanbao.ui.refusal import Refusal


def open_month(outlet: Outlet, month: date) -> None:
    """Lock the outlet's month for a change to its sheets, findings or receipt; refuse when it is settled.

    A draft made before the change is marked as outdated. Called inside the transaction of the change.
    """
    Outlet.objects.select_for_update(no_key=True).get(pk=outlet.pk)
    live = Statement.objects.filter(outlet=outlet, month=month).exclude(state=State.REVERSED).first()
    if live is None:
        return
    if live.state != State.DRAFT:
        raise Refusal(
            _("The month %(month)s of %(outlet)s is closed: statement %(number)s is %(state)s. A correction needs the "
              "statement to be sent back or reversed first.")
            % {
                "month": f"{month:%Y-%m}",
                "outlet": outlet.code,
                "number": live.number,
                "state": live.get_state_display(),
            },
            code="closed",
        )  # fmt: skip
    if not live.outdated:
        live.outdated = True
        live.save(update_fields=["outdated"])
