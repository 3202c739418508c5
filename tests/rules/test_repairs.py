"""How long a repair took, whether it held, and when the customer may ask for an exchange (SR-4, GN-2)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sanbao_rules.explain import explain
from sanbao_rules.promises import ImpossibleHistory, Moment
from sanbao_rules.repairs import Past, facts_of, first_time_fix, past_from, related, repair_time, repeat
from sanbao_rules.worktime import calendar_of
from tests.rules.make import BOOKS

BOOK = BOOKS["workorder"]
CALENDAR = calendar_of(BOOKS["calendar"], provisional=True)
DAY = date(2026, 11, 2)  # a Monday


def at(text, what, detail=""):
    return Moment(datetime.fromisoformat(f"2026-11-{text}"), what, detail)


def timed(*history, category="燃气灶", kind="repair", now=None):
    return repair_time(history, category, kind, BOOK, CALENDAR, now=now).answer


def test_repair_time_runs_until_normal_use_is_restored_waits_included():
    """SR-4."""
    made = timed(
        at("02 10:00", "reported"), at("02 15:30", "started"), at("02 16:00", "waiting", "for_part"),
        at("04 09:00", "resumed"), at("04 10:00", "started"), at("04 11:00", "restored"),
    )  # fmt: skip
    assert made["state"] == "restored"
    assert made["natural_minutes"] == 49 * 60
    assert made["working_minutes"] == (7 * 60 + 30) + 9 * 60 + (2 * 60 + 30)
    assert made["waiting_minutes"] == 41 * 60
    assert made["hands_on_minutes"] == 90


def test_a_repair_still_open_is_counted_up_to_now():
    made = timed(at("02 10:00", "reported"), at("02 12:00", "started"), now=datetime(2026, 11, 2, 12, 40))
    assert (made["state"], made["natural_minutes"], made["hands_on_minutes"]) == ("open", 160, 40)
    assert made["restored_at"] is None


def test_without_now_it_stands_as_at_the_last_moment_and_now_never_lies_before_it():
    history = [at("02 10:00", "reported"), at("02 12:00", "started"), at("02 12:30", "left")]
    assert timed(*history)["natural_minutes"] == 150
    assert timed(*history, now=datetime(2026, 11, 2, 11, 0))["natural_minutes"] == 150


@pytest.mark.parametrize(
    ("restored", "days"),
    [("03 14:00", 1), ("03 14:01", 2), ("04 14:00", 2), ("02 14:01", 1), ("02 14:00", 0)],
)
def test_every_started_24_hours_from_the_agreement_are_a_repair_day(restored, days):
    """The national rule on repair days: the agreement, not the report, starts them."""
    assert (
        timed(at("02 09:00", "reported"), at("02 14:00", "agreed"), at(restored, "restored"))["repair_days"]
        == days
    )


def test_without_an_agreement_the_start_on_site_counts_and_a_reopened_repair_begins_its_own_days():
    made = timed(
        at("02 09:00", "reported"), at("02 14:00", "started"), at("02 15:00", "restored"),
        at("05 09:00", "reopened"), at("05 10:00", "started"), at("06 10:30", "restored"),
    )  # fmt: skip
    assert made["repair_days"] == 1 + 2
    assert made["natural_minutes"] == 6 * 60 + 25 * 60 + 30
    assert made["restored_at"] == datetime(2026, 11, 6, 10, 30)


def test_after_the_restoration_nothing_counts_until_it_is_reopened():
    made = timed(
        at("02 09:00", "reported"),
        at("02 10:00", "restored"),
        at("02 11:00", "started"),
        at("02 12:00", "left"),
    )
    assert (made["state"], made["natural_minutes"], made["hands_on_minutes"]) == ("restored", 60, 0)
    again = timed(at("02 09:00", "reported"), at("02 10:00", "reopened"), at("02 11:00", "restored"))
    assert again["natural_minutes"] == 120


def test_several_pauses_name_their_reasons_once_and_overlapping_ones_count_once():
    made = repair_time(
        [
            at("02 09:00", "reported"), at("02 10:00", "waiting", "for_customer"), at("02 11:00", "waiting", "for_part"),
            at("02 12:00", "waiting", "for_part"), at("02 13:00", "resumed"), at("02 14:00", "waiting"),
            at("02 15:00", "restored"),
        ],
        "燃气灶", "repair", BOOK, CALENDAR,
    )  # fmt: skip
    assert made.answer["waiting_minutes"] == 240
    waited = next(reason for reason in made.reasons if reason.code == "waited")
    assert waited.args["why"] == ("for_customer", "for_part")


@pytest.mark.parametrize(("minutes", "within"), [(60, True), (61, False)])
def test_hands_on_time_is_held_against_the_products_standard(minutes, within):
    """RP-5."""
    end = datetime(2026, 11, 2, 10, 0) + timedelta(minutes=minutes)
    made = timed(at("02 09:00", "reported"), at("02 10:00", "started"), Moment(end, "restored"))
    assert (made["standard_minutes"], made["in_standard"]) == (60, within)


def test_a_product_without_a_standard_is_told_and_not_judged():
    made = timed(at("02 09:00", "reported"), at("02 10:00", "restored"), category="冰箱")
    assert (made["standard_minutes"], made["in_standard"]) == (None, None)


def test_moments_with_a_zone_are_answered_in_chinas():
    utc = [
        Moment(datetime(2026, 11, 2, h, 0, tzinfo=UTC), what)
        for h, what in ((1, "reported"), (2, "restored"))
    ]
    made = timed(*utc)
    assert made["natural_minutes"] == 60
    assert made["restored_at"] == utc[1].at
    assert made["working_minutes"] == 60


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ([], "no_receipt"),
        ([at("02 09:00", "started")], "no_receipt"),
        ([at("02 09:00", "reported"), at("02 08:00", "started")], "out_of_order"),
        ([at("02 09:00", "reported"), at("02 10:00", "mended")], "unknown"),
        ([at("02 09:00", "reported"), at("02 10:00", "reported")], "unknown"),
    ],
)
def test_an_impossible_history_is_refused(history, code):
    with pytest.raises(ImpossibleHistory) as refused:
        timed(*history)
    assert refused.value.code == code


def past(order, reported, done=None, fault="不点火", **more):
    return Past(order, date(2026, *reported), date(2026, *done) if done else None, fault, **more)


def again(*orders, on=DAY, **more):
    return repeat(orders, BOOK, on, **more)


@pytest.mark.parametrize(("done", "is_repeat"), [((10, 2), True), ((10, 1), False), ((11, 1), True)])
def test_the_same_fault_within_30_days_of_the_repair_is_a_repeat_without_a_second_fee(done, is_repeat):
    made = again(past("A", (9, 20), done), past("B", (11, 1))).answer
    assert (made["repeat"], made["labour_free"], made["of"]) == (
        is_repeat,
        is_repeat,
        "A" if is_repeat else "",
    )


def test_the_same_component_is_as_good_as_the_same_fault_and_another_fault_is_none():
    one = past("A", (10, 20), (10, 21), components=("电磁阀", "点火针"))
    assert again(one, past("B", (11, 1), fault="漏气", components=("点火针",))).answer["repeat"]
    assert not again(one, past("B", (11, 1), fault="漏气")).answer["repeat"]
    assert not related(past("A", (1, 1), fault=""), past("B", (1, 1), fault=""))


def test_the_latest_repair_is_the_one_repeated():
    made = again(past("A", (10, 3), (10, 4)), past("B", (10, 20), (10, 21)), past("C", (11, 1))).answer
    assert (made["of"], made["days"]) == ("B", 11)


def test_a_repair_finished_after_the_report_is_not_repeated_by_it():
    assert not again(past("A", (10, 20), (11, 2)), past("B", (11, 1))).answer["repeat"]


def test_two_repairs_that_did_not_cure_give_a_right_to_exchange_with_its_consequence():
    """The rule of 1995: on the repairer's record."""
    made = again(past("A", (8, 1), (8, 2)), past("B", (10, 1), (10, 2), cured=False))
    assert made.answer["exchange"] == ["two_repairs"]
    told = [sentence.text for sentence in explain(made, BOOK)]
    assert any("可凭维修记录要求换货" in text for text in told)
    assert any("应当退货" in text for text in told)
    third = again(past("A", (8, 1), (8, 2)), past("B", (9, 1), (9, 2)), past("C", (11, 1)))
    assert third.answer["exchange"] == ["two_repairs"]


def test_a_second_repair_that_cured_or_one_repair_alone_gives_none():
    assert again(past("A", (8, 1), (8, 2)), past("B", (10, 1), (10, 2))).answer["exchange"] == []
    assert again(past("A", (8, 1), (8, 2)), past("B", (11, 1))).answer["exchange"] == []
    other = past("B", (9, 1), (9, 2), fault="漏气")
    assert again(past("A", (8, 1), (8, 2)), other, past("C", (11, 1))).answer["exchange"] == []


@pytest.mark.parametrize(
    ("cause", "reported", "ground"),
    [
        ("own", (10, 3), []), ("own", (10, 2), ["own_cause"]), ("part", (8, 4), []), ("part", (8, 3), ["part_wait"]),
        ("", (1, 1), []),
    ],
)  # fmt: skip
def test_over_30_days_by_own_cause_or_over_90_for_a_part_give_a_right_to_exchange(cause, reported, ground):
    made = again(past("A", reported, cause=cause))
    assert made.answer["exchange"] == ground
    assert ("exchange_cost" in [reason.code for reason in made.reasons]) == (ground == ["own_cause"])


def test_a_late_repair_that_is_finished_is_measured_to_its_end():
    assert again(past("A", (9, 1), (10, 2), cause="own")).answer["exchange"] == ["own_cause"]
    assert again(past("A", (9, 1), (9, 5), cause="own")).answer["exchange"] == []


def test_out_of_the_period_nothing_is_exchanged_and_that_is_said():
    made = again(past("A", (10, 2), cause="own"), in_warranty=False)
    assert made.answer["exchange"] == []
    assert made.reasons[-1].code == "exchange_out_of_warranty"


@pytest.mark.parametrize("orders", [(), (past("B", (11, 1)), past("A", (10, 1)))])
def test_orders_are_given_in_the_order_of_their_reports(orders):
    with pytest.raises(ImpossibleHistory):
        again(*orders)


@pytest.mark.parametrize(
    ("order", "later", "state"),
    [
        (past("A", (9, 1), (9, 2)), [], "yes"),
        (past("A", (9, 1), (9, 2), visits=2), [], "no"),
        (past("A", (9, 1), (9, 2), cured=False), [], "no"),
        (past("A", (9, 1), (9, 2)), [past("B", (10, 2))], "no"),
        (past("A", (9, 1), (9, 2)), [past("B", (10, 3))], "yes"),
        (past("A", (9, 1), (9, 2)), [past("B", (9, 9), fault="漏气")], "yes"),
        (past("A", (10, 3), (10, 3)), [], "pending"),
        (past("A", (10, 2), (10, 2)), [], "yes"),
        (past("A", (10, 3)), [], "pending"),
    ],
)
def test_solved_the_first_time_is_one_visit_and_no_repeat_within_30_days(order, later, state):
    """GN-2."""
    assert first_time_fix(order, later, BOOK, date(2026, 11, 2)).answer == {"state": state}


def test_facts_give_the_orders_back():
    orders = [past("A", (9, 1), (9, 2), components=("电磁阀",), cured=False), past("B", (10, 1))]
    assert [past_from(stored) for stored in facts_of(orders)] == orders
