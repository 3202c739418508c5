"""What gunicorn answers itself has our headers and repeats nothing."""

import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanbao.edge.headers import HEADERS

ROOT = Path(__file__).parents[3]
APPLICATION = "tests.modules.edge.test_serving:nothing"


def nothing(_environ: object, start: object) -> list[bytes]:
    start("204 No Content", [])  # type: ignore[operator]
    return []


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        number = listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "sanbao.edge.serving.Worker", "--threads", "2", "--log-level", "critical", "--no-control-socket", "--bind", f"fd://{listener.fileno()}", APPLICATION]  # fmt: skip
        server = subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()], env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})  # fmt: skip
        try:
            yield number
        finally:
            server.terminate()
            server.wait(20)


def ask(port: int, request: bytes) -> str:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(request)
            if said := client.recv(65536):
                return said.decode()
    raise AssertionError("no answer")


@pytest.mark.parametrize(("request_", "status"), [
    (b"canary canary\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: canary\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"GET /" + b"canary" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: canary\r\n\r\n", 501),
])  # fmt: skip
def test_what_is_no_http_is_answered_with_our_headers(port: int, request_: bytes, status: int) -> None:
    """ASVS 3.4.x, 16.5.1: also below the application."""
    said = ask(port, request_)
    head = said.partition("\r\n\r\n")[0]
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert all(f"{name}: {value}" in head for name, value in HEADERS.items())
    assert "default-src 'none'" in head and "no-store" in head
    assert "canary" not in said and "<" not in said


def test_what_is_http_goes_on(port: int) -> None:
    assert ask(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 204")


_HEAPS = """
import ctypes, sys, threading
from sanbao.edge.serving import one_heap
if sys.argv[1] == "one":
    one_heap()
everybody = threading.Barrier(8)
def work():
    everybody.wait()
    kept = [bytearray(2_000) for _each in range(100)]
    everybody.wait()
threads = [threading.Thread(target=work) for _each in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def heaps(which: str) -> int:
    said = subprocess.run(
        [sys.executable, "-c", _HEAPS, which], env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return said.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap")
def test_the_threads_of_a_worker_share_one_heap() -> None:
    assert heaps("one") == 1
    assert heaps("each their own") > 1, "the control"
