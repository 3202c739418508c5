"""Backups made while somebody writes: restored, every table and file is equal; what is not is found."""

import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sanbao_run import backups
from sanbao_run.backups import Server
from sanbao_run.trouble import Trouble


@contextmanager
def writing(server: Server) -> Iterator[None]:
    """Somebody adds and changes rows all the time; returns once the first change is in."""
    enough, begun = threading.Event(), threading.Event()

    def write() -> None:
        while not enough.is_set():
            server.ask(
                "INSERT INTO sheet (said) VALUES ('new'); UPDATE sheet SET said = said || '.' WHERE id = 7"
            )
            begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert begun.wait(20)
        yield
    finally:
        enough.set()
        thread.join()


def test_a_backup_made_while_somebody_writes_is_restored_equal(
    source: Server, media: Path, tmp_path: Path
) -> None:
    """Figure of safety.md 2: equal digests of all tables, equal files."""
    file = tmp_path / "one.tar"
    with writing(source):
        backups.write(source, media, file, "test")
    manifest, found = backups.verify(source, file, tmp_path)
    assert found == []
    assert set(manifest["files"]) == {"ab/abc"}
    assert len(manifest["tables"]) == 2
    assert "sanbao_restore" not in source.ask("SELECT datname FROM pg_database")


def test_control_digests_of_another_moment_are_found(source: Server, media: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.tar"
    real = Server.run

    def late(self: Server, program: str, *arguments: str) -> str:
        if program == "pg_dump":
            self.ask("UPDATE sheet SET said = 'changed' WHERE id = 3")
        return real(self, program, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "run", late)
        backups.write(source, media, file, "test", shared=False)
    _, found = backups.verify(source, file, tmp_path)
    assert [line for line in found if "sheet" in line]


def test_a_changed_file_is_found(source: Server, media: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "one.tar", tmp_path / "open"
    backups.write(source, media, file, "test")
    backups.unpack(file, folder)
    (folder / "media/ab/abc").write_bytes(b"b picture")
    with tarfile.open(file, "w") as tar:
        for name in ("database.dump", "media", "manifest.json"):
            tar.add(folder / name, name)
    _, found = backups.verify(source, file, tmp_path)
    assert [line for line in found if "ab/abc" in line]


def test_restoring_brings_back_rows_files_and_the_policies_of_the_web_role(
    source: Server, media: Path, tmp_path: Path
) -> None:
    file = tmp_path / "one.tar"
    backups.write(source, media, file, "test")
    source.ask("DELETE FROM sheet")
    (media / "ab" / "abc").unlink()
    kept = backups.restore(source, media, file, {"0001_initial"})
    assert source.ask("SELECT count(*) FROM sheet").strip() == "20000"
    assert source.ask("SET ROLE sanbao_web; SELECT count(*) FROM sheet").strip() == "9"
    assert (media / "ab" / "abc").read_bytes() == b"a picture"
    assert source.other(kept).ask("SELECT count(*) FROM sheet").strip() == "0"


@pytest.mark.parametrize("harm", ["newer", "cut"])
def test_a_backup_newer_than_we_are_or_cut_short_changes_nothing(
    source: Server, media: Path, tmp_path: Path, harm: str
) -> None:
    file = tmp_path / "one.tar"
    backups.write(source, media, file, "test")
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:40_000])
    source.ask("DELETE FROM sheet WHERE id = 1")
    with pytest.raises(Trouble):
        backups.restore(source, media, file, {"0001_initial"} if harm == "cut" else set())
    assert source.ask("SELECT count(*) FROM sheet").strip() == "19999"
    assert (media / "ab" / "abc").exists()
