"""What comes by WeChat, WeCom and SMS becomes a request or joins its own; an account is somebody's only when an agent says so."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from sanbao.accounts.models import Person
from sanbao.audit import personal
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.customers.models import Contact
from sanbao.intake import channels, operations
from sanbao.intake.models import Request
from sanbao.notices import inbox
from sanbao.notices import operations as outbox
from sanbao.notices.doors import Came
from sanbao.notices.models import Address, Incoming, Message
from sanbao.notices.providers import tokens
from tests.cast import NOW, Cast, assemble
from tests.modules.files import corpus
from tests.modules.notices import stubs

OPENID = "oABCD1234_-efghijklmnopqrstu"
OTHER = "oZZZZ1234_-efghijklmnopqrstu"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _set_up(settings: Any) -> None:
    settings.CHANNELS = "maker wechat class=repair-other days=7; maker wecom; maker sms class=advice-use"


@pytest.fixture
def web(settings: Any) -> Iterator[stubs.Web]:
    """The providers' servers."""
    tokens.forget()
    with stubs.serving(stubs.Web()) as server:
        stubs.use_web(server, settings)
        yield server
    tokens.forget()


_numbers = iter(range(1, 10_000))


def come(
    cast: Cast, words: str = "油烟机不转", *, channel: str = "wechat", kind: str = "text", sender: str = OPENID,
    number: str = "", at: Any = NOW, **told: Any,
) -> Incoming:  # fmt: skip
    """One message that comes in and is handled."""
    payload = {"MsgType": kind, "FromUserName": sender, "Content": words} | told
    if channel == "sms":
        payload = {"text": words} | told
    came = Came(number or str(next(_numbers)), kind, sender, payload)
    inbox.receive(cast.company, channel, [came], at=at)
    inbox.drain(now=lambda: at)
    return Incoming.objects.get(channel=channel, external_id=came.external_id)


def solve(cast: Cast, row: Request, at: Any = NOW) -> None:
    by = cast.access("agent")
    row = operations.take(Request.objects.get(pk=row.pk), version=None, by=by, at=at)
    operations.move(row, "solution", version=None, by=by, at=at, text="好了")


# Becoming a request


def test_a_text_becomes_a_request_weighed_promised_and_tied_to_nobody(cast: Cast) -> None:
    """clause ST-2, clause SR-2, clause BA-2: requests by WeChat are registered like any other."""
    row = come(cast, "油烟机不转\n按键也没反应 🙏")
    made = Request.objects.get()
    assert (made.channel, made.category.code, made.writer, made.customer) == (
        "wechat",
        "repair-other",
        OPENID,
        None,
    )
    assert (made.subject, made.description) == ("油烟机不转", "油烟机不转\n按键也没反应 🙏")
    assert made.promises.count() == 3 and made.priority_decision
    assert row.state == "handled"


def test_what_follows_joins_the_newest_open_request_of_the_same_account(cast: Cast) -> None:
    come(cast)
    come(cast, "在吗")
    come(cast, "别家的", sender=OTHER)
    first, second = Request.objects.order_by("pk")
    assert [entry.body for entry in first.entries.filter(kind="message_in")] == ["在吗"]
    assert second.writer == OTHER and not second.entries.filter(kind="message_in").exists()


def test_a_number_in_the_words_chooses_among_several_and_a_strangers_number_does_not(cast: Cast) -> None:
    come(cast, "第一件")
    first = Request.objects.get()
    solve(cast, first)
    come(cast, "第二件", at=NOW + 8 * DAY)
    second = Request.objects.latest("pk")
    assert second != first
    come(cast, f"说的是{first.number}，又坏了", at=NOW + 8 * DAY)
    first.refresh_from_db()
    assert (first.state, first.reopened) == ("working", 1)
    come(cast, f"{second.number} 我也要", sender=OTHER, at=NOW + 8 * DAY)
    third = Request.objects.latest("pk")
    assert third not in (first, second)
    assert second.number in third.entries.get(kind="note").body


@pytest.mark.parametrize(("later", "joins"), [(6 * DAY, True), (8 * DAY, False)])
def test_one_solved_lately_is_opened_again_and_an_older_one_is_not(
    cast: Cast, later: timedelta, joins: bool
) -> None:
    come(cast)
    row = Request.objects.get()
    solve(cast, row)
    come(cast, "又不转了", at=NOW + later)
    row.refresh_from_db()
    assert (Request.objects.count(), row.state) == ((1, "working") if joins else (2, "solved"))


@pytest.mark.parametrize(
    ("words", "state"),
    [("谢谢师傅！", "solved"), ("好的 👍", "solved"), ("OK", "solved"), ("谢谢，但还是漏水", "working")],
)
def test_thanks_open_nothing_again_and_a_complaint_behind_thanks_does(
    cast: Cast, words: str, state: str
) -> None:
    come(cast)
    row = Request.objects.get()
    solve(cast, row)
    come(cast, words, at=NOW + HOUR)
    row.refresh_from_db()
    assert row.state == state and row.entries.filter(kind="message_in", body=words).exists()


def test_the_same_number_again_is_nothing_new(cast: Cast) -> None:
    come(cast, number="23001")
    come(cast, number="23001")
    assert (Request.objects.count(), Incoming.objects.count()) == (1, 1)
    come(cast, "在吗", number="23002")
    come(cast, "在吗", number="23002")
    assert Request.objects.get().entries.filter(kind="message_in").count() == 1


# Pictures, voices, places


def test_a_picture_is_fetched_by_its_number_and_kept_with_the_request(cast: Cast, web: stubs.Web) -> None:
    web.files["m-77"] = ("image/jpeg", corpus.jpeg())
    come(cast, "", kind="image", MediaId="m-77", PicUrl="http://picture.example/1")
    made = Request.objects.get()
    file = made.entries.earliest("id").files.get()
    assert made.subject == "（图片）" and file.name.endswith(".jpg")
    assert "/cgi-bin/media/get" in web.paths()


def test_a_picture_is_fetched_by_its_address_where_we_have_no_access(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    settings.WECHAT_APP = ""
    web.files["/pic/1"] = ("image/jpeg", corpus.jpeg())
    come(cast, "", kind="image", MediaId="m", PicUrl=f"{web.url}/pic/1")
    assert Request.objects.get().entries.earliest("id").files.count() == 1


def test_an_address_within_our_own_network_is_not_asked(cast: Cast, settings: Any) -> None:
    """ASVS 1.3.6: what a message names is fetched as anything from outside is; the message comes in without it."""
    come(cast, "", kind="image", MediaId="", PicUrl="http://169.254.169.254/latest/meta-data/")
    made = Request.objects.get()
    assert not made.entries.earliest("id").files.exists() and "未能取回" in made.description


def test_a_picture_that_can_not_be_had_now_is_waited_for_a_little_and_never_loses_the_message(
    cast: Cast, web: stubs.Web
) -> None:
    web.answers = [(500, {"errcode": -1})] * 9
    web.files["m"] = ("image/jpeg", corpus.jpeg())
    web.answers = []
    web.refuses_tokens = True
    row = come(cast, "", kind="image", MediaId="m")
    assert (row.state, row.error) == ("new", "media") and not Request.objects.exists()
    for minutes in (2, 5):
        inbox.drain(now=lambda minutes=minutes: NOW + timedelta(minutes=minutes))
    assert "未能取回" in Request.objects.get().description


def test_a_token_that_no_longer_holds_is_fetched_anew_for_a_picture(cast: Cast, web: stubs.Web) -> None:
    web.files["a"] = web.files["b"] = ("image/jpeg", corpus.jpeg())
    come(cast, "", kind="image", MediaId="a")
    web.tokens.append("another")
    come(cast, "", kind="image", MediaId="b")
    row = Request.objects.get()
    assert row.entries.get(kind="message_in").files.count() == 1


def test_what_is_no_picture_is_kept_as_a_file_only(cast: Cast, web: stubs.Web) -> None:
    web.files["m"] = ("image/jpeg", b"<html><script>alert(1)</script>")
    come(cast, "", kind="image", MediaId="m")
    assert Request.objects.get().entries.earliest("id").files.get().name.endswith(".bin")


def test_a_voice_message_is_its_recognition_and_the_recording(cast: Cast, web: stubs.Web) -> None:
    web.files["v"] = ("audio/amr", b"#!AMR\n" + b"x" * 60)
    come(cast, "", kind="voice", MediaId="v", Format="amr", Recognition="热水器漏水了")
    made = Request.objects.get()
    assert made.description == "（语音） 热水器漏水了"
    assert made.entries.earliest("id").files.get().name.endswith(".amr")


def test_a_place_is_the_new_requests_address(cast: Cast) -> None:
    come(cast, "", kind="location", Label="杭州市西湖区中山路1号", Location_X="30.2", Location_Y="120.1")
    made = Request.objects.get()
    assert made.address == "杭州市西湖区中山路1号" and "30.2, 120.1" in made.description


def test_a_kind_nobody_knows_joins_a_request_and_makes_none(cast: Cast) -> None:
    assert come(cast, "", kind="hologram").error == "unknown-kind"
    come(cast)
    come(cast, "", kind="hologram")
    assert "hologram" in Request.objects.get().entries.get(kind="message_in").body


def test_what_is_too_long_is_shortened_and_control_characters_are_left_out(cast: Cast) -> None:
    come(cast, "漏" * 9_000 + "\x07")
    made = Request.objects.get()
    assert len(made.description) == 3_900 and len(made.subject) == 40
    come(cast, "\u202e\x00坏了\x1b[0m".replace("\x00", ""))
    assert "\x1b" not in made.entries.get(kind="message_in").body


def test_a_field_that_should_be_text_and_is_a_table_is_no_text(cast: Cast) -> None:
    assert come(cast, Content={"a": {"b": "c"}}).error == "empty"


# Events, other companies


@pytest.mark.parametrize("event", ["unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "something"])
def test_an_event_makes_nothing(cast: Cast, event: str) -> None:
    row = come(cast, "", kind=event, MsgType="event", Event=event)
    assert (row.state, row.error) == ("ignored", "event") and not Request.objects.exists()


def test_who_begins_to_follow_is_greeted_with_hotline_and_link(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    settings.SITE_URL = "https://service.example.com"
    cast.company.hotline = "400-800-1234"
    cast.company.save()
    come(cast, "", kind="subscribe", MsgType="event", Event="subscribe")
    outbox.drain(now=lambda: NOW)
    told = json.loads(web.asked[-1][2])
    assert web.paths()[-1] == "/cgi-bin/message/custom/send" and told["touser"] == OPENID
    assert "400-800-1234" in told["text"]["content"]
    assert "https://service.example.com/service/maker/" in told["text"]["content"].replace("/s/", "/service/")


def test_a_company_that_the_setting_does_not_name_takes_nothing_in(cast: Cast, settings: Any) -> None:
    other = assemble("other", "x-", "别家")
    row = come(other)
    assert (row.state, row.error) == ("ignored", "closed") and not Request.objects.exists()


def test_two_companies_with_one_account_do_not_meet(cast: Cast, settings: Any) -> None:
    """ASVS 8.2.2."""
    settings.CHANNELS += "; other wechat"
    other = assemble("other", "x-", "别家")
    come(cast)
    come(other, f"{Request.objects.get().number} 还是不转")
    assert sorted(row.company.code for row in Request.objects.all()) == ["maker", "other"]


@pytest.mark.parametrize(
    "text",
    [
        "maker",
        "maker fax",
        "maker wechat class=x days=-1",
        "maker wechat colour=red",
        "maker wechat days=999",
    ],
)
def test_a_setting_that_can_not_be_right_says_how_to_write_it(text: str) -> None:
    with pytest.raises(channels.BadSetting, match="SANBAO_CHANNELS"):
        channels.read_settings(text)


# Whose account it is


def test_an_account_belongs_to_a_customer_once_an_agent_says_so(cast: Cast, sign_in: Any) -> None:
    """clause SR-2: the customer is known the next time."""
    customer = customers.register("张三", phone="13800005678", by=cast.access("agent"), at=NOW)
    come(cast)
    row = Request.objects.get()
    page = sign_in("agent")
    form = {
        "category": row.category_id,
        "subject": row.subject,
        "customer": customer.number,
        "version": row.version,
    }
    assert page.post(reverse("intake:amend", args=[row.pk]), form).status_code == 303
    assert Contact.objects.get(wechat=OPENID).customer == customer
    solve(cast, row)
    come(cast, "另一件事", at=NOW + 30 * DAY)
    assert Request.objects.latest("pk").customer == customer


def test_an_account_given_to_another_customer_is_no_longer_the_firsts(cast: Cast) -> None:
    by = cast.access("agent")
    first = customers.register("张三", phone="13800005678", by=by, at=NOW)
    second = customers.register("李四", phone="13900001111", by=by, at=NOW)
    come(cast)
    row = Request.objects.get()
    for customer in (first, second):
        row = operations.amend(row, {"customer": customer}, by=by, at=NOW)
    assert [c.customer for c in Contact.objects.filter(wechat=OPENID, ended_at__isnull=True)] == [second]


def test_a_telephone_in_the_words_ties_nobody_and_is_pointed_out(cast: Cast) -> None:
    """Whoever knows a customer's number is not therefore the customer."""
    customer = customers.register("张三", phone="13800005678", by=cast.access("agent"), at=NOW)
    come(cast, "我是13800005678，查一下我的单子")
    row = Request.objects.get()
    assert (row.customer, row.phone) == (None, "")
    note = row.entries.get(kind="note")
    assert customer.number in note.body and note.internal
    assert not Contact.objects.filter(wechat=OPENID).exists()


def test_the_account_is_masked_on_the_page_and_shown_for_a_reason(cast: Cast, sign_in: Any) -> None:
    """clause GN-8."""
    come(cast)
    row = Request.objects.get()
    page = sign_in("supervisor")
    url = reverse("intake:request", args=[row.pk])
    assert OPENID not in page.get(url).content.decode()
    shown = page.post(reverse("intake:unmask", args=[row.pk]), {"reason": "核对账号"}, follow=True)
    assert OPENID in shown.content.decode()


def test_a_copy_and_an_erasure_find_what_came_and_went_by_the_account(cast: Cast, web: stubs.Web) -> None:
    """PIPL 45, 47: the openid leads to messages that name neither telephone nor name."""
    by = cast.access("agent")
    customer = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    come(cast, "家里的灶具打不着火")
    row = operations.amend(Request.objects.get(), {"customer": customer}, by=by, at=NOW)
    operations.reply(row, "请拍一张照片", by=by, at=NOW)
    outbox.drain(now=lambda: NOW)
    solve(cast, row)
    subject = Subject(cast.company.pk, phone="13800005678")
    told = str([source.copy(subject) for source in personal.SOURCES])
    assert OPENID in told and "打不着火" in told and "请拍一张照片" in told
    with erasing():
        personal.erase(subject, by=cast.access("admin"), at=NOW, reason="x")
    row.refresh_from_db()
    assert row.writer == ""
    assert OPENID not in str(list(Contact.objects.values())) + str(list(Incoming.objects.values())) + str(
        list(Message.objects.values())
    )


# WeCom


def test_a_colleague_who_writes_by_wecom_is_called_by_name(cast: Cast, web: stubs.Web) -> None:
    person: Person = cast.people["support"]
    Address.objects.create(person=person, channel="wecom", address="zhengkai", set_at=NOW)
    come(cast, "工厂样机漏气", channel="wecom", sender="zhengkai", AgentID="1000002")
    row = Request.objects.get()
    assert (row.channel, row.writer, row.contact, row.category.code) == (
        "wecom",
        "zhengkai",
        person.name,
        "other",
    )
    outbox.drain(now=lambda: NOW)
    assert json.loads(web.asked[-1][2])["touser"] == "zhengkai"


def test_an_event_in_wecom_makes_nothing(cast: Cast) -> None:
    row = come(
        cast, "", channel="wecom", sender="a", kind="enter_agent", MsgType="event", Event="enter_agent"
    )
    assert row.error == "event"


# SMS


def test_an_sms_becomes_a_request_of_the_customer_whose_number_it_is(cast: Cast) -> None:
    customer = customers.register("张三", phone="13800005678", by=cast.access("agent"), at=NOW)
    come(cast, "上门时间能改到周六吗", channel="sms", kind="", sender="+86 138 0000 5678")
    row = Request.objects.get()
    assert (row.channel, row.phone, row.writer, row.customer, row.category.code) == (
        "sms", "13800005678", "13800005678", customer, "advice-use"
    )  # fmt: skip


def test_an_sms_joins_the_open_request_with_its_number_whatever_channel_that_came_by(cast: Cast) -> None:
    row = cast.request()
    come(cast, "门牌是2号", channel="sms", kind="", sender="13800005678")
    assert Request.objects.get() == row and row.entries.get(kind="message_in").channel == "sms"


@pytest.mark.parametrize(
    ("sender", "words", "code"),
    [
        ("10086", "您的话费余额不足", "automatic"),
        ("1069012345678901", "中奖", "automatic"),
        ("13800005678", "TD", "stop"),
        ("13800005678", "退订", "stop"),
        ("13800005678", "  ", "empty"),
    ],
)
def test_machines_and_whoever_wants_no_more_sms_are_no_request(
    cast: Cast, sender: str, words: str, code: str
) -> None:
    row = come(cast, words, channel="sms", kind="", sender=sender)
    assert (row.state, row.error) == ("ignored", code) and not Request.objects.exists()


def test_a_report_is_a_report_and_no_request(cast: Cast) -> None:
    message = outbox.send(
        "13800005678", "x", "y", key="k", about=cast.company, by=cast.access("agent"), at=NOW, channel="sms"
    )
    Message.objects.update(state="sent", receipt="sms-1")
    come(cast, channel="sms", kind="delivery", message="sms-1", delivered=True)
    message.refresh_from_db()
    assert message.delivery == "delivered" and not Request.objects.exists()


# Answers


def test_the_receipt_is_confirmed_by_wechat_with_number_and_link(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    """clause BA-2: acknowledged at once, where the customer wrote."""
    settings.SITE_URL = "https://service.example.com"
    come(cast)
    outbox.drain(now=lambda: NOW)
    told = json.loads(web.asked[-1][2])
    row = Request.objects.get()
    assert (web.paths()[-1], told["touser"], told["msgtype"]) == (
        "/cgi-bin/message/custom/send",
        OPENID,
        "text",
    )
    assert row.number in told["text"]["content"] and "https://service.example.com/" in told["text"]["content"]
    assert row.entries.get(kind="message_out").channel == "wechat"


def test_two_machines_that_answer_each_other_end_after_a_handful_of_receipts(
    cast: Cast, web: stubs.Web
) -> None:
    for n in range(9):
        come(cast, "自动回复", at=NOW + n * HOUR)
        solve(cast, Request.objects.latest("pk"), NOW + n * HOUR)
        Request.objects.update(solved_at=NOW - 30 * DAY)
    assert Request.objects.count() == 9
    assert Message.objects.filter(kind="intake:received").count() == 5


def test_a_thousand_messages_of_a_day_are_a_loop_and_stop_at_two_hundred(
    cast: Cast, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sanbao.intake.operations.talking.MOST_MESSAGES_A_DAY", 20)
    rows = [come(cast, f"第{n}张") for n in range(30)]
    assert Request.objects.get().entries.filter(kind="message_in").count() == 20
    assert {row.error for row in rows[21:]} == {"loop"}


def test_when_wechat_takes_no_text_any_more_the_template_goes(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    come(cast)
    for templates, state in (({"*": "T-9"}, "sent"), ({}, "dead")):
        settings.WECHAT_TEMPLATES = templates
        outbox.drain(now=lambda: NOW)
        web.answers = [(200, {"errcode": 45015, "errmsg": "response out of time limit"})]
        operations.reply(Request.objects.get(), "明天上门", by=cast.access("agent"), at=NOW)
        outbox.drain(now=lambda: NOW)
        message = Message.objects.latest("pk")
        assert message.state == state
    assert web.paths().count("/cgi-bin/message/template/send") == 1
    assert message.error.startswith("window")


def test_what_is_said_to_a_merged_request_is_heard_by_the_one_that_was_kept(cast: Cast) -> None:
    kept = cast.request(phone="13900001111")
    come(cast)
    merged = Request.objects.get(writer=OPENID)
    operations.merge(kept, merged, by=cast.access("supervisor"), at=NOW)
    come(cast, "还是不转")
    assert Request.objects.count() == 2
    assert kept.entries.filter(kind="message_in", body="还是不转").exists()
