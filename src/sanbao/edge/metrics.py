"""Counts and times for Prometheus, of all processes together.

Each web and worker process writes into a file of its own in one folder (prometheus_client's multiprocess mode; settings.py names the folder
when SANBAO_METRICS_TOKEN is set), and whichever process is asked adds them up. Without the token nobody can read a count: nothing is
counted then, and the library is not loaded. Labels are names in our code only: routes, tasks, events, codes. Never an address, a name, a
number of a thing, or anything a request brought.
"""

import os
import re
from types import ModuleType

from django.conf import settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

MOST_CODES = 300
_codes: set[str] = set()
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def _instruments() -> ModuleType | None:
    """The counters, where somebody can read them."""
    if not (os.environ.get(FOLDER) or settings.METRICS_TOKEN):
        return None
    from sanbao.edge import instruments

    return instruments


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
    if (kept := _instruments()) is None:
        return
    kept.REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    kept.REQUEST_SECONDS.labels(route).observe(seconds)
    kept.DATABASE_SECONDS.labels(route).observe(database)
    kept.STATEMENTS.labels(route).observe(statements)
    if 400 <= status < 500:
        kept.REFUSALS.labels(str(status), code_of(code) if code else "none").inc()


def job(task: str, result: str, seconds: float) -> None:
    """Count one job that ended."""
    if (kept := _instruments()) is not None:
        kept.JOBS.labels(task, result).inc()
        kept.JOB_SECONDS.labels(task).observe(seconds)


def event(name: str) -> None:
    """Count one event of the log (logs.EVENTS)."""
    if (kept := _instruments()) is not None:
        kept.EVENTS.labels(name).inc()


def broken_off(why: str) -> None:
    """Count one statement the database gave up."""
    if (kept := _instruments()) is not None:
        kept.BROKEN_OFF.labels(why).inc()


def retry(kind: str) -> None:
    """Count one change that is tried once more after a deadlock."""
    if (kept := _instruments()) is not None:
        kept.RETRIES.labels(kind).inc()
