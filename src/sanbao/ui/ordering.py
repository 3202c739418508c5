"""The order of a list and the rows beside one of them, so that one index answers a page however far down it stands."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, F, Func, Model, Q, Value
from django.db.models.lookups import GreaterThan, LessThan


def order(model: Any, path: str, falling: bool, *, back: bool = False) -> list[Any]:
    """The order (column, id), both the same way so that one index answers it; rows with nothing in the column come last.

    Where the column is never empty nothing is said of NULLs, because an ordinary index could then not be read backwards.
    """
    down = falling != back
    sign = "-" if down else ""
    if path == "pk":
        return [f"{sign}pk"]
    if not _may_be_null(model, path):
        return [f"{sign}{path}", f"{sign}pk"]
    nulls: dict[str, bool] = {"nulls_first": True} if back else {"nulls_last": True}
    column = F(path)
    return [column.desc(**nulls) if down else column.asc(**nulls), f"{sign}pk"]


def beside(model: type[Model], path: str, value: Any, pk: int, falling: bool, *, back: bool) -> Any:
    """The condition "after (before) the row (value, pk) in the list's order"."""
    down = falling != back
    further = "lt" if down else "gt"
    if path == "pk":
        return Q(**{f"pk__{further}": pk})
    if not _may_be_null(model, path):
        field = BooleanField()  # compared as a row; the type of the pair itself is of no matter
        pair = Func(F(path), F("pk"), template="(%(expressions)s)", output_field=field)
        place = Func(Value(value), Value(pk), template="(%(expressions)s)", output_field=field)
        return (LessThan if down else GreaterThan)(pair, place)
    same = Q(**{path: value}) if value is not None else Q(**{f"{path}__isnull": True})
    rows = same & Q(**{f"pk__{further}": pk})
    if value is None:
        return rows | Q(**{f"{path}__isnull": False}) if back else rows
    rows |= Q(**{f"{path}__{further}": value})
    return rows if back else rows | Q(**{f"{path}__isnull": True})


def _may_be_null(model: Any, path: str) -> bool:
    """Whether the column, or a link on the way to it, can be empty; what is not a field (an annotation) may be."""
    try:
        for name in path.split("__"):
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
            if field.null:
                return True
            model = field.related_model
    except (FieldDoesNotExist, AttributeError):
        return True
    return False
