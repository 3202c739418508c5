"""A new request is written into every index of its tables: none of them is there twice."""

import pytest
from django.db import connection

# What grows with every request, order and sheet.
GROWING = (
    "intake_request", "intake_entry", "intake_promise", "decisions_decision", "audit_event", "hooks_delivery", "imports_brought",
    "workorders_order", "settlements_sheet",
)  # fmt: skip

# Of two whole B-trees on the same table the shorter, where the longer begins with its columns and has no condition.
TWICE = """
SELECT shorter.indrelid::regclass || ': ' || shorter.indexrelid::regclass || ' begins ' || longer.indexrelid::regclass
FROM pg_index shorter JOIN pg_index longer ON longer.indrelid = shorter.indrelid AND longer.indexrelid <> shorter.indexrelid
WHERE shorter.indrelid = ANY(%s::regclass[]) AND NOT shorter.indisunique
    AND shorter.indpred IS NULL AND longer.indpred IS NULL AND shorter.indexprs IS NULL
    AND (SELECT bool_and(relam = (SELECT oid FROM pg_am WHERE amname = 'btree')) FROM pg_class WHERE oid IN (shorter.indexrelid, longer.indexrelid))
    AND longer.indkey::text || ' ' LIKE shorter.indkey::text || ' %%'
ORDER BY 1
"""


def twice(*tables: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TWICE, [list(tables)])
        return [told for (told,) in cursor.fetchall()]


@pytest.mark.django_db
def test_no_index_of_a_growing_table_begins_another() -> None:
    assert twice(*GROWING) == []


@pytest.mark.django_db
def test_an_index_that_begins_another_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX needless ON intake_request (company_id)")
    assert "intake_request: needless begins intake_newest" in twice("intake_request")
