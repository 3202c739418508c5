"""Fault tree, check lists and what each step needs, on their pages (SC-2, RP-3, CO-2)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.regulations.queries import edition_in_force
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, operations, queries
from sanbao.workorders.models import Check, Fault
from tests.cast import NOW, Cast
from tests.modules.workorders import crew

Signed = Callable[[str], Client]


def test_an_empty_tree_is_begun_with_the_usual_faults_and_lists(cast: Cast, sign_in: Signed) -> None:
    client = sign_in("head")
    assert reverse("workorders:foundation") in client.get(reverse("workorders:faults")).content.decode()
    assert client.post(reverse("workorders:foundation")).status_code == 303
    page = client.get(reverse("workorders:faults")).content.decode()
    assert "电机轴承磨损" in page
    assert "气密性检查合格" in client.get(reverse("workorders:check-lists")).content.decode()
    assert client.post(reverse("workorders:foundation")).status_code == 422  # a second time


def test_faults_are_added_below_others_changed_and_retired(cast: Cast, sign_in: Signed) -> None:
    client = sign_in("head")
    told = {"code": "n1", "name": "噪声", "category": "吸油烟机"}
    assert client.post(reverse("workorders:fault-new"), told).status_code == 303
    above = Fault.objects.get(code="N1")
    below = {"code": "N11", "name": "轴承", "category": "吸油烟机", "parent": above.pk, "minutes": 30}
    client.post(reverse("workorders:fault-new"), below)
    child = Fault.objects.get(code="N11")
    assert (child.parent, child.path) == (above, f"/{above.pk}/{child.pk}/")
    client.post(reverse("workorders:fault", args=[child.pk]), below | {"name": "电机轴承"})
    child.refresh_from_db()
    assert child.name == "电机轴承"
    assert client.post(reverse("workorders:fault-new"), below).status_code == 422  # the code is taken
    client.post(reverse("workorders:fault-retire", args=[above.pk]))
    assert queries.faults(cast.company.pk) == []
    assert client.get(reverse("workorders:fault", args=[child.pk])).status_code == 404


def test_a_fault_can_t_be_put_below_itself(cast: Cast) -> None:
    by = cast.access("head")
    above = operations.keep_fault(None, {"code": "A", "name": "a"}, by=by, at=NOW)
    below = operations.keep_fault(None, {"code": "B", "name": "b", "parent": above}, by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.keep_fault(above, {"parent": below}, by=by, at=NOW)


def test_check_lines_are_added_ordered_changed_and_retired(cast: Cast, sign_in: Signed) -> None:
    client = sign_in("head")
    for number, text in enumerate(("一", "二", "三")):
        told = {"kind": "repair", "text": text, "answer": "yes", "required": "on", "position": number}
        assert client.post(reverse("workorders:check-new"), told).status_code == 303
    last = Check.objects.get(text="三")
    client.post(reverse("workorders:check-place", args=[last.pk]), {"up": "1"})
    made = crew.order(cast)
    assert [row.text for row in queries.checklist(made)] == ["一", "三", "二"]
    client.post(reverse("workorders:check-line", args=[last.pk]), {"kind": "repair", "text": "三三", "answer": "yes", "position": 1})  # fmt: skip
    last.refresh_from_db()
    assert last.retired_at is not None  # what was answered stays with the old line
    client.post(reverse("workorders:check-retire", args=[Check.objects.get(text="一").pk]))
    assert {row.text for row in queries.checklist(made)} == {"三三", "二"}


def test_an_outlet_reads_the_tree_and_does_not_change_it(cast: Cast, sign_in: Signed) -> None:
    made = operations.keep_fault(None, {"code": "A", "name": "甲"}, by=cast.access("head"), at=NOW)
    client = sign_in("owner-GZ001")
    assert "甲" in client.get(reverse("workorders:faults")).content.decode()
    assert client.post(reverse("workorders:fault-new"), {"code": "B", "name": "乙"}).status_code == 422
    assert client.post(reverse("workorders:fault-retire", args=[made.pk])).status_code == 404
    assert Fault.objects.count() == 1


def test_the_flows_name_each_steps_needs_with_the_clause(cast: Cast, sign_in: Signed) -> None:
    """SC-2, SC-3, SC-4, CO-2: seven, six and five steps."""
    page = sign_in("agent").get(reverse("workorders:flows")).content.decode()
    for clause in ("SC-2", "SC-3", "SC-4", "RP-3", "RP-4", "KA-4.2", "《明码标价和禁止价格欺诈规定》第15条"):
        assert clause in page


def test_what_the_company_asks_for_becomes_its_own_edition(cast: Cast, sign_in: Signed) -> None:
    """RG-5: what the regulations ask for stays; what is made before keeps its needs."""
    client = sign_in("admin")
    address = reverse("workorders:own-gates")
    page = client.get(address)
    assert page.status_code == 200
    told = {"since": "2026-05-01", "edition": "own.1", "repair-repairing": ["cause"]}
    assert client.post(address, told).status_code == 303
    edition = edition_in_force(cast.company.pk, flow.BOOK)
    assert (edition.edition, edition.company_id) == ("own.1", cast.company.pk)
    gates = {step.code: step.gates for step in flow.steps_of(crew.order(cast))}
    assert "photo_done" not in gates["repairing"]
    assert {"cause", "measures", "old_parts"} <= set(gates["repairing"])
    assert client.post(address, told).status_code == 422  # the name is taken
