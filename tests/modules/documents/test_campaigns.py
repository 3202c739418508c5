"""Who is asked to read, confirms, is reminded, and what rests until then (BA-8, BA-6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sanbao.documents import operations, queries
from sanbao.documents.models import Campaign, Reading, Try
from sanbao.documents.reading_first import ReadFirst, require_read
from sanbao.notices.models import Notice
from sanbao.outlets import operations as outlets
from sanbao.regulations.queries import edition_in_force
from sanbao.ui.refusal import Refusal
from tests.cast import APRIL, NOW, Cast, moment
from tests.modules.documents.make import campaign, regulation

DAY = timedelta(days=1)
HAND_IN = "settlements:sheet:hand-in"


def told(name: str, cast: Cast) -> list[str]:
    rows = Notice.objects.filter(person=cast.people[name], kind__startswith="documents:").exclude(
        kind="documents:in-force"
    )
    return [notice.kind for notice in rows.order_by("id")]


def test_everybody_on_the_posts_named_is_asked_and_told_once(cast: Cast) -> None:
    """BA-8: regulations are made known, and each reader's confirmation is on record."""
    made = campaign(cast, regulation(cast))
    asked = set(made.readings.values_list("person__name", flat=True))
    assert asked == {"owner-GZ001", "owner-NB011", "owner-SZ021", "outlet-clerk"}
    assert told("outlet-clerk", cast) == ["documents:asked"]
    assert told("clerk", cast) == []
    assert made.asked == 4


def test_a_reading_counts_once_it_is_ticked_and_stays(cast: Cast) -> None:
    made = campaign(cast, regulation(cast))
    clerk = cast.access("outlet-clerk")
    with pytest.raises(Refusal) as refused:
        operations.confirm(made, {}, read=False, by=clerk, at=NOW)
    assert refused.value.code == "unread"
    assert operations.confirm(made, {}, read=True, by=clerk, at=NOW).confirmed
    operations.confirm(made, {}, read=True, by=clerk, at=NOW + DAY)
    assert Reading.objects.get(campaign=made, person=cast.people["outlet-clerk"]).confirmed_at == NOW
    made.refresh_from_db()
    assert made.confirmed == 1


def test_questions_must_be_answered_right_and_every_try_is_kept(cast: Cast) -> None:
    made = campaign(cast, regulation(cast), begun=False)
    admin, clerk = cast.access("admin"), cast.access("outlet-clerk")
    question = operations.add_question(made, "几号前寄达？", ["15日", "10日"], 1, by=admin, at=NOW)
    operations.begin_campaign(made, by=admin, at=NOW)
    with pytest.raises(Refusal):
        operations.confirm(made, {}, read=True, by=clerk, at=NOW)
    assert operations.confirm(made, {question.pk: 0}, read=True, by=clerk, at=NOW).wrong == (question.pk,)
    assert operations.confirm(made, {question.pk: 1}, read=True, by=clerk, at=NOW).confirmed
    assert list(Try.objects.order_by("id").values_list("right", "of")) == [(0, 1), (1, 1)]
    with pytest.raises(Refusal):
        operations.add_question(made, "再问？", ["甲", "乙"], 0, by=admin, at=NOW)


def test_whoever_is_not_asked_has_nothing_to_confirm(cast: Cast) -> None:
    made = campaign(cast, regulation(cast))
    with pytest.raises(Reading.DoesNotExist):
        operations.confirm(made, {}, read=True, by=cast.access("finance"), at=NOW)


def test_readers_are_reminded_before_the_due_day_and_after_it_once_each(cast: Cast) -> None:
    """BA-8: the due day is the 30th, the reminder three days before."""
    made = campaign(cast, regulation(cast))
    operations.confirm(made, {}, read=True, by=cast.access("owner-NB011"), at=NOW)
    for days in (1, 7, 8, 11, 12):
        operations.ask_and_remind(NOW + days * DAY)
    assert told("outlet-clerk", cast) == ["documents:asked", "documents:reminded", "documents:overdue"]
    assert told("owner-NB011", cast) == ["documents:asked"]


def test_somebody_who_gets_the_post_later_is_asked_too_and_has_days_of_their_own(cast: Cast) -> None:
    made = campaign(cast, regulation(cast))
    person = outlets.add_person(
        "newcomer",
        "新来的",
        None,
        "outlet-clerk",
        outlet=cast.outlets["NB011"],
        by=cast.access("admin"),
        at=NOW,
    )
    late = NOW + 20 * DAY
    operations.ask_and_remind(late)
    reading = made.readings.get(person=person)
    assert reading.due_on == (late + 7 * DAY).date()
    assert reading.outlet == cast.outlets["NB011"]


def test_whoever_leaves_the_post_is_no_longer_counted(cast: Cast) -> None:
    made = campaign(cast, regulation(cast))
    posting = cast.people["outlet-clerk"].postings.get()
    outlets.dismiss(posting, on=NOW.date(), by=cast.access("admin"), at=NOW)
    operations.ask_and_remind(NOW + DAY)
    made.refresh_from_db()
    assert made.asked == 3
    assert made.readings.get(person=cast.people["outlet-clerk"]).left_on == (NOW + DAY).date()


def test_who_has_not_read_after_the_due_day_cannot_hand_in_and_is_told_what_to_read_and_where(
    cast: Cast,
) -> None:
    """BA-8: the gate. Control: without the stop, before the due day, and once read, the sheet is taken."""
    made = campaign(cast, regulation(cast), stops=[HAND_IN])
    campaign(cast, regulation(cast, number="SB-02"), due_on=NOW.date())  # stops nothing
    owner = cast.access("owner-GZ001")
    late = NOW + 11 * DAY
    require_read(HAND_IN, by=owner, at=NOW + 10 * DAY)
    with pytest.raises(ReadFirst) as refused:
        require_read(HAND_IN, by=owner, at=late)
    page = f"/regulations/campaigns/{made.pk}/reading/"
    assert "新制度宣贯" in str(refused.value) and page in str(refused.value)
    assert f'<a href="{page}">' in refused.value.sentence.__html__()
    require_read("settlements:statement:submit", by=owner, at=late)
    operations.confirm(made, {}, read=True, by=owner, at=late)
    require_read(HAND_IN, by=owner, at=late)


def test_settlements_ask_whether_everything_is_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from sanbao.settlements import operations as settlements

    campaign(cast, regulation(cast), stops=[HAND_IN])
    fields = {"number": "X-1", "model": "CXW-260-A8"}
    late = NOW + 30 * DAY
    outlet, owner = cast.outlets["GZ001"], cast.access("owner-GZ001")
    for write in (
        lambda: settlements.write_sheet(outlet, APRIL, fields, by=owner, at=late),
        lambda: settlements.write_sheets(outlet, APRIL, [fields], by=owner, at=late),
        lambda: settlements.read_hand_in(outlet, APRIL, b"x", "x.xlsx", by=owner, at=late),
    ):
        with pytest.raises(ReadFirst):
            write()


def test_nobody_is_held_up_by_more_than_one_statement(cast: Cast) -> None:
    campaign(cast, regulation(cast), stops=[HAND_IN])
    with CaptureQueriesContext(connection) as asked:
        require_read(HAND_IN, by=cast.access("owner-GZ001"), at=NOW)
    assert len([each for each in asked if "documents_reading" in each["sql"]]) == 1


def test_a_closed_campaign_stops_nobody_and_keeps_what_was_confirmed(cast: Cast) -> None:
    made = campaign(cast, regulation(cast), stops=[HAND_IN])
    operations.confirm(made, {}, read=True, by=cast.access("outlet-clerk"), at=NOW)
    closed = operations.close_campaign(made, by=cast.access("admin"), at=NOW + 20 * DAY)
    require_read(HAND_IN, by=cast.access("owner-GZ001"), at=NOW + 20 * DAY)
    assert (closed.asked, closed.confirmed) == (4, 1)
    with pytest.raises(Refusal):
        operations.confirm(made, {}, read=True, by=cast.access("owner-GZ001"), at=NOW + 21 * DAY)


def test_progress_is_told_by_outlet_and_a_region_sees_its_own(cast: Cast) -> None:
    made = campaign(cast, regulation(cast))
    operations.confirm(made, {}, read=True, by=cast.access("owner-GZ001"), at=NOW)
    whole = {
        row["outlet"][:5]: (row["done"], row["asked"]) for row in queries.progress(cast.access("head"), made)
    }
    assert whole == {"GZ001": (1, 2), "NB011": (0, 1), "SZ021": (0, 1)}
    assert {row["outlet"][:5] for row in queries.progress(cast.access("south"), made)} == {"SZ021"}


def test_a_rulebooks_edition_can_be_read_out_too(cast: Cast) -> None:
    edition = edition_in_force(cast.company.pk, "settlement")
    made = campaign(cast, edition)  # type: ignore[arg-type]
    assert made.edition == edition and made.readings.count() == 4


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"posts": ["king"]}, "posts"),
        ({"stops": ["ledger:account:view"]}, "stops"),
        ({"outlets": [987654]}, "outlet"),
        ({"due_on": (NOW - DAY).date()}, "past"),
        ({"title": " "}, "title"),
    ],
)
def test_a_campaign_that_can_ask_nobody_is_refused(cast: Cast, fields, code) -> None:
    version = regulation(cast)
    with pytest.raises(Refusal) as refused:
        campaign(cast, version, **fields)
    assert refused.value.code == code


def test_what_is_not_approved_is_read_out_to_nobody(cast: Cast) -> None:
    version = regulation(cast, upto="reviewed")
    with pytest.raises(Refusal) as refused:
        campaign(cast, version)
    assert refused.value.code == "not_approved"


def test_training_with_its_assessment_comes_again_every_six_months(cast: Cast) -> None:
    """SR-6: staff are trained and assessed regularly; CS-5: every six months, as the rulebook of staff training has it."""
    admin, clerk = cast.access("admin"), cast.access("outlet-clerk")
    made = campaign(cast, regulation(cast), begun=False, kind="training", repeats=True)
    question = operations.add_question(made, "几号前寄达？", ["15日", "10日"], 1, by=admin, at=NOW)
    made = operations.begin_campaign(made, by=admin, at=NOW)
    assert str(made.again_on) == "2026-11-20"
    assert made.again_decision.question == "personnel.assessment"
    assert "customer-service CS-5" in str(made.again_decision.reasons)
    operations.confirm(made, {question.pk: 1}, read=True, by=clerk, at=NOW)

    assert (
        operations.ask_and_remind(moment(2026, 11, 19)) == 3
    )  # the three who are still to confirm the first one
    operations.close_campaign(made, by=admin, at=moment(2026, 11, 19))
    assert operations.ask_and_remind(moment(2026, 11, 20)) == 4

    again = made.next
    assert (again.kind, again.state, str(again.due_on), str(again.again_on)) == (
        "training",
        "running",
        "2026-11-30",
        "2027-05-20",
    )
    assert [one.text for one in again.questions.all()] == ["几号前寄达？"]
    assert again.readings.get(person=cast.people["outlet-clerk"]).confirmed_at is None
    assert operations.ask_and_remind(moment(2026, 11, 20, 10)) == 0
    assert Campaign.objects.count() == 2


def test_what_shall_not_come_again_does_not(cast: Cast) -> None:
    made = campaign(cast, regulation(cast), repeats=True)
    made = operations.amend_campaign(made, {"repeats": False}, by=cast.access("admin"), at=NOW)
    assert made.again_on is None
    operations.ask_and_remind(moment(2027, 5, 20))
    assert Campaign.objects.count() == 1
