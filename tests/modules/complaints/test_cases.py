"""Authorities' cases with the law's clocks, and who is told when a clock is in danger (PV-2, PV-5, CS-6)."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from sanbao.complaints import alarms, operations
from sanbao.complaints.models import Case, Clock, Complaint, Escalation
from sanbao.decisions.queries import replay
from sanbao.notices.models import Notice
from tests.cast import NOW, Cast, moment
from tests.modules.complaints import file
from tests.modules.complaints.test_flow import DAY, refused

LETTER = {"authority": "12315", "reference": "4201-2026-7", "lodged_at": NOW, "reply_by": date(2026, 5, 26), "words": "请书面答复"}  # fmt: skip


def kept(cast: Cast, made: Complaint, case: Case | None = None, at: datetime = NOW, **told: object) -> Case:
    return operations.keep_case(
        made, case, told if case else LETTER | told, by=cast.access("supervisor"), at=at
    )


def due(case: Case, kind: str) -> date | None:
    at = Clock.objects.get(case=case, kind=kind).due_at
    return timezone.localdate(at) if at else None


def test_a_case_has_the_laws_clocks_and_ours(cast: Cast) -> None:
    """Regulation implementing the Consumer Rights Protection Law, article 46: 7 working days, 60 days; the reply by the letter's day."""
    made = file.handed(cast)
    case = kept(cast, made)
    assert (due(case, "acceptance"), due(case, "mediation"), due(case, "reply")) == (date(2026, 5, 29), None, date(2026, 5, 26))  # fmt: skip
    case = kept(cast, made, case, NOW + 2 * DAY, accepted_at=NOW + 2 * DAY)
    assert due(case, "mediation") == date(2026, 7, 21)
    tested = {"tested_from": NOW + 5 * DAY, "tested_until": NOW + 10 * DAY}
    case = kept(cast, made, case, NOW + 10 * DAY, **tested)
    assert due(case, "mediation") == date(2026, 7, 26), "tests are not counted"
    for row in case.clocks.all():
        assert replay(row.decision).same


def test_it_raises_the_grade_and_stands_in_the_way_of_the_archive(cast: Cast) -> None:
    """clause GN-4."""
    made = file.justified(cast)
    case = kept(cast, made)
    made.refresh_from_db()
    assert ("authority" in made.flags, made.severity) == (True, "grave")
    made = file.move(cast, made, "completion", "support", NOW + 2 * DAY, text="x")
    made = file.move(cast, made, "telling", "agent", NOW + 2 * DAY, text="x")
    made = file.move(cast, made, "callback", "agent", NOW + 2 * DAY, callback="content", text="x")
    refused("case", lambda: file.move(cast, made, "archiving", "agent", NOW + 2 * DAY))
    kept(cast, made, case, NOW + 3 * DAY, ended_at=NOW + 3 * DAY, outcome="withdrawn")
    assert file.move(cast, made, "archiving", "agent", NOW + 3 * DAY).state == "archived"


def test_a_reply_in_time_is_kept_and_one_too_late_is_ours_to_answer_for(cast: Cast) -> None:
    made = file.handed(cast)
    case = kept(cast, made)
    kept(cast, made, case, NOW + 3 * DAY, replied_at=NOW + 3 * DAY)
    assert Clock.objects.get(case=case, kind="reply").state == "met"
    late = kept(cast, made, reference="4201-2026-8")
    kept(cast, made, late, NOW + 9 * DAY, replied_at=NOW + 9 * DAY)
    row = Clock.objects.get(case=late, kind="reply")
    assert (row.missed_by, timezone.localdate(row.missed_at)) == (cast.people["support"], date(2026, 5, 26))
    made.refresh_from_db()
    assert made.missed


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"reference": " "}, "reference"),
        ({"lodged_at": None}, "lodged_at"),
        ({"lodged_at": NOW + DAY}, "future"),
        ({"accepted_at": NOW - DAY}, "before"),
        ({"tested_from": NOW}, "not_accepted"),
        ({"ended_at": NOW}, "outcome"),
        ({"ended_at": NOW, "accepted_at": NOW, "outcome": "refused"}, "accepted"),
        ({"reply_by": date(2027, 5, 1)}, "far"),
    ],
)
def test_what_can_not_have_happened_is_refused(cast: Cast, told: dict, code: str) -> None:
    """Wrong input."""
    made = file.registered(cast)
    refused(code, lambda: kept(cast, made, **told))


def test_one_letter_is_one_case_and_an_outlet_keeps_none(cast: Cast) -> None:
    made = file.handed(cast, outlet="GZ001")
    case = kept(cast, made)
    refused("twice", lambda: kept(cast, made))
    with pytest.raises(PermissionDenied):
        operations.keep_case(made, None, LETTER, by=cast.access("owner-GZ001"), at=NOW)
    kept(cast, made, case, ended_at=NOW, outcome="refused")
    refused("ended", lambda: kept(cast, made, case, words="x"))


def test_each_rung_is_told_once_to_whom_the_ladder_means(cast: Cast) -> None:
    """clauses PV-5, CS-6: before the 24 hours are over who assigns, then the supervisor, a day later the head."""
    made = file.registered(cast)
    told: list[list[str]] = []
    for at in (moment(2026, 5, 20, 10), moment(2026, 5, 21, 3), moment(2026, 5, 21, 3), moment(2026, 5, 21, 9, 1), moment(2026, 5, 22, 9, 1)):  # fmt: skip
        before = set(Escalation.objects.values_list("pk", flat=True))
        alarms.sound(at)
        told.append(list(Escalation.objects.exclude(pk__in=before).values_list("step", flat=True)))
    assert told == [[], ["answer-warn"], [], ["answer-due"], ["answer-management"]]
    late = Notice.objects.filter(kind="complaints:missed").order_by("id")
    assert list(late.values_list("person__username", flat=True)) == ["supervisor", "head"]
    made.refresh_from_db()
    assert (made.missed, file.clock(made, "answer").missed_at) == (True, moment(2026, 5, 21, 9))
    for row in Escalation.objects.all():
        assert replay(row.decision).same


def test_the_page_of_a_clause_shows_the_complaints_in_which_it_was_not_kept(cast: Cast, sign_in) -> None:
    """clauses PV-5, PV-2: to whoever may read complaints."""
    made = file.registered(cast)
    alarms.sound(moment(2026, 5, 21, 9, 1))
    pages = {(who, clause): sign_in(who).get(reverse("clause", args=[clause])).content.decode() for who, clause in (("head", "PV-5"), ("head", "PV-2"), ("owner-GZ001", "PV-5"))}  # fmt: skip
    assert [made.number in page for page in pages.values()] == [True, False, False]


def test_whoever_is_responsible_is_warned_and_nobody_once_it_is_over(cast: Cast) -> None:
    """clause PV-2."""
    made = file.handed(cast)
    assert alarms.sound(moment(2026, 5, 25, 17)) == 1
    assert Notice.objects.get(kind="complaints:warning").person == cast.people["support"]
    file.move(cast, made, "withdrawal", "agent", moment(2026, 5, 25, 17, 1), reason="x")
    assert alarms.sound(moment(2026, 5, 29, 9)) == 0


def test_the_alarms_take_those_longest_not_looked_at_first(cast: Cast) -> None:
    """One overdue complaint that nobody answers never keeps the others from their turn."""
    for number in range(3):
        file.registered(cast, phone=f"1390000000{number}", serial="")
    for minute, looked in ((1, 2), (2, 3)):
        alarms.sound(NOW + timedelta(hours=24, minutes=minute), most=2)
        assert Complaint.objects.exclude(alarmed_at=None).count() == looked
