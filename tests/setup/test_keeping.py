"""Which backups are let go, and what a restore leaves behind: nothing good is lost, a killed restore mends itself."""

import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_run import backups, database, journal, keeping
from sanbao_run.backups import Server
from sanbao_run.keeping import Keep
from sanbao_run.trouble import Trouble

ROOT = Path(__file__).parents[2]


def named(at: datetime) -> str:
    return f"sanbao-{at:%Y%m%dT%H%M%SZ}.tar"


def a_year(folder: Path, last: datetime) -> list[Path]:
    """One backup each night for a year, newest first."""
    for day in range(365):
        (folder / named(last - timedelta(days=day))).touch()
    return keeping.backups_in(folder)


def test_of_a_year_of_nights_the_last_days_weeks_and_months_stay(tmp_path: Path) -> None:
    files = a_year(tmp_path, datetime(2026, 11, 24, 1, 30, tzinfo=UTC))
    (tmp_path / "notes.txt").touch()
    gone = keeping.prune(tmp_path, Keep(daily=7, weekly=5, monthly=12))
    left = keeping.backups_in(tmp_path)

    assert left[:7] == files[:7]
    assert len({keeping.made_at(file).strftime("%Y-%m") for file in left}) == 12  # type: ignore[union-attr]
    assert len(left) <= 7 + 5 + 12
    assert len(left) + len(gone) == 365
    assert (tmp_path / "notes.txt").exists()


def test_the_last_one_that_was_verified_is_never_let_go(tmp_path: Path) -> None:
    files = a_year(tmp_path, datetime(2026, 11, 24, 1, 30, tzinfo=UTC))
    good, earlier = files[200], files[300]
    for file in (good, earlier):
        keeping.mark_of(file).touch()
    keeping.prune(tmp_path, Keep(1, 0, 0))

    assert keeping.backups_in(tmp_path) == [files[0], good]
    assert keeping.mark_of(good).exists()
    assert not keeping.mark_of(earlier).exists()


@given(
    st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)), min_size=1, max_size=40),
    st.tuples(*[st.integers(0, 4)] * 3),
)
def test_whatever_is_there_the_newest_stays_and_a_second_look_lets_nothing_more_go(
    moments: list[datetime], counts: tuple[int, int, int]
) -> None:
    files = sorted({Path("/", named(at)) for at in moments}, reverse=True)
    gone = keeping.to_let_go(files, Keep(*counts))
    left = [file for file in files if file not in gone]

    assert files[0] in left
    assert len(left) <= max(1, sum(counts) + 1)
    assert keeping.to_let_go(left, Keep(*counts)) == []


def test_databases_a_restore_put_aside_are_listed_and_removed_by_name_only(
    source: Server,
    media: Path,
    tmp_path: Path,
) -> None:
    file = tmp_path / "one.tar"
    backups.write(source, media, file, "test")
    name = backups.restore(source, media, file, {"0001_initial"})

    assert [each for each, _size in keeping.kept(source, media)] == [name]
    with pytest.raises(Trouble, match="none of the databases"):
        keeping.drop_kept(source, media, "sanbao")
    keeping.drop_kept(source, media, name)
    assert keeping.kept(source, media) == []
    assert name not in source.ask("SELECT datname FROM pg_database")


KILLED = """
import os, sys
from pathlib import Path
from sanbao_run import backups
steps, programs, url, media, file = int(sys.argv[1]), *sys.argv[2:6]
count = 0
def step(real):
    def counted(*arguments, **named):
        global count
        if count == steps:
            os._exit(9)
        count += 1
        return real(*arguments, **named)
    return counted
plain = backups.Server.ask
def ask(self, sql):
    return step(plain)(self, sql) if "RENAME" in sql else plain(self, sql)
backups.Server.ask = ask
Path.rename = step(Path.rename)
backups.journal.forget = step(backups.journal.forget)
backups.restore(backups.Server(Path(programs), url), Path(media), Path(file), {"0001_initial"})
"""


def state_of(server: Server, media: Path) -> tuple[str, str]:
    """The number of rows, and what the one file says."""
    said = media / "ab" / "abc"
    return server.ask("SELECT count(*) FROM sheet").strip(), said.read_text() if said.exists() else "lost"


@pytest.mark.parametrize("steps", [0, 1, 2, 3], ids=["first folder", "second folder", "databases", "journal"])
@pytest.mark.parametrize("mended", [True, False], ids=["mended", "control"])
def test_a_restore_killed_before_any_of_its_renames_is_whole_again_at_the_next_start(
    source: Server,
    media: Path,
    tmp_path: Path,
    steps: int,
    mended: bool,
) -> None:
    """Killed before step N: database and files are both the old ones or both the restored ones. Control: without mending they are not."""
    file = tmp_path / "one.tar"
    backups.write(source, media, file, "test")
    source.ask("DELETE FROM sheet")
    (media / "ab" / "abc").write_text("another picture")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(steps), str(source.programs), source.url, str(media), str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 9, done.stderr
    said = keeping.mend(source, media) if mended else ""

    whole = {("0", "another picture"), ("20000", "a picture")}
    if mended:
        assert said
        assert state_of(source, media) == (("0", "another picture") if steps < 3 else ("20000", "a picture"))
        assert not journal.read(media)
        keeping.sweep(source, media.parent)
        assert "sanbao_restore" not in source.ask("SELECT datname FROM pg_database")
        assert [path.name for path in media.parent.iterdir() if path.name.startswith("restore-")] == []
        assert keeping.mend(source, media) == ""
    elif steps in (1, 2):
        assert state_of(source, media) not in whole


def test_what_a_killed_verification_leaves_is_swept_but_not_while_one_is_at_work(
    source: Server, media: Path, tmp_path: Path
) -> None:
    file = tmp_path / "one.tar"
    backups.write(source, media, file, "test")
    (tmp_path / "restore-0123abcd").mkdir()
    source.ask("CREATE DATABASE sanbao_restore_0123abcd")
    with backups.restored(source, file, tmp_path) as (scratch, folder, _manifest):
        keeping.sweep(source, tmp_path)
        assert folder.exists()
        assert scratch.ask("SELECT count(*) FROM sheet").strip() == "20000"
        assert "sanbao_restore_0123abcd" in source.ask("SELECT datname FROM pg_database")
    keeping.sweep(source, tmp_path)

    assert keeping.left_behind(tmp_path) == []
    assert "sanbao_restore_0123abcd" not in source.ask("SELECT datname FROM pg_database")


@pytest.mark.parametrize(("address", "plain"), [
    ("postgresql://u:p@h:5432/n?pool=4", "postgresql://u:p@h:5432/n"),
    ("postgresql://u@/n?host=/var/run/postgresql&pool=0&sslmode=require", "postgresql://u@/n?host=%2Fvar%2Frun%2Fpostgresql&sslmode=require"),
])  # fmt: skip
def test_postgresqls_programs_are_not_given_words_that_are_ours(
    monkeypatch: pytest.MonkeyPatch, address: str, plain: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    assert database.plain_url() == plain


def test_a_backup_through_pgbouncer_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@h/n?pgbouncer=1")
    with pytest.raises(Trouble, match="leads to PgBouncer"):
        database.plain_url()


def test_a_password_never_stands_in_the_list_of_processes() -> None:
    server = Server(Path("/"), "postgresql://u:p%40ss@h:5432/n?sslmode=require")

    assert server.bare == "postgresql://u@h:5432/n?sslmode=require"
    assert server.environment["PGPASSWORD"] == "p@ss"
    assert server.other("x").url == "postgresql://u:p%40ss@h:5432/x?sslmode=require"


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "media/../../outside", "other", "link"])
def test_a_file_that_poses_as_a_backup_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    """ASVS 5.3.3: names and links inside archives lead out of nothing. Also with Debian 12's Python, which has no filters."""
    file, folder = tmp_path / "bad.tar", tmp_path / "open"
    folder.mkdir()
    with tarfile.open(file, "w") as tar:
        if name == "link":
            entry = tarfile.TarInfo("media/a")
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(entry)
        else:
            backups.add(tar, name, b"bad")
    with pytest.raises(Trouble, match="does not belong there"):
        backups.unpack(file, folder)
    assert not (tmp_path / "outside").exists()
    assert list(folder.iterdir()) == []


def test_only_the_web_goes_through_pgbouncer_what_mends_before_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both run in one unit with one environment; the web says who it is in its entry (site/wsgi.py)."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@/n?host=/run/postgresql")
    monkeypatch.setenv("DATABASE_URL_WEB", "postgresql://u@/n?host=/run/pgbouncer&pgbouncer=1")
    monkeypatch.delenv("SANBAO_WEB", raising=False)
    assert "pgbouncer" not in database.plain_url()
    assert database.database_settings("run")["HOST"] == "/run/postgresql"

    monkeypatch.setenv("SANBAO_WEB", "1")
    assert database.database_settings("run")["HOST"] == "/run/pgbouncer"
    assert database.database_settings("run")["DISABLE_SERVER_SIDE_CURSORS"]
    assert "SANBAO_WEB" not in (ROOT / "deploy/systemd/sanbao-web.service").read_text(encoding="utf-8")
