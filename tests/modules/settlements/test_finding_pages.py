"""The pages of findings and of the files of findings and receipts."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sanbao.settlements.models import Finding, Receipt
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def send(client, name: str, text: str):
    file = SimpleUploadedFile("list.csv", text.encode("gb18030"))
    return client.post(reverse(f"settlements:{name}"), {"file": file})


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("number", "NO-9"),
        ("number", "\1"),
        ("kind", "magic"),
        ("refund", "-5"),
        ("refund", "9" * 40),
        ("refund", "五元"),
    ],
)
def test_a_finding_that_cannot_be_is_refused_beside_its_field(
    cast: Cast, sign_in, field: str, typed: str
) -> None:
    cast.sheet(number="S1")
    body = {"number": "S1", "kind": "overcharge", "note": "", "refund": "80", field: typed}
    answer = sign_in("callbacks").post(reverse("settlements:finding-register"), body)

    assert answer.status_code == 422 and 'class="form-error"' in answer.text
    assert Finding.objects.count() == 0


def test_a_finding_is_withdrawn_from_the_page_that_shows_it(cast: Cast, sign_in) -> None:
    sheet = cast.sheet(number="S1")
    callbacks = sign_in("callbacks")
    callbacks.post(reverse("settlements:finding-register"), {"number": "S1", "kind": "forged"})
    address = reverse("settlements:finding-withdraw", args=[Finding.objects.get().pk])

    page = callbacks.get(reverse("settlements:sheet", args=[sheet.pk])).text
    assert callbacks.post(address).status_code == 303
    assert callbacks.post(address).status_code == 404
    assert address in page


def test_findings_about_a_settled_month_may_be_registered_and_wait(cast: Cast, sign_in) -> None:
    """They are corrected in a later month once they are confirmed; a row that can't be refuses the whole file."""
    cast.sheet(number="S1")
    cast.sheet(number="S2", outlet="NB011")
    cast.received()
    cast.statement(upto="paid")
    callbacks = sign_in("callbacks")

    bad = send(callbacks, "findings-file", "单号,问题,备注\nS2,伪造记录单,\nS9,伪造记录单,\n")
    assert bad.status_code == 422 and "<code>3</code>" in bad.text.replace("A3", "3")
    assert Finding.objects.count() == 0
    assert (
        send(callbacks, "findings-file", "单号,问题,备注\nS2,伪造记录单,\nS1,伪造记录单,\n").status_code
        == 303
    )
    assert set(Finding.objects.values_list("state", "source")) == {("proposed", "import")}


def test_a_refund_that_only_the_explanation_mentions_is_shown_before_it_is_lost(cast: Cast, sign_in) -> None:
    """A warning nobody sees is no warning."""
    cast.sheet(number="S1")
    text = "单号,问题,说明,备注\nS1,乱收费,多收80元,\n"
    answer = sign_in("callbacks").post(
        reverse("settlements:findings-file"),
        {"file": SimpleUploadedFile("f.csv", text.encode())},
        follow=True,
    )
    assert Finding.objects.get().refund_fen == 0 and "多收80元" in answer.text


def test_a_file_of_receipts_is_registered_whole_or_not_at_all(cast: Cast, sign_in) -> None:
    clerk = sign_in("clerk")
    bad = send(
        clerk,
        "receipts-file",
        "网点编码,月份,纸质收到日,电子版收到日\nGZ001,2026-04,2026-05-09,2026-05-08\nXX9,2026-04,2026-05-09,\n",
    )
    assert bad.status_code == 422 and "XX9" in bad.text and Receipt.objects.count() == 0

    assert (
        send(
            clerk,
            "receipts-file",
            "网点编码,月份,纸质收到日,电子版收到日\nGZ001,2026-04,2026-05-09,2026-05-08\n",
        ).status_code
        == 303
    )
    assert Receipt.objects.get().paper_on == date(2026, 5, 9)


def test_a_file_without_a_column_leaves_what_is_registered(cast: Cast, sign_in) -> None:
    """KA-11.1: the day of the paper decides the rate; a list of e-mails does not know it."""
    cast.received()
    send(sign_in("clerk"), "receipts-file", "网点编码,月份,电子版收到日\nGZ001,2026-04,2026-05-08\n")

    assert Receipt.objects.get().paper_on == date(2026, 5, 9)


def test_the_files_are_for_their_posts(cast: Cast, sign_in) -> None:
    owner = sign_in("owner-GZ001")
    for name in ("findings-file", "receipts-file", "finding-register"):
        assert owner.get(reverse(f"settlements:{name}")).status_code == 403


def test_the_page_of_receipts_from_a_file_can_be_reached(cast: Cast, sign_in) -> None:
    assert reverse("settlements:receipts-file") in sign_in("clerk").get(reverse("settlements:months")).text
