"""The scope a piece of work is done in: which company's rows it may touch at all.

Every model that belongs to a company has a default manager that asks for the open scope: outside one it raises `OutOfScope`, inside
one it leaves out other companies' rows, whatever the caller forgets. `@page` opens the signed-in person's scope around every view, a
job opens its asker's. `visible_to` then narrows to the person's places.

An open scope is also told to PostgreSQL: the session takes the role `sanbao_web`, and row-level security (row_security.py) compares
every row of customers' and money's tables with the company and the outlets of the person at work. That is the second line: it holds
against a filter forgotten in a query, not against somebody who can send SQL of their own (docs/adr/accounts-scope.md).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from sanbao.accounts.access import Access

ROLE = "sanbao_web"
_NOBODYS = "{}"


class OutOfScope(RuntimeError):
    """A company's rows were asked for where no scope is open. A fault of the program, never of a user."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is open: one company's rows (`access` says who works), or everything (`access` is None, `why` says what for).

    `owner`: the database's owner works for the person, because the web's role may not do this.
    """

    access: Access | None
    why: str = ""
    owner: bool = False

    @property
    def limited(self) -> bool:
        """Whether row-level security holds the database session to this scope."""
        return self.access is not None and not self.owner and row_security()


_open: ContextVar[Scope | None] = ContextVar("scope", default=None)
# Whether what is told holds for the transaction only (`through`).
_for_transaction: ContextVar[bool] = ContextVar("for_transaction", default=False)


def current() -> Scope:
    """The open scope. OutOfScope where there is none."""
    scope = _open.get()
    if scope is None:
        raise OutOfScope(
            "No scope is open: read companies' rows inside a page marked with a scope, or in "
            "scope.opened(access); the system's own work says scope.everything(why)."
        )
    return scope


def is_open() -> bool:
    """Whether any scope is open."""
    return _open.get() is not None


@contextmanager
def opened(access: Access) -> Iterator[None]:
    """Work for one person in one company: their company's rows only, and the database holds them to it too."""
    if access.company_id is None:
        raise OutOfScope("Whoever works in no company has no rows to work with.")
    with _as(Scope(access)):
        yield


@contextmanager
def through(access: Access) -> Iterator[None]:
    """`opened`, for a transaction that has just begun and ends where the scope does: the database forgets the scope with it.

    So nothing need be told at the end, and what is checked at the commit is checked in the scope. Inside a longer transaction, or inside
    another scope, it is `opened`.
    """
    if connection.savepoint_ids or not connection.in_atomic_block or _open.get() is not None:
        with opened(access):
            yield
        return
    if access.company_id is None:
        raise OutOfScope("Whoever works in no company has no rows to work with.")
    told, token = _for_transaction.set(True), _open.set(Scope(access))
    try:
        _tell(Scope(access))
        yield
    finally:
        _open.reset(token)
        _for_transaction.reset(told)


@contextmanager
def everything(why: str) -> Iterator[None]:
    """Work of the system itself, over all companies: signing in, jobs that find their own work, the demonstration.

    `why` is for the reader of the code, and for whoever counts such places.
    """
    with _as(Scope(None, why)):
        yield


@contextmanager
def as_owner(why: str) -> Iterator[None]:
    """Stay in the open scope, but let the database's owner write: COPY refuses tables with row-level security.

    Only operations that have asked for the permission themselves use it; the managers go on leaving out other companies.
    """
    before = current()
    owner = replace(before, why=why, owner=True)
    token = _open.set(owner)
    try:
        with _told(owner, before):
            yield
    finally:
        _open.reset(token)


@contextmanager
def closed() -> Iterator[None]:
    """No scope at all, inside an open one: for tests, and for what must not read companies' rows."""
    with _as(None):
        yield


@contextmanager
def _as(scope: Scope | None) -> Iterator[None]:
    before = _open.get()
    token = _open.set(scope)
    try:
        with _told(scope, before):
            yield
    finally:
        _open.reset(token)


@contextmanager
def _told(scope: Scope | None, before: Scope | None) -> Iterator[None]:
    """Tell the database session which scope holds, and afterwards that the one before holds again."""
    if _settings(scope) == _settings(before):
        yield
        return
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        # Behind PgBouncer every statement may meet another session: the role lives with the transaction.
        with transaction.atomic():
            _tell(scope, local=True)
            yield
            _tell(before, local=True)
        return
    _tell(scope)
    try:
        yield
        _check_what_was_deferred(scope, before)
    finally:
        try:
            _tell(before)
        except (InternalError, OperationalError, InterfaceError, transaction.TransactionManagementError):
            # The transaction is broken: rolling it back brings the session's settings back too, if they were made in
            # it. If they were made before it, or the connection is gone, a session of unknown role must not be used again.
            if not connection.in_atomic_block:
                connection.close()


def _check_what_was_deferred(scope: Scope | None, before: Scope | None) -> None:
    """Inside a longer transaction: let what was written in the scope be checked in the scope.

    From PostgreSQL 18 on a deferred trigger runs with the role of the write, and with that role but without the scope's company it
    would see no rows.
    """
    leaving = scope is not None and scope.limited and not (before is not None and before.limited)
    if leaving and connection.in_atomic_block and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END $$")


_SETTINGS = ("sanbao.person", "sanbao.company", "sanbao.outlets", "sanbao.request", "sanbao.address", "role")


def _settings(scope: Scope | None) -> tuple[str, ...]:
    """What the database session is told of a scope, in the order of _SETTINGS; the row history reads it too (sanbao.audit.history)."""
    if scope is None or scope.access is None:
        return ("", "", "", "", "", "none")
    access = scope.access
    outlets = access.outlets
    return (
        str(access.person_id or ""),
        str(access.company_id),
        "*" if outlets is None else _array(outlets),
        access.request[:40],
        access.address[:45],
        ROLE if scope.limited else "none",
    )


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(str(number) for number in sorted(numbers)) + "}"


def _tell(scope: Scope | None, *, local: bool = False) -> None:
    local = local or _for_transaction.get()
    calls = ", ".join(f"set_config('{name}', %s, {str(local).lower()})" for name in _SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", _settings(scope))


_has_role: dict[str, bool] = {}


def row_security() -> bool:
    """Whether this database has the role `sanbao_web`, it may use the tables, and we may take it. Asked once a process."""
    name = str(connection.settings_dict["NAME"])
    if name not in _has_role:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce((SELECT pg_has_role(session_user, oid, 'MEMBER')"
                " AND has_table_privilege(oid, 'accounts_company', 'SELECT') FROM pg_roles WHERE rolname = %s), false)",
                [ROLE],
            )
            (_has_role[name],) = cursor.fetchone()
    return _has_role[name]


def forget() -> None:
    """Ask again whether row-level security holds."""
    _has_role.clear()


def limits_now() -> dict[str, Any]:
    """What the database session is held to at this moment, as it says itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('sanbao.company', true), current_setting('sanbao.outlets', true)"
        )
        return dict(zip(("role", "company", "outlets"), cursor.fetchone(), strict=True))
