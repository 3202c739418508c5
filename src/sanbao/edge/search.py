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

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Reverse
from django.db.models.lookups import IContains, StartsWith

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
    return Q(_Holds(Grams(text), pairs, output_field=BooleanField())) & Q(IContains(text, Value(words)))


def ends(field: str, tail: str) -> Q:
    """Rows whose text ends so."""
    return Q(StartsWith(Reverse(field), Value(tail[::-1])))


def tail(field: str, *before: str) -> tuple[Any, ...]:
    """The expressions of an index that finds rows by the end of a field; `before` are fields in front of it."""
    return (*before, OpClass(Reverse(field), name="text_pattern_ops"))
