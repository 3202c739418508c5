"""Queries that are put into SQL once a process.

What a page asks with the same words each time is made once, with marks in the place of its values (sanbao.edge.written says how):

    rows = written("promises", lambda request: Promise.objects.filter(request=request).order_by("id"), request=found.pk)

Values are whole numbers, texts, days or moments, never None. Everything else that shapes the query, a reach above all, belongs to `key`. The open
scope does of itself: the managers write its company into the SQL, and another company's statement is another statement.
"""

from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from sanbao.accounts import scope
from sanbao.edge.written import Rows, mark

MOST = 2_000

_statements: dict[Hashable, Rows] = {}
_lock = Lock()


def written(key: Hashable, make: Callable[..., QuerySet[Any]], **values: Any) -> list[Any]:
    """The rows of `make(**values)`, which is worked out only the first time."""
    return sent(key, make, **values)()


def sent(key: Hashable, make: Callable[..., QuerySet[Any]], **values: Any) -> Callable[[], list[Any]]:
    """The same, asked for now and read when what is returned is called: several questions in one message (edge.storing.in_one_message)."""
    whole = (key, _scope(), tuple(type(value) for value in values.values()))
    statement = _statements.get(whole)
    if statement is None:
        marks = {name: mark(value, number) for number, (name, value) in enumerate(values.items())}
        statement = Rows(make(**marks), marks)
        with _lock:
            if len(_statements) >= MOST:
                _statements.clear()
            _statements[whole] = statement
    return statement.sent(values)


def _scope() -> Hashable:
    """What of the open scope the managers write into a statement."""
    if not scope.is_open():
        return "closed"
    access = scope.current().access
    return "everything" if access is None else access.company_id


def first(rows: Sequence[Any]) -> Any:
    """The first of some rows; None where there are none."""
    return rows[0] if rows else None
