"""A person's data, wherever it is kept: what each module that keeps some can be asked, and the register of those modules.

A module that stores customers' names, telephones or addresses has a `personal.py` with a Source and registers it when it is loaded
(apps.py). The privacy module asks them all; so no module needs to know the others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from django.db import connection, transaction

from sanbao.accounts.access import Access
from sanbao.audit import coverage
from sanbao.audit.history import ERASED


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: a customer of one company by telephone (as stored, digits and dashes) and name; either may be empty, not both.

    `addresses`: the mail addresses and accounts that were found to be the person's (`known`); None before anybody has looked.
    """

    company_id: int
    phone: str = ""
    name: str = ""
    addresses: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Why something may not be erased yet: `until` is the last day it must be kept, `clause` the law's."""

    sentence: str
    until: date
    clause: str


class Source(Protocol):
    """What a module answers about a subject. Everything is of the subject's company only."""

    def names(self, subject: Subject) -> set[str]:
        """The names found under this telephone: more than one means it belongs to several people."""
        ...

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        """Everything kept about the subject, by kind of record, in plain values."""
        ...

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """The legal retentions that still run on the day."""
        ...

    def open_matters(self, subject: Subject) -> list[str]:
        """What is still going on with the subject's records, as sentences; an erasure waits for it."""
        ...

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """Take the person out of the records, and say how many of each kind. Inside `erasing()`."""
        ...


SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Called by a module's AppConfig.ready()."""
    SOURCES.append(source)


ADDRESSES: list[Callable[[Subject], set[str]]] = []


def addresses_of(subject: Subject) -> set[str]:
    """The mail addresses and accounts (openid, WeCom) that the modules know to be the person's: messages are found by them."""
    if subject.addresses is not None:
        return set(subject.addresses)
    return {address for ask in ADDRESSES for address in ask(subject) if address}


def known(subject: Subject) -> Subject:
    """The subject with its addresses, looked for once."""
    return replace(subject, addresses=frozenset(addresses_of(subject)))


def erase(subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
    """Take the person out of every module's records. Inside `erasing()`.

    What hangs on a record is found by it: so the modules above are asked before those on whose records theirs hang, and addresses are
    gathered before any of them is gone.
    """
    found = known(subject)
    counts: dict[str, int] = {}
    for source in reversed(SOURCES):
        counts |= source.erase(found, by=by, at=at, reason=reason)
    return counts


@contextmanager
def erasing() -> Iterator[None]:
    """A transaction in which images keep no personal data and the logs may be given tombstones."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sanbao.erasing', 'on', true)")
        yield
        cursor.execute("SELECT set_config('sanbao.erasing', 'off', true)")


def scrub_history(table: str, rows: list[int]) -> int:
    """Put a tombstone in the place of personal values in the history of these rows; returns how many changes were touched."""
    columns = list(coverage.personal(table, _columns(table)))
    if not columns or not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_change SET before = audit_tombstones(before, %s, %s), after = audit_tombstones(after, %s, %s)"
            ' WHERE "table" = %s AND "row" = ANY(%s) AND (before ?| %s OR after ?| %s)',
            [columns, ERASED, columns, ERASED, table, [str(row) for row in rows], columns, columns],
        )
        return int(cursor.rowcount)


def scrub_events(thing: str, ids: list[int], keys: list[str], *, label: bool = False) -> int:
    """Put a tombstone in the place of these details (and the label) of the events about these things."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_event SET details = audit_tombstones(details, %s, %s), label = CASE WHEN %s THEN %s ELSE label END"
            " WHERE thing = %s AND thing_id = ANY(%s) AND (%s OR details ?| %s)",
            [keys, ERASED, label, ERASED, thing, ids, label, keys],
        )
        return int(cursor.rowcount)


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]
