"""A regulation's way: prepared, reviewed, approved by three people, in force on its day, superseded, repealed (SR-9, RG-5, GN-9, HK-1)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from sanbao.documents import differences, operations, queries
from sanbao.documents.models import Clause, Document, Version
from sanbao.documents.states import State
from sanbao.notices.models import Notice
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast
from tests.modules.documents.make import HEAD, TEXT, TODAY, moved, regulation

DAY = timedelta(days=1)


def refused(code: str, run) -> Refusal:
    with pytest.raises(Refusal) as caught:
        run()
    assert caught.value.code == code
    return caught.value


def test_a_regulation_is_in_force_once_a_third_person_has_approved_it_and_readers_are_told(
    cast: Cast,
) -> None:
    """SR-9, RG-5, GN-9: nothing changes before it is approved; it says who may change and who interprets it."""
    version = regulation(cast, upto="reviewed")
    assert version.document.standing == Document.Standing.NEW
    version = moved(cast, version, "in_force")
    document = Document.objects.get(pk=version.document_id)
    assert document.standing == Document.Standing.IN_FORCE
    assert (version.changed_by, version.interpreted_by) == ("售后部提出，公司领导批准", "售后部")
    assert Notice.objects.filter(kind="documents:in-force", person=cast.people["outlet-clerk"]).exists()


def test_whoever_prepared_it_can_neither_review_nor_approve_it(cast: Cast) -> None:
    """RW-8: prepared, reviewed and approved by three people."""
    head = cast.access("head")  # may review and approve; here also the reviewer
    version = regulation(cast, upto="draft")
    version = operations.move(version, "review", version_seen=None, by=head, at=NOW)
    refused("four_eyes", lambda: operations.move(version, "approval", version_seen=None, by=head, at=NOW))
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(
            state=State.APPROVED, approved_by=cast.people["admin"], approved_at=NOW
        )


def test_an_approved_version_waits_for_its_day_and_supersedes_the_one_before(cast: Cast) -> None:
    """The old one binds until the day; run twice, the calendar finds nothing more."""
    first = regulation(cast)
    second = operations.revise(first.document, by=cast.access("admin"), at=NOW)
    operations.amend(
        second, {"effective_on": TODAY + DAY, "issued_on": TODAY}, seen=None, by=cast.access("admin"), at=NOW
    )
    second = moved(cast, second, "approved")
    assert queries.in_force_on(first.document, TODAY) == first
    assert operations.commence(NOW) == 0
    assert operations.commence(NOW + DAY) == 1
    assert operations.commence(NOW + DAY) == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.SUPERSEDED, State.IN_FORCE)
    assert queries.in_force_on(Document.objects.get(pk=first.document_id), TODAY) == first
    assert queries.in_force_on(first.document, TODAY + DAY) == second


def test_a_day_gone_by_is_refused_unless_the_text_was_in_force_on_paper(cast: Cast) -> None:
    past = {"issued_on": TODAY - DAY, "effective_on": TODAY - DAY}
    version = regulation(cast, upto="reviewed", **past)
    refusal = refused(
        "past",
        lambda: operations.move(version, "approval", version_seen=None, by=cast.access("head"), at=NOW),
    )
    assert str(TODAY - DAY) in str(refusal)
    assert regulation(cast, number="SB-02", taken_over=True, **past).state == State.IN_FORCE


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"review_on": TODAY}, "review_early"),
        ({"issued_on": TODAY + DAY}, "before_issue"),
        ({"interpreted_by": " "}, "interpreted_by"),
        ({"changed_by": ""}, "changed_by"),
        ({"number": ""}, "number"),
    ],
)
def test_a_head_that_can_be_no_regulation_is_refused_beside_its_field(cast: Cast, change, code) -> None:
    """GN-9, ST-9: a review comes after the effective date; who may change and who interprets it is said."""
    refused(code, lambda: operations.draft(HEAD | change, by=cast.access("admin"), at=NOW))


def test_a_second_draft_of_one_regulation_is_refused_with_the_name_of_who_writes_the_first(
    cast: Cast,
) -> None:
    version = regulation(cast)
    operations.revise(version.document, by=cast.access("admin"), at=NOW)
    with pytest.raises(Stale) as caught:
        operations.revise(version.document, by=cast.access("admin"), at=NOW)
    assert "admin" in str(caught.value) and "A/1" in str(caught.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            company=cast.company, document=version.document, no=9, draft_at=NOW, draft_by=cast.people["admin"],
            **{name: getattr(version, name) for name in operations.FIELDS},
        )  # fmt: skip


def test_what_was_reviewed_is_never_edited_not_even_by_hand(cast: Cast) -> None:
    """Control: the same writes go through while it is a draft."""
    version = regulation(cast, upto="draft")
    Clause.objects.filter(version=version).update(english="x")
    Version.objects.filter(pk=version.pk).update(title="另一个")
    version = moved(cast, version, "reviewed")
    admin = cast.access("admin")
    refused("not_a_draft", lambda: operations.take_text(version, TEXT, seen=None, by=admin, at=NOW))
    refused("not_a_draft", lambda: operations.amend(version, {"title": "改"}, seen=None, by=admin, at=NOW))
    for write in (
        lambda: Clause.objects.filter(version=version).update(text="改"),
        lambda: Clause.objects.filter(version=version).delete(),
        lambda: Version.objects.filter(pk=version.pk).update(title="改"),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            write()


def test_a_version_repeals_another_regulation_on_its_day(cast: Cast) -> None:
    """HK-1: the notice ends the pilot plan from the day it takes effect."""
    pilot = regulation(cast, number="HF-1", title="扩大试点工作方案")
    notice = regulation(cast, number="HF-2", title="实施意见", repeals=(pilot.document_id,))
    document = Document.objects.get(pk=pilot.document_id)
    assert (document.standing, document.repealed_by, document.repealed_on) == ("repealed", notice, TODAY)
    pilot.refresh_from_db()
    assert pilot.state == State.REPEALED
    assert queries.in_force_on(document, TODAY) is None
    refused(
        "gone",
        lambda: operations.draft(
            HEAD | {"number": "HF-3"}, repeals=[document.pk], by=cast.access("admin"), at=NOW
        ),
    )
    refused("repealed", lambda: operations.revise(document, by=cast.access("admin"), at=NOW))


def test_repealing_what_rulebooks_in_force_rest_on_is_refused_with_their_names(cast: Cast) -> None:
    """HK-1: the settlement's due day rests on appliance KA-11.1."""
    version = operations.adopt_shipped("appliance", by=cast.access("admin"), at=NOW)
    version = moved(cast, version, "in_force")
    refusal = refused(
        "cited",
        lambda: operations.move(
            version, "repeal", version_seen=None, by=cast.access("head"), at=NOW, reason="x"
        ),
    )
    assert "KA-" in str(refusal)
    notice = regulation(cast, upto="reviewed", number="N-1", repeals=(version.document_id,))
    refused(
        "cited",
        lambda: operations.move(notice, "approval", version_seen=None, by=cast.access("head"), at=NOW),
    )
    uncited = regulation(cast, number="N-2")
    assert operations.move(
        uncited, "repeal", version_seen=None, by=cast.access("head"), at=NOW, reason="并入新制度"
    ).state == State.REPEALED  # fmt: skip


def test_a_text_that_drops_a_cited_clause_is_told_before_it_is_approved(cast: Cast) -> None:
    version = moved(cast, operations.adopt_shipped("appliance", by=cast.access("admin"), at=NOW), "in_force")
    after = operations.revise(version.document, by=cast.access("admin"), at=NOW)
    assert queries.lost_citations(after, TODAY, "zh") == []
    operations.remove_clause(after.clauses.get(ref="KA-11.1"), by=cast.access("admin"), at=NOW)
    assert {clause for _book, _label, clause in queries.lost_citations(after, TODAY, "zh")} == {
        "appliance KA-11.1"
    }


def test_ids_and_english_stay_with_their_clauses_when_a_text_is_taken_over_anew(cast: Cast) -> None:
    version = regulation(cast, upto="draft")
    clause = version.clauses.get(number="2.")
    operations.keep_clause(
        version, {"ref": "KA-11.1", "english": "By the 10th."}, clause=clause, by=cast.access("admin"), at=NOW
    )
    operations.take_text(version, TEXT.replace("10日", "12日"), seen=None, by=cast.access("admin"), at=NOW)
    kept = version.clauses.get(ref="KA-11.1")
    assert (kept.number, kept.english, "12日" in kept.text) == ("2.", "By the 10th.", True)


def test_a_text_with_a_wrong_line_is_not_taken_over_at_all(cast: Cast) -> None:
    version = regulation(cast, upto="draft")
    refusal = refused(
        "lines",
        lambda: operations.take_text(version, "一、甲\n一、乙", seen=None, by=cast.access("admin"), at=NOW),
    )
    assert refusal.details["report"][0]["line"] == 2
    assert version.clauses.count() == 5


def test_the_difference_is_told_clause_by_clause_in_words(cast: Cast) -> None:
    """BA-8, SR-9: what is new, what is gone, what says something else."""
    first = regulation(cast, text="一、甲乙丙\n二、丁\n三、戊")
    second = operations.revise(first.document, by=cast.access("admin"), at=NOW)
    operations.take_text(second, "一、甲和丙\n二、戊\n四、新的", seen=None, by=cast.access("admin"), at=NOW)
    told = [(one.kind, one.number) for one in differences.differences(first, second)]
    assert told == [("changed", "一、"), ("changed", "二、"), ("removed", "三、"), ("added", "四、")]
    changed = differences.differences(first, second)[0]
    assert changed.pieces == (("same", "甲"), ("out", "乙"), ("in", "和"), ("same", "丙"))


def test_a_clause_that_only_got_another_number_is_known_again(cast: Cast) -> None:
    first = regulation(cast, text="一、甲甲甲\n二、丁丁丁")
    second = operations.revise(first.document, by=cast.access("admin"), at=NOW)
    operations.take_text(
        second, "一、全新内容\n二、甲甲甲\n三、丁丁丁", seen=None, by=cast.access("admin"), at=NOW
    )
    told = [(one.kind, one.number) for one in differences.differences(first, second)]
    assert ("removed", "一、") not in told
    assert [kind for kind, _number in told].count("added") == 1


def test_keepers_are_reminded_of_a_review_within_thirty_days_and_once(cast: Cast) -> None:
    """ST-9."""
    version = regulation(cast, review_on=TODAY + 40 * DAY)
    assert operations.tell_of_reviews(NOW) == 0
    assert operations.tell_of_reviews(NOW + 11 * DAY) == 1
    operations.tell_of_reviews(NOW + 12 * DAY)
    told = Notice.objects.filter(kind="documents:review-due", person=cast.people["admin"])
    assert [notice.about for notice in told] == [f"documents.document:{version.document_id}"]


def test_words_are_found_in_the_clauses_in_force_only(cast: Cast) -> None:
    version = regulation(cast)
    after = operations.revise(version.document, by=cast.access("admin"), at=NOW)
    operations.take_text(after, "一、草稿里的寄达", seen=None, by=cast.access("admin"), at=NOW)
    found = queries.found(cast.access("outlet-clerk"), "寄达")
    assert [(clause.version, clause.number) for clause in found] == [(version, "2.")]
