"""A customer who presses twice, and two who hold the same link: a plan is agreed to once, with one signature. The control has no guard and fails."""

import threading

import pytest
from django.db.models import QuerySet

from sanbao.audit.models import Event
from sanbao.portal.operations import door
from sanbao.workorders import operations
from sanbao.workorders.models import Plan, Signature
from sanbao.workorders.operations import by_customer, planning
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import PEOPLE, at_once
from tests.modules.workorders import crew


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """A plan that waits for a yes."""
    made = crew.dispatched(cast, crew.order(cast, unit=crew.unit(cast)), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=NOW)
    for purpose in ("plate", "fault"):
        crew.photo(cast, made, purpose, by, NOW)
    return operations.offer_plan(crew.planned(cast, made, by, NOW), by=by, at=NOW)


def _agree(cast: Cast, plan: Plan) -> Plan:
    return operations.agree(plan, "张三丰", crew.SCRAWL, by=door(cast.company), at=NOW)


def test_of_many_yeses_at_once_one_counts_and_one_signature_is_kept(cast: Cast, plan: Plan) -> None:
    """SC-2, KA-4.3."""
    done, refused = at_once(lambda _number: _agree(cast, plan))
    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert Signature.objects.count() == 1
    assert Event.objects.filter(action="workorders:plan:confirmed").count() == 1


def test_a_yes_and_a_no_at_once_are_one_answer(cast: Cast, plan: Plan) -> None:
    answers = (
        lambda: _agree(cast, plan),
        lambda: operations.decline(plan, "太贵了", by=door(cast.company), at=NOW),
    )
    done, refused = at_once(lambda number: answers[number % 2](), 2)
    assert (done, len(refused)) == (1, 1)
    assert (
        Event.objects.filter(action__in=("workorders:plan:confirmed", "workorders:plan:declined")).count()
        == 1
    )


def test_the_control_without_the_locks_several_yeses_count(
    cast: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = crew.signed(plan.order, "agreement", crew.own(cast), NOW)
    both = threading.Barrier(2)

    def looked_at(asked: Plan, _order: object) -> Plan:
        found = Plan.objects.get(pk=asked.pk)
        both.wait(10)
        return found

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(by_customer, "sign", lambda *args, **options: kept)
    monkeypatch.setattr(planning, "_locked", looked_at)
    monkeypatch.setattr(planning, "mark", lambda *args, **options: None)
    done, _refused = at_once(lambda _number: _agree(cast, plan), 2)
    assert done == 2
    assert Event.objects.filter(action="workorders:plan:confirmed").count() == 2
