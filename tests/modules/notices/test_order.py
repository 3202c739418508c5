"""Messages to one recipient keep their order, and nobody is sent more SMS than the settings allow."""

from datetime import timedelta

import pytest

from sanbao.notices import operations
from sanbao.notices.failures import Permanent, Temporary
from sanbao.notices.models import Message
from sanbao.notices.providers import Receipt
from tests.cast import NOW, Cast, assemble
from tests.modules.notices.test_channels import secret
from tests.modules.notices.test_outbox import Saying, drained, write

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Noting:
    """Accepts everything and notes in which order."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def send(self, message: Message) -> Receipt:
        self.keys.append(message.key)
        return Receipt("r")


def test_a_later_message_does_not_overtake_an_earlier_one_to_the_same_address(cast: Cast) -> None:
    write(cast, "first")
    drained(Saying(Temporary("busy")))
    write(cast, "second")
    write(cast, "elsewhere", address="li@example.com")
    noting = Noting()
    drained(noting)
    assert noting.keys == ["elsewhere"]
    drained(noting, NOW + HOUR)
    assert noting.keys == ["elsewhere", "first", "second"]


def test_a_later_message_waits_while_the_earlier_one_is_being_sent(cast: Cast) -> None:
    write(cast, "first")
    write(cast, "second")
    assert operations.lease(NOW).key == "first"  # type: ignore[union-attr]
    assert operations.lease(NOW) is None


def test_the_same_address_on_another_channel_or_in_another_company_does_not_wait(cast: Cast) -> None:
    write(cast, "first", channel="wecom", address="zhouning")
    operations.lease(NOW)
    write(assemble("other", "other-", "另一家"), "theirs", channel="wecom", address="zhouning")
    assert operations.lease(NOW).key == "theirs"  # type: ignore[union-attr]


def test_a_dead_letter_holds_nobody_up(cast: Cast) -> None:
    write(cast, "first")
    drained(Saying(Permanent("recipient")))
    write(cast, "second")
    noting = Noting()
    drained(noting)
    assert noting.keys == ["second"]


def test_a_link_for_one_use_does_not_wait_for_what_comes_before(cast: Cast) -> None:
    write(cast, "first")
    drained(Saying(Temporary("busy")))
    secret(cast)
    noting = Noting()
    drained(noting)
    assert noting.keys == ["reset"]


def texts(cast: Cast, count: int, address: str = "13800001234", begin: int = 0) -> None:
    for number in range(begin, begin + count):
        write(cast, f"{address}-{number}", channel="sms", address=address)


def test_a_number_gets_no_more_in_an_hour_than_allowed_and_the_rest_later(cast: Cast, settings) -> None:
    """ASVS 2.4.1, 6.6.3 (limits against flooding a person)."""
    settings.SMS_HOURLY, settings.SMS_DAILY = 2, 0
    texts(cast, 3)
    texts(cast, 1, "13900001234")
    noting = Noting()
    drained(noting)
    assert noting.keys == ["13800001234-0", "13800001234-1", "13900001234-0"]
    held = Message.objects.get(state="waiting")
    assert (held.error, held.due_at, held.attempts) == ("held", NOW + HOUR, 0)
    drained(noting, NOW + HOUR - timedelta(seconds=1))
    assert len(noting.keys) == 3
    drained(noting, NOW + HOUR)
    assert noting.keys[3:] == ["13800001234-2"]


def test_the_days_limit_holds_beside_the_hours(cast: Cast, settings) -> None:
    settings.SMS_HOURLY, settings.SMS_DAILY = 1, 2
    texts(cast, 3)
    noting = Noting()
    for hours in range(23):
        drained(noting, NOW + HOUR * hours)
    assert len(noting.keys) == 2
    drained(noting, NOW + DAY)
    assert len(noting.keys) == 3


def test_a_number_is_one_persons_whichever_company_writes(cast: Cast, settings) -> None:
    settings.SMS_HOURLY, settings.SMS_DAILY = 1, 0
    texts(cast, 1)
    texts(assemble("other", "other-", "另一家"), 1, begin=7)
    noting = Noting()
    drained(noting)
    assert noting.keys == ["13800001234-0"]


def test_what_is_being_sent_counts(cast: Cast, settings) -> None:
    settings.SMS_HOURLY, settings.SMS_DAILY = 1, 0
    texts(cast, 1)
    texts(assemble("other", "other-", "另一家"), 1, begin=7)
    assert operations.lease(NOW) and operations.lease(NOW) is None


@pytest.mark.parametrize(("hourly", "daily"), [(0, 0), (99, 99)])
def test_without_a_limit_all_go(cast: Cast, settings, hourly: int, daily: int) -> None:
    settings.SMS_HOURLY, settings.SMS_DAILY = hourly, daily
    texts(cast, 8)
    noting = Noting()
    drained(noting)
    assert len(noting.keys) == 8


def test_e_mail_has_no_limit(cast: Cast, settings) -> None:
    settings.SMS_HOURLY = settings.SMS_DAILY = 1
    for number in range(3):
        write(cast, str(number))
    noting = Noting()
    drained(noting)
    assert len(noting.keys) == 3
