"""A settlement run that is killed leaves whole statements behind, and run again it ends as if nothing had happened (KA-11.1).

The run is forked and kills itself with SIGKILL before its n-th SQL statement, n spread over the whole run; then another run finishes.
Fifty points with SANBAO_FAULTS=1.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from sanbao.decisions.models import Decision
from sanbao.ledger.queries import broken_invariants
from sanbao.settlements import deciding
from sanbao.settlements.models import Line, Statement
from sanbao.settlements.queries import INVARIANTS
from tests.cast import APRIL, NOW, Cast, assemble

POINTS = 50 if os.environ.get("SANBAO_FAULTS") == "1" else 6
BATCH = 1  # three outlets, three transactions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def month() -> Cast:
    """Three outlets' month, ready to settle."""
    cast = assemble()
    for outlet in cast.outlets:
        for _ in range(3):
            cast.sheet(outlet=outlet)
        cast.received(outlet=outlet)
    return cast


def settle(cast: Cast) -> None:
    outlets = deciding.outlets_with_sheets(cast.company.pk, APRIL)
    for _made in deciding.make(APRIL, outlets, by=cast.access("clerk"), at=NOW, batch=BATCH):
        pass


def in_a_child(cast: Cast, kill_before: int) -> int:
    """Settle in a forked process that kills itself before its n-th statement; returns the signal it died of, 0 if it finished."""
    child = os.fork()
    if child == 0:
        parents = connection.connection  # kept, never closed: the socket is the parent's
        connection.connection = None
        seen = [0]

        def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            seen[0] += 1
            if seen[0] == kill_before:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(count):
                settle(cast)
        except BaseException:
            os._exit(99)
        os._exit(0 if parents is not None else 1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def start_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE settlements_line, settlements_statement, settlements_answer CASCADE")
        cursor.execute("ALTER TABLE decisions_decision DISABLE TRIGGER USER")
        cursor.execute(
            "DELETE FROM decisions_decision WHERE thing LIKE 'settlements.statement%'"
        )  # emptied with CASCADE, orders, callbacks and their sheets would go too
        cursor.execute("ALTER TABLE decisions_decision ENABLE TRIGGER USER")


def picture() -> list[tuple[Any, ...]]:
    """What the month came to: each outlet's statement and its lines, without numbers that a second run may give anew."""
    return [
        (s.outlet_id, s.state, s.records, s.net, s.gross, sorted(s.lines.values_list("sheet_id", "outcome", "labour", "travel", "live")))
        for s in Statement.objects.order_by("outlet_id")
    ]  # fmt: skip


def whole() -> bool:
    """Nothing half written: invariants hold, and every decision has its statement and every statement its decision."""
    linked = set(Statement.objects.values_list("decision_id", flat=True))
    lines = set(Line.objects.values_list("statement_id", flat=True))
    return (
        broken_invariants(INVARIANTS) == {}
        and linked == set(Decision.objects.filter(question="settlement.month").values_list("pk", flat=True))
        and lines == set(Statement.objects.values_list("pk", flat=True))
    )


def statements_of_a_run(cast: Cast) -> int:
    """How many SQL statements an undisturbed run needs, counted as the child counts them."""
    seen = [0]

    def count(execute: Callable[..., Any], *said: Any) -> Any:
        seen[0] += 1
        return execute(*said)

    with connection.execute_wrapper(count):
        settle(cast)
    return seen[0]


def spread(total: int, points: int) -> list[int]:
    return [1 + number * (total - 1) // max(points - 1, 1) for number in range(points)]


def test_killed_anywhere_a_settlement_is_finished_by_the_next_run(month: Cast, record_property: Any) -> None:
    settle(month)  # what is asked once a process is asked before anything is counted
    start_anew()
    total = statements_of_a_run(month)
    expected = picture()
    lost = double = killed = 0
    for point in spread(total, POINTS):
        start_anew()
        if in_a_child(month, point) == signal.SIGKILL:
            killed += 1
        assert whole(), f"killed before statement {point}"
        settle(month)
        found = picture()
        lost += len(expected) - len({row[0] for row in found})
        double += len(found) - len({row[0] for row in found})
        assert found == expected, f"killed before statement {point}"
        assert broken_invariants(INVARIANTS) == {}

    record_property("points", killed)
    record_property("lost", lost)
    record_property("double", double)
    assert killed == POINTS
    assert (lost, double) == (0, 0)


def test_control_without_the_transaction_a_killed_run_leaves_halves(
    month: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: batches are no transaction, and some point leaves something half written."""
    total = statements_of_a_run(month)
    monkeypatch.setattr(deciding, "_make_batch", deciding._make_batch.__wrapped__)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    halves = 0
    for point in range(1, total + 1):
        start_anew()
        in_a_child(month, point)
        halves += not whole()

    assert halves > 0
