"""A finding begins to cost something, or stops: in the month of its sheet while that is open, else as a correction of the next open month.

Called inside the transaction of whoever confirms, decides or takes back; locks the outlet's month first.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.decisions import operations as decisions
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import editions_of
from sanbao.outlets.models import Outlet
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao.settlements.facts import line_of
from sanbao.settlements.finding_states import FindingState
from sanbao.settlements.models import Correction, Finding, Statement
from sanbao.settlements.operations.closing import open_month
from sanbao.settlements.states import State
from sanbao.ui.refusal import Refusal
from sanbao_rules import decision as kernel
from sanbao_rules import findings as rules
from sanbao_rules.money import fen_to_yuan
from sanbao_rules.periods import add_months
from sanbao_rules.questions import QUESTIONS

BOOKS = ("findings", "calendar")
PANELS_BOOK, FORGERY = "returns", "returns.forgery"


def begin(finding: Finding, *, by: Access, at: datetime) -> None:
    """A finding is confirmed: its last days, what a false panel claim costs, and where it counts. The caller saves it."""
    _set_days(finding, by, at)
    if finding.kind == Finding.Kind.FALSE_PANEL:
        _decide_panel(finding, by, at)
    others = _standing_beside(finding)
    if _is_open(finding):
        finding.counted = True
    else:
        finding.save()  # the facts of the correction read it
        _correct(finding, others, sorted([*others, finding.pk]), by, at)


def end(finding: Finding, instead: Finding | None, *, by: Access, at: datetime) -> None:
    """A finding stops to stand; `instead` is what takes its place, confirmed by the same verdict. The caller saves both."""
    others = _standing_beside(finding, instead)
    if not _is_open(finding):
        after = sorted([*others, *([instead.pk] if instead else [])])
        _correct(finding, sorted([*others, finding.pk]), after, by, at)
        return
    if not finding.counted:
        # Its month was settled when it was found and has been reversed since: what was corrected then is given back.
        for earlier in list(finding.corrections.select_related("decision").order_by("id")):
            _give_back(finding, earlier, by, at)
    finding.counted = False
    if instead:
        instead.counted = True


def redecide_later(ended: Finding, *, by: Access, at: datetime) -> list[Finding]:
    """A false panel claim has stopped to stand: the outlet's later ones move up, and each is decided anew, by the edition and the day it was
    decided by (KA-7.3, A-56). What was the second may now be the first: fined, with the benefit back. Those that changed, saved.

    What a claim costs anew is counted where the claim is: in the month of its sheet while that is open, else as a correction. The outlet
    may appeal against it from now on, also one that had accepted: it had accepted something else.
    """
    if ended.kind != Finding.Kind.FALSE_PANEL or ended.confirmed_at is None:
        return []
    claims = list(
        Finding.objects.standing()
        .filter(outlet_id=ended.outlet_id, kind=Finding.Kind.FALSE_PANEL).exclude(pk=ended.pk)
        .select_for_update(of=("self",)).select_related("sheet", "outlet", "panel_decision").order_by("confirmed_at", "id")
    )  # fmt: skip
    changed = []
    for place, claim in enumerate(claims):
        if (claim.confirmed_at, claim.pk) < (ended.confirmed_at, ended.pk) or claim.panel_decision is None:
            continue
        found_on = [
            timezone.localdate(each.confirmed_at) for each in claims[: place + 1] if each.confirmed_at
        ]
        if _redecide(claim, found_on, by, at):
            changed.append(claim)
    return changed


def _redecide(claim: Finding, found_on: list[date], by: Access, at: datetime) -> bool:
    """Whether the claim costs something else now that it is the last of these; then it is decided, counted and saved."""
    assert claim.panel_decision is not None
    editions = editions_of(claim.panel_decision)
    facts = {"found_on": found_on, "panel_value": fen_to_yuan(claim.panel_fen)}
    answer = QUESTIONS[FORGERY](facts, {name: rulebook(edition) for name, edition in editions.items()}).answer
    if (answer["fine"], answer["cancelled_until"]) == (claim.fine_fen, claim.panel_off_until):
        return False
    beside = sorted([*_standing_beside(claim), claim.pk])
    before = line_of(claim.sheet_id, beside)
    claim.panel_decision = _asked(claim, FORGERY, facts, editions, by, at)
    claim.fine_fen, claim.panel_off_until = answer["fine"], answer["cancelled_until"]
    if claim.state in (FindingState.CONFIRMED, FindingState.ACCEPTED):
        claim.state, claim.accepted_at, claim.accepted_by = FindingState.CONFIRMED, None, None
        claim.appeal_until, claim.appeal_decision = _last_day(claim, "appeal", timezone.localdate(at), by, at)
    claim.version += 1
    claim.save()  # the facts of the correction read it
    _count_anew(claim, before, line_of(claim.sheet_id, beside), by, at)
    return True


def _count_anew(claim: Finding, before: str, after: str, by: Access, at: datetime) -> None:
    """Where the difference is counted: by the next draft of an open month, as a correction of a settled one."""
    if not _is_open(claim):
        _correct_lines(claim, before, after, by, at)
    elif not claim.counted:
        # Found after its month was settled, which has been reversed since: it goes on in corrections, or begins to count in its month.
        earlier = claim.corrections.select_related("decision").order_by("id").last()
        if earlier is None:
            claim.counted = True
            claim.save(update_fields=["counted"])
        else:
            turned = kernel.from_json(earlier.decision.facts) | {"before": before, "after": after}
            _write(claim, turned, editions_of(earlier.decision), by, at)


def _is_open(finding: Finding) -> bool:
    """Whether the month of the sheet is open; then it is locked for the change and its draft marked as outdated."""
    try:
        open_month(finding.outlet, finding.sheet.month)
    except Refusal as refusal:
        if refusal.code != "closed":
            raise
        return False
    return True


def _standing_beside(*findings: Finding | None) -> list[int]:
    known = [finding for finding in findings if finding]
    return list(
        Finding.objects.standing()
        .filter(sheet_id=known[0].sheet_id)
        .exclude(pk__in=[finding.pk for finding in known])
        .order_by("id")
        .values_list("pk", flat=True)
    )


# What the rules are asked


def _set_days(finding: Finding, by: Access, at: datetime) -> None:
    today = timezone.localdate(at)
    finding.appeal_until, finding.appeal_decision = _last_day(finding, "appeal", today, by, at)
    if finding.kind == Finding.Kind.ORDERED:
        finding.improve_by, finding.improve_decision = _last_day(finding, "improvement", today, by, at)
    if finding.refund_fen:
        finding.refund_by, finding.refund_decision = _last_day(finding, "refund", today, by, at)


def _last_day(finding: Finding, of: str, start: date, by: Access, at: datetime) -> tuple[date, Decision]:
    editions = editions_in_force(finding.company_id, *BOOKS)
    decision = _asked(finding, rules.LAST_DAY, {"of": of, "start": start}, editions, by, at)
    return kernel.from_json(decision.answer), decision


def _decide_panel(finding: Finding, by: Access, at: datetime) -> None:
    """Whether it is the first false panel claim of the year, which is fined, or a further one, which ends the benefit (KA-7.3, A-56)."""
    earlier = (
        Finding.objects.standing()
        .filter(outlet_id=finding.outlet_id, kind=Finding.Kind.FALSE_PANEL)
        .exclude(pk=finding.pk)
        .order_by("confirmed_at", "id")
        .values_list("confirmed_at", flat=True)
    )
    found_on = [timezone.localdate(moment) for moment in (*earlier, at)]
    facts = {"found_on": found_on, "panel_value": fen_to_yuan(finding.panel_fen)}
    editions = editions_in_force(finding.company_id, PANELS_BOOK)
    finding.panel_decision = _asked(finding, FORGERY, facts, editions, by, at)
    answer = kernel.from_json(finding.panel_decision.answer)
    finding.fine_fen, finding.panel_off_until = answer["fine"], answer["cancelled_until"]


def _asked(
    finding: Finding,
    question: str,
    facts: Mapping[str, Any],
    editions: Mapping[str, Edition],
    by: Access,
    at: datetime,
) -> Decision:
    """Ask the rules and write down what they decided."""
    books = {name: rulebook(edition) for name, edition in editions.items()}
    return decisions.write_down(
        QUESTIONS[question](facts, books),
        facts=facts,
        editions=editions,
        about=finding,
        by=by,
        at=at,
        outlet_id=finding.outlet_id,
    )


# Corrections


def _correct(finding: Finding, before: Sequence[int], after: Sequence[int], by: Access, at: datetime) -> None:
    """The difference these findings make to the sheet."""
    _correct_lines(finding, line_of(finding.sheet_id, before), line_of(finding.sheet_id, after), by, at)


def _correct_lines(finding: Finding, before: str, after: str, by: Access, at: datetime) -> None:
    """The difference between two lines of facts about the sheet, by the editions and the rate its month was settled with."""
    sheet = finding.sheet
    settled = (
        Statement.objects.filter(outlet_id=finding.outlet_id, month=sheet.month)
        .exclude(state=State.REVERSED)
        .select_related("decision")
        .get()
    )
    editions = editions_in_force(finding.company_id, "findings") | (
        editions_of(settled.decision) if settled.decision else {}
    )
    facts = {
        "month": sheet.month,
        "rate": Decimal(settled.rate),
        "before": before,
        "after": after,
    }
    _write(finding, facts, editions, by, at)


def _give_back(finding: Finding, earlier: Correction, by: Access, at: datetime) -> None:
    facts = kernel.from_json(earlier.decision.facts)
    turned = facts | {"before": facts["after"], "after": facts["before"]}
    _write(finding, turned, editions_of(earlier.decision), by, at)


def _write(
    finding: Finding, facts: Mapping[str, Any], editions: Mapping[str, Edition], by: Access, at: datetime
) -> None:
    decision = _asked(finding, rules.CORRECTION, facts, editions, by, at)
    amount = decision.answer["amount"]
    if not amount:
        return
    Correction.objects.create(
        company_id=finding.company_id,
        outlet_id=finding.outlet_id,
        month=_first_open(finding.outlet, finding.sheet.month, at),
        finding=finding,
        of_month=finding.sheet.month,
        amount_fen=amount,
        decision=decision,
        made_at=at,
        made_by_id=by.person_id,
    )


def _first_open(outlet: Outlet, settled: date, at: datetime) -> date:
    """The first open month after the settled one, and not before last month: nobody settles what is long past for a correction alone."""
    this_month = timezone.localdate(at).replace(day=1)
    month = max(add_months(settled, 1), add_months(this_month, -1))
    while True:
        try:
            open_month(outlet, month)
        except Refusal as refusal:
            if refusal.code != "closed":
                raise
            month = add_months(month, 1)
        else:
            return month
