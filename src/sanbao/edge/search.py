"""Finding rows by what stands inside a text, flat from a thousand rows to a million.

Chinese has no blanks between words: a text is indexed by all pairs of neighbouring characters (`sanbao_grams`, a GIN index), and what
an index finds is compared with the text itself. Numbers have few pairs: they are found by their beginning or, reversed, by their end.

    class Meta:
        indexes = [GinIndex(Grams("name"), name="customer_grams"), Index(*tail("phone"), name="contact_tail")]

    rows.filter(inside("name", "张三"))        two characters or more
    rows.filter(ends("phone", "5678"))

PostgreSQL uses neither kind of index under row-level security (their operators may tell of rows that are hidden), so whoever searches
a guarded table takes the numbers of the rows as the database's owner, under the same conditions, and reads the rows in scope: `numbers`
in sanbao.accounts.finding.
"""

from collections.abc import Hashable, Sequence
from time import monotonic
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Reverse
from django.db.models.lookups import Contains, IContains, StartsWith

FEWEST = 2
# The classes of an index on (company, text) that finds rows by the beginning of the text.
BEGINS = ("int8_ops", "text_pattern_ops")


class Grams(Func):
    """The pairs of a text."""

    function = "sanbao_grams"
    output_field = ArrayField(TextField())


class _Holds(Func):
    """Whether the pairs of a text hold all of some pairs."""

    template = "(%(expressions)s)"
    arg_joiner = " @> "


def text_of(*fields: str) -> Concat:
    """What stands in some fields, one behind the other, as it is indexed."""
    parts = [part for field in fields for part in (Value(" "), field)]
    return Concat(*parts[1:], output_field=TextField())


def grams(words: str) -> list[str]:
    """The pairs of what is searched for, as the database makes them."""
    plain = words.lower()
    return sorted({plain[at : at + 2] for at in range(len(plain) - 1)})


def inside(expression: Any, words: str) -> Q:
    """Rows in whose text the words stand; two characters at least, else none."""
    if len(words) < FEWEST:
        return Q(pk__in=[])
    text = F(expression) if isinstance(expression, str) else expression
    pairs = Value(grams(words), output_field=ArrayField(TextField()))
    held = Q(_Holds(Grams(text), pairs, output_field=BooleanField()))
    return held if len(words) == FEWEST else held & Q(_contains(words)(text, Value(words)))


def _contains(words: str) -> type[Contains]:
    """Chinese has no capitals: then the text is compared as it is, which takes the database half the time."""
    return Contains if words.upper() == words.lower() else IContains


@Field.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """Rows of some numbers, which are one text: `pk__in` would make a thousand of a thousand numbers."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, self.rhs)


class Found(Q):
    """The rows a search has found. `newest`: how many, where as many were found as are looked for, so that there may be older ones; else 0."""

    newest = 0


def among(numbers: Sequence[int], most: int = 0) -> Found:
    """The rows of these numbers; `most`: how many were looked for."""
    where = Found(pk__among="{" + ",".join(map(str, numbers)) + "}") if numbers else Found(pk__in=[])
    if most and len(numbers) >= most:
        where.newest = len(numbers)
    return where


# Common words. From this share of rows on, the newest hundreds are found sooner by walking down from the newest row than in the index,
# which knows no order and would bring a tenth of a million rows to be sorted. So many rows are walked through at most.
COMMON, WALKED = 0.04, 30_000
_EVERY = 600  # seconds
_shares: dict[str, tuple[float, dict[str, float]]] = {}


def is_common(index: str, words: str) -> bool:
    """Whether the words may stand in so many rows, as the database counted pairs when it looked last (ANALYZE).

    Only a guess about the quicker way: it never decides what is found.
    """
    read_at, shares = _shares.get(index, (0.0, {}))
    if not read_at or monotonic() - read_at > _EVERY:
        shares = _read_shares(index)
        _shares[index] = (monotonic(), shares)
    return len(words) >= FEWEST and min(shares.get(pair, 0.0) for pair in grams(words)) >= COMMON


def _read_shares(index: str) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats WHERE tablename = %s",
            [index],
        )
        found = cursor.fetchone()
    return dict(zip(found[0], found[1], strict=False)) if found and found[0] else {}


def walked(
    rows: QuerySet[Any], fields: Sequence[str], words: Sequence[str], *, most: int, shaped_by: Hashable
) -> list[int]:
    """The numbers of the newest of the newest rows in one of whose fields each of the words stands. `shaped_by`: all that shapes `rows`."""
    plain = all(_contains(word) is Contains for word in words)
    key = (rows.model, shaped_by, *fields)
    if (newest := _newest.get(key)) is None:
        if len(_newest) >= 500:
            _newest.clear()
        newest = _newest[key] = rows.order_by("-pk").values("pk", *fields)[:WALKED].query.sql_with_params()
    sql, params = newest
    stands = " OR ".join(f"strpos({field if plain else f'upper({field})'}, %s) > 0" for field in fields)
    held = " AND ".join([f"({stands})"] * len(words))
    said = [word if plain else word.upper() for word in words for _field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pk FROM ({sql}) newest WHERE {held} LIMIT {most}", [*params, *said])
        return [number for (number,) in cursor.fetchall()]


# Each list's newest rows, put into SQL once.
_newest: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}


def ends(field: str, tail: str) -> Q:
    """Rows whose text ends so."""
    return Q(StartsWith(Reverse(field), Value(tail[::-1])))


def tail(field: str, *before: str) -> tuple[Any, ...]:
    """The expressions of an index that finds rows by the end of a field; `before` are fields in front of it."""
    return (*before, OpClass(Reverse(field), name="text_pattern_ops"))
