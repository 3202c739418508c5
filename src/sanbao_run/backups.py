"""Backups: the database and the files in one tar, verified by restoring it, taken back whole or not at all.

A backup is made while people work. One transaction exports its snapshot; pg_dump writes the rows and we take
the digests in that same snapshot, so what differs afterwards was lost or changed. The files are copied after
the snapshot was taken: they are stored under their content's hash before the rows that name them, so the copy
holds at least every file the rows name.
"""

import fcntl
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

from sanbao_run import journal, places
from sanbao_run.trouble import Trouble

FORMAT = 1
AT_WORK = ".sanbao-restoring"
TABLES = """SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1;"""
SAME_TEXT = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET extra_float_digits = 1; SET bytea_output = 'hex';"
)
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1;"


@dataclass(frozen=True)
class Server:
    """PostgreSQL's programs and the address of one database."""

    programs: Path
    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    @property
    def bare(self) -> str:
        """The address without its password, which everybody on the machine could read in a list of processes."""
        parts = urlsplit(self.url)
        place = parts.netloc
        if parts.password is not None:
            place = f"{place.rpartition('@')[0].partition(':')[0]}@{place.rpartition('@')[2]}"
        return _address(parts.scheme, place, parts.path, parts.query)

    @property
    def environment(self) -> dict[str, str]:
        """What PostgreSQL's programs find the password by."""
        password = urlsplit(self.url).password
        return {**os.environ, **({"PGPASSWORD": unquote(password)} if password else {})}

    def other(self, name: str) -> "Server":
        """Another database of the same server."""
        scheme, place, _, query, _ = urlsplit(self.url)
        return Server(self.programs, _address(scheme, place, f"/{name}", query))

    def run(self, program: str, *arguments: str) -> str:
        """One of PostgreSQL's programs. Its last line becomes Trouble when it fails."""
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
        )
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
            raise Trouble(f"{program} failed: {said}", f"{program} 执行失败。")
        return done.stdout

    def ask(self, sql: str) -> str:
        return self.run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.bare, "-c", sql)


def _address(scheme: str, place: str, path: str, query: str) -> str:
    """Put together again; urlunsplit drops the slashes of an address without a host."""
    return f"{scheme}://{place}{path}{'?' if query else ''}{query}"


class Session:
    """One psql that stays open, for questions asked in one transaction."""

    def __init__(self, server: Server) -> None:
        command = [str(server.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", server.bare]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=server.environment,
        )
        self.ask(f"{SAME_TEXT} BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")

    def ask(self, sql: str) -> list[str]:
        """The answer's lines. Trouble when the server refuses."""
        assert self.process.stdin and self.process.stdout and self.process.stderr
        mark = f"end-{token_hex(8)}"
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{sql}\n\\echo {mark}\n")
            self.process.stdin.flush()
        lines: list[str] = []
        for line in self.process.stdout:
            if line.rstrip("\n") == mark:
                return lines
            lines.append(line.rstrip("\n"))
        raise Trouble(
            f"The database refused: {self.process.stderr.read().strip()[:300]}", "数据库拒绝了该查询。"
        )

    def close(self) -> None:
        self.process.communicate()

    def digests(self) -> dict[str, str]:
        """Of each table "rows:sum", the same whatever the rows' order."""
        found = {}
        for table in self.ask(TABLES):
            part = "('x' || substr(md5(t::text), {}, 8))::bit(32)::bigint"
            sums = " || ':' || ".join(
                f"coalesce(sum({part.format(start)}), 0)::text" for start in (1, 9, 17, 25)
            )
            found[table] = self.ask(f"SELECT count(*)::text || ':' || {sums} FROM ONLY {table} t;")[0]
        return found


@contextmanager
def session(server: Server) -> Iterator[Session]:
    opened = Session(server)
    try:
        yield opened
    finally:
        opened.close()


def write(server: Server, media: Path, file: Path, version: str, shared: bool = True) -> dict[str, Any]:
    """Write a backup; returns its manifest. `file` appears only when whole.

    `shared=False` is the tests' control: digests and rows from different moments.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch, session(server) as now:
        dump = Path(scratch) / "database.dump"
        digests = now.digests() if not shared else {}
        snapshot = now.ask("SELECT pg_export_snapshot();")[0]
        same = [f"--snapshot={snapshot}"] if shared else []
        server.run("pg_dump", "-Fc", *same, "-d", server.bare, "-f", str(dump))
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": version,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "server": int(now.ask("SHOW server_version_num;")[0]),
            "migrations": now.ask(MIGRATIONS),
            "tables": digests or now.digests(),
            "database": digest(dump),
            "files": {},
        }
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as tar:
                tar.add(dump, "database.dump")
                for path in sorted(path for path in media.rglob("*") if path.is_file()):
                    name = str(path.relative_to(media))
                    with suppress(FileNotFoundError):  # erased meanwhile
                        content = path.read_bytes()
                        manifest["files"][name] = hashlib.sha256(content).hexdigest()
                        add(tar, f"media/{name}", content)
                add(tar, "manifest.json", json.dumps(manifest, indent=1).encode())
            out.flush()
            os.fsync(out.fileno())
    unfinished.replace(file)
    return manifest


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(content))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take_out(tar: tarfile.TarFile, folder: Path) -> None:
    """Only plain files, only those a backup has. (Debian 12's Python 3.11.2 has no extraction filters.) ValueError for anything else."""
    for entry in tar:
        parts = Path(entry.name).parts
        if entry.isdir():
            continue
        if (
            not entry.isreg()
            or ".." in parts
            or not (parts[0] == "media" or entry.name in ("database.dump", "manifest.json"))
        ):
            raise ValueError(f"{entry.name!r} does not belong there")
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(entry)
        assert source
        with source, target.open("wb") as out:
            shutil.copyfileobj(source, out)


def unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder; returns the manifest. Trouble for what is no backup of ours."""
    try:
        with tarfile.open(file) as tar:
            _take_out(tar, folder)
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise Trouble(f"{file} is no whole backup of Sanbao: {error}.", f"{file} 不是完整的备份。") from None
    if manifest.get("format") != FORMAT:
        raise Trouble(
            f"{file} was written by a newer version: upgrade first.", f"{file} 由更新的版本写成，请先升级。"
        )
    (folder / "media").mkdir(exist_ok=True)
    return manifest


def refuse_newer(manifest: dict[str, Any], known: set[str]) -> None:
    """Refuse a backup with migrations this program does not have."""
    if unknown := sorted({name.partition(".")[2] for name in manifest["migrations"]} - known):
        raise Trouble(
            f"The backup is newer than this program (it has {unknown[0]}): upgrade first, then restore.",
            "备份比本程序新：请先升级再恢复。",
        )


def differences(server: Server, folder: Path, manifest: dict[str, Any]) -> list[str]:
    """What a restored database and folder lack or have changed; empty when equal."""
    if digest(folder / "database.dump") != manifest["database"]:
        return ["database.dump: changed"]
    with session(server) as now:
        found = now.digests()
    files = {
        str(path.relative_to(folder / "media")): digest(path)
        for path in (folder / "media").rglob("*")
        if path.is_file()
    }
    return [
        f"{what} {name}: in the backup {wanted.get(name, 'absent')}, restored {have.get(name, 'absent')}"
        for what, wanted, have in (("table", manifest["tables"], found), ("file", manifest["files"], files))
        for name in sorted(wanted.keys() | have.keys())
        if wanted.get(name) != have.get(name)
    ]


@contextmanager
def restored(server: Server, file: Path, beside: Path) -> Iterator[tuple[Server, Path, dict[str, Any]]]:
    """The backup in a database and a folder of its own; both are removed afterwards unless renamed."""
    beside.mkdir(parents=True, exist_ok=True)
    number = token_hex(4)
    scratch, folder = server.other(f"sanbao_restore_{number}"), beside / f"restore-{number}"
    with open(beside / AT_WORK, "w") as lock:  # held as long as we live: see keeping.sweep
        fcntl.flock(lock, fcntl.LOCK_SH)
        folder.mkdir(mode=0o700)
        with _scratch(server, file, scratch, folder) as manifest:
            yield scratch, folder, manifest


@contextmanager
def _scratch(server: Server, file: Path, scratch: Server, folder: Path) -> Iterator[dict[str, Any]]:
    try:
        manifest = unpack(file, folder)
        upkeep = server.other("postgres")
        upkeep.ask(f'CREATE DATABASE "{scratch.name}" TEMPLATE template0')
        load = ["--no-owner", "--exit-on-error", "--single-transaction"]
        server.run("pg_restore", *load, "-d", scratch.bare, str(folder / "database.dump"))
        yield manifest
    finally:
        with suppress(Trouble):
            server.other("postgres").ask(f'DROP DATABASE IF EXISTS "{scratch.name}"')
        shutil.rmtree(folder, ignore_errors=True)


def verify(
    server: Server, file: Path, beside: Path, ask: Callable[[Server, dict[str, Any]], list[str]] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Restore into a scratch place and compare. Returns the manifest and the differences; `ask` may add what it finds there."""
    with restored(server, file, beside) as (scratch, folder, manifest):
        found = differences(scratch, folder, manifest)
        return manifest, found + (ask(scratch, manifest) if ask else [])


def restore(server: Server, media: Path, file: Path, known: set[str]) -> str:
    """Replace database and files, all or nothing; returns the name the old database keeps.

    Nothing changes before the backup is restored beside and found equal. The old files lie in a folder
    beside MEDIA_ROOT with the old database's name.
    """
    with restored(server, file, media.parent) as (scratch, folder, manifest):
        refuse_newer(manifest, known)
        if found := differences(scratch, folder, manifest):
            raise Trouble(
                f"Nothing was changed: the backup is damaged. {found[0]}", "备份已损坏，未作任何更改。"
            )
        upkeep = server.other("postgres")
        kept = f"{server.name}_before_{datetime.now(UTC):%Y%m%d%H%M%S}_{token_hex(2)}"
        aside = media.with_name(kept)
        media.mkdir(parents=True, exist_ok=True)
        journal.write(media, kept=kept, scratch=scratch.name, folder=folder.name)
        try:
            media.rename(aside)
            (folder / "media").rename(media)
            upkeep.ask(
                f'BEGIN; ALTER DATABASE "{server.name}" RENAME TO "{kept}"; '
                f'ALTER DATABASE "{scratch.name}" RENAME TO "{server.name}"; COMMIT;'
            )
        except BaseException:
            if aside.exists():
                if media.exists():
                    shutil.rmtree(media)
                aside.rename(media)
            journal.forget(media)
            raise
        journal.forget(media)
        return kept


def known_migrations() -> set[str]:
    """The migrations this checkout has, "app.name", and those of installed packages."""
    import sysconfig

    roots = [places.ROOT / "src" / "sanbao", Path(sysconfig.get_paths()["purelib"])]
    return {path.stem for root in roots for path in root.rglob("migrations/[0-9]*.py")}


def say(server: Server, name: str, well: bool, figure: int) -> None:
    """Keep for the metrics how it went (edge/heard.py). A database too old to have the table is no reason to fail."""
    with suppress(Trouble):
        server.ask(
            f"INSERT INTO edge_heard (name, at, well, figure) VALUES ('{name}', now(), {well}, {figure:d}) "
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at, well = excluded.well, figure = excluded.figure"
        )
