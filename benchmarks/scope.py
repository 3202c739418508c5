"""What the scopes cost: `./dev bench scope [sheets]`.

In a scratch database with made-up sheets of one company, the same statements are asked as the database's owner and as the web's role with
row-level security, by headquarters and by one outlet; beside it the opening and closing of a scope alone. Milliseconds, the median of many.
Prints JSON with machine and date.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")

import month  # its scratch database and its made-up sheets
from django.db import connection

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.outlets.models import Outlet
from sanbao.settlements import deciding
from sanbao.settlements.management.commands.settle import scratch_database

NEWEST = "SELECT * FROM settlements_sheet WHERE company_id = %(company)s ORDER BY id DESC LIMIT 50"
OF_OUTLET = "SELECT * FROM settlements_sheet WHERE company_id = %(company)s AND outlet_id = %(outlet)s ORDER BY id DESC LIMIT 50"
LINES = "SELECT * FROM settlements_line WHERE statement_id = %(statement)s ORDER BY sheet_id LIMIT 50"
COUNT = "SELECT count(*) FROM (SELECT 1 FROM settlements_sheet WHERE company_id = %(company)s LIMIT 1001) s"
SUM = "SELECT sum(net) FROM settlements_statement WHERE company_id = %(company)s"
QUESTIONS = {
    "newest 50 sheets": NEWEST,
    "an outlet's 50": OF_OUTLET,
    "50 lines": LINES,
    "capped count": COUNT,
    "sum of all statements": SUM,
}


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with scope.everything("a benchmark"), scratch_database():
        by = month._fill(size)
        outlets = deciding.outlets_with_sheets(by.company_id, month.MONTH)
        for _made in deciding.make(month.MONTH, outlets, by=by, at=month.AT):
            pass
        from django.core.management import call_command

        call_command("web_role")
        values = {"company": by.company_id, "outlet": outlets[0], "statement": _statement(outlets[0])}
        owner = Access(by.person_id, by.company_id, (Grant("outlet-owner", outlet_id=outlets[0]),))
        result = {
            "benchmark": "scope",
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cpus": os.cpu_count(),
            "sheets": size,
            "outlets": Outlet.objects.count(),
            "open_and_close_ms": _median(lambda: _open(by), 500),
            "milliseconds": {
                name: {
                    "owner": _median(lambda sql=sql: _ask(sql, values)),
                    "headquarters": _median_in(by, sql, values),
                    "outlet": _median_in(owner, sql, values),
                }
                for name, sql in QUESTIONS.items()
            },
        }
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _statement(outlet: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM settlements_statement WHERE outlet_id = %s", [outlet])
        return int(cursor.fetchone()[0])


def _open(by: Access) -> None:
    with scope.opened(by):
        pass


def _ask(sql: str, values: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.fetchall()


def _median_in(by: Access, sql: str, values: dict[str, object]) -> float:
    with scope.opened(by):
        return _median(lambda: _ask(sql, values))


def _median(what: Callable[[], None], times: int = 60) -> float:
    """The median of many, in milliseconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        taken.append(time.perf_counter() - started)
    return round(sorted(taken)[times // 2] * 1000, 3)


if __name__ == "__main__":
    main()
