"""A customer's telephone in codes and visits. Asked by the privacy module."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.personal import Hold, Subject
from sanbao.portal.models import Code, Visit

KINDS = {"visits": gettext_noop("visits to the customers' pages")}


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set()

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = Visit.objects.filter(company_id=subject.company_id, phone=subject.phone).order_by("id")
        return {
            "visits": [
                {"phone": row.phone, "begun_at": row.begun_at.isoformat()} for row in rows if subject.phone
            ]
        }

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        return []

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """They serve nothing any more; a visit that runs ends with it."""
        if not subject.phone:
            return {"visits": 0}
        of = {"company_id": subject.company_id, "phone": subject.phone}
        Code.objects.filter(**of).delete()
        return {"visits": Visit.objects.filter(**of).delete()[0]}
