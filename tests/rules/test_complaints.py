"""PV-2, PV-3, PV-5: the clocks of complaints to the minute around the holidays of 2026, and what can't have happened."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules import complaints
from sanbao_rules.complaints import (
    CASE_CLOCKS,
    CLOCKS,
    Earlier,
    clock,
    decide,
    may_approve,
    repeat,
    steps_due,
)
from sanbao_rules.examples import with_readings
from sanbao_rules.promises import ImpossibleHistory, Moment
from sanbao_rules.rulebook import shipped
from sanbao_rules.worktime import calendar_of

BOOK, CALENDAR = shipped("complaints"), calendar_of(shipped("calendar"), provisional=True)


def at(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M")


def ask(kind: str, *moments: str, now: str = "", book=BOOK):
    told = [Moment(at(moment[:11]), *moment[12:].split(" ")) for moment in moments]
    return clock(kind, told, book, CALENDAR, now=at(now) if now else None)


@pytest.mark.parametrize(
    ("received", "answer", "verification"),
    [
        ("02-13 17:29", "02-14 17:29", "02-25 17:30"),  # the make-up Saturday counts as the first day
        ("02-14 17:30", "02-15 17:30", "02-26 17:30"),
        ("02-15 00:01", "02-16 00:01", "02-26 17:30"),
        ("02-23 23:59", "02-24 23:59", "02-26 17:30"),
        ("02-26 09:00", "02-27 09:00", "03-02 17:30"),  # 27, make-up Saturday 28, Monday
        ("09-24 09:00", "09-25 09:00", "09-30 17:30"),
        ("09-30 17:31", "10-01 17:31", "10-10 17:30"),
        ("10-07 12:00", "10-08 12:00", "10-10 17:30"),
        ("10-09 08:30", "10-10 08:30", "10-13 17:30"),  # Saturday 10 is worked
    ],
)
def test_pv_5_and_pv_2_around_spring_festival_and_national_day(received: str, answer: str, verification: str):
    assert ask("answer", f"{received} received").due_at == at(answer)
    assert ask("verification", f"{received} received").due_at == at(verification)


@pytest.mark.parametrize(
    ("done", "state", "late"), [("02-25 17:30", "met", 0), ("02-25 17:31", "missed", 60)]
)
def test_in_time_is_to_the_minute(done: str, state: str, late: int):
    made = ask("verification", "02-13 16:00 received", f"{done} verified")
    assert (made.state, made.late) == (state, late)


def test_pv_3_the_result_is_told_on_the_working_day_after_it_is_done():
    assert ask("result", "09-28 09:00 received", "09-30 17:00 solved").due_at == at("10-08 17:30")
    assert ask("result", "09-28 09:00 received").state == "not_begun"


def test_a_clock_that_was_missed_stays_missed_whatever_happens_after():
    made = ask("answer", "03-02 09:00 received", "03-05 09:00 paused for_customer", "03-06 09:00 answered")
    assert (made.state, made.late) == ("missed", 3 * 86_400)


def test_a_pause_over_the_holidays_costs_no_working_time():
    paused = ask(
        "verification", "02-13 16:00 received", "02-15 09:00 paused for_customer", "02-23 20:00 resumed"
    )
    assert paused.due_at == at("02-25 17:30")


def test_two_reasons_at_once_are_one_pause():
    made = ask(
        "verification", "03-02 09:00 received", "03-03 09:00 paused for_customer", "03-03 12:00 paused for_test", "03-03 15:00 resumed for_customer",
        "03-04 09:00 resumed for_test",
    )  # fmt: skip
    assert made.due_at == at("03-06 17:30")


def test_a_timetable_changed_in_time_counts_and_a_day_late_does_not():
    told = ("09-29 09:00 received", "09-29 10:00 promised 2026-10-08")
    assert ask("solution", *told, "10-08 17:30 promised 2026-10-12").due_at == at("10-12 17:30")
    assert ask("solution", *told, "10-08 17:31 promised 2026-10-12").state == "missed"
    first = with_readings(BOOK, {"timetable": "first"})
    assert ask("solution", *told, "10-08 09:00 promised 2026-10-12", book=first).due_at == at("10-08 17:30")


def test_taken_up_again_everything_but_the_answer_begins_anew():
    told = ("03-02 09:00 received", "03-02 10:00 answered", "03-03 09:00 verified", "03-09 09:00 reopened")
    assert ask("verification", *told).due_at == at("03-12 17:30")
    assert ask("answer", *told).state == "met"
    assert ask("solution", *told).state == "not_begun"


def test_the_ladder_tells_each_rung_once():
    told = [Moment(at("09-30 17:00"), "received")]
    now = at("10-10 17:31")
    made = clock("verification", told, BOOK, CALENDAR, now=now)
    ((step, decided),) = steps_due(made, BOOK, CALENDAR, now=now)
    assert (step.code, step.to, decided.question) == ("verification-due", "service_head", "complaint.step")
    assert steps_due(made, BOOK, CALENDAR, now=now, sent={step.key}) == ()
    late = at("10-12 17:30")
    made = clock("verification", told, BOOK, CALENDAR, now=late)
    assert [step.to for step, _ in steps_due(made, BOOK, CALENDAR, now=late, sent={step.key})] == [
        "management"
    ]


def test_the_authoritys_own_clocks_warn_nobody():
    made = clock(
        "mediation",
        [Moment(at("03-02 09:00"), "received"), Moment(at("03-03 09:00"), "accepted")],
        BOOK,
        CALENDAR,
        now=at("08-03 09:00"),
    )
    assert made.state == "missed"
    assert steps_due(made, BOOK, CALENDAR, now=at("08-03 09:00")) == ()


@pytest.mark.parametrize(
    ("moments", "code"),
    [
        (("03-02 09:00 answered",), "no_receipt"),
        (("03-02 09:00 received", "03-01 09:00 answered"), "out_of_order"),
        (("03-02 09:00 received", "03-03 09:00 forgotten"), "unknown"),
        (("03-02 09:00 received", "03-03 09:00 received"), "received_twice"),
    ],
)  # fmt: skip
def test_what_can_not_have_happened_is_refused(moments: tuple[str, ...], code: str):
    with pytest.raises(ImpossibleHistory) as refused:
        ask("answer", *moments)
    assert refused.value.code == code


def test_a_repetition_is_the_latest_that_is_alike_within_ninety_days():
    on = at("06-01 09:00").date()
    before = [
        Earlier("T-1", on - timedelta(days=90), ("unit",)),
        Earlier("T-2", on - timedelta(days=3), ("customer", "kind")),
        Earlier("T-3", on - timedelta(days=1), ("kind",)),
    ]
    assert repeat(before, BOOK, on).answer == {"repeated": True, "first": "T-2"}
    assert repeat([Earlier("T-1", on - timedelta(days=91), ("unit",))], BOOK, on).answer["repeated"] is False


def test_the_ladder_of_approval_holds_its_rung_and_those_below():
    on = at("06-01 09:00").date()
    assert may_approve("head", "supervisor", BOOK, on)
    assert may_approve("head", "leaders", BOOK, on)
    assert not may_approve("supervisor", "head", BOOK, on)
    assert not may_approve("supervisor", "leaders", BOOK, on)
    assert not may_approve("finance", "supervisor", BOOK, on)


WHATS = (
    "assigned",
    "answered",
    "handed",
    "verified",
    "solved",
    "told",
    "called_back",
    "paused",
    "resumed",
    "reopened",
    "accepted",
    "replied",
    "ended",
)


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from(WHATS)), max_size=12),
    st.sampled_from((*CLOCKS, *CASE_CLOCKS)),
    st.integers(0, 400_000),
)
def test_any_history_has_a_clock_and_its_decision_says_the_same(steps, kind, start):
    moment = datetime(2025, 12, 1) + timedelta(minutes=start)
    told = [Moment(moment, "received")]
    for minutes, what in steps:
        moment += timedelta(minutes=minutes)
        told.append(Moment(moment, what, "for_test" if what == "paused" else ""))
    now = moment + timedelta(days=1)
    made = clock(kind, told, BOOK, CALENDAR, now=now)
    assert decide(kind, told, BOOK, CALENDAR, now=now).answer == made._asdict()
    assert made.state in {"not_begun", "running", "paused", "met", "missed", "cancelled"}
    assert made.left >= 0
    assert (made.late > 0) <= (made.state == "missed")
    if made.due_at and made.met_at:
        assert (made.met_at > made.due_at) == (made.state == "missed")
    if made.warn_at:
        assert made.warn_at <= made.due_at


def test_the_words_to_choose_from_are_all_in_the_book():
    for codes in complaints.words(BOOK, at("06-01 09:00").date()).values():
        for code in codes:
            assert BOOK.word(code, "zh")
            assert BOOK.word(code, "en")


def test_a_clock_that_is_done_while_it_waits_ends_there():
    made = ask("verification", "03-02 09:00 received", "03-03 09:00 paused for_test", "03-04 09:00 verified")
    assert (made.state, made.met_at) == ("met", at("03-04 09:00"))


def test_whoever_had_it_when_it_ran_out_missed_it_and_not_who_got_it_afterwards():
    made = ask("answer", "03-02 09:00 received", "03-02 10:00 assigned 7", "03-04 09:00 assigned 8", now="03-05 09:00")  # fmt: skip
    assert (made.state, made.holder) == ("missed", "7")


def test_nobody_is_told_of_a_clock_that_has_not_begun():
    made = ask("result", "03-02 09:00 received", now="03-05 09:00")
    assert steps_due(made, BOOK, CALENDAR, now=at("03-05 09:00")) == ()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: ask("patience", "03-02 09:00 received"), "patience.*answer"),
        (lambda: complaints.weight(complaints.Facts("quality", "gloom", (), at("03-02 09:00").date()), BOOK), "gloom.*loss"),
        (lambda: complaints.weight(complaints.Facts("quality", "loss", ("moon",), at("03-02 09:00").date()), BOOK), "moon.*vip"),
    ],
)  # fmt: skip
def test_a_word_the_rules_do_not_know_is_refused_with_those_they_know(wrong, told: str):
    with pytest.raises(ValueError, match=told):
        wrong()
