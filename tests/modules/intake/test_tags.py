"""Tags, and what is done with several requests at once."""

import pytest
from django.urls import reverse

from sanbao.audit.models import Event
from sanbao.intake import operations
from sanbao.intake.models import Category, Request, Tag
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def test_a_tag_is_made_by_being_used_and_found_however_it_is_written(cast: Cast) -> None:
    agent = cast.access("agent")
    first, second = cast.request(), cast.request(subject="other")
    operations.keep_tags(first, add=["Batch  7", "展会"], by=agent, at=NOW)
    made = operations.keep_tags(second, add=["ＢＡＴＣＨ 7"], by=agent, at=NOW)
    assert made.tags == ["Batch 7"]
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Batch 7", "展会"]
    assert operations.keep_tags(first, remove=["batch 7"], by=agent, at=NOW).tags == ["展会"]
    assert Event.objects.filter(action="intake:request:tagged").count() == 3


@pytest.mark.parametrize("name", ["x" * 1000, "a\u202eb" if False else "a\x07b"])
def test_a_tag_nobody_could_read_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        operations.keep_tags(cast.request(), add=[name], by=cast.access("agent"), at=NOW)
    assert refused.value.code == "tag"
    assert not Tag.objects.exists()


def test_more_tags_than_a_row_can_show_are_refused(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused:
        operations.keep_tags(
            cast.request(), add=[f"t{n}" for n in range(21)], by=cast.access("agent"), at=NOW
        )
    assert refused.value.code == "many"
    assert not Tag.objects.exists()


def test_a_retired_tag_stays_where_it_is_and_goes_nowhere_else(cast: Cast) -> None:
    marked = operations.keep_tags(cast.request(), add=["old"], by=cast.access("agent"), at=NOW)
    operations.retire_tag(Tag.objects.get(), by=cast.access("admin"), at=NOW)
    assert Request.objects.get(pk=marked.pk).tags == ["old"]
    with pytest.raises(Refusal) as refused:
        operations.keep_tags(cast.request(subject="x"), add=["Old"], by=cast.access("agent"), at=NOW)
    assert refused.value.code == "retired"


def test_the_list_filters_by_tag_and_shows_it(cast: Cast, sign_in) -> None:
    marked = operations.keep_tags(cast.request(), add=["展会"], by=cast.access("agent"), at=NOW)
    other = cast.request(subject="x")
    page = sign_in("agent").get(reverse("intake:requests"), {"tag": "展会", "tab": "all"}).content.decode()
    assert marked.number in page
    assert other.number not in page


def test_a_tag_typed_on_the_page_is_kept_and_a_long_one_refused_with_a_sentence(cast: Cast, sign_in) -> None:
    request, browser = cast.request(), sign_in("agent")
    address = reverse("intake:tag", args=[request.pk])
    assert browser.post(address, {"add": "急件，展会"}).status_code == 303
    request.refresh_from_db()
    assert request.tags == ["急件", "展会"]
    assert browser.post(address, {"add": "x" * 1000}).status_code == 422
    assert browser.post(address, {"add": "x" * 31}).status_code == 422


def many(cast: Cast, count: int = 3) -> list[Request]:
    return [cast.request(subject=f"n{n}") for n in range(count)]


def test_several_are_begun_and_what_cannot_be_is_listed(cast: Cast, sign_in) -> None:
    rows = many(cast)
    operations.move(rows[0], "cancellation", version=None, reason="x", by=cast.access("supervisor"), at=NOW)
    page = sign_in("agent").post(
        reverse("intake:requests-move", args=["start"]), {"row": [row.pk for row in rows]}, follow=True
    )
    assert sorted(Request.objects.values_list("state", flat=True)) == ["cancelled", "working", "working"]
    said = [str(message) for message in page.context["messages"]]
    assert any(rows[0].number in sentence for sentence in said)


def test_on_hold_and_cancelling_ask_first_and_cancelling_needs_its_permission(cast: Cast, sign_in) -> None:
    rows = many(cast)
    body = {"row": [row.pk for row in rows]}
    lead, agent = sign_in("supervisor"), sign_in("agent")
    cancel = reverse("intake:requests-move", args=["cancellation"])
    assert agent.post(cancel, {**body, "sure": 1, "reason": "x"}).status_code == 403
    assert lead.post(cancel, body).status_code == 200
    assert lead.post(cancel, {**body, "sure": 1}).status_code == 422
    assert lead.post(cancel, {**body, "sure": 1, "reason": "重复"}).status_code == 303
    assert set(Request.objects.values_list("state", "reason")) == {("cancelled", "重复")}
    assert lead.post(reverse("intake:requests-move", args=["closure"]), body).status_code == 404


def test_class_and_severity_of_several_weigh_them_anew(cast: Cast, sign_in) -> None:
    """A class that was retired meanwhile is refused."""
    rows = many(cast)
    gas = Category.objects.get(company=cast.company, code="repair-gas")
    body = {"row": [row.pk for row in rows], "sure": 1, "category": gas.pk, "severity": "danger"}
    browser = sign_in("agent")
    assert browser.post(reverse("intake:requests-class"), body).status_code == 303
    assert set(Request.objects.values_list("category__code", "level")) == {("repair-gas", "urgent")}
    operations.retire_category(gas, by=cast.access("admin"), at=NOW)
    assert browser.post(reverse("intake:requests-class"), body).status_code == 422


def test_two_colleagues_who_move_the_same_rows_move_each_once(cast: Cast, sign_in) -> None:
    rows = many(cast)
    body, address = {"row": [row.pk for row in rows]}, reverse("intake:requests-move", args=["start"])
    sign_in("agent").post(address, body)
    second = sign_in("support").post(address, body, follow=True)
    assert Event.objects.filter(action="intake:request:start").count() == 3
    assert len([message for message in second.context["messages"] if message.level_tag == "error"]) == 3
    assert set(Request.objects.values_list("assignee__username", flat=True)) == {
        cast.people["agent"].username
    }


def test_the_printed_page_masks_people_and_leaves_an_event(cast: Cast, sign_in) -> None:
    rows = many(cast)
    page = (
        sign_in("agent")
        .post(reverse("intake:requests-print"), {"row": [row.pk for row in rows]})
        .content.decode()
    )
    assert all(row.number in page for row in rows)
    assert "13800005678" not in page
    assert Event.objects.get(action="intake:requests:printed").details["requests"]
