"""A customer's data in complaints: who complained, where to reach them, what was said. Asked by the privacy module."""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.complaints.models import Case, Compensation, Complaint, Entry
from sanbao.complaints.states import OPEN
from sanbao.customers.personal import theirs

KINDS = {"complaints": gettext_noop("complaints")}
_TEXTS = (
    "subject",
    "description",
    "wish",
    "finding",
    "solution",
    "outcome",
    "told",
    "feedback",
    "lesson",
    "reason",
)
_OF_MONEY = ("note", "resolution", "receipt", "reason")


def complaints_of(subject: Subject) -> QuerySet[Complaint]:
    """The complaints with this telephone or of this customer; with a name, only those of that name."""
    return theirs(Complaint.objects.filter(company_id=subject.company_id, erased_at__isnull=True), subject)


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(complaints_of(subject).exclude(contact="").values_list("contact", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        said = Entry.objects.filter(audience=Entry.Audience.CUSTOMER).order_by("id")
        rows = complaints_of(subject).order_by("id")
        rows = rows.prefetch_related(
            Prefetch("entries", said), Prefetch("compensations", Compensation.objects.order_by("id"))
        )
        return {
            "complaints": [
                {
                    "number": row.number,
                    "received_at": row.received_at.isoformat(),
                    "contact": row.contact,
                    "phone": row.phone,
                    "email": row.email,
                    "address": row.address,
                    "model": row.model,
                    "serial": row.serial,
                    **{name: getattr(row, name) for name in _TEXTS},
                    "said": [
                        {"at": entry.at.isoformat(), "what": entry.get_kind_display(), "text": entry.body}
                        for entry in row.entries.all()
                    ],
                    "compensations": [
                        {"kind": each.get_kind_display(), "fen": each.amount_fen, "for": each.note, "state": each.get_state_display()}
                        for each in row.compensations.all()
                    ],
                }
                for row in rows
            ]
        }  # fmt: skip

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        open_ = complaints_of(subject).filter(state__in=OPEN).order_by("id").values_list("number", flat=True)
        return [_("Complaint %(number)s is still open.") % {"number": number} for number in open_]

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Contacts go; matter, product, clocks, amounts and decisions stay. Texts lose the names, numbers and addresses they speak of."""
        rows = list(complaints_of(subject).select_for_update(of=("self",)).order_by("id"))
        ids = [row.pk for row in rows]
        said = {row.pk: _spoken(row, subject) for row in rows}
        for row in rows:
            for name in _TEXTS:
                setattr(row, name, _without(getattr(row, name), said[row.pk]))
            row.contact = row.phone = row.email = row.address = ""
            row.erased_at = at
        Complaint.objects.bulk_update(
            rows, [*_TEXTS, "contact", "phone", "email", "address", "erased_at"], batch_size=500
        )
        entries = list(Entry.objects.filter(complaint_id__in=ids))
        for entry in entries:
            entry.body = _without(entry.body, said[entry.complaint_id])
        Entry.objects.bulk_update(entries, ["body"], batch_size=500)
        money = list(Compensation.objects.filter(complaint_id__in=ids))
        for each in money:
            for name in _OF_MONEY:
                setattr(each, name, _without(getattr(each, name), said[each.complaint_id]))
        Compensation.objects.bulk_update(money, list(_OF_MONEY), batch_size=500)
        cases = list(Case.objects.filter(complaint_id__in=ids))
        for case in cases:
            case.words = _without(case.words, said[case.complaint_id])
        Case.objects.bulk_update(cases, ["words"], batch_size=500)
        scrub_history(Complaint._meta.db_table, ids)
        scrub_history(Compensation._meta.db_table, [each.pk for each in money])
        scrub_history(Case._meta.db_table, [case.pk for case in cases])
        scrub_events(Complaint._meta.label_lower, ids, ["reason"])
        return {"complaints": len(rows)}


def _spoken(row: Complaint, subject: Subject) -> list[str]:
    """What a text may say of the person: telephones with and without dashes, names of two letters or more, mail, address."""
    numbers = {row.phone, subject.phone} - {""}
    words = numbers | {re.sub(r"\D", "", number) for number in numbers}
    words |= {row.contact, subject.name, row.email, row.address}
    return sorted((word for word in words if len(word) >= 2), key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, ERASED)
    return text
