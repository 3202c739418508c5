"""Warnings before a promise runs out, escalation after: who is told, once, and by which decision (GN-3, CS-4)."""

from contextvars import copy_context
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from sanbao.accounts import scope
from sanbao.decisions import queries as decisions
from sanbao.intake import alarms, operations
from sanbao.intake.models import Escalation, Promise, Request, Team
from sanbao.notices.models import Notice
from tests.cast import Cast, assemble, moment

MONDAY = moment(2026, 5, 18, 9)


def _told(request: Request) -> list[tuple[str, str]]:
    rows = Escalation.objects.filter(promise__request=request).order_by("id")
    return [(row.step, row.told.name if row.told else "") for row in rows.select_related("told")]


def _letter(cast: Cast) -> Request:
    return cast.request(channel="email", email="li@example.com", at=MONDAY)


@pytest.fixture
def lead(cast: Cast) -> None:
    team = Team.objects.get(company=cast.company, code="support")
    operations.keep_member(team, cast.people["support"], lead=True, by=cast.access("admin"), at=MONDAY)


def test_before_the_first_answer_is_due_the_team_s_leader_is_warned_and_after_it_the_leader_and_the_head_are_told(
    cast: Cast, lead: None
) -> None:
    """CS-4: thirty working minutes from 9:00; warned at 9:20, due at 9:30, up to the head an hour of work later."""
    request = _letter(cast)
    assert alarms.sound(MONDAY + timedelta(minutes=19)) == 0
    alarms.sound(MONDAY + timedelta(minutes=21))
    assert _told(request) == [("answer-warn", "support")]
    alarms.sound(MONDAY + timedelta(minutes=31))
    assert _told(request)[1:] == [("answer-due", "support")]
    alarms.sound(MONDAY + timedelta(minutes=91))
    assert _told(request)[2:] == [("answer-head", "supervisor")]


def test_asked_again_in_the_next_minute_nothing_is_told_twice(cast: Cast, lead: None) -> None:
    request = _letter(cast)
    for minute in range(31, 40):
        alarms.sound(MONDAY + timedelta(minutes=minute))
    assert len(_told(request)) == len(set(_told(request))) == 1


def test_whoever_had_it_when_it_ran_out_stays_on_record_although_another_has_it_now(cast: Cast) -> None:
    """GN-3: who missed it is kept."""
    request = _letter(cast)
    operations.take(request, version=None, by=cast.access("support"), at=MONDAY + timedelta(minutes=5))
    alarms.sound(MONDAY + timedelta(minutes=31))
    operations.take(request, version=None, by=cast.access("agent"), at=MONDAY + timedelta(minutes=40))
    operations.say_called(
        request, "已联系", reached=True, by=cast.access("agent"), at=MONDAY + timedelta(minutes=41)
    )
    promise = request.promises.get(kind="answer")
    assert (promise.state, promise.missed_by.name) == ("missed", "support")
    assert promise.met_at == MONDAY + timedelta(minutes=41)


def test_an_answered_request_alarms_nobody(cast: Cast) -> None:
    request = cast.request(at=MONDAY)
    alarms.sound(MONDAY + timedelta(hours=2))
    assert _told(request) == []


def test_a_step_s_decision_can_be_replayed(cast: Cast, lead: None) -> None:
    _letter(cast)
    alarms.sound(MONDAY + timedelta(minutes=31))
    decision = Escalation.objects.get().decision
    assert decision.question == "service.step"
    assert decisions.replay(decision).same


def test_the_handler_s_substitute_is_warned_while_the_handler_is_away(cast: Cast) -> None:
    request = _letter(cast)
    operations.take(request, version=None, by=cast.access("support"), at=MONDAY)
    operations.keep_absence(
        cast.people["support"],
        MONDAY.date(),
        MONDAY.date(),
        substitute=cast.people["agent"],
        by=cast.access("support"),
        at=MONDAY,
    )
    alarms.sound(MONDAY + timedelta(minutes=21))
    assert _told(request) == [("answer-warn", "agent")]


def _at_once(cast: Cast, at: datetime, workers: int) -> None:
    start = Barrier(workers)

    def work() -> None:
        try:
            start.wait()
            with scope.everything("workers"):
                alarms.sound(at)
        finally:
            connection.close()

    threads = [Thread(target=copy_context().run, args=(work,)) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_step_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = assemble()
    requests = [_letter(cast) for _number in range(6)]
    _at_once(cast, MONDAY + timedelta(minutes=31), 4)
    assert Escalation.objects.count() == len(requests)
    assert Promise.objects.filter(kind="answer", state="missed").count() == len(requests)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_and_the_lock_two_workers_tell_twice(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = assemble()
    requests = [_letter(cast) for _number in range(6)]
    monkeypatch.setattr(
        type(alarms.Request.objects), "select_for_update", lambda self, **_options: self.all()
    )
    monkeypatch.setattr(alarms.clocks, "recount", lambda request, *, by, at: None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE intake_escalation DROP CONSTRAINT escalation_once")
    try:
        _at_once(cast, MONDAY + timedelta(minutes=31), 4)
        assert Escalation.objects.count() > len(requests)
    finally:
        Escalation.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE intake_escalation ADD CONSTRAINT escalation_once UNIQUE (promise_id, key)"
            )


def test_whoever_is_meant_finds_it_under_the_bell(cast: Cast, lead: None) -> None:
    """CS-4: told in the product; a missed promise also by mail where there is an address."""
    request = _letter(cast)
    alarms.sound(MONDAY + timedelta(minutes=21))
    alarms.sound(MONDAY + timedelta(minutes=31))
    told = Notice.objects.filter(person=cast.people["support"], kind__startswith="intake:").order_by("id")
    assert [(notice.kind, notice.about) for notice in told] == [
        ("intake:warning", f"intake.request:{request.pk}"),
        ("intake:missed", f"intake.request:{request.pk}"),
    ]
