"""`./dev run`: one at a time, on a free port, its processes ending with it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

import pytest

from sanbao_run import running
from sanbao_run.places import ROOT
from sanbao_run.running import Child
from sanbao_run.trouble import Trouble


@pytest.fixture
def taken_port() -> int:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_alive(process: int) -> bool:
    """True if the process runs; one that ended and was not yet reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_used_port_is_told_with_another_to_try(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(taken_port))
    with (
        pytest.raises(Trouble, match=f"Port {taken_port} is used .* PORT={taken_port + 1}"),
        running.listening(),
    ):
        pass


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none_is_told(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Trouble, match="from 1 to 65535"), running.listening():
        pass


def test_a_second_start_is_told_where_the_first_runs(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with running.run_lock(path) as lock:
        running.note(lock, "http://localhost:8000")
        with (
            pytest.raises(Trouble, match=f"already running at http://localhost:8000 .process {os.getpid()}."),
            running.run_lock(path),
        ):
            pass
    assert running.holder(path) is None


def test_a_killed_start_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    path.write_text("12345 http://localhost:8000")
    with running.run_lock(path):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own way")
def test_the_processes_end_when_the_launcher_is_killed() -> None:
    launcher = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time\nfrom sanbao_run.running import spawn\nprint(spawn(['sleep', '60']).pid, flush=True)\ntime.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(launcher.stdout.readline())
    assert is_alive(child)
    launcher.kill()
    launcher.wait()
    give_up = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not is_alive(child)


def test_a_process_that_ends_starts_again_after_longer_and_longer_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    starts = []
    monkeypatch.setattr(running.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(running, "spawn", lambda command, stdout, handed: starts.append(clock[0]))
    child = Child("worker", ["false"]).start()
    while len(starts) < 9:
        child.look_after()
        clock[0] += 0.25

    pauses = [later - earlier for earlier, later in pairwise(starts)]
    # Looked after every quarter of a second, so each pause shows up to that much longer.
    assert [round(pause - 0.2) for pause in pauses] == [0, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.slow
def test_serve_answers_refuses_a_second_start_and_stops_clean(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    command = [sys.executable, "-m", "sanbao_run", "serve"]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    try:
        assert any("is running at" in line for line in first.stdout)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert opener.open(f"http://127.0.0.1:{port}/healthz").status == 200

        second = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        assert second.returncode == 1
        assert f"already running at http://localhost:{port}" in second.stderr
        assert len(second.stderr.splitlines()) == 2  # English, Chinese
    finally:
        first.terminate()
        first.wait(20)
    assert first.returncode == 0
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
