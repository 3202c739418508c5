"""What is done for a request by the modules above, for its page: they register in their apps.py, as for customers and units."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sanbao.accounts.access import Access
from sanbao.customers.history import Item
from sanbao.intake.models import Request


@dataclass(frozen=True, slots=True)
class Chapter:
    """A kind of thing done for requests; `begin` answers the address and the words of the button that begins one, or None."""

    title: Any
    told: Callable[[Request, Access], Iterable[Item]]
    begin: Callable[[Request, Access], tuple[str, Any] | None]


_CHAPTERS: list[Chapter] = []


def register(
    title: Any,
    told: Callable[[Request, Access], Iterable[Item]],
    begin: Callable[[Request, Access], tuple[str, Any] | None] = lambda request, access: None,
) -> None:
    """Add a chapter to the request's page."""
    _CHAPTERS.append(Chapter(title, told, begin))


def of(request: Request, access: Access) -> list[tuple[Any, list[Item], tuple[str, Any] | None]]:
    """(title, items, how to begin one) of each chapter that has something to show or to begin."""
    found = [
        (each.title, list(each.told(request, access)), each.begin(request, access)) for each in _CHAPTERS
    ]
    return [chapter for chapter in found if chapter[1] or chapter[2]]
