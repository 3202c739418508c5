"""The desk's pages as people meet them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.intake import operations
from sanbao.intake.models import Category, Request, Team
from sanbao.products import operations as products
from sanbao.products.models import Model
from tests.cast import NOW, Cast


def _form(cast: Cast, **more: object) -> dict[str, object]:
    category = Category.objects.get(company=cast.company, code="repair-noise")
    return {
        "category": category.pk,
        "subject": "异响",
        "severity": "part",
        "phone": "13800005678",
        "channel": "phone",
    } | more


@pytest.fixture
def agent(sign_in) -> Client:
    return sign_in("agent")


def test_a_call_finds_the_customer_by_the_last_four_digits_with_units_and_open_requests(
    cast: Cast, agent: Client
) -> None:
    """ST-1, CS-2: number, Enter, and everything stands there."""
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", address="中山路1号", by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("CXW260A8260000001", model, customer=customer, by=by, at=NOW)
    waiting = cast.request(customer=customer)
    page = agent.get(reverse("intake:call"), {"q": "5678"}).content.decode()
    for told in ("张三丰", "13800005678", "中山路1号", unit.serial, waiting.number):
        assert told in page
    assert Event.objects.filter(action="intake:customer:called-up", thing_id=customer.pk).count() == 1


@pytest.mark.parametrize(
    "words", ["５６７８", "+86 138-0000-5678", "008613800005678", "张 三丰", "　张三丰　", "ｚｓｆ"]
)
def test_a_call_finds_the_customer_however_the_agent_types(cast: Cast, agent: Client, words: str) -> None:
    """ST-1: an input method left at full width, a number copied with the country's prefix, a blank in the name."""
    customer = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    assert (
        f'name="customer" value="{customer.pk}"'
        in agent.get(reverse("intake:call"), {"q": words}).content.decode()
    )


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("欧阳娜", "contact", "欧阳娜"),
        ("abc999xyz", "serial", "ABC999XYZ"),
        ("１３９１２３４５６７８", "phone", "13912345678"),
    ],
)
def test_what_was_typed_to_find_nobody_is_in_the_form_already(
    cast: Cast, agent: Client, words: str, field: str, value: str
) -> None:
    form = agent.get(reverse("intake:call"), {"q": words}).context["form"]
    assert form.initial[field] == value


def test_of_two_with_one_number_neither_is_shown_in_full_before_one_is_chosen(
    cast: Cast, agent: Client
) -> None:
    by = cast.access("supervisor")
    first = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    customers.register("李四光", phone="13800005678", by=by, at=NOW)
    page = agent.get(reverse("intake:call"), {"q": "5678"}).content.decode()
    assert "张三丰" not in page
    assert "李四光" not in page
    assert not Event.objects.filter(action="intake:customer:called-up").exists()
    page = agent.get(reverse("intake:call"), {"q": "5678", "customer": first.pk}).content.decode()
    assert "张三丰" in page
    assert "李四光" not in page


def test_a_new_caller_is_registered_with_the_request(cast: Cast, agent: Client) -> None:
    answer = agent.post(reverse("intake:call"), _form(cast, contact="赵六", keep="on", address="人民路2号"))
    request = Request.objects.get()
    assert answer.status_code == 303
    assert answer.headers["Location"] == reverse("intake:request", args=[request.pk])
    assert (request.customer.name, request.customer.contacts.get().phone) == ("赵六", "13800005678")


def test_a_call_can_be_given_to_any_outlet_one_sees(cast: Cast, agent: Client) -> None:
    page = agent.get(reverse("intake:call")).content.decode()
    for outlet in cast.outlets.values():
        assert f'<option value="{outlet.pk}">' in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(cast: Cast, agent: Client) -> None:
    answer = agent.post(
        reverse("intake:call"), _form(cast, subject="", phone="1380000567", keep="on", contact="赵六")
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "有 10 位" in page
    assert not Request.objects.exists()


def test_a_class_retired_while_the_form_was_open_is_told_beside_it_and_nothing_typed_is_lost(
    cast: Cast, agent: Client
) -> None:
    told = _form(cast, description="说了很久")
    Category.objects.filter(pk=told["category"]).update(retired_at=timezone.now())
    answer = agent.post(reverse("intake:call"), told)
    assert answer.status_code == 422
    assert answer.context["form"].errors["category"] == ["这个分类已停用，请另选一个。"]
    assert "说了很久" in answer.content.decode()


def test_an_agent_at_an_outlet_registers_for_the_outlet(cast: Cast, sign_in) -> None:
    owner = sign_in("owner-GZ001")
    assert owner.post(reverse("intake:call"), _form(cast)).status_code == 303
    assert Request.objects.get().outlet == cast.outlets["GZ001"]


@pytest.mark.parametrize("words", ["5678", "异响", "S260520", "中山路"])
def test_a_request_is_found_by_what_people_remember(cast: Cast, agent: Client, words: str) -> None:
    request = cast.request(
        customer=customers.register("张三", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    )
    other = cast.request(phone="13900001111", contact="李四", subject="漏水", address="")
    page = agent.get(
        reverse("intake:requests"), {"q": {"S260520": request.number, "中山路": "张三"}.get(words, words)}
    ).content.decode()
    assert request.number in page
    assert other.number not in page


def test_the_list_says_in_words_what_is_overdue(cast: Cast, agent: Client) -> None:
    """GN-3: colour is never the only sign."""
    cast.request()
    page = agent.get(reverse("intake:requests"), {"tab": "overdue"}).content.decode()
    assert "超时" in page


def test_everything_about_a_request_stands_on_its_page_with_its_whys(cast: Cast, agent: Client) -> None:
    request = cast.request()
    page = agent.get(reverse("intake:request", args=[request.pk])).content.decode()
    for told in (request.number, "GN-3", "BA-3", "响应", "解决", "首次答复"):
        assert told in page
    assert "13800005678" not in page, "masked until there is a reason (GN-8)"


def test_a_request_goes_through_its_life_by_buttons_alone(cast: Cast, sign_in) -> None:
    support, request = sign_in("support"), cast.request()

    def press(noun: str, **fields: str) -> str:
        assert support.post(reverse("intake:move", args=[request.pk, noun]), fields).status_code == 303
        return Request.objects.get().state

    assert press("start") == "working"
    assert press("wait", waiting_for="part", text="缺电机") == "waiting"
    assert press("resumption") == "working"
    assert press("solution", text="换电机") == "solved"
    assert press("closure", text="满意") == "closed"
    assert press("reopening", reason="又响了") == "working"


def test_a_move_without_what_it_needs_is_refused_with_a_sentence(cast: Cast, sign_in) -> None:
    request = cast.request()
    sign_in("support").post(reverse("intake:move", args=[request.pk, "start"]))
    answer = sign_in("support").post(reverse("intake:move", args=[request.pk, "solution"]))
    assert answer.status_code == 422
    assert "请记录如何解决" in answer.content.decode()


def test_what_was_typed_into_a_refused_move_stands_in_its_box_again(cast: Cast, sign_in) -> None:
    """Two tabs: a colleague was faster, and ten minutes of writing are not lost; sent again, it counts."""
    supervisor, asked = sign_in("supervisor"), cast.request()
    supervisor.post(reverse("intake:move", args=[asked.pk, "start"]))
    asked.refresh_from_db()
    address = reverse("intake:move", args=[asked.pk, "solution"])
    told = {"text": '电机更换，试机 <正常> "安静"', "first_contact": "on", "version": asked.version - 1}
    answer = supervisor.post(address, told)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "电机更换，试机 &lt;正常&gt; &quot;安静&quot;</textarea>" in page
    assert 'name="first_contact" checked>' in page
    assert page.count('<details class="confirm" open>') == 1
    assert f'name="version" value="{asked.version}"' in page
    assert supervisor.post(address, told | {"version": asked.version}).status_code == 303


def test_a_reason_that_was_refused_stands_in_its_box_again(cast: Cast, sign_in) -> None:
    supervisor, asked = sign_in("supervisor"), cast.request()
    told = {"reason": "用户说不用了", "version": asked.version - 1}
    page = supervisor.post(reverse("intake:move", args=[asked.pk, "cancellation"]), told).content.decode()
    assert "用户说不用了</textarea>" in page


def test_tags_that_are_refused_stay_in_their_field_with_the_reason_beneath(cast: Cast, sign_in) -> None:
    supervisor, asked = sign_in("supervisor"), cast.request()
    answer = supervisor.post(reverse("intake:tag", args=[asked.pk]), {"add": "急件，" + "长" * 31})
    assert answer.status_code == 422
    assert answer.context["tags_form"].errors["add"]
    assert "长" * 31 in answer.content.decode()


def test_a_request_leads_to_its_customer_and_says_when_its_serial_is_not_on_record(
    cast: Cast, sign_in
) -> None:
    supervisor = sign_in("supervisor")
    customer = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    asked = cast.request(customer=customer, serial="ABC999XYZ")
    address = reverse("intake:request", args=[asked.pk])
    page = supervisor.get(address).content.decode()
    assert reverse("customers:customer", args=[customer.pk]) in page
    assert f"{reverse('products:add-unit')}?serial=ABC999XYZ&amp;customer={customer.number}" in page
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("ABC999XYZ", model, by=cast.access("supervisor"), at=NOW)
    page = supervisor.get(address).content.decode()
    assert reverse("products:unit", args=[unit.pk]) in page
    assert "?serial=ABC999XYZ" not in page


def test_a_letter_to_the_customer_leaves_by_the_outbox_and_keeps_the_response(cast: Cast, sign_in) -> None:
    from sanbao.notices.models import Message

    request = cast.request(channel="email", email="li@example.com", at=timezone.now())
    answer = sign_in("support").post(
        reverse("intake:talk", args=[request.pk]), {"kind": "reply", "body": "请发照片"}
    )
    assert answer.status_code == 303
    message = Message.objects.get()
    assert (message.address, message.subject) == ("li@example.com", f"[{request.number}] 油烟机异响")
    assert request.promises.get(kind="response").state == "met"


def test_a_colleague_named_in_a_note_is_among_its_mentions(cast: Cast, sign_in) -> None:
    request = cast.request()
    sign_in("support").post(
        reverse("intake:talk", args=[request.pk]), {"kind": "note", "body": "@supervisor 请看"}
    )
    assert request.entries.get(kind="note").mentions == [cast.people["supervisor"].pk]


def test_many_are_taken_or_given_at_once(cast: Cast, sign_in) -> None:
    rows = [cast.request().pk, cast.request().pk]
    supervisor = sign_in("supervisor")
    supervisor.post(reverse("intake:requests-take"), {"row": rows})
    assert set(Request.objects.values_list("assignee__name", flat=True)) == {"supervisor"}
    asked = supervisor.post(reverse("intake:requests-assign"), {"row": rows}).content.decode()
    assert "批量转派（2条）" in asked
    supervisor.post(
        reverse("intake:requests-assign"), {"row": rows, "note": "", "outlet": cast.outlets["GZ001"].pk}
    )
    assert set(Request.objects.values_list("outlet__code", flat=True)) == {"GZ001"}


def test_where_none_of_many_could_be_done_nothing_is_called_done(cast: Cast, sign_in) -> None:
    row = cast.request().pk
    supervisor, start = sign_in("supervisor"), reverse("intake:requests-move", args=["start"])
    first = supervisor.post(start, {"row": [row]}, follow=True).content.decode()
    again = supervisor.post(start, {"row": [row]}, follow=True).content.decode()
    assert "1个请求：处理中" in first
    assert "个请求：处理中" not in again and "请重新查看" in again


def test_cancelling_a_request_and_leaving_it_be_are_two_words(cast: Cast, sign_in) -> None:
    """“取消” beside “取消” says nothing: one ends the request, the other closes the box."""
    page = sign_in("supervisor").get(reverse("intake:request", args=[cast.request().pk])).content.decode()
    assert "取消请求" in page


def test_an_outlet_is_told_that_it_still_reads_what_it_hands_up(cast: Cast, sign_in) -> None:
    """EN-2, KA-4.1: the sender becomes a reader, and the box says so."""
    request = cast.request(outlet=cast.outlets["GZ001"])
    page = sign_in("owner-GZ001").get(reverse("intake:request", args=[request.pk])).content.decode()
    assert "网点仍可查看并添加备注" in page and "不再能查看" not in page


def test_the_desk_is_set_up_on_its_pages(cast: Cast, sign_in) -> None:
    admin, team = sign_in("admin"), Team.objects.get(company=cast.company, code="support")
    for name, arguments, body in (
        (
            "category-new",
            [],
            {"code": "repair-fan", "name": "风轮故障", "kind": "repair", "nature": "fault", "position": 9},
        ),
        ("member-new", [team.pk], {"person": cast.people["support"].pk, "skills": "烟机，灶具"}),
        (
            "rule-new",
            [],
            {"position": 1, "name": "烟机", "team": team.pk, "mode": "least_loaded", "skill": "烟机"},
        ),
        (
            "pledge-new",
            [],
            {
                "source": "合同7",
                "promise": "resolution",
                "length": 1,
                "unit": "workdays",
                "since": "2026-05-01",
            },
        ),
        ("duty-new", [], {"weekday": "saturday", "opens": "09:00", "closes": "12:00"}),
        (
            "absence-new",
            [],
            {"person": cast.people["support"].pk, "first_day": "2099-05-21", "last_day": "2099-05-22"},
        ),
    ):
        answer = admin.post(reverse(f"intake:{name}", args=arguments), body)
        assert answer.status_code == 303, (name, answer.content.decode()[-3000:])
    page = admin.get(reverse("intake:desk")).content.decode()
    for told in ("风轮故障", "灶具, 烟机", "合同7", "周六", "09:00", "2099-05-22"):
        assert told in page


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    cast: Cast, agent: Client, django_assert_max_num_queries
) -> None:
    """Statement counts are baselines: one more for each row would show here."""
    for number in range(12):
        cast.request(at=NOW + timedelta(minutes=number))
    request = Request.objects.latest("id")
    operations.note(request, "x", by=cast.access("agent"), at=NOW + timedelta(hours=1))
    for url in (reverse("intake:requests"), reverse("intake:request", args=[request.pk])):
        agent.get(url)
    with django_assert_max_num_queries(20):
        agent.get(reverse("intake:requests"))
    with django_assert_max_num_queries(24):
        agent.get(reverse("intake:request", args=[request.pk]))
