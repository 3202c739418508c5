"""The other flows: training in six steps (SC-3), replacement in five (SC-4), installation after the same shape."""

from datetime import timedelta

import pytest

from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, operations
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

THERE = NOW + timedelta(hours=2)


def test_a_training_goes_through_its_six_steps_and_its_questions_are_on_record(cast: Cast) -> None:
    """SC-3: application, content and time, training, questions, answers, summary and feedback."""
    made = crew.dispatched(cast, crew.order(cast, kind="training", fault="使用培训"), crew.engineer(cast))
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=THERE)
    with pytest.raises(Refusal, match="SC-3"):
        operations.do_step(made, "asking", "多久清洗一次？", by=by, at=THERE)
    operations.write_checks(
        made, {"material_handed": (True, ""), "attendance": (None, "3人")}, by=by, at=THERE
    )
    made = operations.complete(made, action="讲解并演示", by=by, at=THERE)
    operations.do_step(made, "asking", "多久清洗一次？", by=by, at=THERE)
    operations.do_step(made, "answering", "半年一次。", by=by, at=THERE)
    signed = crew.signed(made, "training", by, THERE)
    made = operations.accept_work(made, signed, rating=5, words="清楚", by=by, at=THERE)
    assert [row.code for row in made.steps.order_by("id")] == [step.code for step in flow.steps_of(made)]
    assert made.steps.get(code="asking").words == "多久清洗一次？"
    assert (made.state, made.step) == ("closed", "")


def test_a_replacement_has_five_steps_and_ends_only_when_it_runs(cast: Cast) -> None:
    """SC-4: replacement on site until it runs."""
    made = crew.dispatched(cast, crew.order(cast, kind="replacement"), crew.engineer(cast))
    assert len(flow.steps_of(made)) == 5
    by = crew.own(cast)
    made = operations.arrive(made, by=by, at=THERE)
    with pytest.raises(Refusal, match="SC-4"):
        operations.complete(made, action="更换面板", restored=False, by=by, at=THERE)


def test_a_step_of_another_flow_is_none_of_this_order(cast: Cast) -> None:
    made = crew.dispatched(cast, crew.order(cast), crew.engineer(cast))
    with pytest.raises(Refusal):
        operations.do_step(made, "asking", "？", by=crew.own(cast), at=NOW)


def test_every_step_of_every_kind_has_an_instruction_in_both_languages(cast: Cast) -> None:
    """CO-2: a standard flow with instructions at every step."""
    for kind, count in {
        "repair": 7,
        "training": 6,
        "replacement": 5,
        "installation": 6,
        "maintenance": 5,
        "inspection": 5,
    }.items():
        made = crew.order(cast, kind=kind)
        steps = flow.steps_of(made)
        assert len(steps) == count
        assert all(step.instruction["zh"] and step.instruction["en"] and step.clause for step in steps)
