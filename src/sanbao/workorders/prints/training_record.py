"""《培训记录》: a training in its six steps, with questions, answers, summary and feedback (SC-3, SR-6, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanbao.ui.formats import masked_phone
from sanbao.ui.printing import moment, pdf
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Engineer, Frame, Signed

TEMPLATE = "training-record"
NUMBER = "SB-WX-07"
STEPS = 6


@dataclass(frozen=True, slots=True)
class StepDone:
    """When one of the six steps was done, and by whom; empty while it was not."""

    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Attendee:
    name: str = ""
    organisation: str = ""
    phone: str = ""
    result: str = ""
    attended: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    question: str
    asked_by: str = ""
    answer: str = ""
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """A training; `steps` are the six of the clause in their order, fewer where it has not got further. `rating` is 1 to 5."""

    number: str = ""
    request: str = ""
    applicant: str = ""
    phone: str = ""
    applied_at: datetime | None = None
    product: str = ""
    content: str = ""
    material: str = ""
    planned_from: datetime | None = None
    planned_to: datetime | None = None
    held_from: datetime | None = None
    held_to: datetime | None = None
    place: str = ""
    trainer: Engineer = Engineer()
    steps: Sequence[StepDone] = ()
    attendees: Sequence[Attendee] = ()
    questions: Sequence[Question] = ()
    summary: str = ""
    feedback: str = ""
    rating: int | None = None
    trainer_signed: Signed = Signed()
    customer_signed: Signed = Signed()
    department_signed: Signed = Signed()


def training_pdf(training: Training, frame: Frame, language: str) -> bytes:
    """The record as PDF; one without a number is a blank form."""
    return pdf(TEMPLATE, printed(training, frame), language)


def printed(training: Training, frame: Frame) -> dict[str, Any]:
    """The record as the form shows it: every value a finished text."""
    if len(training.steps) > STEPS:
        raise ValueError(f"a training has {STEPS} steps (SC-3), not {len(training.steps)}")
    steps = [*training.steps, *[StepDone()] * (STEPS - len(training.steps))]
    return common.framed(frame, NUMBER, training.number) | {
        "training": {
            "blank": not training.number,
            "number": training.number,
            "request": training.request,
            "applicant": common.name_of(training.applicant, frame),
            "phone": _phone(training.phone, frame),
            "applied_at": moment(training.applied_at),
            "product": training.product,
            "content": training.content,
            "material": training.material,
            "planned": common.slot(training.planned_from, training.planned_to),
            "held": common.slot(training.held_from, training.held_to),
            "place": training.place,
            "trainer": common.engineer(training.trainer),
            "steps": [{"at": moment(step.at), "by": step.by} for step in steps],
            "attendees": [_attendee(one, frame) for one in training.attendees],
            "questions": [_question(one, frame) for one in training.questions],
            "summary": training.summary,
            "feedback": training.feedback,
            "rating": str(training.rating or ""),
            "signed": {
                "trainer": common.signed(training.trainer_signed),
                "customer": common.customer_signed(training.customer_signed, frame),
                "department": common.signed(training.department_signed),
            },
        }
    }


def _phone(phone: str, frame: Frame) -> str:
    return phone if frame.unmasked else masked_phone(phone)


def _attendee(one: Attendee, frame: Frame) -> dict[str, Any]:
    return {
        "name": common.name_of(one.name, frame),
        "organisation": one.organisation,
        "phone": _phone(one.phone, frame),
        "result": one.result,
        "attended": one.attended,
    }


def _question(one: Question, frame: Frame) -> dict[str, str]:
    return {
        "question": one.question,
        "asked_by": common.name_of(one.asked_by, frame),
        "answer": one.answer,
        "answered_by": one.answered_by,
    }
