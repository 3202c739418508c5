"""Registering what callbacks found, one by one or from a file (KA-11.2)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.settlements import telling
from sanbao.settlements.models import Finding, Sheet
from sanbao.settlements.operations.closing import open_month
from sanbao.settlements.permissions import May
from sanbao.ui.refusal import Refusal


@transaction.atomic
def register_finding(
    sheet: Sheet, kind: str, *, note: str = "", refund_fen: int = 0, by: Access, at: datetime
) -> Finding:
    """Register a finding about a sheet. A refund belongs to overcharging only."""
    by.require(May.REGISTER_FINDING)
    if refund_fen < 0:
        raise Refusal(_("A refund can't be negative."), field="refund")
    if refund_fen and kind != Finding.Kind.OVERCHARGE:
        raise Refusal(
            _("A refund belongs to overcharging; choose that finding or leave the refund empty."),
            field="refund",
        )
    if sheet.withdrawn_at:
        raise Refusal(_("Sheet %(number)s has been withdrawn.") % {"number": sheet.number}, field="sheet")
    open_month(sheet.outlet, sheet.month)
    try:
        with transaction.atomic():
            finding = Finding.objects.create(
                company_id=sheet.company_id,
                outlet_id=sheet.outlet_id,
                sheet=sheet,
                kind=kind,
                note=note.strip()[:200],
                refund_fen=refund_fen,
                made_at=at,
                made_by_id=by.person_id,
            )
    except IntegrityError:
        raise Refusal(
            _("“%(kind)s” is registered for sheet %(number)s already.")
            % {"kind": Finding.Kind(kind).label, "number": sheet.number},
            code="registered",
            field="kind",
        ) from None
    audit.record(
        "settlements:finding:registered",
        sheet,
        by=by,
        at=at,
        outlet_id=sheet.outlet_id,
        kind=kind,
        refund_fen=refund_fen,
    )
    telling.found(finding, by=by, at=at)
    return finding


@transaction.atomic
def withdraw_finding(finding: Finding, *, by: Access, at: datetime) -> None:
    """Take back a finding registered by mistake; it stays on record as withdrawn."""
    by.require(May.REGISTER_FINDING)
    open_month(finding.sheet.outlet, finding.sheet.month)
    finding.withdrawn_at = at
    finding.save(update_fields=["withdrawn_at"])
    audit.record(
        "settlements:finding:withdrawn",
        finding.sheet,
        by=by,
        at=at,
        outlet_id=finding.outlet_id,
        kind=finding.kind,
    )


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
                    "sentence": _("There is no sheet %(number)s; hand in the month first or mend the number.")
                    % {"number": number},
                }
            )
            continue
        try:
            made.append(register_finding(sheet, kind, note=note, refund_fen=refund_fen, by=by, at=at))
        except Refusal as refusal:
            bad.append({"index": index, "sentence": str(refusal)})
    if bad:
        raise Refusal(
            _("%(count)d rows can't be registered, so nothing was. Mend them and hand in the file again.")
            % {"count": len(bad)},
            code="rows",
            field="file",
            details={"rows": bad},
        )
    return made
