"""What has been done for a unit, gathered from the modules above for its page. They register in their apps.py, as for customers."""

from collections.abc import Callable, Iterable
from typing import Any

from sanbao.accounts.access import Access
from sanbao.customers.history import Chapter, Item
from sanbao.products.models import Unit

_CHAPTERS: dict[str, Chapter] = {}


def register(key: str, title: Any, told: Callable[[Any, Access], Iterable[Item]]) -> None:
    """Add a chapter to the unit's page."""
    _CHAPTERS[key] = Chapter(title, told)


def of(unit: Unit, access: Access) -> list[tuple[str, Any, list[Item]]]:
    """(key, title, items) of every chapter."""
    return [(key, chapter.title, list(chapter.told(unit, access))) for key, chapter in _CHAPTERS.items()]
