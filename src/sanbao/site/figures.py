"""How the installation is doing at this moment, looked up when Prometheus asks: queue, outbox, ledger, backups, database."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sanbao.accounts import scope
from sanbao.edge import heard
from sanbao.notices.queries import backlog
from sanbao.site.probes import worker_silent_for

logger = logging.getLogger(__name__)

_QUEUE = """
SELECT j.queue_name, count(*), extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at)))
FROM procrastinate_jobs j LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id AND type = 'deferred'
) e ON true
WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()) GROUP BY 1 ORDER BY 1
"""
_SESSIONS = """
SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock'),
    coalesce(extract(epoch FROM now() - min(xact_start)), 0)
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
"""


class Figures(Collector):
    """The collector. What cannot be looked up in time is left out, and counted in sanbao_figures_failed."""

    def __init__(self, slowest: str):
        self.slowest = slowest

    def collect(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily(
            "sanbao_figures_failed", "Figures that could not be looked up this time.", labels=["figure"]
        )
        for find in (_queue, _worker, _outbox, _ledger, _backups, _size, _sessions):
            try:
                yield from self._found(find)
                failed.add_metric([find.__name__.strip("_")], 0)
            except Exception:
                logger.exception("a figure could not be looked up")
                failed.add_metric([find.__name__.strip("_")], 1)
        yield failed

    def _found(self, find: Callable[[], Iterable[Metric]]) -> list[Metric]:
        with scope.everything("how the whole installation is doing"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{self.slowest}'")
            return list(find())


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _gauge(name: str, help_: str, value: float | int) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, value=float(value))


def _queue() -> Iterator[Metric]:
    length = GaugeMetricFamily("sanbao_queue_length", "Jobs that are due and wait.", labels=["queue"])
    oldest = GaugeMetricFamily("sanbao_queue_oldest_seconds", "How long the oldest of them has been due.", labels=["queue"])  # fmt: skip
    rows = _rows(_QUEUE) or [("default", 0, 0)]
    for queue, count, age in rows:
        length.add_metric([queue], count)
        oldest.add_metric([queue], float(age or 0))
    yield length
    yield oldest
    states = GaugeMetricFamily("sanbao_queue_jobs", "Jobs at work, and jobs that failed for good.", labels=["status"])  # fmt: skip
    ((doing, failed),) = _rows(
        "SELECT count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
        " WHERE status IN ('doing', 'failed')"
    )
    states.add_metric(["doing"], doing)
    states.add_metric(["failed"], failed)
    yield states


def _worker() -> Iterator[Metric]:
    age = worker_silent_for(_rows)
    if age is not None:
        yield _gauge("sanbao_worker_silent_seconds", "Seconds since a worker said that it lives.", age)


def _outbox() -> Iterator[Metric]:
    found = backlog(timezone.now())
    yield _gauge("sanbao_outbox_waiting", "Messages that wait or are being sent.", found.waiting)
    yield _gauge("sanbao_outbox_oldest_seconds", "How long the oldest of them has waited.", found.oldest.total_seconds())  # fmt: skip
    yield _gauge("sanbao_outbox_dead", "Dead letters.", found.dead)


def _heard(name: str, key: str, what: str) -> Iterator[Metric]:
    """Nothing where it was never done: an alarm on absence tells."""
    last = heard.last(key)
    if last is not None:
        age = (timezone.now() - last.at).total_seconds()
        yield _gauge(f"sanbao_{name}_age_seconds", f"Seconds since {what}.", age)
        yield _gauge(f"sanbao_{name}_well", f"1 if {what} found everything well.", last.well)


def _ledger() -> Iterator[Metric]:
    yield from _heard("ledger_check", heard.LEDGER, "the ledger's invariants were checked")
    yield from _heard("replay", heard.REPLAY, "a sample of the decisions was replayed")


def _backups() -> Iterator[Metric]:
    yield from _heard("backup", heard.BACKUP, "the last backup was written")
    yield from _heard("backup_verify", heard.VERIFY, "a backup was last restored and compared")


def _size() -> Iterator[Metric]:
    ((size,),) = _rows("SELECT pg_database_size(current_database())")
    yield _gauge("sanbao_database_bytes", "Size of the database.", size)


def _sessions() -> Iterator[Metric]:
    ((count, waiting, longest),) = _rows(_SESSIONS)
    yield _gauge("sanbao_database_sessions", "Sessions at the database.", count)
    yield _gauge("sanbao_database_waiting", "Sessions that wait for somebody else's lock.", waiting)
    yield _gauge("sanbao_database_oldest_transaction_seconds", "Age of the oldest open transaction.", float(longest))  # fmt: skip
