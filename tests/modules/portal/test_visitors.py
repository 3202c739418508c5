"""A customer comes in by a code to the telephone, and sees what is theirs and nothing else."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Request
from sanbao.notices.models import Message
from sanbao.notices.sealing import content
from sanbao.portal import visitors
from sanbao.portal.models import Code, Visit
from sanbao.portal.operations import door
from sanbao.portal.personal import Source
from sanbao.products import operations as products
from sanbao.products.models import Model, Unit
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("set_up")
PHONE, OTHER = "13800005678", "13900001111"


@pytest.fixture
def set_up(time_machine, settings) -> None:
    time_machine.move_to(NOW, tick=False)
    settings.SMS_URL = "https://sms.example.com/send"


def _url(cast: Cast, name: str, *more: object) -> str:
    return reverse(f"portal:{name}", args=[cast.company.code, *more])


def _ask_for_code(cast: Cast, client: Client, phone: str = PHONE):
    return client.post(_url(cast, "mine"), {"phone": phone})


def _digits() -> str:
    return re.findall(r"\d{6}", content(Message.objects.latest("id")).body)[0]


def come_in(cast: Cast, phone: str = PHONE) -> Client:
    client = Client()
    answer = _ask_for_code(cast, client, phone)
    assert client.post(answer.url, {"code": _digits()}).status_code == 303
    return client


def _page(cast: Cast, client: Client) -> str:
    return client.get(_url(cast, "mine")).content.decode()


def _known(cast: Cast, name: str = "张三丰", phone: str = PHONE, serial: str = "CXW260A8260000001") -> Unit:
    by = cast.access("supervisor")
    customer = customers.register(name, phone=phone, address="杭州市西湖区中山路1号", by=by, at=NOW)
    model = Model.objects.get(company=cast.company, code="CXW-260-A8")
    return products.register_unit(
        serial, model, customer=customer, purchased_on=date(2026, 1, 10), by=by, at=NOW
    )


def test_whoever_types_the_code_sees_all_their_requests_and_appliances_with_the_why(cast: Cast) -> None:
    """clause ST-2, clause DP-2, clause KA-5.1: open and past requests, each with its link, and the warranty component by component."""
    unit = _known(cast)
    row, old = cast.request(), cast.request(subject="灶具打不着火")
    intake.withdraw(old, "好了", by=door(cast.company), at=NOW)
    page = _page(cast, come_in(cast))
    for told in (
        row.number,
        old.number,
        unit.serial,
        "整机",
        "电机",
        "2027-01-10",
        "KA-5.1",
        "138****5678",
        "解决",
    ):
        assert told in page, told
    assert page.index(row.number) < page.index(unit.serial) < page.index(old.number)


def test_nothing_of_other_customers_and_no_clear_data_stand_there(cast: Cast) -> None:
    _known(cast)
    _known(cast, "李四", OTHER, "CXW260A8260000002")
    other = cast.request(subject="别人家的事", phone=OTHER)
    page = _page(cast, come_in(cast))
    for hidden in ("CXW260A8260000002", other.number, "别人家的事", "李四", "张三丰", PHONE, "中山路"):
        assert hidden not in page, hidden


def test_the_code_is_kept_sealed_and_hashed_and_stands_in_no_event(cast: Cast) -> None:
    """ASVS 11.4.2, 14.2.1."""
    _ask_for_code(cast, Client())
    message, code, digits = Message.objects.get(), Code.objects.get(), _digits()
    assert (message.secret, message.channel, message.address, message.kind) == (
        True,
        "sms",
        PHONE,
        "portal:code",
    )
    assert digits not in message.body and digits not in code.code_hash
    event = Event.objects.get(action="portal:code:sent")
    assert PHONE not in event.label + str(event.details) and digits not in event.label + str(event.details)


def test_a_number_nobody_knows_is_answered_in_the_same_way_and_gets_its_code_too(cast: Cast) -> None:
    """ASVS 6.3.8: neither the answer nor the work behind it tells which numbers we know."""
    _known(cast)
    cast.request()
    known, unknown = (_ask_for_code(cast, Client(), phone) for phone in (PHONE, "13700000000"))
    assert known.status_code == unknown.status_code == 303 and len(known.url) - len(unknown.url) in (-1, 0, 1)
    pages = [
        Client().get(answer.url).content.decode().replace(shown, "")
        for answer, shown in ((known, "138****5678"), (unknown, "137****0000"))
    ]
    plain = [
        re.sub(r'"[\w-]{16,}"', "", re.sub(r"/mine/[^/\"]+/", "", page)) for page in pages
    ]  # keys of forms
    assert plain[0] == plain[1]
    assert Message.objects.count() == 2


def test_the_same_statements_are_run_for_a_number_that_is_known_and_one_that_is_not(cast: Cast) -> None:
    _known(cast)
    counts = []
    _ask_for_code(cast, Client(), "13700000001")  # what is looked up once is looked up
    for phone in (PHONE, "13700000000"):
        with CaptureQueriesContext(connection) as asked:
            _ask_for_code(cast, Client(), phone)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_wrong_code_is_refused_five_times_and_then_the_right_one_too(cast: Cast) -> None:
    """ASVS 6.6.3: a code of a million can't be tried out."""
    client = Client()
    url, digits = _ask_for_code(cast, client).url, _digits()
    wrong = "000000" if digits != "000000" else "111111"
    for _try in range(visitors.MOST_TRIES):
        answer = client.post(url, {"code": wrong})
        assert answer.status_code == 422 and "不正确" in answer.content.decode()
    assert client.post(url, {"code": digits}).status_code == 422
    assert not Visit.objects.exists()


def test_control_after_four_wrong_ones_the_right_one_lets_in(cast: Cast) -> None:
    client = Client()
    url, digits = _ask_for_code(cast, client).url, _digits()
    for _try in range(visitors.MOST_TRIES - 1):
        client.post(url, {"code": "x"})
    assert client.post(url, {"code": digits}).status_code == 303


def test_a_code_grows_old(cast: Cast, time_machine) -> None:
    client = Client()
    url, digits = _ask_for_code(cast, client).url, _digits()
    time_machine.move_to(NOW + timedelta(minutes=9, seconds=59), tick=False)
    assert client.get(url).status_code == 200
    time_machine.move_to(NOW + timedelta(minutes=10), tick=False)
    answer = client.post(url, {"code": digits}, follow=True)
    assert not Visit.objects.exists() and "过期" in answer.content.decode()


def test_a_code_is_good_once_and_at_the_address_it_was_asked_for_only(cast: Cast) -> None:
    client = Client()
    url, digits = _ask_for_code(cast, client).url, _digits()
    assert client.post(url, {"code": digits}).status_code == 303
    assert client.post(url, {"code": digits}).status_code == 422, "used"
    other = _ask_for_code(cast, Client(), OTHER)
    assert Client().post(other.url, {"code": digits}).status_code == 422 or digits == _digits()
    foreign = Company.objects.create(code="other", name="别家", short_name="别家")
    handle = other.url.rstrip("/").rsplit("/", 1)[-1]
    assert (
        Client().get(reverse("portal:code", args=[foreign.code, handle])).url.endswith("/service/other/mine/")
    )


def test_a_visit_ends_after_two_hours_and_by_the_button_on_every_machine(cast: Cast, time_machine) -> None:
    """ASVS 7.3.1, 7.4.1: the cookie is worth nothing afterwards."""
    cast.request()
    client = come_in(cast)
    assert "S26" in _page(cast, client)
    copy = Client()
    copy.cookies[visitors.COOKIE] = client.cookies[visitors.COOKIE].value
    assert "S26" in _page(cast, copy), "control: the cookie is the key"
    assert client.post(_url(cast, "leave")).status_code == 303
    assert "S26" not in _page(cast, copy)
    late = come_in(cast)
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)
    assert "S26" not in _page(cast, late)


def test_the_cookie_is_for_these_pages_only_and_not_for_scripts(cast: Cast) -> None:
    """ASVS 3.3.1 to 3.3.4."""
    cookie = come_in(cast).cookies[visitors.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Lax",
        "/service/maker/",
        7200,
    )
    assert cookie.value not in Visit.objects.get().key_hash


def test_a_visit_to_one_company_is_none_to_another_and_no_sign_in(cast: Cast) -> None:
    client = come_in(cast)
    foreign = Company.objects.create(code="other", name="别家", short_name="别家")
    client.cookies[visitors.COOKIE]["path"] = "/"
    assert "离开" not in client.get(reverse("portal:mine", args=[foreign.code])).content.decode()
    assert client.get(reverse("intake:requests")).status_code == 302


def test_a_number_of_two_customers_shows_what_was_asked_with_it_and_nobodys_appliances(cast: Cast) -> None:
    """Two customers with one telephone: whose appliances they are is not proven by it."""
    _known(cast)
    second = _known(cast, "李四", PHONE, "CXW260A8260000002")
    row = cast.request()
    theirs = cast.request(subject="李四的另一件事", phone=OTHER, customer=second.customer)
    page = _page(cast, come_in(cast))
    assert row.number in page and "几位客户" in page
    assert "CXW260A8" not in page and theirs.number not in page


def test_a_request_with_another_number_for_the_same_customer_is_there(cast: Cast) -> None:
    unit = _known(cast)
    row = cast.request(subject="用办公电话报修", phone="0571-88888888", customer=unit.customer)
    assert row.number in _page(cast, come_in(cast))


def test_service_for_an_appliance_needs_one_press_and_no_typing_of_what_is_known(cast: Cast) -> None:
    """clause ST-2: serial, model, name, telephone and address are taken as they are known; on the page they stand masked."""
    unit, client = _known(cast), None
    client = come_in(cast)
    ask = re.search(r'href="([^"]+ask/\?serial=[^"]+)"', _page(cast, client)).group(1)
    form = client.get(ask).content.decode()
    assert unit.serial in form and "CXW-260-A8" in form and "张三丰" not in form and "中山路" not in form
    noise = Category.objects.get(company=cast.company, code="repair-noise").pk
    answer = client.post(
        ask, {"category": noise, "subject": "响", "serial": unit.serial, "agree": "on", "phone": OTHER}
    )
    assert answer.status_code == 303
    row = Request.objects.get()
    assert (row.phone, row.contact, row.unit, row.customer) == (PHONE, "张三丰", unit, unit.customer)
    assert row.address == "杭州市西湖区中山路1号"


def test_control_without_a_visit_name_and_telephone_are_asked_for(cast: Cast) -> None:
    _known(cast)
    noise = Category.objects.get(company=cast.company, code="repair-noise").pk
    answer = Client().post(_url(cast, "ask"), {"category": noise, "subject": "响", "agree": "on"})
    assert answer.status_code == 422 and {"phone", "contact"} <= set(answer.context["form"].errors)


def test_without_an_sms_provider_the_page_says_so_and_shows_the_other_way(cast: Cast, settings) -> None:
    settings.SMS_URL = ""
    page = Client().get(_url(cast, "mine")).content.decode()
    assert "不能发送短信验证码" in page and _url(cast, "find") in page
    assert _ask_for_code(cast, Client()).status_code == 422
    assert not Message.objects.exists() and not Code.objects.exists()


@pytest.mark.parametrize("phone", ["0571-88888888", "12", "", "1380000567a"])
def test_what_is_no_mobile_number_is_told_at_the_field(cast: Cast, phone: str) -> None:
    answer = _ask_for_code(cast, Client(), phone)
    assert answer.status_code == 422 and answer.context["form"].errors["phone"]
    assert not Code.objects.exists()


def test_a_number_gets_five_codes_an_hour_from_wherever_they_are_asked_for(cast: Cast, settings) -> None:
    """ASVS 6.6.3: nobody is flooded with SMS; counted in the database."""
    settings.RATES = True
    asked = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(_url(cast, "mine"), {"phone": PHONE}).status_code
        for n in range(6)
    ]
    assert asked == [303] * 5 + [429]
    assert Message.objects.count() == 5


def test_an_address_gets_twenty_codes_an_hour(cast: Cast, settings) -> None:
    settings.RATES = True
    asked = [_ask_for_code(cast, Client(), f"138000010{n:02}").status_code for n in range(21)]
    assert asked == [303] * 20 + [429]


def test_codes_can_not_be_tried_on_many_numbers(cast: Cast, settings) -> None:
    settings.RATES = True
    url = _ask_for_code(cast, Client()).url
    tried = [Client().post(url, {"code": "x"}).status_code for _n in range(31)]
    assert tried == [422] * 30 + [429]


def test_a_forged_address_of_a_code_opens_nothing(cast: Cast) -> None:
    assert Client().post(_url(cast, "code", "1:forged"), {"code": "123456"}).url == _url(cast, "mine")


def test_codes_and_visits_are_forgotten_after_a_day_and_with_their_person(cast: Cast, time_machine) -> None:
    """PIPL 19, 47."""
    come_in(cast)
    come_in(cast, OTHER)
    with scope.everything("tests"), erasing():
        assert Source().copy(Subject(cast.company.pk, PHONE))["visits"]
        Source().erase(Subject(cast.company.pk, PHONE), by=door(cast.company), at=NOW, reason="x")
    assert {row.phone for row in (*Code.objects.all(), *Visit.objects.all())} == {OTHER}
    with scope.everything("tests"):
        assert visitors.forget(NOW + timedelta(days=1)) == 0
        assert visitors.forget(NOW + timedelta(days=2)) == 2


def test_a_later_page_can_ask_whether_the_visitor_is_its_party(cast: Cast, rf) -> None:
    """By the link, or by the code; a request of somebody else's is neither."""
    _known(cast)
    mine, other = cast.request(), cast.request(phone=OTHER)
    asked = rf.get("/")
    with scope.opened(door(cast.company)):
        assert not visitors.may_open(asked, cast.company, mine)
        assert visitors.may_open(asked, cast.company, mine, by_link=True)
        asked.COOKIES[visitors.COOKIE] = come_in(cast).cookies[visitors.COOKIE].value
        assert visitors.may_open(asked, cast.company, mine)
        assert not visitors.may_open(asked, cast.company, other)
        foreign = Company.objects.create(code="other", name="别家", short_name="别家")
        assert not visitors.may_open(asked, foreign, mine, by_link=True)
