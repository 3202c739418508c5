"""Which addresses a channel can have, and texts that are nobody's to read."""

import pytest
from django.db import IntegrityError, connection, transaction

from sanbao.notices import operations, sealing
from sanbao.notices.failures import Permanent, Temporary
from sanbao.notices.models import Message
from sanbao.notices.providers import Smtp
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.notices.test_outbox import Saying, drained, write

LINK = "https://sanbao.example/reset/abc123"


@pytest.mark.parametrize(
    ("channel", "typed", "kept"),
    [
        ("email", "wang@example.com", "wang@example.com"),
        ("sms", "+86 138-0000-1234", "13800001234"),
        ("sms", "１３８００００１２３４", "13800001234"),
        ("sms", "+852 6123 4567", "+85261234567"),
        ("wecom", "ZhouNing_01", "ZhouNing_01"),
        ("wechat", "oABCD1234_-efghijklmnopqrstu", "oABCD1234_-efghijklmnopqrstu"),
    ],
)
def test_an_address_is_kept_in_one_form(cast: Cast, channel: str, typed: str, kept: str) -> None:
    message = write(cast, channel=channel, address=typed)
    assert (message.channel, message.address) == (channel, kept)


@pytest.mark.parametrize(
    ("channel", "typed", "code"),
    [
        ("sms", "0760-22345678", "address"),
        ("sms", "13800001234转8", "address"),
        ("sms", "1380000123", "address"),
        ("sms", "10086", "address"),
        ("sms", "13800001234/13900001234", "address"),
        ("sms", "", "address"),
        ("wecom", "@all", "address"),
        ("wecom", "zhou|li", "address"),
        ("wecom", "", "address"),
        ("wechat", "short", "address"),
        ("wechat", "oABCD1234_efghijklmnop\nqrstu", "address"),
        ("pigeon", "wang@example.com", "channel"),
    ],
)
def test_an_address_the_channel_can_not_have_is_refused(
    cast: Cast, channel: str, typed: str, code: str
) -> None:
    """ASVS 1.3.11, 2.2.1: @all and several members with | would reach people nobody meant."""
    with pytest.raises(Refusal) as refused:
        write(cast, channel=channel, address=typed)
    assert refused.value.code == code


def secret(cast: Cast) -> Message:
    return operations.send(
        "wang@example.com", "A new password", LINK, key="reset", about=cast.company,
        by=cast.access("admin"), at=NOW, values={"link": LINK}, secret=True,
    )  # fmt: skip


def in_the_database(message: Message) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM notices_message m WHERE id = %s", [message.pk])
        return str(cursor.fetchone()[0])


def test_a_link_for_one_use_is_sealed_while_it_waits(cast: Cast) -> None:
    """ASVS 11.3.2, 14.2.1."""
    message = secret(cast)
    assert "abc123" not in in_the_database(message)
    message.refresh_from_db()
    assert sealing.content(message) == sealing.Content(LINK, {"link": LINK})


@pytest.mark.parametrize(("answer", "state"), [(None, "sent"), (Permanent("no"), "dead")])
def test_a_link_for_one_use_is_gone_when_the_message_has_ended(
    cast: Cast, answer: Exception | None, state: str
) -> None:
    """ASVS 14.2.7."""
    message = secret(cast)
    drained(Saying(answer))
    message.refresh_from_db()
    assert (message.state, message.body) == (state, "")


def test_after_a_failed_attempt_it_is_still_there(cast: Cast) -> None:
    message = secret(cast)
    drained(Saying(Temporary("busy")))
    message.refresh_from_db()
    assert sealing.content(message).body == LINK


def test_a_secret_that_killed_its_workers_is_gone_too(cast: Cast) -> None:
    message, at = secret(cast), NOW
    while operations.lease(at):
        at += operations.LEASE * 2
    message.refresh_from_db()
    assert (message.state, message.body) == ("dead", "")


def test_the_database_keeps_no_secret_of_an_ended_message(cast: Cast) -> None:
    message = secret(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(state="sent")


def test_a_seal_opens_after_the_key_was_changed_and_not_with_a_strange_one(cast: Cast, settings) -> None:
    message = secret(cast)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key" * 5
    with pytest.raises(sealing.Unreadable):
        sealing.content(message)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.content(message).body == LINK


def test_what_can_not_be_opened_is_a_dead_letter_that_says_so(cast: Cast, settings, monkeypatch) -> None:
    message = secret(cast)
    settings.SECRET_KEY = "another key" * 5
    monkeypatch.setattr("sanbao.notices.providers.smtp.get_connection", lambda *a, **k: _Open())
    drained(Smtp())
    message.refresh_from_db()
    assert (message.state, message.body) == ("dead", "")
    assert "key" in message.error


class _Open:
    def open(self) -> None: ...

    def close(self) -> None: ...
