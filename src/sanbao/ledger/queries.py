"""Balances, and the invariants that must hold at any time."""

from django.db import connection
from django.db.models import QuerySet

from sanbao.ledger.models import Account, Entry


def balance(company_id: int, code: str, outlet_id: int | None = None) -> int:
    """An account's balance in fen; 0 for an account nothing has been posted to."""
    row = Account.objects.filter(company_id=company_id, unit="CNY", code=code, outlet_id=outlet_id).first()
    return row.balance if row else 0


def entries_of(source: str, source_id: int) -> QuerySet[Entry]:
    """The entries that one thing has caused, oldest first, with their postings."""
    return (
        Entry.objects.filter(source=source, source_id=source_id)
        .select_related("by", "reverses")
        .prefetch_related("postings__account")
        .order_by("id")
    )


INVARIANTS: dict[str, str] = {
    "all postings of a unit sum to zero": """
        SELECT a.unit, sum(p.amount) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        GROUP BY a.company_id, a.unit HAVING sum(p.amount) <> 0""",
    "every entry sums to zero": """
        SELECT p.entry_id, sum(p.amount) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
        GROUP BY p.entry_id, a.unit HAVING sum(p.amount) <> 0""",
    "every balance is the sum of its postings": """
        SELECT a.id, a.balance, coalesce(sum(p.amount), 0) FROM ledger_account a LEFT JOIN ledger_posting p ON p.account_id = a.id
        GROUP BY a.id HAVING a.balance <> coalesce(sum(p.amount), 0)""",
    "no entry without postings": """
        SELECT e.id FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_posting p WHERE p.entry_id = e.id)""",
    "no balance under its floor": "SELECT id, balance, floor FROM ledger_account WHERE balance < floor",
    "no entry reversed twice": """
        SELECT reverses_id FROM ledger_entry WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1""",
}


def broken_invariants(extra: dict[str, str] | None = None) -> dict[str, list[tuple]]:
    """The invariants that do not hold, with the offending rows. Modules above add their own as `extra`."""
    broken = {}
    with connection.cursor() as cursor:
        for name, sql in {**INVARIANTS, **(extra or {})}.items():
            cursor.execute(sql)
            if rows := cursor.fetchmany(20):
                broken[name] = rows
    return broken
