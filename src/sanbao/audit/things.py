"""Whose history may be read: each module says which rows of its tables a person may see, and registers it in its apps.py.

A table that nobody registered has a history, but no page: it is not shown by mistake.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from sanbao.accounts.access import Access

Visible = Callable[[Access], QuerySet[Any]]

_VISIBLE: dict[str, Visible] = {}


def register(table: str, visible: Visible) -> None:
    """The rows of `table` whose history a person may read (who also has audit:event:view)."""
    _VISIBLE[table] = visible


def registered() -> tuple[str, ...]:
    return tuple(_VISIBLE)


def visible(table: str, access: Access) -> QuerySet[Any] | None:
    """The rows; None for a table without a page."""
    found = _VISIBLE.get(table)
    return found(access) if found else None


def model_of(table: str) -> type[Model] | None:
    """The model behind a table."""
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)
