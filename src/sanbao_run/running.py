"""`./dev run`: prepares, starts the web server and the worker, watches over them, stops them together."""

import ctypes
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from sanbao_run import assets, backups, database, journal, keeping, places, postgres
from sanbao_run.environment import tell
from sanbao_run.postgres import Cluster
from sanbao_run.trouble import Trouble

READY_SECONDS = 60
PATIENCE_SECONDS = 10  # what a child gets to stop in order
LONGEST_PAUSE = 30  # seconds between tries to start a child that keeps ending
STEADY_SECONDS = 60  # a child that lived this long starts again without a pause
POLL_SECONDS = 0.05
SERVER_SECONDS = 3  # between two looks at the database server


class Stopped(Exception):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, a closed terminal."""


def run(demonstration: bool) -> None:
    """Serve until stopped. With `demonstration`, an empty database is filled with the example companies."""
    stop_politely()
    if demonstration:
        os.environ.setdefault("SANBAO_DEMO", "1")  # the sign-in page then shows the demonstration's people
    folder = places.writable_state()
    (folder / "static").mkdir(exist_ok=True)  # WhiteNoise warns where `collectstatic` has not made it
    with run_lock(folder / "run.lock") as lock, listening() as (listener, address):
        note(lock, address)
        if not os.environ.get("SANBAO_METRICS_DIR"):
            shutil.rmtree(folder / "metrics", ignore_errors=True)  # counts of processes of an earlier start
        cluster = database.cluster("run") if database.is_embedded() else None
        children: list[Child] = []
        try:
            preparing = None
            with cluster.used() if cluster else nullcontext():
                try:
                    mend()
                    # Neither needs the other, and there are two cores.
                    preparing = start_preparing(demonstration)
                    assets.compile_words()
                    assets.build_pages()
                    children.append(Child("web", web_command(listener), [listener.fileno()]).start())
                    sign_ins = finish_preparing(preparing)
                    children.append(Child("worker", worker_command()).start())
                    wait_until_healthy(children[0], address)
                    announce(address, sign_ins)
                    watch(children, cluster)
                finally:
                    stop_all([*children, *([Child.of(preparing)] if preparing else [])])
        except Stopped:
            tell("Stopped. 已停止。")


def stop_politely() -> None:
    """Turn the signals that mean "stop" into an exception, once; a second one must not cut the stopping short."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, signal.SIG_IGN)
        raise Stopped

    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, stop)


def backup_server() -> backups.Server:
    """The database with the programs that fit its server's version."""
    found = backups.Server(database.cluster("run").programs, database.plain_url("run"))
    major = int(found.ask("SHOW server_version_num")) // 10_000
    return backups.Server(postgres.find_clients(major, found.programs), found.url)


def media_folder() -> Path:
    """The folder of uploaded files, as the settings name it."""
    return Path(os.environ.get("SANBAO_MEDIA") or places.state() / "media").absolute()


def mend() -> None:
    """Finish or undo a restore that was killed, before anybody works with what it left. Asks nothing where none was."""
    media = media_folder()
    if journal.read(media) and (done := keeping.mend(backup_server(), media)):
        tell(done)
    if keeping.left_behind(media.parent):
        keeping.sweep(backup_server(), media.parent)


# One at a time, on a port of its own


@contextmanager
def run_lock(path: Path) -> Iterator[IO[str]]:
    """Held while Sanbao runs; the kernel lets go of it however we end."""
    with open(path, "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process, address = holder(path) or ("?", "")
            raise Trouble(
                f"Sanbao is already running{address and f' at {address}'} (process {process}): "
                "open it there, or stop it with ./dev stop.",
                f"三包系统已在运行{address and f'：{address}'}（进程 {process}）：可直接打开，或用 ./dev stop 停止。",
            ) from None
        yield lock
        lock.truncate(0)


def note(lock: IO[str], address: str) -> None:
    """Write down who runs and where, for a second start and for `./dev stop`."""
    lock.truncate(0)
    lock.write(f"{os.getpid()} {address}")
    lock.flush()


def holder(path: Path) -> tuple[str, str] | None:
    """The process that runs and its address, if one does."""
    try:
        with open(path, "r+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                process, _, address = lock.read().partition(" ")
                return (process, address) if process else None
    except OSError:
        pass
    return None


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """The socket the web server will listen on, taken before any work is done, and its address."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Trouble(
            f"PORT must be a number from 1 to 65535, not “{port}”.", f"PORT 应为 1 到 65535，而不是“{port}”。"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Trouble(
                    f"Port {port} is used by another program: stop that, or choose another port: "
                    f"PORT={int(port) % 65535 + 1} ./dev run.",
                    f"端口 {port} 已被其他程序占用：请停止该程序，或换一个端口：PORT={int(port) % 65535 + 1} ./dev run。",
                ) from None
            raise Trouble(
                f"Sanbao cannot listen on {host} port {port}: {error.strerror}.", f"无法监听 {host}:{port}。"
            ) from None
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104
        yield listener, f"http://{shown}:{port}"


# The children


def start_preparing(demonstration: bool) -> subprocess.Popen[str]:
    """Start making the tables and loading the demonstration."""
    arguments = ["demo"] if demonstration else []
    return spawn([sys.executable, "-m", "sanbao_run.prepare", *arguments], stdout=subprocess.PIPE)


def finish_preparing(preparing: subprocess.Popen[str]) -> str:
    """Wait for it. Returns the sign-ins it printed; its errors went to the terminal."""
    said, _ = preparing.communicate()
    if preparing.returncode != 0:
        raise SystemExit(1)
    return said.strip()


def web_command(listener: socket.socket) -> list[str]:
    workers = os.environ.get("WEB_CONCURRENCY") or str(min(4, os.cpu_count() or 1))
    options = [
        "--preload",
        "--worker-class",
        "sanbao.edge.serving.Worker",
        "--workers",
        workers,
        "--threads",
        "8",
    ]
    options += [
        "--log-level",
        "warning",
        "--timeout",
        "120",
        "--graceful-timeout",
        "5",
        "--no-control-socket",
        "--limit-request-line",
        "8190",  # longer than the 4 000 the application takes, so that its own page says what is wrong
    ]
    return [
        sys.executable,
        "-m",
        "gunicorn",
        *options,
        "--bind",
        f"fd://{listener.fileno()}",
        "sanbao.site.wsgi",
    ]


def worker_command() -> list[str]:
    return [sys.executable, "-m", "sanbao", "procrastinate", "worker"]


def spawn(
    command: list[str], stdout: int | None = None, handed: tuple[int, ...] | list[int] = ()
) -> subprocess.Popen[str]:
    """Start a child that dies with us, in a session of its own so that Ctrl-C reaches only us."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        text=True,
        pass_fds=handed,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        cwd=places.ROOT,
    )


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent ends, also when it is killed."""
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One of the processes that make up a running Sanbao."""

    name: str
    command: list[str]
    handed: list[int] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = 0.0  # before the next start, seconds
    again_at: float | None = None

    @classmethod
    def of(cls, process: subprocess.Popen[str]) -> "Child":
        return cls("preparing", [], process=process)

    def start(self) -> "Child":
        self.started = time.monotonic()
        self.again_at = None
        where = os.environ.get(
            "SANBAO_LOG", "stdout" if os.environ.get("SANBAO_ENV") == "production" else ""
        )  # as the settings read it
        stdout = None if where == "stdout" else subprocess.DEVNULL
        self.process = spawn(self.command, stdout=stdout, handed=self.handed)
        return self

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def look_after(self) -> None:
        """Start it again if it ended: at once after a long life, else after a pause that doubles."""
        now = time.monotonic()
        if self.is_alive():
            return
        if self.again_at is None:
            lived = now - self.started
            self.pause = 0.5 if lived > STEADY_SECONDS else min(LONGEST_PAUSE, max(0.5, self.pause * 2))
            self.again_at = now + self.pause
            tell(
                f"The {self.name} process ended; it starts again in {self.pause:g} s. 进程已退出，即将重启。"
            )
        elif now >= self.again_at:
            self.start()


def wait_until_healthy(web: Child, address: str) -> None:
    """Return when /healthz answers. Trouble if the web server ends first or takes too long."""
    opener = build_opener(ProxyHandler({}))
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        if not web.is_alive():
            raise Trouble(
                "The web server ended at once: the lines above say why.", "网页服务未能启动，原因见上。"
            )
        try:
            if opener.open(f"{address.replace('localhost', '127.0.0.1')}/healthz", timeout=5).status == 200:
                return
        except (URLError, OSError):
            time.sleep(POLL_SECONDS)
    raise Trouble(f"{address}/healthz does not answer.", f"{address}/healthz 没有响应。")


def announce(address: str, sign_ins: str) -> None:
    """The address, the demonstration's sign-ins, how to stop."""
    print(f"\nSanbao is running at {address}   三包系统已启动", flush=True)
    if sign_ins:
        print(f"\n{sign_ins}", flush=True)
    print("\nStop it with Ctrl-C. 按 Ctrl-C 停止。\n", flush=True)


def watch(children: list[Child], cluster: Cluster | None) -> None:
    """Look after the children and the database server until somebody asks us to stop."""
    look_again = time.monotonic() + SERVER_SECONDS
    while True:
        for child in children:
            child.look_after()
        if cluster and time.monotonic() > look_again:
            if not cluster.is_ready():
                tell("The database server ended; it is started again. 数据库已退出，正在重启。")
                cluster.start()
            look_again = time.monotonic() + SERVER_SECONDS
        time.sleep(0.25)


def stop_all(children: list[Child]) -> None:
    """Ask all to stop, wait, and end by force what does not."""
    alive = [child.process for child in children if child.process and child.process.poll() is None]
    for process in alive:
        process.terminate()
    give_up = time.monotonic() + PATIENCE_SECONDS
    for process in alive:
        try:
            process.wait(max(0.1, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
