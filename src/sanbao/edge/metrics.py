"""Counts and times for Prometheus, of all processes together.

Each web and worker process writes into a file of its own in one folder (prometheus_client's multiprocess mode; settings.py names the folder
when SANBAO_METRICS_TOKEN is set), and whichever process is asked adds them up. Labels are names in our code only: routes, tasks, events,
codes. Never an address, a name, a number of a thing, or anything a request brought.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
if os.environ.get(_FOLDER):
    Path(os.environ[_FOLDER]).mkdir(parents=True, exist_ok=True)

HERE = CollectorRegistry()  # this process alone, where there is no folder

REQUESTS = Counter("sanbao_requests", "Requests answered.", ("route", "method", "status"), registry=HERE)
REQUEST_SECONDS = Histogram(
    "sanbao_request_seconds", "Seconds from the first middleware to the answer.", ("route",), registry=HERE,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15),
)  # fmt: skip
DATABASE_SECONDS = Summary("sanbao_request_database_seconds", "Of it, seconds in the database.", ("route",), registry=HERE)  # fmt: skip
STATEMENTS = Summary("sanbao_request_statements", "Statements of a request.", ("route",), registry=HERE)
REFUSALS = Counter("sanbao_refusals", "Requests refused, by status and by the refusal's code.", ("status", "code"), registry=HERE)  # fmt: skip
BROKEN_OFF = Counter("sanbao_database_broken_off", "Statements the database gave up: deadlock, lock, statement …", ("why",), registry=HERE)  # fmt: skip
RETRIES = Counter("sanbao_deadlock_retries", "Changes tried once more after a deadlock.", ("kind",), registry=HERE)  # fmt: skip
JOBS = Counter("sanbao_jobs", "Jobs of the worker that ended.", ("task", "result"), registry=HERE)
JOB_SECONDS = Histogram(
    "sanbao_job_seconds", "Seconds of a job.", ("task",), registry=HERE, buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 1800)
)  # fmt: skip
EVENTS = Counter("sanbao_events", "Events of the log (logs.EVENTS) but requests, jobs and changes.", ("event",), registry=HERE)  # fmt: skip

MOST_CODES = 300
_codes: set[str] = set()
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def code_of(code: str) -> str:
    """A refusal's code as a label: our own constants. Should one ever be made of something else, it is "other"."""
    if code in _codes:
        return code
    if not _CODE.fullmatch(code) or len(_codes) >= MOST_CODES:
        return "other"
    _codes.add(code)
    return code


def request(
    route: str, method: str, status: int, seconds: float, statements: int, database: float, code: str
) -> None:
    """Count one answered request; `code` is why it was refused, "" where nothing more is known."""
    REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    DATABASE_SECONDS.labels(route).observe(database)
    STATEMENTS.labels(route).observe(statements)
    if 400 <= status < 500:
        REFUSALS.labels(str(status), code_of(code) if code else "none").inc()


def job(task: str, result: str, seconds: float) -> None:
    """Count one job that ended."""
    JOBS.labels(task, result).inc()
    JOB_SECONDS.labels(task).observe(seconds)


def page(more: Iterable[Collector] = ()) -> bytes:
    """Everything in Prometheus' text form; `more` are collectors of what is looked up now (site/probes.py)."""
    if os.environ.get(_FOLDER):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    else:
        registry = HERE
    text = generate_latest(registry)
    if more:
        now = CollectorRegistry()
        for collector in more:
            now.register(collector)
        text += generate_latest(now)
    return text
