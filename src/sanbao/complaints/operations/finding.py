"""The complaint an operation works on, locked."""

from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit.moves import refuse_stale
from sanbao.complaints.models import Complaint
from sanbao.complaints.states import OPEN
from sanbao.ui.refusal import Refusal


def locked(
    complaint: Complaint,
    permission: str,
    by: Access,
    version: int | None = None,
    *,
    may_be_over: bool = False,
) -> Complaint:
    """The row, if it is in the person's reach, locked and as it is now; a Refusal for one that is over."""
    by.require(permission)
    rows = Complaint.objects.visible_to(by, permission).select_for_update(of=("self",))
    found: Complaint = rows.select_related("request", "customer", "company").get(pk=complaint.pk)
    refuse_stale(found, version)
    if not may_be_over and found.state not in OPEN:
        raise Refusal(
            _("%(complaint)s is “%(state)s”: nothing is changed in it any more.") % {"complaint": found, "state": found.get_state_display()},
            code="over",
        )  # fmt: skip
    return found
