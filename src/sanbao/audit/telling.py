"""Columns and their values as people read them: labels, choices in words, amounts in yuan, people's data masked. No codes of ours."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateTimeField, Field, ForeignKey, Model
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import coverage
from sanbao.audit.history import ERASED, HIDDEN
from sanbao.audit.words import AMOUNTS, CODES, COLUMNS, TOLD_BY, detail_word
from sanbao.edge.kept import kept
from sanbao.ui import formats

LONGEST = 200
Telling = Callable[[Access, Any], str]

_TELLERS: dict[tuple[str, str], Telling] = {}


def register(thing: str, key: str, say: Telling) -> None:
    """How a module says a detail of events about its things ("intake:request", "category"): codes of its books and rows in words.

    `say` answers "" for what it does not know any more; then the code stands as it is.
    """
    _TELLERS[thing, key] = say


def label(model: type[Model] | None, column: str) -> str:
    """What a column is called."""
    if column in COLUMNS:
        return str(COLUMNS[column])
    field = field_of(model, column)
    return str(field.verbose_name) if field is not None else str(detail_word(column))


def field_of(model: type[Model] | None, column: str) -> Field | None:
    """The model's field behind a column; a column that is gone or was renamed has none."""
    if model is None:
        return None
    for field in model._meta.concrete_fields:
        if column in (field.column, field.name):
            return field
    return None


def value(model: type[Model] | None, column: str, raw: Any) -> str:
    """A stored value in words."""
    if raw in (None, "", [], {}):
        return "–"
    if raw == HIDDEN:
        return _("(never shown)")
    if raw == ERASED:
        return _("(erased)")
    field = field_of(model, column)
    kind = coverage.personal(model._meta.db_table, [column]).get(column) if model is not None else None
    if kind and kind != "text":
        return formats.masked(kind, raw)
    if (column.endswith("_fen") or column in AMOUNTS) and not isinstance(raw, bool):
        return formats.yuan(raw) if isinstance(raw, int) else str(raw)
    if field is not None and (shown := _by_field(field, raw)):
        return shown
    if isinstance(raw, date):
        return formats.short_date(raw)
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, dict):
        return _short(", ".join(f"{detail_word(key)} {inner}" for key, inner in raw.items()))
    if isinstance(raw, list):
        return _short(", ".join(str(item) for item in raw))
    return _short(str(raw))


def _by_field(field: Field, raw: Any) -> str:
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    if isinstance(field, BooleanField):
        return _("yes") if raw else _("no")
    if isinstance(field, DateTimeField):
        moment = raw if isinstance(raw, datetime) else parse_datetime(str(raw))
        return formats.short_date(moment) if moment else str(raw)
    if isinstance(field, ForeignKey) and field.related_model is Person and isinstance(raw, int):
        return person(raw)
    if isinstance(field, ForeignKey) and isinstance(raw, int):
        linked = field.related_model._base_manager.filter(pk=raw).first()
        return str(linked) if linked is not None else f"#{raw}"
    return ""


def person(pk: int) -> str:
    """The name of a person; one name is asked for once."""
    found = kept(
        ("person name", pk),
        ("accounts_person",),
        lambda: list(Person._base_manager.filter(pk=pk).values_list("name", flat=True)),
    )
    return found[0] if found else f"#{pk}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def detail(action: str, key: str, raw: Any) -> str:
    """A detail of an event in words: by the field of that name in the model the action is about ("settlements:finding:registered")."""
    if isinstance(raw, str) and (key, raw) in CODES:
        return str(CODES[key, raw])
    say = _TELLERS.get((action.rpartition(":")[0], key))
    if say is not None and (said := say(scope.current().access, raw)):
        return said
    if (action, key) in TOLD_BY:
        name, column = TOLD_BY[action, key]
        return value(apps.get_model(name), column, raw)
    model = model_of(action)
    if key in coverage.PERSONAL and coverage.PERSONAL[key] != "text":
        return formats.masked(coverage.PERSONAL[key], raw)
    if model is None or field_of(model, key) is None:
        return value(None, key, raw)
    return value(model, key, raw)


def model_of(action: str) -> type[Model] | None:
    """The model an action is about: “settlements:finding:registered” is about findings."""
    module, _colon, rest = action.partition(":")
    try:
        return apps.get_model(module, rest.partition(":")[0].replace("-", ""))
    except (LookupError, FieldDoesNotExist):
        return None
