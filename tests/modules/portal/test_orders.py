"""The customer's page of a work order: followed, agreed to, signed and rated without an account, and nothing else is in reach."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.accounts.models import Company, Token
from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.intake.models import Request
from sanbao.notices.models import Message, Notice
from sanbao.notices.sealing import content
from sanbao.portal.operations import door
from sanbao.settlements.models import Sheet
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders import appointments, links, operations
from sanbao.workorders.models import Order, Plan, Signature, Visit, Wish
from sanbao.workorders.personal import Source
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

pytestmark = pytest.mark.usefixtures("frozen")
ON_SITE = NOW + timedelta(hours=2)
DOT = "M100,100 L101,100"


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def _url(cast: Cast, made: Order, name: str = "order", *more: object) -> str:
    return reverse(f"portal:{name}", args=[cast.company.code, links.token(made), *more])


def _page(cast: Cast, made: Order) -> str:
    return Client().get(_url(cast, made)).content.decode()


def _post(cast: Cast, made: Order, name: str, /, **said: object):
    return Client().post(_url(cast, made, name), said)


def _dispatched(cast: Cast, **told: object) -> Order:
    return crew.dispatched(cast, crew.order(cast, **told), crew.engineer(cast))


def _offered(cast: Cast, **changes: object) -> Plan:
    """The engineer is there and has offered a plan: in warranty, nothing to pay."""
    he, unit = crew.engineer(cast), crew.unit(cast)
    made = crew.dispatched(cast, crew.order(cast, unit=unit, note="客户难缠，小心"), he)
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=NOW)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, NOW)
    return operations.offer_plan(crew.planned(cast, made, by, NOW, **changes), by=by, at=NOW)


def _agreed(cast: Cast, **changes: object) -> Order:
    plan = _offered(cast, **changes)
    operations.agree(plan, "张三丰", crew.SCRAWL, by=door(cast.company), at=NOW)
    return Order.objects.get(pk=plan.order_id)


def _done(cast: Cast, **changes: object) -> Order:
    made, by = _agreed(cast, **changes), crew.own(cast)
    part = made.plans.get(state="confirmed").lines.get(kind="part").part
    operations.account_for(made, part, "returned", new_code="N1", old_code="O1", by=by, at=NOW)
    crew.photo(cast, made, "after", by, NOW)
    return operations.complete(made, action="更换电机总成", by=by, at=NOW)


def _closed(cast: Cast) -> Order:
    return operations.accept_by_signature(_done(cast), "张三丰", crew.SCRAWL, by=door(cast.company), at=NOW)


def test_the_page_shows_the_seven_steps_who_comes_when_and_the_warranty_with_its_why(cast: Cast) -> None:
    """SC-2, GN-2: the bar as the regulation counts it; the engineer's name, and no private telephone."""
    made = _dispatched(cast, unit=crew.unit(cast))
    page = _page(cast, made)
    assert page.count('class="state-step ') == 7
    assert "xiaohe" in page and made.number in page and "保修" in page
    assert ("2026-" in page and "KA-5.1" in page) or "整机" in page


def test_names_numbers_addresses_and_what_colleagues_note_are_not_shown(cast: Cast) -> None:
    """GN-8: the link may be forwarded; it tells nothing of the household, and nothing that was meant for colleagues."""
    plan = _offered(cast)
    page = _page(cast, plan.order)
    for hidden in ("13800005678", "张三丰", "中山路1号", "客户难缠", "agent"):
        assert hidden not in page
    assert "138****5678" in page and "张*" in page


def test_a_link_opens_its_order_only_and_no_other_company_s(cast: Cast) -> None:
    """ASVS 8.2.2."""
    made = _dispatched(cast)
    other = Company.objects.create(code="other", name="别家", short_name="别家")
    token = links.token(made)
    for code, key in (
        (other.code, token),
        (cast.company.code, token[:-1] + "x"),
        (cast.company.code, "1~x~y"),
    ):
        assert Client().get(reverse("portal:order", args=[code, key])).status_code == 404
    assert Client().get(_url(cast, made)).status_code == 200


def test_an_old_link_and_an_erased_order_s_open_nothing(cast: Cast, time_machine) -> None:
    made = _closed(cast)
    url = _url(cast, made)
    with erasing():
        Source().erase(Subject(cast.company.pk, "13800005678"), by=cast.access("admin"), at=NOW, reason="x")
    assert Client().get(url).status_code == 404
    again = crew.order(cast, phone="13900001111")
    url = _url(cast, again)
    time_machine.move_to(NOW + timedelta(days=367), tick=False)
    assert Client().get(url).status_code == 404


def test_plan_and_price_stand_line_by_line_with_who_pays_and_the_clause(cast: Cast) -> None:
    """KA-4.3, RP-3: content, cause, time, each line with its amount, who pays, and why."""
    page = _page(cast, _offered(cast).order)
    for told in (
        "更换电机总成",
        "电机轴承磨损",
        "60",
        "电机总成",
        "KA-5.1",
        "免费",
        reverse("portal:policy", args=[cast.company.code]),
    ):
        assert told in page


def test_a_charged_plan_says_what_is_to_be_paid(cast: Cast) -> None:
    """KA-4.3."""
    plan = _offered(cast, misuse=True)
    page = _page(cast, plan.order)
    assert plan.charged_fen > 0
    assert f"{plan.charged_fen / 100:,.2f}" in page


def test_a_signature_on_the_page_confirms_the_plan(cast: Cast) -> None:
    """SC-2: the agreement is signed before work begins; the engineer is told."""
    plan = _offered(cast)
    answer = _post(cast, plan.order, "order-agree", plan=plan.number, name="张三丰", drawn=crew.SCRAWL)
    plan.refresh_from_db()
    assert (answer.status_code, plan.state, plan.answered_how, plan.answered_by) == (
        303,
        "confirmed",
        "link",
        "张三丰",
    )
    assert plan.signature.purpose == "agreement" and plan.signature.by is None
    assert Order.objects.get(pk=plan.order_id).step == "repairing"
    assert Notice.objects.filter(kind="workorders:agreed", person=cast.people["xiaohe"]).count() == 1
    assert Event.objects.filter(action="workorders:plan:confirmed", by=None).count() == 1


def test_a_signature_of_one_dot_is_none(cast: Cast) -> None:
    """Issue 5: wrong input."""
    plan = _offered(cast)
    answer = _post(cast, plan.order, "order-agree", plan=plan.number, name="张三丰", drawn=DOT)
    plan.refresh_from_db()
    assert answer.status_code == 422 and "签名" in answer.content.decode()
    assert plan.state == "offered" and not Signature.objects.exists()


@pytest.mark.parametrize("drawn", ["", "<script>", "M1,1" * 30_000])
def test_what_is_no_signature_at_all_is_refused(cast: Cast, drawn: str) -> None:
    plan = _offered(cast)
    assert (
        _post(cast, plan.order, "order-agree", plan=plan.number, name="张三丰", drawn=drawn).status_code
        == 422
    )
    assert Plan.objects.get(pk=plan.pk).state == "offered"


def test_confirmed_twice_it_is_confirmed_once_and_says_so(cast: Cast) -> None:
    plan = _offered(cast)
    said = {"plan": plan.number, "name": "张三丰", "drawn": crew.SCRAWL}
    assert _post(cast, plan.order, "order-agree", **said).status_code == 303
    again = _post(cast, plan.order, "order-agree", **said)
    assert again.status_code == 409 and "已确认" in again.content.decode()
    assert Signature.objects.count() == 1


def test_a_plan_replaced_between_showing_and_confirming_is_not_confirmed(cast: Cast) -> None:
    """KA-4.3: the price that was seen is the price that is agreed to."""
    plan = _offered(cast)
    made = Order.objects.get(pk=plan.order_id)
    second = crew.planned(cast, made, crew.own(cast), NOW, misuse=True)
    answer = _post(cast, made, "order-agree", plan=plan.number, name="张三丰", drawn=crew.SCRAWL)
    assert answer.status_code == 409 and "变更" in answer.content.decode()
    operations.offer_plan(second, by=crew.own(cast), at=NOW)
    answer = _post(cast, made, "order-agree", plan=plan.number, name="张三丰", drawn=crew.SCRAWL)
    assert answer.status_code == 409
    second.refresh_from_db()
    assert second.state == "offered"
    assert "取代" in _page(cast, made)


def test_a_plan_that_is_still_written_is_not_shown_and_can_t_be_confirmed(cast: Cast) -> None:
    made = _dispatched(cast, unit=crew.unit(cast))
    made = operations.arrive(made, by=crew.own(cast), at=NOW)
    crew.planned(cast, made, crew.own(cast), NOW)
    assert "电机轴承磨损" not in _page(cast, made)
    assert _post(cast, made, "order-agree", plan=1, name="张三丰", drawn=crew.SCRAWL).status_code == 404


def test_a_plan_is_declined_with_a_reason_only(cast: Cast) -> None:
    plan = _offered(cast, misuse=True)
    assert _post(cast, plan.order, "order-decline", plan=plan.number, reason=" ").status_code == 422
    assert _post(cast, plan.order, "order-decline", plan=plan.number, reason="太贵了").status_code == 303
    plan.refresh_from_db()
    assert (plan.state, plan.answer_note, plan.answered_how) == ("declined", "太贵了", "link")
    assert Notice.objects.filter(kind="workorders:declined").count() == 1


def test_nothing_is_agreed_to_once_the_order_is_cancelled(cast: Cast) -> None:
    plan = _offered(cast)
    made = operations.hold(plan.order, "customer", "等", by=crew.own(cast), at=NOW)
    operations.cancel(made, "客户不修了", by=cast.access("supervisor"), at=NOW)
    answer = _post(cast, made, "order-agree", plan=plan.number, name="张三丰", drawn=crew.SCRAWL)
    assert answer.status_code == 422
    page = _page(cast, made)
    assert "已取消" in page and "我同意" not in page and "客户不修了" not in page


def test_another_time_is_a_wish_for_the_desk_and_moves_nobody(cast: Cast) -> None:
    """EN-5: the engineer's visit stays where it is until the desk says yes and dispatches anew."""
    made = _dispatched(cast)
    begins = appointments.windows(made, NOW)
    answer = _post(
        cast, made, "order-wish", first=begins[3].isoformat(), second=begins[5].isoformat(), words="下午在家"
    )
    wish = Wish.objects.get()
    assert (answer.status_code, wish.begins, wish.minutes, wish.words) == (
        303,
        [begins[3], begins[5]],
        120,
        "下午在家",
    )
    before = Visit.objects.get()
    assert (before.state, before.during.lower) == ("planned", ON_SITE)
    assert Notice.objects.filter(kind="workorders:wished").exists()
    operations.grant_wish(wish, begins[5], by=cast.access("agent"), at=NOW)
    made.refresh_from_db()
    assert (made.wanted_from, made.wanted_until) == (begins[5], begins[5] + timedelta(hours=2))
    assert Visit.objects.get().during.lower == ON_SITE


def test_windows_lie_in_working_hours_ahead_and_not_too_far(cast: Cast) -> None:
    begins = appointments.windows(crew.order(cast), NOW)
    assert min(begins) >= NOW + timedelta(hours=4)
    assert max(begins) <= NOW + timedelta(days=15)
    assert len(begins) == len(set(begins)) > 20


@pytest.mark.parametrize("first", ["2020-01-01T09:00:00+08:00", "2026-05-21T03:00:00+08:00", "tomorrow", ""])
def test_a_time_that_can_t_be_had_is_refused(cast: Cast, first: str) -> None:
    made = _dispatched(cast)
    assert _post(cast, made, "order-wish", first=first).status_code == 422
    assert not Wish.objects.exists()


def test_a_wish_at_an_hour_that_has_come_too_near_is_refused_by_the_operation(cast: Cast) -> None:
    made = _dispatched(cast)
    begin = appointments.windows(made, NOW)[0]
    with pytest.raises(Refusal) as told:
        operations.wish(made, [begin], "", by=door(cast.company), at=begin - timedelta(hours=1))
    assert told.value.code == "time"


def test_a_later_wish_replaces_the_one_that_waits_and_a_no_is_read_by_the_customer(cast: Cast) -> None:
    made = _dispatched(cast)
    begins = appointments.windows(made, NOW)
    for number in (2, 4):
        operations.wish(made, [begins[number]], "", by=door(cast.company), at=NOW)
    first, second = Wish.objects.order_by("id")
    assert (first.state, second.state) == ("replaced", "waiting")
    with pytest.raises(Stale):
        operations.grant_wish(first, begins[2], by=cast.access("agent"), at=NOW)
    operations.decline_wish(second, "那天已排满", by=cast.access("agent"), at=NOW)
    assert "那天已排满" in _page(cast, made)


def test_the_desk_answers_on_the_order_s_page(cast: Cast, sign_in) -> None:
    made = _dispatched(cast)
    begin = appointments.windows(made, NOW)[2]
    wish = operations.wish(made, [begin], "孩子放学后", by=door(cast.company), at=NOW)
    desk = sign_in("agent")
    assert "孩子放学后" in desk.get(reverse("workorders:order", args=[made.pk])).content.decode()
    answer = desk.post(reverse("workorders:wish", args=[made.pk, wish.pk]), {"begin": begin.isoformat()})
    assert answer.url == reverse("workorders:dispatch", args=[made.pk])
    assert Wish.objects.get().state == "accepted"


def test_a_wish_is_answered_by_the_api(cast: Cast) -> None:
    made = _dispatched(cast)
    begin = appointments.windows(made, NOW)[2]
    wish = operations.wish(made, [begin], "", by=door(cast.company), at=NOW)
    _token, secret = Token.make(
        cast.people["agent"],
        cast.company,
        "t",
        at=NOW,
        expires_at=NOW + timedelta(days=9),
        scopes=["read", "write"],
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(f"/api/v1/orders/{made.pk}").json()["wishes"][0]["state"] == "waiting"
    answer = client.post(
        f"/api/v1/orders/{made.pk}/wishes/{wish.pk}", {"begin": begin.isoformat()}, "application/json"
    )
    assert (answer.status_code, Wish.objects.get().chosen) == (200, begin)
    again = client.post(f"/api/v1/orders/{made.pk}/wishes/{wish.pk}", {"reason": "x"}, "application/json")
    assert again.status_code == 409


def test_finished_work_is_seen_with_parts_and_bill_before_it_is_signed(cast: Cast) -> None:
    """RP-4, OP-2: what was done, what became of the old part, the bill; then the signature closes the order and its sheet is written."""
    made = _done(cast)
    page = _page(cast, made)
    assert page.index("旧件") < page.index("验收通过")
    assert page.index("更换电机总成") < page.index('name="drawn"')
    answer = _post(cast, made, "order-accept", name="张三丰", drawn=crew.SCRAWL, rating=5, words="师傅很细心")
    made.refresh_from_db()
    assert (answer.status_code, made.state, made.rating, made.rating_words) == (
        303,
        "closed",
        5,
        "师傅很细心",
    )
    assert Sheet.objects.get().order == made
    assert Event.objects.get(action="workorders:order:signed").by is None


def test_two_stars_need_a_word_and_five_none(cast: Cast) -> None:
    made = _done(cast)
    answer = _post(cast, made, "order-accept", name="张三丰", drawn=crew.SCRAWL, rating=2)
    assert answer.status_code == 422
    assert Order.objects.get(pk=made.pk).state == "done"
    assert (
        _post(
            cast, made, "order-accept", name="张三丰", drawn=crew.SCRAWL, rating=2, words="迟到两小时"
        ).status_code
        == 303
    )


def test_not_right_yet_sends_the_work_back_and_tells_the_engineer(cast: Cast) -> None:
    """RP-4: nobody signs for what is not right."""
    made = _done(cast)
    assert _post(cast, made, "order-return", reason="").status_code == 422
    assert _post(cast, made, "order-return", reason="还是有响声").status_code == 303
    made.refresh_from_db()
    assert (made.state, made.restored_at, made.reason) == ("working", None, "还是有响声")
    assert Notice.objects.filter(kind="workorders:sent-back", person=cast.people["xiaohe"]).exists()
    assert _post(cast, made, "order-accept", name="张三丰", drawn=crew.SCRAWL).status_code == 409


def test_a_rating_may_come_later_and_once(cast: Cast) -> None:
    made = _closed(cast)
    assert _post(cast, made, "order-rate", rating=4, words="").status_code == 303
    assert Order.objects.get(pk=made.pk).rating == 4
    assert _post(cast, made, "order-rate", rating=1, words="改主意了").status_code == 422


@pytest.mark.parametrize("rating", ["0", "6", "", "x"])
def test_a_rating_outside_its_scale_is_refused(cast: Cast, rating: str) -> None:
    made = _closed(cast)
    assert _post(cast, made, "order-rate", rating=rating, words="好").status_code == 422


def test_within_thirty_days_and_twice_at_most_it_is_taken_up_again(cast: Cast, time_machine) -> None:
    """GN-2: what was not solved is put right; the desk is told, and the settled sheet is looked at again."""
    made = _closed(cast)
    assert _post(cast, made, "order-again", reason="又响了").status_code == 303
    made.refresh_from_db()
    assert (made.state, made.reopened) == ("waiting", 1)
    assert Notice.objects.filter(kind="workorders:asked-again").exists()
    Order.objects.filter(pk=made.pk).update(state="closed", closed_at=NOW, reopened=2)
    assert _post(cast, made, "order-again", reason="又响了").status_code == 422
    Order.objects.filter(pk=made.pk).update(reopened=0)
    time_machine.move_to(NOW + timedelta(days=31), tick=False)
    assert "重新打开" not in _page(cast, made)
    assert _post(cast, made, "order-again", reason="又响了").status_code == 422


def test_photographs_that_are_not_for_the_customer_are_not_handed_out(cast: Cast) -> None:
    plan = _offered(cast)
    made, by = plan.order, crew.own(cast)
    crew.photo(cast, made, "other", by, NOW)
    seen = {
        photo.purpose: Client().get(_url(cast, made, "order-file", photo.file_id)).status_code
        for photo in made.photos.all()
    }
    assert seen == {"plate": 404, "fault": 200, "other": 404}


def test_the_customer_gets_a_sealed_message_with_the_link_at_every_turn(cast: Cast, settings) -> None:
    """KA-4.3: who is not at home sees plan and price all the same, and before anything is done."""
    settings.SMS_URL, settings.SITE_URL = "https://sms.example.com/send", "https://sanbao.example.com"
    made = _done(cast)
    kinds = list(
        Message.objects.filter(kind__startswith="workorders:").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["workorders:dispatched", "workorders:plan-offered", "workorders:done"]
    offered = Message.objects.get(kind="workorders:plan-offered")
    assert offered.secret and offered.address == "13800005678"
    link = re.search(r"https://sanbao\.example\.com(\S+)", content(offered).body)
    assert link and made.number in Client().get(link[1]).content.decode()


def test_another_dispatch_tells_the_customer_the_new_time(cast: Cast, settings) -> None:
    settings.SMS_URL = "https://sms.example.com/send"
    he = crew.engineer(cast)
    made = crew.dispatched(cast, crew.order(cast), he)
    crew.dispatched(cast, made, he, NOW + timedelta(hours=6))
    assert set(Message.objects.values_list("kind", flat=True)) == {
        "workorders:dispatched",
        "workorders:moved",
    }


@pytest.mark.parametrize("phone", ["057188880000", "4008001234"])
def test_a_telephone_on_the_wall_gets_no_message_and_hinders_nothing(
    cast: Cast, settings, phone: str
) -> None:
    settings.SMS_URL = "https://sms.example.com/send"
    _dispatched(cast, phone=phone)
    assert not Message.objects.filter(kind__startswith="workorders:").exists()


def test_who_comes_in_by_a_code_sees_the_order_among_what_is_theirs(cast: Cast, settings) -> None:
    from tests.modules.portal.test_visitors import come_in

    settings.SMS_URL = "https://sms.example.com/send"
    made, other = crew.order(cast), crew.order(cast, phone="13900001111")
    page = come_in(cast).get(reverse("portal:mine", args=[cast.company.code])).content.decode()
    assert made.number in page and other.number not in page
    link = re.search(r'href="([^"]+/orders/[^"]+)"', page)
    assert link and Client().get(link[1]).status_code == 200


def test_who_follows_the_request_reaches_its_order(cast: Cast) -> None:
    from sanbao.intake import links as request_links

    asked = cast.request(outlet=cast.outlets["GZ001"])
    made = crew.order(cast, request=asked)
    page = Client().get(request_links.path(cast.company, asked)).content.decode()
    assert made.number in page
    assert re.search(r"/orders/[^/\"]+/", page)
    assert Request.objects.get(pk=asked.pk).number in _page(cast, made)


def test_the_desk_shows_and_sends_the_link_and_that_stays_on_record(cast: Cast, sign_in, settings) -> None:
    made = _dispatched(cast)
    url = reverse("workorders:customer-page", args=[made.pk])
    page = sign_in("agent").get(url).content.decode()
    address = re.search(r'value="https?://[^/]+([^"]+)"', page)
    assert address and made.number in Client().get(address[1]).content.decode()
    assert sign_in("agent").post(url).status_code == 422
    settings.SMS_URL = "https://sms.example.com/send"
    assert sign_in("agent").post(url).status_code == 303
    actions = list(
        Event.objects.filter(action__startswith="workorders:order:link").values_list("action", flat=True)
    )
    assert "workorders:order:link-shown" in actions and "workorders:order:link-sent" in actions
    assert Message.objects.filter(kind="workorders:link").count() == 1


def test_one_s_own_papers_are_taken_by_the_link_and_that_leaves_an_event(cast: Cast) -> None:
    """RW-8: record sheet, quotation, agreement; what is for the house (the dispatch order) is not handed out."""
    made = _closed(cast)
    codes = ("quotation", "agreement", "record", "dispatch-order", "receipt")
    got = {code: Client().get(_url(cast, made, "order-paper", code)) for code in codes}
    assert {code: answer.status_code for code, answer in got.items()} == dict.fromkeys(codes[:3], 200) | {"dispatch-order": 404, "receipt": 404}  # fmt: skip
    assert got["record"].content.startswith(b"%PDF")
    assert Event.objects.filter(action="workorders:paper:taken", by=None).count() == 3


def test_papers_name_the_customer_only_to_who_came_in_by_a_code(cast: Cast, settings, monkeypatch) -> None:
    """GN-8."""
    from sanbao.portal import papers
    from tests.modules.portal.test_visitors import come_in

    settings.SMS_URL = "https://sms.example.com/send"
    made, asked = _closed(cast), []
    monkeypatch.setattr(papers, "paper", lambda *args, unmasked, **options: asked.append(unmasked) or b"%PDF")
    for client in (Client(), come_in(cast), come_in(cast, "13900001111")):
        assert client.get(_url(cast, made, "order-paper", "record")).status_code == 200
    assert asked == [False, True, False]


def test_an_engineer_s_own_telephone_stands_on_no_paper_for_the_customer() -> None:
    from sanbao.portal.papers import _outside
    from sanbao.workorders.prints.common import Engineer

    shown = _outside(Engineer(name="何晓峰", certificate="T330106199001011234", phone="13700001111"))
    assert (shown.name, shown.phone, shown.certificate) == ("何晓峰", "", "…1234")


def test_the_engineer_shows_the_code_on_the_phone_for_own_orders_only(cast: Cast, sign_in) -> None:
    made = _dispatched(cast)
    crew.engineer(cast, "other")
    url = reverse("workorders:job-customer-page", args=[made.pk])
    assert sign_in("xiaohe").get(url).status_code == 200
    assert sign_in("other").get(url).status_code == 404
    assert url in sign_in("xiaohe").get(reverse("workorders:job", args=[made.pk])).content.decode()


def test_the_page_has_no_script_or_style_of_its_own(cast: Cast) -> None:
    """ASVS 3.4.3: it works without JavaScript but for the drawing; the telephone stands for that."""
    page = _page(cast, _offered(cast).order)
    assert "<style" not in page and " style=" not in page and "onclick" not in page
    assert "noscript" in page


def test_the_templates_never_name_a_colleague_s_words() -> None:
    """What colleagues note stands in fields that no template of the customer's page names."""
    folder = Path(__file__).parents[3] / "src/sanbao/portal/templates/portal"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("order*.html"))
    for field in (
        "order.note",
        "order.reason",
        "order.phone }}",
        "order.contact }}",
        "order.address }}",
        "heard_by",
        "made_by",
    ):
        assert field not in text
