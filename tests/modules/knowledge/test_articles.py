"""ST-3, GN-6: articles are written by one person, reviewed by another, published, corrected by the next revision, withdrawn."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sanbao.audit.queries import about
from sanbao.knowledge import operations, queries
from sanbao.knowledge.models import Article, Attachment, Feedback, Gram, Revision
from sanbao.knowledge.states import State
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast
from tests.modules.knowledge.make import SPARK, article, draft, move, publish

pytestmark = pytest.mark.django_db


def test_an_article_goes_from_draft_over_review_to_publication(cast: Cast) -> None:
    revision = draft(cast)
    assert (revision.state, revision.article.standing, revision.no) == ("draft", "new", 1)
    found = publish(cast, revision)
    assert (found.standing, found.title, found.public) == ("published", "燃气灶打不着火", True)
    assert [event.action for event in about(revision)] == [
        "knowledge:revision:publication",
        "knowledge:revision:review",
    ]
    assert queries.shown(found).state == State.PUBLISHED


def test_whoever_wrote_it_can_t_review_it(cast: Cast) -> None:
    revision = draft(cast, by="head")
    with pytest.raises(Refusal) as refused:
        move(cast, revision, "review", by="head")
    assert refused.value.code == "four_eyes"
    assert queries.legal_moves(revision, cast.access("head")) == []
    assert [step.noun for step in queries.legal_moves(revision, cast.access("supervisor"))] == ["review"]


def test_whoever_changed_a_draft_last_can_t_review_it_either(cast: Cast) -> None:
    revision = draft(cast)
    changed = operations.amend(
        revision, {**SPARK, "title": "新标题"}, version=1, by=cast.access("head"), at=NOW
    )
    with pytest.raises(Refusal):
        move(cast, changed, "review", by="head")
    assert move(cast, changed, "review", by="supervisor").state == State.REVIEWED


def test_control_the_database_has_the_last_word_on_the_second_person(cast: Cast) -> None:
    revision = draft(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(state="reviewed", reviewed_by=revision.draft_by_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(state="published")


def test_nothing_is_published_unreviewed_and_nothing_reviewed_is_changed(cast: Cast) -> None:
    revision = draft(cast)
    with pytest.raises(Stale):
        move(cast, revision, "publication")
    reviewed = move(cast, revision, "review")
    with pytest.raises(Refusal):
        operations.amend(reviewed, SPARK, version=None, by=cast.access("supervisor"), at=NOW)
    back = move(cast, reviewed, "return", reason="步骤不全")
    assert (back.state, back.reviewed_by_id, back.reason) == ("draft", None, "步骤不全")


def test_a_draft_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    revision = draft(cast)
    operations.amend(revision, SPARK, version=1, by=cast.access("admin"), at=NOW)
    with pytest.raises(Stale):
        operations.amend(revision, SPARK, version=1, by=cast.access("supervisor"), at=NOW)


def test_a_correction_is_the_next_revision_and_what_is_published_stays_until_then(cast: Cast) -> None:
    found = article(cast)
    second = operations.revise(found, by=cast.access("admin"), at=NOW)
    assert (second.no, second.title) == (2, found.title)
    with pytest.raises(Stale):
        operations.revise(found, by=cast.access("admin"), at=NOW)
    operations.amend(
        second, {**SPARK, "title": "灶具点火故障"}, version=None, by=cast.access("admin"), at=NOW
    )
    found.refresh_from_db()
    assert found.title == "燃气灶打不着火"
    found = publish(cast, second)
    found.refresh_from_db()
    assert found.title == "灶具点火故障"
    assert list(found.revisions.order_by("no").values_list("state", flat=True)) == ["replaced", "published"]


def test_a_withdrawn_article_is_suggested_no_more_and_can_come_back(cast: Cast) -> None:
    found = article(cast)
    clerk = cast.access("outlet-clerk")
    assert queries.suggest(clerk, "打不着火")
    with pytest.raises(Refusal):
        move(cast, queries.shown(found), "withdrawal")
    move(cast, queries.shown(found), "withdrawal", reason="已过时")
    found.refresh_from_db()
    assert (found.standing, queries.suggest(clerk, "打不着火")) == ("withdrawn", [])
    assert not Gram.objects.filter(articles__gt=0).exists()
    publish(cast, operations.revise(found, by=cast.access("admin"), at=NOW))
    assert queries.suggest(clerk, "打不着火")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "gossip"}, "kind"),
        ({"title": " "}, "title"),
        ({"answer": " ", "steps": []}, "answer"),
        ({"steps": ["一步"] * 41}, "steps"),
        ({"fits": [987654]}, "fits"),
    ],
)
def test_what_can_t_be_an_article_is_refused_at_its_field(cast: Cast, changes, field) -> None:
    with pytest.raises(Refusal) as refused:
        draft(cast, **changes)
    assert refused.value.field == field
    assert not Article.objects.exists()


def test_a_field_nobody_knows_is_a_fault_of_the_caller(cast: Cast) -> None:
    with pytest.raises(TypeError, match="colour"):
        draft(cast, colour="red")


def test_readers_do_not_write_and_writers_do_not_publish(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        draft(cast, by="outlet-clerk")
    reviewed = move(cast, draft(cast, by="admin"), "review")
    with pytest.raises(PermissionDenied):
        move(cast, reviewed, "publication", by="admin")


def test_files_go_with_a_draft_and_on_to_its_next_revision(cast: Cast) -> None:
    revision, admin = draft(cast), cast.access("admin")
    kept = operations.attach(revision, b"drawing", "图.pdf", label="接线图", by=admin, at=NOW)
    found = publish(cast, revision)
    with pytest.raises(Refusal):
        operations.detach(kept, by=admin, at=NOW)
    with pytest.raises(Refusal):
        operations.attach(revision, b"more", "x.pdf", by=admin, at=NOW)
    second = operations.revise(found, by=admin, at=NOW)
    (copied,) = second.attachments.all()
    assert (copied.file_id, copied.label) == (kept.file_id, "接线图")
    operations.detach(copied, by=admin, at=NOW)
    assert Attachment.objects.filter(revision=revision).count() == 1


def test_an_article_has_at_most_twenty_files(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(operations, "MOST_ATTACHMENTS", 1)
    revision, admin = draft(cast), cast.access("admin")
    operations.attach(revision, b"1", "1.txt", by=admin, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.attach(revision, b"2", "2.txt", by=admin, at=NOW)
    assert refused.value.field == "file"


def test_a_colleague_s_feedback_counts_once_a_revision_and_may_be_changed(cast: Cast) -> None:
    found, clerk = article(cast), cast.access("outlet-clerk")
    operations.give_feedback(found, True, by=clerk, at=NOW)
    operations.give_feedback(found, False, comment="没写电磁阀", by=clerk, at=NOW)
    operations.give_feedback(found, True, by=cast.access("admin"), at=NOW)
    found.refresh_from_db()
    assert (found.helped, found.failed, Feedback.objects.count()) == (1, 1, 2)


def test_a_visitor_says_it_of_public_articles_only(cast: Cast) -> None:
    visitor = queries.visitor(cast.company.pk)
    shown, hidden = article(cast), article(cast, public=False)
    operations.give_feedback(shown, True, by=visitor, at=NOW)
    for refused in (hidden, draft(cast).article):
        with pytest.raises(Refusal):
            operations.give_feedback(refused, True, by=visitor, at=NOW)


def test_the_counts_of_pairs_follow_the_published_articles(cast: Cast) -> None:
    found = article(cast)
    article(cast, title="燃气灶火焰发红", question="火焰颜色不对", keywords="")
    counts = dict(Gram.objects.values_list("gram", "articles"))
    assert (counts[""], counts["燃气"], counts["不着"]) == (2, 2, 1)
    second = operations.revise(found, by=cast.access("admin"), at=NOW)
    operations.amend(
        second,
        {**SPARK, "title": "点火", "question": "", "keywords": ""},
        version=None,
        by=cast.access("admin"),
        at=NOW,
    )
    publish(cast, second)
    counts = dict(Gram.objects.values_list("gram", "articles"))
    assert (counts[""], counts["燃气"], counts["不着"]) == (2, 1, 0)
