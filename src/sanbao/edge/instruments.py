"""The counters themselves: prometheus_client's, loaded by a process whose counts somebody can read (metrics.py)."""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from sanbao.edge.metrics import FOLDER

if os.environ.get(FOLDER):
    Path(os.environ[FOLDER]).mkdir(parents=True, exist_ok=True)

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


def page(more: Iterable[Collector] = ()) -> bytes:
    """Everything in Prometheus' text form; `more` are collectors of what is looked up now (site/probes.py)."""
    if os.environ.get(FOLDER):
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
