"""What administrators do about somebody's way in: links, lockouts, sessions, second factors, deactivation.

The mechanisms are in accounts; here is who may use them for whom: somebody who works for another company, too, is no one company's to
let in or out, for a link made here would open that company's doors.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import factors, links, lockout, scope, sessions
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.notices import choosing
from sanbao.notices.telling import tell
from sanbao.outlets.queries import postings_of
from sanbao.ui.refusal import Refusal

MANAGE = "accounts:person:manage"


def _for_own_people(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Ask for the permission, lock the person's row, and refuse for oneself and for people of other companies, too."""

    @wraps(operation)
    @transaction.atomic
    def guarded(person: Person, *, by: Access, at: datetime, **more: Any) -> Any:
        by.require(MANAGE)
        if person.pk == by.person_id:
            raise Refusal(_("Another administrator has to do this for you."), code="own")
        with scope.everything("the posts of somebody in all companies"):
            companies = {posting.company_id for posting in postings_of(person, timezone.localdate(at))}
        if companies - {by.company_id}:
            raise Refusal(
                _("%(name)s works for another company, too; this is for whoever runs the installation.")
                % {"name": person.name},
                code="elsewhere",
            )
        return operation(Person.objects.select_for_update().get(pk=person.pk), by=by, at=at, **more)

    return guarded


@_for_own_people
def make_link(person: Person, *, by: Access, at: datetime) -> str:
    """Make a link by which the person sets a password; its secret is returned once."""
    _link, secret = links.make(person, by=by, at=at)
    return secret


@_for_own_people
def keep_address(person: Person, *, address: str, by: Access, at: datetime) -> None:
    """Set the person's e-mail address, for an invitation or a new password; empty takes it away (then links are shown again)."""
    choosing.keep_address(person, "email", address, by=by, at=at)


@_for_own_people
def end_sessions(person: Person, *, by: Access, at: datetime) -> int:
    """End all of the person's sessions at once (ASVS 7.4.5)."""
    ended = sessions.end_all(person)
    audit.record("accounts:session:ended", person, by=by, at=at, sessions=ended)
    return ended


@_for_own_people
def unlock(person: Person, *, by: Access, at: datetime) -> None:
    """Let the person try again at once after failed sign-ins."""
    lockout.unlock(("name", person.username), ("code", str(person.pk)))
    audit.record("accounts:person:unlocked", person, by=by, at=at)


@_for_own_people
def reset_factors(person: Person, *, reason: str, by: Access, at: datetime) -> None:
    """Take away all second factors of somebody who has lost the device (ASVS 6.5.6); the reason is kept."""
    if not reason.strip():
        raise Refusal(_("Say why."), field="reason")
    factors.remove_all(person)
    sessions.end_all(person)
    audit.record("accounts:factor:reset", person, by=by, at=at, reason=reason.strip()[:500])
    tell([person], "accounts:factor", about=person, by=by, at=at, key=f"{person.pk}:{at.isoformat()}", person=person.name, moment=at)  # fmt: skip


@_for_own_people
def deactivate(person: Person, *, reason: str, by: Access, at: datetime) -> None:
    """Nobody signs in as this person any more; sessions, keys and open links end at once (ASVS 7.4.2)."""
    if not reason.strip():
        raise Refusal(_("Say why."), field="reason")
    person.is_active = False
    person.save(update_fields=["is_active"])
    sessions.end_all(person)
    links.end(person, at=at)
    audit.record("accounts:person:deactivated", person, by=by, at=at, reason=reason.strip()[:500])


@_for_own_people
def reactivate(person: Person, *, by: Access, at: datetime) -> None:
    """The person may sign in again, with the posts that were not ended meanwhile."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("accounts:person:reactivated", person, by=by, at=at)
