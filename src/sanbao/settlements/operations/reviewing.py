"""A finding's way from proposal to its end: confirmed by a second person, accepted or appealed by the outlet, decided by a third."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.outlets.models import Outlet
from sanbao.settlements import telling
from sanbao.settlements.finding_states import FINDING_MOVES, STANDING, FindingState
from sanbao.settlements.models import Finding, Remark
from sanbao.settlements.operations import taking_effect
from sanbao.settlements.operations.proposing import Evidence, remark
from sanbao.settlements.permissions import May
from sanbao.ui.formats import short_date
from sanbao.ui.refusal import Refusal


def move_finding(
    finding: Finding,
    noun: str,
    reason: str = "",
    evidence: Sequence[Evidence] = (),
    *,
    kind: str = "",
    refund_fen: int = 0,
    version: int | None,
    by: Access,
    at: datetime,
) -> Finding:
    """Any of the moves below by its noun, for pages and API; what a move has no use for is left aside."""
    seen: dict[str, Any] = {"version": version, "by": by, "at": at}
    match noun:
        case "confirmation":
            return confirm_finding(finding, **seen)
        case "dropping":
            return drop_finding(finding, reason, **seen)
        case "acceptance":
            return accept_finding(finding, **seen)
        case "appeal":
            return appeal_finding(finding, reason, evidence, **seen)
        case "late-appeal":
            return admit_late_appeal(finding, reason, **seen)
        case "upholding":
            return uphold_finding(finding, reason, **seen)
        case "granting":
            return grant_appeal(finding, reason, kind=kind, refund_fen=refund_fen, **seen)
    raise KeyError(noun)


def confirm_finding(finding: Finding, *, version: int | None, by: Access, at: datetime) -> Finding:
    """A second person confirms: the outlet is shown the finding with its evidence, and it counts from now on (KA-11.2)."""
    moved = _move(
        finding, "confirmation", version=version, by=by, at=at,
        effects=lambda locked: taking_effect.begin(locked, by=by, at=at),
    )  # fmt: skip
    telling.found(moved, by=by, at=at)
    return moved


def drop_finding(finding: Finding, reason: str, *, version: int | None, by: Access, at: datetime) -> Finding:
    """There is nothing in it: the proposal is dropped with a reason, and the outlet never hears of it."""
    moved = _move(finding, "dropping", version=version, by=by, at=at, reason=reason)
    telling.dropped(moved, by=by, at=at)
    return moved


def accept_finding(finding: Finding, *, version: int | None, by: Access, at: datetime) -> Finding:
    """The outlet accepts it; after that it can't appeal any more."""
    moved = _move(finding, "acceptance", version=version, by=by, at=at)
    telling.answered_finding(moved, by=by, at=at)
    return moved


@transaction.atomic
def answer_finding(finding: Finding, said: Sequence[Evidence], *, by: Access, at: datetime) -> list[Remark]:
    """The outlet says something about a finding, or shows something, without appealing."""
    by.require(May.ANSWER_FINDING)
    finding = Finding.objects.visible_to(by, May.ANSWER_FINDING).select_for_update(of=("self",)).get(pk=finding.pk)  # fmt: skip
    if finding.state not in STANDING:
        raise Refusal(_("This finding has ended; there is nothing to answer any more."), code="ended")
    made = remark(finding, Remark.Kind.ANSWER, said, by=by, at=at)
    if not made:
        raise Refusal(_("Write your answer, or add a file."), field="text", code="empty")
    audit.record("settlements:finding:answered", finding, by=by, at=at, outlet_id=finding.outlet_id)
    telling.answered_finding(finding, by=by, at=at)
    return made


def appeal_finding(
    finding: Finding,
    reason: str,
    evidence: Sequence[Evidence] = (),
    *,
    version: int | None,
    by: Access,
    at: datetime,
) -> Finding:
    """The outlet appeals within its time, with reasons and evidence."""

    def in_time(locked: Finding) -> None:
        if locked.appeal_until and timezone.localdate(at) > locked.appeal_until:
            raise Refusal(
                _("The last day to appeal was %(day)s. Write an answer and ask the head of after-sales to admit a late appeal.")
                % {"day": short_date(locked.appeal_until)},
                code="too_late",
            )  # fmt: skip

    moved = _move(
        finding, "appeal", version=version, by=by, at=at, reason=reason, obstacles=in_time,
        effects=lambda locked: remark(locked, Remark.Kind.APPEAL, [reason, *evidence], by=by, at=at),
    )  # fmt: skip
    telling.appealed(moved, by=by, at=at)
    return moved


def admit_late_appeal(
    finding: Finding, reason: str, *, version: int | None, by: Access, at: datetime
) -> Finding:
    """The head admits an appeal after the time, and says why."""

    def after_time(locked: Finding) -> None:
        if locked.appeal_until and timezone.localdate(at) <= locked.appeal_until:
            raise Refusal(
                _("The outlet can appeal by itself until %(day)s.")
                % {"day": short_date(locked.appeal_until)},
                code="in_time",
            )

    moved = _move(
        finding, "late-appeal", version=version, by=by, at=at, reason=reason, obstacles=after_time,
        effects=lambda locked: remark(locked, Remark.Kind.APPEAL, [reason], by=by, at=at),
    )  # fmt: skip
    telling.appealed(moved, by=by, at=at)
    return moved


def uphold_finding(
    finding: Finding, reason: str, *, version: int | None, by: Access, at: datetime
) -> Finding:
    """A third person decides that the finding stands."""
    moved = _move(
        finding, "upholding", version=version, by=by, at=at, reason=reason,
        effects=lambda locked: remark(locked, Remark.Kind.VERDICT, [reason], by=by, at=at),
    )  # fmt: skip
    telling.decided(moved, by=by, at=at)
    return moved


def grant_appeal(
    finding: Finding,
    reason: str,
    *,
    kind: str = "",
    refund_fen: int = 0,
    version: int | None,
    by: Access,
    at: datetime,
) -> Finding:
    """A third person grants the appeal: wholly, or in part, so that a finding of another `kind` stands in its place.

    In an open month the sheet is decided anew with the next draft; for a settled one the difference comes back in the first open month.
    """

    def effects(locked: Finding) -> None:
        remark(locked, Remark.Kind.VERDICT, [reason], by=by, at=at)
        instead = _instead(locked, kind, refund_fen, by, at) if kind else None
        taking_effect.end(locked, instead, by=by, at=at)
        if instead:
            instead.save()
        move_up(locked, by=by, at=at)

    moved = _move(finding, "granting", version=version, by=by, at=at, reason=reason, effects=effects)
    telling.decided(moved, by=by, at=at)
    return moved


def move_up(ended: Finding, *, by: Access, at: datetime) -> None:
    """Later false panel claims of the outlet move up: what each costs is decided anew, and the outlet is told why."""
    for claim in taking_effect.redecide_later(ended, by=by, at=at):
        said = _("The false panel claim about sheet %(number)s stands no more: this one was decided anew.") % {"number": ended.sheet.number}  # fmt: skip
        remark(claim, Remark.Kind.VERDICT, [said], by=by, at=at)
        audit.record(
            "settlements:finding:redecided", claim, by=by, at=at, outlet_id=claim.outlet_id, kind=claim.kind, fine_fen=claim.fine_fen,
            panel_off_until=claim.panel_off_until and claim.panel_off_until.isoformat(),
        )  # fmt: skip
        telling.redecided(claim, by=by, at=at)


def _instead(finding: Finding, kind: str, refund_fen: int, by: Access, at: datetime) -> Finding:
    """The finding that an appeal granted in part leaves: found and confirmed by the same people, upheld by who decides."""
    if kind == finding.kind or kind == Finding.Kind.FALSE_PANEL:
        raise Refusal(_("Choose another finding than the one appealed against."), field="kind", code="kind")
    if refund_fen and kind != Finding.Kind.OVERCHARGE:
        raise Refusal(
            _("A refund belongs to overcharging; choose that finding or leave the refund empty."),
            field="refund",
        )
    try:
        with transaction.atomic():
            return Finding.objects.create(
                company_id=finding.company_id,
                outlet_id=finding.outlet_id,
                sheet=finding.sheet,
                kind=kind,
                note=finding.note,
                refund_fen=refund_fen,
                source=finding.source,
                source_path=finding.source_path,
                replaces=finding,
                state=FindingState.UPHELD,
                made_at=at,
                made_by_id=finding.made_by_id,
                confirmed_at=at,
                confirmed_by_id=finding.confirmed_by_id,
                upheld_at=at,
                upheld_by_id=by.person_id,
                reason=finding.reason,
            )
    except IntegrityError:
        raise Refusal(
            _("“%(kind)s” is registered for sheet %(number)s already.")
            % {"kind": Finding.Kind(kind).label, "number": finding.sheet.number},
            code="registered",
            field="kind",
        ) from None


@transaction.atomic
def _move(
    finding: Finding,
    noun: str,
    *,
    version: int | None,
    by: Access,
    at: datetime,
    reason: str = "",
    obstacles: Callable[[Any], None] = lambda _finding: None,
    effects: Callable[[Any], Any] = lambda _finding: None,
) -> Finding:
    """One legal move of a finding. The outlet is locked first, as whoever settles its month does."""
    step = FINDING_MOVES[noun]
    by.require(step.permission)
    Outlet.objects.select_for_update(no_key=True).get(pk=finding.outlet_id)
    moved: Finding = moves.make(
        step,
        finding,
        version=version,
        by=by,
        at=at,
        reason=reason,
        obstacles=obstacles,
        effects=effects,
        details=lambda locked: {"kind": locked.kind},
    )
    return moved
