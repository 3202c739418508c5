"""Who may be sent, who is suggested, and orders that go out by themselves (EN-5, PV-8, RP-6, KA-4.2, SC-2)."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sanbao.accounts.access import Access
from sanbao.audit.models import Event
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import replay
from sanbao.intake import operations as intake
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Certificate
from sanbao.ui.refusal import Refusal
from sanbao.workorders import operations, suggesting
from sanbao.workorders.models import Engineer, Order, Visit
from tests.cast import NOW, Cast, moment
from tests.modules.workorders import crew

GAS = {"model": "JZT-B52", "fault": "打不着火"}
TODAY = NOW.date()


def refused(cast: Cast, made: Order, to: Engineer, **more: object) -> Refusal:
    with pytest.raises(Refusal) as told:
        crew.dispatched(cast, made, to, **more)
    assert Visit.objects.filter(order=made).count() == 0
    return told.value


def test_a_gas_job_goes_only_to_whoever_holds_the_certificate(cast: Cast) -> None:
    """KA-4.2, RP-6: gas appliances are installed and repaired by examined staff; the refusal names the clause."""
    plain = crew.engineer(cast, certificates=())
    made = crew.order(cast, **GAS)
    told = refused(cast, made, plain)
    assert (told.code, "32" in str(told)) == ("certificate", True)
    assert crew.dispatched(cast, crew.order(cast), plain).engineer == plain.person  # a hood needs none
    assert crew.dispatched(cast, made, crew.engineer(cast, "examined")).state == "dispatched"


def test_a_certificate_that_ends_before_the_job_does_not_count(cast: Cast) -> None:
    he = crew.engineer(cast, certificates=())
    outlets.keep_certificate(
        he.person, "gas", "G-9", issued_on=date(2025, 1, 1), valid_until=date(2026, 5, 21), by=cast.access("head"), at=NOW,
    )  # fmt: skip
    made = crew.order(cast, **GAS)
    told = refused(cast, made, he, first=NOW + timedelta(days=2))
    assert told.code == "certificate"
    assert crew.dispatched(cast, made, he, first=NOW + timedelta(days=1)).state == "dispatched"


def test_a_withdrawn_certificate_does_not_count(cast: Cast) -> None:
    he = crew.engineer(cast)
    outlets.end_certificate(Certificate.objects.get(person=he.person, kind="gas"), reason="考核不合格", by=cast.access("head"), at=NOW)  # fmt: skip
    assert refused(cast, crew.order(cast, **GAS), he).code == "certificate"


def test_showing_a_gas_hob_to_its_users_takes_no_certificate(cast: Cast) -> None:
    made = crew.order(cast, kind="training", **GAS)
    assert crew.dispatched(cast, made, crew.engineer(cast, certificates=())).state == "dispatched"


def test_whoever_lacks_the_skill_or_serves_elsewhere_is_not_sent(cast: Cast) -> None:
    """RP-6, EN-5."""
    assert refused(cast, crew.order(cast), crew.engineer(cast, "a", skills=["燃气灶"])).code == "skill"
    told = refused(cast, crew.order(cast), crew.engineer(cast, "b", areas=["人民路"]))
    assert told.code == "area"
    near = crew.engineer(cast, "c", areas=["中山路"])
    assert crew.dispatched(cast, crew.order(cast), near).state == "dispatched"


def test_whoever_is_away_is_not_sent(cast: Cast) -> None:
    he = crew.engineer(cast)
    operations.keep_absence(he, TODAY, TODAY, by=cast.access("head"), at=NOW)
    made = crew.order(cast)
    assert refused(cast, made, he).code == "away"
    assert crew.dispatched(cast, made, he, first=NOW + timedelta(days=1)).state == "dispatched"


def test_a_rule_is_set_aside_only_where_the_book_lets_it_by_whoever_may_and_with_a_reason(cast: Cast) -> None:
    made, far = crew.order(cast), crew.engineer(cast, "b", areas=["人民路"])
    assert refused(cast, made, far, because="同事都在外面").code == "area"  # the hotline may not
    first = NOW + timedelta(hours=2)
    with pytest.raises(Refusal):
        operations.dispatch(made, far, first, first + timedelta(hours=1), because=" ", by=cast.access("head"), at=NOW)  # fmt: skip
    sent = operations.dispatch(made, far, first, first + timedelta(hours=1), because="同事都在外面", by=cast.access("head"), at=NOW)  # fmt: skip
    event = Event.objects.filter(action="workorders:order:dispatched").latest("id")
    assert sent.engineer == far.person
    assert (event.details["aside"], event.details["reason"]) == (["area"], "同事都在外面")
    gas = crew.order(cast, **GAS)
    with pytest.raises(Refusal) as told:
        operations.dispatch(
            gas, crew.engineer(cast, "c", certificates=()), first, first + timedelta(hours=1), because="很急", by=cast.access("head"), at=NOW
        )  # fmt: skip
    assert told.value.code == "certificate"


def assigned(cast: Cast, made: Order, who: str = "agent") -> operations.Assigned:
    return operations.auto_assign(made, by=cast.access(who), at=NOW)


def test_the_best_goes_at_the_first_free_time_and_why_is_kept(cast: Cast) -> None:
    """EN-5: the less loaded of two goes; the decision can be asked again and says the same."""
    busy, idle = crew.engineer(cast), crew.engineer(cast, "idle")
    crew.dispatched(cast, crew.order(cast), busy, first=NOW + timedelta(hours=1))
    made = assigned(cast, crew.order(cast, phone="13900001111"))
    assert (made.engineer, made.first) == (idle, NOW)
    decision = Decision.objects.get(question="workorder.dispatch", thing_id=made.order.pk)
    assert decision.answer[0]["engineer"] == suggesting.code_of(idle)
    assert replay(decision).same
    assert "中山路" not in str(decision.facts)  # facts hold codes, no addresses
    assert "13900001111" not in str(decision.facts)


def test_with_an_appointment_the_job_begins_inside_it(cast: Cast) -> None:
    he = crew.engineer(cast)
    first = moment(2026, 5, 21, 14)
    crew.dispatched(cast, crew.order(cast), he, first=first)  # until 16:00
    late = crew.order(cast, phone="13900001111", wanted_from=first, wanted_until=first + timedelta(hours=1))
    assert "空" in assigned(cast, late).why or "time" in assigned(cast, late).why
    later = crew.order(cast, phone="13900002222", wanted_from=first, wanted_until=first + timedelta(hours=3))
    assert assigned(cast, later).first == first + timedelta(hours=2)


def test_a_full_day_is_left_and_the_next_one_taken(cast: Cast) -> None:
    he = crew.engineer(cast, minutes=120)
    crew.dispatched(cast, crew.order(cast), he, first=NOW + timedelta(hours=1))  # two hours
    made = assigned(cast, crew.order(cast, phone="13900001111"))
    assert made.first is not None
    assert made.first.date() == TODAY + timedelta(days=1)


def test_nothing_is_planned_outside_the_hours_on_duty(cast: Cast) -> None:
    """RG-1: the outlet is closed on Thursday, so Friday it is."""
    he = crew.engineer(cast)
    for day in (TODAY, TODAY + timedelta(days=1)):
        intake.keep_duty(cast.outlets["GZ001"], day=day, opens=None, closes=None, by=cast.access("head"), at=NOW)  # fmt: skip
    made = assigned(cast, crew.order(cast))
    assert (made.engineer, made.first) == (he, moment(2026, 5, 22, 8, 30))


def test_what_nobody_can_do_waits_and_says_why(cast: Cast) -> None:
    """PV-8: who works under guidance is not sent alone, not even when nobody else is there."""
    crew.engineer(cast, alone_from=TODAY + timedelta(days=30))
    crew.engineer(cast, "plain", certificates=())
    made = assigned(cast, crew.order(cast, **GAS))
    assert made.engineer is None
    assert made.order.state == "waiting"
    assert "（1" in made.why or "(1" in made.why
    event = Event.objects.filter(action="workorders:order:not-assigned").latest("id")
    assert event.details["reason"] == made.why[:200]


def test_all_that_wait_go_out_each_by_itself(cast: Cast) -> None:
    crew.engineer(cast)
    first, second = crew.order(cast), crew.order(cast, phone="13900001111")
    gone = crew.order(cast, phone="13900002222", wanted_from=NOW - timedelta(days=2), wanted_until=NOW - timedelta(days=2, hours=-1))  # fmt: skip
    made = operations.assign_waiting(by=cast.access("agent"), at=NOW)
    told = {each.order.pk: each for each in made}
    assert told[first.pk].first == NOW
    assert told[second.pk].first == NOW + timedelta(hours=1)  # an hour by the time standard
    assert told[gone.pk].engineer is None
    assert told[gone.pk].why


def test_a_new_order_goes_out_by_itself_only_where_it_was_switched_on(cast: Cast) -> None:
    he = crew.engineer(cast)
    assert crew.order(cast).state == "waiting"
    operations.switch_assigning(None, True, by=cast.access("head"), at=NOW)
    made = crew.order(cast, phone="13900001111")
    assert (made.state, made.engineer) == ("dispatched", he.person)
    operations.switch_assigning(cast.outlets["GZ001"], False, by=cast.access("owner-GZ001"), at=NOW)
    assert crew.order(cast, phone="13900002222").state == "waiting"
    with pytest.raises(Refusal):
        operations.switch_assigning(None, False, by=cast.access("owner-GZ001"), at=NOW)


def test_an_absence_is_refused_while_something_is_planned(cast: Cast) -> None:
    he = crew.engineer(cast)
    made = crew.dispatched(cast, crew.order(cast), he)
    with pytest.raises(Refusal, match=made.number):
        operations.keep_absence(he, TODAY, TODAY, by=cast.access("owner-GZ001"), at=NOW)
    absence = operations.keep_absence(he, TODAY + timedelta(days=1), TODAY + timedelta(days=2), by=cast.access("owner-GZ001"), at=NOW)  # fmt: skip
    operations.withdraw_absence(he, absence.pk, by=cast.access("owner-GZ001"), at=NOW)
    absence.refresh_from_db()
    assert absence.withdrawn_at == NOW


def test_another_outlets_owner_has_no_word_in_an_engineers_absence(cast: Cast) -> None:
    he = crew.engineer(cast)
    by: Access = cast.access("owner-NB011")
    with pytest.raises(Engineer.DoesNotExist):
        operations.keep_absence(he, TODAY, TODAY, by=by, at=NOW)


def test_suggesting_takes_the_same_statements_for_two_engineers_as_for_twelve(cast: Cast) -> None:
    counts = []
    made = crew.order(cast)
    for number in range(12):
        crew.engineer(cast, f"e{number}")
        if number in (1, 11):
            engineers = list(Engineer.objects.select_related("person", "outlet"))
            with CaptureQueriesContext(connection) as asked:
                group = suggesting.gather(cast.company.pk, engineers, TODAY, TODAY)
                assert len(suggesting.suggest(made, group, TODAY, "吸油烟机", set(), at=NOW)) == number + 1
            counts.append(len(asked))
    assert counts[0] == counts[1]
