"""What the rules say of an order's course: repair time (SR-4), repeats and exchanges, first-time fix (GN-2), the age of an appliance."""

from datetime import datetime, timedelta

import pytest

from sanbao.decisions.queries import replay
from sanbao.settlements.models import Sheet
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations
from sanbao.workorders.models import Order
from sanbao.workorders.operations import Line
from tests.cast import NOW, Cast, moment
from tests.modules.workorders import crew

WORKED = timedelta(hours=1)


def repaired(cast: Cast, he: object, at: datetime, **told: object) -> Order:
    """A repair of the hood's motor from dispatch to signature, begun two hours after it was reported, done in an hour."""
    made = crew.order(cast, at=at, **told)
    first = at + timedelta(hours=2)
    made = operations.dispatch(made, he, first, first + timedelta(hours=2), by=cast.access("agent"), at=at)
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=first)
    for purpose in ("plate", "fault", "after"):
        crew.photo(cast, made, purpose, by, first)
    plan = operations.offer_plan(crew.planned(cast, made, by, first), by=by, at=first)
    agreement = crew.signed(made, "agreement", by, first)
    operations.answer_plan(plan, True, how="glass", signature=agreement, by=by, at=first)
    operations.account_for(made, plan.lines.get(kind="part").part, "returned", by=by, at=first)
    done = first + WORKED
    made = operations.complete(made, action="更换电机总成", by=by, at=done)
    return operations.accept_work(made, crew.signed(made, "acceptance", by, done), rating=5, by=by, at=done)


def test_a_closed_repair_says_how_long_it_took_until_normal_use(cast: Cast) -> None:
    """SR-4: measured until normal use is restored; the time somebody was at it stands beside it, with the decision."""
    made = repaired(cast, crew.engineer(cast), NOW, unit=crew.unit(cast))
    assert (made.repair_minutes, made.hands_on_minutes) == (180, 60)
    answer = made.time_decision.answer
    assert (answer["state"], answer["standard_minutes"], answer["in_standard"]) == ("restored", 60, True)
    assert replay(made.time_decision).same
    assert "张" not in str(made.time_decision.facts)


def test_the_same_part_within_thirty_days_is_a_repeat_and_its_labour_is_free(cast: Cast) -> None:
    """The company's 30 days: no second labour fee, also where the warranty is over."""
    he = crew.engineer(cast)
    unit = crew.unit(cast, purchased_on=moment(2023, 1, 10).date())
    first = repaired(cast, he, NOW, unit=unit)
    assert first.charged_fen > 0
    again = repaired(cast, he, NOW + timedelta(days=12), unit=unit)
    assert (again.repeat_of, again.repeat_decision.answer["days"]) == (first, 12)
    plan = again.plans.get(state="confirmed")
    assert plan.lines.get(kind="labour").free
    assert plan.lines.get(kind="part").free  # fitted less than three months ago
    assert replay(plan.decision).same
    assert replay(again.repeat_decision).same


def test_after_thirty_days_it_is_a_repair_of_its_own(cast: Cast) -> None:
    he = crew.engineer(cast)
    unit = crew.unit(cast, purchased_on=moment(2023, 1, 10).date())
    repaired(cast, he, NOW, unit=unit)
    again = repaired(cast, he, NOW + timedelta(days=31, hours=1), unit=unit)
    assert again.repeat_of is None
    assert not again.plans.get(state="confirmed").lines.get(kind="labour").free


def test_labour_of_a_repeat_is_charged_where_the_customer_broke_it(cast: Cast) -> None:
    he = crew.engineer(cast)
    unit = crew.unit(cast, purchased_on=moment(2023, 1, 10).date())
    repaired(cast, he, NOW, unit=unit)
    later = NOW + timedelta(days=5)
    made = crew.dispatched(cast, crew.order(cast, at=later, unit=unit), he, later + timedelta(hours=2))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=later + timedelta(hours=2))
    plan = crew.planned(cast, made, by, later + timedelta(hours=2), misuse=True)
    assert not plan.lines.get(kind="labour").free


def test_after_two_repairs_that_did_not_help_the_customer_may_ask_for_an_exchange(cast: Cast) -> None:
    """The rule of 1995: two repairs within the period and still failing."""
    he = crew.engineer(cast)
    unit = crew.unit(cast)
    repaired(cast, he, NOW, unit=unit)
    repaired(cast, he, NOW + timedelta(days=5), unit=unit)
    later = NOW + timedelta(days=10)
    made = crew.dispatched(cast, crew.order(cast, at=later, unit=unit), he, later + timedelta(hours=2))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=later + timedelta(hours=2))
    crew.planned(cast, made, by, later + timedelta(hours=2))
    made.refresh_from_db()
    assert made.exchange_right == ["two_repairs"]
    assert made.repeat_of is not None


def test_an_order_waiting_for_a_part_for_over_ninety_days_gives_the_right_by_night(cast: Cast) -> None:
    """The rule of 1995: over 90 days for want of a part. The night's work finds it."""
    made = crew.dispatched(cast, crew.order(cast, unit=crew.unit(cast)), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=NOW + timedelta(hours=2))
    operations.hold(made, "part", "等电机", by=by, at=NOW + timedelta(hours=3))
    operations.judge_what_is_pending(NOW + timedelta(days=89))
    assert Order.objects.get(pk=made.pk).exchange_right == []
    assert operations.judge_what_is_pending(NOW + timedelta(days=92)) == 1
    made = Order.objects.get(pk=made.pk)
    assert made.exchange_right == ["part_wait"]
    assert replay(made.repeat_decision).same
    assert operations.judge_what_is_pending(NOW + timedelta(days=93)) == 0


def test_a_repair_is_a_first_time_fix_when_thirty_days_have_passed_without_a_word(cast: Cast) -> None:
    """GN-2: one visit, and no repeat in 30 days; until then it is watched."""
    made = repaired(cast, crew.engineer(cast), NOW, unit=crew.unit(cast))
    assert made.first_time_fix == "pending"
    assert operations.judge_what_is_pending(NOW + timedelta(days=29)) == 0
    assert operations.judge_what_is_pending(NOW + timedelta(days=32)) == 1
    made = Order.objects.get(pk=made.pk)
    assert made.first_time_fix == "yes"
    assert replay(made.fix_decision).same


def test_a_repeat_takes_the_first_time_fix_away_from_the_repair_before_it(cast: Cast) -> None:
    he, unit = crew.engineer(cast), crew.unit(cast)
    first = repaired(cast, he, NOW, unit=unit)
    repaired(cast, he, NOW + timedelta(days=3), unit=unit)
    operations.judge_what_is_pending(NOW + timedelta(days=4))
    assert Order.objects.get(pk=first.pk).first_time_fix == "no"


def test_a_reopened_order_is_judged_anew_and_the_time_between_does_not_count(cast: Cast) -> None:
    """SR-4: between a restoration and a reopening nothing is broken."""
    he, unit = crew.engineer(cast), crew.unit(cast)
    made = repaired(cast, he, NOW, unit=unit)
    later = NOW + timedelta(days=2)
    made = operations.reopen(made, "又响了", by=cast.access("agent"), at=later)
    assert (made.first_time_fix, made.repair_minutes) == ("", None)
    made = crew.dispatched(cast, made, he, later + timedelta(hours=2))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=later + timedelta(hours=2))
    done = later + timedelta(hours=3)
    made = operations.complete(made, action="紧固电机", by=by, at=done)
    made = operations.accept_work(made, crew.signed(made, "acceptance", by, done), by=by, at=done)
    assert (made.repair_minutes, made.hands_on_minutes) == (360, 120)
    assert made.first_time_fix == "no"


def test_a_gas_appliance_at_its_scrap_age_is_not_repaired(cast: Cast) -> None:
    """GB 17905: eight years from the sale; the plan can't be offered, and the decision says why."""
    from sanbao.products import operations as products
    from sanbao.products.models import Model

    hob = Model.objects.get(company=cast.company, code="JZT-B52")
    old = products.register_unit("JZTB520000001", hob, by=cast.access("agent"), at=NOW, purchased_on=moment(2017, 3, 1).date())  # fmt: skip
    made = crew.dispatched(cast, crew.order(cast, unit=old), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=NOW + timedelta(hours=2))
    assert (made.age, made.age_decision.answer["years"]) == ("no_repair", 8)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, NOW + timedelta(hours=2))
    plan = crew.planned(cast, made, by, NOW + timedelta(hours=2), lines=[Line("labour", work="adjust")])
    with pytest.raises(Refusal) as told:
        operations.offer_plan(plan, by=by, at=NOW + timedelta(hours=2))
    assert told.value.code == "age"


def test_an_appliance_found_burnt_is_not_repaired_whatever_its_age(cast: Cast) -> None:
    from sanbao.products import operations as products
    from sanbao.products.models import Model

    hob = Model.objects.get(company=cast.company, code="JZT-B52")
    young = products.register_unit("JZTB520000002", hob, by=cast.access("agent"), at=NOW, purchased_on=moment(2025, 3, 1).date())  # fmt: skip
    made = crew.dispatched(cast, crew.order(cast, unit=young), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=NOW + timedelta(hours=2))
    assert made.age == "repair"
    made = operations.note_early_grounds(made, ["burnt"], by=by, at=NOW + timedelta(hours=2))
    assert made.age == "no_repair"
    assert replay(made.age_decision).same


def test_the_sheet_of_a_repeat_says_so_and_is_paid_as_the_settlement_book_has_it(cast: Cast) -> None:
    """The settlement book has no rule for repeats: the sheet is written as every other, and its event names the repair it repeats."""
    from sanbao.audit.models import Event

    he, unit = crew.engineer(cast), crew.unit(cast)
    first = repaired(cast, he, NOW, unit=unit)
    again = repaired(cast, he, NOW + timedelta(days=3), unit=unit)
    sheet = Sheet.objects.get(order=again)
    assert Event.objects.get(action="settlements:sheet:written", thing_id=sheet.pk).details["repeat_of"] == first.number  # fmt: skip
