"""Mails that a gateway hands in by the signed hook go the way of mails by IMAP: once, in their thread, by the same rules."""

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.files.models import StoredFile
from sanbao.intake.handed_in import written
from sanbao.intake.letters import read
from sanbao.intake.models import Request
from sanbao.notices import inbox, signing
from sanbao.notices.doors import Came, Shut
from sanbao.notices.models import Incoming, Message
from tests.cast import NOW, Cast
from tests.modules.files import corpus
from tests.modules.intake.test_letters import mail

SECRET = "a-secret-of-the-gateway-for-tests-only"
MAIL = {
    "id": "<77@example.com>",
    "from": "zhang@example.com",
    "name": "张三",
    "subject": "报修",
    "text": "油烟机不转 🙏",
}


@pytest.fixture(autouse=True)
def _set_up(settings: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    settings.HOOK_SECRET = SECRET
    settings.CHANNELS = "maker email class=repair-other"


def post(told: object, channel: str = "email") -> Any:
    body, stamp = json.dumps(told).encode(), str(int(timezone.now().timestamp()))
    headers = {"X-Timestamp": stamp, "X-Signature": signing.signed(SECRET, stamp, body)}
    with scope.closed():
        return Client().post(
            f"/hooks/maker/{channel}/", body, content_type="application/json", headers=headers
        )


def come(told: object) -> Any:
    answer = post(told)
    inbox.drain(now=lambda: NOW)
    return answer


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_mail_as_json_becomes_a_request_with_its_files(cast: Cast) -> None:
    """clause ST-2, clause BA-2."""
    files = [
        {"name": "照片.jpg", "type": "image/jpeg", "data": coded(corpus.jpeg())},
        {"name": "bill.exe", "data": coded(b"MZ")},
    ]
    assert come(MAIL | {"attachments": files}).json() == {"received": 1, "new": 1}
    row = Request.objects.get()
    assert (row.channel, row.category.code, row.email, row.contact, row.subject) == (
        "email", "repair-other", "zhang@example.com", "张三", "报修"
    )  # fmt: skip
    assert row.description.startswith("油烟机不转 🙏") and "bill.exe" in row.description
    assert "照片.jpg" in [file.name for file in row.entries.earliest("id").files.all()]


def test_a_mail_as_it_came_becomes_a_request(cast: Cast) -> None:
    come({"id": "1", "raw": coded(mail(subject="报修", body="不转".encode()))})
    assert Request.objects.get().description == "不转"


def test_the_same_mail_by_the_hook_twice_and_by_imap_comes_once(cast: Cast) -> None:
    raw = mail()
    come({"id": "a", "raw": coded(raw)})
    assert come({"id": "b", "raw": coded(raw)}).json() == {"received": 1, "new": 0}
    assert (Request.objects.count(), Incoming.objects.count(), StoredFile.objects.count()) == (1, 1, 1)


def test_an_answer_joins_its_thread_and_a_stranger_does_not(cast: Cast) -> None:
    row = cast.request(email="zhang@example.com")
    come(MAIL | {"subject": f"Re: [{row.number}]", "text": "还是响\n> 旧"})
    assert row.entries.get(kind="message_in").body == "还是响"
    come(MAIL | {"id": "2", "from": "stranger@example.com", "subject": f"Re: [{row.number}]"})
    assert Request.objects.count() == 2


def test_the_number_answered_joins_without_a_heading(cast: Cast) -> None:
    row = cast.request(email="zhang@example.com")
    from sanbao.intake import operations

    operations.reply(row, "请拍照", by=cast.access("agent"), at=NOW)
    Message.objects.update(receipt="<9@maker.example>")
    come(MAIL | {"in_reply_to": "<9@maker.example>", "references": ["<8@x.cn>", 7]})
    assert Request.objects.get().entries.filter(kind="message_in").exists()


def test_machines_are_told_by_what_the_gateway_says(cast: Cast) -> None:
    come(MAIL | {"auto_submitted": "auto-replied"})
    assert Incoming.objects.get().error == "automatic" and not Request.objects.exists()


def test_a_gateways_own_number_is_no_message_id(cast: Cast) -> None:
    assert read(written(MAIL | {"id": "7788"})).number.endswith("@handed-in")
    assert read(written(MAIL)).number == "77@example.com"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"id": "1", "from": "not an address", "text": "x"}, "from"),
        ({"id": "1", "from": "a@b.cn", "text": 7}, "text"),
        ({"id": "1", "raw": "%%%"}, "base64"),
        ({"id": "1", "raw": ""}, "raw"),
        ({"id": "1", "raw": 7}, "base64"),
        ({"id": "1", "from": "a@b.cn", "attachments": "x"}, "attachments"),
        ({"id": "1", "from": "a@b.cn", "attachments": ["x"]}, "attachments"),
        ({"id": "1", "from": "a@b.cn", "attachments": [{"data": "%"}]}, "base64"),
    ],
)
def test_what_can_be_no_mail_is_refused_with_a_code(cast: Cast, told: dict[str, Any], code: str) -> None:
    answer = post(told)
    assert (answer.status_code, answer.json()) == (400, {"code": code})
    assert not Incoming.objects.exists() and not StoredFile.objects.exists()


@pytest.mark.parametrize("field", ["subject", "name", "auto_submitted", "in_reply_to", "id"])
def test_nothing_in_a_field_begins_another_header(field: str) -> None:
    """ASVS 1.3.11."""
    raw = written(MAIL | {field: "x\r\nBcc: all@example.com\r\n\r\nbody"})
    assert b"\nBcc:" not in raw and read(raw).sender == "zhang@example.com"


def test_a_kind_of_our_own_can_not_be_said_from_outside(cast: Cast) -> None:
    """Another's file can't be named: what the inbox knows of files is written by ourselves only."""
    for kind in ("@mail", "@@mail", "mail"):
        come({"id": kind, "kind": kind, "file": 1, "mailbox": 1})
    assert {row.error for row in Incoming.objects.all()} == {"no-report"} and not Request.objects.exists()


def test_a_company_without_the_setting_takes_no_mail_by_the_hook(cast: Cast, settings: Any) -> None:
    settings.CHANNELS = ""
    come(MAIL)
    assert Incoming.objects.get().error == "closed" and not Request.objects.exists()


def test_a_report_about_a_mail_of_ours_is_written_down(cast: Cast) -> None:
    from sanbao.notices.operations import send

    sent = send("zhang@example.com", "x", "y", key="k", about=cast.company, by=cast.access("agent"), at=NOW)
    Message.objects.update(state="sent", receipt="<1@maker.example>")
    come({"id": "r", "kind": "delivery", "message": "<1@maker.example>", "delivered": False, "code": "550"})
    sent.refresh_from_db()
    assert sent.delivery == "undelivered"


def test_an_unknown_company_has_no_door(cast: Cast) -> None:
    body, stamp = b'{"id": "1"}', str(int(timezone.now().timestamp()))
    headers = {"X-Timestamp": stamp, "X-Signature": signing.signed(SECRET, stamp, body)}
    answer = Client().post("/hooks/nobody/email/", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()) == (404, {"code": "company"})


def test_a_keeper_that_refuses_keeps_nothing_of_the_whole_call(cast: Cast) -> None:
    with pytest.raises(Shut):
        inbox.receive(
            cast.company, "email", [Came("1", "", "", MAIL), Came("2", "", "", {"from": "x"})], at=NOW
        )
    assert not Incoming.objects.exists()
