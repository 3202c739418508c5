"""What observing costs a request: `./dev bench observing`.

An answer that does nothing is given many times with and without edge/watch.py (id, meter, metrics in files shared by processes, one line
of JSON into a file), and a statement is counted or not; beside it the parts, a security event, a fault, and one reading of
/metrics. Microseconds, the median of many. Prints JSON with machine and date.
"""

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = tempfile.TemporaryDirectory(prefix="sanbao-observing-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(Path(FOLDER.name) / "metrics")
os.environ["SANBAO_LOG"] = str(Path(FOLDER.name) / "log")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")

import django

django.setup()

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from sanbao.edge import logs, masking, metrics
from sanbao.edge.watch import Meter, watch
from sanbao.site.figures import Figures

TIMES = 3_000


def main() -> None:
    request = RequestFactory().get("/outlets/?q=x")
    meter = Meter()
    result: dict[str, Any] = {
        "benchmark": "observing",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "request_us": more(lambda: watch(plain)(request), lambda: plain(request)),
        "each_statement_us": more(lambda: meter(nothing, "", (), False, {}), lambda: nothing("", (), False, {})),
        "of_it_metrics_us": each(lambda: metrics.request("x", "GET", 200, 0.03, 5, 0.01, "")),
        "of_it_line_us": each(lambda: logs.tell("request", route="x", method="GET", status=200, ms=3.1, statements=5, db_ms=1.0)),
        "security_event_us": each(lambda: logs.warn("permission.refused", route="x", address="10.0.0.1", permission="a:b:c")),
        "fault_us": each(fault, 300),
        "masking_a_text_of_2000_us": each(lambda: masking.told("nothing 138-1234-5678 here, " * 71), 300),
        "reading_metrics_ms": round(each(lambda: metrics.page([Figures("2s")]), 20) / 1000, 1),
        "bytes_of_a_line": size_of_a_line(),
    }  # fmt: skip
    print(json.dumps(result, indent=1))


def plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def nothing(_sql: str, _parameters: Any, _many: bool, _context: Any) -> None:
    """A statement that takes no time: the database's own time changes more from one to the next than the meter costs."""


def fault() -> None:
    try:
        raise ValueError("cannot read 13812345678")
    except ValueError as error:
        logs.tell("fault", logging.ERROR, exc_info=error)


def size_of_a_line() -> int:
    lines = Path(os.environ["SANBAO_LOG"]).read_bytes().splitlines()
    return len(next(line for line in lines if b'"request"' in line))


def more(work: Callable[[], Any], less: Callable[[], Any]) -> float:
    """Median of the differences of two pieces of work done by turns, in microseconds: others on the machine slow both."""
    took = []
    for _each in range(TIMES):
        first = time.perf_counter()
        work()
        between = time.perf_counter()
        less()
        took.append(2 * between - first - time.perf_counter())
    return round(median(took) * 1e6, 1)


def each(work: Callable[[], Any], times: int = TIMES) -> float:
    """Median microseconds of one time."""
    took = []
    for _each in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return round(median(took) * 1e6, 1)


if __name__ == "__main__":
    main()
