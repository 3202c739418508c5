"""Two people at once: exactly one of them wins, and the books stay right. Each race has a control whose guard is off and which fails."""

import contextvars
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from sanbao.audit import moves
from sanbao.ledger.queries import balance, broken_invariants
from sanbao.settlements import operations
from sanbao.settlements.models import HandIn, Sheet, Statement
from sanbao.settlements.queries import INVARIANTS
from sanbao.ui.refusal import Refusal
from tests.cast import APRIL, NOW, Cast, assemble
from tests.months import row, xlsx

PEOPLE = 6


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def at_once(what: Callable[[int], Any], count: int = PEOPLE) -> tuple[int, list[BaseException]]:
    """Run it in threads that start together: how many went through, and what the others got."""
    barrier, done, refused = threading.Barrier(count), [], []

    def run(number: int) -> None:
        try:
            barrier.wait()
            done.append(what(number))
        except (Refusal, IntegrityError) as error:
            refused.append(error)
        finally:
            connection.close()

    # Each thread works in the scope of the test.
    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, number)) for number in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return len(done), refused


def test_two_people_settling_the_same_month_make_one_statement(cast: Cast) -> None:
    for _ in range(5):
        cast.sheet()
    cast.received()

    done, refused = at_once(
        lambda _number: operations.make_statement(
            cast.outlets["GZ001"], APRIL, by=cast.access("clerk"), at=NOW
        )
    )

    assert (done, refused) == (PEOPLE, [])  # each remakes the draft of the one before
    assert Statement.objects.get().lines.count() == 5
    assert broken_invariants(INVARIANTS) == {}


@pytest.mark.parametrize(("noun", "who", "before"), [
    ("submission", "clerk", "draft"),
    ("check", "supervisor", "submitted"),
    ("approval", "head", "checked"),
    ("payment", "finance", "approved"),
])  # fmt: skip
def test_a_move_pressed_many_times_at_once_happens_once(cast: Cast, noun: str, who: str, before: str) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto=before)

    done, refused = at_once(
        lambda _number: operations.move(
            statement, noun, version=statement.version, by=cast.access(who), at=NOW
        )
    )

    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert broken_invariants(INVARIANTS) == {}
    if noun == "payment":
        assert balance(cast.company.pk, "bank") == -8000


def test_control_without_the_row_lock_a_move_happens_more_than_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: the same race without the lock, so the test above can fail."""
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    meeting = threading.Barrier(PEOPLE)
    original = moves.refuse_unless_legal

    def together(*args: Any) -> None:
        original(*args)
        meeting.wait(10)

    monkeypatch.setattr(moves, "refuse_unless_legal", together)

    done, _refused = at_once(
        lambda _number: operations.move(
            statement, "check", version=statement.version, by=cast.access("supervisor"), at=NOW
        )
    )

    assert done > 1


def test_a_file_taken_over_by_two_people_at_once_is_stored_once(cast: Cast) -> None:
    data = xlsx([row(单号=f"S{number}") for number in range(1, 6)])
    hand_in = operations.read_hand_in(
        cast.outlets["GZ001"], APRIL, data, "april.xlsx", by=cast.access("owner-GZ001"), at=NOW
    )

    done, refused = at_once(
        lambda _number: operations.take_over(hand_in, by=cast.access("owner-GZ001"), at=NOW)
    )

    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert Sheet.objects.count() == 5
    assert HandIn.objects.get().state == "taken"


def test_the_same_sheet_typed_in_by_several_is_kept_once(cast: Cast) -> None:
    done, refused = at_once(lambda _number: cast.sheet(number="SAME-1"))

    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert {refusal.code for refusal in refused if isinstance(refusal, Refusal)} == {"twice"}


def test_a_sheet_cannot_slip_into_a_month_while_it_is_being_submitted(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement()

    def one(number: int) -> None:
        if number == 0:
            operations.move(statement, "submission", version=None, by=cast.access("clerk"), at=NOW)
        else:
            cast.sheet(number=f"LATE-{number}")

    at_once(one)

    statement.refresh_from_db()
    if statement.state == "submitted":
        assert statement.records == Sheet.objects.count()
    else:
        assert statement.outdated


def test_a_month_of_many_outlets_is_made_in_few_statements(cast: Cast) -> None:
    for code in cast.outlets:
        cast.sheet(outlet=code)
        cast.received(outlet=code, on=date(2026, 5, 9))
    with CaptureQueriesContext(connection) as queries:
        (made,) = operations.make_statements(APRIL, by=cast.access("clerk"), at=NOW)

    assert made.statements == len(cast.outlets)
    assert len(queries) <= 30
