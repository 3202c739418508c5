"""Queries that are put into SQL once a process.

Django works a query out anew each time: half a millisecond to three of Python, for a database that answers in a tenth of that. What a page asks
with the same words each time is made once, with marks in the place of its values:

    rows = written("promises", lambda request: Promise.objects.filter(request=request).order_by("id"), request=found.pk)

Values are whole numbers, texts, days or moments, never None. Everything else that shapes the query, a reach above all, belongs to `key`. The open
scope does of itself: the managers write its company into the SQL, and another company's statement is another statement.
"""

import copy
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

from sanbao.accounts import scope

MOST = 2_000
# Values nobody has: numbers near the end of what the database holds, texts of private characters, moments in the year 9000.
_NUMBER, _TEXT, _MOMENT = 9_100_000_000_000_000_000, "\ue0f0%d\ue0f1", datetime(9000, 1, 1, tzinfo=UTC)


class _Statement:
    """One query in SQL, with the places of its values. What it answers are the models' rows, as from the query itself."""

    def __init__(self, make: Callable[..., QuerySet[Any]], values: dict[str, Any]):
        marks = {name: _mark(value, number) for number, (name, value) in enumerate(values.items())}
        rows = make(**marks)
        if rows._prefetch_related_lookups or rows._iterable_class is not ModelIterable:
            raise TypeError("Only plain rows are written once.")
        self.compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.params = self.compiler.as_sql()
        names = {mark: name for name, mark in marks.items()}
        self.places = [names.get(param) if _is_value(param) else None for param in self.params]
        if lost := set(marks) - set(self.places):
            raise TypeError(f"{', '.join(sorted(lost))} stands nowhere in the statement.")

    def ask(self, values: dict[str, Any]) -> list[Any]:
        params = tuple(
            values[name] if name else param for name, param in zip(self.places, self.params, strict=True)
        )
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_args, **_options: (self.sql, params)
        return list(ModelIterable(_Asked(compiler)))  # type: ignore[arg-type]


class _Asked:
    """What ModelIterable needs to see of a query set."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any):
        self.query = self
        self.get_compiler = lambda using: compiler


_statements: dict[Hashable, _Statement] = {}
_lock = Lock()


def written(key: Hashable, make: Callable[..., QuerySet[Any]], **values: Any) -> list[Any]:
    """The rows of `make(**values)`, which is worked out only the first time."""
    whole = (key, _scope(), tuple(type(value) for value in values.values()))
    statement = _statements.get(whole)
    if statement is None:
        statement = _Statement(make, values)
        with _lock:
            if len(_statements) >= MOST:
                _statements.clear()
            _statements[whole] = statement
    return statement.ask(values)


def _scope() -> Hashable:
    """What of the open scope the managers write into a statement."""
    if not scope.is_open():
        return "closed"
    access = scope.current().access
    return "everything" if access is None else access.company_id


def _is_value(param: Any) -> bool:
    return isinstance(param, (int, str, date)) and not isinstance(param, bool)


def _mark(value: Any, number: int) -> Any:
    match value:
        case bool():
            raise TypeError("True and False belong to the key.")
        case int():
            return _NUMBER + number
        case str():
            return _TEXT % number
        case datetime():
            return _MOMENT + timedelta(days=number)
        case date():
            return _MOMENT.date() + timedelta(days=number)
    raise TypeError(f"{type(value).__name__} can't be a value of a statement.")


def first(rows: Sequence[Any]) -> Any:
    """The first of some rows; None where there are none."""
    return rows[0] if rows else None
