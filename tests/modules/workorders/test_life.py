"""An order's life: the seven steps of a repair, none of them silently left out (SC-2, RP-3, RP-4, CO-2)."""

from datetime import timedelta

import pytest

from sanbao.documents import operations as documents
from sanbao.documents.reading_first import ReadFirst
from sanbao.intake.models import Request
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations
from sanbao.workorders.models import Order, Plan, Visit
from tests.cast import NOW, Cast
from tests.modules.documents.make import campaign, regulation
from tests.modules.workorders import crew

ON_SITE = NOW + timedelta(hours=2)


def test_a_repair_goes_through_its_seven_steps_to_the_customers_signature(cast: Cast) -> None:
    """SC-2: application, registration and dispatch, diagnosis and plan, agreement, repair, acceptance, aftercare."""
    he = crew.engineer(cast)
    request = cast.request(outlet=cast.outlets["GZ001"], unit=crew.unit(cast))
    made = crew.order(cast, request=request, unit=request.unit)
    assert (made.step, made.cover) == ("registration", "in")
    made = crew.dispatched(cast, made, he)
    by = crew.own(cast)
    made = operations.accept(made, by=by, at=NOW)
    made = operations.arrive(made, by=by, at=ON_SITE)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, ON_SITE)
    plan = operations.offer_plan(crew.planned(cast, made, by, ON_SITE), by=by, at=ON_SITE)
    assert (plan.charged_fen, plan.state) == (0, "offered")
    agreement = crew.signed(made, "agreement", by, ON_SITE)
    operations.answer_plan(plan, True, how="glass", signature=agreement, by=by, at=ON_SITE)
    part = plan.lines.get(kind="part").part
    operations.account_for(made, part, "returned", new_code="N1", old_code="O1", by=by, at=ON_SITE)
    crew.photo(cast, made, "after", by, ON_SITE)
    done = ON_SITE + timedelta(hours=1)
    made = operations.complete(made, action="更换电机总成", by=by, at=done)
    acceptance = crew.signed(made, "acceptance", by, done)
    made = operations.accept_work(made, acceptance, rating=5, by=by, at=done)

    assert (made.state, made.step, made.restored_at, made.charged_fen) == ("closed", "aftercare", done, 0)
    assert list(made.steps.values_list("code", flat=True)) == [
        "application", "registration", "diagnosis", "agreement", "repairing", "acceptance",
    ]  # fmt: skip
    assert Request.objects.get(pk=request.pk).state == "solved"
    made = operations.care_after(made, "很好用", by=cast.access("agent"), at=done + timedelta(days=2))
    assert made.step == ""


def test_work_can_t_be_done_before_the_customer_has_agreed(cast: Cast) -> None:
    """SC-2: no step can be skipped silently; the refusal names the step and its clause."""
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    by = crew.own(cast)
    operations.arrive(made, by=by, at=ON_SITE)
    with pytest.raises(Refusal, match="SC-2") as told:
        operations.complete(made, action="换了电机", by=by, at=ON_SITE)
    assert told.value.code == "step"
    assert Order.objects.get(pk=made.pk).state == "working"


def test_a_step_is_left_out_only_by_who_may_and_with_a_reason_that_stays(cast: Cast) -> None:
    """SC-2: a skip needs a permission and a reason."""
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    with pytest.raises(Refusal, match=r"."):
        operations.skip(made, "diagnosis", " ", by=cast.access("supervisor"), at=NOW)
    with pytest.raises(Exception, match="skip"):
        operations.skip(made, "diagnosis", "已电话诊断", by=crew.own(cast), at=NOW)
    made = operations.skip(made, "diagnosis", "已电话诊断", by=cast.access("supervisor"), at=NOW)
    kept = made.steps.get(code="diagnosis")
    assert (kept.skipped, kept.reason, made.step) == (True, "已电话诊断", "agreement")


def test_a_plan_lacks_what_it_lacks_and_says_so_by_clause(cast: Cast) -> None:
    """RP-3: content, method, steps, material, time; and the photographs the company asks for."""
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=ON_SITE)
    plan = crew.planned(cast, made, by, ON_SITE, method="", steps="")
    with pytest.raises(Refusal, match="RP-3") as told:
        operations.offer_plan(plan, by=by, at=ON_SITE)
    assert told.value.code == "missing"
    assert Plan.objects.get(pk=plan.pk).state == "draft"


def test_a_changed_plan_needs_a_new_yes(cast: Cast) -> None:
    """KA-4.3: nothing is charged to which the customer has not agreed."""
    made = crew.dispatched(cast, crew.order(cast, unit=crew.unit(cast)), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=ON_SITE)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, ON_SITE)
    first = operations.offer_plan(crew.planned(cast, made, by, ON_SITE), by=by, at=ON_SITE)
    operations.answer_plan(first, True, how="glass", signature=crew.signed(made, "agreement", by, ON_SITE), by=by, at=ON_SITE)  # fmt: skip
    second = crew.planned(cast, made, by, ON_SITE, content="另换控制板", misuse=True)
    made.refresh_from_db()
    assert (Plan.objects.get(pk=first.pk).state, second.number, made.step) == ("superseded", 2, "agreement")
    assert second.charged_fen > 0
    with pytest.raises(Refusal):
        operations.answer_plan(first, True, how="phone", note="同意", by=by, at=ON_SITE)


def test_an_engineer_can_t_be_at_two_places_at_once(cast: Cast) -> None:
    """EN-5: the database refuses times that overlap, and the refusal names the other job."""
    he = crew.engineer(cast)
    first = crew.dispatched(cast, crew.order(cast), he)
    with pytest.raises(Refusal) as told:
        crew.dispatched(cast, crew.order(cast, phone="13900001111"), he, NOW + timedelta(hours=3))
    assert told.value.code == "overlap"
    assert first.number in str(told.value)
    assert Visit.objects.filter(state="planned").count() == 1


def test_who_works_under_guidance_goes_only_with_a_colleague(cast: Cast) -> None:
    """PV-8."""
    new = crew.engineer(cast, "lehrling", alone_from=(NOW + timedelta(days=30)).date())
    old = crew.engineer(cast)
    made = crew.order(cast)
    with pytest.raises(Refusal, match="PV-8"):
        crew.dispatched(cast, made, new)
    assert crew.dispatched(cast, made, new, helpers=[old]).visits.filter(state="planned").count() == 2


def test_a_refused_order_waits_again_and_its_dispatch_is_undone(cast: Cast) -> None:
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    made = operations.refuse(made, "下午请假", by=crew.own(cast), at=NOW)
    assert (made.state, made.engineer, made.step) == ("waiting", None, "registration")
    assert made.visits.get().state == "refused"


def test_an_engineer_sees_and_moves_only_own_orders(cast: Cast) -> None:
    """CO-1: nobody where they don't belong."""
    he = crew.engineer(cast)
    crew.engineer(cast, "other")
    made = crew.dispatched(cast, crew.order(cast), he)
    with pytest.raises(Order.DoesNotExist):
        operations.accept(made, by=crew.own(cast, "other"), at=NOW)
    assert operations.accept(made, by=crew.own(cast), at=NOW).state == "accepted"


def test_a_visit_that_ends_incomplete_is_followed_by_an_order_that_knows_it(cast: Cast) -> None:
    request = cast.request(outlet=cast.outlets["GZ001"])
    made = crew.dispatched(cast, crew.order(cast, request=request), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=ON_SITE)
    ended, further = operations.end_incomplete(made, "缺电机", by=by, at=ON_SITE)
    assert ended.state == "incomplete"
    assert (further.parent, further.request, further.state) == (ended, request, "waiting")


def test_waiting_for_a_part_pauses_the_requests_promise(cast: Cast) -> None:
    """GN-3, A-22: the solution's clock stands still while the order waits for a part."""
    request = cast.request(outlet=cast.outlets["GZ001"])
    made = crew.dispatched(cast, crew.order(cast, request=request), crew.engineer(cast))
    by = crew.own(cast)
    operations.arrive(made, by=by, at=ON_SITE)
    operations.hold(made, "part", "等电机", by=by, at=ON_SITE)
    assert request.promises.get(kind="resolution").state == "paused"
    operations.resume(made, by=by, at=ON_SITE + timedelta(hours=1))
    assert request.promises.get(kind="resolution").state == "running"


def test_a_dot_is_no_signature(cast: Cast) -> None:
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    with pytest.raises(Refusal) as told:
        operations.sign(made, "agreement", "张三丰", "M10,10 L11,10", by=crew.own(cast), at=NOW)
    assert told.value.code == "signature"


def test_whoever_did_the_work_does_not_check_it(cast: Cast) -> None:
    """RP-4: the department's acceptance is another person's."""
    made = crew.order(cast, mode="carry_in")
    Order.objects.filter(pk=made.pk).update(state="done", engineer=cast.people["owner-GZ001"])
    with pytest.raises(Refusal) as told:
        operations.check_quality(made, by=cast.access("owner-GZ001"), at=NOW)
    assert told.value.code == "four_eyes"
    assert (
        operations.check_quality(made, by=cast.access("supervisor"), at=NOW).checked_by
        == cast.people["supervisor"]
    )


def test_who_has_not_read_what_holds_it_up_takes_no_new_order_and_dispatches_none(cast: Cast) -> None:
    """BA-8: after the due day. What is under way goes on, and nobody is sent away from a customer's door."""
    he = crew.engineer(cast)
    first, second, third = (crew.dispatched(cast, crew.order(cast), he, NOW + timedelta(hours=3 * number)) for number in (1, 2, 3))  # fmt: skip
    by = crew.own(cast)
    operations.accept(first, by=by, at=NOW)
    made = campaign(cast, regulation(cast), posts=["engineer", "outlet-owner"], stops=["workorders:own:work", "workorders:order:dispatch"])  # fmt: skip
    late = NOW + timedelta(days=11)
    with pytest.raises(ReadFirst):
        operations.accept(second, by=by, at=late)
    operations.arrive(first, by=by, at=late)
    operations.arrive(third, by=by, at=late)
    loose, owner = crew.order(cast, at=late), cast.access("owner-GZ001")
    given = (late + timedelta(hours=1), late + timedelta(hours=2))
    with pytest.raises(ReadFirst):
        operations.dispatch(loose, he, *given, by=owner, at=late)
    assert Order.objects.get(pk=loose.pk).state == "waiting"
    for reader in (by, owner):
        documents.confirm(made, {}, read=True, by=reader, at=late)
    operations.accept(second, by=by, at=late)
    operations.dispatch(loose, he, *given, by=owner, at=late)
