"""A request's life: registered, weighed, promised, given to somebody, moved on, filed (BA-2..5, CS-2, GN-3)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from sanbao.accounts import scope
from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.intake import operations
from sanbao.intake.models import Category, Entry, Member, Promise, Request, Tally, Team
from sanbao.intake.permissions import May
from sanbao.intake.states import State
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast, moment


def _promise(request: Request, kind: str) -> Promise:
    return request.promises.get(kind=kind)


def _move(cast: Cast, request: Request, noun: str, who: str = "support", at=NOW, **more: object) -> Request:
    return operations.move(request, noun, version=None, by=cast.access(who), at=at, **more)


def test_a_request_by_telephone_is_answered_while_it_is_registered_and_lies_with_the_team_of_its_class(
    cast: Cast,
) -> None:
    """BA-2, CS-2, RP-1."""
    request = cast.request()
    assert (request.state, request.level, request.team.code) == ("new", "normal", "support")
    assert request.number.startswith("S260520-")
    assert _promise(request, "answer").state == "met"
    assert [entry.kind for entry in request.entries.order_by("id")] == ["received", "call", "assigned"]
    assert Event.objects.filter(action="intake:request:registered", thing_id=request.pk).count() == 1


def test_a_letter_waits_for_its_first_answer_within_thirty_working_minutes(cast: Cast) -> None:
    """BA-2 with A-21: received on a Wednesday at 17:20, ten minutes count today and twenty tomorrow."""
    request = cast.request(channel="email", email="li@example.com", at=moment(2026, 5, 20, 17, 20))
    assert request.due_promise == "answer"
    assert request.due_at == moment(2026, 5, 21, 8, 50)


def test_three_working_days_from_the_day_before_the_may_holiday_end_on_the_eighth(cast: Cast) -> None:
    """GN-3, the vector of readings.md: from Thursday 30 April 2026 to Friday 8 May."""
    at = moment(2026, 4, 30, 10)
    request = cast.request(at=at)
    assert _promise(request, "resolution").due_at == moment(2026, 5, 8, 17, 30)
    assert _promise(request, "response").due_at == at + timedelta(hours=24)


def test_every_promise_and_the_priority_have_decisions_that_can_be_replayed(cast: Cast) -> None:
    """BA-3, GN-3, RG-1."""
    from sanbao.decisions import queries

    request = cast.request()
    found = Decision.objects.filter(thing="intake.request", thing_id=request.pk)
    assert sorted(found.values_list("question", flat=True)) == ["service.priority", *["service.promise"] * 3]
    assert request.priority_decision in found
    for decision in found:
        assert queries.replay(decision).same


@pytest.mark.parametrize(
    ("category", "severity", "flags", "level"),
    [
        ("repair-noise", "slight", (), "low"),
        ("repair-noise", "slight", ("gas",), "urgent"),
        ("repair-start", "down", (), "high"),
        ("complaint", "part", (), "high"),
        ("advice-use", "", (), "low"),
        ("repair-noise", "part", ("media",), "high"),
    ],
)
def test_priority_follows_from_nature_and_severity_and_what_raises_it(
    cast: Cast, category: str, severity: str, flags: tuple[str, ...], level: str
) -> None:
    """BA-3."""
    assert cast.request(category, severity=severity, flags=flags).level == level


def test_a_vip_s_request_is_raised_by_itself(cast: Cast) -> None:
    vip = customers.register("王总", phone="13911112222", vip=True, by=cast.access("supervisor"), at=NOW)
    request = cast.request(customer=vip, severity="slight")
    assert (request.level, request.flags) == ("normal", ["vip"])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"subject": "  "}, "subject"),
        ({"received_at": NOW + timedelta(minutes=6)}, "received_at"),
        ({"received_at": NOW - timedelta(days=400)}, "received_at"),
        ({"phone": "", "contact": "张三"}, "phone"),
    ],
)
def test_what_no_request_may_be_is_refused_beside_its_field(
    cast: Cast, told: dict[str, object], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        cast.request(**told)
    assert refused.value.field == field
    assert not Request.objects.exists()


def test_a_retired_class_is_refused_but_keeps_its_requests(cast: Cast) -> None:
    request = cast.request()
    operations.retire_category(request.category, by=cast.access("admin"), at=NOW)
    with pytest.raises(Refusal) as refused:
        cast.request()
    assert refused.value.code == "retired"
    request.refresh_from_db()
    assert request.category.code == "repair-noise"


def test_waiting_for_a_part_stops_the_solution_s_clock_and_going_on_starts_it_again(cast: Cast) -> None:
    """GN-3 with A-22: one working day of waiting moves the due moment on by one working day."""
    request = cast.request(at=moment(2026, 5, 18, 9))
    assert _promise(request, "resolution").due_at == moment(2026, 5, 21, 17, 30)
    request = _move(cast, request, "start", at=moment(2026, 5, 18, 9, 30))
    request = _move(cast, request, "wait", at=moment(2026, 5, 18, 10), waiting_for="part", text="缺电机")
    paused = _promise(request, "resolution")
    assert (paused.state, paused.due_at, request.due_at) == ("paused", None, None)
    request = _move(cast, request, "resumption", at=moment(2026, 5, 19, 10))
    assert _promise(request, "resolution").due_at == moment(2026, 5, 22, 17, 30)
    assert request.due_at == moment(2026, 5, 22, 17, 30)


def test_a_solution_is_written_down_and_the_closing_says_what_the_customer_said(cast: Cast) -> None:
    """CS-3, BA-5, ST-4."""
    request = _move(cast, cast.request(), "start")
    with pytest.raises(Refusal):
        _move(cast, request, "solution")
    request = _move(cast, request, "solution", text="紧固风轮", first_contact=True)
    assert (request.state, request.first_contact, request.due_at) == ("solved", True, None)
    assert _promise(request, "resolution").state == "met"
    with pytest.raises(Refusal):
        _move(cast, request, "closure")
    request = _move(cast, request, "closure", text="客户满意")
    assert (request.state, request.feedback) == ("closed", "客户满意")


def test_reopening_takes_the_solution_s_promise_up_where_it_was_left(cast: Cast) -> None:
    """GN-2: solved the first time; a reopened request was not."""
    request = _move(cast, cast.request(at=moment(2026, 5, 18, 9)), "start", at=moment(2026, 5, 18, 10))
    request = _move(cast, request, "solution", at=moment(2026, 5, 18, 11), text="紧固风轮")
    request = _move(cast, request, "reopening", at=moment(2026, 5, 19, 11), reason="又响了")
    assert (request.state, request.reopened, request.solved_at) == ("working", 1, None)
    assert _promise(request, "resolution").due_at == moment(2026, 5, 22, 17, 30)


def test_whoever_presses_second_is_told_who_was_first(cast: Cast) -> None:
    request = cast.request()
    operations.move(request, "start", version=1, by=cast.access("support"), at=NOW)
    with pytest.raises(Stale, match="support"):
        operations.move(request, "start", version=1, by=cast.access("agent"), at=NOW)


def test_cancelling_is_not_for_everybody_and_needs_a_reason(cast: Cast) -> None:
    request = cast.request()
    with pytest.raises(PermissionDenied):
        _move(cast, request, "cancellation", reason="重复")
    with pytest.raises(Refusal):
        _move(cast, request, "cancellation", who="supervisor")
    request = _move(cast, request, "cancellation", who="supervisor", reason="重复")
    assert {promise.state for promise in request.promises.all()} == {"met", "cancelled"}


def test_a_request_given_to_an_outlet_is_seen_there_and_so_is_its_customer(cast: Cast) -> None:
    """KA-4.1, GN-8."""
    customer = customers.register("张三", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    request = cast.request(customer=customer)
    with scope.opened(cast.access("owner-GZ001")):
        assert not Request.objects.exists()
    request = operations.assign(
        request, outlet=cast.outlets["GZ001"], version=None, by=cast.access("agent"), at=NOW
    )
    with scope.opened(cast.access("owner-GZ001")):
        assert Request.objects.get() == request
        assert Request.objects.get().customer.name == "张三"
        assert Entry.objects.filter(request=request).exists()
    with scope.opened(cast.access("owner-NB011")):
        assert not Request.objects.exists()
        assert not Promise.objects.exists()


def test_an_outlet_hands_up_with_a_reason_and_reads_it_from_then_on(cast: Cast) -> None:
    """KA-4.1: no refusing; headquarters decides."""
    request = operations.assign(
        cast.request(), outlet=cast.outlets["GZ001"], version=None, by=cast.access("agent"), at=NOW
    )
    owner = cast.access("owner-GZ001")
    with pytest.raises(Refusal):
        operations.hand_up(request, reason="", version=None, by=owner, at=NOW)
    with scope.opened(owner):
        request = operations.hand_up(request, reason="无备件", version=None, by=owner, at=NOW)
    assert (request.outlet, request.team.code) == (None, "support")
    with scope.opened(owner):
        assert Request.objects.visible_to(owner, May.SEE).exists()
        assert not Request.objects.visible_to(owner, May.WORK).exists()


def _member(cast: Cast, who: str, team: str = "support", **more: object) -> Member:
    team = Team.objects.get(company=cast.company, code=team)
    return operations.keep_member(team, cast.people[who], by=cast.access("admin"), at=NOW, **more)


def test_whoever_is_away_is_stood_in_for_and_the_timeline_says_so(cast: Cast) -> None:
    operations.keep_absence(
        cast.people["support"],
        NOW.date(),
        NOW.date(),
        substitute=cast.people["supervisor"],
        by=cast.access("support"),
        at=NOW,
    )
    request = operations.assign(
        cast.request(), person=cast.people["support"], version=None, by=cast.access("agent"), at=NOW
    )
    assert request.assignee == cast.people["supervisor"]
    assert "support" in request.entries.latest("id").body


def test_somebody_under_guidance_is_not_given_a_request_alone(cast: Cast) -> None:
    """PV-8."""
    member = _member(cast, "support", alone_from=NOW.date() + timedelta(days=1))
    with pytest.raises(Refusal) as refused:
        operations.assign(
            cast.request(),
            team=member.team,
            person=member.person,
            version=None,
            by=cast.access("agent"),
            at=NOW,
        )
    assert refused.value.code == "not_alone"


def test_somebody_of_another_outlet_is_not_given_what_they_could_not_see(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused:
        operations.assign(
            cast.request(),
            outlet=cast.outlets["GZ001"],
            person=cast.people["owner-NB011"],
            version=None,
            by=cast.access("agent"),
            at=NOW,
        )
    assert refused.value.code == "out_of_reach"


def _two_for_hoods(cast: Cast) -> None:
    for who in ("support", "supervisor"):
        _member(cast, who, skills=["hood"])
    repair = Category.objects.get(company=cast.company, code="repair")
    team = Team.objects.get(company=cast.company, code="support")
    for position, fields in enumerate((
        {"name": "VIP", "category": repair, "team": team, "vip": True},
        {"name": "烟机组", "category": repair, "team": team, "skill": "hood", "mode": "least_loaded"},
    )):  # fmt: skip
        operations.keep_rule(None, fields | {"position": position}, by=cast.access("admin"), at=NOW)


def test_the_first_fitting_rule_gives_it_to_whoever_has_least(cast: Cast) -> None:
    """CS-2, SR-3."""
    _two_for_hoods(cast)
    first, second = cast.request(), cast.request()
    assert {first.assignee, second.assignee} == {cast.people["support"], cast.people["supervisor"]}
    assert first.state == State.ASSIGNED
    assert first.entries.get(kind="assigned").body == "烟机组"


def test_people_with_more_open_requests_than_are_counted_take_turns(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CS-2."""
    _two_for_hoods(cast)
    monkeypatch.setattr("sanbao.intake.routing.MOST_COUNTED", 1)
    given = [cast.request().assignee.username for _request in range(6)]
    assert sorted(given) == ["supervisor"] * 3 + ["support"] * 3


def test_a_message_from_the_customer_opens_a_solved_request_again_and_comes_once(cast: Cast) -> None:
    request = _move(cast, _move(cast, cast.request(), "start"), "solution", text="紧固风轮")
    for _time in range(2):
        operations.receive_message(
            request, "还是响", channel="email", external_id="<1@x>", by=cast.access("agent"), at=NOW
        )
    request.refresh_from_db()
    assert (request.state, request.reopened) == ("working", 1)
    assert request.entries.filter(kind="message_in").count() == 1


def test_a_contract_s_stricter_promise_rules(cast: Cast) -> None:
    operations.keep_pledge(
        {"source": "合同2026-7", "promise": "resolution", "length": 1, "unit": "workdays", "since": NOW.date()},
        by=cast.access("admin"), at=NOW,
    )  # fmt: skip
    assert _promise(cast.request(), "resolution").due_at == moment(2026, 5, 21, 17, 30)


def test_help_from_another_department_has_an_owner_a_time_and_a_result(cast: Cast) -> None:
    """BA-4."""
    request, by = cast.request(), cast.access("support")
    team = Team.objects.get(company=cast.company, code="field")
    with pytest.raises(Refusal):
        operations.ask_for_help(request, "查库存", team=team, owner=None, due_at=NOW, by=by, at=NOW)
    task = operations.ask_for_help(
        request, "查库存", team=team, owner=None, due_at=NOW + timedelta(days=1), by=by, at=NOW
    )
    operations.finish_task(task, "有货", by=cast.access("agent"), at=NOW)
    assert "有货" in request.entries.latest("id").body
    with pytest.raises(Refusal):
        operations.finish_task(task, "有货", by=by, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_tally_counts_every_request_where_it_stands(transactional_db: None) -> None:
    from tests.cast import assemble

    cast = assemble()
    request = cast.request()
    cast.request()
    _move(cast, request, "start")
    operations.assign(request, outlet=cast.outlets["GZ001"], version=None, by=cast.access("agent"), at=NOW)
    told = {
        (row.outlet, row.state): row.count for row in Tally.objects.filter(company=cast.company) if row.count
    }
    assert told == {(0, "new"): 1, (cast.outlets["GZ001"].pk, "working"): 1}
