"""Which jobs are called back, and when: orders that close, sheets that arrive, papers typed by hand."""

from datetime import date, timedelta

import pytest

from sanbao.callbacks import operations, queries
from sanbao.callbacks.models import Callback, Plan
from sanbao.callbacks.operations import Paper
from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import replay
from sanbao.regulations import operations as regulations
from sanbao.settlements import operations as settlements
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations as orders
from tests.cast import NOW, Cast, moment
from tests.modules.workorders import crew

TODAY = NOW.date()


def paper(cast: Cast, **told: object) -> Paper:
    """The paper of an installation of today."""
    given: dict[str, object] = {
        "number": "A-1", "kind": "installation", "outlet": cast.outlets["GZ001"], "completed_on": TODAY, "arrived_on": TODAY,
        "contact": "张三", "phone": "13800005678", "model": "CXW-260-A8",
    }  # fmt: skip
    return Paper(**(given | told))


def test_an_installation_is_called_three_times_and_every_day_explains_itself(cast: Cast) -> None:
    """KA-9.1: three working days, three months, half a year."""
    done = date(2026, 4, 30)
    plan = operations.plan_by_hand(
        paper(cast, completed_on=done, arrived_on=done), due_on=TODAY, reason="", by=cast.access("callbacks"), at=moment(2026, 4, 30)
    )  # fmt: skip
    days = list(plan.callbacks.order_by("round").values_list("round", "due_on"))
    assert days == [(1, date(2026, 5, 8)), (2, date(2026, 7, 30)), (3, date(2026, 10, 30))]
    assert replay(plan.decision).same
    assert plan.decision.reasons


def test_a_closed_order_is_called_within_seven_days_and_its_sheet_joins_it(cast: Cast) -> None:
    """KA-9.1, ST-4: one job, one plan, though an order writes a sheet."""
    order = crew.maintained(cast, NOW)
    plan = Plan.objects.get()
    sheet = order.sheets.get()
    assert (plan.order, plan.sheet, plan.kind, plan.phone) == (order, sheet.pk, "service", order.phone)
    assert [row.due_on for row in plan.callbacks.all()] == [TODAY + timedelta(days=7)]


def test_a_sheet_that_is_typed_in_for_an_order_with_its_number_makes_no_second_plan(cast: Cast) -> None:
    order = crew.maintained(cast, NOW, outlet=cast.outlets["GZ001"])
    made = operations.plan_for_sheet(
        paper(cast, number=order.number, kind="repair", sheet=99), by=cast.access("clerk"), at=NOW
    )
    assert made is None
    assert Plan.objects.count() == 1


def test_the_sheets_of_a_month_are_planned_the_day_they_arrive_and_never_in_the_past(cast: Cast) -> None:
    """KA-9.1, A-59: three working days after papers that come late."""
    sheet = cast.sheet()  # done on 9 April, typed in at NOW
    found = Callback.objects.get(plan__sheet=sheet.pk)
    assert found.kind == "repair"
    assert found.due_on > TODAY
    assert (found.due_on - TODAY).days <= 7
    again = cast.sheet(number="GZ001-9999", phone="")
    assert Plan.objects.get(sheet=again.pk).why == "no_number"


def test_a_withdrawn_sheet_is_not_called_about(cast: Cast) -> None:
    sheet = cast.sheet()
    settlements.withdraw_sheet(sheet, by=cast.access("clerk"), at=NOW)
    found = Callback.objects.get(plan__sheet=sheet.pk)
    assert (found.state, found.why) == ("ended", "withdrawn")


def test_a_reopened_job_waits_and_is_planned_anew_when_it_is_done(cast: Cast) -> None:
    """Wrong input: nobody is called about a job that is being done again."""
    order = crew.maintained(cast, NOW)
    first = Callback.objects.get()
    orders.reopen(order, "还是不行", by=cast.access("agent"), at=NOW + timedelta(hours=1))
    first.refresh_from_db()
    assert first.state == "suspended"
    with pytest.raises(Refusal, match="reopened|重新"):
        operations.take(first, by=cast.access("callbacks"), at=NOW + timedelta(hours=2))
    orders.cancel(order, "客户退货", by=cast.access("head"), at=NOW + timedelta(hours=3))
    first.refresh_from_db()
    assert (first.state, first.why) == ("ended", "reopened")


def test_who_wants_no_calls_is_not_planned_for_and_the_decision_says_so(cast: Cast) -> None:
    """CO-5, Civil Code 1033."""
    customer = customers.register("李四", phone="13600001111", by=cast.access("agent"), at=NOW)
    customers.amend(customer, {"do_not_call": True}, by=cast.access("agent"), at=NOW)
    sheet = cast.sheet(phone="13600001111")
    plan = Plan.objects.get(sheet=sheet.pk)
    assert (plan.chosen, plan.why, plan.callbacks.count()) == (False, "never_call", 0)
    reasons = Decision.objects.get(pk=plan.decision_id).reasons
    assert "civil-code 1033" in str(reasons)


def test_a_sample_follows_the_number_and_panels_are_always_called(cast: Cast) -> None:
    """KA-7.2: the company calls none of its repairs but panels, and can show why."""
    since = date(2023, 1, 1)
    regulations.set_own_values(
        "callbacks", {"sample_others": [(since, 0, "appliance KA-9.1")]}, edition="2026.1+own", by=cast.access("admin"), at=NOW
    )  # fmt: skip
    plain, panel = cast.sheet(), cast.sheet(component="玻璃面板")
    by_sheet = {plan.sheet: (plan.chosen, plan.why) for plan in Plan.objects.all()}
    assert by_sheet == {plain.pk: (False, "not_sampled"), panel.pk: (True, "panel")}
    told = queries.sampling(cast.access("supervisor"), TODAY, TODAY)
    assert (told.jobs, told.called, dict(told.reasons)) == (2, 1, {"not_sampled": 1, "panel": 1})


@pytest.mark.parametrize(
    ("changes", "asked", "code"),
    [
        ({"phone": ""}, {}, "phone"),
        ({"completed_on": TODAY + timedelta(days=1)}, {}, "future"),
        ({"arrived_on": TODAY + timedelta(days=1)}, {}, "future"),
        ({"completed_on": None}, {}, "completed"),
        ({"kind": "proactive"}, {"due_on": TODAY - timedelta(days=1)}, "past"),
        ({"kind": "proactive"}, {"reason": " "}, "reason"),
    ],
)
def test_what_is_planned_by_hand_says_what_is_wrong_with_it(cast: Cast, changes: dict[str, object], asked: dict[str, object], code: str) -> None:  # fmt: skip
    given = {"due_on": TODAY, "reason": "新品试用满一月"} | asked
    with pytest.raises(Refusal) as refused:
        operations.plan_by_hand(paper(cast, **changes), **given, by=cast.access("callbacks"), at=NOW)
    assert refused.value.code == code


def test_contact_on_our_own_account_has_its_reason_and_its_day(cast: Cast) -> None:
    """RG-3."""
    told = paper(cast, kind="proactive", number="", completed_on=None)
    plan = operations.plan_by_hand(told, due_on=TODAY + timedelta(days=2), reason="新品试用满一月", by=cast.access("callbacks"), at=NOW)  # fmt: skip
    assert (plan.why, plan.reason, plan.callbacks.get().due_on) == ("by_hand", "新品试用满一月", TODAY + timedelta(days=2))  # fmt: skip


def test_a_paper_that_is_planned_already_is_refused(cast: Cast) -> None:
    by = cast.access("callbacks")
    operations.plan_by_hand(paper(cast), due_on=TODAY, reason="", by=by, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.plan_by_hand(paper(cast), due_on=TODAY, reason="", by=by, at=NOW)
    assert refused.value.code == "twice"
