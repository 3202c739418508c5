"""Reading the event log and the row history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from sanbao.accounts.models import Person
from sanbao.audit.models import Change, Event


def about(thing: Model) -> QuerySet[Event]:
    """What happened to one thing, newest first. Whoever may see the thing may see its events."""
    return (
        Event.objects.filter(thing=thing._meta.label_lower, thing_id=thing.pk)
        .select_related("by")
        .order_by("-id")
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A change with who made it and the event that tells what it was for (None where none was written)."""

    change: Change
    who: str
    event: Event | None


def changes_of(table: str, row: int, *, before: int | None = None, most: int = 50) -> list[Told]:
    """What happened to one row, newest first; `before` goes on below a change. Whoever may see the row may see its changes."""
    rows = Change.objects.filter(table=table, row=str(row)).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return told(list(rows[:most]))


def first_image(table: str, row: int, now: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a row was when it was made: what it is now (or was when it was deleted), with each column as its first change found it."""
    image = dict(now or {})
    for change in Change.objects.filter(table=table, row=str(row)).exclude(before=None).order_by("-id"):
        image |= change.before or {}
    return image


def told(changes: Sequence[Change]) -> list[Told]:
    """Each change with its event: the first one written after it in the same transaction."""
    events: dict[int, list[Event]] = {}
    for event in (
        Event.objects.filter(tx__in={change.tx for change in changes}).select_related("by").order_by("mark")
    ):
        events.setdefault(event.tx, []).append(event)
    people = Person.objects.in_bulk({change.person_id for change in changes if change.person_id})
    found = []
    for change in changes:
        event = next((e for e in events.get(change.tx, ()) if (e.mark or 0) > change.pk and e.kept_at == change.at), None)  # fmt: skip
        person = people.get(change.person_id) or (event.by if event else None)
        found.append(Told(change, person.name if person else change.login, event))
    return found
