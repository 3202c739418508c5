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
    """The difference these findings make to the sheet, by the editions and the rate its month was settled with."""
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
        "before": line_of(sheet.pk, before),
        "after": line_of(sheet.pk, after),
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
