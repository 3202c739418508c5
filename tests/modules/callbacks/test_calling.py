"""A callback is taken, tried, recorded; what follows each try is decided and can be asked again."""

from datetime import timedelta

import pytest

from sanbao.callbacks import operations, queries
from sanbao.callbacks.models import Callback, Plan, Record
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.decisions.queries import replay
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast, moment
from tests.modules.workorders import crew

LATER = NOW + timedelta(hours=1)
CONTENT = {"came": True, "works": True, "timely": True, "charges_told": True, "charged_fen": 0, "attitude": 5, "satisfaction": 5, "usage": "每天用"}  # fmt: skip


def test_the_next_call_is_taken_and_another_caller_gets_another(cast: Cast, callback: Callback) -> None:
    """KA-9.1: two callers never call one customer at once."""
    cast.sheet(number="GZ001-0002")
    mine = operations.take_next(by=cast.access("callbacks"), at=NOW)
    theirs = operations.take_next(by=cast.access("agent"), at=NOW)
    assert mine is not None
    assert theirs is not None
    assert mine != theirs
    with pytest.raises(Stale, match="callbacks"):
        operations.take(mine, by=cast.access("agent"), at=LATER - timedelta(minutes=45))
    assert operations.take(mine, by=cast.access("agent"), at=LATER).taken_by == cast.people["agent"]  # half an hour is over  # fmt: skip


def test_what_is_put_back_can_be_taken_by_others(cast: Cast, callback: Callback) -> None:
    operations.take(callback, by=cast.access("callbacks"), at=NOW)
    with pytest.raises(Refusal):
        operations.release(callback, by=cast.access("agent"), at=NOW)
    operations.release(callback, by=cast.access("callbacks"), at=NOW)
    assert operations.take(callback, by=cast.access("agent"), at=NOW).taken_by_id == cast.people["agent"].pk


def test_three_tries_without_an_answer_end_it_each_by_a_decision(cast: Cast, callback: Callback) -> None:
    """KA-9.1: the next try follows the rulebook; after the third it ends."""
    by, at = cast.access("callbacks"), moment(2026, 5, 20, 9)
    told = []
    for _number in range(3):
        callback = operations.try_(callback, "no_answer", by=by, at=at)
        told.append((callback.state, callback.why))
        assert replay(callback.decision).same
        at = callback.next_at or at
    assert told == [("planned", ""), ("planned", ""), ("ended", "tried_enough")]
    assert [each.number for each in callback.attempts.order_by("number")] == [1, 2, 3]
    with pytest.raises(Refusal):
        operations.try_(callback, "no_answer", by=by, at=at)


def test_a_customer_who_asks_for_another_time_is_called_then(cast: Cast, callback: Callback) -> None:
    by, wanted = cast.access("callbacks"), moment(2026, 5, 21, 16)
    with pytest.raises(Refusal, match="."):
        operations.try_(callback, "call_later", by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.try_(callback, "call_later", asked_for=NOW - timedelta(hours=1), by=by, at=NOW)
    found = operations.try_(callback, "call_later", asked_for=wanted, by=by, at=NOW)
    assert (found.state, found.next_at) == ("planned", wanted)
    assert found not in queries.next_of(by, wanted - timedelta(minutes=1))
    assert found in queries.next_of(by, wanted)


def test_a_wrong_number_is_tried_by_the_customers_other_one(cast: Cast) -> None:
    by, desk = cast.access("callbacks"), cast.access("agent")
    customer = customers.register("张三", phone="13800005678", by=desk, at=NOW)
    customers.add_contact(customer, phone="13900009999", by=desk, at=NOW)
    found = Callback.objects.get(plan__sheet=cast.sheet().pk)
    found = operations.try_(found, "wrong_number", by=by, at=NOW)
    assert (found.state, found.number_to_call) == ("planned", "13900009999")
    found = operations.try_(found, "wrong_number", by=by, at=LATER)
    assert (found.state, found.why) == ("ended", "wrong_number")


@pytest.mark.parametrize(("called", "code"), [(NOW + timedelta(hours=1), "future"), (NOW - timedelta(days=1), "before")])  # fmt: skip
def test_a_call_is_neither_in_the_future_nor_before_it_was_planned(cast: Cast, callback: Callback, called: object, code: str) -> None:  # fmt: skip
    for run in (
        lambda: operations.try_(callback, "no_answer", called_at=called, by=cast.access("callbacks"), at=NOW),
        lambda: operations.record(callback, CONTENT, called_at=called, by=cast.access("callbacks"), at=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            run()
        assert refused.value.code == code


def test_a_record_is_written_once_and_is_read_in_the_customers_archive(cast: Cast) -> None:
    """KA-9.2, CO-5: truthfully, once; the archive follows usage."""
    customer = customers.register("张三", phone="13800005678", by=cast.access("agent"), at=NOW)
    found = Callback.objects.get(plan__sheet=cast.sheet().pk)
    by = cast.access("callbacks")
    operations.record(found, CONTENT | {"words": "师傅来得很快"}, version=found.version, by=by, at=LATER)
    found.refresh_from_db()
    assert (found.state, found.why, found.first_try_on) == ("done", "reached", LATER.date())
    with pytest.raises(Refusal):
        operations.record(found, CONTENT, by=by, at=LATER)
    assert Record.objects.count() == 1
    assert "师傅来得很快" in queries.chapter(customer, by)[0].words


def test_an_outcome_from_a_page_that_is_old_is_refused(cast: Cast, callback: Callback) -> None:
    """Wrong input: an outcome twice."""
    by, seen = cast.access("callbacks"), callback.version
    operations.try_(callback, "no_answer", version=seen, by=by, at=NOW)
    with pytest.raises(Stale):
        operations.try_(callback, "no_answer", version=seen, by=by, at=NOW)


def test_a_bad_mark_needs_a_word_and_nothing_at_all_is_no_record(cast: Cast, callback: Callback) -> None:
    by = cast.access("callbacks")
    for answers, code in (({"satisfaction": 1}, "words"), ({}, "empty")):
        with pytest.raises(Refusal) as refused:
            operations.record(callback, answers, by=by, at=NOW)
        assert refused.value.code == code


def test_a_talk_about_an_orders_job_is_its_last_step(cast: Cast) -> None:
    """SC-2, ST-4: aftercare is done by the callback that reached somebody."""
    order = crew.maintained(cast, NOW)
    assert order.step == "aftercare"
    found = Callback.objects.get(plan__order=order)
    operations.record(found, CONTENT, by=cast.access("callbacks"), at=LATER)
    order.refresh_from_db()
    assert order.step == ""


def test_a_customer_who_never_wants_calls_again_is_left_alone(cast: Cast, callback: Callback) -> None:
    """Civil Code 1033: kept with the customer's wishes, everything planned ends, and so does what others plan."""
    other = cast.sheet(number="GZ001-0002")
    by = cast.access("callbacks")
    assert operations.never_again(callback, "别再打了", by=by, at=NOW) == 2
    assert set(Callback.objects.values_list("state", "why")) == {("ended", "never_call")}
    assert Customer.objects.get(do_not_call=True).contacts.get().phone == "13800005678"
    assert Plan.objects.get(sheet=other.pk).customer_id is None
    third = cast.sheet(number="GZ001-0003")
    assert Plan.objects.get(sheet=third.pk).why == "never_call"


def test_a_wish_that_came_by_another_way_stops_the_call_and_ends_it_in_the_morning(cast: Cast) -> None:
    desk = cast.access("agent")
    customer = customers.register("张三", phone="13800005678", by=desk, at=NOW)
    found = Callback.objects.get(plan__sheet=cast.sheet().pk)
    customers.amend(customer, {"do_not_call": True}, by=desk, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.take(found, by=cast.access("callbacks"), at=NOW)
    assert refused.value.code == "never_call"
    operations.share_out_all(moment(2026, 5, 21, 7))
    found.refresh_from_db()
    assert (found.state, found.why) == ("ended", "never_call")


def test_a_callback_is_called_off_with_a_reason_by_whoever_leads(cast: Cast, callback: Callback) -> None:
    with pytest.raises(Refusal) as refused:
        operations.end(callback, " ", by=cast.access("supervisor"), at=NOW)
    assert refused.value.code == "reason"
    found = operations.end(callback, "客户已来店说明", by=cast.access("supervisor"), at=NOW)
    assert (found.state, found.why, found.reason) == ("ended", "called_off", "客户已来店说明")
