"""Two people decide about one complaint at once: one does, the other is told who was faster. The control has no lock and fails."""

import threading
from typing import Any

import pytest
from django.db.models import QuerySet

from sanbao.audit import moves
from sanbao.audit.models import Event
from sanbao.complaints import operations
from sanbao.complaints.models import Compensation, Complaint, Entry
from sanbao.ledger.queries import balance, broken_invariants
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once
from tests.modules.complaints import file

PAIR = ("support", "head")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def decide(cast: Cast, made: Complaint, number: int) -> Complaint:
    """One finds it justified, the other does not."""
    noun, more = (
        ("justification", {"promised_on": file.TODAY})
        if number == 0
        else ("rejection", {"routes": ["court"]})
    )
    return operations.move(
        made, noun, version=made.version, by=cast.access(PAIR[number]), at=NOW, finding="x", cause="repairing", text="x", **more
    )  # fmt: skip


def verified(made: Complaint) -> int:
    return Entry.objects.filter(complaint=made, clock="verified").count()


def test_of_two_who_verify_at_once_one_verdict_counts(cast: Cast) -> None:
    """clauses PV-2, ST-8: a complaint is never both justified and not."""
    made = file.handed(cast)
    made.refresh_from_db()
    done, refused = at_once(lambda number: decide(cast, made, number), 2)
    assert (done, len(refused), verified(made)) == (1, 1, 1)
    made.refresh_from_db()
    assert (made.state, made.verdict) in {("justified", "justified"), ("unjustified", "unjustified")}


def test_a_refund_approved_by_two_at_once_is_owed_once(cast: Cast) -> None:
    made = file.justified(cast)
    money = operations.propose(made, "refund", 6000, "退还上门费", by=cast.access("support"), at=NOW)
    done, refused = at_once(
        lambda number: operations.move_money(money, "approval", version=money.version, by=cast.access(("supervisor", "head")[number]), at=NOW), 2
    )  # fmt: skip
    assert (done, len(refused)) == (1, 1)
    assert balance(cast.company.pk, "customer-payable") == -6000
    assert broken_invariants() == {}


def proposed(cast: Cast) -> Compensation:
    made = file.justified(cast)
    return operations.propose(made, "goods", 6000, "油杯一只", by=cast.access("support"), at=NOW)


def settle(cast: Cast, money: Compensation, number: int) -> Compensation:
    """The supervisor approves what the head refuses."""
    noun, who = (("approval", "supervisor"), ("refusal", "head"))[number]
    return operations.move_money(
        money, noun, version=money.version, by=cast.access(who), at=NOW, reason="没有凭证"
    )


def settled(money: Compensation) -> int:
    return Event.objects.filter(thing="complaints.compensation", thing_id=money.pk).exclude(action="complaints:compensation:proposed").count()  # fmt: skip


def test_of_one_who_approves_and_one_who_refuses_at_once_one_decides(cast: Cast) -> None:
    money = proposed(cast)
    done, refused = at_once(lambda number: settle(cast, money, number), 2)
    assert (done, len(refused), settled(money)) == (1, 1, 1)


def test_control_without_the_row_lock_it_is_approved_and_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off. (Of two verdicts the database itself lets one through: a decision is superseded once.)"""
    money = proposed(cast)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **options: rows)
    meeting, original = threading.Barrier(2), moves.refuse_unless_legal

    def together(*args: Any) -> None:
        original(*args)
        meeting.wait(10)

    monkeypatch.setattr(moves, "refuse_unless_legal", together)
    done, _refused = at_once(lambda number: settle(cast, money, number), 2)
    assert (done, settled(money)) == (2, 2)
