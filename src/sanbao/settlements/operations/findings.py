"""Registering what callbacks found, one by one or from a file (KA-11.2)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.outlets.models import Outlet
from sanbao.settlements import telling
from sanbao.settlements.finding_states import STANDING, FindingState
from sanbao.settlements.models import Finding, Sheet
from sanbao.settlements.operations.closing import open_month
from sanbao.settlements.operations.proposing import Evidence, propose_finding
from sanbao.settlements.operations.reviewing import move_up
from sanbao.settlements.permissions import May
from sanbao.ui.refusal import Refusal


@transaction.atomic
def register_finding(
    sheet: Sheet,
    kind: str,
    *,
    note: str = "",
    refund_fen: int = 0,
    panel_fen: int = 0,
    evidence: Sequence[Evidence] = (),
    source: str = "",
    by: Access,
    at: datetime,
) -> Finding:
    """Register a finding about a sheet: it is proposed, and costs something once a second person has confirmed it."""
    by.require(May.REGISTER_FINDING)
    return propose_finding(
        sheet, kind, note=note, refund_fen=refund_fen, panel_fen=panel_fen, evidence=evidence, source=source, by=by, at=at
    )  # fmt: skip


@transaction.atomic
def withdraw_finding(finding: Finding, *, by: Access, at: datetime) -> None:
    """Take back a finding registered by mistake; it stays on record as withdrawn.

    A proposal is taken back by whoever registers. What a second person has confirmed is taken back by one who may confirm, while the
    month is open; afterwards the way is an appeal, which another person decides.
    """
    by.require(May.REGISTER_FINDING if _is_proposal(finding) else May.CONFIRM_FINDING)
    Outlet.objects.select_for_update(no_key=True).get(pk=finding.outlet_id)
    finding = (
        Finding.objects.select_for_update(of=("self",)).select_related("sheet", "outlet").get(pk=finding.pk)
    )
    if finding.state not in (FindingState.PROPOSED, *STANDING):
        raise Refusal(_("This finding has ended already: it is “%(state)s”.") % {"state": finding.get_state_display()}, code="ended")  # fmt: skip
    if not _is_proposal(finding):
        by.require(May.CONFIRM_FINDING)
    if finding.state in STANDING:
        open_month(finding.outlet, finding.sheet.month)
        if finding.corrections.exists():
            raise Refusal(
                _("This finding has been corrected in a later month. Only a granted appeal gives that back."),
                code="corrected",
            )
    shown = finding.state in STANDING
    finding.state, finding.withdrawn_at, finding.counted = FindingState.WITHDRAWN, at, False
    finding.version += 1
    finding.save()
    audit.record(
        "settlements:finding:withdrawn",
        finding.sheet,
        by=by,
        at=at,
        outlet_id=finding.outlet_id,
        kind=finding.kind,
    )
    if shown:
        move_up(finding, by=by, at=at)
        telling.taken_back(finding, by=by, at=at)


def _is_proposal(finding: Finding) -> bool:
    """Whether nobody but the registrar has had a hand in it: proposed, or counted at once by the company's own rule."""
    return finding.state == FindingState.PROPOSED or finding.confirmed_by_id is None


@transaction.atomic
def register_findings(
    rows: Sequence[tuple[str, str, str, int]], *, by: Access, at: datetime, month: date | None = None
) -> list[Finding]:
    """Register findings from a file, all or none: (sheet number, kind, note, refund in fen) in the file's order.

    Unknown sheets and repeated findings are refused together, in `details["rows"]` as {index, sentence}.
    """
    by.require(May.REGISTER_FINDING)
    numbers = [number for number, *_rest in rows]
    sheets = {
        sheet.number: sheet
        for sheet in Sheet.objects.visible_to(by, May.REGISTER_FINDING)
        .filter(number__in=numbers, withdrawn_at__isnull=True)
        .select_related("outlet")
    }
    bad: list[dict[str, object]] = []
    made: list[Finding] = []
    for index, (number, kind, note, refund_fen) in enumerate(rows):
        if (sheet := sheets.get(number)) is None:
            bad.append(
                {
                    "index": index,
                    "sentence": _(
                        "There is no sheet %(number)s; hand in the month first or correct the number."
                    )
                    % {"number": number},
                }
            )
            continue
        try:
            made.append(
                register_finding(
                    sheet, kind, note=note, refund_fen=refund_fen, source=Finding.Source.IMPORT, by=by, at=at
                )
            )
        except Refusal as refusal:
            bad.append({"index": index, "sentence": str(refusal)})
    if bad:
        raise Refusal(
            _("%(count)d rows can't be registered, so nothing was. Correct them and hand in the file again.")
            % {"count": len(bad)},
            code="rows",
            field="file",
            details={"rows": bad},
        )
    return made
