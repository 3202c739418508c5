"""The embedded database server: made, started, killed, shared, closed to strangers."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sanbao_run import places, postgres
from sanbao_run.postgres import Cluster
from sanbao_run.trouble import Trouble

START = "import sys, pathlib; from sanbao_run.postgres import Cluster; Cluster(pathlib.Path(sys.argv[1]), 'test').start()"


def postmaster(server: Cluster) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


def wait_until_down(server: Cluster) -> None:
    give_up = time.monotonic() + 10
    while server.is_ready() and time.monotonic() < give_up:
        time.sleep(0.02)


def test_a_second_start_finds_the_server_running(server: Cluster) -> None:
    assert server.start() is False


def test_text_is_utf8_and_sorts_alike_on_every_machine(server: Cluster) -> None:
    assert server.ask("SHOW server_encoding") == "UTF8"
    assert server.ask("SELECT datcollate FROM pg_database WHERE datname = 'sanbao'") in ("C", "C.UTF-8")
    assert server.ask("SHOW timezone") == "UTC"
    assert server.ask("SHOW jit") == "off"
    assert server.ask("SHOW data_checksums") == "on"


def test_the_applications_role_is_no_superuser(server: Cluster) -> None:
    assert server.ask("SELECT usesuper FROM pg_user WHERE usename = current_user", "sanbao", "sanbao") == "f"


def test_the_server_listens_on_no_network(server: Cluster) -> None:
    assert server.ask("SHOW listen_addresses") == ""


def test_the_tests_server_does_not_wait_for_the_disk_but_the_real_one_does(server: Cluster) -> None:
    assert server.ask("SHOW fsync") == "off"
    assert "fsync" not in postgres.SETTINGS


def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    server = Cluster(home, "run")
    server.start()
    server.ask("CREATE TABLE kept (what text)", "sanbao", "sanbao")
    server.ask("INSERT INTO kept VALUES ('三包')", "sanbao", "sanbao")
    os.kill(postmaster(server), signal.SIGKILL)
    wait_until_down(server)

    assert server.start() is True
    assert server.ask("SELECT what FROM kept", "sanbao", "sanbao") == "三包"
    server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_pid_file_with_another_programs_number_does_not_stop_the_start(server: Cluster) -> None:
    kept = (server.data / "postmaster.pid").read_text()
    server.stop()
    bystander = subprocess.Popen(["sleep", "60"], user=server.owner.uid if os.geteuid() == 0 else None)
    try:
        stale = server.data / "postmaster.pid"
        stale.write_text(kept.replace(kept.split("\n", 1)[0], str(bystander.pid), 1))
        os.chown(stale, server.owner.uid, server.owner.gid)
        assert server.start() is True
    finally:
        bystander.kill()
        bystander.wait()


def test_many_starts_at_once_make_one_server(home: Path) -> None:
    starts = [subprocess.Popen([sys.executable, "-c", START, str(home)]) for _ in range(3)]
    assert [start.wait() for start in starts] == [0, 0, 0]
    server = Cluster(home, "test")
    assert server.is_ready()
    assert server.stop() is True
    assert server.stop() is False


def test_the_last_user_stops_the_server(server: Cluster) -> None:
    with server.used():
        with server.used():
            pass
        assert server.is_ready()
    assert not server.is_ready()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can pose as another user")
def test_another_user_of_the_machine_cannot_connect(server: Cluster) -> None:
    server.start()
    stranger = pwd.getpwnam("nobody")
    command = [server.programs / "psql", "-X", "-h", str(server.sockets), "-U", "sanbao", "-c", "SELECT 1"]
    closed = subprocess.run(
        command, user=stranger.pw_uid, group=stranger.pw_gid, capture_output=True, cwd="/"
    )
    assert b"Permission denied" in closed.stderr

    # Were the folder open by mistake, the server itself would still ask who is there.
    server.sockets.chmod(0o755)
    (server.sockets / ".s.PGSQL.5432").chmod(0o777)
    known = subprocess.run(command, user=stranger.pw_uid, group=stranger.pw_gid, capture_output=True, cwd="/")
    server.sockets.chmod(0o700)
    assert b"Peer authentication failed" in known.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_roots_server_runs_as_a_system_user_from_a_copy(server: Cluster) -> None:
    server.start()
    assert Path(f"/proc/{postmaster(server)}").stat().st_uid == server.owner.uid != 0
    assert server.programs.is_relative_to(server.home)


def test_data_of_another_major_version_are_not_taken_for_an_empty_database(home: Path) -> None:
    (home / "run-10").mkdir()
    with pytest.raises(Trouble, match="another major version"):
        Cluster(home, "run").start()


def test_an_earlier_checkouts_data_are_put_aside_and_not_taken_over(home: Path) -> None:
    earlier = Cluster(home, "run", "first")
    earlier.start()
    earlier.ask("CREATE TABLE theirs (what text)", "sanbao", "sanbao")

    later = Cluster(home, "run", "second")
    assert later.start() is True
    assert later.ask("SELECT to_regclass('theirs') IS NULL", "sanbao", "sanbao") == "t"
    assert later.data.with_name(f"{later.data.name}-earlier").exists()
    assert later.start() is False
    later.stop()


def test_a_killed_making_of_the_data_folder_is_begun_anew(home: Path) -> None:
    server = Cluster(home, "test")
    (server.data.with_name(f"{server.data.name}.new") / "base").mkdir(parents=True)
    server.start()
    assert server.ask("SELECT 1") == "1"
    server.stop()


def test_a_long_path_has_its_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("资料" * 30)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    assert len(os.fsencode(places.socket_folder(deep))) < places.LONGEST_SOCKET_FOLDER
    assert places.socket_folder(deep) == places.socket_folder(deep) != places.socket_folder(tmp_path)


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/tmp")
    with pytest.raises(Trouble, match="somebody else"):
        places.make_private(tmp_path / "link")


def test_programs_that_are_not_postgresql_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANBAO_PG_BIN", str(tmp_path))
    with pytest.raises(Trouble, match="SANBAO_PG_BIN"):
        postgres.find_programs()


def test_an_old_postgresql_is_refused_by_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
    old.chmod(0o755)
    monkeypatch.setattr(Cluster, "programs", tmp_path)
    with pytest.raises(Trouble, match="15 or newer"):
        _ = Cluster(tmp_path).major


@pytest.mark.skipif(
    not shutil.which("/usr/lib/postgresql/15/bin/postgres"), reason="no PostgreSQL 15 of Debian's here"
)
def test_the_systems_postgresql_serves_as_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANBAO_PG_BIN", "/usr/lib/postgresql/15/bin")
    server = Cluster(home, "test")
    server.start()
    assert server.ask("SHOW server_version_num").startswith("15")
    server.stop()
