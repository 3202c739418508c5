"""What every queue that carries something away has in common: leases, pauses, the fence, and what an attempt's failure means.

The rows have `state`, `due_at`, `leased_until`, `attempts`, `attempts_before`, `unsure`, `error` and `ended_at`, with the states waiting,
sending and dead as a Message has them. Used by the outbox (operations.py) and by the calls of other systems (sanbao.hooks.sending).
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q

from sanbao.notices.failures import Permanent, Temporary, Unsure

LEASE = timedelta(seconds=60)  # longer than any call's time-outs together
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
TRYABLE = ("waiting", "sending")


def free(at: datetime) -> Q:
    """Rows that nobody holds at this moment."""
    return Q(leased_until__isnull=True) | Q(leased_until__lt=at)


def pause(tried: int) -> timedelta:
    """How long to wait after so many attempts: doubled each time, with up to half of it by chance."""
    spread = random.uniform(1, 1.5)  # noqa: S311 — spreads attempts, guards nothing
    return min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE) * spread


def take(
    following: Callable[[], Any],
    at: datetime,
    *,
    most: int,
    held_until: Callable[[Any], datetime | None] = lambda row: None,
    bury: Callable[[Any], None] = lambda row: None,
) -> Any:
    """Lease the next row that `following` locks; None where there is none. Inside a transaction.

    One that was taken up as often as allowed is laid aside as dead instead: it may be what kills workers. `held_until` puts one off
    without using up an attempt; `bury` does what is done to a row that has ended.
    """
    while (row := following()) is not None:
        if row.state == "sending":
            row.unsure = True  # its worker died, perhaps after the other side's yes
        if row.attempts - row.attempts_before >= most:
            row.state, row.leased_until, row.ended_at = "dead", None, at
            row.error = row.error or "worker"
            bury(row)
        elif until := held_until(row):
            row.state, row.leased_until, row.due_at, row.error = "waiting", None, until, "held"
        else:
            row.state, row.leased_until = "sending", at + LEASE
            row.attempts += 1
            row.save()
            return row
        row.save()
    return None


def after_failure(row: Any, error: str, at: datetime, *, most: int, unsure: bool = False) -> dict[str, Any]:
    """What to write after an attempt that failed: once more after a pause, dead after the last one."""
    told = {"error": error[:300], "unsure": unsure or row.unsure}
    tried = row.attempts - row.attempts_before
    if tried >= most:
        return told | {"state": "dead", "ended_at": at}
    return told | {"state": "waiting", "due_at": at + pause(tried)}


def attempt(
    send: Callable[[], dict[str, Any]],
    *,
    write: Callable[..., None],
    later: Callable[..., None],
    now: Callable[[], datetime],
) -> None:
    """One attempt, outside any transaction: `send` returns what to write after a yes, or raises what failures.py names."""
    try:
        done = send()
    except Permanent as failure:
        write(state="dead", error=str(failure)[:300], ended_at=now())
    except Temporary as failure:
        later(str(failure), now())
    except Unsure as failure:
        later(str(failure), now(), unsure=True)
    except Exception as failure:  # a sender's own mistake must not stop the queue; only its kind is kept, its text may hold secrets
        later(f"unexpected: {type(failure).__name__}", now(), unsure=True)
    else:
        write(state="sent", error="", ended_at=now(), **done)


def write(row: Model, fields: dict[str, Any]) -> bool:
    """Write a result down, unless another has taken the row up since (`attempts` is the fence); whether it was written."""
    rows = type(row)._default_manager.filter(pk=row.pk, state="sending", attempts=row.attempts)  # type: ignore[attr-defined]
    return bool(rows.update(leased_until=None, **fields))
