"""Read first, then act: whoever was asked to read something and has not by the due day can't do what the campaign names.

Operations above call `require_read(action, …)` with the permission they are about to use; campaigns name such permissions in `stops`.
One statement where nobody is held up, which is nearly always.
"""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts.access import Access
from sanbao.documents.models import Campaign, Reading
from sanbao.ui.refusal import Leading, Refusal

# What can rest until somebody has read: the operations of these permissions call `require_read`.
ACTIONS = {
    "settlements:sheet:hand-in": gettext_lazy("hand in record sheets"),
    "settlements:statement:submit": gettext_lazy("submit statements"),
    "workorders:order:dispatch": gettext_lazy("dispatch work orders"),
    "workorders:own:work": gettext_lazy("accept new work orders"),
}


class ReadFirst(Refusal):
    """Something must be read before this can be done; `details` say what and where."""


def require_read(action: str, *, by: Access, at: datetime) -> None:
    """Refuse, with the name and the address of what is to be read, while the person owes a reading that holds the action up."""
    if str(action) not in ACTIONS or by.person_id is None or by.company_id is None:
        return
    today = timezone.localdate(at)
    owed = (
        Reading.objects.of(by)
        .filter(
            campaign__state=Campaign.State.RUNNING,
            campaign__stops__contains=[str(action)],
            confirmed_at__isnull=True,
            left_on__isnull=True,
            due_on__lt=today,
        )
        .select_related("campaign")
        .order_by("due_on", "pk")
        .first()
    )
    if owed is None:
        return
    page = reverse("documents:reading", args=[owed.campaign_id])
    sentence = _(
        "First read and confirm “%(title)s”, which was due on %(day)s: %(page)s Then go on here."
    ) % {"title": owed.campaign.title, "day": owed.due_on, "page": page}
    raise ReadFirst(
        Leading(sentence, page),
        code="read_first", details={"campaign": owed.campaign_id, "title": owed.campaign.title, "page": page},
    )  # fmt: skip
