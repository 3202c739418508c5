"""Rows into the facts the rules ask for: one line a sheet, made by the database for a batch of outlets at a time.

The line is the one of `sanbao_rules.packing`. It holds no name and no phone number, so it may stay in a decision for ever.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

# What a sheet says, up to its findings.
_SAID = """array_to_string(s.missing, ',') || '|' || coalesce(m.category, '') || '|' || s.work || '|' || trim_scale(s.km)
               || '|' || coalesce(s.purchased_on::text, '') || '|' || coalesce(s.installed_on::text, '')
               || '|' || coalesce(s.reported_on::text, '') || '|' || coalesce(s.completed_on::text, '')
               || '|' || translate(s.component, E'|\\n\\r', '   ') || '|' || s.claimed_out::int || '|'"""
# What a finding says: its kind, and the money the rules need with it.
_FOUND = "kind || ':' || CASE WHEN kind = 'false_panel' THEN fine_fen ELSE refund_fen END"
_SQL = f"""
    SELECT s.outlet_id,
           string_agg(s.id::text, ',' ORDER BY s.id),
           string_agg({_SAID} || coalesce(f.line, ''), E'\\n' ORDER BY s.id)
    FROM settlements_sheet AS s
    LEFT JOIN products_model AS m ON m.company_id = s.company_id AND m.code = s.model
    LEFT JOIN (
        SELECT sheet_id, string_agg({_FOUND}, ',' ORDER BY id) AS line
        FROM settlements_finding WHERE outlet_id = ANY(%(outlets)s) AND counted GROUP BY sheet_id
    ) AS f ON f.sheet_id = s.id
    WHERE s.company_id = %(company)s AND s.month = %(month)s AND s.outlet_id = ANY(%(outlets)s) AND s.withdrawn_at IS NULL
    GROUP BY s.outlet_id ORDER BY s.outlet_id
"""


_ONE = f"""
    SELECT {_SAID} FROM settlements_sheet AS s
    LEFT JOIN products_model AS m ON m.company_id = s.company_id AND m.code = s.model WHERE s.id = %(sheet)s
"""
_SOME = f"SELECT coalesce(string_agg({_FOUND}, ',' ORDER BY id), '') FROM settlements_finding WHERE id = ANY(%(findings)s)"


class OutletMonth(NamedTuple):
    """The sheets of one outlet's month: their ids as text, and their facts, one line each in the same order."""

    outlet_id: int
    sheets: list[str]
    facts: list[str]


def sheets_of(company_id: int, month: date, outlets: Sequence[int]) -> Iterator[OutletMonth]:
    """The facts of these outlets' sheets; outlets without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"company": company_id, "month": month, "outlets": list(outlets)})
        for outlet_id, ids, lines in cursor:
            yield OutletMonth(outlet_id, ids.split(","), lines.split("\n"))


def line_of(sheet_id: int, findings: Sequence[int]) -> str:
    """The facts of one sheet with these findings about it."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, {"sheet": sheet_id})
        said: str = cursor.fetchone()[0]
        cursor.execute(_SOME, {"findings": list(findings)})
        return said + str(cursor.fetchone()[0])
