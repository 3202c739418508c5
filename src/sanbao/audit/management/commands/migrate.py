"""`sanbao migrate`: Django's, but nobody waits long for it; then the row history's triggers on every business table that lacks them, and
what the modules want done after it (the rulebooks that come with the program are pinned).

A change of a table waits for whoever is using the table, and everybody who comes later waits behind it. So a statement here waits three
seconds at most (lock_timeout); then its migration is rolled back, those behind it go on, and it is tried again after a pause.
One migrate works on a database at a time: that of another node waits its turn.

Django makes every model anew that is related to one whose index or constraint is added, and all of ours are related: four fifths of a
migrate of an empty database went into that. Here the model is told of its index instead.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.state import ProjectState

from sanbao.audit import history

# What the modules want done whenever the tables are up to date (registered in their apps.py).
AFTER: list[Callable[[], object]] = []
LOCK_TIMEOUT = "3s"
PAUSES = (1, 2, 4, 8, 15)  # seconds before each further try
ONE_AT_A_TIME = 7_202_612  # the advisory lock of a migrate; the demonstration's is the number before
LOCK_NOT_AVAILABLE = "55P03"

BUSY = """
SELECT format('process %s (%s), at work for %s s: %s', pid, coalesce(nullif(application_name, ''), usename),
    round(extract(epoch FROM clock_timestamp() - xact_start)), left(regexp_replace(query, '\\s+', ' ', 'g'), 60))
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND xact_start < clock_timestamp() - interval '1 second' ORDER BY xact_start LIMIT 3
"""
LEFT_BEHIND = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = 'public'
AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
"""


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tables-only", action="store_true", help="leave what follows to somebody else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("plan") or options.get("check_unapplied") or options.get("check"):
            super().handle(*args, **options)
            return
        with patient(), hurried():
            for pause in (*PAUSES, None):
                try:
                    self._once(*args, **options)
                    return
                except OperationalError as error:
                    if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                        raise
                    self._told(pause)
                    time.sleep(pause or 0)

    def _once(self, *args: Any, **options: Any) -> None:
        drop_left_behind()
        super().handle(*args, **options)
        touched = history.install()
        if touched and options["verbosity"] > 1:
            self.stdout.write(f"Row history on {', '.join(touched)}.")
        # Not for a part of the way (`migrate intake 0003`): later tables may be missing.
        if not options.get("app_label") and not options.get("tables_only"):
            for do in AFTER:
                do()

    def _told(self, pause: int | None) -> None:
        """Say who is in the way. CommandError after the last try."""
        busy = "; ".join(asked(BUSY)) or "nobody seen any more"
        if pause is None:
            raise CommandError(
                f"A table was in use for longer than {LOCK_TIMEOUT}, {len(PAUSES) + 1} times. The migration that needed it is undone, those "
                f"before it hold; nothing is broken. In the way: {busy}. Wait for it or end it, then migrate again. "
                "数据表一直被占用，迁移已撤回，未造成破坏；请等待或结束上述会话后重试。"
            )
        self.stderr.write(
            f"A table is in use ({busy}); this migration is undone and tried again in {pause} s. 数据表被占用，{pause} 秒后重试。"
        )


@contextmanager
def patient() -> Iterator[None]:
    """No statement waits longer than LOCK_TIMEOUT for a lock, and no other migrate works meanwhile."""
    while not asked(f"SELECT pg_try_advisory_lock({ONE_AT_A_TIME})")[0]:
        time.sleep(
            0.2
        )  # asked again and again: a statement that waits would be waited for by a concurrent index
    asked(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        yield
    finally:
        try:
            asked("RESET lock_timeout")
            asked(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})::text")
        except DatabaseError:
            connection.close()  # what the session held ends with it


@contextmanager
def hurried() -> Iterator[None]:
    """An index or constraint more doesn't make the models of the state anew; PostgreSQL's schema editor asks them for nothing else."""

    def append(state: ProjectState, app_label: str, model_name: str, option_name: str, added: Any) -> None:
        options = state.models[app_label, model_name].options
        options[option_name] = [*options[option_name], added]
        if "apps" in state.__dict__:
            meta = state.apps.get_model(app_label, model_name)._meta
            setattr(meta, option_name, [*getattr(meta, option_name), added])

    plain = ProjectState._append_option
    ProjectState._append_option = append
    try:
        yield
    finally:
        ProjectState._append_option = plain


def drop_left_behind() -> None:
    """Indexes whose concurrent building was broken off: they serve no query, and their name is in the way of the next try."""
    for name in asked(LEFT_BEHIND) if connection.get_autocommit() else ():
        asked(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def asked(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
