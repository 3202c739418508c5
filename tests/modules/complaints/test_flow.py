"""The flow of a complaint, both branches, and everything it refuses (PV-1..PV-3, PV-5, GN-4, CS-6, DP-7, ST-8, A-23, A-24)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from sanbao.audit.models import Event
from sanbao.complaints import events, operations
from sanbao.complaints.models import Complaint, Entry
from sanbao.decisions.models import Decision
from sanbao.intake import operations as desk
from sanbao.intake.models import Category
from sanbao.notices.models import Notice
from sanbao.settlements.models import Finding
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast, moment
from tests.modules.complaints import file
from tests.modules.workorders import crew

DAY = timedelta(days=1)


def refused(code: str, act) -> Refusal:
    with pytest.raises(Refusal) as found:
        act()
    assert found.value.code == code
    return found.value


def test_a_complaint_goes_from_the_desk_to_the_customers_last_word(cast: Cast) -> None:
    """clauses PV-1, PV-2, PV-3, CS-6, DP-7, GN-4, BA-5: registered, one person responsible, verified, agreed, told by the desk, called back, archived."""
    made = file.archived(cast)
    assert made.state == "archived"
    assert (made.owner, made.verdict, made.callback) == (cast.people["support"], "justified", "content")
    assert (made.solution, made.outcome, made.feedback) == (
        "今日上门重修，免费",
        "已重修并试水，不再漏",
        "满意，谢谢",
    )
    assert [row.state for row in made.clocks.order_by("id")] == ["met"] * 5
    moves = (
        Event.objects.filter(thing="complaints.complaint", thing_id=made.pk)
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert [action.rpartition(":")[2] for action in moves] == [
        "registered", "called", "handing", "justification", "completion", "telling", "callback", "archiving"
    ]  # fmt: skip
    assert made.due_at is None
    assert not made.missed


def test_one_that_is_not_justified_is_explained_and_other_routes_are_named(cast: Cast) -> None:
    """reading A-24: explained, mediation, 12315 and the court named; then the same way back through the desk."""
    made = file.rejected(cast)
    assert (made.state, made.verdict, made.routes) == (
        "unjustified",
        "unjustified",
        ["association", "hotline", "court"],
    )
    assert file.clock(made, "solution").state == "not_begun"
    line = made.entries.filter(audience="customer").last().body
    assert "12315" in line
    made = file.move(cast, made, "completion", "support", NOW + 2 * DAY, text="已说明")
    made = file.move(cast, made, "telling", "agent", NOW + 2 * DAY, text="电话说明结果")
    assert made.state == "told"


def test_the_four_clocks_are_promised_and_explained(cast: Cast) -> None:
    """clauses PV-5, PV-2, reading A-23: 24 natural hours, three working days, each a stored decision with its clause."""
    made = file.registered(cast, at=moment(2026, 9, 30, 17))
    answer, verification = file.clock(made, "answer"), file.clock(made, "verification")
    assert (answer.due_at, verification.due_at) == (moment(2026, 10, 1, 17), moment(2026, 10, 10, 17, 30))
    assert file.clock(made, "result").state == "not_begun"
    assert {row.decision.question for row in made.clocks.all()} == {"complaint.clock"}
    assert "provisions PV-2" in str(verification.decision.reasons)
    assert (made.due_clock, made.due_at) == ("answer", moment(2026, 10, 1, 17))


def test_a_word_to_the_customer_answers_it_and_a_missed_call_does_not(cast: Cast) -> None:
    """clause PV-5."""
    made, agent = file.registered(cast), cast.access("agent")
    operations.called(made, "无人接听", reached=False, by=agent, at=NOW + DAY / 4)
    assert file.clock(made, "answer").state == "running"
    operations.called(made, "已说明由谁处理", reached=True, by=agent, at=NOW + DAY / 2)
    made.refresh_from_db()
    assert (made.answered_at, file.clock(made, "answer").state) == (NOW + DAY / 2, "met")


def test_what_was_told_in_the_call_is_the_answer(cast: Cast) -> None:
    made = file.registered(cast, answered="由技术支持核实，周五前答复")
    assert file.clock(made, "answer").met_at == NOW


def test_verifying_before_an_answer_is_refused(cast: Cast) -> None:
    """clause PV-5."""
    made = file.registered(cast)
    made = file.move(cast, made, "handing", "agent", NOW, owner=cast.people["support"])
    refused(
        "unanswered",
        lambda: file.move(
            cast, made, "rejection", "support", NOW, finding="x", cause="misuse", text="x", routes=["court"]
        ),
    )


def test_nobody_verifies_what_they_registered_or_what_is_about_themselves(cast: Cast) -> None:
    """clause ST-8: fairly; CO-1."""
    given = {"finding": "x", "cause": "repairing", "text": "x", "promised_on": file.TODAY}
    made = file.registered(cast, "supervisor", answered="x")
    made = file.move(cast, made, "handing", "supervisor", NOW, owner=cast.people["supervisor"])
    refused("four_eyes", lambda: file.move(cast, made, "justification", "supervisor", NOW, **given))
    about = file.registered(cast, answered="x", engineer=cast.people["support"])
    refused("about", lambda: file.move(cast, about, "handing", "agent", NOW, owner=cast.people["support"]))
    about = file.move(cast, about, "handing", "agent", NOW, owner=cast.people["head"])
    refused("own", lambda: file.move(cast, about, "justification", "support", NOW, **given))


def test_an_outlet_never_verifies(cast: Cast) -> None:
    made = file.handed(cast, outlet="GZ001")
    with pytest.raises(PermissionDenied):
        file.move(
            cast,
            made,
            "rejection",
            "owner-GZ001",
            NOW,
            finding="x",
            cause="misuse",
            text="x",
            routes=["court"],
        )
    refused("post", lambda: file.move(cast, made, "handing", "agent", NOW, owner=cast.people["owner-GZ001"]))


@pytest.mark.parametrize(
    ("missing", "code"),
    [("finding", "finding"), ("cause", "cause"), ("text", "solution"), ("promised_on", "timetable")],
)
def test_a_justification_says_what_was_found_and_by_when_it_is_solved(
    cast: Cast, missing: str, code: str
) -> None:
    """clause PV-2: an agreed and recorded solution, a timetable where it can't be solved at once."""
    given = {"finding": "x", "cause": "repairing", "text": "x", "promised_on": file.TODAY} | {
        missing: None if missing == "promised_on" else ""
    }
    refused(code, lambda: file.move(cast, file.handed(cast), "justification", "support", NOW, **given))


def test_a_timetable_in_the_past_or_far_away_is_refused(cast: Cast) -> None:
    given = {"finding": "x", "cause": "repairing", "text": "x"}
    made = file.handed(cast)
    refused(
        "past",
        lambda: file.move(cast, made, "justification", "support", NOW, **given, promised_on=file.TODAY - DAY),
    )
    refused(
        "far",
        lambda: file.move(
            cast, made, "justification", "support", NOW, **given, promised_on=file.TODAY + 181 * DAY
        ),
    )


def test_a_rejection_without_other_routes_is_refused(cast: Cast) -> None:
    """reading A-24."""
    refused(
        "routes",
        lambda: file.move(
            cast, file.handed(cast), "rejection", "support", NOW, finding="x", cause="misuse", text="x"
        ),
    )


def test_it_is_not_archived_without_a_callback(cast: Cast) -> None:
    """clause CS-6."""
    made = file.move(cast, file.justified(cast), "completion", "support", NOW + 2 * DAY, text="x")
    made = file.move(cast, made, "telling", "agent", NOW + 2 * DAY, text="x")
    refused("no_callback", lambda: file.move(cast, made, "archiving", "agent", NOW + 2 * DAY))
    refused("callback", lambda: file.move(cast, made, "callback", "agent", NOW + 2 * DAY, text="x"))
    made = file.move(cast, made, "callback", "agent", NOW + 2 * DAY, callback="not_content", text="还是漏")
    refused("not_content", lambda: file.move(cast, made, "archiving", "agent", NOW + 2 * DAY))


def test_an_archived_one_is_not_taken_up_again_but_registered_as_a_repetition(cast: Cast) -> None:
    """clause PV-4; wrong input: an archived complaint reopened."""
    made = file.archived(cast)
    refused("archived", lambda: file.move(cast, made, "reopening", "agent", NOW + 9 * DAY, reason="又漏"))
    again = file.registered(cast, at=NOW + 9 * DAY)
    assert again.repeat_of == made
    assert ("repeated" in again.flags, again.severity) == (True, "grave")
    assert again.repeat_decision.question == "complaint.repeat"


def test_taken_up_again_it_is_verified_anew_and_a_clock_once_missed_stays_missed(cast: Cast) -> None:
    made = file.handed(cast)
    late = NOW + 7 * DAY
    made = file.move(
        cast,
        made,
        "justification",
        "support",
        late,
        finding="x",
        cause="repairing",
        text="x",
        promised_on=late.date(),
    )
    assert file.clock(made, "verification").missed_at == moment(2026, 5, 25, 17, 30)
    assert file.clock(made, "verification").missed_by == cast.people["support"]
    made = file.move(cast, made, "completion", "support", late, text="x")
    made = file.move(cast, made, "telling", "agent", late, text="x")
    made = file.move(cast, made, "callback", "agent", late, callback="not_content", text="x")
    made = file.move(cast, made, "reopening", "agent", late, reason="回访不满意")
    anew = file.clock(made, "verification")
    assert (anew.state, anew.missed_at is not None, made.reopened, made.verdict) == ("running", True, 1, "")
    assert file.clock(made, "answer").state == "met"


def test_waiting_for_a_test_stops_the_verification_and_the_customer_is_told(cast: Cast) -> None:
    """clause PV-2, own pauses."""
    made = file.handed(cast)
    before = file.clock(made, "verification").due_at
    made = operations.hold(made, "test", "送检密封圈", version=None, by=cast.access("support"), at=NOW + DAY)
    assert (file.clock(made, "verification").state, made.due_at) == ("paused", None)
    refused(
        "waiting",
        lambda: file.move(
            cast,
            made,
            "justification",
            "support",
            NOW + DAY,
            finding="x",
            cause="repairing",
            text="x",
            promised_on=file.TODAY + DAY,
        ),
    )
    made = operations.go_on(made, version=None, by=cast.access("support"), at=NOW + 3 * DAY)
    assert file.clock(made, "verification").due_at > before
    assert made.entries.filter(audience="customer", body__contains="送检").exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"received_at": NOW + DAY}, "future"),
        ({"received_at": NOW - 400 * DAY}, "long_ago"),
        ({"subject": " "}, "subject"),
        ({"kind": "weather"}, "kind"),
        ({"harm": "none"}, "harm"),
        ({"flags": ["moon"]}, "flag"),
        ({"phone": "", "email": ""}, "nobody"),
    ],
)
def test_what_no_complaint_may_be_is_refused_at_the_field(cast: Cast, told: dict, code: str) -> None:
    """Wrong input."""
    refused(code, lambda: file.registered(cast, **told))
    assert not Complaint.objects.exists()


def test_two_who_move_it_at_once_the_second_is_told_who_was_faster(cast: Cast) -> None:
    made = file.handed(cast)
    seen = made.version
    given = {"finding": "x", "cause": "repairing", "text": "x", "promised_on": file.TODAY + DAY}
    operations.move(made, "justification", version=seen, by=cast.access("support"), at=NOW, **given)
    with pytest.raises(Stale):
        operations.move(
            made,
            "rejection",
            version=seen,
            by=cast.access("head"),
            at=NOW,
            finding="x",
            cause="misuse",
            text="x",
            routes=["court"],
        )


def test_one_complaint_about_two_jobs_knows_both(cast: Cast) -> None:
    """Wrong input of issue 6: one complaint about two jobs."""
    first, second = crew.order(cast), crew.order(cast)
    made = file.registered(cast, orders=[first, second])
    assert list(made.orders.order_by("id")) == [first, second]
    assert made.about_outlet == cast.outlets["GZ001"]
    refused("twice", lambda: operations.link_order(made, first, by=cast.access("agent"), at=NOW))
    made = operations.unlink_order(made, second, by=cast.access("agent"), at=NOW)
    assert made.orders.get() == first


def test_born_of_a_request_it_happens_once_and_keeps_the_requests_talk(cast: Cast) -> None:
    """clause RG-2."""
    request = cast.request("complaint", subject="师傅态度差")
    made = operations.from_request(
        request, file.told(subject="师傅态度差", kind="attitude"), by=cast.access("agent"), at=NOW
    )
    assert (made.request, made.origin) == (request, "request")
    refused("twice", lambda: operations.from_request(request, file.told(), by=cast.access("agent"), at=NOW))


def test_a_request_whose_class_is_retired_still_becomes_a_complaint(cast: Cast) -> None:
    """Wrong input: the class is gone; the request stays what it was."""
    request = cast.request("complaint")
    desk.retire_category(
        Category.objects.get(company=cast.company, code="complaint"), by=cast.access("admin"), at=NOW
    )
    assert operations.from_request(request, file.told(), by=cast.access("agent"), at=NOW).request == request


def test_the_department_follows_from_the_matter_and_the_grade_from_harm_and_flags(cast: Cast) -> None:
    """reading A-28; clause GN-4."""
    quality = file.registered(cast, kind="quality", harm="danger")
    assert (quality.department, quality.severity) == ("quality_control", "critical")
    mild = file.registered(cast, kind="attitude", harm="slight", phone="13900000000", serial="")
    mended = operations.amend(mild, {"kind": "quality", "harm": "loss"}, by=cast.access("agent"), at=NOW)
    assert (mended.department, mended.severity) == ("quality_control", "grave")
    assert (
        Decision.objects.filter(
            thing="complaints.complaint", thing_id=mended.pk, question="complaint.weight"
        ).count()
        == 2
    )


def test_who_is_concerned_hears_of_it(cast: Cast) -> None:
    """clauses PV-3, CS-6: the department tells the desk; leaders hear of the critical ones at once."""
    made = file.handed(cast, outlet="GZ001", kind="quality", harm="danger")
    told = {(notice.kind, notice.person.username) for notice in Notice.objects.select_related("person")}
    assert {
        ("complaints:critical", "head"),
        ("complaints:handed", "support"),
        ("complaints:outlet", "owner-GZ001"),
    } <= told
    made = file.move(
        cast,
        made,
        "justification",
        "support",
        NOW,
        finding="x",
        cause="design",
        text="x",
        promised_on=file.TODAY,
    )
    file.move(cast, made, "completion", "support", NOW, text="x")
    assert Notice.objects.filter(kind="complaints:done", person=cast.people["agent"]).exists()


def test_a_proven_complaint_is_announced_to_whoever_listens(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For settlements: late service, complaint proven (KA-11.2)."""
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(
        events,
        "PROVEN",
        [lambda complaint, *, by, at: heard.append((complaint.number, events.finding_of(complaint)))],
    )
    late = file.justified(cast, kind="delay")
    file.rejected(cast, kind="delay", phone="13900000001", serial="")
    assert heard == [(late.number, "late_service")]


def test_a_note_stays_at_headquarters_and_the_outlet_sees_it_only_once_handed(cast: Cast) -> None:
    """Confidentiality: an outlet sees what is about it once it is handed to it, and no internal note."""
    order = crew.order(cast)
    made = file.registered(cast, orders=[order])
    owner = cast.access("owner-GZ001")
    assert not Complaint.objects.visible_to(owner, "complaints:complaint:view").exists()
    operations.note(made, "该网点多次被投诉", by=cast.access("agent"), at=NOW)
    made = file.move(
        cast, made, "handing", "agent", NOW, owner=cast.people["support"], outlet=cast.outlets["GZ001"]
    )
    assert Complaint.objects.visible_to(owner, "complaints:complaint:view").get() == made
    assert not Complaint.objects.visible_to(cast.access("owner-NB011"), "complaints:complaint:view").exists()
    operations.report(made, "当天因暴雨改约，已电话告知", by=owner, at=NOW)
    bodies = list(Entry.objects.filter(complaint=made).shown_to(owner).values_list("body", flat=True))
    assert "当天因暴雨改约，已电话告知" in bodies
    assert "该网点多次被投诉" not in bodies
    refused("note", lambda: operations.note(made, "x", by=owner, at=NOW))
    refused(
        "outlet",
        lambda: file.move(
            cast, made, "handing", "agent", NOW, owner=cast.people["support"], outlet=cast.outlets["NB011"]
        ),
    )


def test_the_customer_withdraws_and_nothing_counts_any_more(cast: Cast) -> None:
    made = file.move(cast, file.handed(cast), "withdrawal", "agent", NOW + DAY, reason="用户来电称已解决")
    assert {row.state for row in made.clocks.all()} == {"met", "cancelled"}
    refused("over", lambda: operations.report(made, "x", by=cast.access("support"), at=NOW + DAY))


def test_a_proven_late_visit_proposes_a_finding_on_the_sheet_of_its_order(cast: Cast) -> None:
    """clause KA-11.2: late service, complaint proven; it costs nothing before a second person confirms it."""
    order = crew.maintained(cast, NOW, outlet=cast.outlets["GZ001"])
    file.justified(cast, kind="delay", orders=[order])
    finding = Finding.objects.get()
    assert (finding.kind, finding.source, finding.state, finding.sheet.order) == (
        "late_service",
        "complaint",
        "proposed",
        order,
    )
