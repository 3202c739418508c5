"""Many requests at once become exactly what each would have become alone."""

import dataclasses
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from sanbao.accounts.access import Access
from sanbao.audit.models import Change, Event
from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import replay
from sanbao.files import operations as files
from sanbao.intake import operations
from sanbao.intake.models import Category, Request, Rule, Tally, Team
from sanbao.intake.operations import registering
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.ui.refusal import Refusal
from sanbao_rules.worktime import CHINA
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


def test_every_decision_of_many_is_replayed_the_same(cast: Cast, asks: list[operations.Ask]) -> None:
    """What is copied in as text answers again, with the facts it keeps, what it answered."""
    made = operations.receive_many(asks, by=Access(None, cast.company.pk), at=NOW)
    decisions = list(Decision.objects.filter(thing="intake.request", thing_id__in=[one.pk for one in made]))
    assert len(decisions) == 4 * len(asks)
    for decision in decisions:
        again = replay(decision)
        assert again.same, again.differences
        assert all(reason["$reason"][3] for reason in decision.reasons["$tuple"]), (
            "every reason names its clause"
        )


def _counted() -> dict[tuple[Any, ...], int]:
    rows = Tally.objects.exclude(count=0).values_list("company_id", "month", "outlet", "state", "count")
    return {row[:-1]: row[-1] for row in rows}


@pytest.mark.parametrize("how", ["together", "each for itself"])
def test_the_tally_counts_many_once_whichever_way_they_are_counted(
    cast: Cast, asks: list[operations.Ask], how: str, monkeypatch
) -> None:
    """BA-1: exact at every commit; the setting chooses the trigger that counts and can't keep both from it."""
    if how != "together":
        monkeypatch.setattr(registering, "_count", lambda how: None)
    before = _counted()
    made = operations.receive_many(asks * 3, by=Access(None, cast.company.pk), at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT coalesce(current_setting('sanbao.counting', true), '')")
        assert cursor.fetchone() == ("",)
    expected = Counter(before)
    for one in made:
        received = one.received_at.astimezone(CHINA)
        expected[(cast.company.pk, received.date().replace(day=1), one.outlet_id or 0, one.state)] += 1
    assert _counted() == expected
    Request.objects.filter(pk=made[0].pk).update(state="closed")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert sum(_counted().values()) == sum(expected.values())


def test_files_come_with_many_too(cast: Cast, asks: list[operations.Ask]) -> None:
    by = Access(None, cast.company.pk)
    stored = files.keep(b"%PDF-1.4 x", "x.txt", by=by, at=NOW)
    with_file = dataclasses.replace(asks[1], files=[stored])
    first, second = operations.receive_many([asks[0], with_file], by=by, at=NOW)
    assert [list(one.entries.earliest("id").files.all()) for one in (first, second)] == [[], [stored]]


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
