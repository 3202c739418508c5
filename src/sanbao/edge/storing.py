"""New rows of several tables, stored in one message to the database.

What comes in as one thing is often a dozen rows of five tables. Saved one model after the other, each costs a way to the database and back
and Django's work on a statement of its own; the database needs a fraction of that. Nothing comes back: rows that others refer to bring
their numbers along (a sequence's `nextval`, asked beforehand).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from sanbao.edge import kept


def store(rows: Iterable[Model]) -> None:
    """Insert the rows in their order, each run of one model as one statement. Belongs inside a transaction."""
    statements: list[str] = []
    values: list[Any] = []
    stored = list(rows)
    for (model, has_number), run in groupby(stored, key=lambda row: (type(row), row.pk is not None)):
        beginning, fields = _insertion(model, has_number)
        kept.wrote(beginning)
        lines = ", ".join(f"({', '.join(_line(row, fields, values))})" for row in run)
        statements.append(f"{beginning} {lines}")
    if not statements:
        return
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements), values)
    for row in stored:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[Model], has_number: bool) -> tuple[str, tuple["Field[Any, Any]", ...]]:
    """The beginning of the statement, and the fields that follow."""
    fields = tuple(
        field for field in model._meta.local_concrete_fields
        if not field.generated and (has_number or not field.primary_key)
    )  # fmt: skip
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES', fields


def _line(row: Model, fields: tuple["Field[Any, Any]", ...], values: list[Any]) -> Iterator[str]:
    """The places of a row's values, which are added to those before."""
    for field in fields:
        value = field.pre_save(row, True)
        if isinstance(value, DatabaseDefault):
            yield "DEFAULT"
            continue
        values.append(field.get_db_prep_save(value, connection))
        placeholder = getattr(field, "get_placeholder", None)
        yield placeholder(value, None, connection) if placeholder else "%s"
