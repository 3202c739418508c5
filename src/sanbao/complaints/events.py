"""What becomes of complaints, for the modules above: plain lists of functions, called in the caller's transaction with (complaint, by=, at=).

PROVEN: a complaint was found justified. Whoever settles may propose a finding on the sheets of its orders; see `late_service`.
TOLD: its customer was told the result. CALLED_BACK: the customer was called, or it was taken up again; there is nothing to call about any more.
"""

from collections.abc import Callable
from datetime import datetime

from sanbao.accounts.access import Access
from sanbao.complaints.models import Complaint

Listener = Callable[..., None]

REGISTERED: list[Listener] = []
PROVEN: list[Listener] = []
TOLD: list[Listener] = []
CALLED_BACK: list[Listener] = []

# What a justified complaint may cost the outlet: the matter, and the kind of finding it may become (KA-11.2).
FINDINGS = {"delay": "late_service", "charge": "overcharge"}


def tell(listeners: list[Listener], complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Tell everybody who listens."""
    for listener in listeners:
        listener(complaint, by=by, at=at)


def finding_of(complaint: Complaint) -> str:
    """The kind of finding a justified complaint may become; "" where none follows."""
    return FINDINGS.get(complaint.kind, "")
