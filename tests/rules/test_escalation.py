"""GN-3, CS-4: who is warned before a promise is due, who is told after, each once and each with its reason."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.decision import to_json
from sanbao_rules.escalation import due_now, steps
from sanbao_rules.explain import explain
from sanbao_rules.promises import facts_of
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.roster import Roster
from tests.rules.make import BOOKS, read
from tests.rules.test_promises import BOOK, CALENDAR, ask, at, history

RECEIVED = ("03-02 10:00 received", "03-02 10:05 assigned 7")


def plan(*moments: str, promise: str = "resolution", **more):
    return [(step.code, step.at) for step in steps(ask(promise, *moments, **more), BOOK, CALENDAR)]


def due(now: str, *moments: str, sent=(), promise: str = "resolution", **more):
    made = ask(promise, *moments, now=now)
    return due_now(made, BOOK, CALENDAR, now=at(now), sent=sent, **more)


def test_cs_4_the_ladder_of_a_solution():
    assert plan(*RECEIVED) == [
        ("resolution-warn", at("03-05 08:52:30")),
        ("resolution-due", at("03-05 17:30")),
        ("resolution-head", at("03-06 17:30")),
        ("resolution-management", at("03-10 17:30")),
    ]


def test_cs_4_working_and_natural_time_behind_the_due_moment():
    assert plan("03-06 17:00 received", promise="answer") == [
        ("answer-warn", at("03-06 17:20")),
        ("answer-due", at("03-06 17:30")),
        ("answer-head", at("03-09 09:30")),
    ]
    assert plan("03-06 17:00 received", promise="response")[2:] == [
        ("response-head", at("03-07 21:00")),
        ("response-management", at("03-08 17:00")),
    ]


def test_nothing_is_due_early_and_each_step_once():
    assert due("03-05 08:52", *RECEIVED) == ()
    ((warned, _),) = due("03-05 10:00", *RECEIVED)
    assert (warned.code, warned.to, warned.how, warned.missed_by) == (
        "resolution-warn",
        "handler",
        ("inbox",),
        "",
    )
    assert due("03-05 10:00", *RECEIVED, sent={warned.key}) == ()
    assert due("03-05 17:30", *RECEIVED, sent={warned.key}) == ()
    ((told, _),) = due("03-05 17:31", *RECEIVED, sent={warned.key})
    assert (told.code, told.to, told.missed_by) == ("resolution-due", "team_lead", "7")


def test_after_a_standstill_of_the_jobs_the_steps_come_without_warnings_that_are_too_late():
    assert [step.code for step, _ in due("03-09 10:00", *RECEIVED)] == ["resolution-due", "resolution-head"]


def test_gn_3_who_missed_it_is_part_of_the_answer():
    line = (*RECEIVED, "03-06 09:00 assigned 9")
    made = due("03-09 10:00", *line)
    assert {step.missed_by for step, _ in made} == {"7"}
    assert {decision.answer["missed_by"] for _, decision in made} == {"7"}
    nobody = due("03-09 10:00", RECEIVED[0])
    assert {reason.code for _, decision in nobody for reason in decision.reasons} >= {"missed_unassigned"}


def test_what_is_paused_cancelled_or_done_disturbs_nobody():
    assert due("03-09 10:00", *RECEIVED, "03-03 10:00 paused for_part") == ()
    assert due("03-09 10:00", *RECEIVED, "03-03 10:00 cancelled") == ()
    assert due("03-09 10:00", *RECEIVED, "03-06 10:00 solved") == ()
    assert plan(*RECEIVED, "03-03 10:00 paused for_part") == []
    assert plan(*RECEIVED, "03-03 10:00 cancelled") == []
    assert [code for code, _ in plan(*RECEIVED, "03-06 10:00 solved")] == [
        "resolution-warn",
        "resolution-due",
    ]
    assert plan(*RECEIVED, "03-03 10:00 solved") == []


def test_a_promise_due_anew_after_a_pause_is_warned_of_anew():
    ((first, _),) = due("03-05 10:00", *RECEIVED)
    line = (*RECEIVED, "03-05 11:00 paused for_part", "03-10 11:00 resumed")
    ((again, _),) = due("03-10 17:00", *line, sent={first.key})
    assert again.code == first.code and again.key != first.key


def test_cs_4_a_step_explains_itself_in_both_languages():
    ((_, decision),) = due("03-05 17:31", *RECEIVED, sent=())
    assert [sentence.text for sentence in explain(decision, BOOK)] == [
        "解决已于2026年3月5日 17:30到期未完成，通知班组长（站内消息、邮件）",
        "到期时（2026年3月5日 17:30）已有处理人，记其名下",
    ]
    assert explain(decision, BOOK, "en")[0].text == (
        "solution was due on 5 March 2026 17:30 and is not done: the team lead is told (inbox, mail)"
    )
    assert decision.reasons[0].clause == "customer-service CS-4"


def test_a_company_may_have_any_ladder():
    ladder = [
        {"code": "a", "promise": "resolution", "side": "before", "length": 2, "unit": "working_hours", "to": "handler", "how": ["sms"]},
        {"code": "b", "promise": "resolution", "side": "before", "length": 30, "unit": "minutes", "to": "handler", "how": ["inbox"]},
        {"code": "c", "promise": "resolution", "side": "before", "length": 99, "unit": "days", "to": "handler", "how": ["inbox"]},
    ]  # fmt: skip
    book = BOOK.with_values("own", {"ladder": [(date(2023, 1, 1), ladder, "customer-service CS-4")]})
    made = ask("resolution", *RECEIVED)
    assert [(step.code, step.at) for step in steps(made, book, CALENDAR)] == [
        ("c", at("03-02 10:00")),
        ("a", at("03-05 15:30")),
        ("b", at("03-05 17:00")),
    ]


def test_rg_1_steps_count_by_the_roster_where_it_counts():
    roster = Roster(open=((date(2026, 3, 7), time(9), time(16)),))
    made = ask("answer", "03-06 17:00 received", roster=roster)
    by_roster = {step.code: step.at for step in steps(made, BOOK, CALENDAR, roster=roster)}
    assert by_roster["answer-head"] == at("03-07 10:00")
    ignored = read("service", duty_roster="ignored")["service"]
    assert {step.code: step.at for step in steps(made, ignored, CALENDAR, roster=roster)}[
        "answer-head"
    ] == at("03-09 09:30")


def test_a_step_can_be_replayed_and_one_that_never_was_is_refused():
    facts = facts_of("resolution", history(*RECEIVED), now=at("03-05 17:31"))
    ((step, decision),) = due("03-05 17:31", *RECEIVED)
    again = QUESTIONS["service.step"](facts | {"code": step.code}, BOOKS)
    assert to_json(again) == to_json(decision)
    with pytest.raises(LookupError, match="no step 'answer-due'"):
        QUESTIONS["service.step"](facts | {"code": "answer-due"}, BOOKS)


@given(st.lists(st.datetimes(datetime(2026, 3, 2), datetime(2026, 3, 20)), max_size=12))
def test_asking_at_any_moments_sends_every_step_at_most_once(moments):
    sent: list[str] = []
    for now in sorted(moments):
        made = ask("resolution", *RECEIVED, now=now.isoformat(sep=" "))
        sent += [step.key for step, _ in due_now(made, BOOK, CALENDAR, now=now, sent=sent)]
    assert len(sent) == len(set(sent))
