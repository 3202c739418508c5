"""Where modules meet that may not know each other: the home page's panels, and the event log's ear for accounts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.intake.queries import classes
from sanbao.notices.queries import panels as notices
from sanbao.outlets.queries import postings_of
from sanbao.settlements.queries import panels as settlements

PANELS: tuple[Callable[[Access], list[Any]], ...] = (settlements, notices)


def panels(access: Access) -> list[Any]:
    """Everything that waits for this person."""
    return [panel for source in PANELS for panel in source(access)]


def request_classes(company_id: int | None) -> list[tuple[str, str]]:
    """The classes of requests for the knowledge base: (code, name set in by its depth)."""
    return [(row.code, "　" * (row.path.count("/") - 2) + str(row)) for row in classes(company_id)]


def keep_account_event(
    action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any
) -> None:
    """Write what happened to an account into the event log of each company the person works for (accounts/events.py).

    Somebody without a post has no company whose log it could stand in; their own list of sign-ins still has it.
    """
    with scope.everything("an account's events, also before anybody has signed in"):
        if by is not None and by.company_id is not None:
            audit.record(action, person, by=by, at=at, **details)
            return
        held = postings_of(person, timezone.localdate(at))
        for company_id in sorted({posting.company_id for posting in held}):
            audit.record(action, person, by=Access(person.pk, company_id, name=person.name), at=at, **details)
