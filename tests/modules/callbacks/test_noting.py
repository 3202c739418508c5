"""What comes out of a talk: something wrong, an answer promised, a need, an urgent event."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sanbao.callbacks import events, operations
from sanbao.callbacks.models import Callback, Need, Observation
from sanbao.complaints.models import Complaint
from sanbao.decisions.queries import replay
from sanbao.files import operations as files
from sanbao.intake.models import Category, Team
from sanbao.notices.models import Notice
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import Finding
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("person__username", flat=True))


def test_what_is_wrong_is_reported_with_evidence_and_announced_in_the_same_transaction(cast: Cast, callback: Callback, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """KA-11.2: evidence in words and files; the module above hears of it, and a fault of it takes the report back."""
    heard: list[Observation] = []
    monkeypatch.setattr(events, "FOUND", [lambda observation, by, at: heard.append(observation)])
    by = cast.access("callbacks")
    proof = files.keep(b"recording", "call.txt", by=by, at=NOW)
    made = operations.observe(
        callback, "overcharge", "收了60元上门费", refund_fen=6000, files=[proof], by=by, at=NOW
    )
    assert heard == [made]
    assert [stored.name for stored in made.files.all()] == ["call.txt"]
    assert told("callbacks:observed") == {"supervisor", "head"}
    with pytest.raises(Refusal) as refused:
        operations.observe(callback, "overcharge", "同上", by=by, at=NOW)
    assert refused.value.code == "twice"

    def broken(*_args: object, **_told: object) -> None:
        raise Refusal("no", code="above")

    monkeypatch.setattr(events, "FOUND", [broken])
    with pytest.raises(Refusal, match="no"):
        operations.observe(callback, "forged", "从未报修", by=by, at=NOW)
    assert Observation.objects.count() == 1


def test_a_forged_sheet_found_by_telephone_is_a_finding_that_waits_for_a_second_person(cast: Cast, callback: Callback) -> None:  # fmt: skip
    """KA-11.2: proposed about the sheet with the caller's evidence; what is registered already stays with the callback."""
    by = cast.access("callbacks")
    made = operations.observe(callback, "forged", "从未报修", by=by, at=NOW)
    made.refresh_from_db()
    finding = Finding.objects.get(pk=made.finding)
    assert (finding.sheet_id, finding.kind, finding.state, finding.source) == (callback.plan.sheet, "forged", "proposed", "callback")  # fmt: skip
    settlements.propose_finding(finding.sheet, "late_service", note="x", by=by, at=NOW)
    again = operations.observe(callback, "late_service", "约好没来", by=by, at=NOW)
    again.refresh_from_db()
    assert again.finding is None


@pytest.mark.parametrize(
    ("kind", "words", "amounts", "code"),
    [
        ("nothing", "x", {}, "kind"),
        ("forged", " ", {}, "words"),
        ("forged", "x", {"refund_fen": 100}, "refund"),
        ("overcharge", "x", {"refund_fen": -1}, "negative"),
        ("overcharge", "x", {"panel_fen": 100}, "panel"),
        ("false_panel", "x", {}, "panel"),
    ],
)
def test_an_observation_that_can_not_be_is_refused(cast: Cast, callback: Callback, kind: str, words: str, amounts: dict[str, int], code: str) -> None:  # fmt: skip
    with pytest.raises(Refusal) as refused:
        operations.observe(callback, kind, words, **amounts, by=cast.access("callbacks"), at=NOW)
    assert refused.value.code == code


def test_a_promised_answer_is_warned_of_chased_and_kept_late_by_decision(
    cast: Cast, callback: Callback
) -> None:
    """KA-9.4: a promised answer has a time, is chased, and is kept."""
    by, due = cast.access("callbacks"), NOW + timedelta(hours=4)
    made = operations.promise_answer(callback, "延保怎么买？", due, cast.people["agent"], by=by, at=NOW)
    assert told("callbacks:promised") == {"agent"}
    assert operations.watch_answers(due - timedelta(hours=2)) == 0
    assert operations.watch_answers(due - timedelta(minutes=30)) == 1
    assert operations.watch_answers(due - timedelta(minutes=20)) == 0
    assert told("callbacks:answer-soon") == {"agent"}
    assert operations.watch_answers(due + timedelta(minutes=5)) == 1
    assert told("callbacks:answer-overdue") == {"agent", "supervisor", "head"}
    kept = operations.keep_answer(
        made, "官网和网点都可以买", by=cast.access("agent"), at=due + timedelta(hours=1)
    )
    assert replay(kept.decision).same
    assert "kept_late" in str(kept.decision.answer)
    assert operations.watch_answers(due + timedelta(hours=2)) == 0
    with pytest.raises(Refusal) as refused:
        operations.keep_answer(made, "x", by=by, at=due)
    assert refused.value.code == "twice"


def test_an_answer_can_not_be_promised_for_the_past(cast: Cast, callback: Callback) -> None:
    with pytest.raises(Refusal) as refused:
        operations.promise_answer(callback, "？", NOW - timedelta(hours=1), cast.people["agent"], by=cast.access("callbacks"), at=NOW)  # fmt: skip
    assert refused.value.code == "past"


def test_an_urgent_event_goes_up_at_once_as_a_request_of_the_highest_level(
    cast: Cast, callback: Callback
) -> None:
    """KA-9.3."""
    gas = Category.objects.get(company=cast.company, code="repair-gas")
    need = operations.note_need(callback, "gas_leak", "厨房有煤气味", category=gas, by=cast.access("callbacks"), at=NOW)  # fmt: skip
    assert need.urgent
    assert (need.request.level, need.request.phone) == ("urgent", "13800005678")
    assert told("callbacks:urgent") == {"supervisor", "head"}
    assert replay(need.decision).same


def test_a_need_may_become_a_task_with_owner_and_time(cast: Cast, callback: Callback, sign_in) -> None:
    """KA-9.3, BA-4: chosen on the page; a task without team or time is refused beside its field."""
    parts = Category.objects.get(company=cast.company, code="advice-parts")
    team = Team.objects.filter(company=cast.company).first()
    assert team is not None
    page, client = f"/callbacks/{callback.pk}/needs/", sign_in("callbacks")
    typed = {"kind": "need", "words": "想买滤网", "category": parts.pk, "told_to": "洪燕", "becomes": "task"}
    assert client.post(page, typed).status_code == 422 and not Need.objects.exists()
    due = timezone.localtime() + timedelta(days=2)
    given = {"team": team.pk, "owner": cast.people["agent"].pk, "due_at": f"{due:%Y-%m-%dT%H:%M}"}
    assert client.post(page, typed | given).status_code == 303
    task = Need.objects.get().task
    assert (task.title, task.team, task.owner, task.request) == (
        "想买滤网",
        team,
        cast.people["agent"],
        Need.objects.get().request,
    )
    assert told("intake:asked") == {"agent"}
    assert str(team) in client.get(f"/callbacks/{callback.pk}/").content.decode()
    assert client.post(page, {**typed, **given, "becomes": "request"}).status_code == 303
    assert Need.objects.latest("id").task is None


def test_from_a_callback_one_comes_to_its_finding_and_the_outlet_does_not_see_a_proposal(cast: Cast, callback: Callback, sign_in) -> None:  # fmt: skip
    """KA-11.2: callback, finding, statement are one way."""
    made = operations.observe(callback, "forged", "从未报修", by=cast.access("callbacks"), at=NOW)
    made.refresh_from_db()
    link = f'href="{reverse("settlements:finding", args=[made.finding])}"'
    assert link in sign_in("supervisor").get(f"/callbacks/{callback.pk}/").content.decode()
    assert link not in sign_in("owner-GZ001").get(f"/callbacks/{callback.pk}/").content.decode()


def test_a_complaint_registered_from_a_callback_keeps_the_way_back(cast: Cast, callback: Callback, sign_in) -> None:  # fmt: skip
    """RG-2: origin and link on both pages; whom the callback knows need not be typed again, and is not shown unmasked by it."""
    client = sign_in("agent")
    page = client.get(f"/callbacks/{callback.pk}/").content.decode()
    address = re.search(r'href="(/complaints/new/[^"]*)"', page)
    assert address is not None
    form = client.get(address[1].replace("&amp;", "&")).content.decode()
    assert f'name="source" value="{callback.pk}"' in form and callback.number_to_call not in form
    typed = {
        "origin": "callback", "source": callback.pk, "kind": "service", "harm": "trouble", "subject": "修了又坏", "channel": "phone",
    }  # fmt: skip
    assert client.post("/complaints/new/", typed).status_code == 303
    complaint = Complaint.objects.get()
    assert (complaint.origin, complaint.source, complaint.source_label) == (
        "callback",
        callback.pk,
        callback.number,
    )
    assert complaint.phone == callback.number_to_call
    assert complaint.number in client.get(f"/callbacks/{callback.pk}/").content.decode()
    assert f'href="/callbacks/{callback.pk}/"' in client.get(f"/complaints/{complaint.pk}/").content.decode()


def test_a_callback_that_somebody_may_not_see_is_no_source(cast: Cast, callback: Callback, sign_in) -> None:
    """Whoever writes another number into the form gets a complaint of the desk, without anybody's telephone."""
    typed = {"origin": "callback", "source": callback.pk + 1, "kind": "service", "harm": "trouble", "subject": "x", "channel": "phone"}  # fmt: skip
    client = sign_in("agent")
    assert client.post("/complaints/new/", typed).status_code == 422
    assert client.post("/complaints/new/", typed | {"phone": "13911112222"}).status_code == 303
    assert (Complaint.objects.get().origin, Complaint.objects.get().source) == ("direct", None)


def test_a_need_is_told_by_telephone_first_and_then_tracked_as_a_request(
    cast: Cast, callback: Callback
) -> None:
    """KA-9.3, GN-2."""
    parts = Category.objects.get(company=cast.company, code="advice-parts")
    by = cast.access("callbacks")
    with pytest.raises(Refusal) as refused:
        operations.note_need(callback, "need", "想买滤网", category=parts, by=by, at=NOW)
    assert refused.value.code == "told"
    need = operations.note_need(callback, "need", "想买滤网", category=parts, told_to="洪燕", by=by, at=NOW)
    assert (need.urgent, need.request.subject, need.told_to) == (False, "想买滤网", "洪燕")
    assert told("callbacks:urgent") == set()
