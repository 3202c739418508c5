"""Many requests at once become exactly what each would have become alone."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from sanbao.accounts.access import Access
from sanbao.audit.models import Change, Event
from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.intake import operations
from sanbao.intake.models import Category, Request, Rule, Team
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

_OWN = {"id", "number", "request", "request_id", "thing_id", "priority_decision", "priority_decision_id", "decision", "decision_id", "label", "tx", "kept_at", "mark"}  # fmt: skip


def _told(row: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in _OWN and field.name not in _OWN
    }


def _everything(request: Request) -> dict[str, Any]:
    request = Request.objects.get(pk=request.pk)
    decisions = Decision.objects.filter(thing="intake.request", thing_id=request.pk).order_by("id")
    events = Event.objects.filter(thing="intake.request", thing_id=request.pk).order_by("id")
    return {
        "request": _told(request),
        "level": _told(request.priority_decision),
        "entries": [_told(row) for row in request.entries.order_by("id")],
        "promises": [
            (_told(row), row.decision.question, row.decision.answer, row.decision.reasons)
            for row in request.promises.order_by("id")
        ],
        "decisions": [_told(row) for row in decisions],
        "events": [_told(row) for row in events],
    }


@pytest.fixture
def asks(cast: Cast) -> list[operations.Ask]:
    by = cast.access("supervisor")
    customer = customers.register("张三丰", phone="13800005678", vip=True, by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("A1234567", model, customer=customer, by=by, at=NOW)
    classes = {row.code: row for row in Category.objects.filter(company=cast.company)}
    team = Team.objects.filter(company=cast.company).earliest("id")
    for who in ("agent", "support"):
        if not team.members.filter(person=cast.people[who]).exists():
            operations.keep_member(team, cast.people[who], by=by, at=NOW)
    Rule.objects.create(
        company=cast.company, position=0, name="by load", team=team, mode=Rule.Mode.LEAST_LOADED, area="中山"
    )
    base = operations.Ask(
        channel="import", category=classes["repair-noise"], subject="异响", severity="part", contact="张三", phone="13800005678",
        received_at=NOW - timedelta(days=3, hours=2),
    )  # fmt: skip
    more = dataclasses.replace
    return [
        base,
        more(base, address="中山路1号", external_id="X-1"),
        more(base, address="中山路2号", category=classes["repair-gas"], severity="danger", flags=("gas",)),
        more(base, address="中山路3号"),
        more(base, customer=customer, unit=unit, outlet=cast.outlets["GZ001"], phone=""),
        more(base, channel="phone", received_at=None),
        more(base, category=classes["advice-use"], severity="", received_at=NOW - timedelta(days=40)),
    ]


def test_many_at_once_become_what_each_becomes_alone(cast: Cast, asks: list[operations.Ask]) -> None:
    """clause BA-2, clause BA-3, DP-3: rows, promises, decisions and events are equal, for the code is the same."""
    by = Access(None, cast.company.pk, name="x", request="test")
    alone = [_everything(operations.receive(ask, by=by, at=NOW)) for ask in asks]
    Request.objects.update(state="closed")  # so that nobody's load differs from before
    together = [_everything(row) for row in operations.receive_many(asks, by=by, at=NOW)]
    for one, other in zip(alone, together, strict=True):
        assert one == other
    assert Change.objects.filter(table="intake_request", op="I").count() == 2 * len(asks)
    assert Request.objects.values("number").distinct().count() == 2 * len(asks)


def test_one_that_is_refused_leaves_nothing_and_is_named(cast: Cast, asks: list[operations.Ask]) -> None:
    by = Access(None, cast.company.pk)
    wrong = dataclasses.replace(asks[0], received_at=NOW + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        operations.receive_many([asks[0], wrong], by=by, at=NOW)
    assert (refused.value.code, refused.value.details["index"]) == ("future", 1)
    assert not Request.objects.exists() and not Decision.objects.filter(thing="intake.request").exists()


def test_how_far_it_is_is_told_and_may_end_it(cast: Cast, asks: list[operations.Ask]) -> None:
    heard: list[int] = []

    def stop(done: int) -> None:
        heard.append(done)
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        operations.receive_many(asks, by=Access(None, cast.company.pk), at=NOW, step=stop)
    assert heard == [0, len(asks)]


def test_the_statements_do_not_grow_with_the_rows(
    cast: Cast, asks: list[operations.Ask], django_assert_max_num_queries
) -> None:
    by = Access(None, cast.company.pk)
    with django_assert_max_num_queries(40):
        operations.receive_many(asks[:4] * 50, by=by, at=NOW)
