"""E-mail by SMTP against a small server of our own that refuses, breaks off or accepts."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from sanbao.notices.models import Message
from sanbao.notices.providers import Failed, Permanent, Smtp, Temporary, Unsure, provider_for

MESSAGE = Message(
    company_id=1, key="k", channel="email", address="wang@example.com", subject="已付款", body="四月\n"
)


class Server(socketserver.ThreadingTCPServer):
    """`answers` replaces what is said to a command; None hangs up instead."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answers: dict[str, bytes | None] = {}
        self.mails: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Talk)


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.wfile.write(b"220 stub\r\n")
        while line := self.rfile.readline():
            word = line[:4].decode().upper().strip()
            answer = self.server.answers.get(word, b"354 go" if word == "DATA" else b"250 ok")
            if answer is None:
                return
            self.wfile.write(answer + b"\r\n")
            if word == "DATA" and answer.startswith(b"354"):
                text = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    text += part
                self.server.mails.append(text)
                end = self.server.answers.get(".", b"250 taken")
                if end is None:
                    return
                self.wfile.write(end + b"\r\n")


@pytest.fixture
def server(settings) -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server
        server.shutdown()


def test_a_mail_arrives_and_bears_the_same_number_every_time(server: Server) -> None:
    first, second = Smtp().send(MESSAGE), Smtp().send(MESSAGE)
    assert first == second
    assert all(f"Message-ID: {first.number}".encode() in mail for mail in server.mails)
    assert len(server.mails) == 2


@pytest.mark.parametrize(
    ("command", "answer", "failure", "taken"),
    [
        ("RCPT", b"550 nobody", Permanent, 0),
        ("RCPT", b"450 later", Temporary, 0),
        ("MAIL", b"451 later", Temporary, 0),
        ("DATA", b"554 no", Permanent, 0),
        (".", b"452 full", Temporary, 1),
        (".", None, Unsure, 1),
        ("QUIT", None, None, 1),
    ],
)
def test_what_the_server_says_decides_whether_it_is_sent_again(
    server: Server, command: str, answer: bytes | None, failure: type[Failed] | None, taken: int
) -> None:
    server.answers[command] = answer
    if failure is None:
        Smtp().send(MESSAGE)
    else:
        with pytest.raises(failure) as failed:
            Smtp().send(MESSAGE)
        assert "wang" not in str(failed.value)
    assert len(server.mails) == taken


def test_a_server_that_is_not_there_is_tried_later(server: Server, settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Temporary):
        Smtp().send(MESSAGE)


def test_without_a_host_nobody_carries_mail(settings) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(Permanent):
        provider_for("email").send(MESSAGE)
