"""A query put into SQL once: with marks in the place of its values.

Django works a query out anew each time: half a millisecond to three of Python, for a database that answers in a tenth of that. Here it is
worked out with values nobody has; where they turn up in the statement is where the real ones go. Who keeps statements and under which
key is said by those who ask (sanbao.accounts.written, sanbao.ui.asking).

Values are whole numbers, texts, days or moments, never None.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators
from psycopg.sql import Literal

# Numbers near the end of what the database holds, texts of private characters, moments in the year 9000.
_NUMBER, _TEXT, _MOMENT = 9_100_000_000_000_000_000, "\ue0f0%d\ue0f1", datetime(9000, 1, 1, tzinfo=UTC)
_PLACE = re.compile("%%|%s")


def mark(value: Any, number: int) -> Any:
    """What stands for a value of this kind while a statement is worked out; `number` tells it from the others."""
    match value:
        case bool():
            raise TypeError("True and False belong to the key.")
        case int():
            return _NUMBER + number
        case str() if is_number(value):  # an address's way of saying a number: the column decides which it is
            return str(_NUMBER + number)
        case str():
            return _TEXT % number
        case datetime():
            return _MOMENT + timedelta(days=number)
        case date():
            return _MOMENT.date() + timedelta(days=number)
    raise TypeError(f"{type(value).__name__} can't be a value of a statement.")


def is_number(text: str) -> bool:
    """Whether a text may be put where the column holds numbers."""
    return text.isascii() and text.isdecimal() and len(text) < 19


class Statement:
    """SQL with the places of its values, which are named by what they are called, or numbered.

    What is no value stands in the SQL itself: it is always the same, and the driver need not write it in each time.
    """

    def __init__(self, sql: str, params: Sequence[Any], marks: Mapping[Any, Any]):
        names: dict[Any, Hashable] = {_known_by(sign): name for name, sign in marks.items()}
        # Of each value: what it is called, and whether the column holds numbers (an address says them as texts).
        self.places: list[tuple[Hashable, bool]] = []
        given = iter(params)

        def filled(place: re.Match[str]) -> str:
            if place[0] == "%%":
                return "%%"
            param = next(given)
            if (name := names.get(_known_by(param))) is None:
                return str(Literal(param).as_string(cursor.cursor)).replace("%", "%%")
            self.places.append((name, isinstance(param, int)))
            return "%s"

        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:  # it knows how the server reads a literal
            self.sql = _PLACE.sub(filled, sql)
        if lost := set(names.values()) - {name for name, _whole in self.places}:
            raise TypeError(f"{', '.join(sorted(map(str, lost)))} stands nowhere in the statement.")

    def params(self, values: Mapping[Any, Any] | Sequence[Any]) -> tuple[Any, ...]:
        """The statement's parameters: the values in their places."""
        return tuple(
            int(values[name]) if is_whole else values[name]  # type: ignore[call-overload]
            for name, is_whole in self.places
        )


class Rows(Statement):
    """A query of models' rows; what it answers are the rows as from the query itself.

    What Django's ModelIterable works out before the first row is worked out once here; and what stands beside many rows (their class, say) is
    one object for all of them.
    """

    def __init__(self, rows: QuerySet[Any], marks: Mapping[Any, Any]):
        if rows._prefetch_related_lookups or rows._iterable_class is not ModelIterable:
            raise TypeError("Only plain rows are written once.")
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        super().__init__(sql, params, marks)
        select, found = compiler.select, compiler.klass_info
        fields = found["select_fields"]
        self.model = found["model"]
        self.columns = slice(fields[0], fields[-1] + 1)
        self.names = [column[0].target.attname for column in select[self.columns]]
        ways = get_related_populators(found, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self.beside = [
            (way, told["field"].name if _is_for_many(way, told) else "")
            for way, told in zip(ways, found.get("related_klass_infos", ()), strict=True)
        ]
        self.annotated = list((compiler.annotation_col_map or {}).items())
        self.converters = list(compiler.get_converters([column for column, _sql, _alias in select]).items())

    def ask(self, values: Mapping[Any, Any] | Sequence[Any]) -> list[Any]:
        return self.sent(values)()

    def sent(self, values: Mapping[Any, Any] | Sequence[Any]) -> Callable[[], list[Any]]:
        """Asks now; what is returned reads the answer, so that several questions can go in one message (edge.storing.in_one_message)."""
        connection = connections[DEFAULT_DB_ALIAS]
        cursor = connection.cursor()
        cursor.execute(self.sql, self.params(values))

        def told() -> list[Any]:
            with cursor:
                rows = cursor.fetchall()
            if self.converters:
                rows = [self._converted(list(row), connection) for row in rows]
            seen: dict[tuple[int, Any], Any] = {}
            return [self._made(row, seen) for row in rows]

        return told

    def _read(self, row: Sequence[Any]) -> Any:
        """What Model.from_db makes, without handing forty values to as many setters; what stands where is known."""
        made = self.model.__new__(self.model)
        made.__dict__.update(zip(self.names, row[self.columns], strict=True), _state=ModelState())
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
        return made

    def _converted(self, row: list[Any], connection: Any) -> list[Any]:
        for at, (converters, column) in self.converters:
            for convert in converters:
                row[at] = convert(row[at], column, connection)
        return row

    def _made(self, row: Sequence[Any], seen: dict[tuple[int, Any], Any]) -> Any:
        made = self._read(row)
        for way, name in self.beside:
            if not name:
                way.populate(row, made)
                continue
            which = (way.cols_start, row[way.cols_start + way.pk_idx])
            if which in seen:
                way.local_setter(made, seen[which])
            else:
                way.populate(row, made)
                seen[which] = made._state.fields_cache[name]
        for annotation, at in self.annotated:
            setattr(made, annotation, row[at])
        return made


def _is_for_many(way: Any, told: Mapping[str, Any]) -> bool:
    """Whether the thing this way leads to may stand beside several rows, and nothing further stands beside it."""
    return not (told["reverse"] or told["field"].unique or way.reorder_for_init or way.related_populators)


def _known_by(param: Any) -> Any:
    """A mark among parameters; a number may have become a text or stayed one. Anything else is no mark (and need not be hashable)."""
    if isinstance(param, bool) or not isinstance(param, (int, str, date)):
        return None
    return str(param) if isinstance(param, int) else param
