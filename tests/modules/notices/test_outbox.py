"""Messages are written with their change, and each failure of a provider ends where it should."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from sanbao.accounts import scope
from sanbao.notices import operations
from sanbao.notices.failures import Permanent, Temporary, Unsure
from sanbao.notices.models import Message
from sanbao.notices.providers import Nobody, Receipt
from sanbao.notices.queries import backlog
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, assemble


class Saying:
    """A provider that does what it is told, and counts."""

    def __init__(self, *answers: Exception | None):
        self.answers, self.asked = list(answers), 0

    def send(self, message: Message) -> Receipt:
        self.asked += 1
        if self.answers and (answer := self.answers.pop(0)):
            raise answer
        return Receipt(f"r{self.asked}")


def write(cast: Cast, key: str = "one", **fields: Any) -> Message:
    said = {"address": "wang@example.com", "subject": "Paid", "body": "April is paid."} | fields
    return operations.send(**said, key=key, about=cast.company, by=cast.access("clerk"), at=NOW)


def drained(provider: object, at: object = NOW) -> int:
    return operations.drain(now=lambda: at, provider=lambda _channel: provider)


def test_a_message_is_undone_with_its_change(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(cast)
        _ = 1 / 0
    assert not Message.objects.exists()


def test_the_same_key_makes_one_message(cast: Cast) -> None:
    assert write(cast).pk == write(cast, body="again").pk


def test_another_company_may_use_the_same_key(cast: Cast) -> None:
    other = assemble("other", "other-", "另一家")
    assert write(cast).pk != write(other).pk


def test_a_company_does_not_see_another_companys_messages(cast: Cast) -> None:
    """ASVS 8.2.2."""
    write(assemble("other", "other-", "另一家"))
    with scope.opened(cast.access("clerk")):
        assert not Message.objects.exists()


@pytest.mark.parametrize(
    "subject", ["Paid\nBcc: all@example.com", "Paid\r\nX: y", "Paid\u2028x", "Paid\0", ""]
)
def test_a_heading_that_could_smuggle_headers_is_refused(cast: Cast, subject: str) -> None:
    """ASVS 1.3.11."""
    with pytest.raises(Refusal) as refused:
        write(cast, subject=subject)
    assert refused.value.code == "subject"


@pytest.mark.parametrize(
    "address", ["", "wang", "a@example.com\nBcc: b@example.com", "a@example.com,b@example.com"]
)
def test_what_is_no_single_address_is_refused(cast: Cast, address: str) -> None:
    """ASVS 1.3.11."""
    with pytest.raises(Refusal) as refused:
        write(cast, address=address)
    assert refused.value.code == "address"


def test_a_sent_message_is_not_sent_again(cast: Cast) -> None:
    message, provider = write(cast), Saying()
    assert (drained(provider), drained(provider), provider.asked) == (1, 0, 1)
    message.refresh_from_db()
    assert (message.state, message.receipt, message.unsure) == ("sent", "r1", False)


def test_after_a_temporary_failure_it_waits_and_is_sent_later(cast: Cast) -> None:
    message, provider = write(cast), Saying(Temporary("busy"))
    assert (drained(provider), drained(provider)) == (1, 0)
    message.refresh_from_db()
    assert NOW + timedelta(seconds=30) <= message.due_at <= NOW + timedelta(seconds=45)
    drained(provider, message.due_at)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.unsure) == ("sent", 2, False)


@pytest.mark.parametrize("failure", [Unsure("broke off"), KeyError("password")])
def test_what_may_have_been_accepted_is_marked_and_sent_again(cast: Cast, failure: Exception) -> None:
    message, provider = write(cast), Saying(failure)
    drained(provider)
    message.refresh_from_db()
    assert (message.state, message.unsure) == ("waiting", True)
    assert "password" not in message.error


def test_a_refusal_for_good_is_a_dead_letter_with_its_reason(cast: Cast) -> None:
    message = write(cast)
    drained(Saying(Permanent("The mail server answered 550.")))
    message.refresh_from_db()
    assert (message.state, message.error) == ("dead", "The mail server answered 550.")


def test_without_a_provider_it_is_a_dead_letter_not_silence(cast: Cast) -> None:
    write(cast)
    drained(Nobody())
    assert backlog(NOW).dead == 1


def test_after_the_last_attempt_it_is_dead(cast: Cast) -> None:
    message, at = write(cast), NOW
    provider = Saying(*[Temporary("busy")] * 99)
    for _ in range(99):
        at += operations.LONGEST_PAUSE * 2
        drained(provider, at)
    message.refresh_from_db()
    assert (message.state, provider.asked) == ("dead", operations.MOST_ATTEMPTS)


def test_a_message_that_kills_every_worker_is_laid_aside(cast: Cast) -> None:
    message, at = write(cast), NOW
    for _ in range(operations.MOST_ATTEMPTS):
        assert operations.lease(at)
        at += operations.LEASE * 2
    assert operations.lease(at) is None
    message.refresh_from_db()
    assert (message.state, message.unsure) == ("dead", True)


def test_a_worker_whose_lease_ran_out_does_not_write_over_its_successor(cast: Cast) -> None:
    message = write(cast)
    slow = operations.lease(NOW)
    assert slow and operations.lease(NOW) is None
    drained(Saying(), NOW + operations.LEASE * 2)
    operations._attempt(slow, Saying(Permanent("late")), lambda: NOW)
    message.refresh_from_db()
    assert message.state == "sent"


def test_the_backlog_tells_how_many_wait_and_since_when(cast: Cast) -> None:
    assert backlog(NOW).waiting == 0
    write(cast)
    found = backlog(NOW + timedelta(hours=1))
    assert (found.waiting, found.oldest, found.dead) == (1, timedelta(hours=1), 0)
