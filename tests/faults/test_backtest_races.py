"""Two people begin the same back-test at once: one is at work. And a killed worker leaves whole pieces behind (SR-9)."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from sanbao.backtests import operations, processes, reading, running
from sanbao.backtests.models import BackTest, Difference, Piece
from sanbao.decisions.models import Decision
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once
from tests.modules.backtests.tried import MARCH, ladder, march_of_three, tried

PEOPLE = 4
POINTS = (6, 12, 18, 24, 30) if os.environ.get("SANBAO_FAULTS") != "1" else tuple(range(1, 60, 2))


@pytest.fixture
def cast(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(reading, "WEIGHT", 1)
    monkeypatch.setattr(processes, "cores", lambda: 1)
    cast = assemble()
    march_of_three(cast)
    return cast


def begun_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many back-tests there are after several people have begun the same one, each having seen that there is none."""
    edition = ladder(cast)
    meeting = threading.Barrier(PEOPLE)
    look = operations._there_already

    def together(test: BackTest) -> BackTest | None:
        found = look(test)
        meeting.wait(10)
        return found

    monkeypatch.setattr(operations, "_there_already", together)
    candidate = operations.Candidate.of_edition(edition, cast.company.pk)
    done, refused = at_once(
        lambda _number: operations.begin(candidate, MARCH, MARCH, by=cast.access("head"), at=NOW), PEOPLE
    )
    assert (done, refused) == (PEOPLE, [])  # everybody is led to the one that is at work
    return BackTest.objects.count()


def test_several_who_begin_the_same_are_led_to_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert begun_at_once(cast, monkeypatch) == 1


def test_control_without_the_constraint_the_same_is_at_work_several_times(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: every key is another one, so that the constraint finds nothing to hold."""
    keys = iter(range(1000))
    monkeypatch.setattr(operations, "_key", lambda test: f"key {next(keys)}")
    assert begun_at_once(cast, monkeypatch) == PEOPLE


def in_a_child(work: Callable[[], Any], kill_before: int) -> int:
    """Work in a forked process that kills itself before its n-th statement; the signal it died of, 0 if it finished."""
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
                work()
        except BaseException:
            os._exit(99)
        os._exit(0 if parents is not None else 1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def test_a_killed_worker_leaves_whole_pieces_and_the_next_one_comes_to_the_same(cast: Cast) -> None:
    edition, head = ladder(cast), cast.access("head")
    tried(cast, edition)
    decisions = Decision.objects.count()
    killed = 0
    for point in POINTS:
        test = tried(cast, edition, run=False, afresh=True)
        killed += in_a_child(lambda test=test: running.run(test, by=head, at=lambda: NOW), point) != 0
        done = Piece.objects.filter(backtest=test).exclude(done_at=None)
        test.refresh_from_db()
        assert test.records == sum(done.values_list("records", flat=True))  # whole pieces, counted
        again = running.run(test, by=head, at=lambda: NOW)
        assert (again.state, again.records, again.money) == ("done", 3, 24_00)
        assert Difference.objects.filter(backtest=test).count() == 2
    assert killed >= 4  # the last points of the long list lie behind its end
    assert Decision.objects.count() == decisions
