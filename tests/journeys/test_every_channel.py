"""The same request is born through every channel there is, each by its real protocol: IMAP, XML over HTTP, forms, JSON, xlsx.

Each is weighed, promised with a decision, put where it belongs, and confirmed to whoever asked.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.imports.models import Import
from sanbao.intake import customer_service, mailboxes
from sanbao.intake.models import Category, Request
from sanbao.intake.states import SPOKEN, Channel
from sanbao.notices import inbox, signing
from sanbao.notices import operations as outbox
from sanbao.notices.doors import sha1
from sanbao.notices.models import Message
from sanbao.notices.providers import tokens
from tests.cast import NOW, Cast
from tests.modules.imports.make import book
from tests.modules.intake.imap import Imap
from tests.modules.intake.test_letters import mail
from tests.modules.notices import stubs
from tests.modules.notices.qyapi import ACCOUNT, CORP, Qyapi
from tests.modules.notices.qyapi import use as use_customer_service
from tests.modules.notices.test_weixin_hooks import KEY, sealed

OPENID = "oABCD1234_-efghijklmnopqrstu"
SECRET = "a-secret-of-the-gateway-for-tests-only"
MATTER, WORDS = "油烟机不转", "油烟机不转\n按键也没反应 🙏"


@dataclass
class World:
    """Everything a channel needs: the cast, browsers, the mail server, the providers."""

    cast: Cast
    settings: Any
    web: stubs.Web
    imap: Imap
    sign_in: Callable[[str], Client]

    @property
    def category(self) -> Category:
        return Category.objects.get(company=self.cast.company, code="repair-noise")


@pytest.fixture
def world(cast: Cast, settings: Any, time_machine: Any, sign_in: Any) -> Iterator[World]:
    time_machine.move_to(NOW, tick=False)
    tokens.forget()
    imap, post = Imap(), stubs.Mail()
    with stubs.serving(stubs.Web()) as web, stubs.serving(post):
        stubs.use_web(web, settings)
        stubs.use_mail(post, settings)
        settings.SITE_URL = "https://service.example.com"
        settings.HOOK_SECRET, settings.WECHAT_HOOK_TOKEN, settings.WECOM_HOOK_TOKEN = (
            SECRET,
            "a-token",
            "a-token",
        )
        settings.WECOM_HOOK_KEY, settings.WECHAT_HOOK_KEY = KEY, ""
        settings.MAILBOXES = (
            f"maker imap://service%40maker.example:secret@127.0.0.1:{imap.port}/INBOX?class=repair-noise"
        )
        settings.CHANNELS = "; ".join(
            f"maker {each} class=repair-noise" for each in ("wechat", "wecom", "wecom_kf", "sms", "email")
        )
        yield World(cast, settings, web, imap, sign_in)
    imap.close()
    tokens.forget()


def _stamp() -> str:
    return str(int(timezone.now().timestamp()))


def _xml(**fields: str) -> str:
    return (
        "<xml>"
        + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
        + "</xml>"
    )


def _call(url: str, body: str) -> None:
    with scope.closed():
        answer = Client(enforce_csrf_checks=True).post(url, body, content_type="text/xml")
    assert (answer.status_code, answer.content) == (200, b"success")
    inbox.drain()


def by_imap(world: World) -> None:
    mailboxes.fetch_all(NOW)
    world.imap.mails[1] = mail(subject=MATTER, body=WORDS.encode())
    mailboxes.fetch_all(NOW)
    inbox.drain()


def by_wechat(world: World) -> None:
    stamp = _stamp()
    _call(
        f"/hooks/maker/wechat/?timestamp={stamp}&nonce=n&signature={sha1('a-token', stamp, 'n')}",
        _xml(
            ToUserName="gh_1",
            FromUserName=OPENID,
            CreateTime=stamp,
            MsgType="text",
            Content=WORDS,
            MsgId="23001",
        ),
    )


def by_sealed_wechat(world: World) -> None:
    world.settings.WECHAT_HOOK_KEY, stamp = KEY, _stamp()
    text = sealed(_xml(ToUserName="gh_1", FromUserName=OPENID, CreateTime=stamp, MsgType="text", Content=WORDS, MsgId="23001"), "wx1")  # fmt: skip
    _call(
        f"/hooks/maker/wechat/?timestamp={stamp}&nonce=n&msg_signature={sha1('a-token', stamp, 'n', text)}",
        _xml(Encrypt=text),
    )


def by_wecom(world: World) -> None:
    stamp = _stamp()
    text = sealed(_xml(ToUserName="corp", FromUserName="zhangsan", CreateTime=stamp, MsgType="text", Content=WORDS, MsgId="24001", AgentID="1000002"), "corp")  # fmt: skip
    _call(
        f"/hooks/maker/wecom/?timestamp={stamp}&nonce=n&msg_signature={sha1('a-token', stamp, 'n', text)}",
        _xml(ToUserName="corp", Encrypt=text),
    )


def by_customer_service(world: World) -> None:
    """WeCom calls and says nothing but that there is something; what it is, we fetch."""
    with stubs.serving(Qyapi()) as qyapi:
        use_customer_service(qyapi, world.settings)
        world.settings.WECOM_KF_HOOK_TOKEN, world.settings.WECOM_KF_HOOK_KEY = "a-token", KEY
        qyapi.now = int(NOW.timestamp())
        qyapi.say(content=WORDS)
        stamp = _stamp()
        text = sealed(_xml(ToUserName=CORP, CreateTime=stamp, MsgType="event", Event="kf_msg_or_event", Token="ENC1", OpenKfId=ACCOUNT), CORP)  # fmt: skip
        _call(
            f"/hooks/maker/wecom_kf/?timestamp={stamp}&nonce=n&msg_signature={sha1('a-token', stamp, 'n', text)}",
            _xml(ToUserName=CORP, Encrypt=text),
        )
        customer_service.fetch_due(NOW)
        inbox.drain()
        outbox.drain()


def _signed(channel: str, told: dict[str, Any]) -> None:
    body, stamp = json.dumps(told).encode(), _stamp()
    headers = {"X-Timestamp": stamp, "X-Signature": signing.signed(SECRET, stamp, body)}
    answer = Client().post(f"/hooks/maker/{channel}/", body, content_type="application/json", headers=headers)
    assert answer.json() == {"received": 1, "new": 1}
    inbox.drain()


def by_sms(world: World) -> None:
    _signed("sms", {"id": "1", "from": "13800005678", "text": WORDS})


def by_mail_gateway(world: World) -> None:
    _signed("email", {"id": "<1@example.com>", "from": "zhang@example.com", "subject": MATTER, "text": WORDS})


def by_web(world: World) -> None:
    form = {
        "category": world.category.pk,
        "subject": MATTER,
        "description": WORDS,
        "contact": "张三",
        "phone": "138 0000 5678",
        "agree": "on",
    }
    assert Client().post(reverse("portal:ask", args=["maker"]), form).status_code == 303


def _by_form(world: World, channel: str) -> None:
    form = {
        "channel": channel, "category": world.category.pk, "subject": MATTER, "description": WORDS, "severity": "part",
        "contact": "张三", "phone": "138 0000 5678",
    }  # fmt: skip
    assert world.sign_in("agent").post(reverse("intake:call"), form).status_code == 303


def by_hotline(world: World) -> None:
    _by_form(world, "phone")


def by_counter(world: World) -> None:
    _by_form(world, "walk_in")


def by_api(world: World) -> None:
    _token, secret = Token.make(
        world.cast.people["agent"],
        world.cast.company,
        "crm",
        at=NOW,
        expires_at=NOW + timedelta(days=30),
        scopes=list(Scope),
    )
    told = {
        "class": "repair-noise",
        "subject": MATTER,
        "description": WORDS,
        "phone": "13800005678",
        "contact": "张三",
    }
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).post(
        "/api/v1/requests", told, content_type="application/json"
    )
    assert answer.json()["number"] == Request.objects.get().number, (
        "the other system is told the number at once"
    )


def by_excel(world: World) -> None:
    """Uploaded, looked at, taken over, as people do it."""
    told = {"外部单号": "A-1", "受理时间": "2026-05-20 08:50", "服务分类": world.category.name, "主题": MATTER, "描述": WORDS, "联系人": "张三", "联系电话": "13800005678"}  # fmt: skip
    page = world.sign_in("supervisor")
    file = SimpleUploadedFile("requests.xlsx", book([told]))
    assert page.post("/imports/requests/", {"file": file, "known": "refuse"}, follow=True).status_code == 200
    work = Import.objects.get()
    assert page.post(f"/imports/files/{work.pk}/taking/", follow=True).status_code == 200


# How each is born, and how whoever asked is told that it was received ("" by the answer itself: a voice, a page, JSON).
BORN: dict[str, tuple[str, Callable[[World], None], str]] = {
    "a mail by IMAP": (Channel.EMAIL, by_imap, "email"),
    "a mail by a gateway's hook": (Channel.EMAIL, by_mail_gateway, "email"),
    "WeChat in the open": (Channel.WECHAT, by_wechat, "wechat"),
    "WeChat sealed": (Channel.WECHAT, by_sealed_wechat, "wechat"),
    "WeCom": (Channel.WECOM, by_wecom, "wecom"),
    "WeChat customer service": (Channel.WECOM_KF, by_customer_service, "wecom_kf"),
    "an SMS": (Channel.SMS, by_sms, "sms"),
    "the web portal": (Channel.WEB, by_web, "sms"),
    "the hotline": (Channel.PHONE, by_hotline, ""),
    "the counter": (Channel.WALK_IN, by_counter, ""),
    "the API": (Channel.API, by_api, ""),
    "an Excel file": (Channel.IMPORT, by_excel, ""),
}


def test_every_channel_is_born_here() -> None:
    assert {channel for channel, _birth, _told in BORN.values()} == set(Channel)


@pytest.mark.parametrize("way", BORN)
def test_the_same_request_is_born_through(world: World, way: str) -> None:
    """clause ST-2, clause BA-2, clause BA-3, clause DP-3, clause SR-2: whatever the channel, it is registered, weighed, promised, put
    somewhere and confirmed."""
    channel, birth, told = BORN[way]
    birth(world)
    row = Request.objects.get()
    assert (row.channel, row.subject, row.description, row.category.code) == (
        channel,
        MATTER,
        WORDS,
        "repair-noise",
    )
    assert row.priority_decision.answer and row.team and row.due_at
    assert row.promises.count() == 3 and all(promise.decision_id for promise in row.promises.all())
    outbox.drain()
    _is_confirmed(row, channel, told)


def _is_confirmed(row: Request, channel: str, told: str) -> None:
    if channel in SPOKEN:
        assert row.entries.filter(kind="call", clock="answered").exists()
    if told:
        message = Message.objects.get(kind="intake:received")
        assert (message.channel, message.state) == (told, "sent")
        assert row.entries.filter(kind="message_out").exists()
