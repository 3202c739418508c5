"""A customer's data in registrations that were made by the code on a label. Asked by the privacy module."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.customers.personal import theirs
from sanbao.products.models import Registration

KINDS = {"registrations": gettext_noop("registrations of appliances")}


def registrations_of(subject: Subject) -> QuerySet[Registration]:
    """Those with this telephone or of this customer; with a name, only those of that name."""
    return theirs(
        Registration.objects.filter(company_id=subject.company_id, erased_at__isnull=True),
        subject,
        name="name",
    )


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(registrations_of(subject).values_list("name", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = registrations_of(subject).select_related("model").order_by("id")
        return {
            "registrations": [
                {
                    "number": row.number,
                    "registered_at": row.registered_at.isoformat(),
                    "serial": row.serial,
                    "model": str(row.model or ""),
                    "purchased_on": row.purchased_on.isoformat(),
                    "seller": row.seller,
                    "name": row.name,
                    "phone": row.phone,
                    "address": row.address,
                    "state": row.get_state_display(),
                }
                for row in rows
            ]
        }

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        open_ = registrations_of(subject).filter(state=Registration.State.WAITING).order_by("id")
        return [
            _("Registration %(number)s is still to be checked.") % {"number": row.number} for row in open_
        ]

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Name, telephone and address go; appliance, days and state stay."""
        ids = list(registrations_of(subject).select_for_update().order_by("id").values_list("pk", flat=True))
        Registration.objects.filter(pk__in=ids).update(
            name=ERASED, phone=ERASED, address="", seller="", erased_at=at
        )
        scrub_history(Registration._meta.db_table, ids)
        scrub_events(Registration._meta.label_lower, ids, ["reason"])
        return {"registrations": len(ids)}
