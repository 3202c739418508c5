"""A customer's data in work orders: whom to call, where, signatures, photographs, what was said. Asked by the privacy module."""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.customers.personal import theirs
from sanbao.files import operations as files
from sanbao.workorders.models import Action, Order, Photo, Plan, Signature, StepDone, Visit, Wish
from sanbao.workorders.states import OPEN

KINDS = {"orders": gettext_noop("work orders")}
_TEXTS = ("fault", "note", "cause", "action", "customer_help", "rating_words", "reason")
_OF_PLAN = ("cause", "content", "method", "steps", "answered_by", "answer_note")


def orders_of(subject: Subject) -> QuerySet[Order]:
    """The orders with this telephone or of this customer; with a name, only those of that name."""
    return theirs(Order.objects.filter(company_id=subject.company_id, erased_at__isnull=True), subject)


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(orders_of(subject).exclude(contact="").values_list("contact", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = orders_of(subject).order_by("id")
        rows = rows.prefetch_related(
            Prefetch("signatures", Signature.objects.select_related("file").order_by("id")),
            Prefetch("photos", Photo.objects.select_related("file").order_by("id")),
            Prefetch("wishes", Wish.objects.order_by("id")),
        )
        return {"orders": [_copied(row) for row in rows]}

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        open_ = orders_of(subject).filter(state__in=OPEN).order_by("id").values_list("number", flat=True)
        return [_("Work order %(number)s is still open.") % {"number": number} for number in open_]

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Contacts, signatures and photographs go; product, times, prices and decisions stay. Texts lose the names and numbers they speak of."""
        rows = list(orders_of(subject).select_for_update(of=("self",)).order_by("id"))
        ids = [row.pk for row in rows]
        said = {row.pk: _spoken(row, subject) for row in rows}
        for row in rows:
            for name in _TEXTS:
                setattr(row, name, _without(getattr(row, name), said[row.pk]))
            row.contact = row.phone = row.address = row.coordinates = ""
            row.erased_at = at
        Order.objects.bulk_update(
            rows, [*_TEXTS, "contact", "phone", "address", "coordinates", "erased_at"], batch_size=500
        )
        plans = list(Plan.objects.filter(order_id__in=ids))
        for plan in plans:
            for name in _OF_PLAN:
                setattr(plan, name, _without(getattr(plan, name), said[plan.order_id]))
            plan.answered_phone = ""
        Plan.objects.bulk_update(plans, [*_OF_PLAN, "answered_phone"], batch_size=500)
        steps = list(StepDone.objects.filter(order_id__in=ids))
        for step in steps:
            step.words, step.reason = (
                _without(text, said[step.order_id]) for text in (step.words, step.reason)
            )
        StepDone.objects.bulk_update(steps, ["words", "reason"], batch_size=500)
        wishes = list(Wish.objects.filter(order_id__in=ids))
        for wish in wishes:
            wish.words, wish.answer = (
                _without(text, said[wish.order_id]) for text in (wish.words, wish.answer)
            )
        Wish.objects.bulk_update(wishes, ["words", "answer"], batch_size=500)
        signatures = Signature.objects.filter(order_id__in=ids).select_related("file")
        photos = Photo.objects.filter(order_id__in=ids).select_related("file", "thumbnail")
        for stored in [
            *(row.file for row in signatures),
            *(file for row in photos for file in (row.file, row.thumbnail)),
        ]:
            files.erase(stored, by=by, at=at, reason=reason)
        numbers = list(signatures.values_list("pk", flat=True))
        signatures.update(name=ERASED)
        Action.objects.filter(order_id__in=ids).update(payload={})
        visits = Visit.objects.filter(order_id__in=ids, latitude__isnull=False)
        places = list(visits.values_list("pk", flat=True))
        visits.update(latitude=None, longitude=None)
        scrub_history(Visit._meta.db_table, places)
        scrub_history(Order._meta.db_table, ids)
        scrub_history(Plan._meta.db_table, [plan.pk for plan in plans])
        scrub_history(StepDone._meta.db_table, [step.pk for step in steps])
        scrub_history(Signature._meta.db_table, numbers)
        scrub_history(Wish._meta.db_table, [wish.pk for wish in wishes])
        scrub_events(Order._meta.label_lower, ids, ["reason", "words"])
        return {"orders": len(rows)}


def _copied(row: Order) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.get_kind_display(),
        "made_at": row.made_at.isoformat(),
        "contact": row.contact,
        "phone": row.phone,
        "address": row.address,
        "coordinates": row.coordinates,
        "model": row.model,
        "serial": row.serial,
        **{name: getattr(row, name) for name in _TEXTS},
        "signatures": [
            {
                "for": each.get_purpose_display(),
                "name": each.name,
                "at": each.at.isoformat(),
                "file": each.file.name,
            }
            for each in row.signatures.all()
        ],
        "wishes": [
            {"begins": [each.isoformat() for each in wish.begins], "words": wish.words, "answer": wish.answer}
            for wish in row.wishes.all()
        ],
        "photographs": [each.file.name for each in row.photos.all()],
    }


def _spoken(row: Order, subject: Subject) -> list[str]:
    """What a text may say of the person: telephones with and without dashes, names of two letters or more, the address."""
    numbers = {row.phone, subject.phone} - {""}
    words = numbers | {re.sub(r"\D", "", number) for number in numbers}
    words |= {row.contact, subject.name, row.address}
    return sorted((word for word in words if len(word) >= 2), key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, ERASED)
    return text
