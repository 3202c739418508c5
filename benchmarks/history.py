"""What the row history costs: `./dev bench history [rows]`.

The widest table that is written in bulk (record sheets) is filled by one INSERT … SELECT and then updated in one column, without history,
with Sanbao's statement trigger, and with what django-pghistory 3.9 makes of the same model: a row trigger that writes every column into
an event table of its own (its SQL, from the package's compiler). The best of three; bytes are the history's table and indexes.
"""

import json
import os
import platform
import sys
import time
from datetime import UTC, datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")

import django

django.setup()

from django.db import connection
from month import FILL, MONTH, OUTLET, _fill

from sanbao.accounts.scope import everything
from sanbao.settlements.management.commands.settle import scratch_database

LIKE_PGHISTORY = """
CREATE TABLE pgh_sheet (pgh_id bigserial PRIMARY KEY, pgh_created_at timestamptz NOT NULL, pgh_label text NOT NULL,
    LIKE settlements_sheet, pgh_obj_id bigint NOT NULL, pgh_context_id uuid);
CREATE INDEX ON pgh_sheet (pgh_obj_id);
CREATE INDEX ON pgh_sheet (pgh_context_id);
CREATE FUNCTION pgh_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgh_sheet SELECT nextval('pgh_sheet_pgh_id_seq'), NOW(), TG_OP, NEW.*, NEW.id, NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER pgh_insert AFTER INSERT ON settlements_sheet FOR EACH ROW EXECUTE FUNCTION pgh_insert();
CREATE TRIGGER pgh_update AFTER UPDATE ON settlements_sheet FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION pgh_insert();
"""
OFF = "ALTER TABLE settlements_sheet DISABLE TRIGGER USER"


def main() -> None:
    rows = int(sys.argv[1]) if sys.argv[1:] else 100_000
    results = {}
    for name, table in (("none", ""), ("sanbao", "audit_change"), ("pghistory", "pgh_sheet")):
        with scratch_database():
            by = _fill(OUTLET)
            _sql("DELETE FROM settlements_finding")
            if name != "sanbao":
                _sql(OFF)
            if name == "pghistory":
                _sql(LIKE_PGHISTORY)
            filled, updated = [], []
            for _ in range(3):
                _sql("DELETE FROM settlements_sheet")
                _sql("VACUUM settlements_sheet")
                if table:
                    _sql(f"TRUNCATE {table}")
                started = time.perf_counter()
                _sql(FILL.replace("%(first)s + i / 100", "%(first)s"), {"company": by.company_id, "first": _outlet(), "month": MONTH, "count": rows})  # fmt: skip
                filled.append(time.perf_counter() - started)
                size = _bytes(table)
                started = time.perf_counter()
                _sql("UPDATE settlements_sheet SET withdrawn_at = now()")
                updated.append(time.perf_counter() - started)
            results[name] = {
                "insert_us_a_row": round(min(filled) / rows * 1e6, 2),
                "update_us_a_row": round(min(updated) / rows * 1e6, 2),
                "bytes_an_insert": round(size / rows),
                "bytes_an_update": round((_bytes(table) - size) / rows),
            }
    machine = {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    print(json.dumps({"benchmark": "history", "at": at, "machine": machine, "rows": rows, "results": results}, indent=1))  # fmt: skip


def _sql(statement: str, values: dict[str, object] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _outlet() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM outlets_outlet")
        return int(cursor.fetchone()[0])


def _bytes(table: str) -> int:
    if not table:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    with everything("benchmark"):
        main()
