"""New rows of several tables, stored in one message to the database.

What comes in as one thing is often a dozen rows of five tables. Saved one model after the other, each costs a way to the database and back
and Django's work on a statement of its own; the database needs a fraction of that. Nothing comes back: rows that others refer to bring
their numbers along (a sequence's `nextval`, asked beforehand).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.db.models import FileField, Model
from django.db.models.base import ModelState
from django.utils.functional import Promise

from sanbao.edge import kept

M = TypeVar("M", bound=Model)


def fresh(model: type[M], /, **values: Any) -> M:
    """A new row of a model, not yet stored: `values` by the names of their columns (`company_id`), the models' defaults for the others.

    The same as calling the model, in a third of the time, for those of whom an operation makes a dozen and an import a hundred thousand:
    every value is taken as it is, and a thing is known by its number until somebody asks for it.
    """
    plain, made, known = _defaults(model)
    if not known >= values.keys():
        raise TypeError(f"{model.__name__} has no columns {', '.join(sorted(values.keys() - known))}")
    row = model.__new__(model)
    told = row.__dict__
    told["_state"] = ModelState()
    told.update(plain)
    for name, make in made:
        told[name] = make()
    told.update(values)
    return row


def another(row: M, /, **values: Any) -> M:
    """One more new row, the same but for `values`: the quickest way to very many. Nothing that a thing would change in place may be in it."""
    more = type(row).__new__(type(row))
    more.__dict__.update(row.__dict__)
    more.__dict__.update(values, _state=ModelState())
    return more


def at_hand(row: Model, /, **things: Model | None) -> None:
    """What a row points to, by the names of its fields: its number, and the thing itself, so that nobody asks the database for it."""
    known = row._state.fields_cache
    for name, thing in things.items():
        row.__dict__[f"{name}_id"] = None if thing is None else thing.pk
        known[name] = thing


@cache
def _defaults(
    model: type[Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], frozenset[str]]:
    """What stands in a new row's columns where nothing is said, and what makes it where each row has its own."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    own = [
        (field.attname, field.default) for field in fields if field.has_default() and callable(field.default)
    ]
    plain = {field.attname: field.get_default() for field in fields}
    return plain, own, frozenset(field.attname for field in fields)


@contextmanager
def in_one_message() -> Iterator[None]:
    """What is sent in here goes to the database in one message; what it answers can be read afterwards. Belongs inside a transaction."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


class ToStore(list[Model]):
    """What an operation has made, for who stores it together with more."""


def store(rows: Iterable[Model]) -> None:
    """Write the rows in their order, each run of one model as one statement: new ones are inserted, those stored already written anew.

    Belongs inside a transaction. DatabaseError if a row to be written anew is not there any more, or not for whoever is at work.
    """
    written = list(rows)
    if not written:
        return
    anew: list[tuple[type[Model], Any, int]] = []
    with connection.cursor() as cursor, in_one_message():
        for (model, is_new, has_number), run in groupby(written, key=_kind):
            if is_new:
                _send(cursor, _insertion(model, has_number), run)
            else:
                changed = list(run)
                for row in changed:  # what it points to may have got its number since
                    row._prepare_related_fields_for_save("store")
                own = connection.cursor()  # it is asked how many rows it has reached
                anew.append((model, own, _send(own, _update(model), changed)))
    for model, own, count in anew:
        with own:
            if own.rowcount != count:
                raise DatabaseError(
                    f"{count - own.rowcount} of {count} {model.__name__} could not be written"
                )
    for row in written:
        row._state.adding, row._state.db = False, connection.alias


def _kind(row: Model) -> tuple[type[Model], bool, bool]:
    return type(row), row._state.adding, row.pk is not None


# A statement, the columns it fills, and what reads them off a row. The rows are told as JSON: one statement for any number of them.
_Writing = tuple[str, list[str], Callable[[Model], tuple[Any, ...]]]


def _send(cursor: Any, writing: _Writing, rows: Iterable[Model]) -> int:
    statement, names, values = writing
    kept.wrote(statement)
    told = [dict(zip(names, values(row), strict=True)) for row in rows]
    cursor.execute(statement, [_JSON(told)])
    return len(told)


@cache
def _update(model: type[Model]) -> _Writing:
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    key = model._meta.pk
    table = f'"{model._meta.db_table}"'
    columns = ", ".join(f'"{field.column}" = told."{field.column}"' for field in fields if field is not key)
    statement = (
        f"UPDATE {table} SET {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) told"
        f' WHERE {table}."{key.column}" = told."{key.column}"'
    )
    return statement, *_read(model, fields)


@cache
def _insertion(model: type[Model], has_number: bool) -> _Writing:
    fields = [
        field for field in model._meta.local_concrete_fields
        if not field.generated and (has_number or not field.primary_key)
        and (field.has_default() or not field.has_db_default())
    ]  # fmt: skip
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
    return statement, *_read(model, fields)


def _read(model: type[Model], fields: Sequence[Any]) -> tuple[list[str], Callable[[Model], tuple[Any, ...]]]:
    for field in fields:
        if (
            getattr(field, "auto_now", False)
            or getattr(field, "auto_now_add", False)
            or isinstance(field, FileField)
        ):
            raise TypeError(f"{field} is made when it is saved: save {model.__name__} by the model.")
    return [field.column for field in fields], attrgetter(*(field.attname for field in fields))


def _told(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | Promise):
        return str(value)
    raise TypeError(f"{value!r} can't be stored")


_JSON = json.JSONEncoder(ensure_ascii=False, default=_told, separators=(",", ":")).encode
