"""One month from stored sheets to stored statements, lines and decisions: `./dev bench month [sheets ...]`.

For each size a scratch database is filled with made-up sheets, a hundred an outlet (3 % void, 8 % out of warranty, 2 % with a finding), and
settled through sanbao.settlements.deciding. Beside it stands a bare SQL statement that only computes labour, travel and net an outlet
from the same rows, explains nothing and stores nothing. Prints JSON with machine and date. Peak memory is this process's.
"""

import json
import os
import platform
import resource
import sys
import time
from datetime import UTC, date, datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")

import django

django.setup()

from django.db import connection

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Region
from sanbao.products.models import Model
from sanbao.regulations import operations as regulations
from sanbao.settlements import deciding
from sanbao.settlements.management.commands.settle import scratch_database
from sanbao.settlements.models import Line, Statement

MONTH, AT, OUTLET = date(2026, 8, 1), datetime(2026, 9, 20, 1, tzinfo=UTC), 100
CATEGORIES = ("吸油烟机", "燃气灶", "燃气热水器", "电热水器", "消毒柜")

FILL = """
INSERT INTO settlements_sheet (company_id, outlet_id, month, line, number, customer, phone, address, model, serial,
    purchased_on, installed_on, reported_on, completed_on, fault, action, component, work, km, claimed_out, charged_fen,
    engineer, missing, made_at)
SELECT %(company)s, %(first)s + i / 100, %(month)s, i %% 100, 'S' || i, '张三', '138' || lpad((i %% 100000000)::text, 8, '0'),
    '中山路' || i %% 977 || '号', 'M' || (i * 7) %% 8, 'SN' || i,
    date '2026-08-01' - (CASE WHEN i %% 12 = 5 THEN 500 ELSE (i * 7919) %% 330 END)::int,
    CASE WHEN i %% 3 = 0 THEN date '2026-08-01' - ((i * 7919) %% 320)::int END,
    date '2026-08-01' + (i * 31 %% 25)::int, date '2026-08-03' + (i * 31 %% 25)::int,
    '不加热', '更换', (ARRAY['', '电机', '内胆', '灯板'])[1 + i %% 4], (ARRAY['replace', 'adjust'])[1 + i %% 2],
    (ARRAY[3, 5, 12, 20, 26.5, 35, 48])[1 + i %% 7], false, 0, '小何',
    CASE WHEN i %% 33 = 7 THEN ARRAY['address'] ELSE ARRAY[]::varchar[] END, now()
FROM generate_series(0::bigint, %(count)s - 1) i
"""
FINDINGS = """
INSERT INTO settlements_finding (company_id, outlet_id, sheet_id, kind, note, refund_fen, made_at)
SELECT company_id, outlet_id, id, (ARRAY['forged', 'late_service', 'overcharge', 'unimproved'])[1 + id %% 4], '', 0, now()
FROM settlements_sheet WHERE id %% 50 = 0 AND company_id = %(company)s
"""
BARE = """
SELECT s.outlet_id, count(*), sum(fee) FILTER (WHERE ok), sum(far) FILTER (WHERE ok),
       sum(fee + far) FILTER (WHERE ok) - count(*) FILTER (WHERE void) * 1000 - sum(fine)
FROM (
    SELECT s.outlet_id, s.missing <> '{}' AS void,
           CASE m.category WHEN '吸油烟机' THEN 6000 WHEN '燃气灶' THEN 5000 WHEN '消毒柜' THEN 6000 ELSE 7000 END
               - CASE s.work WHEN 'adjust' THEN 3000 ELSE 0 END AS fee,
           (greatest(0, s.km - 20) * 200)::bigint AS far,
           s.missing = '{}' AND f.kind IS DISTINCT FROM 'forged' AND s.reported_on <= greatest(s.purchased_on, s.installed_on) + interval '1 year' AS ok,
           CASE f.kind WHEN 'late_service' THEN 3000 WHEN 'overcharge' THEN 5000 WHEN 'unimproved' THEN 5000 WHEN 'forged' THEN 60000 ELSE 0 END AS fine
    FROM settlements_sheet s LEFT JOIN products_model m ON m.company_id = s.company_id AND m.code = s.model
    LEFT JOIN settlements_finding f ON f.sheet_id = s.id AND f.withdrawn_at IS NULL
    WHERE s.company_id = %(company)s AND s.month = %(month)s AND s.withdrawn_at IS NULL
) s GROUP BY s.outlet_id
"""


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    results = [_measure(size) for size in sizes]
    print(
        json.dumps(
            {
                "benchmark": "month",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": {
                    "cpus": os.cpu_count(),
                    "system": platform.platform(),
                    "python": platform.python_version(),
                },
                "results": results,
            },
            indent=1,
        )
    )


def _measure(size: int) -> dict[str, object]:
    with scratch_database():
        by = _fill(size)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        bare = min(_bare(by) for _ in range(3))
        outlets = deciding.outlets_with_sheets(by.company_id, MONTH)
        started = time.perf_counter()
        statements = sheets = 0
        for made in deciding.make(MONTH, outlets, by=by, at=AT):
            statements, sheets = statements + made.statements, sheets + made.sheets
        seconds = time.perf_counter() - started
        assert (
            (statements, sheets)
            == (Statement.objects.count(), size)
            == (Decision.objects.count(), Line.objects.count())
        )
        return {
            "sheets": size,
            "outlets": statements,
            "postgresql": version,
            "seconds": round(seconds, 2),
            "microseconds_a_sheet": round(seconds / size * 1e6, 2),
            "sheets_a_second": round(size / seconds),
            "bare_sql_seconds": round(bare, 3),
            "times_bare_sql": round(seconds / bare, 1),
            "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def _fill(size: int) -> Access:
    regulations.load_shipped(at=AT)
    company = Company.objects.create(code="bench", name="Bench", short_name="Bench")
    person = Person.objects.create_person("bench", "Bench")
    region = Region.objects.create(company=company, name="R")
    Model.objects.bulk_create(
        [Model(company=company, code=f"M{number}", category=CATEGORIES[number % 5]) for number in range(8)]
    )
    count = -(-size // OUTLET)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outlets_outlet (company_id, region_id, code, name, contact, phone, address)"
            " SELECT %s, %s, 'N' || lpad(i::text, 5, '0'), 'N' || i, '', '', '' FROM generate_series(1, %s) i RETURNING id",
            [company.pk, region.pk, count],
        )
        first = min(pk for (pk,) in cursor.fetchall())
        cursor.execute(FILL, {"company": company.pk, "first": first, "month": MONTH, "count": size})
        cursor.execute(FINDINGS, {"company": company.pk})
        cursor.execute(
            "INSERT INTO settlements_receipt (company_id, outlet_id, month, paper_on, electronic_on, made_at)"
            " SELECT company_id, id, %s, '2026-09-08', '2026-09-09', now() FROM outlets_outlet",
            [MONTH],
        )
        cursor.execute("VACUUM ANALYZE")
    return Access(person.pk, company.pk, (Grant("settlement-clerk"),), "bench")


def _bare(by: Access) -> float:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"company": by.company_id, "month": MONTH})
        cursor.fetchall()
    return time.perf_counter() - started


if __name__ == "__main__":
    with everything("benchmark"):
        main()
