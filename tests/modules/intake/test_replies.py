"""Writing to the customer: by the way they wrote, or another that is usable; what becomes of it stands in the timeline."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from sanbao.customers import operations as customers
from sanbao.intake import operations
from sanbao.intake.models import Request
from sanbao.intake.ways import ways
from sanbao.knowledge import operations as knowledge
from sanbao.knowledge.models import Phrase
from sanbao.notices import operations as outbox
from sanbao.notices.models import Message
from sanbao.notices.providers import tokens
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.intake.test_chat import OPENID, come
from tests.modules.notices import stubs


@pytest.fixture(autouse=True)
def _set_up(settings: Any, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    settings.CHANNELS = "maker wechat; maker wecom; maker sms"


@pytest.fixture
def web(settings: Any) -> Iterator[stubs.Web]:
    tokens.forget()
    with stubs.serving(stubs.Web()) as server:
        stubs.use_web(server, settings)
        settings.EMAIL_HOST = "mail.example.com"
        yield server
    tokens.forget()


def offered(row: Request, at: Any = NOW) -> list[str]:
    return [way.channel for way in ways(row, at)]


def test_the_way_the_customer_wrote_last_comes_first(cast: Cast, web: stubs.Web) -> None:
    come(cast)
    row = Request.objects.get()
    row.email, row.phone = "zhang@example.com", "13800005678"
    row.save()
    assert offered(row) == ["wechat", "email", "sms"]
    operations.receive_message(
        row, "改用邮件", channel="email", external_id="1", by=cast.access("agent"), at=NOW
    )
    assert offered(row) == ["email", "wechat", "sms"]


def test_a_reply_goes_by_wechat_as_a_text_and_is_the_response(cast: Cast, web: stubs.Web) -> None:
    """clause SR-2, clause GN-3: an answer to the customer stops the clock of the response."""
    come(cast)
    row = Request.objects.get()
    entry = operations.reply(row, "请拍一张照片", by=cast.access("agent"), at=NOW)
    outbox.drain(now=lambda: NOW)
    assert entry.channel == "wechat" and entry.clock == "responded"
    assert json.loads(web.asked[-1][2])["text"]["content"] == "请拍一张照片"


def test_another_way_may_be_chosen_and_one_that_is_none_is_refused(cast: Cast, web: stubs.Web) -> None:
    row = cast.request(email="zhang@example.com")
    assert operations.reply(row, "x", channel="sms", by=cast.access("agent"), at=NOW).channel == "sms"
    outbox.drain(now=lambda: NOW)
    assert json.loads(web.asked[-1][2])["to"] == "13800005678"
    with pytest.raises(Refusal) as refusal:
        operations.reply(row, "x", channel="wechat", by=cast.access("agent"), at=NOW)
    assert (refusal.value.code, refusal.value.field) == ("channel", "channel")


def test_a_known_customers_own_accounts_are_ways_too(cast: Cast, web: stubs.Web) -> None:
    by = cast.access("agent")
    customer = customers.register("张三", phone="13800005678", by=by, at=NOW)
    customers.tie(customer, wechat=OPENID, by=by, at=NOW)
    row = cast.request(customer=customer, phone="")
    assert offered(row) == ["wechat", "sms"], "he has not written by WeChat: only the template can go"
    assert [way.template for way in ways(row, NOW)] == [True, False]


def test_after_48_hours_wechat_takes_the_template_only_and_without_one_it_is_no_way(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    come(cast)
    row = Request.objects.get()
    later = NOW + timedelta(hours=49)
    assert [(way.channel, way.template) for way in ways(row, later)] == [("wechat", True)]
    settings.WECHAT_TEMPLATES = {}
    assert offered(row, later) == [] and offered(row) == ["wechat"]


def test_a_provider_of_templates_only_needs_one_for_replies(
    cast: Cast, web: stubs.Web, settings: Any
) -> None:
    settings.SMS_STYLE = "rpc"
    row = cast.request()
    assert [(way.channel, way.template) for way in ways(row, NOW)] == [("sms", True)]
    settings.SMS_TEMPLATES = {"settlement.paid": "SMS_1"}
    assert offered(row) == []


def test_what_is_too_long_for_the_way_is_refused_with_its_length(cast: Cast, web: stubs.Web) -> None:
    row = cast.request(email="zhang@example.com")
    with pytest.raises(Refusal, match="600"):
        operations.reply(row, "长" * 600, channel="sms", by=cast.access("agent"), at=NOW)
    assert operations.reply(row, "长" * 600, channel="email", by=cast.access("agent"), at=NOW)


def test_the_page_offers_the_ways_and_sends_by_the_one_chosen(
    cast: Cast, web: stubs.Web, sign_in: Any
) -> None:
    row = cast.request(email="zhang@example.com")
    page = sign_in("agent")
    shown = page.get(reverse("intake:request", args=[row.pk])).content.decode()
    assert '<option value="email"' in shown and '<option value="sms"' in shown and "短信每条70字" in shown
    answer = page.post(
        reverse("intake:talk", args=[row.pk]), {"kind": "reply", "channel": "sms", "body": "明天上门"}
    )
    assert answer.status_code == 303 and Message.objects.get().channel == "sms"


def test_a_dead_letter_stands_in_the_timeline_with_its_reason(
    cast: Cast, web: stubs.Web, sign_in: Any
) -> None:
    come(cast)
    row = Request.objects.get()
    outbox.drain(now=lambda: NOW)
    web.answers = [(200, {"errcode": 43004, "errmsg": "require subscribe"})]
    operations.reply(row, "明天上门", by=cast.access("agent"), at=NOW)
    outbox.drain(now=lambda: NOW)
    shown = sign_in("agent").get(reverse("intake:request", args=[row.pk])).content.decode()
    assert "未送达：服务商查无此收件人" in shown or "未送达" in shown
    assert "已发送" in shown, "the receipt went"


def test_a_phrase_comes_into_what_was_written_and_the_name_only_when_it_is_sent(
    cast: Cast, web: stubs.Web, sign_in: Any
) -> None:
    """clause KA-9.4: standard words, filled in; on the page the customer's name stays masked (GN-8)."""
    phrase = knowledge.keep_phrase(
        "hello",
        "问候",
        "{客户}您好，{产品}的{单号}已受理，热线{热线}。",
        by=cast.access("supervisor"),
        at=NOW,
    )
    row = cast.request(email="zhang@example.com", contact="欧阳三丰", model="CXW-260-A8")
    page, url = sign_in("agent"), reverse("intake:talk", args=[row.pk])
    answer = page.post(
        url, {"kind": "reply", "channel": "email", "body": "先写的话", "phrase": phrase.pk, "insert": "1"}
    )
    shown = answer.content.decode()
    assert answer.status_code == 200 and f"先写的话\n{{客户}}您好，CXW-260-A8的{row.number}已受理" in shown
    assert "欧阳三丰" not in shown and not Message.objects.exists()
    refused = page.post(url, {"kind": "reply", "channel": "email", "body": "{客户}您好，{时限}前上门"})
    assert refused.status_code == 422 and "{时限}" in refused.content.decode()
    page.post(url, {"kind": "reply", "channel": "email", "body": "{客户}您好，明天上门"})
    assert Message.objects.get().body == "欧阳三丰您好，明天上门"


def test_another_companys_phrase_is_not_inserted(cast: Cast, sign_in: Any) -> None:
    from tests.cast import assemble

    other = assemble("other", "x-", "别家")
    phrase: Phrase = knowledge.keep_phrase(
        "secret", "别家", "别家的话", by=other.access("supervisor"), at=NOW
    )
    row = cast.request()
    answer = sign_in("agent").post(
        reverse("intake:talk", args=[row.pk]),
        {"kind": "note", "body": "x", "phrase": phrase.pk, "insert": "1"},
    )
    assert "别家的话" not in answer.content.decode()
