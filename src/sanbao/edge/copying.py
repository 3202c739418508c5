"""Many rows into a table in one stream (COPY): a fraction of the time of INSERT. Triggers, keys and defaults hold as ever.

COPY refuses tables with row-level security, so the caller stands in `accounts.scope.as_owner` and has asked for the permission itself.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.expressions import DatabaseDefault

_JSON = json.JSONEncoder(ensure_ascii=False).encode


class Json(str):
    """What a JSON column holds, written as text already: copied in as it is."""

    __slots__ = ()


def take_numbers(model: type[Model], count: int) -> list[int]:
    """So many ids for new rows, in one statement: each row is written once, with those that point to it."""
    return numbers_sent(model, count)()


def numbers_sent(model: type[Model], count: int) -> Callable[[], list[int]]:
    """The same, asked for now and read when what is returned is called (edge.storing.in_one_message)."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) FROM generate_series(1, %s)",
        [model._meta.db_table, count],
    )

    def told() -> list[int]:
        with cursor:
            return [number for (number,) in cursor.fetchall()]

    return told


def copy_in(rows: Sequence[Model], *, numbers: bool = True) -> None:
    """Write new rows of one model. What the database fills in is left to it.

    `numbers`: those without an id are given theirs first, so that others may point to them; else they get it as they are written.
    """
    if not rows:
        return
    if numbers and rows[0].pk is None:
        number(rows)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        _copy(connection.connection, rows)


def number(rows: Sequence[Model]) -> None:
    """Give new rows of one model their ids."""
    for row, pk in zip(rows, take_numbers(type(rows[0]), len(rows)), strict=True):
        row.pk = pk


Copy = Callable[[Sequence[Model]], None]


@contextmanager
def copying_beside() -> Iterator[Copy]:
    """Yields a `copy_in` that returns at once: a thread hands the rows to the database while the caller makes the next ones.

    They come in the order they are given, on the caller's own connection and in its transaction. Whoever asks the database meanwhile waits
    until what was given is in; so does the end of the block. What the database refuses is raised there. Rows without an id get theirs as
    they are written. Do not change a row that was given.
    """
    raw = connection.connection
    given: list[Future[None]] = []

    def copy(rows: Sequence[Model]) -> None:
        if rows:
            given.append(worker.submit(_copy, raw, rows))

    def all_in() -> None:
        with connection.wrap_database_errors:
            while given:
                given.pop(0).result()

    def ask(execute: Callable[..., Any], *asked: Any) -> Any:
        all_in()
        return execute(*asked)

    worker = ThreadPoolExecutor(1, "copying")
    try:
        with connection.execute_wrapper(ask):
            yield copy
            all_in()
    finally:
        worker.shutdown(cancel_futures=True)


def _copy(raw: Any, rows: Sequence[Model]) -> None:
    """`raw` is the driver's own connection, for Django's belongs to the thread that opened it."""
    model, first = type(rows[0]), rows[0]
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated
        and not isinstance(getattr(first, field.attname), DatabaseDefault)
        and not (field.primary_key and first.pk is None)
    ]
    values = itemgetter(
        *(field.attname for field in fields)
    )  # off the row itself: a foreign key's number has a long way else
    texts = [at for at, field in enumerate(fields) if isinstance(field, JSONField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with (
        raw.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            told = values(row.__dict__)
            copy.write_row(_with_json(told, texts) if texts else told)


def _with_json(values: tuple[Any, ...], at: list[int]) -> list[Any]:
    told = list(values)
    for place in at:
        value = told[place]
        if type(value) is not Json:
            told[place] = _JSON(value)
    return told
