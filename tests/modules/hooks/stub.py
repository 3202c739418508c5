"""Another system over a real socket: it takes calls, drops the connection, fails, dawdles or sends one elsewhere, as it is told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 2.5  # what the tests make our time-out, in seconds
# What it may do with a call; those in TAKEN have taken it, whatever they say.
BEHAVIOURS = ("fine", "drop", "take-drop", "fail", "slow", "elsewhere", "busy")
TAKEN = ("fine", "take-drop", "slow")


class Other(ThreadingHTTPServer):
    """`plan()` says what it does with the next call; `taken` are the calls it has really taken, in their order."""

    daemon_threads = True

    def __init__(self) -> None:
        self.plan: Callable[[], str] = lambda: "fine"
        self.lock = threading.Lock()
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.taken: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Calls)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/sanbao"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Calls(BaseHTTPRequestHandler):
    server: Other

    def log_message(self, *args: object) -> None: ...

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            what = self.server.plan()
            self.server.calls.append((self.path, dict(self.headers), body))
            if what in TAKEN:
                self.server.taken.append(json.loads(body))
        match what:
            case "fine":
                self._say(204)
            case "fail":
                self._say(500)
            case "busy":
                self._say(429)
            case "gone":
                self._say(410)
            case "elsewhere":
                self._say(302, ("Location", f"http://{self.server.host}/trap"))
            case "slow":
                time.sleep(PATIENCE + 0.5)
                self._say(204)
            case _:
                self.close_connection = True

    def _say(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def serving() -> Iterator[Other]:
    server = Other()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
