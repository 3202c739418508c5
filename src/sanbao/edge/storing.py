"""New rows of several tables, stored in one message to the database.

What comes in as one thing is often a dozen rows of five tables. Saved one model after the other, each costs a way to the database and back
and Django's work on a statement of its own; the database needs a fraction of that. Nothing comes back: rows that others refer to bring
their numbers along (a sequence's `nextval`, asked beforehand).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault

from sanbao.edge import kept

M = TypeVar("M", bound=Model)


def fresh(model: type[M], **values: Any) -> M:
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
