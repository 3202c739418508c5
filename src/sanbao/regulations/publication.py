"""From a finished draft to an edition the company decides by: review by a second person, back-test, publication, the day it takes force.

Two lists are filled by modules above when the app starts: who can show a back-test of a draft, and who knows which months are settled.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.regulations import drafting, events, operations
from sanbao.regulations.models import Change, Coming, Draft
from sanbao.regulations.queries import coming, latest_edition, rulebook
from sanbao.regulations.refusals import refuse
from sanbao.regulations.states import MOVES
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal, Stale
from sanbao_rules import amending
from sanbao_rules.amending import REMOVE, Difference
from sanbao_rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Report:
    """A finished back-test of a draft's content: `digest` says of exactly which content, `summary` what it found, `url` where it is read."""

    digest: str
    finished_at: str
    summary: str
    url: str = ""


# Asked for a back-test of a draft: a finished report, the newest, or None. Filled by the module above that makes them.
REPORTS: list[Callable[[Draft], Report | None]] = []
# Asked for the settled months from a day on: (company_id, book, since) -> first days of months. Filled by the module above that settles.
CLOSED: list[Callable[[int, str, date], list[date]]] = []


def move(
    draft: Draft, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = ""
) -> Draft:
    """Make one legal move of a draft: submission, approval, return, publication, withdrawal, recall."""
    obstacles: dict[str, Callable[[Draft], None]] = {
        "submission": lambda found: refuse_unfinished(found, at),
        "approval": lambda found: _refuse_authors(found, by),
        "publication": lambda found: _refuse_publication(found, by, at),
        "recall": lambda found: _refuse_in_force(found, at),
    }
    effects: dict[str, Callable[[Draft], None]] = {
        "publication": lambda found: _publish(found, by, at),
        "recall": lambda found: _recall(found, at),
    }
    with transaction.atomic():
        moved: Draft = moves.make(
            MOVES[noun], draft, version=version, by=by, at=at, reason=reason,
            obstacles=obstacles.get(noun, lambda found: None),
            effects=effects.get(noun, lambda found: None),
            details=lambda found: {"book": found.book, "edition": found.edition},
        )  # fmt: skip
        for hear in events.MOVED:
            hear(noun, moved, by=by, at=at)
    return moved


def _refuse_publication(draft: Draft, by: Access, at: datetime) -> None:
    _refuse_authors(draft, by)
    refuse_unfinished(draft, at)


def _refuse_authors(draft: Draft, by: Access) -> None:
    """Whoever wrote any of it neither approves nor publishes it (CO-1)."""
    authors = {draft.made_by_id, draft.editing_by_id, *draft.changes.values_list("by_id", flat=True)}
    if by.person_id in authors:
        raise Refusal(
            _("You have worked on this draft yourself; another person must do this."), code="four_eyes"
        )


def refuse_unfinished(draft: Draft, at: datetime) -> None:
    """What must be so before a draft is reviewed, and again before it is published."""
    changes = drafting.changes_of(draft)
    if not changes:
        raise Refusal(_("Nothing is changed yet: add a change first."), code="empty")
    today = timezone.localdate(at)
    if draft.from_day and draft.from_day < today:
        raise Refusal(
            _("The day it is to take force is past. Choose today or a later day, or leave it empty."),
            field="from_day",
            code="past",
        )
    before, after = rulebook(draft.base), drafting.book_of(draft)
    if before.digest == after.digest:
        raise Refusal(_("The draft says the same as the edition it changes."), code="empty")
    _refuse_changing_settled(draft, changes, before, after)


def _refuse_changing_settled(draft: Draft, changes: list[Change], before: Rulebook, after: Rulebook) -> None:
    if not (reached := settled_months(draft, before, after)):
        return
    if all(_corrects(changes, difference) for difference, _months in reached) and draft.keeps_settled:
        return
    difference, months = reached[0]
    words = {
        "parameter": after.parameters[difference.parameter].label[language()],
        "first": f"{months[0]:%Y-%m}", "last": f"{months[-1]:%Y-%m}", "next": f"{_month_after(months[-1])}",
    }  # fmt: skip
    if _corrects(changes, difference):
        raise Refusal(
            _(
                "“%(parameter)s”: the months %(first)s to %(last)s are settled by the value that you correct. Let a new value begin on %(next)s, or confirm at the head of the draft that settled months stay as they are."
            )
            % words,
            field="keeps_settled",
            code="settled",
        )
    raise Refusal(
        _(
            "“%(parameter)s”: the months %(first)s to %(last)s are settled already. Let the new value begin on %(next)s or later."
        )
        % words,
        field="since",
        code="settled",
    )


def _corrects(changes: list[Change], difference: Difference) -> bool:
    return any(
        change.kind == Change.Kind.CORRECT
        and (change.parameter, change.since) == (difference.parameter, difference.since)
        for change in changes
    )


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def settled_months(draft: Draft, before: Rulebook, after: Rulebook) -> list[tuple[Difference, list[date]]]:
    """The differences that would change a settled month, each with the months it reaches."""
    found = []
    for difference in amending.differences(before, after):
        if difference.same_value:
            continue
        last = _last_day(before, after, difference)
        months = sorted(
            {
                month
                for closed in CLOSED
                for month in closed(draft.company_id, draft.book, difference.since)
                if last is None or month <= last
            }
        )
        if months:
            found.append((difference, months))
    return found


def _last_day(before: Rulebook, after: Rulebook, difference: Difference) -> date | None:
    """The last day on which the two say something different because of this: the day before the next value of either."""
    ends = [
        last
        for book in (before, after)
        if difference.parameter in book.parameters
        and (last := amending.until(book, difference.parameter, difference.since))
    ]
    return min(ends, default=None)


def report_of(draft: Draft) -> Report | None:
    """The newest finished back-test of exactly what the draft says now."""
    digest = drafting.book_of(draft).digest
    reports = [report for ask in REPORTS if (report := ask(draft)) and report.digest == digest]
    return max(reports, key=lambda report: report.finished_at, default=None)


def needs_report(draft: Draft) -> bool:
    """Whether a back-test must be attached.

    Not where none can be made, nor for a year's holiday notice: it is the State Council's, each for its own year, and decides nothing past.
    """
    if not REPORTS or not settings.BACK_TEST_REQUIRED:
        return False
    kinds = set(draft.changes.values_list("kind", flat=True))
    return kinds != {Change.Kind.HOLIDAYS}


def _publish(draft: Draft, by: Access, at: datetime) -> None:
    """Pin the edition and adopt it, now or for its day. Two who publish drafts of one book: the second finds its base outdated."""
    _hold_company(by)
    refuse_outdated(draft)
    report = report_of(draft)
    if report is None and needs_report(draft):
        raise Refusal(
            _(
                "A finished back-test of exactly this content is needed first: start one, and publish when it is done."
            ),
            code="report",
        )
    edition = operations.pin(
        drafting.book_of(draft), at=at, company_id=draft.company_id, by=by, derived_from=draft.base
    )
    draft.result, draft.report = edition, asdict(report) if report else None
    today = timezone.localdate(at)
    if draft.from_day is None or draft.from_day <= today:
        operations.take_over(edition, by=by, at=at)
        return
    if any(one.from_day >= draft.from_day for one in coming(draft.company_id, draft.book)):
        raise Refusal(
            _("Another edition takes force on that day or later and this one is built on it. Choose a later day."),
            field="from_day", code="order",
        )  # fmt: skip
    Coming.objects.create(
        company_id=draft.company_id, book=draft.book, edition=edition, from_day=draft.from_day,
        published_at=at, published_by_id=by.person_id,
    )  # fmt: skip


def _hold_company(by: Access) -> None:
    """One publication at a time in a company."""
    Company.objects.select_for_update().get(pk=by.company_id)


def is_outdated(draft: Draft) -> bool:
    """Whether another edition was published since the draft was begun."""
    return latest_edition(draft.company_id, draft.book).pk != draft.base_id


def refuse_outdated(draft: Draft) -> None:
    if is_outdated(draft):
        raise Stale(
            _("Another edition of the book was published meanwhile. Send the draft back and merge the two."),
            code="outdated",
        )


def _refuse_in_force(draft: Draft, at: datetime) -> None:
    waiting = Coming.objects.filter(
        edition=draft.result, ended_at__isnull=True, from_day__gt=timezone.localdate(at)
    )
    if not waiting.exists():
        raise Refusal(
            _("It is in force already. A published edition is not taken back: make another one."),
            code="in_force",
        )


def _recall(draft: Draft, at: datetime) -> None:
    """The edition does not take force; it stays stored, and its name stays taken."""
    later = Draft.objects.filter(base=draft.result).exclude(pk=draft.pk)
    if any(one.state == "published" for one in later):
        raise Refusal(_("A later edition is built on this one: recall that one first."), code="built_on")
    Coming.objects.filter(edition=draft.result, ended_at__isnull=True).update(ended_at=at)


@transaction.atomic
def take_force(*, at: datetime) -> int:
    """Write the adoption of every edition whose day has come. Run by the worker; reads know it without (`queries.editions_in_force`)."""
    today = timezone.localdate(at)
    due = Coming.objects.filter(ended_at__isnull=True, from_day__lte=today).select_related(
        "edition", "published_by"
    )
    taken = 0
    for one in due.select_for_update(of=("self",), skip_locked=True).order_by("from_day", "id"):
        by = Access(one.published_by_id, one.company_id, name=one.published_by.name)
        midnight = timezone.make_aware(datetime.combine(one.from_day, time()))
        one.ended_at = at
        one.save(update_fields=["ended_at"])
        operations.take_over(one.edition, by=by, at=midnight)
        taken += 1
    return taken


# --- Two drafts at once -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clash:
    """A parameter that both the draft and the edition published meanwhile changed."""

    parameter: str
    mine: list[Difference]
    theirs: list[Difference]


def merging(draft: Draft) -> tuple[list[Difference], list[Difference], list[Clash]]:
    """What only the draft changes, what only the edition published meanwhile changes, and what both do."""
    base, latest = rulebook(draft.base), rulebook(latest_edition(draft.company_id, draft.book))
    mine = amending.differences(base, drafting.book_of(draft))
    theirs = amending.differences(base, latest)
    both = {one.parameter for one in mine} & {one.parameter for one in theirs}
    clashes = [
        Clash(
            name,
            [one for one in mine if one.parameter == name],
            [one for one in theirs if one.parameter == name],
        )
        for name in latest.parameters
        if name in both
    ]
    return (
        [one for one in mine if one.parameter not in both],
        [one for one in theirs if one.parameter not in both],
        clashes,
    )


@transaction.atomic
def merge(draft: Draft, chosen: dict[str, str], *, by: Access, at: datetime) -> Draft:
    """Put the draft upon the edition published meanwhile. `chosen` says of each parameter both changed whose stands: "mine" or "theirs"."""
    found = drafting.editable(draft, by=by)
    latest = latest_edition(found.company_id, found.book)
    _mine, _theirs, clashes = merging(found)
    if missing := [
        clash.parameter for clash in clashes if chosen.get(clash.parameter) not in ("mine", "theirs")
    ]:
        raise Refusal(_("Choose for each of them which shall stand."), field=missing[0], code="choose")
    dropped = [clash.parameter for clash in clashes if chosen[clash.parameter] == "theirs"]
    Change.objects.filter(draft=found, parameter__in=dropped).delete()
    found.base = latest
    book = rulebook(latest)
    for change in drafting.changes_of(found):
        _fit(change, book, found)
    drafting.touch(found, by, at)
    audit.record("regulations:draft:merged", found, by=by, at=at, base=latest.edition, dropped=dropped)
    return found


def _fit(change: Change, book: Rulebook, draft: Draft) -> None:
    """A change as it reads upon the new base: what was added there already is now corrected, what is gone there is now added."""
    if change.parameter not in book.parameters:
        change.delete()
        return
    there = any(value.since == change.since for value in book.history(change.parameter))
    if change.kind == Change.Kind.REMOVE and not there:
        change.delete()
        return
    if change.kind in (Change.Kind.ADD, Change.Kind.CORRECT):
        kind = Change.Kind.CORRECT if there else Change.Kind.ADD
        if kind != change.kind:
            change.kind = kind
            change.save(update_fields=["kind"])
    how = REMOVE if change.kind == Change.Kind.REMOVE else amending.CORRECT if there else amending.ADD
    asked = amending.Amendment(
        change.parameter, how, change.since, drafting.amendment(change).value, change.clause
    )
    if wrong := amending.wrongs(book, asked, draft.clauses):
        raise refuse(wrong[0], book)
