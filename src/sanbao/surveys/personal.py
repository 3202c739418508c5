"""A customer's data in surveys: what was answered about their jobs. Asked by the privacy module. Anonymous answers are nobody's."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_history
from sanbao.customers.personal import customers_of
from sanbao.surveys.models import Invitation, Response, Said
from sanbao.workorders.personal import orders_of

KINDS = {"survey answers": gettext_noop("survey answers")}


def responses_of(subject: Subject) -> QuerySet[Response]:
    """The answers about the person's jobs."""
    rows = Response.objects.filter(company_id=subject.company_id)
    return rows.filter(Q(order__in=orders_of(subject)) | Q(invitation__customer__in=customers_of(subject)))


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set()

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = responses_of(subject).select_related("order").prefetch_related("said__question").order_by("id")
        return {
            "survey answers": [
                {
                    "order": row.order.number if row.order else "",
                    "at": row.answered_at.isoformat(),
                    "score": row.score,
                    "words": row.words,
                    "answers": {
                        said.question.text_zh: said.stars or "、".join(said.chosen) or said.words
                        for said in row.said.all()
                    },
                }
                for row in rows
            ]
        }

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        return []

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """What was written goes; stars and choices stay, as they name nobody. Who was not asked yet is not asked any more."""
        rows = list(responses_of(subject).select_for_update(of=("self",)).order_by("id"))
        ids = [row.pk for row in rows]
        for row in rows:
            row.words = ERASED if row.words else ""
            row.looked_words = ERASED if row.looked_words else ""
        Response.objects.bulk_update(rows, ["words", "looked_words"], batch_size=500)
        written = Said.objects.filter(response_id__in=ids).exclude(words="")
        said = list(written.values_list("pk", flat=True))
        written.update(words=ERASED)
        asked = Invitation.objects.filter(
            Q(order__in=orders_of(subject)) | Q(customer__in=customers_of(subject)),
            company_id=subject.company_id,
        )
        waiting = [Invitation.State.PLANNED, Invitation.State.SENT]
        asked.filter(state__in=waiting).update(state=Invitation.State.SKIPPED, why=Invitation.Why.ERASED)
        scrub_history(Response._meta.db_table, ids)
        scrub_history(Said._meta.db_table, said)
        return {"survey answers": len(rows)}
