"""What a customer has had from us, gathered from every module that serves customers: one page shows it all (DP-2).

A module registers a chapter in its apps.py; customers know nothing of the modules above them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanbao.accounts.access import Access
from sanbao.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a chapter; `state` and `tone` make its badge."""

    at: datetime | None
    words: str
    url: str = ""
    state: Any = ""
    tone: str = "secondary"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A kind of thing customers have. `told` gives the newest of one customer (or unit) that the reader may see, at most MOST."""

    title: Any
    told: Callable[[Any, Access], Iterable[Item]]


MOST = 50
_CHAPTERS: dict[str, Chapter] = {}


def register(key: str, title: Any, told: Callable[[Customer, Access], Iterable[Item]]) -> None:
    """Add a chapter to the customer's page."""
    _CHAPTERS[key] = Chapter(title, told)


def of(customer: Customer, access: Access) -> list[tuple[str, Any, list[Item]]]:
    """(key, title, items) of every chapter, empty ones too: that there was nothing is an answer."""
    return [(key, chapter.title, list(chapter.told(customer, access))) for key, chapter in _CHAPTERS.items()]
