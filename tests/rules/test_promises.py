"""BA-2, GN-3, SR-3, RG-1: when a promise is due after everything that happened, to the second, around every holiday."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.decision import from_json, to_json
from sanbao_rules.explain import explain
from sanbao_rules.promises import (
    PROMISES,
    Clock,
    Extra,
    ImpossibleHistory,
    Moment,
    clock,
    clocks,
    decide,
    decide_in_text,
    facts_of,
    terms_of,
)
from sanbao_rules.questions import QUESTIONS
from sanbao_rules.roster import Roster
from sanbao_rules.worktime import CHINA, YearNotPublished, calendar_of
from tests.rules.make import BOOKS, read

BOOK = BOOKS["service"]
CALENDAR = calendar_of(BOOKS["calendar"], provisional=True)
HOUR = 3600


def at(text: str) -> datetime:
    """A moment of 2026, unless a year is given: "04-30 17:00"."""
    return datetime.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")


def history(*moments: str) -> tuple[Moment, ...]:
    """Moments as lines: "04-30 10:00 received urgent"."""
    found = []
    for line in moments:
        day, clock_time, what, *detail = line.split()
        found.append(Moment(at(f"{day} {clock_time}"), what, *detail))
    return tuple(found)


def ask(promise: str, *moments: str, **more) -> Clock:
    book = more.pop("book", BOOK)
    calendar = more.pop("calendar", CALENDAR)
    if "now" in more:
        more["now"] = at(more["now"])
    return clock(promise, history(*moments), book, calendar, **more)


# When it is due


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("04-30 00:01", "05-08 17:30"),
        ("04-30 16:59", "05-08 17:30"),
        ("04-30 23:59", "05-08 17:30"),
        ("05-02 10:00", "05-08 17:30"),
        ("02-13 10:00", "02-25 17:30"),
        ("02-14 17:29", "02-26 17:30"),
        ("02-17 10:00", "02-26 17:30"),
        ("2023-09-28 10:00", "2023-10-09 17:30"),
    ],
)
def test_gn_3_three_working_days_end_at_closing_time_of_the_third(received, due):
    assert ask("resolution", f"{received} received").due_at == at(due)


def test_gn_3_twenty_four_hours_are_natural_over_spring_festival():
    assert ask("response", "02-17 10:00 received").due_at == at("02-18 10:00")


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("03-04 09:00", "03-04 09:30"),
        ("03-04 06:00", "03-04 09:00"),
        ("03-04 17:20", "03-05 08:50"),
        ("03-04 17:00", "03-04 17:30"),
        ("02-14 17:10", "02-24 08:40"),
        ("02-20 12:00", "02-24 09:00"),
    ],
)
def test_ba_2_the_first_answer_has_thirty_minutes_of_office_hours(received, due):
    assert ask("answer", f"{received} received").due_at == at(due)


def test_ba_2_the_first_answer_is_warned_of_ten_working_minutes_before():
    assert ask("answer", "03-04 17:25 received").warn_at == at("03-05 08:45")
    assert ask("response", "03-04 09:00 received").warn_at == at("03-05 03:00")


def test_a_warning_never_comes_before_the_promise_itself():
    book = BOOK.with_values(
        "early", {"warn_before": [(date(2023, 1, 1), {"answer": {"minutes": 500}}, "own warning")]}
    )
    made = ask("answer", "03-04 10:00 received", book=book)
    assert made.warn_at == at("03-04 10:00")
    assert ask("response", "03-04 10:00 received", book=book).warn_at == at("03-05 10:00")


def test_china_s_clock_decides_whatever_zone_the_moment_is_given_in():
    received = Moment(datetime(2026, 4, 30, 15, 59, tzinfo=UTC), "received")  # 23:59 in China
    made = clock("resolution", [received], BOOK, CALENDAR)
    assert made.due_at == datetime(2026, 5, 8, 17, 30, tzinfo=CHINA)
    later = received._replace(at=received.at + timedelta(minutes=1))  # 1 May in China
    assert clock("resolution", [later], BOOK, CALENDAR).due_at == made.due_at
    assert clock("answer", [received], BOOK, CALENDAR).due_at == datetime(2026, 5, 6, 9, 0, tzinfo=CHINA)


# Whether it was kept


def test_a_promise_kept_at_the_last_second_is_kept():
    made = ask("resolution", "03-02 10:00 received", "03-05 17:30 solved")
    assert (made.state, made.met_at, made.late) == ("met", at("03-05 17:30"), 0)
    late = ask("resolution", "03-02 10:00 received", "03-05 17:31 solved")
    assert (late.state, late.met_at, late.late) == ("missed", at("03-05 17:31"), 60)


def test_what_is_done_after_closing_time_on_the_last_day_is_late_although_no_working_time_passed():
    assert ask("resolution", "03-02 10:00 received", "03-05 20:00 solved").late == 2 * HOUR + 1800


def test_an_open_promise_is_missed_as_soon_as_it_is_over():
    assert ask("answer", "03-04 09:00 received", now="03-04 09:30").state == "running"
    made = ask("answer", "03-04 09:00 received", now="03-04 09:31")
    assert (made.state, made.late, made.met_at, made.left) == ("missed", 60, None, 0)


def test_a_contact_or_the_solution_is_an_answer_too():
    for what in ("answered", "responded", "solved"):
        assert ask("answer", "03-04 09:00 received", f"03-04 09:10 {what}").state == "met"
        assert ask("response", "03-04 09:00 received", f"03-04 09:10 {what}").state == "met"
    assert ask("resolution", "03-04 09:00 received", "03-04 09:10 answered").state == "running"


def test_only_the_first_answer_counts():
    made = ask("answer", "03-04 09:00 received", "03-04 09:10 answered", "03-04 12:00 answered")
    assert made.met_at == at("03-04 09:10")


def test_used_and_left_are_in_the_promise_s_own_time():
    made = ask("resolution", "03-02 16:30 received", now="03-03 10:30")
    assert (made.used, made.left) == (3 * HOUR, 25 * HOUR)
    natural = ask("response", "03-02 16:30 received", now="03-03 10:30")
    assert (natural.used, natural.left) == (18 * HOUR, 6 * HOUR)


def test_a_cancelled_request_keeps_no_promise_and_misses_none():
    made = ask("resolution", "03-02 10:00 received", "03-03 10:00 cancelled", now="04-01 10:00")
    assert (made.state, made.met_at, made.late) == ("cancelled", None, 0)
    late = ask("resolution", "03-02 10:00 received", "03-09 10:00 cancelled")
    assert (late.state, late.met_at) == ("missed", None)
    twice = ask("resolution", "03-02 10:00 received", "03-03 10:00 solved", "03-04 10:00 cancelled")
    assert twice.state == "met"


def test_gn_3_whoever_had_it_when_it_was_due_missed_it():
    line = (
        "03-02 10:00 received",
        "03-02 10:05 assigned 7",
        "03-05 17:30 assigned 8",
        "03-06 09:00 assigned 9",
    )
    assert ask("resolution", *line, "03-06 10:00 solved").holder == "8"
    assert ask("resolution", *line[:2], "03-04 09:00 assigned 9", "03-04 10:00 solved").holder == "9"
    assert ask("resolution", line[0], "03-06 09:00 assigned 9", now="03-06 10:00").holder == ""


# Pauses


def test_waiting_for_a_part_over_a_holiday_adds_only_its_working_time():
    line = ("04-29 10:00 received", "04-30 16:30 paused for_part", "05-06 09:30 resumed for_part")
    assert ask("resolution", *line).due_at == at("05-08 10:30")


def test_a_pause_that_begins_and_ends_out_of_hours_adds_nothing():
    line = ("03-02 10:00 received", "03-03 20:00 paused for_part", "03-04 07:00 resumed")
    assert ask("resolution", *line).due_at == ask("resolution", line[0]).due_at


def test_a_pause_that_begins_out_of_hours_counts_from_the_opening():
    line = ("03-02 10:00 received", "03-03 20:00 paused for_part", "03-04 09:30 resumed")
    assert ask("resolution", *line).due_at == at("03-06 09:30")


def test_while_paused_there_is_no_due_moment_and_what_is_left_stands_still():
    line = ("03-02 16:30 received", "03-03 10:30 paused for_customer")
    for now in ("03-03 11:00", "05-20 11:00"):
        made = ask("resolution", *line, now=now)
        assert (made.state, made.due_at, made.warn_at, made.left) == ("paused", None, None, 25 * HOUR)
        assert made.paused_since == at("03-03 10:30")


def test_two_pauses_at_once_end_when_both_have_ended():
    line = (
        "03-02 10:00 received",
        "03-03 09:00 paused for_part",
        "03-03 10:00 paused for_customer",
        "03-03 10:30 paused for_part",
        "03-03 11:00 resumed for_customer",
    )
    assert ask("resolution", *line).state == "paused"
    assert ask("resolution", *line, "03-03 12:00 resumed for_return").state == "paused"
    assert ask("resolution", *line, "03-03 12:00 resumed for_part").due_at == at("03-06 11:30")
    assert ask("resolution", *line, "03-03 12:00 resumed").due_at == at("03-06 11:30")


def test_a_pause_does_not_stop_what_the_book_does_not_name():
    paused = ("03-02 10:00 received", "03-02 11:00 paused for_customer", "03-05 11:00 resumed")
    assert ask("response", *paused).due_at == ask("response", paused[0]).due_at
    assert ask("resolution", paused[0], "03-02 11:00 paused for_fun", "03-05 11:00 resumed").due_at == at(
        "03-05 17:30"
    )


def test_a_pause_comes_too_late_for_what_was_missed_and_for_what_was_kept():
    missed = ask("resolution", "03-02 10:00 received", "03-06 09:00 paused for_part", now="03-09 10:00")
    assert (missed.state, missed.due_at) == ("missed", at("03-05 17:30"))
    kept = ask("resolution", "03-02 10:00 received", "03-03 09:00 solved", "03-03 10:00 paused for_part")
    assert kept.state == "met"


def test_solved_while_waiting_is_in_time():
    line = ("03-02 10:00 received", "03-03 10:00 paused for_customer", "03-20 10:00 solved")
    made = ask("resolution", *line)
    assert (made.state, made.left) == ("met", 2 * 9 * HOUR + 7 * HOUR + 1800)


def test_resumed_out_of_hours_at_the_very_end_is_not_due_before_it_is_resumed():
    made = ask("resolution", "03-02 10:00 received", "03-05 17:30 paused for_part", "03-05 20:00 resumed")
    assert made.due_at == at("03-05 20:00")


# Levels, contracts, reopening


def test_sr_3_an_urgent_request_has_the_stricter_promise():
    assert ask("response", "03-04 09:00 received urgent").due_at == at("03-04 11:00")
    assert ask("response", "03-04 09:00 received urgent").ruled_by == "level"
    assert ask("response", "03-04 09:00 received low").ruled_by == "rule"


def test_a_raised_level_counts_from_the_change_and_a_lowered_one_gives_the_rule_back():
    line = ("03-02 10:00 received normal", "03-03 15:00 changed urgent")
    assert ask("resolution", *line).due_at == at("03-04 17:30")
    assert ask("resolution", *line, "03-03 16:00 changed normal").due_at == at("03-05 17:30")


def test_a_level_raised_on_the_last_day_never_gives_more_time():
    assert ask("resolution", "03-02 10:00 received", "03-05 15:00 changed urgent").due_at == at("03-05 17:30")


def test_a_level_raised_during_a_pause_is_moved_only_by_the_rest_of_it():
    line = (
        "03-02 10:00 received",
        "03-02 11:00 paused for_part",
        "03-03 09:00 changed urgent",
        "03-03 10:00 resumed",
    )
    assert ask("resolution", *line).due_at == at("03-05 09:30")


def test_by_the_other_reading_a_raised_level_counts_from_the_receipt_with_its_pauses():
    book = read("service", level_counts="from_receipt")["service"]
    line = (
        "03-02 10:00 received",
        "03-02 11:00 paused for_part",
        "03-02 12:00 resumed",
        "03-03 09:00 changed urgent",
    )
    assert ask("resolution", *line, book=book).due_at == at("03-04 09:30")


def test_a_level_changed_after_the_end_counts_when_the_request_is_reopened():
    line = ("03-02 10:00 received", "03-03 10:00 solved", "03-04 10:00 changed urgent")
    assert ask("resolution", *line).state == "met"
    made = ask("resolution", *line, "03-09 10:00 reopened")
    assert (made.due_at, made.ruled_by) == (at("03-10 17:30"), "level")


def test_a_contract_rules_where_it_is_stricter_and_only_there():
    extra = (Extra("response", 4, "hours", "HT-1"), Extra("resolution", 5, "workdays", "HT-1"))
    assert ask("response", "03-04 09:00 received", extra=extra).ruled_by == "HT-1"
    assert ask("resolution", "03-04 09:00 received", extra=extra).ruled_by == "rule"
    assert ask("answer", "03-04 09:00 received", extra=extra).ruled_by == "rule"


@pytest.mark.parametrize(
    ("length", "unit", "due"),
    [
        (90, "minutes", "03-06 18:30"),
        (2, "hours", "03-06 19:00"),
        (1, "days", "03-07 17:00"),
        (40, "working_minutes", "03-09 08:40"),
        (2, "working_hours", "03-09 10:00"),
        (1, "workdays", "03-09 17:30"),
        (0, "workdays", "03-06 17:30"),
    ],
)
def test_a_contract_may_count_in_any_unit(length, unit, due):
    extra = (Extra("resolution", length, unit, "HT-1"),)
    assert ask("resolution", "03-06 17:00 received", extra=extra).due_at == at(due)


def test_no_time_at_all_on_a_rest_day_is_the_next_working_day_or_the_moment_itself():
    assert ask(
        "resolution", "03-07 10:00 received", extra=(Extra("resolution", 0, "workdays", "x"),)
    ).due_at == at("03-09 17:30")
    assert ask(
        "answer", "03-07 10:00 received", extra=(Extra("answer", 0, "working_minutes", "x"),)
    ).due_at == at("03-07 10:00")


def test_by_the_other_reading_the_contract_stands_alone():
    book = read("service", contract="contract_only")["service"]
    extra = (Extra("resolution", 5, "workdays", "HT-1"),)
    made = ask("resolution", "03-02 10:00 received", "03-02 11:00 changed urgent", extra=extra, book=book)
    assert (made.ruled_by, made.due_at) == ("HT-1", at("03-09 17:30"))


REOPENED = ("03-02 10:00 received", "03-03 10:00 solved", "03-09 10:00 reopened")


def test_gn_2_a_reopened_request_goes_on_where_it_was():
    made = ask("resolution", *REOPENED)
    assert (made.state, made.met_at, made.due_at) == ("running", None, at("03-11 17:30"))
    assert ask("response", *REOPENED).met_at == at("03-03 10:00")


def test_the_other_readings_of_reopening():
    restart, all_along = (read("service", reopening=r)["service"] for r in ("restart", "from_receipt"))
    assert ask("resolution", *REOPENED, book=restart).due_at == at("03-12 17:30")
    late = ask("resolution", *REOPENED, book=all_along)
    assert (late.state, late.due_at, late.late) == (
        "missed",
        at("03-05 17:30"),
        3 * 24 * HOUR + 16 * HOUR + 1800,
    )


def test_what_was_missed_stays_missed_when_reopened_unless_it_begins_anew():
    line = ("03-02 10:00 received", "03-06 10:00 solved", "03-09 10:00 reopened")
    assert ask("resolution", *line).state == "missed"
    assert ask("resolution", *line, book=read("service", reopening="restart")["service"]).state == "running"


def test_a_reopening_of_what_is_open_is_nothing():
    assert ask("resolution", "03-02 10:00 received", "03-03 10:00 reopened").due_at == at("03-05 17:30")


def test_a_cancelled_request_that_is_reopened_owes_its_answer_again():
    line = ("03-04 09:00 received", "03-04 09:10 cancelled", "03-04 11:00 reopened")
    assert ask("answer", *line).due_at == at("03-04 11:20")


# Rosters


def test_rg_1_a_roster_opens_a_saturday_and_closes_a_monday():
    roster = Roster(open=((date(2026, 3, 7), time(9), time(16)),), closed=(date(2026, 3, 9),))
    assert ask("resolution", "03-04 10:00 received", roster=roster).due_at == at("03-07 16:00")
    assert ask("resolution", "03-05 10:00 received", roster=roster).due_at == at("03-10 17:30")
    assert ask("answer", "03-07 08:00 received", roster=roster).due_at == at("03-07 09:30")


def test_rg_1_the_roster_does_not_count_by_the_other_reading():
    roster = Roster(open=((date(2026, 3, 7), time(9), time(16)),))
    book = read("service", duty_roster="ignored")["service"]
    assert ask("resolution", "03-04 10:00 received", roster=roster, book=book).due_at == at("03-09 17:30")


# What can't be


@pytest.mark.parametrize(
    ("moments", "code"),
    [
        ((), "no_receipt"),
        (("03-04 09:00 answered",), "no_receipt"),
        (("03-04 09:00 received", "03-04 08:00 answered"), "out_of_order"),
        (("03-04 09:00 received", "03-04 10:00 received"), "received_twice"),
        (("03-04 09:00 received", "03-04 10:00 vanished"), "unknown"),
    ],
)
def test_a_history_that_can_t_be_is_refused(moments, code):
    with pytest.raises(ImpossibleHistory) as refused:
        ask("answer", *moments)
    assert refused.value.code == code
    assert str(refused.value)


def test_a_promise_nobody_makes_is_refused():
    with pytest.raises(ValueError, match="known are answer, response, resolution"):
        ask("dinner", "03-04 09:00 received")


def test_a_year_not_published_is_provisional_and_said_or_refused():
    made = ask("resolution", "12-30 10:00 received")
    assert (made.due_at, made.provisional) == (at("2027-01-05 17:30"), True)
    assert not ask("response", "12-31 10:00 received").provisional
    with pytest.raises(YearNotPublished):
        ask("resolution", "12-30 10:00 received", calendar=calendar_of(BOOKS["calendar"]))
    for day in ("2027-12-31 10:00", "2028-01-03 10:00", "2022-12-01 10:00"):
        with pytest.raises((YearNotPublished, LookupError)):
            ask("resolution", f"{day} received")


def test_now_is_never_before_what_has_happened():
    made = ask("response", "03-04 09:00 received", "03-05 10:00 assigned 7", now="03-04 10:00")
    assert made.state == "missed"


# Reasons


def told(promise: str, *moments: str, language: str = "zh", **more) -> list[str]:
    if "now" in more:
        more["now"] = at(more["now"])
    book = more.pop("book", BOOK)
    made = decide(promise, history(*moments), book, CALENDAR, **more)
    return [
        sentence.text
        for sentence in explain(made, {"service": book, "calendar": BOOKS["calendar"]}, language)
    ]


def test_gn_3_a_decision_tells_start_pauses_holidays_and_clauses():
    line = (
        "04-29 10:00 received high",
        "04-29 10:05 assigned 7",
        "04-30 16:30 paused for_part",
        "05-06 09:30 resumed",
        "05-07 11:00 solved",
    )
    assert told("resolution", *line) == [
        "2026年4月29日 10:00提出，3个工作日内解决：应在2026年5月7日 17:30前",
        "提出当日不计，到第3个工作日下班为止",
        "优先级高，自2026年4月29日 10:00起2个工作日内，即2026年5月6日 17:30前：更早，从其规定",
        "2026年4月30日 16:30至2026年5月6日 09:30等待配件，不计入，顺延到2026年5月7日 10:30",
        "其间劳动节2026年5月1日至2026年5月5日放假，不计",
        "2026年5月7日 11:00完成解决，超过2026年5月7日 10:30，逾期0小时30分",
        "到期时（2026年5月7日 10:30）已有处理人，记其名下",
    ]
    made = decide("resolution", history(*line), BOOK, CALENDAR)
    assert [reason.clause for reason in made.reasons] == [
        "standard GN-3", "civil-code 203", "own levels", "own pauses", "notice 2026", "standard GN-3", "standard GN-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("promise", "moments", "words"),
    [
        ("resolution", ("02-13 10:00 received",), "调休上班日计入：2026年2月14日"),
        ("resolution", ("12-30 10:00 received",), "2027年的放假安排尚未公布"),
        ("resolution", ("03-02 10:00 received", "03-03 10:00 paused for_part"), "自2026年3月3日 10:00起等待配件，暂停计时，尚余25小时30分"),
        ("response", ("03-02 10:00 received", "03-02 11:00 paused for_part"), "2026年3月2日 11:00起等待配件，不停响应的计时"),
        ("resolution", ("03-02 10:00 received", "03-03 10:00 changed urgent"), "2026年3月3日 10:00优先级改为紧急，应在2026年3月4日 17:30前"),
        ("resolution", ("03-02 10:00 received", "03-03 10:00 cancelled"), "请求已取消，不再计时"),
        ("resolution", ("03-02 10:00 received", "03-06 10:00 solved"), "到期时（2026年3月5日 17:30）尚未指派处理人"),
        ("resolution", REOPENED, "2026年3月3日 10:00结束，2026年3月9日 10:00重新打开：其间不计入"),
        ("answer", ("03-04 09:00 received", "03-04 09:10 answered"), "2026年3月4日 09:10完成首次答复，在时限内"),
        ("answer", ("03-04 09:00 received",), "计时中，2026年3月4日 09:20提醒，2026年3月4日 09:30到期"),
    ],
)  # fmt: skip
def test_what_happened_is_told(promise, moments, words):
    assert any(words in sentence for sentence in told(promise, *moments))
    assert all("{" not in sentence for sentence in told(promise, *moments, language="en"))


def test_an_open_late_promise_tells_until_when_it_was_looked_at():
    assert "至2026年3月6日 10:00尚未解决，超过2026年3月5日 17:30，逾期16小时30分" in told(
        "resolution", "03-02 10:00 received", now="03-06 10:00"
    )
    line = ("03-02 10:00 received", "03-06 12:00 assigned 7")
    assert any(sentence.startswith("至2026年3月6日 12:00尚未解决") for sentence in told("resolution", *line))


def test_contracts_rosters_and_readings_are_told():
    extra = (Extra("resolution", 1, "workdays", "HT-1"), Extra("resolution", 9, "workdays", "HT-2"))
    sentences = told("resolution", "03-02 10:00 received", extra=extra)
    assert "HT-1约定1个工作日，即2026年3月3日 17:30前：更早，按约定" in sentences
    assert any(
        sentence.startswith("HT-2约定9个工作日") and "按公司规定" in sentence for sentence in sentences
    )
    roster = Roster(
        (("saturday", time(9), time(12)),), ((date(2026, 3, 8), time(9), time(12)),), (date(2026, 3, 5),)
    )
    sentences = told("resolution", "03-04 10:00 received", roster=roster)
    assert "按值班表另有值班：2026年3月8日" in sentences
    assert "按值班表不营业：2026年3月5日" in sentences
    assert "按值班表周六09:00至12:00" in sentences
    ignored = read("service", duty_roster="ignored")["service"]
    assert "有值班表，但时限按公司工作日历计算" in told(
        "resolution", "03-04 10:00 received", roster=roster, book=ignored
    )
    hours = read("service", resolution_counting="hours")["service"]
    assert "3个工作日从提出时起按工作小时连续计算" in told("resolution", "03-04 10:00 received", book=hours)
    for reopening, words in (("restart", "时限重新起算"), ("from_receipt", "一直计时")):
        book = read("service", reopening=reopening)["service"]
        assert any(words in sentence for sentence in told("resolution", *REOPENED, book=book))


def test_a_stored_decision_is_replayed_the_same():
    extra = (Extra("resolution", 4, "working_hours", "HT-1"),)
    roster = Roster((("saturday", time(9), time(12)),), on_holidays=True)
    line = history("03-06 10:00 received high", "03-06 11:00 paused for_part", "03-06 12:00 resumed")
    now = at("03-09 10:00")
    made = decide("resolution", line, BOOK, CALENDAR, extra=extra, roster=roster, now=now)
    facts = facts_of("resolution", line, extra=extra, roster=roster, now=now)
    stored = from_json(json.loads(json.dumps(to_json(facts))))
    assert to_json(QUESTIONS["service.promise"](stored, BOOKS)) == to_json(made)
    plain = from_json(json.loads(json.dumps(to_json(facts_of("answer", line)))))
    assert QUESTIONS["service.promise"](plain, BOOKS) == decide("answer", line, BOOK, CALENDAR)


# Properties

minutes = st.integers(0, 60 * 24 * 20)
starts = st.datetimes(datetime(2023, 2, 1), datetime(2026, 9, 30)).map(
    lambda m: m.replace(second=0, microsecond=0)
)


@st.composite
def happenings(draw) -> tuple[Moment, ...]:
    """A history of anything in order of time."""
    moment = draw(starts)
    found = [Moment(moment, "received", draw(st.sampled_from(("", "low", "high", "urgent"))))]
    details = {
        "paused": ("for_part", "for_customer", "for_fun"), "resumed": ("", "for_part"), "changed": ("normal", "high", "urgent"),
        "assigned": ("7", "8"),
    }  # fmt: skip
    kinds = (
        "paused",
        "resumed",
        "assigned",
        "changed",
        "answered",
        "responded",
        "solved",
        "reopened",
        "cancelled",
    )
    for what in draw(st.lists(st.sampled_from(kinds), max_size=8)):
        moment += timedelta(minutes=draw(minutes) // 4)
        found.append(Moment(moment, what, draw(st.sampled_from(details.get(what, ("",))))))
    return tuple(found)


@given(starts, minutes, minutes)
def test_pausing_never_makes_it_due_earlier(start, first, length):
    begin = start + timedelta(minutes=first)
    line = [
        Moment(start, "received"),
        Moment(begin, "paused", "for_part"),
        Moment(begin + timedelta(minutes=length), "resumed"),
    ]
    assert (
        clock("resolution", line, BOOK, CALENDAR).due_at
        >= clock("resolution", line[:1], BOOK, CALENDAR).due_at
    )


@given(starts, minutes, minutes)
def test_resumed_it_is_due_later_by_the_working_time_paused(start, first, length):
    begin = start + timedelta(minutes=first)
    end = begin + timedelta(minutes=length)
    plain = clock("resolution", [Moment(start, "received")], BOOK, CALENDAR).due_at
    line = [Moment(start, "received"), Moment(begin, "paused", "for_part"), Moment(end, "resumed")]
    made = clock("resolution", line, BOOK, CALENDAR)
    if begin > plain:
        assert (made.state, made.due_at) == ("missed", plain)
    else:
        assert CALENDAR.worked(plain, made.due_at) == CALENDAR.worked(begin, end)


@given(starts, minutes, st.sampled_from(PROMISES), st.sampled_from(("", "high", "urgent")))
def test_what_comes_later_is_never_due_earlier(start, later, promise, level):
    first, second = (
        clock(promise, [Moment(start + timedelta(minutes=m), "received", level)], BOOK, CALENDAR)
        for m in (0, later)
    )
    assert first.due_at <= second.due_at
    assert first.warn_at <= second.warn_at


@given(happenings(), st.sampled_from(PROMISES), minutes)
def test_the_quick_way_and_the_told_way_agree_and_everything_is_in_order(line, promise, after):
    now = line[-1].at + timedelta(minutes=after)
    quick = clock(promise, line, BOOK, CALENDAR, now=now)
    made = decide(promise, line, BOOK, CALENDAR, now=now)
    assert made.answer == quick._asdict()
    assert QUESTIONS["service.promise"](from_json(to_json(facts_of(promise, line, now=now))), BOOKS) == made
    assert explain(made, {"service": BOOK, "calendar": BOOKS["calendar"]}, "en")
    assert quick.left >= 0 and quick.late >= 0
    assert (quick.due_at is None) == (quick.state == "paused")
    if quick.due_at:
        assert quick.started_at <= quick.warn_at <= quick.due_at
    if quick.state == "missed":
        assert (quick.met_at or now) >= quick.due_at
    assert clocks(promise, [line, line], BOOK, CALENDAR, now=now) == [quick, quick]


ARRANGED = Roster(
    (("saturday", time(9), time(12)),), ((date(2026, 3, 8), time(9), time(12)),), (date(2026, 3, 5),)
)
MORE = (Extra("resolution", 4, "working_hours", "HT-1"), Extra("answer", 9, "hours", "HT-“2”"))


@given(
    happenings(),
    st.sampled_from(PROMISES),
    minutes,
    st.booleans(),
    st.sampled_from((None, ARRANGED)),
    st.sampled_from(((), MORE)),
)
def test_in_text_it_is_the_same_decision(line, promise, after, in_china, roster, extra):
    """GN-3: what an import of thousands stores is what a single request would have stored, to the letter."""
    if in_china:
        line = tuple(moment._replace(at=moment.at.replace(tzinfo=CHINA)) for moment in line)
    options = {"extra": extra, "roster": roster, "now": line[-1].at + timedelta(minutes=after)}
    made = decide(promise, line, BOOK, CALENDAR, **options)
    quick, answer, reasons = decide_in_text(promise, line, BOOK, CALENDAR, **options)
    assert quick._asdict() == made.answer
    assert json.loads(answer) == to_json(made.answer)
    assert json.loads(reasons) == to_json(made.reasons)


@given(happenings(), minutes, minutes)
def test_time_alone_never_makes_a_missed_promise_kept(line, after, more):
    first = line[-1].at + timedelta(minutes=after)
    now, later = (
        clock("resolution", line, BOOK, CALENDAR, now=first + timedelta(minutes=m)) for m in (0, more)
    )
    assert (now.state, later.state) not in {("missed", "met"), ("missed", "running"), ("met", "missed")}


def test_terms_are_those_of_the_day_of_receipt():
    changed = BOOK.with_values("2026.2", {"response_hours": [(date(2026, 6, 1), 12, "standard GN-3")]})
    assert ask("response", "05-31 23:59 received", book=changed).due_at == at("06-01 23:59")
    assert ask("response", "06-01 00:00 received", book=changed).due_at == at("06-01 12:00")
    assert terms_of("response", changed, date(2026, 6, 1)).length == 12
