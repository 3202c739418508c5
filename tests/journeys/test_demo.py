"""The demonstration loads, holds together and tells the stories it promises (KA-11.1, KA-11.2)."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from sanbao.accounts.models import Company, Person
from sanbao.callbacks.models import Callback
from sanbao.complaints.models import Case, Clock, Compensation, Complaint, Escalation, Report
from sanbao.complaints.states import State
from sanbao.documents.models import Campaign, Document
from sanbao.documents.shipping import shipped_names
from sanbao.intake.models import WorkTime
from sanbao.ledger.queries import broken_invariants
from sanbao.outlets.queries import access_of
from sanbao.settlements.models import Answer, HandIn, Sheet, Statement
from sanbao.settlements.queries import INVARIANTS, confirmation, statements
from sanbao.site.demo import loading
from sanbao.site.demo.people import DEMO_PEOPLE, PASSWORD
from sanbao.site.demo.story import months_before
from tests.cast import moment

NOW = moment(2026, 11, 20)
LAST = date(2026, 10, 1)


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The story told once for all the tests of this file, and taken back after them."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            assert loading.load(now=NOW)
            yield
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture
def story(told, db):
    return told


def _statement(outlet: str, ago: int) -> Statement:
    return Statement.objects.exclude(state="reversed").get(
        outlet__code=outlet, month=months_before(LAST, ago)
    )


def test_a_year_of_months_of_a_dozen_outlets_is_told_and_every_invariant_holds(story) -> None:
    maker = Company.objects.get(code="hezao")
    assert Statement.objects.filter(company=maker).values("month").distinct().count() == 12
    assert Sheet.objects.filter(company=maker).values("outlet").distinct().count() == 12
    assert broken_invariants(INVARIANTS) == {}


def test_a_second_load_does_nothing(story) -> None:
    before = Statement.objects.count()
    call_command("demo", "--if-empty", stdout=StringIO())
    assert Statement.objects.count() == before
    with pytest.raises(CommandError):
        call_command("demo", stdout=StringIO())


def test_one_outlet_is_always_late_in_three_ways(story) -> None:
    rates = [_statement("FS008", ago).rate for ago in range(12)]
    assert rates == [Decimal("0.9"), Decimal("0.7"), Decimal("0.5")] * 4


def test_a_forgery_costs_ten_times_its_fee_and_the_debt_is_carried_on(story) -> None:
    month, following = _statement("NJ005", 4), _statement("NJ005", 3)
    assert month.forged == 1
    line = month.lines.get(outcome="forged")
    assert month.deductions["forged"] == 10 * (line.labour + line.travel)
    assert month.net < 0 and month.payable == 0
    assert following.brought_forward == -month.net
    assert following.payable == max(0, following.net - following.brought_forward)


def test_the_model_outlet_is_always_in_time_and_confirms_at_once(story) -> None:
    for ago in range(12):
        statement = _statement("HZ001", ago)
        assert (statement.rate_code, statement.state) == ("in_time", "paid")
        assert confirmation(statement).made_at.date() == statement.submitted_at.date()


def test_a_paid_statement_was_reversed_and_made_anew(story) -> None:
    again = _statement("ZS010", 1)
    old = Statement.objects.get(outlet__code="ZS010", state="reversed")
    assert (old.month, again.number) == (again.month, f"{old.number}-2")
    assert again.refund - old.refund == 6000
    assert again.brought_forward == old.payable


def test_in_the_last_month_every_outlet_stands_somewhere_else(story) -> None:
    states = {code: _statement(code, 0).state for code in ("HZ001", "NB002", "SH003", "SZ004", "FS008")}
    assert states == {
        "HZ001": "paid", "NB002": "approved", "SH003": "submitted", "SZ004": "checked", "FS008": "draft",
    }  # fmt: skip
    assert _statement("HF006", 0).rate_code == "waiting_paper"
    assert _statement("NN011", 0).rate_code == "no_electronic"
    assert _statement("DG009", 0).unpriced == 1
    assert HandIn.objects.get(outlet__code="HK012").state == "read"
    questions = Answer.objects.filter(kind="question")
    assert questions.filter(replied_at__isnull=True).count() == 1
    assert questions.filter(replied_at__isnull=False).count() == 1


def test_every_step_was_made_by_another_person_and_nothing_lies_in_the_future(story) -> None:
    for statement in Statement.objects.filter(company__code="hezao", state="paid"):
        hands = {
            statement.submitted_by_id,
            statement.checked_by_id,
            statement.approved_by_id,
            statement.paid_by_id,
        }
        assert len(hands) == 4
        assert (
            statement.submitted_at < statement.checked_at < statement.approved_at < statement.paid_at <= NOW
        )
    assert not Sheet.objects.filter(completed_on__gt=NOW.date()).exists()


def test_everybody_on_the_sign_in_page_can_sign_in(story) -> None:
    assert authenticate(username=DEMO_PEOPLE[0][0], password=PASSWORD)
    out = StringIO()
    call_command("demo", "--sign-ins", stdout=out)
    for username, name, _post, _place in DEMO_PEOPLE:
        assert username in out.getvalue() and name in out.getvalue()


def test_the_second_company_sees_nothing_of_the_first(story) -> None:
    from sanbao.accounts.models import Person

    clerk = access_of(Person.objects.get(username="qinyue"), NOW.date())
    seen = statements(clerk)
    assert [statement.company.code for statement in seen] == ["hengzhun"]
    assert seen[0].net > 0


def test_reset_refuses_outside_a_demonstration(db, settings) -> None:
    settings.DEBUG = settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo", "--reset", stdout=StringIO())


def test_a_forged_sheet_is_appealed_against_and_lost_and_another_won(story) -> None:
    """KA-11.2: NJ005 loses and stays in debt; SH003 was fined after its month was paid and gets it back in the month after the next."""
    from sanbao.settlements.models import Finding

    states = dict(Finding.objects.filter(kind="forged").values_list("outlet__code", "state"))
    taken, given = _statement("SH003", 2).deductions, _statement("SH003", 1).deductions

    assert states == {"NJ005": "upheld", "SH003": "granted"}
    assert taken["correction"] > 0 and given["credit"] == -taken["correction"]


def test_both_forged_sheets_were_found_by_a_callback_that_leads_on_to_the_statement(story) -> None:
    """KA-9.2, KA-11.2: the record of the call, what is wrong with the job, the finding a second person confirmed, the line it costs."""
    from sanbao.callbacks.models import Observation
    from sanbao.settlements.models import Finding

    for observed in Observation.objects.filter(kind="forged").select_related("callback__record"):
        finding = Finding.objects.get(pk=observed.finding)
        assert observed.callback.record.came is False and observed.callback.state == "done"
        assert (finding.source, finding.source_path) == ("callback", f"/callbacks/{observed.callback_id}/")
        assert finding.confirmed_by_id not in (None, observed.made_by_id)
    assert (
        Observation.objects.filter(kind="forged").count()
        == Finding.objects.filter(kind="forged").count()
        == 2
    )
    lost = Finding.objects.get(kind="forged", outlet__code="NJ005")
    assert lost.sheet.lines.get(outcome="forged").statement == _statement("NJ005", 4)


def test_customers_were_asked_by_link_after_their_service_and_most_answered(story) -> None:
    """DP-6: some let the time pass, some can still answer; a low score waits for somebody; the answers show in the results."""
    from sanbao.surveys import queries
    from sanbao.surveys.models import Invitation, Response

    asked = Invitation.objects.filter(company__code="hezao", sent_at__isnull=False)
    answers = Response.objects.filter(source="link")
    assert answers.count() >= 8 and answers.filter(anonymous=True).exists()
    assert answers.filter(low=True, call_back=True).exists()
    assert set(asked.values_list("state", flat=True)) == {"answered", "expired", "sent"}
    head = access_of(Person.objects.get(username="chenbo"), NOW.date())
    rate = queries.response_rate(head, date(2026, 10, 1), NOW.date())
    assert rate is not None and Decimal("0.5") < rate < 1


def test_a_callback_led_to_a_complaint_and_a_need_to_a_task(story) -> None:
    """RG-2, KA-9.3."""
    from sanbao.callbacks.models import Need

    complaint = Complaint.objects.get(origin="callback")
    assert complaint.source_label == Callback.objects.get(pk=complaint.source).number
    assert Need.objects.get().task.owner.username == "hongyan"


def test_findings_stand_in_every_state_that_somebody_works_on(story) -> None:
    """One waits for a second person, refunds are shown or due, orders were looked at again, and hints wait."""
    from sanbao.settlements.models import Finding, Hint

    assert Finding.objects.filter(state="proposed").count() == 1
    assert Finding.objects.filter(refunded_on__isnull=False).exists()
    assert set(Finding.objects.filter(follows__isnull=False).values_list("kind", "state")) == {
        ("improved", "confirmed"), ("unimproved", "confirmed"),
    }  # fmt: skip
    assert Hint.objects.filter(checked_at__isnull=True).exists()


def test_the_softer_ladder_was_tried_on_the_year_and_says_who_would_have_got_more(story) -> None:
    """SR-9: FS008, late in three ways by turns, would have got more; nobody less."""
    from sanbao.backtests import queries
    from sanbao.backtests.models import BackTest

    test = BackTest.objects.get(draft__book="settlement")
    assert (test.state, test.undecided) == ("done", 0)
    sums = {line.outlet.code: line.money for line in queries.by_outlet(test)}
    assert sums["FS008"] > 0
    assert test.money == sum(sums.values())
    assert min(sums.values()) >= 0


def test_a_year_of_callbacks_is_made_on_their_days_and_some_wait_for_the_visitor(story) -> None:
    """KA-9.1: nine in ten are first called by their day; what is due today is not called yet."""
    rows = Callback.objects.filter(company__code="hezao")
    called = rows.filter(first_try_on__isnull=False)
    assert called.count() > 100
    assert called.filter(first_try_on__lte=F("due_on")).count() >= Decimal("0.9") * called.count()
    assert called.dates("first_try_on", "month").count() >= 11
    assert rows.filter(state="planned", from_on__lte=NOW.date()).exists()
    assert set(rows.values_list("round", flat=True)) == {1, 2, 3}


def test_complaints_of_the_year_stand_in_every_state_with_their_clocks(story) -> None:
    """clauses PV-1..PV-5, CS-6: one over two jobs, authorities' cases, money given; one verified too late, one unanswered and told to the supervisor."""
    rows = Complaint.objects.filter(company__code="hezao")
    assert set(rows.values_list("state", flat=True)) == {*State}
    assert rows.filter(state="archived").count() >= 7
    assert rows.annotate(jobs=Count("orders")).filter(jobs=2, state="justified", waiting_for="part").exists()
    assert set(Case.objects.values_list("authority", "outcome")) == {("12315", "agreed"), ("regulator", "")}
    assert set(Compensation.objects.values_list("state", flat=True)) == {"paid", "approved"}
    assert set(Clock.objects.filter(missed_at__isnull=False).values_list("kind", "complaint__kind")) == {
        ("verification", "delay"),
        ("answer", "delay"),
    }
    assert Escalation.objects.filter(step="answer-due").exists()
    assert rows.filter(repeat_of__isnull=False, flags__contains=["repeated"]).exists()
    assert Report.objects.filter(month=LAST).exists()


def test_the_nineteen_regulations_are_in_force_in_five_companies_and_one_has_repealed_another(story) -> None:
    """SX-1, HK-1, MO-1: taken over, reviewed and approved by three people each."""
    in_force = Document.objects.filter(standing=Document.Standing.IN_FORCE)
    assert set(in_force.values_list("source", flat=True)) == set(shipped_names())
    assert in_force.values("company").distinct().count() == 5
    assert Document.objects.get(standing=Document.Standing.REPEALED).repealed_by.document.source == "hongkou"
    assert {each.source for each in in_force.filter(public=True)} == {"appliance", "policy"}


def test_one_campaign_runs_with_some_who_have_not_read_and_one_is_over(story) -> None:
    """BA-8, BA-6."""
    running, closed = Campaign.objects.get(state="running"), Campaign.objects.get(state="closed")
    assert 0 < running.confirmed < running.asked
    assert (closed.kind, closed.asked - closed.confirmed) == ("pledge", 1)


def test_working_times_are_on_record_and_a_forgotten_day_was_written_down(story) -> None:
    """BA-6."""
    rows = WorkTime.objects.filter(company__code="hezao")
    assert len(set(rows.values_list("person__username", flat=True))) == 6
    assert rows.filter(late__gt=0).exists()
    written = rows.exclude(written_by=None)
    assert {row.person.username for row in written} <= {"mating"}
    assert all(row.reason and row.went_at for row in written)
