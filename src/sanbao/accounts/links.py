"""Links by which somebody sets a password: made by an administrator, used once, within a day (ASVS 6.4.1, 6.4.2).

The secret stands in the link only; kept is its hash. Whoever opens the link is asked for a new password and then signs in as always,
with the second factor too (ASVS 6.4.3).
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts import events, passwords
from sanbao.accounts.access import Access
from sanbao.accounts.models import Link, Person
from sanbao.ui.refusal import Refusal

VALID = timedelta(hours=24)


class Spent(Refusal):
    """The link has been used, has expired, or never was. The reader is not told which."""

    def __init__(self) -> None:
        super().__init__(
            _("This link has been used or is too old. Ask your administrator for a new one."), code="spent"
        )


def fingerprint(secret: str) -> str:
    """The hash a link is kept under: its secret is 256 random bits."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


@transaction.atomic
def make(person: Person, *, by: Access | None, at: datetime) -> tuple[Link, str]:
    """Make a link for a person and end the earlier ones; the secret is returned once and never again."""
    held = Person.objects.select_for_update().get(pk=person.pk)
    if not held.is_active:
        raise Refusal(_("%(name)s has been deactivated.") % {"name": held.name}, code="inactive")
    end(held, at=at)
    secret = secrets.token_urlsafe(32)
    link = Link.objects.create(
        person=held,
        kind=Link.Kind.RESET if held.has_usable_password() else Link.Kind.INVITATION,
        digest=fingerprint(secret),
        made_at=at,
        made_by_id=by.person_id if by else None,
        expires_at=at + VALID,
    )
    events.tell("accounts:link:made", held, at=at, by=by, kind=link.kind)
    for hear in events.LINK_MADE:
        hear(link, secret)
    return link, secret


def end(person: Person, *, at: datetime) -> int:
    """End the person's unused links."""
    return Link.objects.filter(person=person, ended_at=None).update(ended_at=at)


def find(secret: str, *, at: datetime) -> Link:
    """The open link with this secret. Spent otherwise."""
    link = (
        Link.objects.filter(digest=fingerprint(secret), ended_at=None, expires_at__gt=at)
        .select_related("person")
        .first()
    )
    if link is None or not link.person.is_active:
        raise Spent
    return link


@transaction.atomic
def use(secret: str, password: str, *, at: datetime) -> Person:
    """Set the password by a link. Of several at once one wins; a password the policy refuses leaves the link as it was."""
    person, link = _locked(secret, at)
    passwords.put(person, password, at=at)
    link.ended_at = at
    link.save(update_fields=["ended_at"])
    events.tell("accounts:password:set", person, at=at, way="link")
    return person


def _locked(secret: str, at: datetime) -> tuple[Person, Link]:
    """Person and link under their row locks, in the order in which everybody takes them."""
    person = Person.objects.select_for_update().get(pk=find(secret, at=at).person_id)
    return person, find(secret, at=at)
