"""A forged sheet, from the callback that finds it to the money: confirmed, fined tenfold, appealed against, won and lost (KA-11.2)."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sanbao.decisions.queries import replay
from sanbao.ledger.queries import balance, broken_invariants
from sanbao.settlements import operations
from sanbao.settlements.models import Finding, Statement
from sanbao.settlements.queries import INVARIANTS
from tests.cast import NOW, Cast, moment

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def now(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def press(client: Client, finding: Finding, noun: str, **told: Any) -> int:
    """A button of the finding's page, with the version that the page shows."""
    finding.refresh_from_db()
    body = {"version": finding.version, **told}
    return client.post(reverse("settlements:finding-move", args=[finding.pk, noun]), body).status_code


def found_by_callback(cast: Cast, sign_in: Any) -> Finding:
    """The callback clerk registers it with a recording, the supervisor looks at it and confirms."""
    callbacks, supervisor, owner = (sign_in(name) for name in ("callbacks", "supervisor", "owner-GZ001"))
    recording = SimpleUploadedFile("录音.mp3", b"ID3 a recording")
    body = {
        "number": "S1", "kind": "forged", "source": "callback", "note": "用户称没人来过", "evidence": "5月19日15:02接听",
        "file": recording,
    }  # fmt: skip
    assert callbacks.post(reverse("settlements:finding-register"), body).status_code == 303
    finding = Finding.objects.get()
    page = reverse("settlements:finding", args=[finding.pk])
    assert owner.get(page).status_code == 404  # a proposal is headquarters' own
    assert "录音.mp3" in supervisor.get(page).text
    assert press(callbacks, finding, "confirmation") == 403
    assert press(supervisor, finding, "confirmation") == 303
    shown = owner.get(page).text
    assert "录音.mp3" in shown and "2026-06-01" in shown and "800.00" in shown
    kept = finding.remarks.get(file__isnull=False)
    assert owner.get(reverse("settlements:finding-file", args=[finding.pk, kept.pk])).status_code == 200
    assert owner.get(reverse("settlements:finding-pdf", args=[finding.pk])).content.startswith(b"%PDF")
    return finding


def month(cast: Cast, first: date, at: Any) -> Statement:
    """A month with one honest sheet of 80 yuan, from hand-in to payment."""
    cast.sheet(month=first, completed_on=first.replace(day=9), reported_on=first.replace(day=8))
    outlet, on = cast.outlets["GZ001"], at.date().replace(day=8)
    operations.register_receipt(outlet, first, paper_on=on, electronic_on=on, by=cast.access("clerk"), at=at)
    made = operations.make_statement(outlet, first, by=cast.access("clerk"), at=at)
    for noun, who in (("submission", "clerk"), ("check", "supervisor"), ("approval", "head"), ("payment", "finance")):  # fmt: skip
        made = operations.move(made, noun, version=None, by=cast.access(who), at=at)
    return made


def test_a_forged_sheet_is_fined_appealed_against_and_given_back(cast: Cast, sign_in: Any) -> None:
    """The month pays the tenfold fine as a debt; the appeal is granted, and the next month gives back fine and fee."""
    cast.sheet(number="S1")
    cast.received()
    finding = found_by_callback(cast, sign_in)
    april = cast.statement(upto="paid")
    assert (april.forged, april.net, april.payable) == (1, -80000, 0)

    owner = sign_in("owner-GZ001")
    proof = SimpleUploadedFile("用户签字.jpg", b"signed by the customer's wife")
    assert press(owner, finding, "appeal", text="是用户家人接待的", file=proof) == 303
    assert press(sign_in("supervisor"), finding, "granting", reason="成立") == 422  # confirmed it oneself
    assert press(sign_in("head"), finding, "granting", reason="回访家人，属实") == 303

    may = month(cast, MAY, moment(2026, 6, 20))
    assert (may.deductions["credit"], may.net) == (-88000, 96000)
    assert (may.brought_forward, may.payable) == (80000, 16000)
    assert "880.00" in owner.get(reverse("settlements:finding", args=[finding.pk])).text
    assert "2026" in owner.get(reverse("settlements:statement", args=[may.pk])).text
    assert owner.get(reverse("settlements:statement-pdf", args=[may.pk])).status_code == 200
    assert balance(cast.company.pk, "outlet-payable", cast.outlets["GZ001"].pk) == 0
    assert replay(april.decision).same and replay(may.decision).same
    assert broken_invariants(INVARIANTS) == {}


def test_a_forged_sheet_is_fined_and_the_appeal_lost(cast: Cast, sign_in: Any) -> None:
    """The finding stands: the fine stays a debt, and the next month pays less."""
    cast.sheet(number="S1")
    cast.received()
    finding = found_by_callback(cast, sign_in)
    cast.statement(upto="paid")

    assert press(sign_in("owner-GZ001"), finding, "appeal", text="用户忘了") == 303
    assert press(sign_in("head"), finding, "upholding", reason="物业也称无人上门") == 303
    assert press(sign_in("owner-GZ001"), finding, "appeal", text="再申诉") == 409

    may = month(cast, MAY, moment(2026, 6, 20))
    assert (may.net, may.brought_forward, may.payable) == (8000, 80000, 0)
    assert (
        "物业也称无人上门"
        in sign_in("owner-GZ001").get(reverse("settlements:finding", args=[finding.pk])).text
    )
    assert balance(cast.company.pk, "outlet-payable", cast.outlets["GZ001"].pk) == 72000
    assert broken_invariants(INVARIANTS) == {}
