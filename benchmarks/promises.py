"""What a promise costs: `PYTHONPATH=src python benchmarks/promises.py [requests]`. Prints JSON with machine and date.

Requests are made up over two years: half are answered and solved, a third waited for a part, one in twenty was reopened.
"""

import gc
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sanbao_rules.escalation import due_now
from sanbao_rules.priority import PriorityFacts, priority, words
from sanbao_rules.promises import PROMISES, Moment, clock, clocks, decide
from sanbao_rules.rulebook import shipped
from sanbao_rules.worktime import calendar_of

TARGET = 10.0  # µs a clock


def made_up(count: int) -> list[list[Moment]]:
    choose = random.Random(20260801)
    histories = []
    for number in range(count):
        at = datetime(2024, 9, 1, tzinfo=UTC) + timedelta(minutes=choose.randrange(1_000_000))
        history = [Moment(at, "received", choose.choice(("", "normal", "high", "urgent")))]

        def then(what: str, detail: str = "", most: int = 600, history: list[Moment] = history) -> None:
            history.append(Moment(history[-1].at + timedelta(minutes=choose.randrange(most)), what, detail))

        then("assigned", str(number % 40), 10)
        if number % 2:
            then("answered")
        if number % 3 == 0:
            then("paused", "for_part")
            then("resumed", "", 9000)
        if number % 2:
            then("solved")
        if number % 20 == 1:
            then("reopened", "", 9000)
        histories.append(history)
    return histories


def microseconds(work: Callable[[], object], count: int) -> float:
    """The best of three rounds: what the work costs when nobody disturbs it."""
    best = float("inf")
    for _ in range(3):
        gc.collect()
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return round(best / count * 1e6, 2)


def measure(count: int) -> dict[str, object]:
    book, calendar = shipped("service"), calendar_of(shipped("calendar"), provisional=True)
    histories, now = made_up(count), datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    few = histories[: min(count, 5000)]
    found: dict[str, object] = {"requests": count, "target (µs)": TARGET}
    for promise in PROMISES:
        found[f"clock, {promise} (µs)"] = microseconds(
            lambda promise=promise: clocks(promise, histories, book, calendar, now=now), count
        )
    found["decision with reasons (µs)"] = microseconds(
        lambda: [decide("resolution", history, book, calendar, now=now) for history in few], len(few)
    )
    made = [clock("resolution", history, book, calendar, now=now) for history in few]
    found["steps due (µs)"] = microseconds(
        lambda: [due_now(one, book, calendar, now=now) for one in made], len(few)
    )
    known = words(book, now.date())
    facts = [
        PriorityFacts(nature, severity, (flag,), now.date())
        for nature in known["natures"]
        for severity in known["severities"]
        for flag in known["flags"]
    ]
    found["priority (µs)"] = microseconds(lambda: [priority(fact, book) for fact in facts], len(facts))
    return found


if __name__ == "__main__":
    machine = {
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    for size in map(int, sys.argv[1:] or ["100000"]):
        print(json.dumps(machine | measure(size), ensure_ascii=False, indent=1))
