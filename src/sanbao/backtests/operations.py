"""Beginning, stopping and going on with a back-test. Stored decisions are only ever read."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.backtests import editions, processes, reading, running, telling
from sanbao.backtests.kinds import KINDS
from sanbao.backtests.models import BackTest, Difference
from sanbao.backtests.permissions import May
from sanbao.decisions.models import Decision
from sanbao.regulations import drafting
from sanbao.regulations.models import Draft, Edition
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.refusal import Refusal
from sanbao_rules.decision import RULES_VERSION
from sanbao_rules.periods import add_months
from sanbao_rules.rulebook import Rulebook

MOST_MONTHS = 120
SAMPLE = 300


@dataclass(frozen=True, slots=True)
class Candidate:
    """The book that a period is to be decided by, where it comes from, and the edition it is compared with."""

    book: Rulebook
    edition: Edition | None = None
    draft: Draft | None = None
    base: Edition | None = None

    @classmethod
    def of_edition(cls, edition: Edition, company_id: int | None) -> "Candidate":
        """An edition, compared with the one in force."""
        return cls(rulebook(edition), edition=edition, base=edition_in_force(company_id, edition.book))

    @classmethod
    def of_draft(cls, draft: Draft) -> "Candidate":
        """What a draft says now, compared with the edition it changes."""
        return cls(drafting.book_of(draft), draft=draft, base=draft.base)

    def on(self) -> date | None:
        """The day whose rules are meant: the last one from which something new holds."""
        return editions.new_since(rulebook(self.base), self.book) if self.base else None


@transaction.atomic
def begin(
    candidate: Candidate | None,
    first: date,
    last: date,
    kinds: Sequence[str] = (),
    *,
    as_if: bool = True,
    on: date | None = None,
    afresh: bool = False,
    by: Access,
    at: datetime,
) -> BackTest:
    """Have the months from `first` to `last` decided again by the worker; without a candidate each decision by its own editions.

    `as_if`: what changes holds as it does on a day (`on`, else the last day that brings something new), as if it always had. What is at
    work already, or done since nothing has been decided, is not done twice, unless `afresh`.
    """
    by.require(May.MAKE)
    test = drafted(candidate, first, last, kinds, as_if=as_if, on=on, by=by, at=at)
    if not afresh and (there := _there_already(test)):
        return there
    _refuse_nothing(test)
    try:
        with transaction.atomic():
            test.save(force_insert=True)
    except IntegrityError:
        if (other := _open(test)) is None:
            raise
        return other  # somebody else began the same at this moment
    audit.record(
        "backtests:backtest:begun", test, by=by, at=at, book=test.cited, first=f"{first:%Y-%m}", last=f"{last:%Y-%m}"
    )  # fmt: skip
    _hand_over(test)
    return test


def drafted(
    candidate: Candidate | None, first: date, last: date, kinds: Sequence[str] = (), *, as_if: bool = True, on: date | None = None,
    by: Access, at: datetime,
) -> BackTest:  # fmt: skip
    """The back-test as it would be begun, not stored: for the estimate."""
    first, last = first.replace(day=1), last.replace(day=1)
    if last < first:
        raise Refusal(_("The last month lies before the first."), field="last_month", code="period")
    if last > add_months(first, MOST_MONTHS - 1):
        raise Refusal(
            _("At most %(count)d months at once.") % {"count": MOST_MONTHS}, field="last_month", code="period"
        )
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise Refusal(_("There is no kind “%(kind)s”.") % {"kind": unknown[0]}, field="kinds", code="kind")
    test = BackTest(
        company_id=by.company_id, what=BackTest.What.REPLAY, first_month=first, last_month=last,
        kinds=[code for code in KINDS if not kinds or code in kinds], rules_version=RULES_VERSION,
        made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    if candidate is not None:
        test.what, test.book = BackTest.What.BACK_TEST, candidate.book.name
        test.content, test.digest = candidate.book.to_json(), candidate.book.digest
        test.edition, test.draft, test.base = candidate.edition, candidate.draft, candidate.base
        test.on = (on or candidate.on()) if as_if else None
    test.key = _key(test)
    return test


def _key(test: BackTest) -> str:
    """Everything that decides what comes out, but for the decisions themselves."""
    told = [
        test.what, test.digest, test.base.digest if test.base else "", test.on, test.first_month, test.last_month, sorted(test.kinds), test.rules_version,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _open(test: BackTest) -> BackTest | None:
    found: BackTest | None = BackTest.objects.filter(
        company_id=test.company_id, key=test.key, state__in=(BackTest.State.WAITING, BackTest.State.RUNNING)
    ).first()
    return found


def _there_already(test: BackTest) -> BackTest | None:
    """The same back-test, at work or done; None where something was decided since it began."""
    if at_work := _open(test):
        return at_work
    done: BackTest | None = (
        BackTest.objects.filter(company_id=test.company_id, key=test.key, state=BackTest.State.DONE)
        .order_by("-id")
        .first()
    )
    if done is None or is_behind(done):
        return None
    return done


def is_behind(test: BackTest) -> bool:
    """Whether anything was decided since the back-test began, so that it might come to something else now."""
    decided: bool = Decision.objects.filter(
        company_id=test.company_id, made_at__gte=test.started_at or test.made_at
    ).exists()
    return decided


def _refuse_nothing(test: BackTest) -> None:
    """A period without records proves nothing. Where nothing at all rests on a draft's book yet, that is what its report says."""
    if reading.counted(reading.parameters(test))[0]:
        return
    if test.draft_id and not reading.counted(_ever(test))[0]:
        return
    raise Refusal(
        _("Nothing was decided in this period that rests on this rulebook. Choose other months or kinds.")
        if test.book
        else _("Nothing was decided in this period. Choose other months or kinds."),
        field="first_month", code="nothing",
    )  # fmt: skip


def _ever(test: BackTest) -> dict[str, Any]:
    """The book's decisions of all times."""
    last = add_months(test.made_at.date().replace(day=1), 1)
    return reading.asked_for(test.company_id, test.book, date(2000, 1, 1), last, list(KINDS))


def _hand_over(test: BackTest) -> None:
    from sanbao.backtests import tasks  # the worker's side knows the operations

    tasks.hand_over(test)


@transaction.atomic
def stop(test: BackTest, *, by: Access, at: datetime) -> BackTest:
    """End it before it is through. What is done stays, so that it can go on later."""
    by.require(May.MAKE)
    test = _locked(test, by)
    if not test.is_open:
        raise _not_any_more(test)
    test.state, test.ended_at = BackTest.State.STOPPED, at
    test.save(update_fields=["state", "ended_at"])
    audit.record("backtests:backtest:stopped", test, by=by, at=at, records=test.records)
    return test


@transaction.atomic
def go_on(test: BackTest, *, by: Access, at: datetime) -> BackTest:
    """Go on with what was stopped, could not be finished, or whose worker was killed; what is done is not done again."""
    by.require(May.MAKE)
    test = _locked(test, by)
    if test.state == BackTest.State.DONE:
        raise _not_any_more(test)
    if test.is_open and not running.nobody_at_work(test):
        raise Refusal(_("The worker is at it at this moment."), code="state")
    if (other := _open(test)) and other.pk != test.pk:
        raise Refusal(_("The same is being decided again already: see %(other)s.") % {"other": other}, code="state")  # fmt: skip
    test.state = BackTest.State.RUNNING if test.pieces.exists() else BackTest.State.WAITING
    test.ended_at, test.attempts = None, 0
    test.save(update_fields=["state", "ended_at", "attempts"])
    audit.record("backtests:backtest:resumed", test, by=by, at=at, records=test.records)
    _hand_over(test)
    return test


def again(test: BackTest, *, by: Access, at: datetime) -> BackTest:
    """The same once more from the beginning, by the same book; what came out before stays."""
    if test.what == BackTest.What.BACK_TEST:
        candidate = Candidate(Rulebook.from_json(test.content), test.edition, test.draft, test.base)
    else:
        candidate = None
    return begin(
        candidate, test.first_month, test.last_month, test.kinds, as_if=test.on is not None, on=test.on, afresh=True, by=by, at=at
    )  # fmt: skip


def _locked(test: BackTest, by: Access) -> BackTest:
    found: BackTest = (
        BackTest.objects.visible_to(by, May.MAKE).select_for_update(of=("self",)).get(pk=test.pk)
    )
    return found


def _not_any_more(test: BackTest) -> Refusal:
    return Refusal(
        _("This back-test is %(state)s already.") % {"state": test.get_state_display()}, code="state"
    )


# Every night


@transaction.atomic
def replay_sample(company_id: int, *, at: datetime, size: int = SAMPLE) -> tuple[int, BackTest | None]:
    """Decide some of a company's decisions again by their own editions, others every night, and look whether each edition still says what it said.

    How many were decided again; and the record of it where anything differs: then those who keep the rules are told.
    """
    ids = sample(company_id, at.date(), size)
    asked, outlets = reading.sampled(company_id, ids)
    broken = running.broken_editions(company_id)
    if not asked and not broken:
        return 0, None
    decide = processes.here(running.books_of_company(company_id, but=broken), "", ())
    result = decide(asked)
    if not result.found and not broken:
        return len(asked), None
    months = sorted(date.fromisoformat(each.month) for each in asked) or [at.date().replace(day=1)]
    by = Access(None, company_id, request="job")
    whole = running.summed(result.tallies)
    test = BackTest.objects.create(
        company_id=company_id, what=BackTest.What.SAMPLE, first_month=months[0], last_month=months[-1],
        kinds=list(KINDS), key=f"sample {at.isoformat()}"[:64], state=BackTest.State.DONE, rules_version=RULES_VERSION,
        total=len(asked), records=len(asked), differing=whole.differing, undecided=whole.undecided, totals=result.tallies,
        verdicts=result.verdicts, broken=broken, made_at=at, started_at=at, ended_at=at,
    )  # fmt: skip
    Difference.objects.bulk_create(running.differences(test, result, outlets))
    telling.alarm(test, by=by, at=at)
    return len(asked), test


def sample(company_id: int, day: date, size: int) -> list[int]:
    """The numbers of decisions to look at: half of the newest thousand, half from all there ever were; the same day gives the same."""
    rows = Decision.objects.filter(company_id=company_id)
    ends = rows.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return []
    chance = Random(f"{company_id} {day}")  # noqa: S311 — a sample, no secret
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:1000])
    chosen = set(chance.sample(newest, min(len(newest), size - size // 2)))
    for _try in range(size // 2):
        at_or_after = chance.randint(ends["first"], ends["last"])
        found = rows.filter(pk__gte=at_or_after).order_by("pk").values_list("pk", flat=True).first()
        if found is not None:
            chosen.add(found)
    return sorted(chosen)


def waiting_for_nobody() -> list[BackTest]:
    """Back-tests that should be at work and are not: their worker was killed, or the machine was switched off."""
    found = BackTest.objects.filter(state__in=(BackTest.State.WAITING, BackTest.State.RUNNING)).order_by("pk")
    return [test for test in found if running.nobody_at_work(test)]
