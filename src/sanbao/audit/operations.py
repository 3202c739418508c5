"""The one way to write an event. Called inside the transaction of the change it tells of."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.audit.models import Event
from sanbao.edge import logs
from sanbao.edge.storing import fresh, store
from sanbao.ui import guard
from sanbao.ui.lists import Listing

# Who hears of every event, or of the same event about many things, in its transaction: modules above put their functions in when the
# app starts (hooks). They answer the rows that belong to it, which are stored behind it.
HEARERS: list[Callable[[Sequence[Event], Sequence[Model], Access], Sequence[Model]]] = []
AT_ONCE = 500  # so many of their rows go to the database in one message


def record(
    action: str,
    thing: Model,
    *,
    by: Access,
    at: datetime,
    outlet_id: int | None = None,
    region_id: int | None = None,
    **details: Any,
) -> None:
    """Write down that `by` did `action` to `thing` at `at`; `details` must be plain JSON values."""
    store(drafted(action, thing, by=by, at=at, outlet_id=outlet_id, region_id=region_id, **details))


def drafted(
    action: str,
    thing: Model,
    *,
    by: Access,
    at: datetime,
    outlet_id: int | None = None,
    region_id: int | None = None,
    **details: Any,
) -> "tuple[Event, *tuple[Model, ...]]":
    """The event as it will be written, for an operation that stores it together with its rows (edge.storing); behind it the rows of those
    who hear of it, and hear now."""
    guard.leave(action)
    _log(action, thing=thing._meta.label_lower, number=thing.pk)
    event = fresh(
        Event,
        company_id=by.company_id,
        region_id=region_id,
        outlet_id=outlet_id,
        at=at,
        by_id=by.person_id,
        action=action,
        thing=thing._meta.label_lower,
        thing_id=thing.pk,
        label=str(thing)[:120],
        details=details,
        request=by.request,
    )
    return event, *_heard([event], [thing], by)


def record_all(
    action: str,
    things: Sequence[Model],
    *,
    by: Access,
    at: datetime,
    details: Callable[[Any], dict[str, Any]],
) -> None:
    """Write the same event about many things of outlets at once, for work that is done in sets."""
    events, others = drafted_all(action, things, by=by, at=at, details=details)
    Event.objects.bulk_create(events)
    for start in range(0, len(others), AT_ONCE):
        store(others[start : start + AT_ONCE])


def drafted_all(
    action: str,
    things: Sequence[Model],
    *,
    by: Access,
    at: datetime,
    details: Callable[[Any], dict[str, Any]],
) -> tuple[list[Event], list[Model]]:
    """The same events, and the rows of those who hear of them, for who stores them in streams of its own (edge.copying), in the same
    transaction."""
    guard.leave(action)
    _log(action, count=len(things))
    events = [
        fresh(
            Event,
            company_id=by.company_id,
            outlet_id=getattr(thing, "outlet_id", None),
            at=at,
            by_id=by.person_id,
            action=action,
            thing=thing._meta.label_lower,
            thing_id=thing.pk,
            label=str(thing)[:120],
            details=details(thing),
            request=by.request,
        )
        for thing in things
    ]
    return events, _heard(events, things, by)


def _heard(events: Sequence[Event], things: Sequence[Model], by: Access) -> list[Model]:
    return [row for hear in HEARERS for row in hear(events, things, by)] if events else []


_LEAVE = ("exported", "printed", "downloaded", "given")
_CONFIGURE = (
    "regulations:", "outlets:posting:", "outlets:outlet:", "outlets:region:", "accounts:company:", "privacy:retention:switched",
)  # fmt: skip


def _log(action: str, **fields: Any) -> None:
    """A line in the log beside the row (ASVS 16.3.2): kind and number, never what the thing is called."""
    verb = action.rpartition(":")[2]
    if action.startswith(_CONFIGURE):
        name = "configuration"
    elif action.startswith("accounts:"):
        return  # accounts/events.py has told it, once, whatever companies' logs it stands in
    elif verb == "unmasked":
        name = "unmask"
    else:
        name = "export" if verb in _LEAVE and not action.startswith("customers:") else "change"
    logs.tell(name, action=action, **fields)


def exported(listing: Listing, rows: int, reason: str, full: bool) -> None:
    """A list left as a file: who took how many rows, and what for. Every list calls it (ui.lists.WITNESSES); "outlets:outlets:exported"."""
    request = listing.request
    details: dict[str, Any] = {"rows": rows, "reason": reason} | ({"full": True} if full else {})
    module = listing.base.model._meta.app_label
    record(f"{module}:{listing.name}:exported", request.user, by=request.access, at=timezone.now(), **details)


def handed_out(action: str, thing: Model, request: HttpRequest, **details: Any) -> None:
    """A file or somebody's data left by a page: a print, a download, an unmasking."""
    record(
        action,
        thing,
        by=request.access,
        at=timezone.now(),
        outlet_id=getattr(thing, "outlet_id", None),
        **details,
    )
