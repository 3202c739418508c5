"""A customer's data in callbacks: whom to call, what was said, files of evidence. Asked by the privacy module."""

import re
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.callbacks.models import Callback, Need, Observation, Plan, PromisedAnswer, Record, Try
from sanbao.callbacks.states import OPEN, State, Why
from sanbao.customers.personal import theirs
from sanbao.files import operations as files

KINDS = {"callbacks": gettext_noop("callbacks")}
_TEXTS = ("fault", "action", "reason")
_KEPT_WITH_CALLS = {"promises": PromisedAnswer, "needs": Need, "observations": Observation}


def plans_of(subject: Subject) -> QuerySet[Plan]:
    """The jobs with this telephone or of this customer; with a name, only those of that name."""
    rows = Plan.objects.filter(company_id=subject.company_id, erased_at__isnull=True)
    found = theirs(rows, subject, telephones=("phone", "callbacks__phone"))
    return Plan.objects.filter(pk__in=found.values("pk"))


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(plans_of(subject).exclude(contact="").values_list("contact", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        calls = Callback.objects.select_related("record").order_by("round")
        rows = plans_of(subject).order_by("id")
        rows = rows.prefetch_related(
            Prefetch("callbacks", calls), Prefetch("callbacks__attempts", Try.objects.order_by("number")),
            *(Prefetch(f"callbacks__{name}", model.objects.order_by("id")) for name, model in _KEPT_WITH_CALLS.items()),
        )  # fmt: skip
        return {"callbacks": [_copied(row) for row in rows]}

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        """An answer that was promised is given first. Calls that are planned hold nobody up: whoever is erased is called no more."""
        rows = Callback.objects.filter(plan__in=plans_of(subject))
        promised = PromisedAnswer.objects.filter(callback__in=rows, kept_at__isnull=True).select_related("callback")  # fmt: skip
        return [_("An answer promised in %(number)s is still owed.") % {"number": row.callback} for row in promised]  # fmt: skip

    def erase(self, subject: Subject, *, by: Access, at: Any, reason: str) -> dict[str, int]:
        """Contacts and files go, texts lose the names and numbers they speak of; marks, days and decisions stay."""
        rows = list(plans_of(subject).select_for_update(of=("self",)).order_by("id"))
        return erase_plans(rows, {row.pk: _spoken(row, subject) for row in rows}, by=by, at=at, reason=reason)


def due_plans(company_id: int, before: date) -> QuerySet[Plan]:
    """Jobs whose last call ended before this day, or should have been made before it; no answer is owed any more, nobody was erased yet."""
    still = Callback.objects.filter(plan=OuterRef("pk")).filter(
        Q(state__in=OPEN, due_on__gte=before) | Q(ended_at__date__gte=before) | Q(promises__isnull=False, promises__kept_at__isnull=True)
    )  # fmt: skip
    rows = Plan.objects.filter(company_id=company_id, erased_at__isnull=True, arrived_on__lt=before)
    return rows.filter(~Exists(still))


def erase_due_plans(rows: list[Plan], *, by: Access, at: Any, reason: str) -> int:
    """Take the people out of jobs whose time is over; how many."""
    said = {row.pk: _spoken(row, Subject(row.company_id, row.phone, row.contact)) for row in rows}
    return erase_plans(rows, said, by=by, at=at, reason=reason)["callbacks"]


def erase_plans(
    rows: list[Plan], said: dict[int, list[str]], *, by: Access, at: Any, reason: str
) -> dict[str, int]:
    """Contacts and files go, texts lose what they say of the person (`said`, by plan); marks, days and decisions stay."""
    for row in rows:
        for name in _TEXTS:
            setattr(row, name, _without(getattr(row, name), said[row.pk]))
        row.contact = row.phone = row.address = ""
        row.erased_at = at
    Plan.objects.bulk_update(rows, [*_TEXTS, "contact", "phone", "address", "erased_at"], batch_size=500)
    calls = list(Callback.objects.filter(plan__in=rows))
    plan_of = {call.pk: call.plan_id for call in calls}
    for call in calls:
        call.phone, call.reason = "", _without(call.reason, said[call.plan_id])
        if call.state in OPEN:
            call.state, call.why, call.ended_at, call.ended_by_id = (
                State.ENDED,
                Why.CALLED_OFF,
                at,
                by.person_id,
            )
            call.taken_by = call.taken_at = None
    Callback.objects.bulk_update(
        calls,
        ["phone", "reason", "state", "why", "ended_at", "ended_by", "taken_by", "taken_at"],
        batch_size=500,
    )
    for model, names in (
        (Try, ("note",)), (Record, ("usage", "suggestions", "words")), (PromisedAnswer, ("question", "answer")), (Need, ("words", "told_to")),
        (Observation, ("words",)),
    ):  # fmt: skip
        _erase_texts(model, names, plan_of, said)
    Record.objects.filter(callback__in=calls).update(more={})
    for observation in Observation.objects.filter(callback__in=calls).prefetch_related("files"):
        for stored in observation.files.all():
            files.erase(stored, by=by, at=at, reason=reason)
    scrub_history(Plan._meta.db_table, [row.pk for row in rows])
    scrub_history(Callback._meta.db_table, [call.pk for call in calls])
    scrub_events(Callback._meta.label_lower, [call.pk for call in calls], ["reason", "words"])
    return {"callbacks": len(rows)}


def _erase_texts(
    model: Any, names: tuple[str, ...], plan_of: dict[int, int], said: dict[int, list[str]]
) -> None:
    rows = list(model.objects.filter(callback__in=plan_of))
    for row in rows:
        for name in names:
            setattr(row, name, _without(getattr(row, name), said[plan_of[row.callback_id]]))
    model.objects.bulk_update(rows, list(names), batch_size=500)
    scrub_history(model._meta.db_table, [row.pk for row in rows])


def _copied(row: Plan) -> dict[str, Any]:
    return {
        "number": row.number, "kind": row.get_kind_display(), "contact": row.contact, "phone": row.phone, "address": row.address,
        "model": row.model, "serial": row.serial, "completed_on": row.completed_on.isoformat(), "fault": row.fault, "action": row.action,
        "calls": [_call(call) for call in row.callbacks.all()],
    }  # fmt: skip


def _call(call: Callback) -> dict[str, Any]:
    kept = getattr(call, "record", None)
    return {
        "number": call.number, "due_on": call.due_on.isoformat(), "state": call.get_state_display(),
        "tries": [{"at": each.at.isoformat(), "outcome": each.get_outcome_display(), "note": each.note} for each in call.attempts.all()],
        "record": {
            name: getattr(kept, name)
            for name in ("came", "works", "timely", "charges_told", "charged_fen", "attitude", "quality", "satisfaction", "usage", "suggestions", "words", "more")
        } if kept else None,
        "promises": [{"question": each.question, "due_at": each.due_at.isoformat(), "answer": each.answer} for each in call.promises.all()],
        "needs": [each.words for each in call.needs.all()],
        "observations": [{"what": each.get_kind_display(), "words": each.words} for each in call.observations.all()],
    }  # fmt: skip


def _spoken(row: Plan, subject: Subject) -> list[str]:
    """What a text may say of the person: telephones with and without dashes, names of two letters or more, the address."""
    numbers = {row.phone, subject.phone} - {""}
    words = numbers | {re.sub(r"\D", "", number) for number in numbers}
    words |= {row.contact, subject.name, row.address}
    return sorted((word for word in words if len(word) >= 2), key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, ERASED)
    return text
