"""Back-tests through pages, files and API."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from sanbao.audit.models import Event
from sanbao.backtests import running
from sanbao.backtests.models import BackTest
from tests.cast import NOW, Cast
from tests.modules.backtests.tried import ladder, march_of_three, tried

pytestmark = pytest.mark.django_db


def form(edition, **changes: object) -> dict[str, object]:
    given = {
        "against": f"edition-{edition.pk}",
        "first_month": "2026-03",
        "last_month": "2026-03",
        "how": "as-if",
    }
    return given | changes


def test_a_manager_sees_first_how_many_and_then_what_it_comes_to(cast: Cast, sign_in) -> None:
    """SR-9: before a rule changes, who would get how much more."""
    march_of_three(cast)
    edition, head = ladder(cast), sign_in("head")
    seen = head.get(reverse("backtests:new"), form(edition)).content.decode()
    assert "95" in seen
    assert not BackTest.objects.exists()
    assert head.post(reverse("backtests:new"), form(edition)).status_code == 303
    test = BackTest.objects.get()
    page = reverse("backtests:backtest", args=[test.pk])
    waiting = head.get(page).content.decode()
    assert "hx-trigger" in waiting
    running.run(test, by=cast.access("head"), at=lambda: NOW)
    assert head.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    done = head.get(page).content.decode()
    for said in ("24.00", "8.00", "16.00", "NB011", "SZ021"):
        assert said in done
    listed = head.get(reverse("backtests:differences", args=[test.pk]), {"month": "2026-03"}).content.decode()
    assert "NB011" in listed
    difference = test.differences.get(money=8_00)
    both = head.get(reverse("backtests:difference", args=[difference.pk])).content.decode()
    assert "按90%结算" in both
    assert "按95%结算" in both
    assert [event.action for event in Event.objects.filter(action__startswith="backtests").order_by("id")] == [
        "backtests:backtest:begun", "backtests:backtest:ended",
    ]  # fmt: skip


def test_the_report_says_the_same_on_paper_and_in_excel(cast: Cast, sign_in) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast))
    head = sign_in("head")
    paper = head.get(reverse("backtests:pdf", args=[test.pk]))
    assert paper.content.startswith(b"%PDF")
    book = openpyxl.load_workbook(
        BytesIO(head.get(reverse("backtests:xlsx", args=[test.pk])).content), read_only=True
    )
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    outlets = next(rows for title, rows in sheets.items() if "网点" in title and "四" in title)
    assert outlets[-1][-2] == 24
    assert Event.objects.filter(action="backtests:backtest:exported").count() == 2


def test_the_same_once_more_leads_to_the_one_that_is_there(cast: Cast, sign_in) -> None:
    march_of_three(cast)
    edition, head = ladder(cast), sign_in("head")
    test = tried(cast, edition)
    BackTest.objects.filter(pk=test.pk).update(started_at="2030-01-01T00:00Z")  # the cast decides "today"
    assert head.post(reverse("backtests:new"), form(edition)).headers["Location"].endswith(f"/{test.pk}/")
    assert BackTest.objects.count() == 1
    head.post(reverse("backtests:again", args=[test.pk]))
    assert BackTest.objects.count() == 2


def test_wrong_input_is_told_beside_its_field(cast: Cast, sign_in) -> None:
    march_of_three(cast)
    edition, head = ladder(cast), sign_in("head")
    for wrong in (
        {"first_month": "2026-05"},
        {"last_month": ""},
        {"against": "edition-0"},
        {"kinds": ["nonsense"]},
        {"on": "x"},
    ):
        assert head.post(reverse("backtests:new"), form(edition, **wrong)).status_code == 422
    assert (
        head.get(
            reverse("backtests:new"), form(edition, first_month="2019-01", last_month="2019-02")
        ).status_code
        == 200
    )
    assert not BackTest.objects.exists()


@pytest.mark.parametrize(("who", "reads", "makes"), [
    ("head", 200, 200), ("supervisor", 200, 200), ("auditor", 200, 403), ("clerk", 403, 403), ("owner-GZ001", 403, 403), ("east", 403, 403),
])  # fmt: skip
def test_who_may_read_and_who_may_begin(cast: Cast, sign_in, who: str, reads: int, makes: int) -> None:
    assert sign_in(who).get(reverse("backtests:list")).status_code == reads
    assert sign_in(who).get(reverse("backtests:new")).status_code == makes


def test_the_api_reads_what_the_page_shows(cast: Cast, sign_in) -> None:
    march_of_three(cast)
    test = tried(cast, ladder(cast))
    head = sign_in("head")
    told = head.get(f"/api/v1/backtests/{test.pk}").json()
    assert (told["outlets_more_fen"], told["differing"]) == (24_00, 2)
    assert [line["more_fen"] for line in told["outlets"]] == [8_00, 16_00]
    differences = head.get(f"/api/v1/backtests/{test.pk}/differences", {"limit": 1}).json()
    assert differences["more"]
    assert head.get("/api/v1/backtests").json()["items"][0]["id"] == test.pk
