"""The scripts of deploy/postgresql: the log is copied away whole, and what was true at a moment is true again beside the running server.

Runs on the machine's own PostgreSQL; skipped where its programs for base copies are not installed.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanbao_run import backups
from sanbao_run.backups import Server
from sanbao_run.postgres import Owner, find_clients, server_owner

SCRIPTS = Path(__file__).parents[2] / "deploy/postgresql"
FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"), key=lambda path: int(path.parts[4]))
pytestmark = pytest.mark.skipif(
    not FOUND, reason="PostgreSQL is not installed on this machine: apt-get install postgresql"
)


class Machine:
    """A server that archives its log, in a folder of its own; `port` tells servers of one folder apart."""

    def __init__(self, home: Path, owner: Owner) -> None:
        self.home, self.owner, self.bin = home, owner, FOUND[-1].parent
        self.bases, self.wal = home / "bases", home / "wal"
        for folder in (home, self.bases, self.wal):
            folder.mkdir(exist_ok=True)
            os.chown(folder, owner.uid, owner.gid)

    def run(
        self, *command: str | Path, check: bool = True, port: int = 5599
    ) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "PGHOST": str(self.home), "PGPORT": str(port), "PGUSER": "postgres", "TZ": "UTC", "LC_ALL": "C",
            "SANBAO_BASES": str(self.bases), "SANBAO_WAL": str(self.wal), "SANBAO_PG_BIN": str(self.bin),
        }  # fmt: skip
        become = {"user": self.owner.uid, "group": self.owner.gid} if os.geteuid() == 0 else {}
        log = self.home / "said"
        with log.open("w+") as out:  # a server that inherited a pipe would hold it open
            done = subprocess.run(
                [str(part) for part in command], env=environment, cwd=self.home, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, check=False, **become,  # type: ignore[call-overload]
            )  # fmt: skip
            out.seek(0)
            said = out.read()
        assert not check or done.returncode == 0, said
        return subprocess.CompletedProcess(command, done.returncode, said)

    def start(self, data: Path, port: int = 5599) -> None:
        options = f"-k {self.home} -p {port} -c listen_addresses= -c archive_timeout=60 -c fsync=off"
        if port == 5599:
            options += f" -c archive_mode=on -c archive_command='{SCRIPTS}/archive-wal %p %f'"
        self.run(
            self.bin / "pg_ctl",
            "-D",
            data,
            "-l",
            self.home / f"log-{port}",
            "-o",
            options,
            "-w",
            "start",
            port=port,
        )

    def stop(self, data: Path) -> None:
        self.run(self.bin / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", check=False)

    def ask(self, sql: str, port: int = 5599) -> str:
        return self.run(
            self.bin / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-c", sql, port=port
        ).stdout.strip()

    def archived(self) -> None:
        """Have the log's last segment copied away."""
        name = self.ask("SELECT pg_walfile_name(pg_current_wal_lsn())")
        self.ask("SELECT pg_switch_wal()")
        give_up = time.monotonic() + 30
        while not (self.wal / name).exists():
            assert time.monotonic() < give_up, (self.home / "log-5599").read_text()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    home = Path(tempfile.mkdtemp(prefix="sanbao-t-", dir="/var/lib" if os.geteuid() == 0 else None))
    found = Machine(home, server_owner())
    found.run(
        found.bin / "initdb",
        "-D",
        home / "data",
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
    )
    found.start(home / "data")
    yield found
    for data in (home / "data", home / "moment"):
        found.stop(data)
    shutil.rmtree(home)


def test_what_was_true_at_a_moment_is_true_again_beside_the_running_server(machine: Machine) -> None:
    machine.ask("CREATE TABLE sheet (said text); INSERT INTO sheet VALUES ('before the copy')")
    assert "every file checked" in machine.run(SCRIPTS / "base-backup").stdout
    machine.ask("INSERT INTO sheet VALUES ('after the copy')")
    time.sleep(1.1)
    moment = machine.ask(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'"
    )
    time.sleep(0.1)
    machine.ask("UPDATE sheet SET said = 'harmed'")
    machine.archived()

    machine.run(SCRIPTS / "restore-to-moment", moment, machine.home / "moment")
    machine.start(machine.home / "moment", port=5598)
    give_up = time.monotonic() + 30
    while machine.ask("SELECT pg_get_wal_replay_pause_state()", port=5598) != "paused":
        assert time.monotonic() < give_up
        time.sleep(0.1)

    assert machine.ask("SELECT said FROM sheet ORDER BY 1", port=5598).splitlines() == [
        "after the copy",
        "before the copy",
    ]
    assert machine.ask("SELECT DISTINCT said FROM sheet") == "harmed"


def test_a_segment_is_copied_once_and_never_written_over(machine: Machine) -> None:
    for folder in ("one", "two"):
        (machine.home / folder).write_text(folder)

    def copy(name: str) -> int:
        return machine.run(SCRIPTS / "archive-wal", machine.home / name, "SEGMENT", check=False).returncode

    assert copy("one") == 0
    assert copy("one") == 0, "copied before a crash, asked again"
    assert copy("two") != 0
    assert copy("missing") != 0
    assert (machine.wal / "SEGMENT").read_text() == "one"
    assert [path.name for path in machine.wal.iterdir() if path.name.startswith(".")] == []


def test_of_base_copies_the_newest_two_stay_with_the_log_since_the_older_one(machine: Machine) -> None:
    for _turn in range(3):
        machine.ask("CREATE TABLE IF NOT EXISTS n (i int); INSERT INTO n VALUES (1)")
        machine.run(SCRIPTS / "base-backup")
        machine.archived()
        time.sleep(1.1)
    kept = sorted(path.name for path in machine.bases.iterdir())
    label = (machine.bases / kept[0] / "backup_label").read_text()
    first = label.partition("(file ")[2].partition(")")[0]
    segments = sorted(path.name for path in machine.wal.iterdir() if len(path.name) == 24)

    assert len(kept) == 2
    assert first in segments
    assert segments[0] == first


def test_a_moment_before_every_copy_is_refused_and_makes_nothing(machine: Machine) -> None:
    done = machine.run(
        SCRIPTS / "restore-to-moment", "2020-01-01 00:00:00+00", machine.home / "moment", check=False
    )

    assert done.returncode == 1
    assert "No copy" in done.stdout
    assert not (machine.home / "earlier").exists()


def test_a_server_of_debians_own_is_backed_up_verified_and_restored_with_its_own_programs(
    machine: Machine, tmp_path: Path
) -> None:
    """DATABASE_URL names a server that is not ours; a newer pg_restore would set what that server does not know."""
    major = int(machine.bin.parts[4])
    programs = find_clients(major, Path("/nonexistent"))
    assert programs == machine.bin
    server = Server(programs, f"postgresql://postgres@/postgres?host={machine.home}&port=5599")
    server.ask("CREATE DATABASE company")
    company, media, file = server.other("company"), tmp_path / "media", tmp_path / "one.tar"
    media.mkdir()
    (media / "picture").write_text("a picture")
    company.ask(
        "CREATE TABLE django_migrations (app text, name text); INSERT INTO django_migrations VALUES ('ledger', '0001_initial');"
        "CREATE TABLE paid (amount numeric); INSERT INTO paid SELECT n FROM generate_series(1, 1000) n"
    )
    backups.write(company, media, file, "test")
    _manifest, found = backups.verify(company, file, tmp_path)
    company.ask("DELETE FROM paid")
    backups.restore(company, media, file, {"0001_initial"})

    assert found == []
    assert company.ask("SELECT sum(amount) FROM paid").strip() == "500500"
