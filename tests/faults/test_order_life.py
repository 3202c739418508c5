"""An order's life beside a model of it in plain Python: whatever people do, in whatever order, both come to the same.

Hypothesis makes fifty steps a run: dispatched, accepted, refused, arrived, held, planned, agreed, done, accepted by the customer, sent back, ended,
reopened, cancelled, by the right and the wrong people. The model knows the state and the steps behind it; what it forbids must be refused, what it
allows must be done, and after each step what must always hold, holds. In full size with SANBAO_FAULTS=1. SC-2, SC-4, RP-4, ASVS 2.3.1.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sanbao.accounts import scope
from sanbao.products.models import Unit
from sanbao.settlements.models import Sheet
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, operations
from sanbao.workorders.models import Engineer, Order, Visit
from sanbao.workorders.states import ENDED, WITH_ENGINEER
from tests.access.world import undone
from tests.cast import NOW, Cast, assemble
from tests.modules.workorders import crew

FULL = os.environ.get("SANBAO_FAULTS") == "1"
RUNS = 100 if FULL else 3
STEPS = 50
FLOW = ("application", "arrangement", "maintaining", "acceptance", "aftercare")
# Who may, where the order lies with GZ001 and its engineer is "xiaohe"; "stranger" is an engineer of the same outlet who has nothing to do with it.
PEOPLE = ("agent", "supervisor", "owner-GZ001", "owner-NB011", "xiaohe", "stranger", "auditor")
DESK = {"agent", "supervisor", "owner-GZ001"}
MAY = {
    "dispatch": DESK, "acceptance": DESK | {"xiaohe"}, "refusal": DESK | {"xiaohe"}, "arrival": DESK | {"xiaohe"}, "hold": DESK | {"xiaohe"},
    "resumption": DESK | {"xiaohe"}, "completion": DESK | {"xiaohe"}, "signing": DESK | {"xiaohe"}, "return": {"supervisor", "owner-GZ001"},
    "incompletion": DESK | {"xiaohe"}, "reopening": DESK, "cancellation": {"supervisor", "owner-GZ001"}, "skip": {"supervisor", "owner-GZ001"},
    "aftercare": DESK,
}  # fmt: skip
FROM = {
    "dispatch": ("waiting", "dispatched", "accepted", "held"), "acceptance": ("dispatched",), "refusal": ("dispatched", "accepted"),
    "arrival": ("dispatched", "accepted"), "hold": ("accepted", "working"), "resumption": ("held",), "completion": ("working",), "signing": ("done",),
    "return": ("done",), "incompletion": ("accepted", "working", "held"), "reopening": ("closed", "incomplete"),
    "cancellation": ("waiting", "dispatched", "accepted", "held"), "aftercare": ("closed",),
}  # fmt: skip
TO = {
    "dispatch": "dispatched", "acceptance": "accepted", "refusal": "waiting", "arrival": "working", "hold": "held", "resumption": "working",
    "completion": "done", "signing": "closed", "return": "working", "incompletion": "incomplete", "reopening": "waiting", "cancellation": "cancelled",
    "aftercare": "closed",
}  # fmt: skip


@dataclass
class Model:
    """What the order must be, said without the program: its state, the steps behind it, whether somebody has it."""

    state: str = "waiting"
    done: set[str] = field(default_factory=lambda: {"application"})
    held_by: str = ""

    @property
    def next(self) -> str:
        return next((step for step in FLOW if step not in self.done), "")

    def allows(self, what: str, who: str) -> bool:
        if who not in MAY[what] or (who == "xiaohe" and self.held_by != "xiaohe"):
            return False
        if what == "skip":
            return self.state not in ENDED and self.next not in ("", "application", "arrangement")
        if self.state not in FROM[what]:
            return False
        needs = {"completion": "maintaining", "signing": "acceptance", "aftercare": "aftercare"}.get(what)
        return needs is None or self.next == needs or (needs in self.done and what != "aftercare")

    def do(self, what: str) -> None:
        if what == "skip":
            self.done.add(self.next)
            return
        self.state = TO[what]
        match what:
            case "dispatch":
                self.held_by = "xiaohe"
                self.done.add("arrangement")
            case "refusal":
                self.held_by = ""
                self.done.discard("arrangement")
            case "completion":
                self.done.add("maintaining")
            case "signing":
                self.done.add("acceptance")
            case "aftercare":
                self.done.add("aftercare")
            case "return":
                self.done -= {"maintaining", "acceptance"}
            case "reopening":
                self.held_by = ""
                self.done -= {"arrangement", "maintaining", "acceptance", "aftercare"}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Cast, Unit]]:
    """The cast with two engineers of GZ001, and a hood in warranty."""
    with django_db_blocker.unblock(), scope.everything("tests"), transaction.atomic():
        cast = assemble()
        for name in ("xiaohe", "stranger"):
            crew.engineer(cast, name)
        yield cast, crew.unit(cast)
        transaction.set_rollback(True)


def _doing(cast: Cast, order: Order, what: str, who: str, hour: int) -> Callable[[], Any]:
    """The operation itself, as a page would call it."""
    by, at = cast.access(who), NOW + timedelta(hours=hour)
    engineer = Engineer.objects.get(person=cast.people["xiaohe"], retired_at__isnull=True)
    now: dict[str, Any] = {"by": by, "at": at}
    signed = order.signatures.filter(purpose="acceptance", withdrawn_at__isnull=True).last()
    return {
        "dispatch": lambda: operations.dispatch(order, engineer, at, at + timedelta(minutes=50), **now),
        "acceptance": lambda: operations.accept(order, **now),
        "refusal": lambda: operations.refuse(order, "没有时间", **now),
        "arrival": lambda: operations.arrive(order, **now),
        "hold": lambda: operations.hold(order, "part", "等件", **now),
        "resumption": lambda: operations.resume(order, **now),
        "completion": lambda: operations.complete(order, action="清洗", work="adjust", **now),
        "signing": lambda: operations.accept_work(order, signed, words="电话确认", rating=4, **now),
        "return": lambda: operations.return_work(order, "没洗干净", **now),
        "incompletion": lambda: operations.end_incomplete(order, "用户不在", again=False, **now),
        "reopening": lambda: operations.reopen(order, "又坏了", **now),
        "cancellation": lambda: operations.cancel(order, "不需要了", **now),
        "skip": lambda: operations.skip(order, order.step, "已现场说明", **now),
        "aftercare": lambda: operations.care_after(order, "满意", **now),
    }[what]


def _must_hold(order: Order, model: Model) -> None:
    order.refresh_from_db()
    behind = set(order.steps.filter(undone_at__isnull=True).values_list("code", flat=True))
    assert (order.state, behind, order.step) == (model.state, model.done, model.next)
    assert (order.engineer_id is not None) or order.state not in WITH_ENGINEER
    codes = [step.code for step in flow.steps_of(order)]
    assert (
        order.state in ("waiting", "dispatched", "accepted", "held", "cancelled")
        or set(codes[: len(behind) - 1]) & behind
    )
    assert (order.closed_at is not None) == (order.state == "closed")
    assert Sheet.objects.filter(order=order, withdrawn_at__isnull=True).count() == (order.state == "closed")
    on_site = Visit.objects.filter(order=order, state="arrived", helps=False).count()
    assert on_site <= 1
    assert not (on_site and order.state in (*ENDED, "waiting", "done"))


ONWARD = {
    "waiting": "dispatch",
    "dispatched": "arrival",
    "accepted": "arrival",
    "working": "completion",
    "held": "resumption",
    "done": "signing",
}
STEP = st.one_of(
    st.tuples(st.sampled_from(tuple(MAY)), st.sampled_from(PEOPLE)),
    st.tuples(
        st.just("onward"), st.sampled_from(("supervisor", "owner-GZ001"))
    ),  # the way that is right, so that a run comes far
)


def _lived(cast: Cast, unit: Unit, steps: list[tuple[str, str]]) -> None:
    """One life: each step done by the program and by the model, and compared."""
    order = crew.order(cast, kind="maintenance", unit=unit)
    operations.write_checks(order, {"items_done": (None, "风道")}, by=cast.access("agent"), at=NOW)
    model = Model()
    for hour, (what, who) in enumerate(steps):
        what = ONWARD.get(model.state, "reopening") if what == "onward" else what
        order = Order.objects.get(pk=order.pk)
        may = model.allows(what, who) and (what != "completion" or order.arrived_at is not None)
        try:
            with transaction.atomic():
                _doing(cast, order, what, who, hour)()
            done = True
        except (Refusal, PermissionDenied, Order.DoesNotExist):
            done = False
        assert done == may, (what, who, model)
        if done:
            model.do(what)
        _must_hold(order, model)


def test_whatever_people_do_the_order_is_what_its_model_says(
    stage: tuple[Cast, Unit], db: None, record_property: Any
) -> None:
    """SC-2: no step is left out silently, whoever does what when."""
    counted = {"runs": 0, "steps": 0}

    @hypothesis_settings(
        max_examples=RUNS, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(steps=st.lists(STEP, min_size=STEPS, max_size=STEPS))
    def live(steps: list[tuple[str, str]]) -> None:
        with undone():
            _lived(*stage, steps)
        counted["runs"] += 1
        counted["steps"] += len(steps)

    live()
    for name, count in counted.items():
        record_property(name, count)


def test_control_work_done_by_who_never_came_is_found(
    stage: tuple[Cast, Unit], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of moves made loose: work may be done from “dispatched”. The model says otherwise."""
    from sanbao.workorders import states

    loose = replace(states.MOVES["completion"], sources=("dispatched", "working"))
    monkeypatch.setitem(states.MOVES, "completion", loose)
    monkeypatch.setattr(flow, "refuse_while_missing", lambda *_args: None)
    with undone(), pytest.raises(AssertionError, match="completion"):
        _lived(*stage, [("dispatch", "supervisor"), ("completion", "supervisor")])
