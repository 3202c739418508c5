"""SMS, WeCom and WeChat against stub servers over a real socket: what they are told, and what their answers mean."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from sanbao.edge import fetch
from sanbao.edge.fetch import Fetched
from sanbao.notices import signing
from sanbao.notices.failures import Failed, Permanent, Temporary, Unsure, sentence
from sanbao.notices.models import Message
from sanbao.notices.providers import http, provider_for, sms, tokens
from tests.modules.notices import stubs

OPENID = "oABCD1234_-efghijklmnopqrstu"
ADDRESSES = {"sms": "13800001234", "rpc": "13800001234", "wecom": "zhouning", "wechat": OPENID}
WAYS = tuple(ADDRESSES)


@pytest.fixture
def web(settings) -> Iterator[stubs.Web]:
    tokens.forget()
    with stubs.serving(stubs.Web()) as server:
        stubs.use_web(server, settings)
        yield server
    tokens.forget()


def message(way: str, **fields: object) -> Message:
    said: dict[str, object] = {
        "company_id": 1, "key": "k", "channel": "sms" if way == "rpc" else way, "address": ADDRESSES[way],
        "subject": "四月已付款", "body": "四月的结算款已付。", "kind": "settlement.paid", "values": {"month": "4"},
    }  # fmt: skip
    return Message(**(said | fields))


def send(way: str, web: stubs.Web, settings, **fields: object) -> str:
    stubs.use_web(web, settings, "rpc" if way == "rpc" else "json")
    found = message(way, **fields)
    return provider_for(found.channel).send(found).number


# What is sent


def test_a_gateway_is_told_number_text_template_and_values_and_can_check_who_asks(web, settings) -> None:
    """ASVS 4.1.5 (signature of single messages)."""
    number = send("sms", web, settings)
    _path, headers, body = web.asked[0]
    told = json.loads(body)
    assert (told["to"], told["text"], told["template"], told["values"]) == (
        "13800001234", "四月的结算款已付。", "SMS_1", {"month": "4"}
    )  # fmt: skip
    assert number == f"sms-{told['id'][:8]}"
    assert signing.is_signed("our-secret", headers["X-Timestamp"], body, headers["X-Signature"])
    assert not signing.is_signed("our-secret", headers["X-Timestamp"], body + b" ", headers["X-Signature"])


def test_signed_parameters_are_sorted_escaped_and_signed_as_the_cloud_checks_them(web, settings) -> None:
    assert send("rpc", web, settings) == "biz-1"
    fields = {name: values[0] for name, values in parse_qs(web.asked[0][2].decode()).items()}
    assert (fields["TemplateCode"], json.loads(fields["TemplateParam"])) == ("SMS_1", {"month": "4"})
    assert (fields["SignName"], fields["PhoneNumbers"]) == ("和灶", "13800001234")
    signature = fields.pop("Signature")
    query = "&".join(f"{sms._escaped(name)}={sms._escaped(fields[name])}" for name in sorted(fields))
    assert signature == sms.signature("POST", query, "our-secret")


def test_the_signature_is_that_of_the_clouds_own_example() -> None:
    """The example in Alibaba Cloud's documentation of SendSms, signature version 1.0."""
    fields = {
        "AccessKeyId": "testId", "Action": "SendSms", "Format": "XML", "OutId": "123", "PhoneNumbers": "15300000001",
        "RegionId": "cn-hangzhou", "SignName": "阿里云短信测试专用", "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466", "SignatureVersion": "1.0", "TemplateCode": "SMS_71390007",
        "TemplateParam": '{"customer":"test"}', "Timestamp": "2017-07-12T02:42:19Z", "Version": "2017-05-25",
    }  # fmt: skip
    assert sms.signature("GET", sms._query(fields), "testSecret") == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


def test_a_member_in_wecom_gets_heading_and_text_and_second_copies_are_checked(web, settings) -> None:
    assert send("wecom", web, settings) == "m-1"
    told = json.loads(web.asked[-1][2])
    assert (told["touser"], told["agentid"], told["enable_duplicate_check"]) == ("zhouning", 1000002, 1)
    assert told["text"]["content"] == "四月已付款\n四月的结算款已付。"


def test_a_text_too_long_for_wecom_is_cut_between_characters(web, settings) -> None:
    send("wecom", web, settings, body="三包" * 800)
    text = json.loads(web.asked[-1][2])["text"]["content"]
    assert len(text.encode()) <= 2_048 and text[-2:] in ("三…", "包…")


def test_a_follower_in_wechat_gets_the_template_filled_in(web, settings) -> None:
    assert send("wechat", web, settings) == "m-1"
    told = json.loads(web.asked[-1][2])
    assert (told["touser"], told["template_id"], told["data"]) == (OPENID, "T-9", {"month": {"value": "4"}})
    send("wechat", web, settings)
    assert json.loads(web.asked[-1][2])["client_msg_id"] == told["client_msg_id"]


def test_without_values_heading_and_text_fill_the_template(web, settings) -> None:
    send("rpc", web, settings, values={}, kind="other")
    fields = parse_qs(web.asked[0][2].decode())
    assert fields["TemplateCode"] == ["SMS_9"]
    assert json.loads(fields["TemplateParam"][0]) == {"title": "四月已付款", "content": "四月的结算款已付。"}


@pytest.mark.parametrize("way", ["rpc", "wechat"])
def test_without_a_template_it_is_refused_for_good(web, settings, way: str) -> None:
    stubs.use_web(web, settings, way)
    settings.SMS_TEMPLATES = settings.WECHAT_TEMPLATES = {"other": "X"}
    with pytest.raises(Permanent, match=r"template: settlement\.paid"):
        found = message(way)
        provider_for(found.channel).send(found)
    assert "/rpc" not in web.paths() and "/cgi-bin/message/template/send" not in web.paths()


# What the provider does


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("does", "failure", "arrived"),
    [
        ("fine", None, 1),
        ("busy", Temporary, 0),
        ("drop", Unsure, 0),
        ("accept-drop", Unsure, 1),
        ("delay", Unsure, 1),
        ("lie", Unsure, 1),
        ("nonsense", Unsure, 1),
    ],
)
def test_what_the_provider_does_decides_whether_it_may_arrive_twice(
    web, settings, monkeypatch, way: str, does: str, failure: type[Failed] | None, arrived: int
) -> None:
    web.plan = lambda: does
    if does == "delay":
        monkeypatch.setattr(http, "SECONDS", stubs.PATIENCE)
    if failure is None:
        send(way, web, settings)
    else:
        with pytest.raises(failure) as failed:
            send(way, web, settings)
        assert ADDRESSES[way] not in str(failed.value) and "secret" not in str(failed.value)
        assert str(sentence(str(failed.value)))
    assert web.arrived.total() == arrived


@pytest.mark.parametrize("way", WAYS)
def test_a_provider_that_is_not_there_surely_has_nothing(web, settings, way: str) -> None:
    stubs.use_web(web, settings, "rpc" if way == "rpc" else "json")
    nobody = "http://127.0.0.1:9"
    settings.FETCH_ALLOWED = ["127.0.0.1:9"]
    settings.SMS_URL = settings.WECOM_URL = settings.WECHAT_URL = nobody
    with pytest.raises(Temporary, match="unreachable"):
        found = message(way)
        provider_for(found.channel).send(found)


def test_a_gateway_that_knows_the_number_has_accepted(web, settings) -> None:
    """It accepted, answered 500, and knows our number the second time: one copy arrives."""
    web.plan = iter(["lie", "fine"]).__next__
    with pytest.raises(Unsure):
        send("sms", web, settings)
    send("sms", web, settings)
    assert web.arrived.total() == 1


@pytest.mark.parametrize(
    ("way", "answer", "failure", "code"),
    [
        ("sms", (400, {}), Permanent, "refused: 400"),
        ("sms", (422, {}), Permanent, "refused: 422"),
        ("sms", (401, {}), Temporary, "login: 401"),
        ("sms", (404, {}), Temporary, "answered: 404"),
        ("sms", (302, {}), Temporary, "answered: 302"),
        ("sms", (200, {}), Unsure, "nonsense: 200"),
        ("sms", (200, [1]), Unsure, "nonsense: 200"),
        ("sms", (503, {}), Unsure, "broke-off: 503"),
        ("rpc", (400, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), Permanent, "recipient: isv.MOBILE_NUMBER_ILLEGAL"),
        ("rpc", (200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}), Temporary, "busy: isv.BUSINESS_LIMIT_CONTROL"),
        ("rpc", (200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL"}), Permanent, "refused: isv.SMS_TEMPLATE_ILLEGAL"),
        ("rpc", (400, {"Code": "SignatureDoesNotMatch"}), Temporary, "login: SignatureDoesNotMatch"),
        ("rpc", (200, {"Code": "isp.SYSTEM_ERROR"}), Unsure, "broke-off: isp.SYSTEM_ERROR"),
        ("rpc", (200, {"Code": "isv.SOMETHING_NEW"}), Temporary, "answered: isv.SOMETHING_NEW"),
        ("wecom", (200, {"errcode": 81013}), Permanent, "recipient: 81013"),
        ("wecom", (200, {"errcode": 0, "invaliduser": "zhouning"}), Permanent, "recipient: invaliduser"),
        ("wecom", (200, {"errcode": 45009}), Temporary, "busy: 45009"),
        ("wecom", (200, {"errcode": 60020}), Temporary, "login: 60020"),
        ("wecom", (200, {"errcode": 44004}), Permanent, "refused: 44004"),
        ("wecom", (200, {"errcode": -1}), Temporary, "busy: -1"),
        ("wecom", (200, {"errcode": 99999}), Temporary, "answered: 99999"),
        ("wecom", (200, {"msgid": "x"}), Unsure, "nonsense"),
        ("wechat", (200, {"errcode": 43004}), Permanent, "recipient: 43004"),
        ("wechat", (200, {"errcode": 40037}), Permanent, "refused: 40037"),
        ("wechat", (200, {"errcode": 45009}), Temporary, "busy: 45009"),
        ("wechat", (200, {"errcode": True}), Unsure, "nonsense"),
    ],
)  # fmt: skip
def test_an_answer_says_whether_to_try_again(web, settings, way, answer, failure, code) -> None:
    web.answers = [answer]
    with pytest.raises(failure) as failed:
        send(way, web, settings)
    assert str(failed.value) == code


# Tokens


def test_a_token_is_fetched_once_for_many_messages(web, settings) -> None:
    for number in range(3):
        send("wecom", web, settings, key=str(number))
    assert web.paths().count("/cgi-bin/gettoken") == 1


@pytest.mark.parametrize("code", [42001, 40014])
def test_a_token_that_no_longer_holds_is_fetched_anew_and_the_message_goes(web, settings, code: int) -> None:
    send("wecom", web, settings)
    web.answers = [(200, {"errcode": code})]
    send("wecom", web, settings)
    assert web.paths().count("/cgi-bin/gettoken") == 2
    assert web.arrived["zhouning"] == 2


def test_wechat_is_asked_for_a_new_token_only_where_the_old_one_was_refused(web, settings) -> None:
    send("wechat", web, settings)
    web.answers = [(200, {"errcode": 40001})]
    send("wechat", web, settings)
    asked = [
        json.loads(body)["force_refresh"] for path, _headers, body in web.asked if "stable_token" in path
    ]
    assert asked == [False, True]


def test_a_token_refused_twice_is_tried_later(web, settings) -> None:
    web.refuses_tokens = True
    with pytest.raises(Temporary, match="login: 42001"):
        send("wecom", web, settings)
    assert web.paths().count("/cgi-bin/message/send") == 2


def test_a_token_is_fetched_anew_before_it_ends(web, settings, monkeypatch) -> None:
    send("wecom", web, settings)
    monkeypatch.setattr(tokens.time, "monotonic", lambda real=tokens.time.monotonic: real() + 6_950)
    assert tokens.token((web.url, "corp"), lambda: ("fresh", 7200)) == "fresh"


@pytest.mark.parametrize(
    ("answer", "code"),
    [((200, {"errcode": 40001}), "login: 40001"), ((200, {"errcode": -1}), "busy: -1"), ((200, {}), "nonsense: 200"),
     ((502, {}), "answered: 502"), ((200, "no"), "nonsense: 200")],
)  # fmt: skip
def test_without_a_token_surely_nothing_was_sent(web, settings, monkeypatch, answer, code: str) -> None:
    body = answer[1] if isinstance(answer[1], str) else json.dumps(answer[1])
    monkeypatch.setattr(fetch, "safe_fetch", lambda *a, **k: Fetched(answer[0], {}, body.encode()))
    with pytest.raises(Temporary) as failed:
        send("wecom", web, settings)
    assert str(failed.value) == code


def test_nobody_is_called_whose_address_is_not_public(web, settings) -> None:
    """ASVS 1.3.6: a provider's address in the settings goes through the one way out."""
    stubs.use_web(web, settings)
    settings.FETCH_ALLOWED = []
    with pytest.raises(Temporary, match="unreachable: address"):
        provider_for("sms").send(message("sms"))
    assert not web.asked
