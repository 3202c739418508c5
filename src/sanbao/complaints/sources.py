"""Where a complaint was taken down that no request was made of: pages of modules above, which complaints don't know (a callback).

Such a module registers its origin once; the desk's page is then asked with `origin` and `source`, fills in what is known there, and keeps
the way back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sanbao.accounts.access import Access
from sanbao.complaints.models import Complaint


@dataclass(frozen=True, slots=True)
class Source:
    """Something a complaint may come from: its number there, its page, and what is known there.

    `known` fills the desk's form. Who complains is not shown by it: `contact`, `phone` and `address` are kept where the form is left empty.
    """

    pk: int
    label: str
    path: str
    known: Mapping[str, Any] = field(default_factory=dict)
    contact: str = ""
    phone: str = ""
    address: str = ""


# Origin → the thing of that number, if this person may see it.
SOURCES: dict[str, Callable[[Access, int], Source | None]] = {}


def register(origin: str, find: Callable[[Access, int], Source | None]) -> None:
    """A module above says where complaints of an origin come from."""
    SOURCES[origin] = find


def source(access: Access, origin: str, number: str) -> Source | None:
    """What an address or a form names; None for what is unknown or hidden from this person."""
    if origin not in SOURCES or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return SOURCES[origin](access, int(number))


def source_of(complaint: Complaint, access: Access) -> Source | None:
    """Where a complaint came from, if this person may open it; one statement, and none for the others."""
    return source(access, complaint.origin, str(complaint.source)) if complaint.source else None
