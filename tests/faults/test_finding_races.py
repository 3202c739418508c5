"""Findings under two hands at once, and against the month that is being settled. Each race has a control whose guard is off and which fails."""

import threading
from typing import Any

import pytest
from django.db.models import QuerySet

from sanbao.audit import moves
from sanbao.ledger.queries import broken_invariants
from sanbao.settlements import operations
from sanbao.settlements.models import Correction, Finding, Statement
from sanbao.settlements.operations import taking_effect
from sanbao.settlements.queries import INVARIANTS
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once

PAIR = ("supervisor", "head")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def proposed(cast: Cast) -> Finding:
    return operations.register_finding(cast.sheet(), "forged", by=cast.access("callbacks"), at=NOW)


def test_of_two_who_confirm_at_once_one_is_told_who_was_faster(cast: Cast) -> None:
    """KA-11.2: the outlet is told once, and the finding counts once."""
    finding = proposed(cast)

    done, refused = at_once(
        lambda number: operations.confirm_finding(finding, version=finding.version, by=cast.access(PAIR[number]), at=NOW), 2
    )  # fmt: skip

    assert (done, len(refused)) == (1, 1)
    finding.refresh_from_db()
    assert (finding.state, finding.version, finding.counted) == ("confirmed", 2, True)


def test_control_without_the_row_lock_both_confirm(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = proposed(cast)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    meeting, original = threading.Barrier(2), moves.refuse_unless_legal

    def together(*args: Any) -> None:
        original(*args)
        meeting.wait(10)

    monkeypatch.setattr(moves, "refuse_unless_legal", together)

    done, _refused = at_once(
        lambda number: operations.confirm_finding(finding, version=finding.version, by=cast.access(PAIR[number]), at=NOW), 2
    )  # fmt: skip

    assert done == 2


def appealed(cast: Cast) -> tuple[Finding, Statement]:
    finding = cast.found(cast.sheet(), "forged")
    cast.received()
    operations.appeal_finding(finding, "用户记错了", version=None, by=cast.access("owner-GZ001"), at=NOW)
    return finding, cast.statement()


def grant_and_submit(cast: Cast, finding: Finding, statement: Statement) -> None:
    """The head grants while the clerk submits the month."""
    at_once(
        lambda number: operations.grant_appeal(finding, "属实", version=None, by=cast.access("head"), at=NOW)
        if number
        else operations.move(statement, "submission", version=statement.version, by=cast.access("clerk"), at=NOW), 2
    )  # fmt: skip


def consistent(finding: Finding, statement: Statement) -> bool:
    """Either the month was closed with the fine and a correction gives it back, or it is a draft that must be made again."""
    finding.refresh_from_db()
    statement.refresh_from_db()
    back = Correction.objects.filter(finding=finding).count()
    if statement.state == "draft":
        return statement.outdated and back == 0 and not finding.counted
    return back == 1 and finding.counted


def test_an_appeal_granted_while_its_month_is_submitted_is_never_lost(cast: Cast) -> None:
    """Whoever comes first: the outlet gets its money either by a new draft or by a credit in the next month."""
    finding, statement = appealed(cast)

    grant_and_submit(cast, finding, statement)

    assert consistent(finding, statement)
    assert broken_invariants(INVARIANTS) == {}


def test_control_without_locking_the_month_the_money_is_lost(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: the grant takes the month for open, the month is submitted meanwhile, and nothing gives the fine back."""
    finding, statement = appealed(cast)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    open_before, submitted, original = threading.Event(), threading.Event(), taking_effect._is_open

    def late(finding: Finding) -> bool:
        was = Statement.objects.get(pk=statement.pk).state == "draft"
        open_before.set()
        submitted.wait(10)
        return was and (original is not None)

    monkeypatch.setattr(taking_effect, "_is_open", late)

    def act(number: int) -> None:
        if number:
            operations.grant_appeal(finding, "属实", version=None, by=cast.access("head"), at=NOW)
            return
        open_before.wait(10)
        operations.move(statement, "submission", version=statement.version, by=cast.access("clerk"), at=NOW)
        submitted.set()

    at_once(act, 2)

    assert not consistent(finding, statement)
