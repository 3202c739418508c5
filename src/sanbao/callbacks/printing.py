"""《维修回访记录表》 and 《安装回访记录表》: what was asked and answered, filled from a record or blank (KA-9.2, RW-8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sanbao.callbacks.models import Callback
from sanbao.ui.printing import day, figures, moment, pdf
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Customer, Frame

TEMPLATE = "callback-record"
NUMBERS = {"repair": "SB-HF-01", "installation": "SB-HF-02"}


@dataclass(frozen=True, slots=True)
class TryLine:
    number: int
    at: datetime
    by: str
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A callback as its paper tells it; one without a number is blank. Yes and no are "yes", "no" or "" (not asked); marks "1" to "5" or ""."""

    kind: str = "repair"
    number: str = ""
    job: str = ""
    round: int = 0
    outlet: str = ""
    engineer: str = ""
    customer: Customer = Customer()
    model: str = ""
    serial: str = ""
    completed_on: date | None = None
    due_on: date | None = None
    action: str = ""
    charged_fen: int | None = None
    answers: dict[str, str] = field(default_factory=dict)
    paid_fen: int | None = None
    usage: str = ""
    suggestions: str = ""
    words: str = ""
    tries: Sequence[TryLine] = ()
    found: str = ""
    followed: str = ""
    caller: str = ""
    called_at: datetime | None = None


def printed(row: Callback) -> Printed:
    """A callback's paper."""
    plan, record = row.plan, getattr(row, "record", None)
    answers: dict[str, str] = {}
    for name in ("came", "works", "timely", "charges_told"):
        value = getattr(record, name, None)
        answers[name] = "" if value is None else "yes" if value else "no"
    for name in ("attitude", "quality", "satisfaction"):
        answers[name] = str(getattr(record, name, None) or "")
    observations = [f"{each.get_kind_display()}: {each.words}" for each in row.observations.order_by("id")]
    followed = [
        f"{need.request.number} {need.words}" for need in row.needs.select_related("request").order_by("id")
    ]
    followed += [f"{each.question} → {each.answer or '…'}" for each in row.promises.order_by("id")]
    return Printed(
        kind="installation" if row.kind == "installation" else "repair", number=row.number, job=plan.number, round=row.round,
        outlet=str(plan.outlet or ""), engineer=plan.engineer, customer=Customer(plan.contact, row.number_to_call, plan.address),
        model=plan.model, serial=plan.serial, completed_on=plan.completed_on, due_on=row.due_on, action=plan.action,
        charged_fen=plan.charged_fen, answers=answers, paid_fen=getattr(record, "charged_fen", None), usage=getattr(record, "usage", ""),
        suggestions=getattr(record, "suggestions", ""), words=getattr(record, "words", ""),
        tries=[
            TryLine(each.number, each.at, each.by.name if each.by else "", str(each.get_outcome_display()), each.note)
            for each in row.attempts.select_related("by").order_by("number")
        ],
        found="\n".join(observations), followed="\n".join(followed), caller=record.made_by.name if record and record.made_by else "",
        called_at=record.made_at if record else None,
    )  # fmt: skip


def record_pdf(row: Printed, frame: Frame, language: str) -> bytes:
    """The record as PDF."""
    return pdf(TEMPLATE, as_words(row, frame), language)


def as_words(row: Printed, frame: Frame) -> dict[str, Any]:
    """The record as the form shows it: every value a finished text."""
    return common.framed(frame, NUMBERS[row.kind], row.number) | {
        "record": {
            "blank": not row.number,
            "kind": row.kind,
            "number": row.number,
            "job": row.job,
            "round": str(row.round or ""),
            "outlet": row.outlet,
            "engineer": row.engineer,
            "customer": common.customer(row.customer, frame),
            "model": row.model,
            "serial": row.serial,
            "completed_on": day(row.completed_on),
            "due_on": day(row.due_on),
            "action": row.action,
            "charged": "" if row.charged_fen is None else figures(row.charged_fen),
            "answers": {name: row.answers.get(name, "") for name in ("came", "works", "timely", "charges_told", "attitude", "quality", "satisfaction")},
            "paid": "" if row.paid_fen is None else figures(row.paid_fen),
            "usage": row.usage,
            "suggestions": row.suggestions,
            "words": row.words,
            "tries": [
                {"number": str(each.number), "at": moment(each.at), "by": each.by, "outcome": each.outcome, "note": each.note}
                for each in row.tries
            ],
            "found": row.found,
            "followed": row.followed,
            "caller": row.caller,
            "called_at": moment(row.called_at),
        }
    }  # fmt: skip
