"""A year decided again under another ladder: `./dev bench backtest [sheets ...]`.

For each size a scratch database is filled with a year of made-up sheets, a hundred an outlet and month (3 % void, 8 % out of warranty, 2 % with a finding), settled
month by month; then the year is decided again with 95, 80 and 60 % for late months instead of 90, 70 and 50, and once more by its own editions (a replay). Outlets are
in time, late, later and across the month by turns. Prints JSON with machine and date.
"""

import json
import os
import platform
import resource
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")

import django

django.setup()

from django.db import connection

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything
from sanbao.backtests import operations, processes, running
from sanbao.backtests.models import BackTest, Piece
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Region
from sanbao.products.models import Model
from sanbao.regulations import operations as regulations
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.settlements import deciding
from sanbao.settlements.management.commands.settle import scratch_database
from sanbao_rules.periods import add_months

FIRST, LAST, AT, OUTLET = date(2025, 9, 1), date(2026, 8, 1), datetime(2026, 9, 20, 1, tzinfo=UTC), 100
CATEGORIES = ("吸油烟机", "燃气灶", "燃气热水器", "电热水器", "消毒柜")
CLAUSE = "appliance KA-11.1"

FILL = """
INSERT INTO settlements_sheet (company_id, outlet_id, month, line, number, customer, phone, address, model, serial,
    purchased_on, installed_on, reported_on, completed_on, fault, action, component, work, km, claimed_out, charged_fen,
    engineer, missing, made_at)
SELECT %(company)s, %(first)s + i / 100, %(month)s, i %% 100, to_char(%(month)s::date, 'YYMM') || '-' || i, '张三', '138' || lpad((i %% 100000000)::text, 8, '0'),
    '中山路' || i %% 977 || '号', 'M' || (i * 7) %% 8, 'SN' || i,
    %(month)s::date - (CASE WHEN i %% 12 = 5 THEN 500 ELSE (i * 7919) %% 330 END)::int,
    CASE WHEN i %% 3 = 0 THEN %(month)s::date - ((i * 7919) %% 320)::int END,
    %(month)s::date + (i * 31 %% 25)::int, %(month)s::date + 2 + (i * 31 %% 25)::int,
    '不加热', '更换', (ARRAY['', '电机', '内胆', '灯板'])[1 + i %% 4], (ARRAY['replace', 'adjust'])[1 + i %% 2],
    (ARRAY[3, 5, 12, 20, 26.5, 35, 48])[1 + i %% 7], false, 0, '小何',
    CASE WHEN i %% 33 = 7 THEN ARRAY['address'] ELSE ARRAY[]::varchar[] END, now()
FROM generate_series(0::bigint, %(count)s - 1) i
"""
# In time, late, after the second step, across the month: a quarter each.
RECEIVED = """
INSERT INTO settlements_receipt (company_id, outlet_id, month, paper_on, electronic_on, made_at)
SELECT company_id, id, %(month)s, day, day, now() FROM (
    SELECT company_id, id, (%(month)s::date + interval '1 month' + (ARRAY[7, 12, 19, 36])[1 + id %% 4] * interval '1 day')::date AS day
    FROM outlets_outlet) AS o
"""


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]
    results = [_measure(size) for size in sizes]
    machine = {
        "cpus": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    told = {"benchmark": "backtest", "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "results": results}  # fmt: skip
    print(json.dumps(told, indent=1))


def _measure(size: int) -> dict[str, object]:
    with scratch_database():
        begun = time.perf_counter()
        by = _fill(size)
        filling = time.perf_counter() - begun
        book = rulebook(edition_in_force(by.company_id, "settlement"))
        milder = {"rate_late": "0.95", "rate_late_15": "0.80", "rate_cross_month": "0.60"}
        changes = {name: [(date(2026, 10, 1), Decimal(rate), CLAUSE)] for name, rate in milder.items()}
        edition = regulations.pin(book.with_values("bench", changes), at=AT, company_id=by.company_id)
        candidate = operations.Candidate.of_edition(edition, by.company_id)
        before = _picture()
        tried, seconds, worked = _timed(candidate, by)
        replayed, again, worked_again = _timed(None, by)
        assert (tried.state, replayed.state, replayed.differing) == ("done", "done", 0), "see the differences"
        assert before == _picture(), "stored decisions were touched"
        return {
            "sheets": size,
            "outlet_months": tried.records,
            "pieces": Piece.objects.filter(backtest=tried).count(),
            "processes": processes.cores(),
            "back_test_seconds": round(seconds, 2),
            "sheets_a_second": round(size / seconds),
            "cpu_seconds": round(worked, 2),
            "cpu_seconds_per_100000_sheets": round(worked * 100_000 / size, 2),
            "differing": tried.differing,
            "outlets_more_yuan": str(Decimal(tried.money) / 100),
            "replay_seconds": round(again, 2),
            "replay_cpu_seconds": round(worked_again, 2),
            "filling_seconds": round(filling, 1),
            "replay_differences": replayed.differing,
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "peak_memory_of_a_process_mb": round(
                resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            ),
        }


def _timed(candidate: operations.Candidate | None, by: Access) -> tuple[BackTest, float, float]:
    """The back-test, how long it took, and the seconds of processor of this process and those it started (without the database's)."""
    test = operations.begin(candidate, FIRST, LAST, ["settlements"], by=by, at=AT)
    started, worked = time.perf_counter(), _worked()
    return running.run(test, by=by), time.perf_counter() - started, _worked() - worked


def _worked() -> float:
    return sum(os.times()[:4])


def _picture() -> Any:
    """The decisions as the database's own digest of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(hashtext(d::text)::bigint) FROM decisions_decision AS d")
        return cursor.fetchone()


def _fill(size: int) -> Access:
    regulations.load_shipped(at=AT)
    company = Company.objects.create(code="bench", name="Bench", short_name="Bench")
    person = Person.objects.create_person("bench", "Bench")
    region = Region.objects.create(company=company, name="R")
    Model.objects.bulk_create(
        [Model(company=company, code=f"M{number}", category=CATEGORIES[number % 5]) for number in range(8)]
    )
    a_month = size // 12
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outlets_outlet (company_id, region_id, code, name, contact, phone, address)"
            " SELECT %s, %s, 'N' || lpad(i::text, 5, '0'), 'N' || i, '', '', '' FROM generate_series(1, %s) i RETURNING id",
            [company.pk, region.pk, -(-a_month // OUTLET)],
        )
        first = min(pk for (pk,) in cursor.fetchall())
    by = Access(person.pk, company.pk, (Grant("settlement-clerk"), Grant("head")), "bench")
    for ago in range(12):
        month = add_months(FIRST, ago)
        count = a_month if ago else size - 11 * a_month
        given = {"company": company.pk, "first": first, "month": month, "count": min(count, a_month)}
        with connection.cursor() as cursor:
            cursor.execute(FILL, given)
            cursor.execute(RECEIVED, given)
        for _made in deciding.make(month, deciding.outlets_with_sheets(company.pk, month), by=by, at=AT):
            pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    assert Decision.objects.count()
    return by


if __name__ == "__main__":
    with everything("benchmark"):
        main()
