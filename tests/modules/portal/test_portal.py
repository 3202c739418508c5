"""The customer's pages: asked for without an account, followed by a link, and nothing else is in reach."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from sanbao.accounts.models import Company
from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.intake import links
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Request
from sanbao.notices.models import Message
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.regulations import operations as regulations
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def typed(cast: Cast) -> dict[str, object]:
    """What a customer types."""
    return {
        "category": Category.objects.get(company=cast.company, code="repair-noise").pk,
        "subject": "油烟机响声很大", "description": "开大档就响", "contact": "张三丰", "phone": "138 0000 5678", "agree": "on",
    }  # fmt: skip


def _url(cast: Cast, name: str, *more: object) -> str:
    return reverse(f"portal:{name}", args=[cast.company.code, *more])


def _ask(cast: Cast, data: dict[str, object]):
    return Client().post(_url(cast, "ask"), data)


def picture(name: str = "label.jpg") -> SimpleUploadedFile:
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(held, "JPEG")
    return SimpleUploadedFile(name, held.getvalue(), "image/jpeg")


def test_a_customer_asks_on_the_web_and_it_is_registered_weighed_and_promised(cast: Cast, typed) -> None:
    """clause ST-2, clause BA-2, MO-1: whoever asks sees at once that it was received, under which number, and what is promised."""
    answer = _ask(cast, typed | {"photos": [picture(), picture("fault.jpg")]})
    row = Request.objects.get()
    assert (answer.status_code, row.channel, row.phone, row.contact) == (303, "web", "13800005678", "张三丰")
    assert row.promises.count() == 3 and row.priority_decision and row.team
    page = Client().get(answer.url).content.decode()
    assert row.number in page and "label.jpg" in page and "fault.jpg" in page
    assert "首次答复" in page and "解决" in page
    assert Event.objects.filter(action="intake:request:registered", by=None).count() == 1


def test_danger_makes_it_urgent(cast: Cast, typed) -> None:
    """clause BA-3: gas, electricity and water raise it."""
    _ask(cast, typed | {"danger": ["gas"]})
    row = Request.objects.get()
    assert (row.level, row.severity, row.flags) == ("urgent", "danger", ["gas"])


def test_the_form_sent_twice_registers_once(cast: Cast, typed) -> None:
    data = typed | {"once": "0123456789abcdef"}
    assert _ask(cast, data).status_code == _ask(cast, data).status_code == 303
    assert Request.objects.count() == 1


def test_control_two_forms_are_two_requests(cast: Cast, typed) -> None:
    _ask(cast, typed | {"once": "0123456789abcdef"})
    _ask(cast, typed | {"once": "fedcba9876543210"})
    assert Request.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"phone": "12"}, "电话"), ({"subject": ""}, "必填"), ({"agree": ""}, "必填"), ({"category": "9999999"}, "选择"), ({"website": "http://x"}, "")],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_told_at_the_field_and_nothing_is_registered(
    cast: Cast, typed, wrong: dict[str, str], sentence: str
) -> None:
    answer = _ask(cast, typed | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Request.objects.exists()


def test_a_file_that_is_no_photograph_is_named(cast: Cast, typed) -> None:
    answer = _ask(cast, typed | {"photos": [picture(), SimpleUploadedFile("virus.exe", b"MZ" + b"0" * 90)]})
    assert answer.status_code == 422 and "virus.exe" in answer.content.decode()
    assert not Request.objects.exists()


def test_the_serial_finds_the_unit_and_the_telephone_the_customer(cast: Cast, typed) -> None:
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", vip=True, by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("A1234567", model, customer=customer, by=by, at=NOW)
    assert model.code in Client().get(_url(cast, "ask") + "?serial=a1234567").content.decode()
    _ask(cast, typed | {"serial": "a1234567"})
    row = Request.objects.get()
    assert (row.customer, row.unit, row.flags) == (customer, unit, ["vip"])


def test_a_telephone_that_two_customers_share_makes_it_nobodys(cast: Cast, typed) -> None:
    for name in ("张三丰", "李四"):
        customers.register(name, phone="13800005678", by=cast.access("supervisor"), at=NOW)
    _ask(cast, typed)
    assert Request.objects.get().customer is None


def test_number_and_telephone_give_the_link_again_and_half_of_it_does_not(cast: Cast) -> None:
    row = cast.request()
    find = _url(cast, "find")
    found = Client().post(find, {"number": row.number.lower(), "phone": "13800005678"})
    assert found.status_code == 303 and row.number in Client().get(found.url).content.decode()
    wrong = [
        Client().post(find, given).content.decode()
        for given in ({"number": row.number, "phone": "13800005679"}, {"number": "S260520-999", "phone": "13800005678"})
    ]  # fmt: skip
    assert all("没有找到" in page for page in wrong)


def test_a_link_opens_its_request_only_and_no_other_company_s(cast: Cast) -> None:
    """ASVS 8.2.2."""
    row, other = cast.request(), cast.request(subject="别人家的事")
    token = links.token(row)
    page = Client().get(_url(cast, "request", token)).content.decode()
    assert "别人家的事" not in page and other.number not in page
    forged = token.replace(str(row.pk), str(other.pk), 1)
    lost = Client().get(_url(cast, "request", forged))
    assert lost.status_code == 404
    assert "链接不完整或已失效" in lost.content.decode()
    assert _url(cast, "find") in lost.content.decode()
    foreign = Company.objects.create(code="other", name="别家", short_name="别家")
    assert Client().get(reverse("portal:request", args=[foreign.code, token])).status_code == 404


def test_a_link_grows_old(cast: Cast, time_machine) -> None:
    url = _url(cast, "request", links.token(cast.request()))
    time_machine.move_to(NOW + timedelta(days=365), tick=False)
    assert Client().get(url).status_code == 200
    time_machine.move_to(NOW + timedelta(days=367), tick=False)
    assert Client().get(url).status_code == 404


def test_notes_of_colleagues_and_who_they_are_are_not_shown(cast: Cast) -> None:
    row, by = cast.request(), cast.access("agent")
    note = intake.note(row, "客户很难缠", by=by, at=NOW)
    intake.say_called(row, "已电话指导", reached=True, by=by, at=NOW)
    page = Client().get(_url(cast, "request", links.token(row))).content.decode()
    assert "已电话指导" in page
    assert note.body not in page and cast.people["agent"].name not in page
    assert row.phone not in page and row.contact not in page and row.address not in page


def test_a_file_among_colleagues_can_not_be_fetched_by_the_link(cast: Cast) -> None:
    from sanbao.files.operations import keep

    row, by = cast.request(), cast.access("agent")
    hidden, sent = (keep(b"x", name, by=by, at=NOW) for name in ("in.txt", "out.txt"))
    intake.note(row, "见附件", files=[hidden], by=by, at=NOW)
    intake.receive_message(row, "照片", channel="web", external_id="", files=[sent], by=by, at=NOW)
    token = links.token(row)
    assert Client().get(_url(cast, "file", token, sent.pk)).status_code == 200
    assert Client().get(_url(cast, "file", token, hidden.pk)).status_code == 404


def test_a_word_from_the_customer_stands_in_the_timeline_and_opens_what_was_solved(cast: Cast) -> None:
    """clause ST-4: the customer says it is not solved."""
    row = _solved(cast)
    answer = Client().post(_url(cast, "write", links.token(row)), {"body": "还是响"})
    row.refresh_from_db()
    assert (answer.status_code, row.state, row.reopened) == (303, "working", 1)
    assert row.entries.latest("id").body == "还是响"


def test_nothing_written_is_told_at_the_field(cast: Cast) -> None:
    row = cast.request()
    answer = Client().post(_url(cast, "write", links.token(row)), {"body": " "})
    assert answer.status_code == 422 and row.entries.filter(kind="message_in").count() == 0


def _solved(cast: Cast) -> Request:
    row, by = cast.request(), cast.access("agent")
    row = intake.take(row, version=row.version, by=by, at=NOW)
    return intake.move(row, "solution", version=row.version, by=by, at=NOW, text="已指导清理")


def test_the_customer_confirms_and_it_is_closed_with_the_words(cast: Cast) -> None:
    """clause BA-5, ST-4: request, solution and feedback stay together."""
    row = _solved(cast)
    url = _url(cast, "confirm", links.token(row))
    assert Client().post(url, {"words": "很满意"}).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.solution, row.feedback, row.closed_at) == ("closed", "已指导清理", "很满意", NOW)
    assert Client().post(url, {"words": "再说一次"}).status_code == 409, "closed already"


def test_what_is_not_solved_can_not_be_confirmed(cast: Cast) -> None:
    row = cast.request()
    assert Client().post(_url(cast, "confirm", links.token(row)), {"words": ""}).status_code == 409
    row.refresh_from_db()
    assert row.state != "closed"


def test_the_customer_withdraws_and_nothing_is_promised_any_more(cast: Cast) -> None:
    row = cast.request()
    url = _url(cast, "withdraw", links.token(row))
    assert Client().post(url, {"words": ""}).status_code == 422, "why is asked"
    assert Client().post(url, {"words": "自己修好了"}).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.reason, row.due_at) == ("cancelled", "自己修好了", None)
    assert Event.objects.get(action="intake:request:withdrawn").details["reason"] == "自己修好了"


def test_the_policy_says_what_the_rulebooks_in_force_promise(cast: Cast) -> None:
    """clause MO-1, KA-5.1, GN-3: warranty and promises are read from the editions, not written twice."""
    page = Client().get(_url(cast, "policy")).content.decode()
    for words in ("整机保修", "吸油烟机电机保修", "更换的配件保修", "24", "3"):
        assert words in page
    assert "8:30" in page.replace("08:30", "8:30")


def test_the_policy_says_exchange_and_return_charges_and_the_cap_on_parts_each_with_clause_and_day(
    cast: Cast,
) -> None:
    """clause MO-1, KA-4.3, KA-5.2, KA-6.2: readable by customers, with what it rests on and since when."""
    page = Client().get(_url(cast, "policy")).content.decode()
    for words in (
        "可退货", "7日", "可换货", "15日", "2次", "部分商品修理更换退货责任规定", "第9条", "1995-08-25", "吸油烟机", "60 元", "工时费", "40%", "60%",
        "KA-6.2", "KA-5.1", "2000-01-01", cast.company.hotline,
    ):  # fmt: skip
        assert words in page, words
    assert "three-guarantees" not in page, "a customer looks a law up by its title"


def test_a_tariff_of_the_company_s_own_is_shown_the_same_day(cast: Cast) -> None:
    """clause MO-1: what is published follows the rulebook in force."""
    before = Client().get(_url(cast, "policy")).content.decode()
    regulations.set_own_values(
        "charges", {"markup_below": [(NOW.date(), Decimal("0.55"), "appliance KA-6.2")]}, edition="和灶-1", by=cast.access("admin"), at=NOW
    )  # fmt: skip
    after = Client().get(_url(cast, "policy")).content.decode()
    assert "55%" not in before and "55%" in after and "2026-05-20" in after


def test_whoever_asks_too_often_is_braked(cast: Cast, typed, settings) -> None:
    """ASVS 2.4.1: a script can't fill the desk; the control is the first thirty."""
    settings.RATES = True
    answers = [_ask(cast, typed | {"once": f"0123456789-{n:05}"}).status_code for n in range(31)]
    assert answers[:30] == [303] * 30 and answers[30] == 429


def test_numbers_can_not_be_guessed_for_long(cast: Cast, settings) -> None:
    """ASVS 6.3.1."""
    settings.RATES = True
    row = cast.request()
    tried = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(_url(cast, "find"), {"number": row.number, "phone": f"138000056{n:02}"}).status_code
        for n in range(31)
    ]  # fmt: skip
    assert tried[:30] == [422] * 30 and tried[30] == 429


def test_the_receipt_is_confirmed_by_mail_with_the_link_where_mail_is_set_up(
    cast: Cast, typed, settings
) -> None:
    """clause BA-2: acknowledged at once."""
    settings.EMAIL_HOST, settings.SITE_URL = "mail.example.com", "https://service.example.com"
    _ask(cast, typed | {"email": "zhang@example.com"})
    message, row = Message.objects.get(), Request.objects.get()
    assert (message.address, message.secret, message.about) == (
        "zhang@example.com",
        True,
        f"intake.request:{row.pk}",
    )
    assert row.entries.filter(kind="message_out", internal=False).count() == 1


def test_control_without_mail_nothing_is_written_that_could_not_be_sent(cast: Cast, typed) -> None:
    _ask(cast, typed | {"email": "zhang@example.com"})
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["home", "ask", "find", "mine", "policy"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_without_an_account_and_an_unknown_company_is_404(
    cast: Cast, name: str, language: str
) -> None:
    client = Client(headers={"Accept-Language": language})
    assert client.get(_url(cast, name)).status_code == 200
    assert client.get(reverse(f"portal:{name}", args=["nowhere"])).status_code == 404
