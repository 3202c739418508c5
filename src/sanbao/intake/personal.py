"""A customer's data in requests: whom to call, where, and what was said; and when colleagues were at work. Asked by the privacy module."""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.customers.personal import theirs
from sanbao.intake.models import Entry, Request, Task, WorkTime
from sanbao.intake.states import OPEN

KINDS = {"requests": gettext_noop("requests")}
_TEXTS = ("subject", "description", "solution", "feedback", "customer_help", "reason")


def requests_of(subject: Subject) -> QuerySet[Request]:
    """The requests with this telephone or of this customer; with a name, only those of that name."""
    return theirs(Request.objects.filter(company_id=subject.company_id, erased_at__isnull=True), subject)


def addresses_of(subject: Subject) -> set[str]:
    """Where the person's requests came from: mail addresses, accounts (audit.personal.ADDRESSES)."""
    return {address for row in requests_of(subject).values_list("email", "writer") for address in row}


def due_times(company_id: int, before: date) -> QuerySet[WorkTime]:
    """The days at work before a day."""
    return WorkTime.objects.filter(company_id=company_id, day__lt=before)


def times_of(person: Person) -> QuerySet[WorkTime]:
    """Somebody's days at work, in every company."""
    times: QuerySet[WorkTime] = WorkTime._base_manager.filter(person=person)
    return times


def erase_times(rows: list[WorkTime]) -> int:
    """Take days at work out, their history and what the log says of them; how many. Inside `erasing()`."""
    ids = [row.pk for row in rows]
    WorkTime._base_manager.filter(pk__in=ids).delete()
    scrub_history(WorkTime._meta.db_table, ids)
    scrub_events(WorkTime._meta.label_lower, ids, ["late", "early", "reason", "person"], label=True)
    return len(ids)


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(requests_of(subject).exclude(contact="").values_list("contact", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        said = Entry.objects.filter(internal=False).order_by("id")
        rows = requests_of(subject).select_related("category").order_by("id")
        rows = rows.prefetch_related(Prefetch("entries", said))
        return {
            "requests": [
                {
                    "number": row.number,
                    "received_at": row.received_at.isoformat(),
                    "class": str(row.category),
                    "contact": row.contact,
                    "phone": row.phone,
                    "email": row.email,
                    "account": row.writer,
                    "address": row.address,
                    "model": row.model,
                    "serial": row.serial,
                    **{name: getattr(row, name) for name in _TEXTS},
                    "said": [
                        {"at": entry.at.isoformat(), "what": entry.get_kind_display(), "text": entry.body}
                        for entry in row.entries.all()
                    ],
                }
                for row in rows
            ]
        }

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        open_ = requests_of(subject).filter(state__in=OPEN).order_by("id").values_list("number", flat=True)
        return [_("Request %(number)s is still open.") % {"number": number} for number in open_]

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Contacts go; class, product, clocks and decisions stay. Texts lose the names, numbers and addresses they speak of."""
        rows = list(requests_of(subject).select_for_update(of=("self",)).order_by("id"))
        ids = [row.pk for row in rows]
        said = {row.pk: _spoken(row, subject) for row in rows}
        for row in rows:
            for name in _TEXTS:
                setattr(row, name, _without(getattr(row, name), said[row.pk]))
            row.contact = row.phone = row.email = row.address = row.writer = ""
            row.erased_at = at
        Request.objects.bulk_update(
            rows, [*_TEXTS, "contact", "phone", "email", "address", "writer", "erased_at"], batch_size=500
        )
        entries = list(Entry.objects.filter(request_id__in=ids))
        for entry in entries:
            entry.body = _without(entry.body, said[entry.request_id])
        Entry.objects.bulk_update(entries, ["body"], batch_size=500)
        tasks = list(Task.objects.filter(request_id__in=ids))
        for task in tasks:
            task.title, task.result = (
                _without(text, said[task.request_id]) for text in (task.title, task.result)
            )
        Task.objects.bulk_update(tasks, ["title", "result"], batch_size=500)
        scrub_history(Request._meta.db_table, ids)
        scrub_history(Task._meta.db_table, [task.pk for task in tasks])
        scrub_events(Request._meta.label_lower, ids, ["reason"])
        scrub_events(Task._meta.label_lower, [task.pk for task in tasks], [], label=True)
        return {"requests": len(rows)}


def _spoken(row: Request, subject: Subject) -> list[str]:
    """What a text may say of the person: telephones with and without dashes, names of two letters or more, mail, address."""
    numbers = {row.phone, subject.phone} - {""}
    words = numbers | {re.sub(r"\D", "", number) for number in numbers}
    words |= {word for word in (row.contact, subject.name, row.email, row.address) if len(word) >= 2}
    return sorted((word for word in words if len(word) >= 2), key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, ERASED)
    return text
