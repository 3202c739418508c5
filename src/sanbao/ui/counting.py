"""Counts that stay flat: no further than one beyond the cap, all of a list's tabs in one statement."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, FieldError, FullResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value

CAP = 1000


def capped_counts(rows: QuerySet[Any], conditions: Sequence[Q], cap: int = CAP) -> list[int]:
    """How many of the rows fulfil each condition, counting no further than one beyond the cap, in one statement."""
    try:
        return counted(*counting(rows, conditions, cap))
    except EmptyResultSet:
        return [0] * len(conditions)


def counts_of_few(rows: QuerySet[Any], conditions: Sequence[Q]) -> list[int]:
    """How many of a few rows fulfil each condition, in one walk over them."""
    try:
        return counted(*counting_few(rows, conditions))
    except EmptyResultSet:
        return [0] * len(conditions)


def counted(sql: str, params: Sequence[Any]) -> list[int]:
    """The counts that a statement answers in one row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchone())


def counting(rows: QuerySet[Any], conditions: Sequence[Q], cap: int = CAP) -> tuple[str, Sequence[Any]]:
    """The statement of `capped_counts`; EmptyResultSet where nothing can fulfil any condition."""
    pieces: list[str] = []
    values: list[Any] = []
    for sql, params in _capped(rows, conditions, cap):
        pieces.append(f"(SELECT count(*) FROM ({sql}) counted)" if sql else "0")
        values.extend(params)
    if set(pieces) <= {"0"}:
        raise EmptyResultSet
    return f"SELECT {', '.join(pieces)}", values


def counting_few(rows: QuerySet[Any], conditions: Sequence[Q]) -> tuple[str, Sequence[Any]]:
    """The statement of `counts_of_few`; EmptyResultSet where there can be no rows."""
    told = {f"n{number}": _told(condition) for number, condition in enumerate(conditions)}
    sql, params = rows.order_by().annotate(**told).values_list(*told).query.sql_with_params()
    counts = ", ".join(f"count(*) FILTER (WHERE {name})" for name in told)
    return f"SELECT {counts} FROM ({sql}) few", params


def _told(condition: Q) -> ExpressionWrapper:
    """Whether a row fulfils the condition, as a column; no condition is fulfilled by every row."""
    return ExpressionWrapper(condition or Q(Value(True)), output_field=BooleanField())


def _capped(rows: QuerySet[Any], conditions: Sequence[Q], cap: int) -> Iterator[tuple[str, Sequence[Any]]]:
    """The statement of each condition; "" where nothing can fulfil it.

    The rows are the same for all of them and are put into SQL once. A condition that needs a table of its own is put into SQL with them.
    """
    base = rows.order_by().values("pk").query
    compiler = base.get_compiler(rows.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        yield from (("", ()) for _condition in conditions)
        return
    joined = "AND" if _narrows(base, compiler) else "WHERE"
    is_plain = not (base.is_sliced or base.combinator or base.distinct or base.group_by is not None)
    for condition in conditions:
        where = _local(base, condition) if condition and is_plain else None
        try:
            if where is None:
                of_its_own = rows.filter(condition).order_by().values("pk")[: cap + 1].query
                yield of_its_own.get_compiler(rows.db).as_sql()
            else:
                more, added = compiler.compile(where)
                yield f"{sql} {joined} {more} LIMIT {cap + 1}", (*params, *added)
        except EmptyResultSet:
            yield "", ()
        except FullResultSet:
            yield f"{sql} LIMIT {cap + 1}", params


def _narrows(query: Any, compiler: Any) -> bool:
    """Whether the rows' statement has a WHERE."""
    try:
        return bool(query.where and compiler.compile(query.where)[0])
    except FullResultSet:
        return False


def _local(base: Any, condition: Q) -> Any:
    """The condition on the rows' own columns; None if it needs another table or a group."""
    try:
        where = base.chain().build_where(condition)
    except FieldError:
        return None
    return None if where.contains_aggregate or where.contains_over_clause else where


def said_count(count: int, *, or_more: bool = False) -> str:
    """A count for people: "17", "1 000+" beyond the cap; `or_more`: only the newest were looked at, there may be more."""
    if count > CAP or (or_more and count):
        return f"{min(count, CAP):,}+".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return str(count)
