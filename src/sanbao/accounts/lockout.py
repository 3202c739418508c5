"""Guessing gets slower and slower: failures are counted in the database for names, addresses and second factors (ASVS 6.3.1).

A try is counted before it is judged and forgiven after it succeeded, under a row lock, so that many at once gain nothing and a crash
forgets nothing. A name that does not exist is counted just the same, so the answer tells nothing (ASVS 6.3.8).
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import ngettext

from sanbao.accounts.models import Throttle, same_form
from sanbao.ui.refusal import Refusal


class Patience(NamedTuple):
    """`free` failures cost nothing; then the wait doubles from a minute to `longest`. Failures older than `memory` are forgotten."""

    free: int
    memory: timedelta


# Source: GB/T 22239-2019 8.1.4.1 asks for a limit without a figure; five and a quarter of an hour are ours (docs/modules/accounts.md).
# An address is shared by whole offices, so it may fail more often; nobody is locked out by a colleague.
PATIENCE = {
    "name": Patience(5, timedelta(hours=24)),
    "code": Patience(5, timedelta(hours=24)),
    "address": Patience(30, timedelta(hours=1)),
}
FIRST = timedelta(minutes=1)
LONGEST = timedelta(minutes=15)

Subject = tuple[str, str]


class TooMany(Refusal):
    """Too many failures: the sentence says how long to wait."""

    status = 429

    def __init__(self, until: datetime, at: datetime):
        self.until = until
        minutes = max(1, -(-int((until - at).total_seconds()) // 60))
        sentence = ngettext(
            "Too many failed tries. Try again in %(minutes)d minute.",
            "Too many failed tries. Try again in %(minutes)d minutes.",
            minutes,
        ) % {"minutes": minutes}
        super().__init__(sentence, code="too-many")


def wait_after(kind: str, failures: int) -> timedelta | None:
    """How long nothing is heard after so many failures in a row; None while they are free."""
    over = failures - PATIENCE[kind].free
    return None if over < 0 else min(FIRST * 2 ** min(over, 10), LONGEST)


@transaction.atomic
def count(*subjects: Subject, at: datetime) -> bool:
    """Count a try of each subject before it is judged; raises TooMany, and counts nothing, while one of them must wait.

    Returns whether this try, should it fail, closes the door.
    """
    rows = [_locked(kind, key, at) for kind, key in sorted(subjects)]  # in one order: no deadlock
    if waits := [row.until for row in rows if row.until and row.until > at]:
        raise TooMany(max(waits), at)
    closes = False
    for row in rows:
        forgotten = row.last_at < at - PATIENCE[row.kind].memory
        row.failures = 1 if forgotten else row.failures + 1
        row.last_at = at
        wait = wait_after(row.kind, row.failures)
        row.until = at + wait if wait else None
        closes = closes or wait is not None
        row.save()
    return closes


@transaction.atomic
def forgive(*subjects: Subject) -> None:
    """The try succeeded: the name or code starts afresh, the address gets back this one try.

    Not more: whoever has an account of their own must not win endless tries at others from the same address.
    """
    for kind, key in sorted(subjects):
        rows = Throttle.objects.filter(kind=kind, digest=_digest(kind, key))
        if kind == "address":
            rows.update(failures=Greatest(F("failures") - 1, 0), until=None)
        else:
            rows.delete()


def unlock(*subjects: Subject) -> bool:
    """An administrator lets somebody try again at once; whether there was anything to unlock."""
    gone = [
        Throttle.objects.filter(kind=kind, digest=_digest(kind, key)).delete()[0] for kind, key in subjects
    ]
    return any(gone)


def locked_until(*subjects: Subject, at: datetime) -> datetime | None:
    """Until when one of the subjects must wait, if it must."""
    rows = [
        Throttle.objects.filter(kind=kind, digest=_digest(kind, key), until__gt=at).first()
        for kind, key in subjects
    ]
    return max((row.until for row in rows if row and row.until), default=None)


def forget_old(at: datetime) -> int:
    """Delete what no longer counts; run by the nightly job."""
    return Throttle.objects.filter(last_at__lt=at - max(p.memory for p in PATIENCE.values())).delete()[0]


def _locked(kind: str, key: str, at: datetime) -> Throttle:
    row, _made = Throttle.objects.select_for_update().get_or_create(
        kind=kind, digest=_digest(kind, key), defaults={"last_at": at}
    )
    return row


def _digest(kind: str, key: str) -> str:
    """A keyed hash: the table tells nobody which names were tried."""
    text = f"{kind}:{same_form(key).casefold()}".encode(errors="replace")
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
