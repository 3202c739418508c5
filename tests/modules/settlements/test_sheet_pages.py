"""The pages of record sheets: finding, reading, writing and withdrawing them."""

import io

import openpyxl
import pytest
from django.urls import reverse

from sanbao.audit.models import Event
from sanbao.settlements.models import Sheet
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


BODY = {
    "month": "2026-04", "number": "T1", "customer": "张三", "phone": "138 0000 5678", "address": "中山路1号",
    "model": "jzt-b52", "serial": "SN1", "purchased_on": "2026.1.10", "reported_on": "2026/4/8",
    "completed_on": "2026年4月9日", "fault": "打不着火", "action": "更换", "work": "replace", "km": "30",
}  # fmt: skip


@pytest.mark.parametrize("words", ["GZ001-0001", "0001", "5678", "张"])
def test_a_sheet_is_found_and_its_customer_stays_masked(cast: Cast, sign_in, words: str) -> None:
    """GN-8."""
    cast.sheet(customer="张三丰")
    page = sign_in("clerk").get(reverse("settlements:sheets"), {"q": words}).text

    assert "GZ001-0001" in page and "13800005678" not in page and "张三丰" not in page


@pytest.mark.parametrize("words", ["\1", "'", "%", "\ud7ff", "x" * 1500])
def test_no_search_breaks_the_lists(cast: Cast, sign_in, words: str) -> None:
    cast.sheet()
    for name in ("sheets", "findings"):
        assert (
            sign_in("clerk").get(reverse(f"settlements:{name}"), {"q": words, "month": words}).status_code
            == 200
        )


def test_the_exported_list_is_masked_and_logged(cast: Cast, sign_in) -> None:
    """GN-8: who takes a list away leaves a line in the event log."""
    cast.sheet(customer="张三丰")
    before = Event.objects.count()
    clerk = sign_in("clerk")
    answer = clerk.get(reverse("settlements:sheets"), {"export": "xlsx", "reason": "for the annual audit"})
    data = answer.content if not answer.streaming else b"".join(answer.streaming_content)
    cells = [
        str(c)
        for line in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
        for c in line
    ]
    assert "13800005678" not in cells and "张三丰" not in cells and "GZ001-0001" in cells
    assert Event.objects.count() == before + 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [("km", "-3"), ("km", "9" * 30), ("reported_on", "1900-01-01"), ("reported_on", "2100-01-01"), ("number", "x" * 300),
     ("completed_on", "2026-04-01"), ("charged_fen", "-1"), ("month", "2026-13"), ("outlet", "x"), ("work", "magic")],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(cast: Cast, sign_in, field: str, typed: str) -> None:
    body = {"outlet": cast.outlets["GZ001"].pk, **BODY, field: typed}
    answer = sign_in("owner-GZ001").post(reverse("settlements:sheet-write"), body)

    assert answer.status_code == 422 and 'class="form-error"' in answer.text
    assert Sheet.objects.count() == 0


@pytest.mark.parametrize("field", ["number", "customer", "month", "outlet", "km", "work"])
def test_a_nul_character_breaks_no_form(cast: Cast, sign_in, field: str) -> None:
    body = {"outlet": cast.outlets["GZ001"].pk, **BODY, field: "\0"}
    assert sign_in("owner-GZ001").post(reverse("settlements:sheet-write"), body).status_code == 400
    assert Sheet.objects.count() == 0


def test_a_number_is_written_once(cast: Cast, sign_in) -> None:
    body = {"outlet": cast.outlets["GZ001"].pk, **BODY}
    owner = sign_in("owner-GZ001")
    following = owner.post(reverse("settlements:sheet-write"), {**body, "next": "1"})
    assert "month=2026-04" in following.headers["Location"]
    assert owner.get(following.headers["Location"]).status_code == 200

    assert owner.post(reverse("settlements:sheet-write"), body).status_code == 422


def test_a_void_sheet_names_what_is_missing_and_the_clause(cast: Cast, sign_in) -> None:
    """KA-11.2."""
    page = sign_in("owner-GZ001").get(reverse("settlements:sheet", args=[cast.sheet(address="").pk])).text

    assert "KA-11.2" in page and "地址" in page


def test_a_sheet_is_withdrawn_while_its_month_is_open(cast: Cast, sign_in) -> None:
    sheet, settled = cast.sheet(), cast.sheet(outlet="NB011")
    cast.received("NB011")
    cast.statement("NB011", upto="paid")
    clerk = sign_in("clerk")
    assert clerk.post(reverse("settlements:sheet-withdraw", args=[sheet.pk])).status_code == 303
    assert clerk.post(reverse("settlements:sheet-withdraw", args=[settled.pk])).status_code in (409, 422)
    assert clerk.get(reverse("settlements:sheet", args=[sheet.pk])).status_code == 200


def test_a_sheet_of_another_outlet_is_not_there(cast: Cast, sign_in) -> None:
    sheet = cast.sheet()
    other = sign_in("owner-NB011")
    for name in ("sheet", "sheet-pdf"):
        assert other.get(reverse(f"settlements:{name}", args=[sheet.pk])).status_code == 404
    for name in ("sheet-unmask", "sheet-withdraw"):
        assert other.post(reverse(f"settlements:{name}", args=[sheet.pk]), {"reason": "x"}).status_code == 404
    assert sign_in("finance").post(reverse("settlements:sheet-unmask", args=[sheet.pk])).status_code == 403


def test_an_unmasked_page_is_not_kept_by_the_browser(cast: Cast, sign_in) -> None:
    sheet = cast.sheet()
    shown = sign_in("clerk").post(reverse("settlements:sheet-unmask", args=[sheet.pk]), {"reason": "回访"})
    assert "no-store" in shown.headers.get("Cache-Control", "")
