"""Searching guarded tables: the index is asked as the database's owner, the rows are read in scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet

from sanbao.accounts import scope
from sanbao.edge.search import inside, is_common, walked

MOST = 1_000


_WHY = "an index on text is of no use under row-level security; the rows themselves are read in scope"


@contextmanager
def together() -> Iterator[None]:
    """Several `numbers` asked one after the other: the owner is called once for all of them. Nothing but `numbers` belongs inside."""
    if not scope.current().limited:
        yield
        return
    with scope.as_owner(_WHY):
        yield


def numbers_inside(rows: QuerySet[Any], text: Any, words: str, *, index: str, most: int = MOST) -> list[int]:
    """The numbers of the newest of these rows in whose text some words stand; `index` is the text's (edge.search.Grams)."""
    with together():
        if is_common(index, words) and len(found := walked(rows, text, words, most=most)) == most:
            return found
        return numbers(rows.filter(inside(text, words)), most=most)


def numbers(rows: QuerySet[Any], *, most: int = MOST) -> list[int]:
    """The primary keys of the newest of these rows.

    Row-level security keeps PostgreSQL from using indexes on text and arrays (sanbao.edge.search), so this one question is asked as the
    owner. `rows` must therefore be narrowed by `visible_to` already; only numbers come back, and reading them is guarded as ever.
    """
    asked = rows.order_by("-pk").values_list("pk", flat=True)[:most]
    with together():
        return list(asked)
