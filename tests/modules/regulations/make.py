"""Drafts of editions for tests: begun, changed, reviewed and published by the people whose posts it takes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Person
from sanbao.outlets import operations as outlets
from sanbao.outlets.queries import access_of
from sanbao.regulations import drafting, publication
from sanbao.regulations.models import Draft
from tests.cast import NOW, Cast

JUNE = date(2026, 6, 1)


def keeper(cast: Cast, name: str = "keeper") -> Access:
    """Somebody who keeps the regulations."""
    person = cast.people.get(name)
    if person is None:
        person = cast.people[name] = Person.objects.create_person(f"{cast.company.code}-{name}", name)
        founder = Access(cast.people["admin"].pk, cast.company.pk, (Grant("administrator"),))
        outlets.appoint(person, "regulation-keeper", by=founder, at=NOW)
    return access_of(person, NOW.date())


def begun(
    cast: Cast, book: str = "settlement", *, who: str = "keeper", edition: str = "2026.9", **more: Any
) -> Draft:
    more.setdefault("title", "报送逾期比例调整")
    return drafting.begin(book, edition=edition, by=keeper(cast, who), at=NOW, **more)


def late_rate(cast: Cast, draft: Draft, rate: str = "0.8", since: date = JUNE, who: str = "keeper") -> Draft:
    """The rate of a late month, changed from a day."""
    drafting.change(
        draft,
        "rate_late",
        "add",
        since,
        Decimal(rate),
        "appliance KA-11.1",
        reason="促进按期报送",
        by=keeper(cast, who),
        at=NOW,
    )
    return draft


def moved(cast: Cast, draft: Draft, *nouns: str, at: datetime = NOW, who: str = "keeper") -> Draft:
    """The draft, moved on by author, supervisor and head."""
    people = {"approval": "supervisor", "return": "supervisor", "publication": "head", "recall": "head"}
    for noun in nouns:
        by = cast.access(people[noun]) if noun in people else keeper(cast, who)
        draft = publication.move(draft, noun, version=None, by=by, at=at, reason="说明")
    return draft


def published(cast: Cast, **more: Any) -> Draft:
    return moved(cast, late_rate(cast, begun(cast, **more)), "submission", "approval", "publication")
