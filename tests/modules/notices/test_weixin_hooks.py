"""Handshake, signatures, encryption and XML of WeCom and WeChat."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.notices import doors, inbox, xml
from sanbao.notices.models import Incoming
from tests.cast import NOW, Cast
from tests.modules.notices.test_outbox import Saying, drained, write

TOKEN, CORP, APP = "a-token", "ww1234", "wx5678"
KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
OPENID = "oABCD1234_-efghijklmnopqrstu"


@pytest.fixture(autouse=True)
def _set_up(settings, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)  # a second between signing and asking would open the window
    settings.WECOM_CORP, settings.WECHAT_APP = CORP, APP
    settings.WECOM_HOOK_TOKEN = settings.WECHAT_HOOK_TOKEN = TOKEN
    settings.WECOM_HOOK_KEY, settings.WECHAT_HOOK_KEY = KEY, ""


def sealed(text: str, receiver: str, key: str = KEY) -> str:
    """What the makers' servers do."""
    raw = base64.b64decode(key + "=")
    data = text.encode()
    plain = bytes(range(16)) + len(data).to_bytes(4, "big") + data + receiver.encode()
    pad = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()


def query(name: str, *more: str, token: str = TOKEN, ago: int = 0) -> dict[str, str]:
    stamp = str(int(timezone.now().timestamp()) - ago)
    return {"timestamp": stamp, "nonce": "n1", name: doors.sha1(token, stamp, "n1", *more)}


def call(channel: str, asked: dict[str, str], body: str | None = None) -> Any:
    url = f"/hooks/maker/{channel}/?" + "&".join(f"{name}={value}" for name, value in asked.items())
    with scope.closed():
        client = Client(enforce_csrf_checks=True)
        return client.get(url) if body is None else client.post(url, body, content_type="text/xml")


def message(**fields: str) -> str:
    said = {"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": "1764000000", "MsgType": "text",
            "Content": "在吗", "MsgId": "23001"} | fields  # fmt: skip
    return "<xml>" + "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in said.items() if v) + "</xml>"


# Handshake


def test_wechat_gets_its_echo_back(cast: Cast) -> None:
    answer = call("wechat", query("signature") | {"echostr": "4711"})
    assert (answer.status_code, answer.content) == (200, b"4711")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_wecom_gets_its_echo_back_opened(cast: Cast) -> None:
    echo = sealed("4711", CORP)
    asked = query("msg_signature", echo) | {"echostr": echo.replace("+", "%2B")}
    assert call("wecom", asked).content == b"4711"


@pytest.mark.parametrize("channel", ["wechat", "wecom"])
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"token": "another"}, "signature"), ({"ago": 301}, "window"), ({"ago": -301}, "window")],
)
def test_a_stranger_gets_no_echo(cast: Cast, channel: str, changes: dict[str, Any], code: str) -> None:
    """ASVS 11.4.1."""
    name = "signature" if channel == "wechat" else "msg_signature"
    more = () if channel == "wechat" else ("e",)
    answer = call(channel, query(name, *more, **changes) | {"echostr": "e"})
    assert (answer.status_code, answer.json()) == (403, {"code": code})


# Messages


def test_a_message_in_the_open_is_kept_by_its_number(cast: Cast) -> None:
    for _ in range(2):
        assert call("wechat", query("signature"), message()).content == b"success"
    row = Incoming.objects.get()
    assert (row.external_id, row.kind, row.sender, row.payload["Content"]) == (
        "23001",
        "text",
        OPENID,
        "在吗",
    )


@pytest.mark.parametrize(("channel", "receiver"), [("wecom", CORP), ("wechat", APP)])
def test_a_sealed_message_is_opened_and_kept(cast: Cast, settings, channel: str, receiver: str) -> None:
    settings.WECHAT_HOOK_KEY = KEY
    text = sealed(message(), receiver)
    body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>"
    assert call(channel, query("msg_signature", text), body).content == b"success"
    assert Incoming.objects.get().payload["Content"] == "在吗"


def test_an_event_has_no_number_and_is_known_by_sender_second_and_kind(cast: Cast) -> None:
    event = {"MsgType": "event", "Event": "subscribe", "MsgId": "", "Content": ""}
    for _ in range(2):
        call("wechat", query("signature"), message(**event))
    call("wechat", query("signature"), message(**event | {"CreateTime": "1764000001"}))
    assert Incoming.objects.filter(kind="subscribe").count() == 2


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        (sealed(message(), "another-corp"), "sealed", 403),
        (sealed(message(), CORP, base64.b64encode(bytes(32)).decode().rstrip("=")), "sealed", 403),
        ("AAAA", "sealed", 403),
        ("no base64!", "sealed", 403),
        ("", "sealed", 403),
        (sealed("no xml", CORP), "xml", 400),
        (sealed("<xml><MsgType>text</MsgType></xml>", CORP), "id", 400),
    ],
)
def test_what_was_not_sealed_for_us_is_not_read(cast: Cast, text: str, code: str, status: int) -> None:
    answer = call("wecom", query("msg_signature", text), f"<xml><Encrypt>{text}</Encrypt></xml>")
    assert (answer.status_code, answer.json()) == (status, {"code": code})
    assert not Incoming.objects.exists()


def test_a_sealed_message_changed_on_the_way_is_refused(cast: Cast) -> None:
    text = sealed(message(), CORP)
    answer = call("wecom", query("msg_signature", text), f"<xml><Encrypt>{text[::-1]}</Encrypt></xml>")
    assert answer.json() == {"code": "signature"}


def test_without_a_key_wecom_has_no_door(cast: Cast, settings) -> None:
    settings.WECOM_HOOK_KEY = ""
    assert call("wecom", query("msg_signature"), message()).status_code == 404
    assert call("wecom", query("msg_signature")).status_code == 404


def test_where_a_key_is_set_nothing_comes_in_in_the_open(cast: Cast, settings) -> None:
    settings.WECHAT_HOOK_KEY = KEY
    assert call("wechat", query("signature"), message()).status_code == 403


def test_wechat_tells_that_a_template_message_has_arrived(cast: Cast) -> None:
    sent = write(cast, channel="wechat", address=OPENID)
    drained(Saying())
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgId": "", "Content": "", "MsgID": "r1",
             "Status": "failed:user block"}  # fmt: skip
    call("wechat", query("signature"), message(**event))
    call("wechat", query("signature"), message())
    inbox.drain()
    sent.refresh_from_db()
    assert (sent.delivery, sent.delivery_note) == ("undelivered", "failed:user block")
    assert Incoming.objects.get(kind="text").state == "ignored"


# XML


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><A>&b;</A></xml>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><A>&f;</A></xml>'


@pytest.mark.parametrize(
    "text",
    [
        BOMB, OUTSIDE, '<!DOCTYPE x SYSTEM "http://example.com/x.dtd"><xml><A>1</A></xml>', "", "<xml>", "no", "<xml/>",
        "<xml>text</xml>", "<xml><A>&b;</A></xml>", "<a>" * 9 + "</a>" * 9, "<xml>" + "<a/>" * 600 + "</xml>",
        "<xml><A>\x01</A></xml>",
    ],
)  # fmt: skip
def test_xml_with_entities_or_out_of_shape_is_refused(text: str) -> None:
    """ASVS 1.5.1."""
    with pytest.raises(xml.BadXml):
        xml.read(text.encode())


def test_a_bomb_in_the_open_is_refused_at_the_door(cast: Cast) -> None:
    answer = call("wechat", query("signature"), BOMB)
    assert (answer.status_code, answer.json()) == (400, {"code": "xml"})


def test_xml_is_read_as_texts_and_tables() -> None:
    found = xml.read("<xml><A><![CDATA[一<b>]]></A><B><C>2</C></B><D></D></xml>".encode())
    assert found == {"A": "一<b>", "B": {"C": "2"}, "D": ""}
