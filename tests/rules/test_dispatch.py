"""Whom to send: rules that exclude, points that order, and a reason for each."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanbao_rules.decision import from_json, to_json
from sanbao_rules.dispatch import Engineer, Job, facts_of, from_facts, rank
from sanbao_rules.explain import explain
from tests.rules.make import BOOKS

BOOK = BOOKS["workorder"]
DAY = date(2026, 11, 2)


def at(hour, day=3):
    return datetime(2026, 11, day, hour)


JOB = Job(at(9), at(11), "燃气灶", 3, ("gas",), "天河", "GZ01")
GOOD = Engineer("E1", {"燃气灶": 4}, {"gas": date(2026, 11, 3)}, ("天河",), "GZ01")


def ranked(*engineers, job=JOB, book=BOOK):
    return rank(engineers, job, book, DAY)


def broken(engineer, job=JOB, book=BOOK):
    return ranked(engineer, job=job, book=book).answer[0]["broken"]


def test_an_engineer_who_breaks_no_rule_may_be_sent():
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("engineer", "rule", "code"),
    [
        (replace(GOOD, certificates={"gas": date(2026, 11, 2)}), "certificate", "certificate_over"),
        (replace(GOOD, certificates={}), "certificate", "no_certificate"),
        (replace(GOOD, skills={"燃气灶": 2}), "skill", "skill_low"),
        (replace(GOOD, skills={}), "skill", "no_skill"),
        (replace(GOOD, areas=("海珠",)), "area", "other_area"),
        (replace(GOOD, outlet="GZ02"), "outlet", "other_outlet"),
        (replace(GOOD, absences=((at(0), at(0, 4)),)), "absent", "absent"),
        (replace(GOOD, jobs=((at(10), at(12)),)), "overlap", "overlap"),
        (replace(GOOD, trained=False), "alone", "alone"),
    ],
)
def test_every_rule_that_is_broken_is_named_with_its_clause(engineer, rule, code):
    """RP-6, EN-5, PV-8."""
    made = ranked(engineer)
    assert made.answer[0]["broken"] == [rule]
    assert not made.answer[0]["fit"]
    assert [reason.code for reason in made.parts[0].reasons] == [code]
    assert made.parts[0].reasons[0].clause in BOOK.clauses
    assert made.reasons[0].code == "nobody_fits"


def test_a_certificate_is_valid_to_the_day_written_on_it_on_the_day_of_the_job():
    assert broken(replace(GOOD, certificates={"gas": date(2026, 11, 3)})) == []
    assert broken(GOOD, replace(JOB, start=at(9, 4), end=at(11, 4))) == ["certificate"]


def test_a_job_may_begin_when_another_ends():
    assert broken(replace(GOOD, jobs=((at(8), at(9)), (at(11), at(12))))) == []


def test_new_staff_go_with_somebody_trained_and_never_alone():
    """PV-8."""
    new = replace(GOOD, trained=False)
    assert broken(new, replace(JOB, together=("E9",))) == []
    assert broken(new, replace(JOB, together=("E1",))) == ["alone"]


def test_what_a_job_does_not_ask_for_excludes_nobody():
    assert broken(Engineer("E1"), Job(at(9), at(11))) == []
    assert broken(replace(GOOD, areas=())) == []


def test_a_rule_the_company_takes_out_no_longer_excludes():
    own = BOOK.with_values("own", {"rules_area": [(date(2023, 1, 1), ["outlet"], "own dispatch")]})
    assert broken(replace(GOOD, areas=("海珠",)), book=own) == []


@pytest.mark.parametrize(
    "better",
    [
        replace(GOOD, code="E2", knows_customer=True),
        replace(GOOD, code="E2", skills={"燃气灶": 5}),
        replace(GOOD, code="E2", distance_km=Decimal(5)),
    ],
)
def test_the_same_customer_skill_and_nearness_raise_an_engineer(better):
    assert [row["engineer"] for row in ranked(GOOD, better).answer] == ["E2", "E1"]


def test_load_and_distance_lower_an_engineer_and_equal_ones_go_by_code():
    busy = replace(GOOD, code="E0", jobs=((at(13), at(17)),))
    far = replace(GOOD, code="E2", distance_km=Decimal(60))
    assert [row["engineer"] for row in ranked(far, busy, GOOD, replace(GOOD, code="E3")).answer] == [
        "E1",
        "E3",
        "E2",
        "E0",
    ]
    other_day = replace(GOOD, code="E0", jobs=((at(13, 5), at(17, 5)),))
    assert ranked(other_day).answer[0]["score"] == ranked(GOOD).answer[0]["score"]


@pytest.mark.parametrize(("km", "points"), [(5, 30), (6, 23), (10, 23), (20, 15), (40, 8), (41, 0)])
def test_distance_counts_by_bands(km, points):
    made = ranked(replace(GOOD, distance_km=Decimal(km)))
    assert next(r for r in made.parts[0].reasons if r.code == "score_distance").args["points"] == points


def test_a_suggestion_says_its_points():
    told = [sentence.text for sentence in explain(ranked(replace(GOOD, knows_customer=True)).parts[0], BOOK)]
    assert told == ["当日已排0分钟：35分", "距离不详：15分", "服务过该客户：15分", "技能4级：16分"]


def test_a_weight_of_nothing_is_not_told():
    own = BOOK.with_values("own", {"dispatch_weights": [(date(2023, 1, 1), {"load": 1}, "own dispatch")]})
    made = ranked(GOOD, book=own)
    assert made.answer[0]["score"] == 100
    assert [reason.code for reason in made.parts[0].reasons] == ["score_load"]


def test_nobody_to_ask_is_nobody_to_send():
    made = ranked()
    assert made.answer == []
    assert explain(made, BOOK)[0].text == "0人中没有可派的，各人原因见下"


def test_a_job_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends after it starts"):
        Job(at(9), at(9))


@given(
    st.lists(
        st.builds(
            Engineer,
            st.sampled_from("ABCDEF"),
            skills=st.dictionaries(st.just("燃气灶"), st.integers(1, 5)),
            certificates=st.dictionaries(st.just("gas"), st.dates(date(2026, 10, 1), date(2026, 12, 1))),
            distance_km=st.none() | st.decimals(0, 100, places=1),
            knows_customer=st.booleans(),
            trained=st.booleans(),
        ),
        max_size=6,
        unique_by=lambda engineer: engineer.code,
    )
)
def test_those_who_may_go_stand_first_by_points_and_the_order_asked_in_does_not_matter(engineers):
    made = ranked(*engineers)
    assert made == ranked(*reversed(engineers))
    fit = [row["fit"] for row in made.answer]
    assert fit == sorted(fit, reverse=True)
    scores = [row["score"] for row in made.answer if row["fit"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= row["score"] <= 100 for row in made.answer)


def test_facts_give_engineers_and_job_back():
    engineers = [replace(GOOD, distance_km=Decimal("3.5"), jobs=((at(13), at(14)),)), Engineer("E2")]
    assert from_facts(from_json(to_json(facts_of(engineers, JOB, DAY)))) == (engineers, JOB)
