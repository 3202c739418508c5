"""Which database: the embedded one, or any PostgreSQL that DATABASE_URL names."""

import pytest

from sanbao_run import database
from sanbao_run.trouble import Trouble


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", "postgresql://kim:p%40ss@db.example:6432/house?sslmode=require")
    return monkeypatch


def test_the_embedded_server_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = database.database_settings("run")
    assert settings["HOST"].endswith("run-socket") or settings["HOST"].startswith("/tmp")
    assert settings["NAME"] == settings["USER"] == "sanbao"
    assert settings["OPTIONS"]["pool"]["max_size"] == 16


def test_the_tests_have_a_server_of_their_own_and_no_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    test, run = database.database_settings("test"), database.database_settings("run")
    assert test["HOST"] != run["HOST"]
    assert "pool" not in test["OPTIONS"]


def test_an_address_is_taken_apart(elsewhere: pytest.MonkeyPatch) -> None:
    settings = database.database_settings("run")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "6432", "house")
    assert (settings["USER"], settings["PASSWORD"]) == ("kim", "p@ss")
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_behind_pgbouncer_there_is_no_pool_no_cursor_on_the_server_and_nothing_is_prepared(
    elsewhere: pytest.MonkeyPatch,
) -> None:
    elsewhere.setenv("DATABASE_URL", "postgresql://kim@db.example/house?pgbouncer=1")
    settings = database.database_settings("run")
    assert settings["OPTIONS"] == {}
    assert settings["DISABLE_SERVER_SIDE_CURSORS"] is True
    elsewhere.setenv("DATABASE_URL", "postgresql://kim@db.example/house")
    assert database.database_settings("run")["OPTIONS"]["prepare_threshold"] == 1


@pytest.mark.parametrize(("pool", "size"), [("4", 4), ("0", None)])
def test_the_pool_can_be_set(pool: str, size: int | None, elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("SANBAO_POOL", pool)
    assert database.database_settings("run")["OPTIONS"].get("pool", {}).get("max_size") == size


def test_another_kind_of_database_is_refused_by_a_sentence(elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("DATABASE_URL", "mysql://kim@db.example/house")
    with pytest.raises(Trouble, match="PostgreSQL only"):
        database.database_settings("run")


def test_an_address_that_cannot_be_read_is_told(elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("DATABASE_URL", "postgresql://kim@db.example:port/house")
    with pytest.raises(Trouble, match="DATABASE_URL cannot be read"):
        database.database_settings("run")


def test_runs_side_by_side_do_not_share_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANBAO_TEST_RUN", "4711")
    assert database.database_settings("test")["TEST"]["NAME"] == "test_sanbao_4711"
