"""What the rules cost: `PYTHONPATH=src python benchmarks/rules.py [sheets]`. Prints JSON with machine and date.

Sheets are made up like a real month (3 % void, 2 % with a finding, purchases of the last 500 days) and decided outlet by
outlet, a hundred sheets each, cold and warm. A deadline is 24 working hours from a random moment.
"""

import gc
import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sanbao_rules import settlement, settlement_why, worktime
from sanbao_rules.rulebook import Rulebook, shipped, shipped_names
from sanbao_rules.settlement import SheetFacts, Terms

MONTH = date(2026, 8, 1)
OUTLET = 100


def made_up(count: int) -> list[SheetFacts]:
    choose = random.Random(20260801)
    categories = list(shipped("charges").value("labour", MONTH).value)
    distances = [Decimal(km) for km in ("3", "5", "12", "20", "26.5", "35", "48")]
    sheets = []
    for _ in range(count):
        bought = date(2026, 8, 20) - timedelta(days=choose.randrange(500))
        reported = MONTH + timedelta(days=choose.randrange(28))
        sheets.append(
            SheetFacts(
                ("serial",) if choose.random() < 0.03 else (),
                choose.choice(categories),
                choose.choice(("replace", "adjust")),
                choose.choice(distances),
                min(bought, reported),
                bought + timedelta(days=choose.randrange(14)) if choose.random() < 0.6 else None,
                reported,
                reported + timedelta(days=choose.randrange(4)),
                choose.choice(("", "电机", "内胆", "灯板")),
                False,
                ((choose.choice(("late_service", "forged", "overcharge")), 0),)
                if choose.random() < 0.02
                else (),
            )
        )
    return sheets


def decide_all(sheets: list[SheetFacts], terms: Terms, books: dict[str, Rulebook]) -> None:
    paper, electronic = date(2026, 9, 8), date(2026, 9, 15)
    for start in range(0, len(sheets), OUTLET):
        settlement.decide_month(MONTH, paper, electronic, sheets[start : start + OUTLET], terms, books)


def microseconds(work: Callable[[], object], count: int) -> float:
    gc.collect()
    begin = time.perf_counter()
    work()
    return round((time.perf_counter() - begin) / count * 1e6, 3)


def measure(count: int) -> dict[str, object]:
    books = {name: shipped(name) for name in shipped_names()}
    sheets = made_up(count)
    terms = Terms.resolve(books, MONTH)
    calendar = worktime.calendar_of(books["calendar"])
    choose = random.Random(1)
    starts = [
        datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=choose.randrange(900_000))
        for _ in range(100_000)
    ]
    plain = [start.replace(tzinfo=None) for start in starts]
    return {
        "sheets": count,
        "sheet, with its month, cold (µs)": microseconds(lambda: decide_all(sheets, terms, books), count),
        "sheet, with its month, warm (µs)": microseconds(lambda: decide_all(sheets, terms, books), count),
        "reasons of a sheet expanded (µs)": microseconds(
            lambda: [
                settlement_why.expand(settlement.decide_sheet(sheet, terms).why, books, MONTH)
                for sheet in sheets[:10_000]
            ],
            min(count, 10_000),
        ),
        "deadline, with zone (µs)": microseconds(lambda: calendar.deadlines(starts, 24 * 3600), len(starts)),
        "deadline, China's clock (µs)": microseconds(
            lambda: calendar.deadlines(plain, 24 * 3600), len(plain)
        ),
        "calendar built (µs)": microseconds(lambda: worktime.Calendar(books["calendar"]), 1),
        "peak memory (MB)": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    machine = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    for size in map(int, sys.argv[1:] or ["10000", "100000", "1000000"]):
        print(json.dumps(machine | measure(size), ensure_ascii=False, indent=1))
