"""Compensation: proposed by whoever handles it, approved by the ladder's post, given and noted by finance; three people (own approval).

Refunds and discounts are money: the approval posts what is owed to the customer, the payment clears it. Goods and free service stand with
their value in the record; what they cost is booked where goods and work are.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.roles import ROLES
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.complaints import telling
from sanbao.complaints.clocks import Basis
from sanbao.complaints.models import Compensation, Complaint, Entry
from sanbao.complaints.operations.finding import locked
from sanbao.complaints.permissions import May
from sanbao.complaints.states import MONEY_MOVES, Money, State, Verdict
from sanbao.ledger import operations as ledger
from sanbao.ledger.operations import Place
from sanbao.ui.formats import yuan
from sanbao.ui.refusal import Refusal
from sanbao_rules import complaints

# Debit is plus: the cost and what the bank has paid; what is owed to customers is minus.
COST, OWED, BANK = "complaint-cost", "customer-payable", "bank"
IN_MONEY = (Compensation.Kind.REFUND, Compensation.Kind.DISCOUNT)
MOST_FEN = 100_000_00


@transaction.atomic
def propose(
    complaint: Complaint, kind: str, amount_fen: int, note: str, *, by: Access, at: datetime
) -> Compensation:
    """Propose a compensation; the ladder says which post approves it, and that stands as a decision."""
    found = locked(complaint, May.PROPOSE, by)
    if kind not in Compensation.Kind.values:
        raise Refusal(_("Choose what is given."), field="kind", code="kind")
    if (
        found.state not in (State.HANDED, State.JUSTIFIED, State.DONE, State.TOLD, State.CALLED_BACK)
        or found.verdict == Verdict.UNJUSTIFIED
    ):
        raise Refusal(
            _("Nothing is given for a complaint that is not handled yet, or not justified."), code="state"
        )
    if not 0 < amount_fen <= MOST_FEN:
        raise Refusal(
            _("Give an amount of more than nothing, and of at most 100,000 yuan."),
            field="amount",
            code="amount",
        )
    if not note.strip():
        raise Refusal(_("Say what it is for."), field="note", code="note")
    basis, on = Basis.of(found.company_id), timezone.localdate(at)
    facts = {"kind": kind, "fen": amount_fen, "on": on}
    decided = complaints.approval(kind, amount_fen, basis.book, on)
    made = Compensation.objects.create(
        complaint=found, kind=kind, amount_fen=amount_fen, note=note.strip()[:300], post=decided.answer, proposed_at=at, proposed_by_id=by.person_id,
        decision=basis.written(decided, facts, found, by, at),
    )  # fmt: skip
    said = _("Proposed: %(kind)s %(amount)s, %(note)s") % {
        "kind": made.get_kind_display(),
        "amount": yuan(amount_fen),
        "note": made.note,
    }
    telling.wrote(found, Entry.Kind.MONEY, said, by, at, audience=Entry.Audience.HEADQUARTERS)
    audit.record("complaints:compensation:proposed", made, by=by, at=at, amount=amount_fen, kind=kind)
    telling.to_approve(made, by=by, at=at)
    return made


def move_money(
    made: Compensation, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = "", resolution: str = "", receipt: str = ""
) -> Compensation:  # fmt: skip
    """Approve, refuse or note as given, in the transaction of `audit.moves.make`; writes the ledger entries of the move.

    What only the company's leaders may decide is entered by the ladder's highest post, with where they decided it (`resolution`).
    """
    step = MONEY_MOVES[noun]

    def obstacles(thing: Compensation) -> None:
        if noun in ("approval", "refusal"):
            _refuse_below(thing, by, at)
        if noun == "approval" and thing.post == "leaders" and not resolution.strip():
            raise Refusal(
                _("That is above the ladder: write down where the company's leaders decided it."), field="resolution", code="resolution"
            )  # fmt: skip
        if noun == "payment" and not receipt.strip():
            raise Refusal(_("Write down the voucher or receipt."), field="receipt", code="receipt")

    def effects(thing: Compensation) -> None:
        if noun == "approval":
            thing.resolution = resolution.strip()[:200]
        if noun == "payment":
            thing.receipt = receipt.strip()[:100]
        _post(thing, noun, by, at)
        said = f"{thing.get_kind_display()} {yuan(thing.amount_fen)}: {Money(step.target).label} {reason or resolution or receipt}"
        telling.wrote(thing.complaint, Entry.Kind.MONEY, said, by, at, audience=Entry.Audience.HEADQUARTERS)

    moved: Compensation = moves.make(
        step, made, version=version, by=by, at=at, reason=reason, obstacles=obstacles, effects=effects,
        details=lambda thing: {"amount": thing.amount_fen},
    )  # fmt: skip
    if noun != "payment":
        telling.decided(moved, by=by, at=at)
    return moved


def may_decide(made: Compensation, by: Access, at: datetime) -> bool:
    """Whether one of the person's posts stands on the ladder's rung for it, or above."""
    basis, on = Basis.of(made.complaint.company_id), timezone.localdate(at)
    posts = {grant.role for grant in by.grants if grant.role in ROLES}
    return by.may(May.APPROVE) and any(
        complaints.may_approve(post, made.post, basis.book, on) for post in posts
    )


def _refuse_below(thing: Compensation, by: Access, at: datetime) -> None:
    if not may_decide(thing, by, at):
        raise Refusal(
            _("An amount of %(amount)s is approved by a higher post; see why beside it.") % {"amount": yuan(thing.amount_fen)}, code="ladder"
        )  # fmt: skip


def _post(thing: Compensation, noun: str, by: Access, at: datetime) -> None:
    """What is owed at the approval, what is paid at the payment."""
    if thing.kind not in IN_MONEY:
        return
    if noun == "approval":
        ledger.post("complaint:approved", {Place(COST): thing.amount_fen, Place(OWED): -thing.amount_fen}, source=thing, key=f"compensation:{thing.pk}:approved", by=by, at=at)  # fmt: skip
    elif noun == "payment":
        ledger.post("complaint:paid", {Place(OWED): thing.amount_fen, Place(BANK): -thing.amount_fen}, source=thing, key=f"compensation:{thing.pk}:paid", by=by, at=at)  # fmt: skip
