"""Telling people: a line in the product for each, and messages by the ways they want, in the caller's transaction.

Said twice under the same key it is told once: the line's key is unique for company and person, the message's for the company.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import ngettext

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit.personal import scrub_history
from sanbao.notices import about as things
from sanbao.notices import choosing, reading, wording
from sanbao.notices.choosing import Way
from sanbao.notices.kinds import EMAIL, KINDS, Kind
from sanbao.notices.models import Address, Message, Notice, Preference
from sanbao.notices.operations import send

MOST_IN_A_DIGEST = 200


@transaction.atomic
def tell(
    people: Iterable[Person],
    kind: str,
    *,
    about: Model,
    by: Access,
    at: datetime,
    key: str = "",
    place: int | None = None,
    **parameters: Any,
) -> None:
    """Tell people that `kind` (kinds.py) happened to `about`. `key` says which happening, where the same can befall a thing twice;
    `place` the outlet of a thing that does not say it itself.

    Everybody is told in the company at work. Who may see the line is asked again whenever it is read (reading.py).
    """
    said = KINDS[kind]
    values = wording.plain(said, parameters)
    recipients = list({person.pk: person for person in people if person.is_active}.values())
    if not recipients:
        return
    thing = f"{about._meta.label_lower}:{about.pk}"
    key = f"{kind}:{key or thing}"[:90]
    ways = choosing.ways(recipients, said, company_id=by.company_id, at=at)
    Notice.objects.bulk_create(
        [
            Notice(
                company_id=by.company_id,
                person=person,
                key=key,
                kind=kind,
                values=values,
                about=thing,
                outlet_id=place if place is not None else getattr(about, "outlet_id", None),
                made_at=at,
                read_at=None if ways[person.pk].product else at,
                digest=ways[person.pk].digest,
            )
            for person in recipients
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )
    _send(said, values, {person.pk: ways[person.pk] for person in recipients}, key, about, by, at)


def _send(
    kind: Kind, values: dict[str, Any], ways: dict[int, Way], key: str, about: Model, by: Access, at: datetime
) -> None:
    """The messages, in each recipient's language; each under a key of its own, so that a second telling sends nothing."""
    if not any(way.addresses for way in ways.values()):
        return
    own = wording.own_words(by.company_id or 0, [kind.code])
    link = _link(kind, f"{about._meta.label_lower}:{about.pk}")
    for person_id, way in sorted(ways.items()):
        words = wording.in_language(kind, values, way.language, own)
        filled = wording.values(kind, values, way.language)
        for channel, address in way.addresses.items():
            short = channel in (Message.Channel.SMS, Message.Channel.WECHAT)
            send(
                address, words.subject, words.subject if short else f"{words.text}{link}",
                key=f"{key}:{person_id}:{channel}", about=about, by=by, at=at, channel=channel, kind=kind.code, values=filled,
                due_at=way.due_at,
            )  # fmt: skip


def _link(kind: Kind, thing: str) -> str:
    """The page's address on a line of its own, where the installation knows its own (SANBAO_SITE)."""
    if not settings.SITE_URL:
        return ""
    try:
        path = reverse(kind.page) if kind.page else things.path(thing, kind.permission)
    except NoReverseMatch:
        path = ""
    return f"\n\n{settings.SITE_URL}{path or reverse('notices:notices')}"


def may_mail_links(person: Person) -> bool:
    """Whether a link for one use can go to the person by e-mail: there is a server, an address, and we know our own."""
    return bool(
        settings.SITE_URL and choosing.usable(EMAIL) and EMAIL in choosing.addresses([person])[person.pk]
    )


@transaction.atomic
def mail_secret(
    person: Person, kind: str, *, about: Model, key: str, by: Access, at: datetime, values: Mapping[str, Any]
) -> None:
    """A text with a link for one use, by e-mail alone and at once; it stands on no page and in no clear row (sealing.py)."""
    said = KINDS[kind]
    kept = wording.plain(said, values)
    language = choosing.language(person, by.company_id)
    words = wording.in_language(said, kept, language, wording.own_words(by.company_id or 0, [kind]))
    address = choosing.addresses([person])[person.pk][EMAIL]
    send(
        address, words.subject, words.text, key=key, about=about, by=by, at=at, kind=kind,
        values=wording.values(said, kept, language), secret=True,
    )  # fmt: skip


@transaction.atomic
def mail_digest(person: Person, *, by: Access, at: datetime) -> bool:
    """The daily mail: what waits for it and is still unread and the person's to see; whether one was sent. Nothing waits afterwards."""
    waiting = Notice.objects.of(by).filter(digest=True)
    rows = list(reading.mine(by).filter(digest=True, read_at=None).order_by("pk")[:MOST_IN_A_DIGEST])
    waiting.update(digest=False)
    address = choosing.addresses([person])[person.pk].get(EMAIL)
    if not rows or not address or not person.is_active:
        return False
    with translation.override(choosing.language(person, by.company_id)):
        lines = [f"· {each.subject}\n  {each.text}" for each in reading.shown(rows, by)]
        subject = ngettext("Sanbao: %(count)d notice", "Sanbao: %(count)d notices", len(rows)) % {
            "count": len(rows)
        }
    link = f"\n\n{settings.SITE_URL}{reverse('notices:notices')}" if settings.SITE_URL else ""
    send(
        address, subject, "\n\n".join(lines) + link, key=f"digest:{person.pk}:{rows[-1].pk}", about=person, by=by, at=at,
        kind="digest",
    )  # fmt: skip
    return True


@transaction.atomic
def forget(person: Person) -> None:
    """Everything kept about a former colleague here goes: lines, choices, addresses, and their history. Inside `erasing()`."""
    for rows in (
        Notice._base_manager.filter(person=person),
        Preference._base_manager.filter(person=person),
        Address.objects.filter(person=person),
    ):
        numbers = list(rows.values_list("pk", flat=True))
        rows.delete()
        scrub_history(rows.model._meta.db_table, numbers)


@transaction.atomic
def read(notices: Sequence[int], *, by: Access, at: datetime) -> int:
    """Mark lines of one's own as read; how many were not."""
    return Notice.objects.of(by).filter(pk__in=notices, read_at=None).update(read_at=at)


@transaction.atomic
def read_all(*, by: Access, at: datetime) -> int:
    """Mark everything as read."""
    if by.company_id is None:
        return 0
    return Notice.objects.of(by).filter(read_at=None).update(read_at=at)
