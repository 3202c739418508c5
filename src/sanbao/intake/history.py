"""What is done for a request by the modules above, for its page: they register in their apps.py, as for customers and units."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet

from sanbao.accounts.access import Access
from sanbao.customers.history import Item
from sanbao.intake.models import Request


@dataclass(frozen=True, slots=True)
class Chapter:
    """A kind of thing done for requests; `begin` answers the address and the words of the button that begins one, or None.

    `rows` are the things of the request `OuterRef("pk")`, whoever may read them: whether there are any is asked with the request itself.
    """

    title: Any
    rows: Callable[[], QuerySet[Any]]
    told: Callable[[Request, Access], Iterable[Item]]
    begin: Callable[[Request, Access], tuple[str, Any] | None]


_CHAPTERS: list[Chapter] = []


def register(
    title: Any,
    rows: Callable[[], QuerySet[Any]],
    told: Callable[[Request, Access], Iterable[Item]],
    begin: Callable[[Request, Access], tuple[str, Any] | None] = lambda request, access: None,
) -> None:
    """Add a chapter to the request's page."""
    _CHAPTERS.append(Chapter(title, rows, told, begin))


def present() -> dict[str, Exists]:
    """Whether there is anything in each chapter, to be read along with a request."""
    return {f"chapter_{number}": Exists(each.rows()) for number, each in enumerate(_CHAPTERS)}


def of(request: Request, access: Access) -> list[tuple[Any, list[Item], tuple[str, Any] | None]]:
    """(title, items, how to begin one) of each chapter that has something to show or to begin."""
    found = [
        (
            each.title,
            list(each.told(request, access)) if getattr(request, f"chapter_{number}", True) else [],
            each.begin(request, access),
        )
        for number, each in enumerate(_CHAPTERS)
    ]
    return [chapter for chapter in found if chapter[1] or chapter[2]]
