"""Two requests about the same matter become one, and again two."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from sanbao.intake import operations, queries
from sanbao.intake.models import Merge, Request
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def two(cast: Cast) -> tuple[Request, Request]:
    return cast.request(subject="先", at=NOW), cast.request(subject="后", at=NOW + timedelta(hours=1))


LATER = NOW + timedelta(hours=2)


def test_the_younger_ends_and_its_story_is_told_in_the_older_s(cast: Cast) -> None:
    """CO-3: whichever was named first."""
    older, younger = two(cast)
    agent = cast.access("agent")
    operations.keep_tags(younger, add=["展会"], by=agent, at=LATER)
    operations.note(younger, "在后者里说的", by=agent, at=LATER)
    operations.merge(younger, older, by=agent, at=LATER)
    older.refresh_from_db()
    younger.refresh_from_db()
    assert (younger.state, younger.merged_into, younger.due_at) == ("cancelled", older, None)
    assert older.number in younger.reason
    assert older.tags == ["展会"]
    assert {promise.state for promise in younger.promises.all()} <= {"cancelled", "met"}
    told = {entry["text"]: entry["merged"] for entry in queries.timeline(older)}
    assert told["在后者里说的"] == younger.number


def test_undone_within_thirty_days_it_is_as_before_and_later_refused(cast: Cast) -> None:
    older, younger = two(cast)
    agent = cast.access("agent")
    operations.keep_tags(younger, add=["展会"], by=agent, at=LATER)
    state = younger.state
    made = operations.merge(older, younger, by=agent, at=LATER)
    with pytest.raises(Refusal) as refused:
        operations.undo_merge(made, by=agent, at=LATER + timedelta(days=30, minutes=1))
    assert refused.value.code == "too_late"
    back = operations.undo_merge(made, by=agent, at=LATER + timedelta(days=30))
    assert (back.state, back.merged_into) == (state, None)
    assert back.promises.filter(kind="resolution").get().state in ("running", "missed")
    older.refresh_from_db()
    assert older.tags == []
    with pytest.raises(Refusal) as refused:
        operations.undo_merge(made, by=agent, at=LATER)
    assert refused.value.code == "undone"


def test_what_cannot_be_merged_is_refused(cast: Cast) -> None:
    older, younger = two(cast)
    agent = cast.access("agent")
    with pytest.raises(Refusal) as refused:
        operations.merge(older, older, by=agent, at=LATER)
    assert refused.value.code == "same"
    third = cast.request(subject="三", at=NOW + timedelta(minutes=90))
    operations.merge(younger, older, by=agent, at=LATER)
    for other in (older, third):
        with pytest.raises(Refusal) as refused:
            operations.merge(younger, other, by=agent, at=LATER)
        assert refused.value.code == "merged"
    operations.move(third, "cancellation", version=None, reason="x", by=cast.access("supervisor"), at=LATER)
    with pytest.raises(Refusal) as refused:
        operations.merge(third, older, by=agent, at=LATER)
    assert refused.value.code == "not_open"


def test_outlets_merge_nothing(cast: Cast) -> None:
    older, younger = two(cast)
    with pytest.raises(PermissionDenied):
        operations.merge(older, younger, by=cast.access("owner-GZ001"), at=LATER)


def test_what_was_merged_into_the_younger_goes_along_and_comes_back(cast: Cast) -> None:
    older, middle = two(cast)
    last = cast.request(subject="三", at=NOW + timedelta(minutes=90))
    agent = cast.access("agent")
    operations.merge(last, middle, by=agent, at=LATER)
    made = operations.merge(middle, older, by=agent, at=LATER)
    last.refresh_from_db()
    assert last.merged_into == older
    operations.undo_merge(made, by=agent, at=LATER)
    last.refresh_from_db()
    assert last.merged_into == middle


def test_a_merged_request_moves_no_more_and_its_messages_reach_the_older(cast: Cast) -> None:
    older, younger = two(cast)
    operations.merge(older, younger, by=cast.access("agent"), at=LATER)
    younger.refresh_from_db()
    entry = operations.receive_message(
        younger, "还没有修好", channel="email", external_id="m-1", by=cast.access("agent"), at=LATER
    )
    assert entry is not None
    assert entry.request_id == older.pk


def test_the_page_hints_at_a_likely_duplicate_and_merges_it(cast: Cast, sign_in) -> None:
    from django.utils import timezone

    now = timezone.now()
    older = cast.request(subject="先", at=now - timedelta(days=13))
    younger = cast.request(subject="后", at=now)
    long_ago = cast.request(subject="旧", at=now - timedelta(days=15))
    other = cast.request(subject="别人", phone="13900001111", at=now)
    told = {each.request: each.twin for each in queries.others(younger, cast.access("agent"), now)}
    assert told == {older: True, long_ago: False}
    assert other not in told
    browser = sign_in("agent")
    assert b"others" in browser.get(reverse("intake:request", args=[younger.pk])).content
    answer = browser.post(reverse("intake:merge", args=[younger.pk]), {"number": older.number.lower()})
    assert answer.headers["Location"] == reverse("intake:request", args=[older.pk])
    page = browser.get(answer.headers["Location"]).content.decode()
    made = Merge.objects.get()
    assert reverse("intake:undo-merge", args=[older.pk, made.pk]) in page
    undone = browser.post(reverse("intake:undo-merge", args=[older.pk, made.pk]), follow=True)
    assert f"{younger.number} 已恢复为单独的请求" in undone.content.decode()
    assert browser.post(reverse("intake:merge", args=[younger.pk]), {"number": "S1"}).status_code == 422
