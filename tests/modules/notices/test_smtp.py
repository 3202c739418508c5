"""E-mail by SMTP against a small server of our own that refuses, breaks off or accepts."""

from collections.abc import Iterator

import pytest

from sanbao.notices.failures import Failed, Permanent, Temporary, Unsure
from sanbao.notices.models import Message
from sanbao.notices.providers import Smtp, provider_for
from tests.modules.notices import stubs

MESSAGE = Message(
    company_id=1, key="k", channel="email", address="wang@example.com", subject="已付款", body="四月\n"
)


@pytest.fixture
def server(settings) -> Iterator[stubs.Mail]:
    with stubs.serving(stubs.Mail()) as server:
        stubs.use_mail(server, settings)
        yield server


def test_a_mail_arrives_and_bears_the_same_number_every_time(server: stubs.Mail) -> None:
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
    server: stubs.Mail, command: str, answer: bytes | None, failure: type[Failed] | None, taken: int
) -> None:
    server.answers[command] = answer
    if failure is None:
        Smtp().send(MESSAGE)
    else:
        with pytest.raises(failure) as failed:
            Smtp().send(MESSAGE)
        assert "wang" not in str(failed.value)
    assert len(server.mails) == taken


def test_a_server_that_is_not_there_is_tried_later(server: stubs.Mail, settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Temporary):
        Smtp().send(MESSAGE)


def test_without_a_host_nobody_carries_mail(settings) -> None:
    settings.EMAIL_HOST = ""
    with pytest.raises(Permanent):
        provider_for("email").send(MESSAGE)
