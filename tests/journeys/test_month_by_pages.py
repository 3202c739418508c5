"""A month from Excel to the paid statement, through the pages and by the people whose work each step is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sanbao.audit.models import Event
from sanbao.ledger.queries import broken_invariants
from sanbao.outlets import operations as outlets
from sanbao.products import operations as products
from sanbao.settlements.folder import as_dict
from sanbao.settlements.models import Finding, HandIn, Sheet, Statement
from sanbao.settlements.queries import INVARIANTS
from sanbao.settlements.reading import read_models, read_receipts
from sanbao.settlements.tasks import settle_month
from sanbao.settlements.views import months
from tests.cast import NOW, Cast
from tests.months import good, row, xlsx

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "appliance"


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def upload(client: Client, cast: Cast, data: bytes, outlet: str = "GZ001", month: str = "2026-04"):
    """Send a month's file as the form does."""
    file = SimpleUploadedFile("month.xlsx", data)
    body = {"outlet": cast.outlets[outlet].pk, "month": month, "file": file}
    return client.post(reverse("settlements:hand-in"), body)


def confirm_all(second: Client) -> None:
    """What the callbacks found counts when a second person has confirmed it."""
    for finding in Finding.objects.all():
        address = reverse("settlements:finding-move", args=[finding.pk, "confirmation"])
        assert second.post(address, {"version": finding.version}).status_code == 303


def test_a_month_goes_from_excel_to_the_paid_statement(cast: Cast, sign_in) -> None:
    """KA-11.1, KA-11.2, CO-1: handed in by the owner, settled, checked, approved and paid by four others."""
    owner = sign_in("owner-GZ001")
    report = upload(owner, cast, good(3))
    assert (report.status_code, Sheet.objects.count()) == (303, 0)
    hand_in = HandIn.objects.get()
    assert "收单 3 张" in owner.get(report.headers["Location"]).text
    owner.post(reverse("settlements:hand-in-take-over", args=[hand_in.pk]))
    assert Sheet.objects.count() == 3

    clerk = sign_in("clerk")
    receipt = {
        "outlet": cast.outlets["GZ001"].pk,
        "month": "2026-04",
        "paper_on": "2026.5.9",
        "electronic_on": "2026年5月8日",
    }
    assert clerk.post(reverse("settlements:receipt"), receipt).status_code == 302
    finding = {"number": "S1", "kind": "overcharge", "note": "", "refund": "80元"}
    assert sign_in("callbacks").post(reverse("settlements:finding-register"), finding).status_code == 303
    confirm_all(sign_in("supervisor"))
    clerk.post(reverse("settlements:make"), {"month": "2026-04"})
    statement = Statement.objects.get()
    for noun, who in (
        ("submission", "clerk"),
        ("check", "supervisor"),
        ("approval", "head"),
        ("payment", "finance"),
    ):
        statement.refresh_from_db()
        address = reverse("settlements:move", args=[statement.pk, noun])
        assert sign_in(who).post(address, {"version": statement.version}).status_code == 303
    answer = {"kind": "question", "note": "为什么扣50元？", "sheet": "S1"}
    assert owner.post(reverse("settlements:answer", args=[statement.pk]), answer).status_code == 303

    page = owner.get(reverse("settlements:statement", args=[statement.pk])).text
    assert "已付款" in page and "190.00" in page and "人民币壹佰玖拾元整" in page
    why = owner.get(
        reverse("settlements:statement-line-why", args=[statement.pk, statement.lines.first().sheet_id])
    ).text
    assert "KA-5.1" in why and "60.00" in why
    assert broken_invariants(INVARIANTS) == {}


def test_the_statement_leaves_as_pdf_and_excel_and_the_copy_is_logged(cast: Cast, sign_in) -> None:
    """RW-8, GN-8: the controlled form, with masked customers, and a line in the event log."""
    cast.sheet()
    cast.sheet(address="")
    cast.received()
    statement = cast.statement(upto="approved")
    owner = sign_in("owner-GZ001")

    pdf = owner.get(reverse("settlements:statement-pdf", args=[statement.pk]))
    workbook = owner.get(reverse("settlements:statement-xlsx", args=[statement.pk]))
    sheet = owner.get(reverse("settlements:sheet-pdf", args=[statement.lines.first().sheet_id]))

    assert pdf.content.startswith(b"%PDF") and sheet.content.startswith(b"%PDF")
    assert workbook.content.startswith(b"PK")
    assert "sandbox" in pdf.headers["Content-Security-Policy"]
    assert Event.objects.filter(action="settlements:statement:exported").count() == 2


def test_a_file_with_a_bad_row_is_shown_with_its_cell_and_not_taken_over(cast: Cast, sign_in) -> None:
    owner = sign_in("owner-GZ001")
    report = upload(owner, cast, xlsx([row(), row(单号="S2", 单程公里=-3)]))
    page = owner.get(report.headers["Location"]).text

    assert "O3" in page and "负数" in page
    refused = owner.post(reverse("settlements:hand-in-take-over", args=[HandIn.objects.get().pk]))
    assert (refused.status_code, Sheet.objects.count()) == (422, 0)


def test_a_file_that_is_no_table_is_refused_beside_the_field(cast: Cast, sign_in) -> None:
    answer = upload(sign_in("owner-GZ001"), cast, b"%PDF-1.7 not a table")

    assert answer.status_code == 422
    assert "PDF" in answer.text
    assert HandIn.objects.count() == 0


def test_columns_that_were_misunderstood_are_corrected_and_read_again(cast: Cast, sign_in) -> None:
    from tests.months import HEADINGS

    owner = sign_in("owner-GZ001")
    headings = ["备用" if heading == "机身编码" else heading for heading in HEADINGS]
    upload(owner, cast, xlsx([row()], headings))
    first = HandIn.objects.get()
    assert first.counts["errors"]

    choice = {"serial": str(HEADINGS.index("机身编码"))}
    owner.post(reverse("settlements:hand-in-report", args=[first.pk]), choice)

    again = HandIn.objects.latest("id")
    assert (again.counts["errors"], again.counts["sheets"]) == (0, 1)


def test_a_second_person_with_an_old_page_is_told_what_happened(cast: Cast, sign_in) -> None:
    """A stale form gets 409 and sees the statement as it is now."""
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    address = reverse("settlements:move", args=[statement.pk, "check"])
    sign_in("supervisor").post(address, {"version": statement.version})

    late = sign_in("supervisor").post(address, {"version": statement.version})

    assert late.status_code == 409
    assert "已复核" in late.text


def test_a_findings_file_that_names_an_unknown_sheet_registers_nothing(cast: Cast, sign_in) -> None:
    sheet = cast.sheet(number="S1")
    text = "单号,问题,说明,备注\nS1,伪造记录单,,\nNO-9,伪造记录单,,\n"

    answer = sign_in("callbacks").post(
        reverse("settlements:findings-file"), {"file": SimpleUploadedFile("f.csv", text.encode("gb18030"))}
    )

    assert answer.status_code == 422
    assert "NO-9" in answer.text
    assert sheet.findings.count() == 0


def test_customers_are_masked_until_somebody_says_why(cast: Cast, sign_in) -> None:
    """GN-8: masked by default; who unmasks gives a reason, which is logged."""
    sheet = cast.sheet(customer="欧阳雪", phone="13800005678")
    clerk = sign_in("clerk")
    page = clerk.get(reverse("settlements:sheet", args=[sheet.pk])).text
    assert "13800005678" not in page and "138****5678" in page and "欧阳雪" not in page

    without = clerk.post(reverse("settlements:sheet-unmask", args=[sheet.pk]), {"reason": " "})
    shown = clerk.post(reverse("settlements:sheet-unmask", args=[sheet.pk]), {"reason": "回访"})

    assert without.status_code == 422 and "13800005678" not in without.text
    assert "13800005678" in shown.text
    assert Event.objects.get(action="settlements:customer:unmasked").details == {"reason": "回访"}


def test_a_sheet_is_typed_in_and_a_void_one_only_after_a_warning(cast: Cast, sign_in) -> None:
    """KA-11.2 a: what is missing is said before the sheet is handed in as void."""
    owner = sign_in("owner-GZ001")
    body = {
        "outlet": cast.outlets["GZ001"].pk, "month": "2026-04", "number": "T1", "customer": "张三", "phone": "138 0000 5678",
        "address": "", "model": "jzt-b52", "serial": "SN1", "purchased_on": "2026.1.10", "reported_on": "2026/4/8",
        "completed_on": "2026年4月9日", "fault": "打不着火", "action": "更换", "component": "", "work": "replace", "km": "３０公里",
    }  # fmt: skip
    warned = owner.post(reverse("settlements:sheet-write"), body)
    assert (warned.status_code, Sheet.objects.count()) == (422, 0)

    owner.post(reverse("settlements:sheet-write"), {**body, "void": "on"})

    sheet = Sheet.objects.get()
    assert (sheet.model, sheet.km, sheet.phone, sheet.missing) == ("JZT-B52", 30, "13800005678", ["address"])


def test_a_month_of_many_outlets_is_made_by_the_worker(cast: Cast, sign_in, monkeypatch) -> None:
    """Nobody waits for the page: the job is queued with the change, and makes the drafts with the asker's rights."""
    monkeypatch.setattr(months, "AT_ONCE", 1)
    for code in ("GZ001", "NB011"):
        cast.sheet(outlet=code)

    sign_in("clerk").post(reverse("settlements:make"), {"month": "2026-04"})

    job = ProcrastinateJob.objects.get(task_name="settlements.settle_month")
    assert Statement.objects.count() == 0
    assert settle_month(**job.args) == 2
    with pytest.raises(PermissionDenied):
        settle_month(**{**job.args, "person_id": cast.people["callbacks"].pk})


def test_the_pages_speak_english_too(cast: Cast, sign_in) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement()
    clerk = sign_in("clerk")
    clerk.cookies["language"] = "en"

    page = clerk.get(reverse("settlements:statement", args=[statement.pk])).text

    assert "Gross at the rate" in page and "settled at 100%" in page


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample months lie in ../shared/samples, which is not here"
)
def test_the_sample_months_come_to_expected_json_through_the_pages(cast: Cast, sign_in, time_machine) -> None:
    """KA-11.1, KA-11.2: exactly, by the forms that people fill in."""
    time_machine.move_to(NOW + timedelta(days=200), tick=False)
    admin = cast.access("admin")
    cast.outlets["GZ002"] = outlets.open_outlet(
        cast.regions["华南"], "GZ002", "GZ002服务网点", by=admin, at=NOW
    )
    for _line, model in read_models((SAMPLES / "models.csv").read_bytes(), "models.csv").rows:
        products.keep_model(model["model"], model["category"], by=admin, at=NOW)
    clerk = sign_in("clerk")
    for _line, found in read_receipts((SAMPLES / "receipts.csv").read_bytes(), "receipts.csv").rows:
        upload(
            clerk, cast, (SAMPLES / found["file"]).read_bytes(), found["outlet"], f"{found['month']:%Y-%m}"
        )
        clerk.post(reverse("settlements:hand-in-take-over", args=[HandIn.objects.latest("id").pk]))
    for name, who, url in (
        ("receipts.csv", "clerk", "settlements:receipts-file"),
        ("callback-findings.csv", "callbacks", "settlements:findings-file"),
    ):
        file = SimpleUploadedFile(name, (SAMPLES / name).read_bytes())
        assert sign_in(who).post(reverse(url), {"file": file}).status_code == 303
    confirm_all(sign_in("supervisor"))
    for month in ("2026-04", "2026-08"):
        clerk.post(reverse("settlements:make"), {"month": month})

    expected = json.loads((SAMPLES / "expected.json").read_text())
    found = {
        f"{s.outlet.code} {s.month:%Y-%m}": as_dict(s) for s in Statement.objects.select_related("outlet")
    }
    assert found == expected
    for statement in Statement.objects.all():
        pdf = clerk.get(reverse("settlements:statement-pdf", args=[statement.pk]))
        assert pdf.content.startswith(b"%PDF")
