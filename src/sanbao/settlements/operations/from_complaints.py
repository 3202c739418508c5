"""A complaint found justified may cost the outlet something: a finding is proposed on the sheets of its orders (KA-11.2).

It costs nothing until a second person confirms it. A complaint that is about no order, or whose order has no sheet yet, proposes nothing here:
whoever keeps findings registers it by hand.
"""

from datetime import datetime

from django.urls import reverse

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.complaints import events
from sanbao.complaints.models import Complaint
from sanbao.settlements.models import Sheet
from sanbao.settlements.operations.proposing import propose_finding
from sanbao.ui.refusal import Refusal


def propose(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """In the transaction of the verification. What stands on a sheet already is not proposed again."""
    kind = events.finding_of(complaint)
    if not kind:
        return
    with scope.as_owner("the sheets of a complaint's orders: whoever verifies it need not see them"):
        rows = Sheet.objects.filter(company_id=complaint.company_id, order__in=complaint.orders.all())
        sheets = list(rows.filter(withdrawn_at__isnull=True).order_by("id"))
    for sheet in sheets:
        try:
            propose_finding(
                sheet, kind, note=f"{complaint.number} {complaint.subject}", evidence=[complaint.finding], source="complaint",
                source_path=reverse("complaints:complaint", args=[complaint.pk]), by=by, at=at,
            )  # fmt: skip
        except Refusal:
            continue  # it stands there already
