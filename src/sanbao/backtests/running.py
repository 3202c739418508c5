"""The worker's part: cut the period into pieces, decide them on every core, write each piece whole.

Nothing is kept in memory that a killed worker would lose: a piece is done with its differences in one transaction, or it is not done.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.backtests import editions, processes, reading, telling
from sanbao.backtests.deciding import CUSTOMER, OUTLET, Result, Tally, whose
from sanbao.backtests.models import BackTest, Difference, Piece
from sanbao.edge.copying import copy_in
from sanbao.regulations.models import Edition
from sanbao_rules.rulebook import Rulebook, RulebookError

MOST_ATTEMPTS = 3
ALONE = 2  # up to so many pieces one process is quicker than starting others

Clock = Callable[[], datetime]


class DoesNotAddUp(RuntimeError):
    """The pieces and the differences disagree: such a result must not be shown."""


def run(test: BackTest, *, by: Access, at: Clock = timezone.now) -> BackTest:
    """Go on with a back-test until it is through, or somebody stops it. Another one at work with it is left alone."""
    with _at_work(test) as alone:
        if not alone:
            return test
        test = _begun(test, at)
        if test.state != BackTest.State.RUNNING:
            return test
        asked = reading.parameters(test)
        for piece, result, outlets in _decided(test, asked):
            if not _write(test, piece, result, outlets, at):
                test.refresh_from_db()
                return test
        return _end(test, by, at)


@contextmanager
def _at_work(test: BackTest) -> Iterator[bool]:
    """Whether nobody else is at work with it; the lock lives with a connection of its own, and dies with the process."""
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('backtests:at-work'), %s)", [test.pk])
            yield bool(cursor.fetchone()[0])
    finally:
        beside.close()


def nobody_at_work(test: BackTest) -> bool:
    """Whether no worker has it in hand at this moment."""
    with _at_work(test) as alone:
        return alone


@transaction.atomic
def _begun(test: BackTest, at: Clock) -> BackTest:
    """Cut into pieces, the first time; each start is counted, so that what always fails ends."""
    test = BackTest.objects.select_for_update(of=("self",)).get(pk=test.pk)
    if not test.is_open:
        return test
    test.attempts += 1
    if test.attempts > MOST_ATTEMPTS:
        test.state, test.ended_at = BackTest.State.FAILED, at()
        test.save(update_fields=["state", "ended_at", "attempts"])
        return test
    if test.state == BackTest.State.WAITING:
        asked = reading.parameters(test)
        pieces = [
            Piece(
                backtest=test, number=number, first_id=portion.first_id, last_id=portion.last_id, records=portion.records
            )
            for number, portion in enumerate(reading.portions(asked), 1)
        ]  # fmt: skip
        Piece.objects.bulk_create(pieces, batch_size=1000)
        test.total = sum(piece.records for piece in pieces)
        test.skipped = reading.skipped(asked)
        if test.what != BackTest.What.BACK_TEST:
            test.broken = broken_editions(test.company_id)
        test.state, test.started_at = BackTest.State.RUNNING, at()
    test.save(update_fields=["state", "started_at", "attempts", "total", "skipped", "broken"])
    return test


def _decided(test: BackTest, asked: dict[str, Any]) -> Iterator[tuple[Piece, Result, dict[int, int | None]]]:
    """The pieces that are not done yet, with what came of them. Reading goes on while others decide."""
    waiting = list(test.pieces.filter(done_at=None).order_by("number"))
    by_number = {piece.number: piece for piece in waiting}
    outlets: dict[int, dict[int, int | None]] = {}

    def pieces() -> Iterator[processes.Piece]:
        for piece in waiting:
            found, outlets[piece.number] = reading.of_portion(asked, piece.first_id, piece.last_id)
            yield piece.number, found

    several = 1 if len(waiting) <= ALONE else min(processes.cores(), len(waiting))
    stored, steps = books_of_company(test.company_id), editions.as_json(steps_of(test))
    for number, result in processes.results(pieces(), stored, test.book, steps, processes=several):
        yield by_number[number], result, outlets.pop(number)


def books_of_company(company_id: int, but: Collection[int] = ()) -> dict[int, Mapping[str, Any]]:
    """The content of every edition that a decision of the company may rest on, except those that can't be trusted."""
    rows = Edition.objects.in_company(company_id).exclude(pk__in=but)
    return dict(rows.values_list("pk", "content"))


def broken_editions(company_id: int) -> list[int]:
    """The editions that no longer say what their digest says: somebody has changed them behind the program's back."""
    broken = []
    for pk, digest, content in Edition.objects.in_company(company_id).values_list("pk", "digest", "content"):
        try:
            whole = Rulebook.from_json(content).digest == digest
        except (RulebookError, LookupError, ValueError, TypeError):
            whole = False
        if not whole:
            broken.append(pk)
    return broken


def steps_of(test: BackTest) -> list[editions.Step]:
    """From the book it is compared with to the one it is decided by; none for a replay."""
    if test.content is None:
        return []
    candidate = Rulebook.from_json(test.content)
    base = Rulebook.from_json(test.base.content) if test.base else candidate
    return editions.steps(base, candidate, test.on)


@as_owner("COPY is refused where row-level security holds; who began it was asked for the permission")
@transaction.atomic
def _write(
    test: BackTest, piece: Piece, result: Result, outlets: Mapping[int, int | None], at: Clock
) -> bool:
    """A piece with its differences; False where the back-test was stopped meanwhile. Written once, whoever brings it twice."""
    state = BackTest.objects.select_for_update(of=("self",)).values_list("state", flat=True).get(pk=test.pk)
    if state != BackTest.State.RUNNING:
        return False
    fresh = Piece.objects.filter(pk=piece.pk, done_at=None).update(
        done_at=at(), tallies=result.tallies, steps=result.steps, verdicts=result.verdicts
    )
    if fresh:
        copy_in(differences(test, result, outlets))
        counts = summed(result.tallies)
        BackTest.objects.filter(pk=test.pk).update(
            records=F("records") + counts.records,
            differing=F("differing") + counts.differing,
            undecided=F("undecided") + counts.undecided,
        )
    return True


def differences(test: BackTest, result: Result, outlets: Mapping[int, int | None]) -> list[Difference]:
    """The rows of what differs."""
    return [
        Difference(
            company_id=test.company_id, backtest_id=test.pk, decision_id=found.pk, outlet_id=outlets.get(found.pk),
            question=found.question, month=date.fromisoformat(found.month), kind=found.kind, answer=found.answer,
            money=found.money or 0, steps=found.steps, problem=found.problem,
        )
        for found in result.found
    ]  # fmt: skip


def summed(tallies: Mapping[str, Mapping[str, list[int]]]) -> Tally:
    whole = Tally()
    for months in tallies.values():
        for tally in months.values():
            whole.add(Tally(*tally))
    return whole


@transaction.atomic
def _end(test: BackTest, by: Access, at: Clock) -> BackTest:
    """Add the pieces up, and refuse to end where they and the differences do not come to the same."""
    test = BackTest.objects.select_for_update(of=("self",)).get(pk=test.pk)
    if test.state != BackTest.State.RUNNING or test.pieces.filter(done_at=None).exists():
        return test
    totals: dict[str, dict[str, Tally]] = {}
    steps: dict[str, dict[str, int]] = {}
    verdicts: dict[str, dict[str, int]] = {}
    for piece in test.pieces.order_by("number"):
        for question, months in piece.tallies.items():
            for month, tally in months.items():
                totals.setdefault(question, {}).setdefault(month, Tally()).add(Tally(*tally))
        for name, counts in piece.steps.items():
            _add(steps.setdefault(name, {}), counts)
        for question, moves in piece.verdicts.items():
            _add(verdicts.setdefault(question, {}), moves)
    test.totals = {
        question: {month: months[month].as_list() for month in sorted(months)} for question, months in sorted(totals.items())
    }  # fmt: skip
    test.steps, test.verdicts = steps, verdicts
    test.money, test.customer_money = (_more(test.totals, of) for of in (OUTLET, CUSTOMER))
    check_sums(test)
    test.state, test.ended_at = BackTest.State.DONE, at()
    test.save()
    audit.record(
        "backtests:backtest:ended", test, by=by, at=at(), records=test.records, differing=test.differing, undecided=test.undecided
    )  # fmt: skip
    if test.what == BackTest.What.BACK_TEST:
        telling.done(test, by=by, at=at())
    elif not test.is_clean:
        telling.alarm(test, by=by, at=at())
    return test


def _add(sums: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        sums[name] = sums.get(name, 0) + count


def _more(totals: Mapping[str, Mapping[str, list[int]]], of: str) -> int:
    """What the months come to more, by the sums before and after, of outlets' or customers' money."""
    return sum(
        (tally := Tally(*each)).after - tally.before
        for question, months in totals.items()
        if whose(question) == of
        for each in months.values()
    )


def check_sums(test: BackTest) -> None:
    """The sums before and after must differ by what the differences, and what the steps, come to."""
    by_question = dict(
        Difference.objects.filter(backtest=test)
        .values_list("question")
        .annotate(Sum("money"))
        .order_by("question")
    )
    kinds = {
        kind: Difference.objects.filter(backtest=test, kind=kind).count() for kind in Difference.Kind.values
    }
    whole = summed(test.totals)
    wrong = []
    for of, money in ((OUTLET, test.money), (CUSTOMER, test.customer_money)):
        listed = sum(amount or 0 for question, amount in by_question.items() if whose(question) == of)
        stepped = sum(counts.get(of, 0) for counts in test.steps.values())
        if not money == listed == stepped and test.what == BackTest.What.BACK_TEST:
            wrong.append(f"{of}: totals {money}, differences {listed}, steps {stepped}")
    if whole.differing != kinds["answer"] + kinds["reasons"] or whole.undecided != kinds["undecided"]:
        wrong.append(f"counts {whole.differing}, {whole.undecided}; differences {kinds}")
    if (whole.records, whole.differing, whole.undecided) != (test.records, test.differing, test.undecided):
        wrong.append(f"pieces {whole.records}, back-test {test.records}")
    if wrong:
        raise DoesNotAddUp(f"back-test {test.pk} does not add up: {'; '.join(wrong)}")
