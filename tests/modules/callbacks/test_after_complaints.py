"""Whoever complained is called back by the callers, and what they say stands in the complaint (CS-6, RG-2)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from sanbao.callbacks import operations
from sanbao.callbacks.models import Callback
from sanbao.complaints.models import Complaint
from sanbao.customers import operations as customers
from tests.cast import NOW, Cast
from tests.modules.complaints import file

LATER = NOW + timedelta(days=2)


def told(cast: Cast, **more: object) -> Complaint:
    made = file.move(cast, file.justified(cast, **more), "completion", "support", LATER, text="已重修")
    return file.move(cast, made, "telling", "agent", LATER, text="电话告知已修好")


def test_told_the_result_the_customer_is_called_by_the_complaints_own_day(cast: Cast) -> None:
    """clause CS-6."""
    made = told(cast, outlet="GZ001")
    row = Callback.objects.get(kind="complaint")
    assert (row.plan.number, row.plan.phone, row.outlet, row.due_on) == (made.number, "13800005678", cast.outlets["GZ001"], date(2026, 5, 27))  # fmt: skip
    assert made.due_clock == "callback"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"satisfaction": 5, "words": "谢谢"}, "content"),
        ({"satisfaction": 3, "words": "还行"}, "accepts"),
        ({"satisfaction": 2, "words": "又漏了"}, "not_content"),
        ({"satisfaction": 4, "works": False, "words": "又漏了"}, "not_content"),
    ],
)
def test_what_the_customer_says_stands_in_the_complaint(cast: Cast, answers: dict, said: str) -> None:
    made = told(cast)
    operations.record(Callback.objects.get(kind="complaint"), answers, by=cast.access("callbacks"), at=LATER)
    made.refresh_from_db()
    assert (made.state, made.callback, made.feedback) == ("called_back", said, answers["words"])
    assert file.clock(made, "callback").state == "met"


def test_a_customer_who_refuses_is_called_back_all_the_same(cast: Cast) -> None:
    made = told(cast)
    row = Callback.objects.get(kind="complaint")
    operations.try_(row, "refuses", note="不想谈", by=cast.access("callbacks"), at=LATER)
    made.refresh_from_db()
    assert (made.state, made.callback, made.feedback) == ("called_back", "refuses", "不想谈")


@pytest.mark.parametrize(
    ("noun", "more", "why"),
    [("callback", {"callback": "content", "text": "满意"}, "called_off"), ("reopening", {"reason": "又漏"}, "reopened")],
)  # fmt: skip
def test_where_the_desk_is_first_nothing_is_left_to_call(cast: Cast, noun: str, more: dict, why: str) -> None:
    file.move(cast, told(cast), noun, "agent", LATER, **more)
    assert Callback.objects.values_list("state", "why").get(kind="complaint") == ("ended", why)


def test_who_wants_no_calls_or_has_no_telephone_is_left_to_the_desk(cast: Cast) -> None:
    """Civil Code 1033."""
    by = cast.access("agent")
    customer = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    customers.note_no_calls(customer, "不要打电话", by=by, at=NOW)
    assert told(cast).state == "told"
    assert told(cast, phone="", email="z@example.com", serial="").state == "told"
    assert not Callback.objects.filter(kind="complaint").exists()


def test_a_caller_who_hears_a_complaint_is_led_to_its_registration(
    cast: Cast, callback: Callback, sign_in
) -> None:
    """clause RG-2: for who may register it."""
    url, new = reverse("callbacks:callback", args=[callback.pk]), reverse("complaints:new")
    assert new in sign_in("agent").get(url).content.decode()
    assert new not in sign_in("callbacks").get(url).content.decode()
