"""The row history: triggers on every business table that write who changed what from what to what.

Statement triggers with transition tables, so a statement costs one more INSERT however many rows it changes; COPY, bulk updates and
SQL typed by hand are caught like anything else. An insert keeps no image: what the row was at first is its later "before", or what it
is now. An update keeps the changed columns, a deletion the whole row. The triggers are put on after every `migrate`
(management/commands/migrate.py), on each table that sanbao.audit.coverage does not exempt: a new module's tables have them unasked.

Who: the settings `sanbao.person`, `sanbao.company`, `sanbao.request` and `sanbao.address` of the connection (sanbao.audit.actor), else
the database's own login. `sanbao.erasing` = "on" keeps personal data out of the images of an erasure.
"""

import hashlib
import json

from django.db import connection, transaction

from sanbao.accounts.scope import ROLE
from sanbao.audit import coverage

ERASED = "[erased]"
HIDDEN = "[hidden]"
_EVENTS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}

# Takes the arguments (derived, secret, personal columns, each joined by commas) from the trigger.
_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $body$
DECLARE
    the_person bigint := nullif(current_setting('sanbao.person', true), '')::bigint;
    the_company bigint := nullif(current_setting('sanbao.company', true), '')::bigint;
    the_request text := coalesce(current_setting('sanbao.request', true), '');
    the_address text := coalesce(current_setting('sanbao.address', true), '');
    the_login text := CASE WHEN the_person IS NULL THEN session_user::text ELSE '' END;
    the_tx bigint := pg_current_xact_id()::text::bigint;
    the_derived text[] := string_to_array(TG_ARGV[0], ',');
    the_hidden text[] := string_to_array(TG_ARGV[1], ',');
    the_erased text[] := CASE current_setting('sanbao.erasing', true) WHEN 'on' THEN string_to_array(TG_ARGV[2], ',') ELSE '{{}}' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_change (at, tx, "table", "row", op, person_id, company_id, login, request, address)
        SELECT now(), the_tx, TG_TABLE_NAME, {new}, 'I', the_person, the_company, the_login, the_request, the_address FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit_change (at, tx, "table", "row", op, before, after, person_id, company_id, login, request, address)
        SELECT now(), the_tx, TG_TABLE_NAME, {new}, 'U', change.before, change.after, the_person, the_company, the_login, the_request, the_address
        FROM old_rows o JOIN new_rows n ON {same}
        CROSS JOIN LATERAL (SELECT to_jsonb(o) AS b, to_jsonb(n) AS a OFFSET 0) AS image
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, CASE WHEN key = ANY(the_hidden) THEN '"{HIDDEN}"'
                                              WHEN key = ANY(the_erased) THEN '"{ERASED}"' ELSE value END) AS before,
                   jsonb_object_agg(key, CASE WHEN key = ANY(the_hidden) THEN '"{HIDDEN}"' ELSE image.a -> key END) AS after
            FROM jsonb_each(image.b) WHERE value IS DISTINCT FROM image.a -> key AND key <> ALL(the_derived)
        ) AS change
        WHERE change.before IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO audit_change (at, tx, "table", "row", op, before, person_id, company_id, login, request, address)
        SELECT now(), the_tx, TG_TABLE_NAME, {old}, 'D', {image}, the_person, the_company, the_login, the_request, the_address FROM old_rows o;
    ELSE
        INSERT INTO audit_change (at, tx, "table", "row", op, person_id, company_id, login, request, address)
        VALUES (now(), the_tx, TG_TABLE_NAME, '', 'T', the_person, the_company, the_login, the_request, the_address);
    END IF;
    RETURN NULL;
END
$body$
"""
_IMAGE = (
    f"(SELECT jsonb_object_agg(key, CASE WHEN key = ANY(the_hidden) THEN '\"{HIDDEN}\"'"
    f" WHEN key = ANY(the_erased) THEN '\"{ERASED}\"' ELSE value END) FROM jsonb_each(to_jsonb(o)))"
)

_NUMBERS = """
CREATE OR REPLACE FUNCTION audit_keep_number() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'a row of % keeps its key: its history goes by it', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$body$
"""
# The web's role may neither write history nor change what is logged; an erasure does it as the tables' owner.
_RIGHTS = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_change FROM {ROLE};
        REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM {ROLE};
    END IF;
END
$$
"""
_TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
       (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
        FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary),
       (SELECT coalesce(jsonb_object_agg(t.tgname, coalesce(obj_description(t.oid, 'pg_trigger'), '')), '{}')
        FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'history%%' AND t.tgenabled <> 'D')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
GROUP BY c.oid, c.relname ORDER BY c.relname
"""


def _tables() -> list[tuple[str, list[str], list[str], dict[str, str]]]:
    """Every table of the schema: name, columns, primary key, history triggers {name: what it was made from}."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        rows = cursor.fetchall()
    return [
        (name, columns, key or [], json.loads(found) if isinstance(found, str) else found)
        for name, columns, key, found in rows
    ]


def uncovered() -> list[str]:
    """The business tables that lack a trigger of the history."""
    return [
        name
        for name, _columns, key, found in _tables()
        if not coverage.exempt(name) and not _wanted(key) <= set(found)
    ]


@transaction.atomic
def install() -> list[str]:
    """Put the triggers on every business table that lacks them or has others; returns the tables that were touched.

    A table whose triggers are right is not locked. Nothing is done before the history's own table exists.
    """
    tables = _tables()
    if "audit_change" not in {name for name, *_rest in tables}:
        return []
    touched = []
    functions: set[str] = set()
    with connection.cursor() as cursor:
        for name, columns, key, found in tables:
            if coverage.exempt(name):
                if found:
                    _take_off(cursor, name, found)
                    touched.append(name)
                continue
            function, body = _function(key)
            arguments = ", ".join(
                "'" + ",".join(names) + "'"
                for names in (
                    coverage.DERIVED.get(name, ()),
                    coverage.secret(name, columns),
                    coverage.personal(name, columns),
                )
            )
            stamp = hashlib.sha256((body + arguments).encode()).hexdigest()[:16]
            if _wanted(key) == set(found) and set(found.values()) == {stamp}:
                continue
            if function not in functions:
                cursor.execute(body)
                cursor.execute(_NUMBERS)
                functions.add(function)
            _take_off(cursor, name, found)
            for event, referencing in _EVENTS.items():
                _put_on(cursor, name, event, f"AFTER {event} ON {_quoted(name)} {referencing}", function, arguments, stamp)  # fmt: skip
            _put_on(cursor, name, "truncate", f"BEFORE TRUNCATE ON {_quoted(name)}", function, arguments, stamp)  # fmt: skip
            if key:
                parts = ", ".join(_quoted(part) for part in key)
                changed = f"({', '.join('OLD.' + _quoted(part) for part in key)}) IS DISTINCT FROM ({', '.join('NEW.' + _quoted(part) for part in key)})"
                cursor.execute(
                    f"CREATE TRIGGER history_key BEFORE UPDATE OF {parts} ON {_quoted(name)} FOR EACH ROW"
                    f" WHEN ({changed}) EXECUTE FUNCTION audit_keep_number()"
                )
                cursor.execute(f"COMMENT ON TRIGGER history_key ON {_quoted(name)} IS '{stamp}'")
            touched.append(name)
        cursor.execute(_RIGHTS)
    return touched


def _wanted(key: list[str]) -> set[str]:
    """The names of the triggers a table with this primary key has."""
    return {f"history_{event}" for event in (*_EVENTS, "truncate", *(["key"] if key else []))}


def _put_on(cursor, table: str, event: str, when: str, function: str, arguments: str, stamp: str) -> None:  # type: ignore[no-untyped-def]
    cursor.execute(
        f"CREATE TRIGGER history_{event} {when} FOR EACH STATEMENT EXECUTE FUNCTION {function}({arguments})"
    )
    cursor.execute(f"COMMENT ON TRIGGER history_{event} ON {_quoted(table)} IS '{stamp}'")


def _take_off(cursor, table: str, triggers: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    for trigger in triggers:
        cursor.execute(f"DROP TRIGGER {_quoted(trigger)} ON {_quoted(table)}")


def _function(key: list[str]) -> tuple[str, str]:
    """The trigger function for tables of this primary key: its name and text. A table without a key keeps no row's name."""
    name = f"audit_keep_{'_'.join(key) or 'nothing'}"[:60]
    image = _IMAGE

    def joined(alias: str) -> str:
        return f"concat_ws('/', {', '.join(f'{alias}.{_quoted(part)}' for part in key)})" if key else "''"

    same = " AND ".join(f"o.{_quoted(part)} = n.{_quoted(part)}" for part in key) or "false"
    if len(key) == 1:
        old, new = f"o.{_quoted(key[0])}::text", f"n.{_quoted(key[0])}::text"
    else:
        old, new = joined("o"), joined("n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
    return name, _FUNCTION.format(
        name=name, schema=schema, old=old, new=new, same=same, image=image, HIDDEN=HIDDEN, ERASED=ERASED
    )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
