"""What is given to make up for it: who approves how much, what the ledger says, what stands in the way (ST-8, BA-5)."""

import pytest
from django.core.exceptions import PermissionDenied

from sanbao.complaints import operations
from sanbao.complaints.models import Compensation, Complaint
from sanbao.decisions.queries import replay
from sanbao.ledger.queries import balance, broken_invariants, entries_of
from sanbao.notices.models import Notice
from tests.cast import NOW, Cast
from tests.modules.complaints import file
from tests.modules.complaints.test_flow import DAY, refused

LATER = NOW + 2 * DAY


def proposed(cast: Cast, yuan: int, kind: str = "refund", made: Complaint | None = None) -> Compensation:
    """By technical support, for a complaint found justified."""
    return operations.propose(
        made or file.justified(cast), kind, yuan * 100, "退还上门费", by=cast.access("support"), at=LATER
    )


def moved(cast: Cast, money: Compensation, noun: str, who: str, **more: str) -> Compensation:
    return operations.move_money(money, noun, version=None, by=cast.access(who), at=LATER, **more)


@pytest.mark.parametrize(
    ("yuan", "post"), [(200, "supervisor"), (201, "head"), (3000, "head"), (3001, "leaders")]
)
def test_the_amount_says_who_approves_and_that_can_be_asked_again(cast: Cast, yuan: int, post: str) -> None:
    """reading A-28: 200 and 3,000 yuan are the rungs; the decision is kept with its reasons."""
    money = proposed(cast, yuan)
    assert money.post == post
    assert replay(money.decision).same


def test_above_ones_rung_it_is_refused_and_the_higher_post_approves(cast: Cast) -> None:
    money = proposed(cast, 300)
    refused("ladder", lambda: moved(cast, money, "approval", "supervisor"))
    assert moved(cast, money, "approval", "head").state == "approved"
    with pytest.raises(PermissionDenied):
        moved(cast, proposed(cast, 10, made=money.complaint), "approval", "support")


def test_above_the_ladder_the_leaders_decision_is_written_down(cast: Cast) -> None:
    money = proposed(cast, 5000)
    refused("resolution", lambda: moved(cast, money, "approval", "head"))
    made = moved(cast, money, "approval", "head", resolution="总经理办公会 2026-05-22")
    assert made.resolution == "总经理办公会 2026-05-22"


def test_three_people_propose_approve_and_pay(cast: Cast) -> None:
    """Nobody approves what they proposed; the database holds it, too."""
    made = file.justified(cast)
    own = operations.propose(made, "refund", 100, "x", by=cast.access("head"), at=LATER)
    refused("four_eyes", lambda: moved(cast, own, "approval", "head"))
    money = moved(cast, own, "approval", "supervisor")
    refused("receipt", lambda: moved(cast, money, "payment", "finance"))
    with pytest.raises(PermissionDenied):
        moved(cast, money, "payment", "supervisor", receipt="HD-1")
    assert moved(cast, money, "payment", "finance", receipt="HD-1").receipt == "HD-1"


def test_a_refund_is_owed_when_it_is_approved_and_cleared_when_it_is_paid(cast: Cast) -> None:
    money, company = proposed(cast, 60), cast.company.pk
    assert balance(company, "complaint-cost") == 0
    money = moved(cast, money, "approval", "supervisor")
    assert (balance(company, "complaint-cost"), balance(company, "customer-payable")) == (6000, -6000)
    moved(cast, money, "payment", "finance", receipt="HD-2")
    assert [balance(company, code) for code in ("complaint-cost", "customer-payable", "bank")] == [6000, 0, -6000]  # fmt: skip
    assert [entry.kind for entry in entries_of("complaints.compensation", money.pk)] == ["complaint:approved", "complaint:paid"]  # fmt: skip
    assert broken_invariants() == {}


@pytest.mark.parametrize("kind", ["goods", "free"])
def test_goods_and_free_service_stand_with_their_value_and_post_nothing(cast: Cast, kind: str) -> None:
    money = moved(cast, proposed(cast, 100, kind), "approval", "supervisor")
    money = moved(cast, money, "payment", "finance", receipt="出库单 1")
    assert (money.amount_fen, entries_of("complaints.compensation", money.pk).exists()) == (10000, False)


def test_a_refusal_says_why_costs_nothing_and_is_told(cast: Cast) -> None:
    money = proposed(cast, 60)
    refused("reason", lambda: moved(cast, money, "refusal", "supervisor"))
    assert moved(cast, money, "refusal", "supervisor", reason="没有凭证").state == "refused"
    assert not entries_of("complaints.compensation", money.pk).exists()
    assert Notice.objects.get(kind="complaints:refused").person == cast.people["support"]


def test_nothing_is_given_for_what_is_not_justified_and_nothing_ends_while_money_is_open(cast: Cast) -> None:
    refused("state", lambda: proposed(cast, 60, made=file.rejected(cast)))
    refused("state", lambda: proposed(cast, 60, made=file.registered(cast)))
    made = file.justified(cast, phone="13900000009", serial="")
    refused("amount", lambda: proposed(cast, 0, made=made))
    money = proposed(cast, 60, made=made)
    refused("money", lambda: file.move(cast, made, "completion", "support", LATER, text="x"))
    moved(cast, money, "approval", "supervisor")
    made = file.move(cast, made, "completion", "support", LATER, text="x")
    made = file.move(cast, made, "telling", "agent", LATER, text="x")
    made = file.move(cast, made, "callback", "agent", LATER, callback="content", text="x")
    refused("money", lambda: file.move(cast, made, "archiving", "agent", LATER))
