"""How many decisions rest on a clause: the job's counts and what was decided since come to what is in the database, for every reader."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from sanbao.accounts import scope
from sanbao.backtests import reading
from sanbao.decisions import cited
from sanbao.decisions.models import Cited, Counting, Decision
from tests.cast import APRIL, NOW, Cast, assemble, moment
from tests.modules.backtests.tried import MARCH

SEE, CLAUSE = "decisions:decision:view", "KA-11.1"
YEAR = date(2025, 5, 1)


def told(cast: Cast, who: str = "head", clause: str = CLAUSE) -> dict[str, tuple[int, int | None]]:
    """What the page tells somebody."""
    access = cast.access(who)
    with scope.opened(access):
        resting = cited.resting_on(access, SEE, clause, YEAR)
    assert resting.whole
    return {one.question: (one.count, one.fen) for one in resting.by_question}


def counted(cast: Cast, since: date = YEAR) -> dict[str, int]:
    """The same, one decision after the other: the newest about a thing whose reasons name the clause."""
    found: dict[str, int] = {}
    for row in Decision.objects.in_company(cast.company.pk).filter(
        superseded_by=None, made_at__date__gte=since
    ):
        if any(reason["$reason"][3].endswith(f" {CLAUSE}") for reason in row.reasons["$tuple"]):
            found[row.question] = found.get(row.question, 0) + 1
    return found


def settled(cast: Cast, outlet: str, month: date = APRIL) -> None:
    cast.sheet(outlet=outlet, month=month)
    cast.received(outlet=outlet, month=month)
    cast.statement(outlet=outlet, month=month)


def job(cast: Cast) -> None:
    """As the job does it once all are through with their writing: this test writes in the job's own transaction."""
    row = Counting.objects.get_or_create(company_id=cast.company.pk)[0]
    last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cited.add_up(cast.company.pk, row.counted_to, last)
    row.counted_to = last
    row.save()


@pytest.mark.django_db
def test_a_year_of_a_clause_is_the_same_before_between_and_after_the_job(cast: Cast) -> None:
    """KA-11.1: how many decisions and how much money, counted exactly."""
    settled(cast, "GZ001")
    settled(cast, "NB011")
    before = told(cast)
    assert {question: count for question, (count, _fen) in before.items()} == counted(cast)
    assert before["settlement.month"][0] == 2

    job(cast)
    assert told(cast) == before

    settled(cast, "SZ021")
    between = told(cast)
    assert between["settlement.month"] == (3, before["settlement.month"][1] // 2 * 3)
    job(cast)
    assert told(cast) == between
    assert Cited.objects.filter(clause=CLAUSE, question="settlement.month").count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("jobs", [(), (1,), (2,), (1, 2)])
def test_what_is_replaced_stops_counting_wherever_the_job_stands(cast: Cast, jobs: tuple[int, ...]) -> None:
    settled(cast, "GZ001")
    if 1 in jobs:
        job(cast)
    settled(cast, "GZ001")  # a sheet more: decided again
    if 2 in jobs:
        job(cast)

    assert told(cast)["settlement.month"] == (1, 16000)
    access = cast.access("head")
    newest = cited.resting_on(access, SEE, CLAUSE, YEAR).newest
    assert [row.pk for row in newest if row.question == "settlement.month"] == [
        Decision.objects.filter(question="settlement.month").latest("pk").pk
    ]


@pytest.mark.django_db
def test_an_outlet_is_told_of_its_own_decisions_and_a_region_of_its_outlets(cast: Cast) -> None:
    settled(cast, "GZ001")
    settled(cast, "NB011")
    for _ in range(2):
        assert told(cast)["settlement.month"][0] == 2
        assert told(cast, "owner-GZ001")["settlement.month"][0] == 1
        region = cast.outlets["NB011"].region_id
        there = sum(
            outlet.region_id == region for name, outlet in cast.outlets.items() if name in ("GZ001", "NB011")
        )
        manager = next(
            name
            for name in cast.people
            if any(grant.region_id == region for grant in cast.access(name).grants)
        )
        assert told(cast, manager)["settlement.month"][0] == there
        job(cast)


@pytest.mark.django_db
def test_months_before_the_year_do_not_count(cast: Cast) -> None:
    settled(cast, "GZ001")
    job(cast)
    access = cast.access("head")
    assert cited.resting_on(access, SEE, CLAUSE, date(2026, 5, 31)).by_question  # decided in May
    assert cited.resting_on(access, SEE, CLAUSE, date(2026, 6, 1)).by_question == ()


@pytest.mark.django_db
def test_where_too_much_was_decided_since_the_page_says_when_it_was_counted(
    cast: Cast, monkeypatch: Any
) -> None:
    settled(cast, "GZ001")
    monkeypatch.setattr(cited, "MOST_SINCE", 0)
    access = cast.access("head")
    first = cited.resting_on(access, SEE, CLAUSE, YEAR)
    assert (first.whole, first.counted_at, first.by_question) == (False, None, ())
    job(cast)
    Counting.objects.update(counted_at=NOW)
    settled(cast, "NB011")
    later = cited.resting_on(access, SEE, CLAUSE, YEAR)
    assert (later.whole, later.counted_at) == (False, NOW)
    assert {one.question: one.count for one in later.by_question}["settlement.month"] == 1


# A number is given out before it is committed


def _ended_here(open_below: int) -> bool:
    """What `cited._all_ended` says where no other database is at work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_xid::text::bigint < %s)",
            [open_below],
        )
        return bool(cursor.fetchone()[0])


def _one_is_late(guard: bool, monkeypatch: Any) -> tuple[Cast, int]:
    """A decision with a lower number is committed after a higher one, while the job runs again and again."""
    cast = assemble()
    settled(cast, "GZ001")
    first = Decision.objects.order_by("pk").last()
    assert first is not None
    columns = [f.column for f in Decision._meta.concrete_fields if f.column != "supersedes_id"]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join("%s" if name == "id" else f'"{name}"' for name in columns)
    copy = f"INSERT INTO decisions_decision ({names}) SELECT {values} FROM decisions_decision WHERE id = {first.pk}"
    # Other tests' transactions are none of ours: the server counts those of every database.
    monkeypatch.setattr(cited, "_all_ended", _ended_here if guard else lambda open_below: True)
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(copy, [first.pk + 1000])
            with connection.cursor() as own:
                own.execute(copy, [first.pk + 1001])
            cited.count(cast.company.pk, NOW)
            cited.count(cast.company.pk, NOW)
            cursor.execute("COMMIT")
    finally:
        beside.close()
    cited.count(cast.company.pk, NOW)
    cited.count(cast.company.pk, NOW)
    return cast, sum(count for count, _fen in told(cast).values())


@pytest.mark.django_db(transaction=True)
def test_a_decision_committed_after_one_with_a_higher_number_is_counted(monkeypatch: Any) -> None:
    cast, found = _one_is_late(True, monkeypatch)
    assert found == sum(counted(cast).values())
    assert Counting.objects.get().counted_to == Decision.objects.latest("pk").pk
    assert Counting.objects.get().counted_at == NOW


@pytest.mark.django_db(transaction=True)
def test_control_without_waiting_for_those_under_way_it_is_lost(monkeypatch: Any) -> None:
    cast, found = _one_is_late(False, monkeypatch)
    assert found == sum(counted(cast).values()) - 1


# Plans


def _plan(sql: str, params: Any) -> str:
    """How the database would do it, were the tables large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.django_db
def test_a_period_s_decisions_are_found_by_their_day(cast: Cast) -> None:
    """A back-test of a month does not read the decisions of the others. Of few rows the planner may read them all, so there are many."""
    cast.request(at=moment(2026, 3, 20))
    columns = [
        f.column for f in Decision._meta.concrete_fields if f.column not in ("id", "supersedes_id", "made_at")
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO decisions_decision ({names}, made_at) SELECT {names}, made_at - hour * interval '1 hour'"
            " FROM (SELECT * FROM decisions_decision ORDER BY id LIMIT 1) AS one, generate_series(1, 5000) AS hour"
        )
        cursor.execute("ANALYZE decisions_decision")
    asked = reading.asked_for(cast.company.pk, "", MARCH, MARCH, ["warranty"])
    plan = _plan(f"SELECT d.id {reading._OTHERS}", asked)
    assert "decision_by_day" in plan, plan
    assert "made_at >=" in plan.split("decision_by_day")[1].split("\n")[1], plan


@pytest.mark.django_db
def test_a_clause_s_counts_are_found_by_company_clause_and_month(cast: Cast) -> None:
    rows = Cited.objects.visible_to(cast.access("head"), SEE).filter(clause=CLAUSE, month__gte=YEAR)
    sql, params = rows.values("count").query.sql_with_params()
    plan = _plan(sql, params)
    assert "cited_once" in plan, plan
