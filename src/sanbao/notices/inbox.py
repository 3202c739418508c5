"""What comes in is kept once and handled once: a row before any work, a lease for the worker, one transaction for the work and its end.

A module that wants to know of a channel registers a listener: `inbox.LISTENERS["wecom"] = function`. It is called with the row and the
moment, in a scope of the row's company and in the transaction that ends the row. It raises Ignored where the thing is not for it, and
NotYet where it can't be handled before something else has happened; whatever else it raises is tried again, too, and at last laid out
as failed.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import moves
from sanbao.notices import carrying
from sanbao.notices.carrying import LEASE, MOST_ATTEMPTS
from sanbao.notices.doors import Came
from sanbao.notices.models import Incoming
from sanbao.notices.states import INCOMING_MOVES

State = Incoming.State


class Ignored(Exception):
    """Nobody has to do anything about it. The text is a code of failures.WORDS."""


class NotYet(Exception):
    """It can't be handled now; a later attempt may succeed. The text is a code of failures.WORDS."""


Listener = Callable[[Incoming, datetime], None]
LISTENERS: dict[str, Listener] = {}
# What a channel makes of a thing before it is kept: a mail handed in becomes a file. In the transaction that keeps it; raises doors.Shut.
# None: the keeper has kept by itself what there is to keep.
Keeper = Callable[[Company, Came, datetime], Came | None]
KEEPERS: dict[str, Keeper] = {}


def receive(company: Company, channel: str, things: Iterable[Came], *, at: datetime) -> int:
    """Keep what came in, in one transaction; how many of it were new. What is there already stays as it is."""
    with scope.opened(_worker(company.pk)), transaction.atomic():
        return sum(_keep(company, channel, came, at) for came in things)


def _keep(company: Company, channel: str, came: Came, at: datetime) -> bool:
    if channel in KEEPERS:
        changed = KEEPERS[channel](company, came, at)
        if changed is None:
            return False
        came = changed
    _row, made = Incoming.objects.get_or_create(
        company_id=company.pk,
        channel=channel,
        external_id=came.external_id,
        defaults={
            "kind": came.kind,
            "sender": came.sender,
            "payload": came.payload,
            "received_at": at,
            "due_at": at,
        },
    )
    return made


@transaction.atomic
def lease(at: datetime) -> Incoming | None:
    """Take the next thing to handle; one that has been taken up as often as allowed has failed."""
    while True:
        row = (
            Incoming.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(carrying.free(at), state=State.NEW, due_at__lte=at)
            .order_by("due_at", "pk")
            .first()
        )
        if row is None:
            return None
        if row.attempts - row.attempts_before < MOST_ATTEMPTS:
            break
        row.state, row.leased_until, row.ended_at, row.error = State.FAILED, None, at, row.error or "worker"
        row.save()
    row.leased_until = at + LEASE
    row.attempts += 1
    row.save()
    return row


def drain(*, now: Callable[[], datetime] = timezone.now, most: int = 1_000) -> int:
    """Handle what is due, one after another; how many were tried. Any number may drain at once."""
    for tried in range(most):
        row = lease(now())
        if row is None:
            return tried
        _attempt(row, now())
    return most


def _attempt(row: Incoming, at: datetime) -> None:
    try:
        _handle(row, at)
    except Ignored as why:
        _write(row, state=State.IGNORED, error=str(why)[:300], ended_at=at)
    except NotYet as why:
        _later(row, str(why), at)
    except (
        Exception
    ) as failure:  # a listener's own mistake must not stop the queue; its text may hold people's data
        _later(row, f"listener: {type(failure).__name__}", at)


def _handle(row: Incoming, at: datetime) -> None:
    """The listener's work and the row's end, together or not at all; nothing where another worker has taken the row up since."""
    listener = LISTENERS.get(row.channel)
    if listener is None:
        raise Ignored("deaf")
    with scope.opened(_worker(row.company_id)), transaction.atomic():
        rows = Incoming.objects.select_for_update(of=("self",))
        mine = rows.filter(pk=row.pk, state=State.NEW, attempts=row.attempts).first()
        if mine is None:
            return
        listener(mine, at)
        mine.state, mine.leased_until, mine.error, mine.ended_at = State.HANDLED, None, "", at
        mine.save()


def _later(row: Incoming, error: str, at: datetime) -> None:
    tried = row.attempts - row.attempts_before
    if tried >= MOST_ATTEMPTS:
        _write(row, state=State.FAILED, error=error[:300], ended_at=at)
        return
    _write(row, error=error[:300], due_at=at + carrying.pause(tried))


def _write(row: Incoming, **fields: object) -> None:
    Incoming.objects.filter(pk=row.pk, state=State.NEW, attempts=row.attempts).update(
        leased_until=None, **fields
    )


def move(
    row: Incoming, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = ""
) -> Incoming:
    """A person has it handled once more, or lets it be and says why."""

    def effects(thing: Incoming) -> None:
        if noun == "retry":
            thing.attempts_before, thing.due_at, thing.ended_at, thing.reason = thing.attempts, at, None, ""
        else:
            thing.ended_at, thing.leased_until = at, None

    moved: Incoming = moves.make(
        INCOMING_MOVES[noun], row, version=version, by=by, at=at, reason=reason, effects=effects
    )
    return moved


def _worker(company_id: int) -> Access:
    return Access(None, company_id, (), "", "inbox")
