"""A list's statements, put into SQL once for each shape of what it is asked (sanbao.edge.written).

A list is asked in many ways: filters, tabs, order, size. What shapes the statement is taken off its conditions, with kinds in the place of
values; a statement is made from that shape alone, so that two questions with the same shape can only have the same statement. Who asks
gives the `key` of the rows the list begins with: whatever shapes those, the reach of whoever reads them above all. A condition of
another kind (an expression, a pattern, a sub-select) has no shape, and the list is put into SQL anew, as Django does it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, Q

from sanbao.edge.written import Statement, is_number, mark

MOST = 2_000
# Lookups that take their value as it is; the others write it into a pattern.
_AS_THEY_ARE = {"exact", "in", "gt", "gte", "lt", "lte", "isnull", "overlap", "among"}
_OTHERS = set(Field.get_lookups()) - _AS_THEY_ARE  # type: ignore[call-arg]
# Numbers below are the code's own ("more than none") and stay in the statement; the database's are marked.
_OWN_NUMBERS = 10

S = TypeVar("S", bound=Statement)
_statements: OrderedDict[Hashable, Statement | None] = OrderedDict()
_lock = Lock()


class _Joined(NamedTuple):
    connector: str
    negated: bool
    parts: tuple[Any, ...]


class _Compared(NamedTuple):
    """`kinds`: the type of a value that is marked, or (type, value) of one that stays."""

    path: str
    several: bool
    kinds: tuple[Hashable, ...]


class Shapeless(Exception):
    """The condition is of a kind that is put into SQL anew each time."""


def asked(key: Hashable, conditions: Sequence[Any], make: Callable[[list[Q], dict[int, Any]], S]) -> tuple[S, list[Any]] | None:  # fmt: skip
    """The statement for these conditions, and its values; None where it can't be kept.

    `make` is handed the conditions with marks for values, and the marks. What else it uses belongs to the key.
    """
    values: list[Any] = []
    try:
        whole = (key, tuple(_shape(condition, values) for condition in conditions))
    except Shapeless:
        return None
    if whole not in _statements:
        marks = {number: mark(value, number) for number, value in enumerate(values)}
        signs = iter(marks.values())
        try:
            made: Statement | None = make([_condition(shape, signs) for shape in whole[1]], marks)
        except (
            TypeError,
            ValueError,
            OverflowError,
            EmptyResultSet,
        ):  # a mark that the column does not take, or nothing to ask
            made = None
        with _lock:
            _statements[whole] = made
            while len(_statements) > MOST:
                _statements.popitem(last=False)
    statement = _statements.get(whole)
    return None if statement is None else (statement, values)  # type: ignore[return-value]


def _shape(where: Any, values: list[Any]) -> _Joined:
    """A condition without its values, which are put into the list in their order."""
    if not isinstance(where, Q):
        raise Shapeless
    return _Joined(where.connector, where.negated, tuple(_part(child, values) for child in where.children))


def _part(child: Any, values: list[Any]) -> _Joined | _Compared:
    if not isinstance(child, tuple):
        return _shape(child, values)
    path, value = child
    if path.rpartition("__")[2] in _OTHERS:
        raise Shapeless
    several = isinstance(value, list | tuple)
    return _Compared(path, several, tuple(_kind(each, values) for each in (value if several else (value,))))


def _kind(value: Any, values: list[Any]) -> Hashable:
    if value is None or isinstance(value, bool | Enum) or (type(value) is int and 0 <= value < _OWN_NUMBERS):
        return type(value), value
    if type(value) not in (int, str, date, datetime):
        raise Shapeless
    values.append(value)
    return "number" if type(value) is str and is_number(value) else type(value)


def _condition(shape: _Joined, signs: Iterator[Any]) -> Q:
    """The condition of a shape, with the marks for its values."""
    children: list[Any] = []
    for part in shape.parts:
        if isinstance(part, _Joined):
            children.append(_condition(part, signs))
        else:
            found = [kind[1] if isinstance(kind, tuple) else next(signs) for kind in part.kinds]
            children.append((part.path, found if part.several else found[0]))
    return Q(*children, _connector=shape.connector, _negated=shape.negated)
