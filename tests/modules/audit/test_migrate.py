"""`sanbao migrate` does not stop people at work: it waits three seconds for a table, gives way, tries again, and says who is in the way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from sanbao.audit.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)


def _address() -> dict:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {
        key: connection.settings_dict[name] for name, key in names.items() if connection.settings_dict[name]
    }


@contextmanager
def somebody_holds(table: str, seconds: float) -> Iterator[None]:
    """Another session works in a transaction on the table, for so long at most."""
    holding, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with psycopg.connect(**_address()) as other:
            other.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
            holding.set()
            enough.wait(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(10)
    try:
        yield
    finally:
        enough.set()
        thread.join()


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Instead of migrations: one statement that needs the whole table for itself."""
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(migrate, "PAUSES", (0.1, 0.1))

    def once(self: object, *args: object, **options: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE regulations_adoption ADD COLUMN IF NOT EXISTS new_one integer")

    monkeypatch.setattr(migrate.Command, "_once", once)
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE regulations_adoption DROP COLUMN IF EXISTS new_one")


def _has_column() -> bool:
    return bool(
        migrate.asked(
            "SELECT 'yes' FROM information_schema.columns WHERE column_name = 'new_one' AND table_name = 'regulations_adoption'"
        )
    )


def test_a_table_in_use_for_long_leaves_everything_as_it_was_and_names_who_is_in_the_way(change):
    with (
        somebody_holds("regulations_adoption", 30),
        pytest.raises(CommandError, match="In the way: process") as told,
    ):
        time.sleep(1.1)
        call_command("migrate", stderr=StringIO())
    assert "nothing is broken" in str(told.value)
    assert not _has_column()


def test_it_comes_through_once_the_table_is_free_and_readers_wait_no_longer_than_that(change):
    said = StringIO()
    with somebody_holds("regulations_adoption", 0.4):
        call_command("migrate", stderr=said)
    assert _has_column()
    assert "tried again" in said.getvalue()


def test_control_without_the_timeout_a_reader_waits_behind_the_migration(change, monkeypatch):
    """What the three seconds are for: with none, whoever comes after the waiting ALTER waits as long as it does."""

    def reader_waits() -> bool:
        with psycopg.connect(**_address()) as reader:
            reader.execute("SET lock_timeout = '700ms'")
            try:
                reader.execute("SELECT count(*) FROM regulations_adoption")
            except psycopg.errors.LockNotAvailable:
                return True
            return False

    def migrating() -> None:
        try:
            call_command("migrate", stderr=StringIO())
        except CommandError:
            pass
        finally:
            connection.close()

    waited = {}
    for timeout in ("100ms", "0"):
        monkeypatch.setattr(migrate, "LOCK_TIMEOUT", timeout)
        with somebody_holds("regulations_adoption", 2):
            thread = threading.Thread(target=migrating)
            thread.start()
            time.sleep(0.15)
            waited[timeout] = reader_waits()
        thread.join()
    assert waited == {"100ms": False, "0": True}


def test_another_fault_is_not_tried_again(monkeypatch):
    tries = []

    def once(self: object, *args: object, **options: object) -> None:
        tries.append(1)
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(migrate.Command, "_once", once)
    with pytest.raises(OperationalError):
        call_command("migrate")
    assert tries == [1]


def test_an_index_whose_building_was_broken_off_is_taken_away_before_the_next_try():
    with psycopg.connect(**_address(), autocommit=True) as other:
        other.execute("CREATE TABLE public.twice (n integer)")
        other.execute("INSERT INTO public.twice VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            other.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_n ON public.twice (n)")
        try:
            assert migrate.asked(migrate.LEFT_BEHIND) == ["public.twice_n"]
            migrate.drop_left_behind()
            assert migrate.asked(migrate.LEFT_BEHIND) == []
        finally:
            other.execute("DROP TABLE public.twice")


def test_afterwards_the_session_waits_for_locks_as_before():
    call_command("migrate", verbosity=0)
    assert migrate.asked("SHOW lock_timeout") == ["0"]
    ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # other tests run beside this one
    assert migrate.asked(f"SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND {ours}") == [
        "0"
    ]
