"""The pages of improvement measures: a round through them, what is refused beside its field, the printed sheet, the API."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from sanbao.improvements import operations, queries
from sanbao.improvements.models import Measure
from sanbao.improvements.printing import printed
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LATER = (timezone.localdate() + timedelta(days=20)).isoformat()


def test_a_measure_is_opened_done_and_reviewed_through_the_pages(cast: Cast, sign_in) -> None:
    """DP-6 from the problem to its effect."""
    lead, owner, head = sign_in("supervisor"), sign_in("support"), sign_in("head")
    form = {
        "title": "配件常缺货", "problem": "油网等了九天", "source_kind": "callback", "owner": cast.people["support"].pk, "due_on": LATER,
        "figure": "等待天数", "figure_before": "9",
    }  # fmt: skip
    assert lead.post("/improvements/add/", {**form, "title": ""}).status_code == 422
    at = lead.post("/improvements/add/", form)["Location"]
    assert "配件常缺货" in owner.get("/improvements/?tab=mine").text
    refused = owner.post(f"{at}completion/", {"note": "备了安全库存"})
    assert refused.status_code == 422 and "原因分析" in refused.text
    file = SimpleUploadedFile("stock.pdf", b"x")
    assert owner.post(f"{at}completion/", {"note": "备了安全库存", "cause": "没有安全库存", "file": file}).status_code == 303  # fmt: skip
    page = head.get(at).text
    assert "stock.pdf" in page and "验证效果" in page
    told = {"verdict": "effective", "figure": "等待天数", "before": "9", "after": "2"}
    assert head.post(f"{at}review/", {**told, "after": "many"}).status_code == 422
    assert head.post(f"{at}review/", told).status_code == 303
    assert Measure.objects.get().state == "effective"
    assert "9 → 2" in head.get(at).text


def test_a_page_that_found_a_problem_leads_to_the_form_with_what_it_knows(cast: Cast, sign_in) -> None:
    url = queries.opening_url(
        source_kind="survey", source_pk=7, source_label="4月调查", source_path="/surveys/7/", title="不准时"
    )
    page = sign_in("supervisor").get(url).text
    for said in ("4月调查", 'value="/surveys/7/"', "不准时", 'value="survey" selected'):
        assert said in page


def test_hostile_words_are_shown_as_words(cast: Cast, sign_in) -> None:
    evil = "<script>alert(1)</script>#[x]"
    measure = operations.propose(evil, evil, evil, by=cast.access("support"), at=timezone.now())
    page = sign_in("support").get(f"/improvements/{measure.pk}/").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    response = sign_in("support").get(f"/improvements/{measure.pk}/sheet/")
    assert response.content.startswith(b"%PDF")


def test_the_sheet_holds_every_try_with_who_did_and_who_reviewed_it(cast: Cast) -> None:
    """RW-8: a controlled form."""
    now = timezone.now()
    measure = operations.open_measure(
        "t", "p", "c", source_kind="survey", source_label="调查1", owner=cast.people["support"], due_on=timezone.localdate(),
        by=cast.access("supervisor"), at=now,
    )  # fmt: skip
    operations.finish(measure, "first", by=cast.access("support"), at=now)
    operations.review(measure, "not", figure="%", before=1, after=1, again_by=timezone.localdate(), by=cast.access("head"), at=now)  # fmt: skip
    operations.finish(measure, "second", by=cast.access("support"), at=now)
    measure.refresh_from_db()
    sheet = printed(measure, by=cast.access("head"), at=now, said="zh")
    assert sheet["form"]["number"] == "SB-GJ-01"
    assert [(one["note"], one["verdict"]) for one in sheet["measure"]["tries"]] == [("first", "not"), ("second", "")]  # fmt: skip


def test_the_list_and_one_measure_are_read_by_api(cast: Cast, sign_in) -> None:
    measure = operations.propose("t", "p", outlet=cast.outlets["GZ001"], by=cast.access("support"), at=timezone.now())  # fmt: skip
    client = sign_in("owner-GZ001")
    assert [row["number"] for row in client.get("/api/v1/improvements").json()["measures"]] == ["GJ1"]
    assert client.get(f"/api/v1/improvements/{measure.pk}").json()["problem"] == "p"
    assert sign_in("owner-SZ021").get(f"/api/v1/improvements/{measure.pk}").status_code == 404
