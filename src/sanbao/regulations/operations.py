"""Loading shipped editions, deriving a company's own, and adopting them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.accounts.scope import everything
from sanbao.audit import operations as audit
from sanbao.regulations import events
from sanbao.regulations.models import Adoption, Edition
from sanbao.regulations.queries import edition_in_force
from sanbao_rules.rulebook import Rulebook, shipped, shipped_names

Change = tuple[date, Any, str]  # in force from, value, clause


def pin(book: Rulebook, *, at: datetime, company_id: int | None = None, by: Access | None = None,
        derived_from: Edition | None = None) -> Edition:  # fmt: skip
    """Store an edition whole, once; the same content is the same edition."""
    edition, _ = Edition.objects.get_or_create(
        company_id=company_id,
        book=book.name,
        edition=book.edition,
        digest=book.digest,
        defaults={
            "content": book.to_json(),
            "derived_from": derived_from,
            "made_at": at,
            "made_by_id": by.person_id if by else None,
        },
    )
    return edition


@transaction.atomic
def load_shipped(*, at: datetime) -> list[Edition]:
    """Pin the editions that come with the program. Run after every upgrade; changes nothing that was pinned before."""
    return [pin(shipped(name), at=at) for name in shipped_names()]


def pin_shipped() -> None:
    """Pin the shipped editions that are not pinned yet: after every upgrade, and when the program starts. A statement when all are there."""
    with everything("the rulebooks that come with the program are everybody's"):
        pinned = set(Edition.objects.filter(company=None).values_list("book", "edition", "digest"))
        books = [shipped(name) for name in shipped_names()]
        if any((book.name, book.edition, book.digest) not in pinned for book in books):
            load_shipped(at=timezone.now())


@transaction.atomic
def adopt(edition: Edition, *, by: Access, at: datetime) -> Adoption:
    """The company decides by this edition from now on. What has been decided stays with the edition that decided it."""
    by.require("regulations:edition:adopt")
    return take_over(edition, by=by, at=at)


@transaction.atomic
def take_over(edition: Edition, *, by: Access, at: datetime) -> Adoption:
    """Write the adoption, whoever may order it: the administrator (`adopt`), or who publishes an approved draft (`publication`)."""
    Company.objects.select_for_update().get(pk=by.company_id)
    current = Adoption.objects.filter(
        company_id=by.company_id, book=edition.book, ended_at__isnull=True
    ).first()
    if current and current.edition_id == edition.pk:
        return current
    if current:
        current.ended_at = at
        current.save(update_fields=["ended_at"])
    adoption = Adoption.objects.create(
        company_id=by.company_id,
        book=edition.book,
        edition=edition,
        adopted_at=at,
        adopted_by_id=by.person_id,
    )
    audit.record(
        "regulations:edition:adopted", edition, by=by, at=at, book=edition.book, edition=edition.edition
    )
    for hear in events.ADOPTED:
        hear(edition, by=by, at=at)
    return adoption


@transaction.atomic
def set_own_values(
    book: str, changes: Mapping[str, list[Change]], *, edition: str, by: Access, at: datetime
) -> Edition:
    """Derive the company's own edition of a book with other values (its tariff, say), and adopt it (SR-9, RG-5)."""
    by.require("regulations:edition:adopt")
    parent = edition_in_force(by.company_id, book)
    derived = Rulebook.from_json(parent.content).with_values(edition, changes)
    if derived.digest == parent.digest:
        return parent
    own = pin(derived, at=at, company_id=by.company_id, by=by, derived_from=parent)
    adopt(own, by=by, at=at)
    return own
