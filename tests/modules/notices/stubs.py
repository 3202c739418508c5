"""Providers of our own over real sockets, which do as they are told: accept, drop the connection, delay, lie, repeat, talk nonsense.

`plan()` says for each message what the server does; `arrived` counts, by recipient, what it has really accepted.
"""

import json
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Plan = Callable[[], str]
PATIENCE = 0.4  # what the tests make the providers' time-outs, in seconds
# What a server may do with a message; those in ACCEPTED have taken it, whatever they say.
BEHAVIOURS = ("fine", "busy", "drop", "accept-drop", "delay", "lie", "nonsense")
ACCEPTED = ("fine", "accept-drop", "delay", "lie", "nonsense")


class Accepting:
    """What both servers have in common."""

    def __init__(self) -> None:
        self.plan: Plan = lambda: "fine"
        self.arrived: Counter[str] = Counter()
        self.lock = threading.Lock()

    def decide(self, recipient: str) -> str:
        with self.lock:
            what = self.plan()
            if what in ACCEPTED:
                self.arrived[recipient] += 1
        return what


class Web(ThreadingHTTPServer, Accepting):
    """A gateway of SMS in both styles, WeCom and WeChat in one server. `answers` replaces the yes by another (status, JSON).

    `files`: what lies at a media number or at a path, as (type, bytes); for any other, what WeChat says of a number it does not know.
    """

    daemon_threads = True

    def __init__(self) -> None:
        Accepting.__init__(self)
        self.answers: list[tuple[int, object]] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.numbers: set[str] = set()
        self.tokens: list[str] = []
        self.refuses_tokens = False
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), _Web)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def paths(self) -> list[str]:
        return [path.partition("?")[0] for path, _headers, _body in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Web(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *args: object) -> None: ...

    def _answer(self, body: bytes) -> None:
        path = urlsplit(self.path)
        self.server.asked.append((self.path, dict(self.headers), body))
        if path.path.endswith(("gettoken", "stable_token")):
            self.server.tokens.append(f"token-{len(self.server.tokens)}")
            self._say(200, {"errcode": 0, "access_token": self.server.tokens[-1], "expires_in": 7200})
            return
        if path.path.startswith("/cgi-bin/"):
            token = parse_qs(path.query)["access_token"][0]
            if self.server.refuses_tokens or not self.server.tokens or token != self.server.tokens[-1]:
                self._say(200, {"errcode": 42001, "errmsg": "access_token expired"})
                return
        if self.server.answers:
            self._say(*self.server.answers.pop(0))
            return
        if self.command == "GET":
            self._hand_out(parse_qs(path.query).get("media_id", [path.path])[0])
            return
        self._send(path.path, body)

    def _hand_out(self, name: str) -> None:
        if name not in self.server.files:
            self._say(200, {"errcode": 40007, "errmsg": "invalid media_id"})
            return
        kind, data = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _send(self, path: str, body: bytes) -> None:
        to, number, yes = _read(path, body)
        if path == "/sms" and number in self.server.numbers:
            self._say(409, {"error": "known"})  # the same number again: not accepted twice
            return
        what = self.server.decide(to)
        if what in ("fine", "lie") and path == "/sms":
            self.server.numbers.add(number)
        match what:
            case "fine":
                self._say(200, yes)
            case "busy":
                self._say(429, {"error": "busy"})
            case "lie":
                self._say(500, {"error": "internal"})
            case "nonsense":
                self._say(200, "<html>all is well</html>")
            case "delay":
                time.sleep(PATIENCE * 1.5)
                self._say(200, yes)
            case _:
                self.close_connection = True  # nothing is said

    def _say(self, status: int, answer: object) -> None:
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _read(path: str, body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Recipient, our number of the message, and how this provider says yes."""
    if path == "/rpc":
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return fields["PhoneNumbers"], fields["OutId"], {"Code": "OK", "BizId": "biz-1", "Message": "OK"}
    found = json.loads(body)
    if path == "/sms":
        return found["to"], found["id"], {"id": f"sms-{found['id'][:8]}"}
    return found["touser"], found.get("client_msg_id", ""), {"errcode": 0, "errmsg": "ok", "msgid": "m-1"}


class Mail(socketserver.ThreadingTCPServer, Accepting):
    """SMTP. `answers` replaces what is said to a command; None hangs up instead."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        Accepting.__init__(self)
        self.answers: dict[str, bytes | None] = {}
        self.mails: list[bytes] = []
        socketserver.ThreadingTCPServer.__init__(self, ("127.0.0.1", 0), _Mail)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Mail(socketserver.StreamRequestHandler):
    server: Mail

    def handle(self) -> None:
        self.wfile.write(b"220 stub\r\n")
        to = ""
        while line := self.rfile.readline():
            word = line[:4].decode().upper().strip()
            if word == "RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
            answer = self.server.answers.get(word, b"354 go" if word == "DATA" else b"250 ok")
            if answer is None:
                return
            what = self.server.decide(to) if word == "DATA" else ""
            if what == "busy":
                answer = b"451 later"
            if what == "drop":
                return
            self.wfile.write(answer + b"\r\n")
            if word == "DATA" and answer.startswith(b"354") and not self._take(what):
                return

    def _take(self, what: str) -> bool:
        """Read the mail and say yes; False where the server hangs up."""
        text = b""
        while (part := self.rfile.readline()) not in (b".\r\n", b""):
            text += part
        self.server.mails.append(text)
        end = self.server.answers.get(".", b"250 taken")
        if what == "delay":
            time.sleep(PATIENCE * 1.5)
        if end is None or what in ("accept-drop", "lie", "nonsense"):
            return False
        self.wfile.write(end + b"\r\n")
        return True


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """The server at work in a thread of its own."""
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def use_mail(server: Mail, settings: Any) -> None:
    """Send e-mail to the stub."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


def use_web(server: Web, settings: Any, style: str = "json") -> None:
    """Send SMS, WeCom and WeChat to the stub."""
    settings.FETCH_ALLOWED = [server.url.removeprefix("http://")]
    settings.FETCH_PLAIN_HTTP = True
    settings.SMS_URL, settings.SMS_STYLE = f"{server.url}/{'rpc' if style == 'rpc' else 'sms'}", style
    settings.SMS_KEY, settings.SMS_SECRET, settings.SMS_SIGN = "our-key", "our-secret", "和灶"
    settings.SMS_TEMPLATES = {"settlement.paid": "SMS_1", "*": "SMS_9"}
    settings.SMS_HOURLY = settings.SMS_DAILY = 0
    settings.WECOM_URL, settings.WECOM_CORP = server.url, "corp"
    settings.WECOM_AGENT, settings.WECOM_SECRET = 1000002, "corp-secret"
    settings.WECHAT_URL, settings.WECHAT_APP, settings.WECHAT_SECRET = server.url, "wx1", "wx-secret"
    settings.WECHAT_TEMPLATES = {"*": "T-9"}
