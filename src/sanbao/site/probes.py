"""What machines ask: is it alive, is it ready, how is it doing. For balancers, monitors and Prometheus; docs/operations/observing.md.

All three are public by address, because a probe has no post. /healthz and /readyz say names and ok or failed, nothing else; what is wrong
in particular, and /metrics, are for whoever shows SANBAO_METRICS_TOKEN (ASVS 13.4.5, 16.5.1).
"""

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from sanbao.accounts.scope import ROLE
from sanbao.edge import logs, metrics
from sanbao.ui.pages import page

PATIENCE = 1.0  # seconds the database has to answer
WORKER_SILENCE = 180  # seconds; the worker says every ten seconds that it lives
LEAST_FREE = 500_000_000  # bytes on the disks of the state folder and of uploaded files
SLOWEST_STATEMENT = "2s"  # of one figure of /metrics

_asking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="probe")


@dataclass(frozen=True, slots=True)
class Found:
    """One check's result; `detail` is for whoever shows the token."""

    well: bool
    detail: str = ""


@page.public(audit=None, rate="public")
def health(request: HttpRequest) -> HttpResponse:
    """Whether the program and its database answer. Public: it is asked by machines and says nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@page.public(audit=None, rate="public")
def ready(request: HttpRequest) -> HttpResponse:
    """Whether everything it needs is there: 200, or 503 with the names of what is not. `?without=worker,disk` leaves checks out."""
    left_out = request.GET.get("without", "").split(",")
    found = {name: check for name, check in CHECKS.items() if name not in left_out}
    results = judge(found)
    well = all(result.well for result in results.values())
    answer: dict[str, Any] = {
        "status": "ready" if well else "not ready",
        "checks": {name: "ok" if result.well else "failed" for name, result in results.items()},
    }
    if _shows_token(request):
        answer["details"] = {name: result.detail for name, result in results.items()}
    return JsonResponse(answer, status=200 if well else 503)


@page.public(audit=None, rate="public")
def measured(request: HttpRequest) -> HttpResponse:
    """Everything Prometheus collects. Public by address, but it is not there without a token set, and closed without that token shown."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _shows_token(request):
        logs.warn("permission.refused", code="metrics")
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    from sanbao.edge import instruments  # prometheus_client with it: only where a token is set
    from sanbao.site import figures

    told = instruments.page([figures.Figures(SLOWEST_STATEMENT)])
    return HttpResponse(told, content_type=metrics.CONTENT_TYPE)


def _shows_token(request: HttpRequest) -> bool:
    """Whether the header holds the token, compared in a time that tells nothing of how much of it was right (ASVS 11.2.4)."""
    kind, _blank, told = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and kind.lower() == "bearer"
        and constant_time_compare(told.strip(), settings.METRICS_TOKEN)
    )


def judge(checks: dict[str, Callable[[], Found]]) -> dict[str, Found]:
    """The checks' results. Where the database does not answer in time, nothing else is asked of it."""
    results = {}
    answers = True
    for name, check in checks.items():
        if not answers and name in _OF_DATABASE:
            results[name] = Found(False, "not asked: the database does not answer")
            continue
        results[name] = _careful(check)
        if name == "database":
            answers = results[name].well
    return results


def _careful(check: Callable[[], Found]) -> Found:
    try:
        return check()
    except Exception as error:
        return Found(False, type(error).__name__)


def _database() -> Found:
    """Asked in another thread, so that a server that accepts and stays silent keeps nobody waiting longer than PATIENCE."""
    begun = perf_counter()
    waiting: Future[None] = _asking.submit(_ask)
    try:
        waiting.result(PATIENCE)
    except Late:
        waiting.cancel()
        return Found(False, f"no answer within {PATIENCE:g} s")
    return Found(True, f"{(perf_counter() - begun) * 1000:.0f} ms")


def _ask() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _quick(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows, or an error after PATIENCE."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {int(PATIENCE * 1000)}")
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


@cache
def _known() -> frozenset[tuple[str, str]]:
    """The migrations this program brings, read from the disk once a process."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.graph.nodes if loader.graph.nodes[key] is not None)


def _migrations() -> Found:
    applied = {(app, name) for app, name in _quick("SELECT app, name FROM django_migrations")}
    missing = sorted(f"{app}.{name}" for app, name in _known() - applied)
    return Found(not missing, f"missing: {', '.join(missing[:5])}" if missing else f"{len(_known())} applied")


def _role() -> Found:
    """The role that row-level security holds the web to; without it there is no second line of defence."""
    has = _quick("SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s", ROLE)
    return Found(bool(has and has[0][0]), ROLE if has else f"there is no role {ROLE}")


def worker_silent_for(ask: Callable[..., list[tuple[Any, ...]]]) -> float | None:
    """Seconds since a worker said that it lives; None if none is registered."""
    ((age,),) = ask("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
    return None if age is None else float(age)


def _worker() -> Found:
    age = worker_silent_for(_quick)
    if age is None:
        return Found(False, "no worker has registered")
    return Found(age <= WORKER_SILENCE, f"heard of {age:.0f} s ago")


def _media() -> Found:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".ready-") as file:
        file.write(b"ready")
        file.flush()
    return Found(True, "writable")


def _disk() -> Found:
    free = min(
        shutil.disk_usage(_existing(path)).free for path in (settings.STATE, Path(settings.MEDIA_ROOT))
    )
    return Found(free >= LEAST_FREE, f"{free // 1_000_000} MB free")


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


CHECKS: dict[str, Callable[[], Found]] = {
    "database": _database,
    "migrations": _migrations,
    "role": _role,
    "worker": _worker,
    "media": _media,
    "disk": _disk,
}
_OF_DATABASE = ("migrations", "role", "worker")
