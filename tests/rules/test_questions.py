"""Stored facts and pinned books give the same decision again, years later."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from sanbao_rules import dispatch, quotation, repairs
from sanbao_rules.decision import from_json, to_json
from sanbao_rules.examples import shipped_examples, with_readings
from sanbao_rules.questions import AMOUNTS, QUESTIONS, sheet_facts
from sanbao_rules.rulebook import Rulebook
from sanbao_rules.settlement import Terms, decide_month, tally
from tests.rules.make import AUGUST, BOOKS, HOB
from tests.rules.test_settlement_month import LATE, SMALL_MONTH

ASKED = {
    "settlement.month": {
        "month": AUGUST,
        "paper_on": LATE[0],
        "electronic_on": LATE[1],
        "sheets": SMALL_MONTH,
    },
    "settlement.sheet": {"month": AUGUST, "sheet": HOB},
    "settlement.rate": {"month": AUGUST, "paper_on": LATE[0], "electronic_on": None},
    "warranty.cover": {
        "category": "吸油烟机",
        "component": "电机",
        "purchased_on": date(2026, 1, 10),
        "repair_days": 3,
    },
    "warranty.in_warranty": {"asked_on": date(2026, 8, 3), "purchased_on": date(2026, 1, 10)},
    "charges.part_price_cap": {"supply_price": Decimal("99.99"), "on": AUGUST},
    "charges.labour": {"category": "燃气灶", "work": "replace", "on": AUGUST},
    "charges.travel": {"km": Decimal(48), "on": AUGUST},
    "worktime.deadline": {"start": datetime(2026, 4, 30, 17, 0), "hours": 1},
    "worktime.workdays": {"start": date(2026, 4, 30), "days": 3},
    "service.priority": {"nature": "fault", "severity": "down", "flags": ("gas",), "on": AUGUST},
    "service.promise": {
        "promise": "resolution",
        "history": [
            (datetime(2026, 4, 30, 17, 0), "received", "high"),
            (datetime(2026, 5, 6, 9, 0), "paused", "for_part"),
        ],
    },
    "service.step": {
        "promise": "answer",
        "history": [(datetime(2026, 4, 30, 17, 0), "received")],
        "code": "answer-due",
    },
    "complaint.clock": {
        "clock": "verification",
        "history": [
            (datetime(2026, 2, 13, 16, 0), "received"),
            (datetime(2026, 2, 14, 9, 0), "paused", "for_test"),
        ],
    },
    "complaint.step": {
        "clock": "answer",
        "history": [(datetime(2026, 2, 13, 16, 0), "received")],
        "code": "answer-due",
        "now": datetime(2026, 2, 14, 16, 0),
    },
    "complaint.weight": {"kind": "quality", "harm": "loss", "flags": ("vip",), "on": AUGUST},
    "complaint.repeat": {"complained": [("T-1", date(2026, 7, 1), ("unit",))], "on": AUGUST},
    "complaint.owner": {"kind": "quality", "on": AUGUST},
    "complaint.verdict": {
        "justified": False,
        "cause": "misuse",
        "day_agreed": False,
        "routes": ["court"],
        "on": AUGUST,
    },
    "complaint.approval": {"kind": "refund", "fen": 20_001, "on": AUGUST},
    "retention.erasable_from": {"record": "logs", "since": date(2026, 4, 9), "on": date(2026, 11, 23)},
    "workorder.gate": {"kind": "repair", "step": "agreement", "present": ["agreement_signed"], "on": AUGUST},
    "charges.customer_labour": {"category": "燃气灶", "work": "carry_in", "on": AUGUST},
    "workorder.quote": quotation.facts_of(
        [
            quotation.Line("labour", "replace", "电磁阀"),
            quotation.Line(
                "part", component="面板", price=Decimal(150), supply_price=Decimal(100), excluded="misuse"
            ),
            quotation.Line("travel", km=Decimal(48)),
        ],
        quotation.Case("燃气灶", date(2026, 8, 3), date(2026, 1, 10)),
        AUGUST,
    ),
    "workorder.site": {"category": "燃气灶", "results": {"hose": "bad"}, "insists": True, "on": AUGUST},
    "workorder.age": {"category": "燃气灶", "sold_on": date(2018, 8, 1), "on": AUGUST},
    "workorder.repair_time": {
        "category": "燃气灶",
        "kind": "repair",
        "history": [
            (datetime(2026, 8, 3, 9, 0), "reported"),
            (datetime(2026, 8, 3, 14, 0), "started"),
            (datetime(2026, 8, 3, 15, 0), "waiting", "for_part"),
        ],
        "now": datetime(2026, 8, 5, 9, 0),
    },
    "workorder.repeat": {
        "orders": repairs.facts_of(
            [
                repairs.Past("WO-1", date(2026, 7, 1), date(2026, 7, 2), components=("电磁阀",)),
                repairs.Past("WO-2", date(2026, 7, 9), components=("电磁阀",)),
            ]
        ),
        "on": AUGUST,
    },
    "finding.counts": {"on": AUGUST},
    "finding.hint": {"kind": "phone_serials", "on": AUGUST, "told": {"serials": 5}},
    "finding.last_day": {"of": "appeal", "start": date(2026, 9, 21)},
    "finding.correction": {
        "month": AUGUST,
        "rate": Decimal("0.9"),
        "before": "|吸油烟机|replace|30|2026-01-10||2026-08-08|2026-08-09|电机|0|",
        "after": "|吸油烟机|replace|30|2026-01-10||2026-08-08|2026-08-09|电机|0|forged:0",
    },
    "workorder.reopening": {"ended_on": date(2026, 5, 1), "times": 0, "on": date(2026, 5, 20)},
    "workorder.comment": {"stars": 2, "on": AUGUST},
    "workorder.travel": {"km": Decimal("4.6"), "on": AUGUST},
    "warranty.remedies": {"sold_on": date(2026, 5, 1), "on": date(2026, 5, 9), "repairs": 0},
    "workorder.first_time_fix": {
        "order": {"order": "WO-1", "reported_on": date(2026, 6, 1), "done_on": date(2026, 6, 1)},
        "on": AUGUST,
    },
    "workorder.device_clock": {
        "device_at": datetime(2026, 8, 3, 9, 0),
        "sent_at": datetime(2026, 8, 3, 12, 0),
        "received_at": datetime(2026, 8, 3, 12, 30),
    },
    "workorder.dispatch": dispatch.facts_of(
        [
            dispatch.Engineer("E1", {"燃气灶": 3}, {"gas": date(2026, 12, 31)}, distance_km=Decimal("3.5")),
            dispatch.Engineer("E2", jobs=((datetime(2026, 8, 3, 9, 0), datetime(2026, 8, 3, 11, 0)),)),
        ],
        dispatch.Job(
            datetime(2026, 8, 3, 10, 0), datetime(2026, 8, 3, 11, 0), "燃气灶", certificates=("gas",)
        ),
        AUGUST,
    ),
    "callbacks.plan": {
        "kind": "installation", "number": "A-1", "completed_on": date(2026, 9, 30), "arrived_on": date(2026, 9, 30), "on": date(2026, 9, 30)
    },
    "callbacks.next": {"outcome": "no_answer", "tries": 1, "at": datetime(2026, 9, 30, 17, 0)},
    "callbacks.spread": {"callers": {"c1": 0}, "waiting": [["H-1", date(2026, 10, 9), ""]], "on": date(2026, 10, 9)},
    "callbacks.answer": {"promised_at": datetime(2026, 10, 9, 9, 0), "due_at": datetime(2026, 10, 9, 15, 0), "now": datetime(2026, 10, 9, 16, 0)},
    "callbacks.urgent": {"kind": "fire", "on": AUGUST},
}  # fmt: skip

# The other books' questions are asked as their first worked example asks them.
for book in BOOKS:
    for example in shipped_examples(book):
        ASKED.setdefault(example.question, dict(example.facts))


def test_every_question_is_asked_here():
    assert ASKED.keys() == QUESTIONS.keys()
    assert AMOUNTS.keys() <= QUESTIONS.keys()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_stored_decision_can_be_replayed(question):
    made = QUESTIONS[question](ASKED[question], BOOKS)
    assert made.question == question
    stored = json.loads(json.dumps(to_json(ASKED[question]), sort_keys=True))
    books = {
        name: Rulebook.from_json(json.loads(json.dumps(book.to_json(), sort_keys=True)))
        for name, book in BOOKS.items()
    }
    again = QUESTIONS[question](from_json(stored), books)
    assert to_json(again) == to_json(made)


def test_a_month_can_be_replayed_from_its_tally():
    terms = Terms.resolve(BOOKS, AUGUST)
    made = decide_month(AUGUST, *LATE, SMALL_MONTH, terms, BOOKS)
    counted = tally(made.outcomes, terms)
    facts = {"month": AUGUST, "paper_on": LATE[0], "electronic_on": LATE[1], "tally": counted.as_dict()}
    assert QUESTIONS["settlement.month"](from_json(to_json(facts)), BOOKS) == made.decision


def test_seconds_may_be_given_for_hours():
    facts = {"start": datetime(2026, 4, 30, 17, 0), "seconds": 3600}
    assert QUESTIONS["worktime.deadline"](facts, BOOKS).answer == datetime(2026, 5, 6, 9, 0)


def test_a_sheet_may_leave_out_what_is_empty():
    facts = sheet_facts({"category": "燃气灶", "km": "48", "missing": ["phone"], "findings": [["forged", 0]]})
    assert (facts.missing, facts.findings, facts.km, facts.claimed_out) == (
        ("phone",),
        (("forged", 0),),
        Decimal(48),
        False,
    )
    assert sheet_facts(tuple(HOB)) == HOB


def test_an_edition_that_did_not_know_the_question_and_a_step_that_is_none_are_told() -> None:
    older = with_readings(BOOKS["workorder"], {"travel_speed": 0})
    with pytest.raises(LookupError, match="does not know"):
        QUESTIONS["workorder.travel"]({"km": "5.7", "on": AUGUST}, {**BOOKS, "workorder": older})
    with pytest.raises(LookupError, match="no step 'answer-never'"):
        QUESTIONS["complaint.step"]({**ASKED["complaint.step"], "code": "answer-never"}, BOOKS)
