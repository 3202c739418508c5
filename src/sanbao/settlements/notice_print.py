"""《扣罚通知单》 on paper: what was found about a sheet, what it costs and why, until when the outlet may appeal (RW-8, KA-11.2, KA-7.3)."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from sanbao.settlements import queries
from sanbao.settlements.models import Finding
from sanbao.ui.formats import clause_words, masked_name
from sanbao.ui.printing import ControlledForm, Signature, day, figures, moment, month_words, pdf
from sanbao.workorders.prints.common import Signed, signed
from sanbao_rules.money import rmb_capitals

TEMPLATE = "penalty-notice"
FORM, VERSION, ISSUED = "SB-QR-19", "A/0", date(2026, 12, 1)


def notice_pdf(finding: Finding, language: str, *, at: datetime, by: str = "") -> bytes:
    """The notice as PDF; `at` and `by` (who takes it) are printed on it. The customer is masked (GN-8)."""
    return pdf(TEMPLATE, printed(finding, language, at, by), language)


def printed(finding: Finding, language: str, at: datetime, by: str) -> dict[str, Any]:
    """Everything the form shows: every value a finished text."""
    sheet, company = finding.sheet, finding.company
    cost = queries.cost_of(finding, language)
    form = ControlledForm(
        FORM,
        VERSION,
        ISSUED,
        prepared=_signature(finding.made_by, finding.made_at),
        reviewed=_signature(finding.confirmed_by, finding.confirmed_at),
        approved=_signature(finding.upheld_by, finding.upheld_at),
    )
    return {
        "company": company.name,
        "hotline": company.hotline,
        "form": form.as_words(),
        "running": sheet.number,
        "mark": "",
        "blank": False,
        "masked": True,
        "code": "",
        "printed_at": moment(at),
        "printed_by": by,
        "notice": {
            "number": f"KF-{finding.pk:06}",
            "outlet": str(finding.outlet),
            "sheet": sheet.number,
            "month": month_words(sheet.month, language),
            "customer": masked_name(sheet.customer),
            "model": sheet.model,
            "serial": sheet.serial,
            "completed_on": day(sheet.completed_on),
            "kind": str(finding.get_kind_display()),
            "note": finding.note,
            "source": str(finding.get_source_display()),
            "evidence": [
                remark.text or (remark.file.name if remark.file else "")
                for remark in queries.remarks(finding)
                if remark.kind == "evidence"
            ],
            "fee": figures(cost.fee),
            "deducted": figures(cost.deductions),
            "total": figures(cost.amount),
            "capitals": rmb_capitals(cost.amount),
            "refund": figures(finding.refund_fen) if finding.refund_fen else "",
            "refund_by": day(finding.refund_by),
            "improve_by": day(finding.improve_by),
            "panel_off_until": day(finding.panel_off_until),
            "why": [
                {"text": sentence.text, "clause": clause_words(sentence.clause)}
                for sentence in cost.sentences
            ],
            "corrections": [
                {
                    "month": month_words(one.month, language),
                    "of_month": month_words(one.of_month, language),
                    "amount": figures(one.amount_fen),
                }
                for one in finding.corrections.order_by("id")
            ],
            "confirmed_on": day(timezone.localdate(finding.confirmed_at)) if finding.confirmed_at else "",
            "appeal_until": day(finding.appeal_until),
            "signed": signed(Signed()),
        },
    }


def _signature(person: Any, at: datetime | None) -> Signature:
    return Signature(person.name if person and at else "", timezone.localdate(at) if person and at else None)
