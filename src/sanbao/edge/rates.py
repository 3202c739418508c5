"""How often one person (or, before signing in, one address) may ask: a table of rates, and the counting.

Pages are counted in the process, so that looking costs nothing; everything that writes, exports or lets somebody try is counted in the
database, the same for all processes. A rate is a brake for a run-away script and a guesser, far above what people do.
"""

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` requests in `seconds`, counted over all processes if `shared`."""

    count: int
    seconds: int = 60
    shared: bool = True


RATES = {
    "page": Rate(600, shared=False),
    "public": Rate(300, shared=False),
    "write": Rate(240),
    "money": Rate(120),
    "upload": Rate(60),
    "export": Rate(60),
    "api": Rate(1200, shared=False),
    "sign-in": Rate(60),
    "hook": Rate(1200, shared=False),
    # What a customer without an account does: far more than a household, far less than a guesser needs.
    "ask": Rate(30, 3600),
    "find": Rate(30, 3600),
    "paper": Rate(30, 3600),
    # Codes by SMS: each costs money and wakes somebody.
    "code-to": Rate(5, 3600),
    "code-from": Rate(20, 3600),
    "code-try": Rate(30, 3600),
}

_counted: dict[str, tuple[int, int]] = {}
_counting = threading.Lock()
MOST_KEPT = 50_000

_COUNT = """
INSERT INTO edge_asked AS asked (key, since, count) VALUES (%(key)s, %(since)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN asked.since = excluded.since THEN asked.count + 1 ELSE 1 END,
    since = excluded.since
RETURNING count
"""


def wait(name: str, who: str, now: float | None = None) -> int:
    """Count one request of `who` under the rate; the seconds to wait if it is one too many, else 0."""
    if not settings.RATES:
        return 0
    rate = RATES[name]
    now = time.time() if now is None else now
    since = int(now // rate.seconds) * rate.seconds
    key = f"{name}:{who}"[:100]
    count = _count_shared(key, since) if rate.shared else _count_here(key, since)
    return since + rate.seconds - int(now) if count > rate.count else 0


def _count_shared(key: str, since: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "since": since})
        return int(cursor.fetchone()[0])


def _count_here(key: str, since: int) -> int:
    with _counting:
        if len(_counted) >= MOST_KEPT:
            _counted.clear()
        begun, count = _counted.get(key, (since, 0))
        count = count + 1 if begun == since else 1
        _counted[key] = (since, count)
        return count
