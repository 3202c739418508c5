"""What hardly ever changes (classes, teams, rules, editions), kept in the process for as long as the database says it has not changed.

A table that is `stamped` (migration) has a token in edge_stamp, a new one with every statement that changes it. A request reads all tokens
once, with the person's posts; `kept` then answers from the process while the tokens of its tables are the same. Nothing is ever older than
the beginning of the request:

- tokens are random and never come again, so what a rolled-back transaction saw is never taken for another's;
- once a request has itself written to a stamped table, it keeps and takes nothing any more (edge/watch.py shows us every statement);
- outside a request (jobs, commands, tests of operations), and for tables without a token, everything is asked anew, but within `keeping`.

What is kept is shared by threads: rows are read, never changed. `key` must say whose they are: company, and places where they matter.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import connection
from django.db.migrations import RunSQL
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

T = TypeVar("T")
MOST = 4_000

_tokens: ContextVar[Mapping[str, str] | None] = ContextVar("tokens", default=None)
_things: OrderedDict[Hashable, object] = OrderedDict()
_lock = threading.Lock()
_WRITES = re.compile(
    r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+\"?(\w+)", re.IGNORECASE
)


def tokens() -> RawSQL:
    """An annotation that brings the tokens along with any row."""
    return RawSQL("(SELECT jsonb_object_agg(name, token) FROM edge_stamp)", [], output_field=JSONField())


def know(told: Mapping[str, str] | None) -> None:
    """The tokens as they were when the request at hand began."""
    _tokens.set(told or None)


@contextmanager
def knowing_nothing() -> Iterator[None]:
    """A request begins: what an earlier one knew is forgotten."""
    before = _tokens.set(None)
    try:
        yield
    finally:
        _tokens.reset(before)


@contextmanager
def keeping() -> Iterator[None]:
    """Keep for a long piece of work outside a request (a job that brings thousands of rows); what is known already stays known."""
    if _tokens.get() is not None:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(jsonb_object_agg(name, token), '{}')::text FROM edge_stamp")
        before = _tokens.set(json.loads(cursor.fetchone()[0]))
    try:
        yield
    finally:
        _tokens.reset(before)


def wrote(sql: object) -> None:
    """A statement is about to run: if it changes a stamped table, the request asks everything anew from now on."""
    known = _tokens.get()
    if known and isinstance(sql, str) and (write := _WRITES.match(sql)) and write[1] in known:
        _tokens.set(None)


def kept(key: Hashable, tables: tuple[str, ...], make: Callable[[], T]) -> T:
    """`make()`, or what it answered before while no row of `tables` has changed since. Lists come back as they are: do not change them."""
    known = _tokens.get()
    if known is None:
        return make()
    try:
        whole = (key, *[known[table] for table in tables])
    except KeyError:  # a table without a token
        return make()
    with _lock:
        if whole in _things:
            _things.move_to_end(whole)
            return _things[whole]  # type: ignore[return-value]
    made = make()
    if _tokens.get() is known:
        with _lock:
            _things[whole] = made
            while len(_things) > MOST:
                _things.popitem(last=False)
    return made


def stamped(table: str, columns: str = "") -> RunSQL:
    """A migration's step: the table has a token from now on. `columns`: only changes of these count ("name, is_active")."""
    update = f"UPDATE OF {columns}" if columns else "UPDATE"
    return RunSQL(
        f"CREATE TRIGGER edge_stamp AFTER INSERT OR {update} OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION edge_stamp_changed();"
        f" INSERT INTO edge_stamp (name, token) VALUES ('{table}', gen_random_uuid())",
        f"DROP TRIGGER edge_stamp ON {table}; DELETE FROM edge_stamp WHERE name = '{table}'",
    )
