"""Making a month's statement, and its life from draft to paid."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.documents.reading_first import require_read
from sanbao.ledger import operations as ledger
from sanbao.ledger import queries as accounts
from sanbao.ledger.models import Entry
from sanbao.ledger.operations import Place
from sanbao.outlets.models import Outlet
from sanbao.settlements import deciding, telling
from sanbao.settlements.deciding import Made
from sanbao.settlements.models import Line, Statement
from sanbao.settlements.permissions import May
from sanbao.settlements.states import MOVES, State
from sanbao.ui.refusal import Refusal
from sanbao_rules.periods import month_end

# The accounts of settlement. Debit is plus: costs and the bank's spending grow, what is owed to outlets is minus.
COST = "service-cost"
ACCRUED = "outlet-accrued"
PAYABLE = "outlet-payable"
DEDUCTIONS = "deduction-income"
BANK = "bank"


def make_statement(outlet: Outlet, month: date, *, by: Access, at: datetime) -> Statement:
    """Make the outlet's draft for the month, or make it again from what has been handed in since (KA-11.1, KA-11.2)."""
    by.require(May.MAKE)
    _refuse_open_month(month, at)
    with transaction.atomic():
        (made,) = deciding.make(month, [outlet.pk], by=by, at=at)
        if made.closed:
            raise Refusal(
                _("The month %(month)s of %(outlet)s is settled already.")
                % {"month": f"{month:%Y-%m}", "outlet": outlet.code},
                code="closed",
            )
        if not made.statements:
            raise Refusal(
                _("%(outlet)s has handed in no sheets for %(month)s, so there is nothing to settle.")
                % {"month": f"{month:%Y-%m}", "outlet": outlet.code},
                code="no_sheets",
            )
        return Statement.objects.exclude(state=State.REVERSED).get(outlet=outlet, month=month)


def make_statements(
    month: date, *, by: Access, at: datetime, outlets: Sequence[int] | None = None
) -> Iterator[Made]:
    """Make the drafts of every outlet that has handed in the month; yields after each batch, for a progress bar."""
    by.require(May.MAKE)
    _refuse_open_month(month, at)
    if outlets is None:
        outlets = deciding.outlets_with_sheets(by.company_id, month)
    yield from deciding.make(month, outlets, by=by, at=at)


def _refuse_open_month(month: date, at: datetime) -> None:
    if month.day != 1:
        raise ValueError(f"a month is its first day, not {month}")
    if timezone.localtime(at).date() <= month_end(month):
        raise Refusal(
            _("%(month)s is not over yet; it can be settled from %(day)s on.")
            % {"month": f"{month:%Y-%m}", "day": (month_end(month) + timedelta(days=1)).isoformat()},
            code="open_month",
            field="month",
        )


@transaction.atomic
def move(
    statement: Statement, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = ""
) -> Statement:
    """Make one legal move of a statement: submission, check, approval, payment, return or reversal.

    `version` is the one the person saw; None for a caller that has just read it. Writes the ledger entries of the move.
    """
    step = MOVES[noun]
    by.require(step.permission)
    require_read(step.permission, by=by, at=at)
    # The outlet first, as whoever changes its sheets or findings does: nothing slips into a month while it moves.
    Outlet.objects.select_for_update(no_key=True).get(pk=statement.outlet_id)
    moved: Statement = moves.make(
        step,
        statement,
        version=version,
        by=by,
        at=at,
        reason=reason,
        obstacles=_unfit_to_submit if noun == "submission" else lambda _statement: None,
        effects=lambda locked: _ENTRIES[noun](locked, by, at),
        details=lambda locked: {"net": locked.net},
    )
    telling.moved(moved, noun, by=by, at=at)
    return moved


def _unfit_to_submit(statement: Statement) -> None:
    if statement.outdated:
        raise Refusal(
            _("Sheets, findings or the receipt have changed since this draft was made. Make it again first."),
            code="outdated",
        )
    if statement.unpriced:
        raise Refusal(
            _(
                "%(count)d sheets can't be priced yet. Clear them up (they are listed first) and make the draft again."
            )
            % {"count": statement.unpriced},
            code="unpriced",
        )
    if statement.rate_code == "waiting_paper":
        raise Refusal(
            _(
                "The paper sheets have not arrived. The statement waits as a draft until their receipt is registered."
            ),
            code="waiting_paper",
        )


def _post(
    statement: Statement, what: str, amounts: dict[Place, int], by: Access, at: datetime
) -> Entry | None:
    key = f"statement:{statement.pk}:{what}:{statement.version}"
    return ledger.post(f"settlement:{what}", amounts, source=statement, key=key, by=by, at=at)


def _own(statement: Statement, code: str) -> Place:
    """An account kept for the statement's outlet."""
    return Place(code, statement.outlet_id)


def _submitted(statement: Statement, by: Access, at: datetime) -> None:
    """What the month earns is accrued as a cost."""
    _post(
        statement,
        "accrued",
        {Place(COST): statement.reduced, _own(statement, ACCRUED): -statement.reduced},
        by,
        at,
    )


def _checked(statement: Statement, by: Access, at: datetime) -> None:
    """The deductions are taken from what is accrued."""
    amounts = {_own(statement, ACCRUED): statement.deducted, Place(DEDUCTIONS): -statement.deducted}
    _post(statement, "deducted", amounts, by, at)


def _approved(statement: Statement, by: Access, at: datetime) -> None:
    """What is accrued becomes owed; a debt of earlier months is set against it."""
    statement.brought_forward = max(0, accounts.balance(statement.company_id, PAYABLE, statement.outlet_id))
    amounts = {_own(statement, ACCRUED): statement.net, _own(statement, PAYABLE): -statement.net}
    _post(statement, "approved", amounts, by, at)
    owed = -accounts.balance(statement.company_id, PAYABLE, statement.outlet_id)
    statement.payable = max(0, min(statement.net, owed))


def _paid(statement: Statement, by: Access, at: datetime) -> None:
    """The payable is paid; where the outlet owes, nothing is, and the debt stays on its account."""
    amounts = {_own(statement, PAYABLE): statement.payable, Place(BANK): -statement.payable}
    _post(statement, "paid", amounts, by, at)


def _reversed(statement: Statement, by: Access, at: datetime) -> None:
    """The books are put back, and the sheets are free for the statement that takes this one's place."""
    _take_back(statement, by, at)
    Line.objects.filter(statement=statement).update(live=False)


def _take_back(statement: Statement, by: Access, at: datetime) -> None:
    """Reverse what the statement has posted, latest first. Money that was paid stays paid: it becomes a debt of the outlet."""
    entries = accounts.entries_of(Statement._meta.label_lower, statement.pk)
    undone = {entry.reverses_id for entry in entries if entry.reverses_id}
    for entry in reversed(list(entries)):
        if entry.reverses_id is None and entry.pk not in undone and entry.kind != "settlement:paid":
            ledger.reverse(entry, key=f"statement:{statement.pk}:undo:{entry.pk}", by=by, at=at)


_ENTRIES: dict[str, Callable[[Statement, Access, datetime], None]] = {
    "submission": _submitted,
    "check": _checked,
    "approval": _approved,
    "payment": _paid,
    "return": _take_back,
    "reversal": _reversed,
}
