"""Surveys after each service: who is asked, when, once; what is answered and what follows (DP-6, GN-2, SC-2, SR-7)."""

import copy
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sanbao.audit.models import Event
from sanbao.notices.models import Notice
from sanbao.regulations import operations as regulations
from sanbao.surveys import links, operations
from sanbao.surveys.models import Invitation, Question, Response
from sanbao.surveys.operations import Told
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders.models import Order
from sanbao.workorders.operations import reopen
from sanbao_rules.rulebook import Rulebook, shipped
from tests.cast import NOW, Cast
from tests.modules.surveys import polls
from tests.modules.workorders import crew

DAY = timedelta(days=1)
TODAY = NOW.date()


def test_when_a_job_closes_its_customer_is_to_be_asked_the_next_day(cast: Cast) -> None:
    """DP-6: after each service a satisfaction survey is made."""
    polls.questionnaire(cast)
    order = polls.served(cast)
    invitation = Invitation.objects.get(order=order)
    assert (invitation.state, invitation.send_on, invitation.outlet) == ("planned", TODAY + DAY, order.outlet)
    assert "department DP-6" in str(invitation.decision.reasons)


def test_without_a_questionnaire_nobody_is_asked(cast: Cast) -> None:
    assert operations.plan(polls.closed(cast), by=cast.access("agent"), at=NOW) is None


@pytest.mark.parametrize(
    ("order", "customer", "why"),
    [
        ({"rating": 4}, None, "asked_before"),
        ({}, {"do_not_call": True}, "no_contact"),
        ({"kind": "training"}, None, ""),
    ],
)
def test_who_rated_the_job_or_asked_to_be_left_alone_is_not_asked(
    cast: Cast, order: dict[str, Any], customer: dict[str, Any] | None, why: str
) -> None:
    """A customer is not asked twice about the same job; whoever asks never to be contacted gets nothing (PIPL 15)."""
    polls.questionnaire(cast)
    if customer:
        order = order | {"customer": polls.customer(cast, **customer)}
    made = polls.planned(cast, polls.closed(cast, **order))
    assert made.why == why and made.state == ("skipped" if why else "planned")


def test_a_rating_that_comes_before_the_message_spares_the_customer_the_question(cast: Cast) -> None:
    polls.questionnaire(cast)
    made = polls.planned(cast)
    Order.objects.filter(pk=made.order_id).update(rating=5)
    assert operations.send_due(NOW + DAY) == 0
    made.refresh_from_db()
    assert (made.state, made.why) == ("skipped", "asked_before")


def test_where_no_message_can_be_sent_a_colleague_hands_the_link_over(cast: Cast) -> None:
    polls.questionnaire(cast)
    made = polls.planned(cast)
    operations.send_due(NOW + DAY)
    made.refresh_from_db()
    assert (made.state, made.why) == ("skipped", "no_way")
    path = operations.hand_over(made, by=cast.access("agent"), at=NOW + DAY)
    made.refresh_from_db()
    assert made.state == "sent" and links.read(cast.company, path.split("/")[-2]) == made


def test_nothing_goes_out_at_night(cast: Cast) -> None:
    polls.questionnaire(cast)
    made = polls.planned(cast)
    operations.send_due(NOW + DAY - timedelta(hours=8))
    made.refresh_from_db()
    assert made.state == "planned"


@pytest.mark.parametrize(
    ("clock", "waits"), [("08:59", True), ("09:00", False), ("19:59", False), ("20:00", True)]
)
def test_messages_go_out_within_the_hours_of_the_rulebook(cast: Cast, clock: str, waits: bool) -> None:
    """Nobody is woken: what is due outside the hours waits for the next morning."""
    polls.questionnaire(cast)
    assert _waits(polls.planned(cast), clock) == waits


def test_a_company_may_set_its_own_hours(cast: Cast) -> None:
    """SR-9: from the day on which its own edition says so."""
    polls.questionnaire(cast)
    made = polls.planned(cast)
    regulations.set_own_values(
        "surveys", {"send_from": [(TODAY + DAY, time(10, 30), "own sending")]}, edition="GZ.1", by=cast.access("admin"), at=NOW
    )  # fmt: skip
    assert _waits(made, "10:29") and not _waits(made, "10:30")


def test_an_edition_from_before_the_hours_stood_in_the_book_sends_in_the_shipped_ones(cast: Cast) -> None:
    polls.questionnaire(cast)
    made = polls.planned(cast)
    older = copy.deepcopy(dict(shipped("surveys").document))
    for name in ("send_from", "send_until"):
        del older["parameters"][name]
    for name in ("send_now", "send_waits"):
        del older["reasons"][name]
    older["edition"] = "GZ.0"
    edition = regulations.pin(Rulebook(older, "older", known=False), at=NOW, company_id=cast.company.pk)
    regulations.adopt(edition, by=cast.access("admin"), at=NOW)
    assert _waits(made, "08:59") and not _waits(made, "09:00")


def _waits(made: Invitation, clock: str) -> bool:
    """Whether the job leaves an invitation that is due tomorrow where it is, at this time of tomorrow."""
    operations.send_due(_at(clock))
    made.refresh_from_db()
    return made.state == "planned"


def _at(clock: str) -> datetime:
    """A time of tomorrow."""
    return datetime.combine(TODAY + DAY, time.fromisoformat(clock), tzinfo=NOW.tzinfo)


def test_a_link_is_answered_once_and_the_first_answer_stays(cast: Cast) -> None:
    """Answered twice: told kindly, the first stays."""
    polls.questionnaire(cast)
    invitation = polls.sent(cast)
    by = operations.door(cast.company)
    operations.answer(invitation, Told({"overall": "5"}), by=by, at=NOW)
    with pytest.raises(Stale) as refused:
        operations.answer(invitation, Told({"overall": "1"}, words="x"), by=by, at=NOW)
    assert refused.value.code == "twice"
    assert Response.objects.get().score == 5


def test_an_answer_is_put_right_on_the_same_day_and_not_on_the_next(cast: Cast) -> None:
    """MO-3; by the rulebook."""
    polls.questionnaire(cast)
    invitation, by = polls.sent(cast), operations.door(cast.company)
    operations.answer(invitation, Told({"overall": "1"}, words="坏了"), by=by, at=NOW)
    operations.correct(invitation, Told({"overall": "5"}), by=by, at=NOW + timedelta(hours=3))
    kept = Response.objects.get()
    assert (kept.score, kept.low) == (5, False) and kept.corrected_at is not None
    with pytest.raises(Stale):
        operations.correct(invitation, Told({"overall": "1"}, words="x"), by=by, at=NOW + DAY)


def test_a_link_that_has_run_out_says_so(cast: Cast) -> None:
    polls.questionnaire(cast)
    invitation = polls.sent(cast)
    with pytest.raises(Refusal) as refused:
        operations.answer(
            invitation, Told({"overall": "5"}), by=operations.door(cast.company), at=NOW + 30 * DAY
        )
    assert refused.value.code == "expired"
    assert operations.expire(NOW + 30 * DAY) == 1


def test_a_job_that_is_reopened_is_asked_about_when_it_is_done(cast: Cast) -> None:
    polls.questionnaire(cast)
    order = polls.served(cast)
    reopen(order, "还有异响", by=cast.access("supervisor"), at=NOW + DAY)
    assert Invitation.objects.get().why == "reopened"


def test_few_stars_need_a_word_and_go_up_to_whoever_leads(cast: Cast) -> None:
    polls.questionnaire(cast)
    invitation, by = polls.sent(cast), operations.door(cast.company)
    with pytest.raises(Refusal) as refused:
        operations.answer(invitation, Told({"overall": "2"}), by=by, at=NOW)
    assert refused.value.field == "words"
    operations.answer(invitation, Told({"overall": "2"}, words="迟到两小时"), by=by, at=NOW)
    told = Notice.objects.filter(kind="surveys:low").values_list("person__username", flat=True)
    assert {"head", "supervisor", "owner-GZ001"} <= set(told) and "owner-SZ021" not in told


def test_who_wishes_to_be_called_gets_a_request_at_the_desk(cast: Cast) -> None:
    """DP-6, GN-2: what is not right is taken up."""
    polls.questionnaire(cast)
    made = polls.answered(cast, 2, call_back=True)
    made.refresh_from_db()
    assert made.request is not None and made.request.description == "太慢"


def test_a_supervisor_takes_a_low_score_up_once(cast: Cast) -> None:
    polls.questionnaire(cast)
    made = polls.answered(cast, 1)
    by = cast.access("supervisor")
    operations.register_request(made, by=by, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.register_request(made, by=by, at=NOW)
    assert refused.value.code == "twice"
    operations.look_into(made, "已致电道歉", by=by, at=NOW)
    assert Event.objects.filter(action="surveys:response:looked-into").count() == 1


def test_an_anonymous_answer_names_neither_order_nor_engineer_nor_hour(cast: Cast) -> None:
    polls.questionnaire(cast)
    crew.engineer(cast)
    made = polls.answered(cast, 2, anonymous=True)
    assert (made.order, made.engineer, made.invitation, made.answered_at.astimezone(NOW.tzinfo).hour) == (
        None, None, None, 0,
    )  # fmt: skip
    with pytest.raises(Refusal):
        operations.register_request(made, by=cast.access("supervisor"), at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=made.pk).update(order=Order.objects.get())


def test_who_says_that_it_works_completes_the_last_step_of_the_flow(cast: Cast) -> None:
    """SC-2, SC-4: aftercare and satisfaction survey end the flow."""
    polls.questionnaire(cast, works=True)
    order = polls.served(cast)
    invitation = Invitation.objects.get()
    operations.hand_over(invitation, by=cast.access("agent"), at=NOW)
    told = Told({"overall": "5", "works": "yes"})
    operations.answer(invitation, told, by=operations.door(cast.company), at=NOW)
    assert order.steps.filter(code="aftercare", undone_at__isnull=True).exists()


def test_what_a_question_does_not_offer_is_refused_beside_it(cast: Cast) -> None:
    polls.questionnaire(cast, works=True)
    invitation, by = polls.sent(cast), operations.door(cast.company)
    for answers, field in (
        ({"overall": "6", "works": "yes"}, "overall"),
        ({"overall": "5"}, "works"),
        ({"overall": "5", "works": "maybe"}, "works"),
    ):
        with pytest.raises(Refusal) as refused:
            operations.answer(invitation, Told(answers), by=by, at=NOW)
        assert refused.value.field == field


def test_links_that_are_out_keep_the_version_they_were_sent_with(cast: Cast) -> None:
    """A questionnaire changed while links are out."""
    first = polls.questionnaire(cast)
    invitation, by = polls.sent(cast), cast.access("supervisor")
    second = operations.begin_version(first.questionnaire, by=by, at=NOW)
    operations.keep_question(
        second, None, code="more", kind="text", text_zh="还有吗", text_en="More?", by=by, at=NOW
    )
    operations.publish_version(second, by=by, at=NOW)
    made = operations.answer(invitation, Told({"overall": "4"}), by=operations.door(cast.company), at=NOW)
    assert made.version == first
    assert polls.planned(cast).version == second


def test_a_published_version_never_changes_not_even_by_the_database(cast: Cast) -> None:
    version = polls.questionnaire(cast)
    with pytest.raises(Refusal) as refused:
        operations.keep_question(version, None, code="x", kind="text", text_zh="x", text_en="x", by=cast.access("supervisor"), at=NOW)  # fmt: skip
    assert refused.value.code == "published"
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(version=version).update(text_zh="改")


def test_a_paper_typed_in_counts_the_job_as_asked(cast: Cast) -> None:
    """SR-7: forms on paper."""
    version = polls.questionnaire(cast)
    order = polls.closed(cast)
    polls.planned(cast, order)
    by = cast.access("callbacks")
    operations.enter(version, Told({"overall": "4"}), order=order, by=by, at=NOW)
    assert Invitation.objects.get().state == "answered"
    with pytest.raises(Refusal) as refused:
        operations.enter(version, Told({"overall": "4"}), order=order, by=by, at=NOW)
    assert refused.value.code == "twice"
