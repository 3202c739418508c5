"""The cast as it stands after its founding, kept in the database and copied for the next test.

Founding it through the operations takes some fifty milliseconds, four thousand times a run. So the first test of a worker founds it,
and what that left in the tables is kept in a schema of its own, from where the server copies it: the same rows with the same triggers, in
a few milliseconds. Every statement's own triggers run (history, tokens); the log of events is copied like any other table.
"""

import copy

from django.db import connection, connections

from sanbao.accounts.models import Company
from tests.cast import Cast, assemble

KEPT = "standing_cast"
# What the triggers write anew with every copy.
MADE_BY_TRIGGERS = {"audit_change", "edge_stamp"}

_founded: Cast | None = None
_copying = ""


def standing() -> Cast:
    """The cast in a database in which nobody has been founded yet; where somebody has, it is founded beside them."""
    global _founded
    if Company.objects.exists():
        return assemble()
    if _founded is None:
        before = filled()
        cast = assemble()
        _keep(sorted(filled() - before - MADE_BY_TRIGGERS))
        _founded = copy.deepcopy(cast)
        return cast
    with connection.cursor() as cursor:
        cursor.execute(_copying)
    return copy.deepcopy(_founded)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return [table.name for table in connection.introspection.get_table_list(cursor) if table.type == "t"]


def filled() -> set[str]:
    """The tables with a row in them."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in _tables()))
        return {name for (name,) in cursor.fetchall()}


def _keep(tables: list[str]) -> None:
    """Keep these tables' rows where no test's end takes them away: by a connection of its own."""
    global _copying
    rows, columns = {}, {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                [table],
            )
            columns[table] = cursor.fetchone()[0]
            cursor.execute(f'SELECT jsonb_agg(to_jsonb(t))::text FROM "{table}" t')
            rows[table] = cursor.fetchone()[0]
    apart = connections["default"].copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE; CREATE SCHEMA {KEPT}")
            for table in tables:
                cursor.execute(
                    f'CREATE TABLE {KEPT}."{table}" AS'
                    f' SELECT {columns[table]} FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)',
                    [rows[table]],
                )
    finally:
        apart.close()
    # One message. Foreign keys are checked at the transaction's end, so the order of the tables does not matter.
    _copying = "; ".join(
        f'INSERT INTO "{table}" ({columns[table]}) SELECT {columns[table]} FROM {KEPT}."{table}"'
        for table in tables
    )
