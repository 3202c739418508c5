"""Many hands in the books at once: whatever they post, reverse and overdraw, every invariant holds (KA-11.1: what is settled is right to the fen).

Eight threads post and reverse at random on a few shared accounts, one of which has a floor. In full size with SANBAO_FAULTS=1.
"""

import contextvars
import os
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection

from sanbao.ledger import operations as ledger
from sanbao.ledger.models import Account, Entry
from sanbao.ledger.operations import Place
from sanbao.ledger.queries import broken_invariants
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, assemble

THREADS = 8
OPERATIONS = 10_000 if os.environ.get("SANBAO_FAULTS") == "1" else 400
PLACES = [
    Place("bank"),
    Place("service-cost"),
    Place("fund"),
    *(Place("outlet-payable", number) for number in (1, 2, 3)),
]

pytestmark = pytest.mark.django_db(transaction=True)


def storm(cast: Cast, count: int) -> dict[str, int]:
    """So many random operations from eight threads: how many were done and how many refused."""
    by = cast.access("finance")
    done = {"posted": 0, "reversed": 0, "refused": 0, "broken off": 0}
    counting = threading.Lock()

    def one(dice: random.Random, number: str) -> str:
        if dice.random() < 0.25 and (entry := Entry.objects.filter(reverses=None).order_by("?").first()):
            ledger.reverse(entry, key=f"undo-{entry.pk}-{number}", by=by, at=NOW)
            return "reversed"
        chosen = dice.sample(PLACES, dice.randint(2, 4))
        amounts = [dice.randint(-5000, 5000) for _ in chosen[1:]]
        ledger.post(
            "storm", dict(zip(chosen, [-sum(amounts), *amounts], strict=True)), source=cast.company, key=number, by=by, at=NOW
        )  # fmt: skip
        return "posted"

    def work(thread: int) -> None:
        dice = random.Random(thread)
        try:
            for number in range(count // THREADS):
                try:
                    what = one(dice, f"{thread}-{number}")
                except (Refusal, IntegrityError):
                    what = "refused"  # reversed by another, or under the floor
                except OperationalError:
                    what = "broken off"  # a deadlock: accounts are locked in order, so there should be none
                with counting:
                    done[what] += 1
        finally:
            connection.close()

    together(work)
    return done


def together(work: Callable[[int], Any]) -> None:
    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(work, thread))
        for thread in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)


def books(cast: Cast) -> None:
    """The accounts, the fund with a floor of nothing."""
    by = cast.access("finance")
    opening = {Place("fund"): 100_000, Place("bank"): -100_000}
    ledger.post("opening", opening, source=cast.company, key="opening", by=by, at=NOW)
    Account.objects.filter(code="fund").update(floor=0)


@pytest.mark.slow
def test_whatever_eight_threads_post_and_reverse_every_invariant_holds(record_property: Any) -> None:
    cast = assemble()
    books(cast)

    done = storm(cast, OPERATIONS)

    record_property("operations", sum(done.values()))
    for what, count in done.items():
        record_property(what, count)
    assert sum(done.values()) == OPERATIONS
    assert done["posted"] > 0 < done["reversed"]
    assert done["broken off"] == 0
    assert broken_invariants({}) == {}
    assert Account.objects.get(code="fund").balance >= 0


def test_control_without_the_constraint_a_balance_falls_under_its_floor() -> None:
    """The guard off: the check that the storm rests on can fail."""
    cast = assemble()
    books(cast)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_account DROP CONSTRAINT account_not_under_its_floor")
    try:
        by = cast.access("finance")
        ledger.post(
            "storm", {Place("fund"): -100_001, Place("bank"): 100_001}, source=cast.company, key="x", by=by, at=NOW
        )  # fmt: skip
        assert Account.objects.get(code="fund").balance < 0
        assert broken_invariants({}) != {}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_account SET floor = NULL")
            cursor.execute(
                "ALTER TABLE ledger_account ADD CONSTRAINT account_not_under_its_floor CHECK (floor IS NULL OR balance >= floor)"
            )


def test_control_without_the_balances_trigger_balances_are_no_longer_their_postings() -> None:
    """The guard off: balances that do not follow the postings are found."""
    cast = assemble()
    books(cast)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_account SET balance = balance + 1 WHERE code = 'bank'")
    assert broken_invariants({}) != {}
