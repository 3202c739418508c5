"""WeChat repeats its callbacks, and people write two lines at once: one request all the same. Each race has a control whose guard is off."""

import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sanbao.intake.models import Entry, Request
from sanbao.intake.operations import chatting
from sanbao.notices import inbox
from sanbao.notices.doors import Came, sha1
from sanbao.notices.models import Incoming
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once

OPENID = "oABCD1234_-efghijklmnopqrstu"
TIMES = 12


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    settings.WECHAT_HOOK_TOKEN, settings.WECHAT_HOOK_KEY = "a-token", ""
    settings.CHANNELS = "maker wechat"
    return assemble()


def called(number: str) -> int:
    """One callback of WeChat, signed."""
    stamp = str(int(timezone.now().timestamp()))
    url = f"/hooks/maker/wechat/?timestamp={stamp}&nonce=n&signature={sha1('a-token', stamp, 'n')}"
    body = (
        f"<xml><FromUserName>{OPENID}</FromUserName><CreateTime>{stamp}</CreateTime><MsgType>text</MsgType>"
        f"<Content>油烟机不转</Content><MsgId>{number}</MsgId></xml>"
    )
    answer = Client().post(url, body, content_type="text/xml")
    assert (answer.status_code, answer.content) == (200, b"success")
    return answer.status_code


def test_the_same_callback_many_times_at_once_is_one_request(cast: Cast) -> None:
    """clause ST-2: duplicate callbacks do nothing twice."""
    assert at_once(lambda _number: called("23001"), TIMES) == (TIMES, [])
    assert at_once(lambda _number: inbox.drain(), 4) == (4, [])
    assert (Incoming.objects.count(), Request.objects.count()) == (1, 1)
    assert not Entry.objects.filter(kind="message_in").exists()


def test_the_control_callbacks_with_numbers_of_their_own_are_messages_of_their_own(cast: Cast) -> None:
    assert at_once(lambda number: called(str(number)), TIMES) == (TIMES, [])
    inbox.drain()
    assert Incoming.objects.count() == TIMES
    assert (Request.objects.count(), Entry.objects.filter(kind="message_in").count()) == (1, TIMES - 1)


@pytest.mark.parametrize(("guarded", "requests"), [(True, 1), (False, 2)])
def test_two_lines_at_once_from_a_new_account_are_one_request(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, guarded: bool, requests: int
) -> None:
    """The control takes away the queue before the account: both look before either has written."""
    looked = chatting._lately

    def slowly(*asked: Any) -> Any:
        found = looked(*asked)
        time.sleep(0.5)
        return found

    monkeypatch.setattr(chatting, "_lately", slowly)
    if not guarded:
        monkeypatch.setattr(chatting, "_queue_up", lambda said, by: None)
    things = [
        Came(str(n), "text", OPENID, {"MsgType": "text", "Content": words})
        for n, words in enumerate(("在吗", "油烟机不转"))
    ]
    inbox.receive(cast.company, "wechat", things, at=NOW)
    assert at_once(lambda _number: inbox.drain(now=lambda: NOW, most=1), 2) == (2, [])
    assert Request.objects.count() == requests
