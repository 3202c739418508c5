"""Searching guarded tables: the index is asked as the database's owner, the rows are read in scope."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.edge.search import FEWEST, Found, among, inside, is_common, text_of, walked
from sanbao.edge.written import Statement
from sanbao.ui.asking import asked

MOST_FOUND = 500  # newest first; more than that nobody pages through, and the list says so
MOST_WORDS = 6


_WHY = "an index on text is of no use under row-level security; the rows themselves are read in scope"


@contextmanager
def together() -> Iterator[None]:
    """Several `numbers` asked one after the other: the owner is called once for all of them. Nothing but `numbers` belongs inside."""
    if not scope.current().limited:
        yield
        return
    with scope.as_owner(_WHY):
        yield


def each_of(words: str) -> list[str]:
    """The words, to be found each by itself; words too short to be looked up make them one."""
    each = words.split()[:MOST_WORDS]
    return each if each and all(len(word) >= FEWEST for word in each) else [words]


def each_inside(text: Any, words: str) -> Q:
    """Rows in whose text each of some words stands, wherever."""
    return Q(*(inside(text, word) for word in each_of(words)))


def searched(find: Callable[..., list[int]], access: Access, words: str) -> Found:
    """What a list's search means: the rows that `find` finds of the newest, and whether there may be older ones (edge.search.Found)."""
    return among(find(access, words, most=MOST_FOUND), MOST_FOUND)


def numbers_inside(
    rows: QuerySet[Any],
    fields: Sequence[str],
    words: str,
    *,
    index: str,
    shaped_by: Hashable,
    most: int = MOST_FOUND,
) -> list[int]:
    """The numbers of the newest of these rows in whose text each of some words stands.

    `index` is the text's (edge.search.Grams over the fields, `text_of`); `shaped_by`: all that shapes `rows`.
    """
    each = each_of(words)
    with together():
        if (
            all(" " not in word and is_common(index, word) for word in each)
            and len(found := walked(rows, fields, each, most=most, shaped_by=shaped_by)) == most
        ):
            return found
        return numbers(rows.filter(each_inside(text_of(*fields), words)), most=most)


def numbers(
    rows: QuerySet[Any], where: Q | None = None, *, shaped_by: Hashable = None, most: int = MOST_FOUND
) -> list[int]:
    """The primary keys of the newest of these rows, or of those of them that fulfil a condition.

    Row-level security keeps PostgreSQL from using indexes on text and arrays (sanbao.edge.search), so this one question is asked as the
    owner. `rows` must therefore be narrowed by `visible_to` already; only numbers come back, and reading them is guarded as ever.
    `shaped_by`: all that shapes `rows`; then the statement for this shape of condition is put into SQL once (sanbao.ui.asking).
    """

    def found(*conditions: Q) -> QuerySet[Any]:
        return rows.filter(*conditions).order_by("-pk").values_list("pk", flat=True)[:most]

    def make(marked: list[Q], marks: dict[int, Any]) -> Statement:
        return Statement(*found(*marked).query.sql_with_params(), marks)

    conditions = [] if where is None else [where]
    statement = asked((rows.model, shaped_by, most), conditions, make) if shaped_by is not None else None
    with together():
        if statement is None:
            return list(found(*conditions))
        with connection.cursor() as cursor:
            cursor.execute(statement[0].sql, statement[0].params(statement[1]))
            return [number for (number,) in cursor.fetchall()]
