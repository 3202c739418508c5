"""Words a person searched for may name a customer, and stand in a saved view as they were typed. Asked by the privacy module."""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.views.models import View

KINDS = {"views": gettext_noop("saved views of lists")}


def _words(subject: Subject) -> list[str]:
    """What names the person in a view: the telephone with and without dashes; the name where no telephone is given."""
    if subject.phone:
        return sorted({subject.phone, re.sub(r"\D", "", subject.phone)} - {""}, key=len, reverse=True)
    return [subject.name] if len(subject.name) >= 2 else []


def views_of(subject: Subject) -> QuerySet[View]:
    """The views whose name or search words name the person."""
    words = _words(subject)
    rows: QuerySet[View] = View.objects.filter(company_id=subject.company_id)
    if not words:
        return rows.none()
    told = Q()
    for word in words:
        told |= Q(said__contains=word) | Q(name__contains=word)
    return rows.annotate(said=Cast("cut", TextField())).filter(told).order_by("pk")


class Source:
    """What saved views answer about a person (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set()

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        return {
            "views": [
                {"name": view.name, "list": view.list_name, "text": str(view.cut), "made_at": view.made_at.isoformat()}
                for view in views_of(subject)
            ]
        }  # fmt: skip

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """No law says that a view must be kept."""
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        return []

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """The values that name the person leave the view, and its name the words; the rest of the view stays."""
        words = _words(subject)
        views = list(views_of(subject).select_for_update(of=("self",)))
        for view in views:
            for word in words:
                view.name = view.name.replace(word, ERASED)[:30]
            view.cut = {key: left for key, values in view.cut.items() if (left := _without(values, words))}
        View.objects.bulk_update(views, ["name", "cut"], batch_size=500)
        numbers = [view.pk for view in views]
        scrub_history("views_view", numbers)
        scrub_events(View._meta.label_lower, numbers, [], label=True)
        return {"views": len(views)}


def _without(values: list[str], words: list[str]) -> list[str]:
    return [value for value in values if not any(word in value for word in words)]
