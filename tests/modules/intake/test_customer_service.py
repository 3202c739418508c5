"""WeChat customer service: a notification, what is fetched after it, the request it becomes, and the answer, by the real protocol."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.audit import personal
from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.customers.models import Contact
from sanbao.intake import channels, customer_service, operations, tasks
from sanbao.intake.models import Request, ServiceAccount
from sanbao.intake.ways import shut, ways
from sanbao.notices import inbox
from sanbao.notices import operations as outbox
from sanbao.notices.doors import sha1
from sanbao.notices.models import Address, Incoming, Message
from sanbao.notices.providers import customer_service as provider
from sanbao.notices.providers import tokens
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.files import corpus
from tests.modules.notices import stubs
from tests.modules.notices.qyapi import ACCOUNT, CORP, CUSTOMER, OTHER, Qyapi, use
from tests.modules.notices.test_weixin_hooks import KEY, sealed

TOKEN = "a-token"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def qyapi(settings: Any, time_machine: Any) -> Iterator[Qyapi]:
    time_machine.move_to(NOW, tick=False)
    tokens.forget()
    settings.CHANNELS = "maker wecom_kf class=repair-other days=7"
    settings.WECOM_KF_HOOK_TOKEN, settings.WECOM_KF_HOOK_KEY = TOKEN, KEY
    with stubs.serving(Qyapi()) as server:
        use(server, settings)
        server.now = int(NOW.timestamp())
        yield server
    tokens.forget()


def notify(
    *, account: str = ACCOUNT, token: str = TOKEN, receiver: str = CORP, company: str = "maker", at: Any = NOW
) -> Any:
    """WeCom calls: sealed XML that says only in which account there is something."""
    stamp = str(int(at.timestamp()))
    told = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><CreateTime>{stamp}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENC{stamp}]]></Token><OpenKfId><![CDATA[{account}]]></OpenKfId></xml>"
    )
    text = sealed(told, receiver)
    url = (
        f"/hooks/{company}/wecom_kf/?timestamp={stamp}&nonce=n&msg_signature={sha1(token, stamp, 'n', text)}"
    )
    with scope.closed():
        return Client(enforce_csrf_checks=True).post(
            url, f"<xml><Encrypt><![CDATA[{text}]]></Encrypt></xml>", content_type="text/xml"
        )


def work(at: Any = NOW) -> None:
    """What the worker does after a notification."""
    customer_service.fetch_due(at)
    inbox.drain(now=lambda: at)


def arrive(server: Qyapi, words: str = "油烟机不转", *, at: Any = NOW, **told: Any) -> str:
    """A customer writes, WeCom notifies, the worker fetches and takes in."""
    server.now = int(at.timestamp())
    number = server.say(content=words, **told)
    assert notify(at=at).content == b"success"
    work(at)
    return number


# Born


def test_a_notification_and_what_is_fetched_after_it_become_a_request(cast: Cast, qyapi: Qyapi) -> None:
    """clause ST-2, clause SR-2, clause BA-2: through the sealed callback and sync_msg, weighed, promised and confirmed at once."""
    arrive(qyapi, "油烟机不转\n按键也没反应 🙏")
    made = Request.objects.get()
    assert (made.channel, made.writer, made.contact, made.category.code) == (
        "wecom_kf", CUSTOMER, "小满", "repair-other",
    )  # fmt: skip
    assert (made.subject, made.description) == ("油烟机不转", "油烟机不转\n按键也没反应 🙏")
    assert made.promises.count() == 3 and made.priority_decision
    outbox.drain(now=lambda: NOW)
    [sent] = qyapi.sent
    assert (sent["touser"], sent["open_kfid"]) == (CUSTOMER, ACCOUNT) and made.number in sent["text"][
        "content"
    ]
    assert made.entries.filter(kind="message_out", channel="wecom_kf").exists()
    assert [row.kind for row in Incoming.objects.all()] == ["text"], (
        "the notification itself is no row: it says nothing"
    )


def test_an_administrator_enters_the_address_and_wecom_gets_its_echo_back(cast: Cast, qyapi: Qyapi) -> None:
    echo, stamp = sealed("4711", CORP), str(int(NOW.timestamp()))
    url = (
        f"/hooks/maker/wecom_kf/?timestamp={stamp}&nonce=n&echostr={echo.replace('+', '%2B')}&msg_signature="
    )
    assert Client().get(url + sha1(TOKEN, stamp, "n", echo)).content == b"4711"
    refused = Client().get(url + sha1("another", stamp, "n", echo))
    assert (refused.status_code, refused.json()) == (403, {"code": "signature"})


@pytest.mark.parametrize(
    ("forged", "code"), [({"token": "another"}, "signature"), ({"receiver": "ww-of-another"}, "sealed")]
)
def test_a_forged_signature_and_what_is_sealed_for_another_company_are_refused(
    cast: Cast, qyapi: Qyapi, forged: dict[str, str], code: str
) -> None:
    """ASVS 11.4.1: and nothing is fetched for them."""
    qyapi.say(content="油烟机不转")
    answer = notify(**forged)
    assert (answer.status_code, answer.json()) == (403, {"code": code})
    work()
    assert not qyapi.asked and not ServiceAccount.objects.exists()


def test_what_is_not_for_this_company_is_kept_and_ignored(cast: Cast, qyapi: Qyapi, settings: Any) -> None:
    settings.CHANNELS = f"maker wecom_kf accounts={ACCOUNT[:-1]}X"
    assert notify().content == b"success"
    inbox.drain(now=lambda: NOW)
    row = Incoming.objects.get()
    assert (row.state, row.error) == ("ignored", "closed") and not ServiceAccount.objects.exists()


def test_the_same_notification_twice_is_one_request(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    notify()
    work()
    work(NOW + timedelta(hours=1))
    assert (
        Request.objects.count() == 1 and not Request.objects.get().entries.filter(kind="message_in").exists()
    )


def test_what_follows_joins_the_open_request_of_the_same_customer(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    arrive(qyapi, "在吗", at=NOW + MINUTE)
    arrive(qyapi, "别家的", sender=OTHER, at=NOW + MINUTE)
    first, second = Request.objects.order_by("pk")
    assert [entry.body for entry in first.entries.filter(kind="message_in")] == ["在吗"]
    assert (second.writer, second.contact) == (OTHER, ""), "WeCom does not know everybody's name"


def test_a_lost_notification_is_made_up_for_by_the_job(cast: Cast, qyapi: Qyapi) -> None:
    """The account is found by asking WeCom for its list; every ten minutes it is asked without having been called."""
    qyapi.say(content="油烟机不转")
    tasks.learn_service_accounts(int(NOW.timestamp()))
    account = ServiceAccount.objects.get()
    assert (account.account, account.name) == (ACCOUNT, "售后客服")
    work()
    assert Request.objects.count() == 1
    qyapi.say(content="还在吗")
    work(NOW + 9 * MINUTE)
    assert not Request.objects.get().entries.filter(kind="message_in").exists()
    work(NOW + 10 * MINUTE)
    assert Request.objects.get().entries.get(kind="message_in").body == "还在吗"
    assert "token" not in qyapi.asked[-1][1], "only a notification gives one, for ten minutes"


def test_pages_are_read_to_the_end_and_the_place_is_kept(cast: Cast, qyapi: Qyapi) -> None:
    qyapi.page = 2
    for number in range(5):
        qyapi.say(content=f"第{number}句")
    notify()
    work()
    asked = [told for path, told in qyapi.asked if path.endswith("sync_msg")]
    assert [told.get("cursor") for told in asked] == [None, "c2", "c4"]
    assert {told["token"] for told in asked} == {f"ENC{int(NOW.timestamp())}"}
    assert ServiceAccount.objects.get().cursor == "c5"
    assert Incoming.objects.count() == 5 and Request.objects.count() == 1


def test_more_than_is_read_at_a_time_stays_due(
    cast: Cast, qyapi: Qyapi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_service, "MOST_PAGES", 1)
    qyapi.page = 1
    qyapi.say(content="一")
    qyapi.say(content="二")
    notify()
    work()
    assert (Incoming.objects.count(), ServiceAccount.objects.get().due_at) == (1, NOW)
    work(NOW + MINUTE)
    assert Incoming.objects.count() == 2


def test_a_notification_that_comes_while_we_ask_is_asked_for_once_more(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    ServiceAccount.objects.update(due_at=NOW, called_at=NOW + MINUTE)
    customer_service.fetch_due(NOW)
    assert ServiceAccount.objects.get().due_at == NOW, "not put off by ten minutes"


def test_what_was_written_long_before_the_account_was_connected_is_no_request(
    cast: Cast, qyapi: Qyapi
) -> None:
    qyapi.say(content="前天的", at=int((NOW - 2 * HOUR).timestamp()))
    qyapi.say(content="刚才的", at=int((NOW - HOUR / 2).timestamp()), sender=OTHER)
    notify()
    work()
    assert [row.description for row in Request.objects.all()] == ["刚才的"]
    assert Request.objects.get().received_at == NOW - HOUR / 2, "it was written then, whenever we fetched it"


# The token of access


def test_a_token_that_has_ended_is_fetched_anew_once(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    assert len(qyapi.tokens) == 1
    qyapi.end_tokens()
    arrive(qyapi, "在吗", at=NOW + MINUTE)
    outbox.drain(now=lambda: NOW)
    assert len(qyapi.tokens) == 2 and Request.objects.get().entries.filter(kind="message_in").exists()


def test_a_wrong_secret_is_said_on_the_desks_page_and_mended_later(
    cast: Cast, qyapi: Qyapi, settings: Any, sign_in: Any
) -> None:
    qyapi.say(content="油烟机不转")
    settings.WECOM_KF_SECRET = "wrong"
    notify()
    work()
    account = ServiceAccount.objects.get()
    assert (account.failure, account.cursor, account.due_at) == ("login: 40001", "", NOW + 2 * MINUTE)
    assert "40001" in sign_in("admin").get(reverse("intake:desk")).content.decode()
    settings.WECOM_KF_SECRET = "secret-of-customer-service"
    work(NOW + 2 * MINUTE)
    assert Request.objects.count() == 1 and ServiceAccount.objects.get().failure == ""


def test_the_check_says_whether_the_settings_are_right(
    cast: Cast, qyapi: Qyapi, settings: Any, sign_in: Any
) -> None:
    qyapi.say(content="油烟机不转")
    page = sign_in("admin")
    answer = page.post(reverse("intake:service-check"), follow=True)
    assert "1 accounts" in answer.content.decode() or "1个" in answer.content.decode()
    assert Event.objects.get(action="intake:service:checked").details == {"accounts": 1, "kept": 1}
    tokens.forget()
    settings.WECOM_KF_SECRET = "wrong"
    with pytest.raises(Refusal, match="40001"):
        customer_service.check(by=cast.access("admin"), at=NOW)
    settings.CHANNELS = ""
    with pytest.raises(Refusal, match="SANBAO_WECOM_KF_SECRET"):
        customer_service.check(by=cast.access("admin"), at=NOW)


def test_two_companies_that_share_an_account_are_refused_before_anything_starts() -> None:
    with pytest.raises(channels.BadSetting, match="accounts="):
        channels.read_settings("maker wecom_kf; other wecom_kf accounts=wkA")
    with pytest.raises(channels.BadSetting, match="accounts="):
        channels.read_settings("maker wecom_kf accounts=wkA; other wecom_kf accounts=wkB,wkA")
    first, second = channels.read_settings("maker wecom_kf accounts=wkA; other wecom_kf accounts=wkB")
    assert first.takes("wkA") and not first.takes("wkB") and second.takes("wkB")
    with pytest.raises(channels.BadSetting, match="nothing else"):
        channels.read_settings("maker wechat accounts=wkA")


# What is not a text


def test_a_picture_a_voice_and_a_file_stand_with_the_request(cast: Cast, qyapi: Qyapi) -> None:
    qyapi.files = {
        "m-1": ("image/jpeg", "a.jpg", corpus.jpeg()),
        "m-2": ("audio/amr", "b.amr", b"#!AMR\n" + bytes(60)),
        "m-3": ("application/octet-stream", "发票.docx".encode().decode("latin-1"), b"PK\x03\x04" + bytes(60)),
    }  # fmt: skip
    for kind, number in (("image", "m-1"), ("voice", "m-2"), ("file", "m-3")):
        qyapi.say(kind, media_id=number)
    notify()
    work()
    row = Request.objects.get()
    names = [file.name for entry in row.entries.order_by("id") for file in entry.files.all()]
    assert [name.rpartition(".")[2] for name in names] == ["jpg", "amr", "docx"]


def test_a_picture_that_is_gone_is_told(cast: Cast, qyapi: Qyapi) -> None:
    qyapi.say("image", media_id="gone")
    notify()
    work()
    assert Request.objects.get().entries.filter(files__isnull=False).count() == 0
    assert Request.objects.get().description.count("\n") == 1


def test_a_place_a_link_and_a_talk_passed_on_are_words(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    qyapi.say("location", latitude=30.25, longitude=120.16, name="和灶小区", address="文三路20号")
    qyapi.say("link", title="说明书", desc="第3页", url="https://example.com/3")
    item = {
        "msgtype": "text",
        "sender_name": "小满",
        "msg_content": json.dumps({"text": {"content": "还漏水"}}),
    }
    qyapi.say("merged_msg", title="聊天记录", item=[item, {"msgtype": "image", "sender_name": "小满", "msg_content": "{"}])  # fmt: skip
    notify()
    work()
    place, link, talk = [entry.body for entry in Request.objects.get().entries.filter(kind="message_in")]
    assert "和灶小区 文三路20号 (30.25, 120.16)" in place
    assert link == "说明书\n第3页\nhttps://example.com/3"
    assert talk == "聊天记录\n小满: 还漏水\n小满: (image)"


def test_a_kind_nobody_knows_joins_and_makes_none(cast: Cast, qyapi: Qyapi) -> None:
    qyapi.say("channels_shop_order", order_id="1")
    notify()
    work()
    assert not Request.objects.exists() and Incoming.objects.get().error == "unknown-kind"
    arrive(qyapi, at=NOW + MINUTE)
    qyapi.say("channels_shop_order", order_id="2")
    notify(at=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert "channels_shop_order" in Request.objects.get().entries.get(kind="message_in").body


def test_characters_that_no_database_keeps_hold_up_nothing(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi, "不转\0了\ud800")
    assert Request.objects.get().description == "不转了?"


# Events


def test_a_recalled_message_is_noted_where_it_stands(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    number = arrive(qyapi, "我的电话是…", at=NOW + MINUTE)
    for recalled in (number, "never-seen"):
        qyapi.say("event", event_type="user_recall_msg", recall_msgid=recalled)
    notify(at=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    [note] = Request.objects.get().entries.filter(kind="note")
    assert note.internal and "撤回" in note.body and f"{NOW + MINUTE:%M}" in note.body
    assert Request.objects.get().entries.filter(body="我的电话是…").exists(), (
        "what was read is not made unread"
    )


def test_who_recalls_another_customers_message_recalls_nothing(cast: Cast, qyapi: Qyapi) -> None:
    number = arrive(qyapi)
    qyapi.say("event", event_type="user_recall_msg", recall_msgid=number, sender=OTHER)
    notify(at=NOW + MINUTE)
    work(NOW + MINUTE)
    assert not Request.objects.get().entries.filter(kind="note").exists()


def test_who_opens_the_talk_is_welcomed_within_twenty_seconds_and_not_later(
    cast: Cast, qyapi: Qyapi, time_machine: Any
) -> None:
    qyapi.codes = {"CODE1", "CODE2"}
    qyapi.say("event", event_type="enter_session", scene="123", welcome_code="CODE1")
    notify()
    work()
    outbox.drain(now=lambda: NOW)
    [sent] = qyapi.sent
    assert (sent["code"], sent["msgtype"]) == ("CODE1", "text") and cast.company.short_name in sent["text"][
        "content"
    ]
    qyapi.say("event", event_type="enter_session", scene="123", welcome_code="CODE2")
    qyapi.say("event", event_type="enter_session", scene="123")  # who has written lately: no code, no welcome
    notify(at=NOW)
    late = NOW + timedelta(seconds=21)
    time_machine.move_to(late, tick=False)
    work(late)
    assert Incoming.objects.filter(state="ignored").count() == 2 and qyapi.codes == {"CODE2"}


def test_a_welcome_that_the_outbox_comes_to_too_late_is_not_sent(
    cast: Cast, qyapi: Qyapi, time_machine: Any
) -> None:
    qyapi.codes = {"CODE1"}
    qyapi.say("event", event_type="enter_session", welcome_code="CODE1")
    notify()
    work()
    late = NOW + timedelta(seconds=30)
    time_machine.move_to(late, tick=False)
    outbox.drain(now=lambda: late)
    assert (Message.objects.get().state, Message.objects.get().error, qyapi.sent) == ("dead", "late", [])


def test_an_answer_from_the_wecom_app_stands_with_the_request_as_a_note(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    Address.objects.create(person=cast.people["agent"], channel="wecom", address="lisi", set_at=NOW)
    qyapi.said[ACCOUNT].append(
        {
            "msgid": "k-9", "open_kfid": ACCOUNT, "external_userid": CUSTOMER, "send_time": qyapi.now, "origin": 5,
            "servicer_userid": "lisi", "msgtype": "text", "text": {"content": "马上安排"},
        }
    )  # fmt: skip
    qyapi.say("event", event_type="session_status_change", change_type=1, new_servicer_userid="lisi")
    notify(at=NOW + MINUTE)
    work(NOW + MINUTE)
    row = Request.objects.get()
    [note] = row.entries.filter(kind="note")
    assert cast.people["agent"].name in note.body and "马上安排" in note.body and not note.clock
    assert Request.objects.count() == 1 and not row.entries.filter(kind="message_in").exists()


def test_a_message_that_did_not_arrive_is_told_in_the_timeline(cast: Cast, qyapi: Qyapi) -> None:
    arrive(qyapi)
    outbox.drain(now=lambda: NOW)
    for number in (qyapi.sent[0]["msgid"], "written-in-the-app"):
        qyapi.say("event", event_type="msg_send_fail", fail_msgid=number, fail_type=6)
    notify(at=NOW + MINUTE)
    work(NOW + MINUTE)
    message = Message.objects.get()
    assert (message.delivery, message.delivery_note) == ("undelivered", "kf-limit")
    assert sorted(row.state for row in Incoming.objects.all()) == ["handled", "handled", "ignored"]


# Answers


def offered(row: Request, at: Any = NOW) -> list[tuple[str, int | None]]:
    return [(way.channel, way.left) for way in ways(row, at)]


def test_an_answer_goes_by_the_account_the_customer_wrote_to_and_is_the_response(
    cast: Cast, qyapi: Qyapi, settings: Any
) -> None:
    """clause SR-2, clause GN-3."""
    second = ACCOUNT[:-1] + "B"
    qyapi.said[second], qyapi.names[second] = [], "商用客服"
    arrive(qyapi)
    qyapi.say(content="还是这个号", account=second)
    notify(account=second, at=NOW + MINUTE)
    work(NOW + MINUTE)
    entry = operations.reply(Request.objects.get(), "请拍一张照片", by=cast.access("agent"), at=NOW + MINUTE)
    outbox.drain(now=lambda: NOW + MINUTE)
    assert (entry.channel, entry.clock) == ("wecom_kf", "responded")
    assert (qyapi.sent[-1]["open_kfid"], qyapi.sent[-1]["text"]) == (second, {"content": "请拍一张照片"})


def test_five_messages_and_then_the_agent_is_told_and_the_sms_is_there(
    cast: Cast, qyapi: Qyapi, settings: Any
) -> None:
    arrive(qyapi)
    row, by = Request.objects.get(), cast.access("agent")
    assert offered(row) == [("wecom_kf", 4)], "the receipt was the first"
    for number in range(4):
        operations.reply(row, f"第{number}条", by=by, at=NOW)
    assert offered(row) == [] and "最多只能发5条" in shut(row, [], NOW)
    with pytest.raises(Refusal, match="改发短信") as refusal:
        operations.reply(row, "第五条", by=by, at=NOW)
    assert (refusal.value.field, refusal.value.code) == ("body", "window")
    settings.SMS_URL, settings.SMS_KEY, settings.SMS_SECRET = qyapi.url, "k", "s"
    row.phone = "13800005678"
    row.save()
    assert offered(row) == [("sms", None)]
    with pytest.raises(Refusal) as refusal:
        operations.reply(row, "第五条", channel="wecom_kf", by=by, at=NOW)
    assert (refusal.value.field, refusal.value.code) == ("channel", "window")
    assert operations.reply(row, "第五条", by=by, at=NOW).channel == "sms"
    arrive(qyapi, "收到", at=NOW + MINUTE)
    assert offered(row, NOW + MINUTE)[0] == ("wecom_kf", 5), "who writes again can be answered again"


def test_the_page_says_why_there_is_no_way(cast: Cast, qyapi: Qyapi, sign_in: Any, time_machine: Any) -> None:
    arrive(qyapi)
    later = NOW + 48 * HOUR
    row = Request.objects.get()
    assert offered(row, later - MINUTE) == [("wecom_kf", 4)] and offered(row, later) == []
    time_machine.move_to(later, tick=False)
    page = sign_in("agent").get(reverse("intake:request", args=[row.pk])).content.decode()
    assert "48" in page and CUSTOMER not in page


@pytest.mark.parametrize(
    ("code", "error", "state"),
    [
        (95001, "kf-limit: 95001", "dead"),
        (95002, "kf-window: 95002", "dead"),
        (95018, "kf-session: 95018", "dead"),
        (40096, "recipient: 40096", "dead"),
        (45009, "busy: 45009", "waiting"),
        (48002, "login: 48002", "waiting"),
        (99999, "answered: 99999", "waiting"),
    ],
)
def test_what_wecom_refuses_is_told_in_words(
    cast: Cast, qyapi: Qyapi, code: int, error: str, state: str
) -> None:
    arrive(qyapi)
    qyapi.answers["/cgi-bin/kf/send_msg"] = {"errcode": code, "errmsg": "no"}
    outbox.drain(now=lambda: NOW)
    message = Message.objects.get()
    assert (message.error, message.state) == (error, state)


def test_an_answer_that_got_lost_is_not_written_twice(cast: Cast, qyapi: Qyapi) -> None:
    """WeCom has taken it, we have not heard so: our number of the message is the same in the second attempt."""
    arrive(qyapi)
    qyapi.loses_answers = 1
    outbox.drain(now=lambda: NOW)
    assert (Message.objects.get().state, Message.objects.get().unsure) == ("waiting", True)
    outbox.drain(now=lambda: NOW + HOUR)
    assert (Message.objects.get().state, len(qyapi.sent)) == ("sent", 1)


def test_a_stranger_of_whom_nothing_is_known_gets_no_message(cast: Cast, qyapi: Qyapi) -> None:
    message = outbox.send(
        OTHER, "x", "y", key="k", about=cast.company, by=cast.access("agent"), at=NOW, channel="wecom_kf"
    )
    outbox.drain(now=lambda: NOW)
    message.refresh_from_db()
    assert message.error == "kf-account" and provider.account_of(cast.company.pk, OTHER) == ""


# Whose account


def test_the_agent_says_whose_account_it_is_and_it_is_theirs_from_then_on(
    cast: Cast, qyapi: Qyapi, time_machine: Any
) -> None:
    arrive(qyapi)
    by, row = cast.access("agent"), Request.objects.get()
    customer = customers.register("张三", phone="13800005678", by=by, at=NOW)
    operations.amend(row, {"customer": customer}, by=by, at=NOW)
    assert Contact.objects.get(wecom_kf=CUSTOMER).customer == customer
    operations.move(operations.take(Request.objects.get(), version=None, by=by, at=NOW), "solution", version=None, by=by, at=NOW, text="好了")  # fmt: skip
    time_machine.move_to(NOW + timedelta(days=9), tick=False)
    arrive(qyapi, "换一台了", at=NOW + timedelta(days=9))
    assert Request.objects.latest("pk").customer == customer
    other = cast.request(customer=customer, phone="")
    assert offered(other, NOW + timedelta(days=9))[0][0] == "wecom_kf", (
        "a request by telephone can be answered there"
    )


def test_the_persons_copy_holds_the_account_and_an_erasure_takes_it_everywhere(
    cast: Cast, qyapi: Qyapi
) -> None:
    """clause PV-6: the external_userid is personal data."""
    arrive(qyapi)
    by, row = cast.access("agent"), Request.objects.get()
    customer = customers.register("张三", phone="13800005678", by=by, at=NOW)
    operations.amend(row, {"customer": customer, "phone": "13800005678"}, by=by, at=NOW)
    operations.move(operations.take(Request.objects.get(), version=None, by=by, at=NOW), "solution", version=None, by=by, at=NOW, text="好了")  # fmt: skip
    outbox.drain(now=lambda: NOW)
    who = Subject(cast.company.pk, phone="13800005678")
    told = str([source.copy(who) for source in personal.SOURCES])
    assert told.count(CUSTOMER) >= 3, "request, contact, what came in"
    with erasing():
        personal.erase(who, by=cast.access("admin"), at=NOW, reason="asked")
    assert not Request.objects.filter(writer=CUSTOMER).exists()
    assert not Contact.objects.filter(wecom_kf=CUSTOMER).exists()
    assert CUSTOMER not in str(list(Incoming.objects.values())) + str(list(Message.objects.values()))
