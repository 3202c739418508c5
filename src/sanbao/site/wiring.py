"""Where modules meet that may not know each other: the home page's panels; who hears of what happens to accounts and rulebooks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.links import fingerprint
from sanbao.accounts.models import Company, Link, Person, SignIn
from sanbao.audit import operations as audit
from sanbao.documents.queries import panels as documents
from sanbao.intake.queries import classes
from sanbao.notices.queries import panels as notices
from sanbao.notices.telling import mail_secret, may_mail_links, tell
from sanbao.outlets.queries import holders, postings_of
from sanbao.products.registrations import panels as registrations
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import rulebook
from sanbao.settlements.queries import panels as settlements

PANELS: tuple[Callable[[Access], list[Any]], ...] = (settlements, registrations, documents, notices)


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


# What happens to an account, and the kind of notice (notices/kinds.py) its owner gets.
_TOLD = {
    "accounts:person:locked": "accounts:locked",
    "accounts:person:signed-in": "accounts:new-device",
    "accounts:password:changed": "accounts:password",
    "accounts:password:set": "accounts:password",
    "accounts:factor:added": "accounts:factor",
    "accounts:factor:removed": "accounts:factor",
    "accounts:factor:recovery-codes-made": "accounts:factor",
    "accounts:token:made": "accounts:token-made",
}


def tell_account_event(
    action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any
) -> None:
    """Tell the owner what happened to their account (ASVS 6.3.5, 6.3.7), in the company at work, else the first they work for."""
    kind = _TOLD.get(action)
    if kind is None or (kind == "accounts:new-device" and not _unseen(person, details, at)):
        return
    with scope.everything("an account's events, also before anybody has signed in"):
        at_work = by if by is not None and by.company_id is not None else _at_home(person, at)
        if at_work is None:
            return
        said: dict[str, dict[str, Any]] = {
            "accounts:locked": {"person": person.name, "address": details.get("address", "")},
            "accounts:new-device": {
                "device": details.get("device") or "–", "address": details.get("address", ""), "moment": at
            },
            "accounts:token-made": {"name": details.get("name", "")},
        }  # fmt: skip
        # Whoever guesses passwords must not fill the owner's mailbox: that is told once a day.
        when = f"{timezone.localdate(at)}" if kind == "accounts:locked" else at.isoformat()
        words = said.get(kind, {"person": person.name, "moment": at})
        tell([person], kind, about=person, by=at_work, at=at, key=f"{person.pk}:{when}", **words)


def _at_home(person: Person, at: datetime) -> Access | None:
    """The person at work in the first company they hold a post in; None without one."""
    held = postings_of(person, timezone.localdate(at))
    return Access(person.pk, held[0].company_id, name=person.name) if held else None


def _unseen(person: Person, details: dict[str, Any], at: datetime) -> bool:
    """Whether the person has signed in before, but never with such a device or never from about this address."""
    earlier = SignIn.objects.filter(person=person, outcome=SignIn.Outcome.DONE, at__lt=at)
    seen = set(earlier.values_list("device", "address").distinct()[:500])
    devices, places = {device for device, _a in seen}, {_near(address) for _d, address in seen}
    return bool(seen) and (
        details.get("device", "") not in devices or _near(details.get("address", "")) not in places
    )


def _near(address: str) -> str:
    """The net an address lies in: its first half in IPv4, its first three groups in IPv6."""
    return ":".join(address.split(":")[:3]) if ":" in address else ".".join(address.split(".")[:2])


def mail_link(link: Link, secret: str) -> None:
    """Send an invitation or a link for a new password to the person, where that can be done; else the administrator is shown it."""
    with scope.everything("a link is made before its person has signed in"):
        person = link.person
        at_work = _at_home(person, link.made_at)
        if at_work is None or not may_mail_links(person):
            return
        mail_secret(
            person, "accounts:link", about=person, key=f"link:{fingerprint(secret)[:40]}", by=at_work, at=link.made_at,
            values={
                "person": person.name, "username": person.username, "until": link.expires_at,
                "link": f"{settings.SITE_URL}{reverse('accounts:link', args=[secret])}",
            },
        )  # fmt: skip


def tell_adoption(edition: Edition, *, by: Access, at: datetime) -> None:
    """Tell everybody who may read the rulebooks that one has changed."""
    people = holders(
        by.company_id, "regulations:book:view", anywhere=True, on=timezone.localdate(at), but=by.person_id
    )
    tell(
        people, "regulations:adopted", about=edition, by=by, at=at, key=f"{edition.pk}:{at.isoformat()}",
        book=rulebook(edition).title, edition=edition.edition, company=Company.objects.get(pk=by.company_id).name,
    )  # fmt: skip
